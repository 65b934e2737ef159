//! The binary, as its users run it.

#![allow(clippy::format_collect)]

use std::io::Write as _;

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

fn netral() -> Command {
    Command::cargo_bin("netral").unwrap()
}

/// Standard output of `netral score -` for an input, and its exit code.
fn score(input: impl AsRef<[u8]>, options: &[&str]) -> (Vec<u8>, i32) {
    let output = netral().args(["score", "-", "--as", "rows", "--quiet"]).args(options).write_stdin(input.as_ref()).output().unwrap();
    assert!(output.stderr.is_empty() || output.status.code() == Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    (output.stdout, output.status.code().unwrap())
}

fn json(output: &[u8]) -> Vec<Value> {
    output.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect()
}

fn error(input: impl AsRef<[u8]>, options: &[&str]) -> String {
    let output = netral().args(["score", "-"]).args(options).write_stdin(input.as_ref()).assert().code(1);
    String::from_utf8(output.get_output().stderr.clone()).unwrap()
}

#[test]
fn the_sample_feed_gives_a_review_list_that_names_the_right_posts() {
    let list = netral().args(["score", "examples/feed.csv", "--as", "review"]).assert().success();
    let text = String::from_utf8(list.get_output().stdout.clone()).unwrap();
    for wanted in ["line 3 ", "line 9 ", "line 13 ", "line 18 ", "line 20 "] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
    for harmless in ["line 2 ", "line 4 ", "line 7 ", "line 14 ", "line 21 ", "line 27 ", "line 31 "] {
        assert!(!text.contains(harmless), "{harmless} is listed:\n{text}");
    }
    assert!(text.contains("not a finding / bukan putusan"));
    let counts = String::from_utf8(list.get_output().stderr.clone()).unwrap();
    assert!(counts.contains("30 rows read: ") && counts.contains(" 1 empty,"), "{counts}");
}

#[test]
fn rows_come_out_in_order_byte_for_byte_with_one_more_key() {
    let input =
        "{\"id\": 12345678901234567890, \"text\":\"Ayo coblos nomor 2\\u0021\"  }\n{\"text\":null}\n\n{\"a\":1.0,\"netral\":{\"old\":1},\"text\":\"x\"}\n";
    let (out, code) = score(input, &[]);
    assert_eq!(code, 0);
    let lines: Vec<&str> = std::str::from_utf8(&out).unwrap().lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("{\"id\": 12345678901234567890, \"text\":\"Ayo coblos nomor 2\\u0021\",\"netral\":{\"status\":\"ok\""), "{}", lines[0]);
    let rows = json(&out);
    assert_eq!(rows[1]["netral"]["status"], "empty");
    assert_eq!(rows[1]["netral"]["partisan"], Value::Null);
    assert!(rows[2]["netral"]["old"].is_null() && rows[2]["a"] == 1.0);
    for key in ["partisan", "band", "signals", "fired", "context", "lang", "activity", "evidence", "missing", "rules", "model", "packs"] {
        assert!(rows[0]["netral"].get(key).is_some(), "no `{key}`");
    }
}

#[test]
fn csv_keeps_its_cells_and_formulas_are_disarmed_unless_raw() {
    let input = "teks;catatan;netral_band\n\"Ayo \"\"coblos\"\" nomor 2;\nmenang\";=1+1;old\nharga cabai naik;-5;old\n@rina_sk apa kabar;+62x;old\n";
    let (out, code) = score(input, &[]);
    assert_eq!(code, 0);
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(out.as_slice());
    let header = reader.headers().unwrap().clone();
    assert_eq!(header.iter().filter(|h| *h == "netral_band").count(), 1);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!((&rows[0][0], &rows[0][1]), ("Ayo \"coblos\" nomor 2;\nmenang", "'=1+1"));
    assert_eq!((&rows[1][1], &rows[2][0], &rows[2][1]), ("-5", "@rina_sk apa kabar", "'+62x"));
    let (raw, _) = score(input, &["--raw-cells"]);
    assert!(String::from_utf8(raw).unwrap().contains(";=1+1;"));
}

#[test]
fn the_text_column_is_found_or_named() {
    let found = |input: &str, options: &[&str]| json(&score(input, options).0)[0]["netral"]["partisan"].as_f64().unwrap();
    let appeal = "Ayo coblos nomor 2, menangkan paslon kita!";
    assert!(found(&format!("{{\"id\":\"a\",\"record\":{{\"text\":\"{appeal}\"}}}}"), &[]) > 0.5);
    assert!(found(&format!("{{\"who\":\"someone far away\",\"said\":\"{appeal}\"}}"), &[]) > 0.5);
    assert!(found(&format!("{{\"text\":\"the weather is fine today\",\"b\":{{\"c\":\"{appeal}\"}}}}"), &["--text-column", "b.c"]) > 0.5);
    assert!(error("a,b\n1,2\n", &[]).contains("--text-column"));
    assert!(error("a,b\n1,2\n", &["--text-column", "c"]).contains("the columns here are: a, b"));
    assert!(error("{\"a\":1}\n", &["--text-column", "c"]).contains("the fields here are: a"));
}

#[test]
fn bad_lines_become_rows_with_a_reason_and_good_ones_around_them_are_scored() {
    let mut input = b"{\"text\":\"Ayo coblos nomor 2!\"}\n{\"text\":\"caf\xE9\"}\n{\"text\":\"cut of\n[1]\n".to_vec();
    input.extend(b"{\"text\":\"nul \0 inside\"}\n{\"text\":\"nul \\u0000 escaped\"}\n{\"text\":\"Vote for Rivera!\"}");
    let kept = tempfile::NamedTempFile::new().unwrap();
    let (out, code) = score(&input, &["--keep-bad", kept.path().to_str().unwrap()]);
    assert_eq!(code, 3);
    let rows = json(&out);
    let status: Vec<&str> = rows.iter().map(|r| r["netral"]["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["ok", "error", "error", "error", "error", "ok", "ok"]);
    assert_eq!(rows[1]["netral"]["line"], 2);
    assert!(rows[1]["netral"]["reason"].as_str().unwrap().contains("not UTF-8 at byte 13"));
    assert!(std::fs::read(kept.path()).unwrap().windows(5).any(|w| w == b"caf\xE9\""));
}

#[test]
fn a_ragged_table_loses_no_row() {
    let input = "id,text,x\n1,Ayo coblos nomor 2!,a\n2,too,many,cells,here\n3,short row is fine\n4\n5,\"never closed,b\n6,selamat pagi señor,c\n7,\"closed\" badly,d\n8,\"caf\u{e9}\",e\n";
    let bytes: Vec<u8> = input.replace('\u{e9}', "\u{1}").bytes().map(|b| if b == 1 { 0xE9 } else { b }).collect();
    let (out, code) = score(bytes, &[]);
    assert_eq!(code, 3);
    let mut reader = csv::ReaderBuilder::new().from_reader(out.as_slice());
    let header = reader.byte_headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name.as_bytes()).unwrap();
    let rows: Vec<_> = reader.byte_records().map(Result::unwrap).collect();
    let status: Vec<&str> = rows.iter().map(|r| std::str::from_utf8(&r[column("netral_status")]).unwrap()).collect();
    assert_eq!(status, ["ok", "error", "ok", "error", "error", "ok", "ok", "error"]);
    assert!(String::from_utf8_lossy(&rows[4][column("netral_reason")]).contains("line 6: a quotation mark"));
}

#[test]
fn a_line_of_fifty_megabytes_is_refused_in_place() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut out = std::io::BufWriter::new(file.reopen().unwrap());
    out.write_all(b"{\"text\":\"Vote for Rivera!\"}\n{\"text\":\"").unwrap();
    for _ in 0..50 {
        out.write_all(&vec![b'a'; 1 << 20]).unwrap();
    }
    out.write_all(b"\"}\n{\"text\":\"Ayo coblos nomor 2!\"}\n").unwrap();
    out.write_all(format!("{{\"text\":\"{}\"}}\n", "kata ".repeat(1 << 20)).as_bytes()).unwrap();
    out.flush().unwrap();
    let run = netral().args(["score", file.path().to_str().unwrap(), "--as", "rows", "--quiet"]).assert().code(3);
    let rows = json(&run.get_output().stdout);
    assert_eq!(rows.iter().map(|r| r["netral"]["status"].as_str().unwrap()).collect::<Vec<_>>(), ["ok", "error", "ok", "error"]);
    assert!(rows[1]["netral"]["reason"].as_str().unwrap().contains("longer than 8 MiB"));
    assert!(rows[3]["netral"]["reason"].as_str().unwrap().contains("longer than 1 MiB"));
}

#[test]
fn compressed_feeds_are_unpacked_and_a_cut_one_keeps_what_was_read() {
    let input: String = (0..3000).map(|i| format!("{{\"id\":{i},\"text\":\"Ayo coblos nomor {i}, jangan lupa!\"}}\n")).collect();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(input.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let plain = score(&input, &[]).0;
    assert_eq!(score(&gz, &[]).0, plain);
    let zst = ruzstd::encoding::compress_to_vec(input.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    assert_eq!(score(zst, &[]).0, plain);
    let (out, code) = score(&gz[..gz.len() / 2], &[]);
    assert_eq!(code, 3);
    let rows = json(&out);
    assert!(rows.len() > 100 && rows[0]["netral"]["status"] == "ok");
    assert!(rows.iter().any(|r| r["netral"]["reason"].as_str().is_some_and(|r| r.contains("breaks off"))), "{:?}", rows.last());
}

#[test]
fn an_empty_file_a_missing_one_and_other_formats_get_a_clear_answer() {
    assert_eq!(score("", &[]), (Vec::new(), 0));
    assert!(error(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &[]).contains("save it as CSV"));
    assert!(error("<!doctype html><p>x", &[]).contains("instead of HTML"));
    netral().args(["score", "no/such/file.csv"]).assert().code(1).stderr(predicate::str::contains("no/such/file.csv"));
    netral().args(["score", "--model", "corpus/GUIDE.md", "examples/feed.csv"]).assert().code(1).stderr(predicate::str::contains("netral model"));
    netral()
        .args(["score", "--packs", "models/netral.toml", "--", "examples/feed.csv"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("not a contest pack"));
    netral().args(["score", "--base-rate", "2", "examples/feed.csv"]).assert().code(1).stderr(predicate::str::contains("between 0 and 1"));
    netral().arg("mark-my-words").assert().code(2);
}

#[test]
fn output_is_the_same_at_any_thread_count_and_appears_complete() {
    let input: String = (0..9000)
        .map(|i| format!("{{\"id\":{i},\"text\":\"{} {i}\"}}\n", ["Ayo coblos nomor", "Vote for Rivera", "selamat pagi", "c.o.b.l.o.s"][i % 4]))
        .collect();
    let one = score(&input, &["--threads", "1"]).0;
    assert_eq!(json(&one).len(), 9000);
    assert_eq!(score(&input, &["--threads", "2"]).0, one);
    assert_eq!(score(&input, &["--threads", "4"]).0, one);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.jsonl");
    netral().args(["score", "-", "-o", path.to_str().unwrap()]).write_stdin(input).assert().success();
    assert_eq!(std::fs::read(&path).unwrap(), one);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_compiled_encoder_and_the_plain_one_write_the_same_bytes() {
    let rows = ["corpus/id.jsonl", "corpus/en.jsonl", "corpus/xx.jsonl"].map(|file| std::fs::read_to_string(file).unwrap());
    let input: String = rows.iter().flat_map(|file| file.lines().step_by(7)).flat_map(|line| [line, "\n"]).collect();
    let plain = score(&input, &["--plain"]).0;
    assert!(json(&plain).len() > 3000);
    for threads in ["1", "2", "4"] {
        assert!(score(&input, &["--threads", threads]).0 == plain, "{threads} threads differ from the plain encoder");
    }
}

#[test]
fn sniff_says_what_is_in_a_file_and_the_output_is_in_the_form_of_its_name() {
    netral().args(["sniff", "examples/feed.csv"]).assert().success().stdout(
        predicate::str::contains("CSV, 5 columns, UTF-8").and(predicate::str::contains("post 24, comment 2")).and(predicate::str::contains("`created_at`")),
    );
    netral().args(["sniff", "no/such/file"]).assert().code(1).stderr(predicate::str::contains("no/such/file"));
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str| {
        let path = folder.path().join(name);
        netral().args(["score", "examples/feed.csv", "--quiet", "-o"]).arg(&path).assert().success();
        std::fs::read(path).unwrap()
    };
    assert!(made("a.jsonl").starts_with(b"{\"id\":\"2026110100000000001\",\"account\":\"akun_01\""));
    assert_eq!(made("a.jsonl").iter().filter(|b| **b == b'\n').count(), 30);
    assert!(made("a.csv").starts_with(b"id,account,"));
    assert!(cfg!(not(feature = "xlsx")) || made("a.xlsx").starts_with(b"PK"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), if cfg!(feature = "xlsx") { 3 } else { 2 }, "nothing half-written stays");
}

#[test]
fn private_files_are_called_so_and_keys_must_be_keys() {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), "too short").unwrap();
    let key = key.path().to_str().unwrap();
    netral().args(["score", "examples/feed.csv", "--pseudonymize", key]).assert().code(1).stderr(predicate::str::contains("can be guessed"));
    netral().args(["score", "examples/feed.csv", "--pseudonymize", key, "--keep-bad", "x"]).assert().code(2);
    let chat = netral().args(["score", "tests/feeds/whatsapp-android-id.txt", "--quiet"]).assert().success();
    assert!(String::from_utf8_lossy(&chat.get_output().stderr).contains("lawful basis"));
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let hostile = "Ayo coblos nomor 2 \\u001b[31mred\\u001b[0m \\u202e!menang\\u0007";
    let list = netral().args(["score", "-", "--as", "review"]).write_stdin(format!("{{\"id\":\"\\u001b]0;x\",\"text\":\"{hostile}\"}}")).assert().success();
    let explained = netral().args(["explain", "coblos \u{1b}[31m nomor 2 \u{202e}"]).assert().success();
    for text in [&list.get_output().stdout, &explained.get_output().stdout] {
        let text = String::from_utf8(text.clone()).unwrap();
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
    }
}

#[test]
fn explain_shows_every_step_and_eval_and_cross_validation_print_their_figures() {
    netral()
        .args(["explain", "Vote Rivera on Tuesday"])
        .assert()
        .success()
        .stdout(predicate::str::contains("read as").and(predicate::str::contains("margin")).and(predicate::str::contains("unknown")));
    netral().args(["explain", "--json", "-"]).write_stdin("Ayo coblos").assert().success().stdout(predicate::str::contains("\"margin\""));
    netral()
        .args(["eval", "corpus/quality.tsv", "--slice", "partisan"])
        .assert()
        .success()
        .stdout(predicate::str::contains("| lang=id ").and(predicate::str::contains("| pressure ")));
    netral().args(["eval", "examples/score.rs"]).assert().code(1).stderr(predicate::str::contains("examples/score.rs:1: not a gold row"));
}

#[test]
fn a_corpus_check_names_each_fault_and_counts_the_sound_rows() {
    let folder = tempfile::tempdir().unwrap();
    let row = |id: &str, text: &str, partisan: &str, theme: &str, pair: &str| {
        format!(
            "{{\"id\":\"{id}\",\"text\":\"{text}\",\"lang\":\"en\",\"partisan\":{partisan},\"context\":\"everyday\",\"theme\":\"{theme}\",\"pair\":\"{pair}\"}}\n"
        )
    };
    let long = "the brass band plays on the green every second Sunday until the clocks go back";
    let rows = [
        row("a1", "see you at the picnic", "false", "x", ""),
        row("a2", "See you, at the picnic!", "true", "y", ""),
        row("a1", "another text \\u001b[31m", "false", "z", ""),
        row("a4", long, "false", "p", ""),
        row("a5", &format!("{long} again"), "false", "q", ""),
        row("a6", "one half of a pair", "false", "r", "p1"),
        row("a7", "the other half", "true", "s", "p1"),
        row("a8", "{cnad} wins", "true", "t", ""),
        "half a row".to_owned(),
    ];
    let (path, other) = (folder.path().join("rows.jsonl"), folder.path().join("test.txt"));
    std::fs::write(&path, rows.concat()).unwrap();
    std::fs::write(&other, "first line\nEvery second Sunday, until the clocks go back: tea").unwrap();
    let checked = netral().args(["corpus", "check"]).arg(&path).arg("--against").arg(&other).assert().code(1);
    let faults = String::from_utf8(checked.get_output().stderr.clone()).unwrap();
    for fault in [
        "one text and two labels",
        "the id a1 stands twice",
        "a4 and a5 share",
        "the halves of pair p1",
        "rows.jsonl:8: `cnad` is no slot",
        "rows.jsonl:9: not a corpus row",
        "a4 shares \"every second sunday until the clocks go back\"",
        "test.txt:2",
    ] {
        assert!(faults.contains(fault), "{fault} is not in\n{faults}");
    }
    let tables = String::from_utf8(checked.get_output().stdout.clone()).unwrap();
    assert!(["| partisan    | 2  |", "| not         | 5  |"].iter().all(|line| tables.contains(line)), "{tables}");
}

#[test]
fn a_report_replaces_its_place_in_a_page_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    std::fs::write(&page, "# Page\n<!-- figures -->\nstale\n<!-- end figures -->\nrest\n").unwrap();
    let into = |name: &str| netral().args(["eval", "corpus/quality.tsv", "--name", name, "--into"]).arg(&page).assert();
    into("figures").success().stdout("");
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(text.starts_with("# Page\n<!-- figures -->\n**727 rows") && text.ends_with("\n<!-- end figures -->\nrest\n") && !text.contains("stale"), "{text}");
    into("nowhere").code(1).stderr(predicate::str::contains("add the lines `<!-- nowhere -->`"));
    assert_eq!(std::fs::read_to_string(&page).unwrap(), text);
}

#[test]
fn a_queue_holds_random_and_uncertain_posts_and_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let rows = std::fs::read_to_string("corpus/quality.tsv").unwrap();
    let texts: Vec<&str> = rows.lines().skip(1).filter_map(|line| line.split('\t').nth(6)).collect();
    let feed = folder.path().join("feed.csv");
    let mut table = csv::Writer::from_path(&feed).unwrap();
    table.write_record(["id", "text"]).unwrap();
    // Every post stands twice, and one cannot be scored.
    texts.iter().chain(&texts).enumerate().for_each(|(n, text)| table.write_record([n.to_string().as_str(), text]).unwrap());
    table.write_record(["last", ""]).unwrap();
    table.flush().unwrap();
    let queue = |seed: &str, form: &str| {
        let run = netral().args(["queue", "-n", "50", "--quiet", "--seed", seed, "--as", form]).arg(&feed).assert().success();
        String::from_utf8(run.get_output().stdout.clone()).unwrap()
    };
    let tasks: Vec<Value> = serde_json::from_str(&queue("1", "label-studio")).unwrap();
    assert_eq!(tasks.len(), 50);
    let reason = |task: &Value| task["data"]["reason"].as_str().unwrap().to_owned();
    let random =
        tasks.iter().filter(|task| reason(task).starts_with(&format!("drawn at random, with a chance of {:.6}", 10.0 / (2.0 * texts.len() as f64)))).count();
    let half: Vec<f64> = tasks.iter().filter(|task| reason(task).contains("one half")).map(|task| task["predictions"][0]["score"].as_f64().unwrap()).collect();
    assert_eq!((random, half.len()), (10, 20));
    assert!(half.iter().all(|p| (p - 0.5).abs() < 0.15), "{half:?}");
    let chosen: std::collections::HashSet<&str> =
        tasks.iter().filter(|task| !reason(task).starts_with("drawn")).map(|task| task["data"]["text"].as_str().unwrap()).collect();
    assert_eq!(chosen.len(), 40, "a post stands twice");
    assert_eq!(queue("1", "csv"), queue("1", "csv"));
    assert_ne!(queue("1", "csv"), queue("2", "csv"));
}

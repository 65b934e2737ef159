//! Exports as people have them: for each file in `tests/feeds`, the posts that are in it, written down by somebody who knew the
//! format and not the reader.

#![allow(clippy::redundant_closure_for_method_calls, clippy::format_collect)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use netral::{Feed, Model, Options, Output, Packs, Post, Pseudonyms, Scorer};
use proptest::prelude::*;
use serde_json::Value;

static SCORER: LazyLock<Scorer> = LazyLock::new(|| Scorer::new(Model::default(), Packs::national()));

fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir("tests/feeds").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e != "posts"));
    files.sort();
    files
}

/// What a post says, by the keys of the written expectations.
fn said(post: &Result<Post, String>) -> BTreeMap<String, Value> {
    let Ok(post) = post else { return BTreeMap::from([("status".to_owned(), Value::from("error"))]) };
    let Value::Object(fields) = serde_json::to_value(post).unwrap() else { panic!("a post is an object") };
    let mut said: BTreeMap<String, Value> = fields.into_iter().collect();
    if post.words().trim().is_empty() {
        said.insert("status".to_owned(), Value::from("empty"));
    }
    said.retain(|_, value| *value != "" && *value != "unknown");
    said
}

#[test]
fn every_export_is_read_row_for_row() {
    let (mut faults, mut rows) = (Vec::new(), 0);
    for file in files() {
        let expected = std::fs::read_to_string(format!("{}.posts", file.display())).unwrap();
        let expected: Vec<Value> = expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let feed = match Feed::open(&file, &Options::default()) {
            Ok(feed) => feed,
            Err(error) => {
                faults.push(error.to_string());
                continue;
            }
        };
        let found: Vec<_> = feed.map(|row| said(&row.post)).collect();
        if found.len() != expected.len() {
            faults.push(format!("{}: {} rows, not {}", file.display(), found.len(), expected.len()));
        }
        for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
            rows += 1;
            let Value::Object(expected) = expected else { panic!("an expectation is an object") };
            let mut expected: BTreeMap<String, Value> = expected.clone().into_iter().collect();
            expected.retain(|_, value| *value != "" && *value != "unknown");
            let keys: std::collections::BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
            for key in keys {
                if found.get(key) != expected.get(key) {
                    let shown = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
                    faults.push(format!("{} row {}: {key} is {} and not {}", file.display(), number + 1, shown(found.get(key)), shown(expected.get(key))));
                }
            }
        }
    }
    assert!(rows > 200, "only {rows} rows were compared");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_export_is_scored_row_for_row() {
    for file in files() {
        let expected = std::fs::read_to_string(format!("{}.posts", file.display())).unwrap();
        let expected: Vec<Value> = expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let feed = Feed::open(&file, &Options::default()).unwrap();
        let mut out = Vec::new();
        let output = Output::to(&mut out).rows(&feed);
        let counts = SCORER.score_feed(feed, output, &mut |_, _| Ok(())).unwrap();
        let with = |status: &str| expected.iter().filter(|row| row["status"] == status).count() as u64;
        assert_eq!((counts.read, counts.error), (expected.len() as u64, with("error")), "{}", file.display());
        if out.starts_with(b"{") {
            assert_eq!(out.iter().filter(|b| **b == b'\n').count(), expected.len(), "{}", file.display());
        }
    }
}

/// A feed of some bytes as if they were a file.
fn feed(bytes: impl AsRef<[u8]>) -> Feed {
    Feed::from_reader(std::io::Cursor::new(bytes.as_ref().to_vec()), "test".as_ref(), &Options::default()).unwrap()
}

fn posts(feed: Feed) -> Vec<Result<Post, String>> {
    feed.map(|row| row.post).collect()
}

/// What a feed becomes in some form.
fn written(feed: Feed, form: impl for<'a> FnOnce(Output<'a>, &Feed) -> Output<'a>) -> Vec<u8> {
    let mut out = Vec::new();
    let output = form(Output::to(&mut out), &feed);
    SCORER.score_feed(feed, output, &mut |_, _| Ok(())).unwrap();
    out
}

fn jsonl(feed: Feed) -> Vec<Value> {
    let out = written(feed, |output, feed| output.rows(feed));
    String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_act_is_scored_as_what_it_is() {
    let appeal = "Ayo coblos nomor 2 hari Rabu, menangkan Bu Melati!";
    let praise = "Gaspol pak, kami sekeluarga coblos nomor 2! Menang menang menang";
    let row = |activity: &str, text: &str, parent: &str| serde_json::json!({"text": text, "activity": activity, "parent_text": parent}).to_string();
    let rows = [
        row("post", appeal, ""),
        row("share", "", appeal),
        row("share", "", praise),
        row("like", "", appeal),
        row("quote", "jangan percaya berita ini, selamat pagi semua", appeal),
        row("reply", "setuju pak, semoga lancar", ""),
        row("share", "", ""),
        row("post", praise, ""),
    ];
    let scores: Vec<Value> = jsonl(feed(rows.join("\n"))).into_iter().map(|row| row["netral"].clone()).collect();
    assert_eq!((&scores[0]["band"], &scores[0]["scored"]), (&Value::from("likely"), &Value::Null));
    assert_eq!((&scores[1]["scored"], &scores[1]["partisan"]), (&Value::from("parent"), &scores[0]["partisan"]));
    assert_eq!(scores[1]["band"], "likely", "a call to vote that is passed on");
    assert_eq!((&scores[2]["band"], &scores[2]["scored"]), (&Value::from("review"), &Value::from("parent")), "praise that is passed on");
    assert!(!scores[2]["evidence"].as_array().unwrap().is_empty());
    assert_eq!((&scores[3]["status"], &scores[3]["partisan"], &scores[3]["parent"]["band"]), (&Value::from("empty"), &Value::Null, &Value::from("likely")));
    assert!(scores[4]["partisan"].as_f64() < scores[4]["parent"]["partisan"].as_f64(), "{}", scores[4]);
    assert!(scores[5]["missing"].as_array().unwrap().contains(&Value::from("parent")) && scores[5]["parent"].is_null());
    assert_eq!(scores[6]["status"], "empty");
    assert_eq!((&scores[7]["band"], &scores[7]["partisan"]), (&Value::from("likely"), &scores[2]["partisan"]), "the same words as one's own");
}

#[test]
fn links_are_told_by_where_they_lead_and_a_shared_campaign_link_may_be_likely() {
    let post = |text: &str, link: &str| serde_json::json!({"text": text, "links": link}).to_string();
    let rows =
        [post("gabung https://chat.whatsapp.com/AbCdEf", ""), post("info https://t.co/x", "https://kitabisa.com/campaign/masjid"), post("bit.ly/abc saja", "")];
    let scores = jsonl(feed(rows.join("\n")));
    assert_eq!(scores[0]["netral"]["links"], serde_json::json!([{"domain": "whatsapp.com", "kind": "chat_invite"}]));
    assert_eq!(scores[1]["netral"]["links"], serde_json::json!([{"domain": "kitabisa.com", "kind": "donation"}]));
    assert!(scores[2]["netral"]["links"].is_null());
}

#[test]
fn the_review_list_shows_what_was_passed_on_and_where_links_lead() {
    let row = r#"{"activity":"forward","text":"Ayo coblos nomor 2 hari Rabu, menangkan Bu Melati! https://chat.whatsapp.com/AbC"}"#;
    let list = String::from_utf8(written(feed(row), |output, _| output.review(5, false))).unwrap();
    for shown in ["forward of another's words", "coblos", "links:   chat invite whatsapp.com"] {
        assert!(list.contains(shown), "no `{shown}`:\n{list}");
    }
}

#[test]
fn an_archive_is_read_file_by_file_and_its_owner_is_the_author() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twitter.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let account = "window.YTD.account.part0 = [{\"account\":{\"username\":\"rina_fiktif\",\"accountId\":\"77\"}}]";
    for (name, bytes) in [
        ("data/account.js", account.as_bytes().to_vec()),
        ("data/like.js", std::fs::read("tests/feeds/like.js").unwrap()),
        ("data/tweets.js", std::fs::read("tests/feeds/tweets.js").unwrap()),
        ("data/profile.js", b"window.YTD.profile.part0 = [{\"profile\":{\"description\":{\"bio\":\"x y z\"}}}]".to_vec()),
        ("assets/logo.png", vec![0x89, b'P', b'N', b'G']),
    ] {
        zip.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.finish().unwrap();
    let feed = Feed::open(&path, &Options::default()).unwrap();
    assert!(feed.is_private());
    let read: Vec<Post> = posts(feed).into_iter().map(Result::unwrap).collect();
    assert_eq!(read.len(), 8);
    assert!(read.iter().all(|post| post.author.as_deref() == Some("rina_fiktif")));
    assert_eq!(read.iter().filter(|post| post.activity == netral::Activity::Like).count(), 4);
    // A byte that changed inside is noticed, and a table inside comes out with its posts.
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..200]).unwrap();
    assert!(Feed::open(&path, &Options::default()).err().unwrap().to_string().contains("damaged"));
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    zip.start_file("feed.csv", zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
    std::io::Write::write_all(&mut zip, b"id,text\n1,halo semua\n2,pagi semua\n").unwrap();
    zip.finish().unwrap();
    let rows = jsonl(Feed::open(&path, &Options::default()).unwrap());
    assert_eq!((rows.len(), &rows[1]["post"]["text"]), (2, &Value::from("pagi semua")));
    let mut flipped = std::fs::read(&path).unwrap();
    let at = flipped.windows(4).position(|w| w == b"pagi").unwrap();
    flipped[at] = b'P';
    std::fs::write(&path, flipped).unwrap();
    assert!(posts(Feed::open(&path, &Options::default()).unwrap()).last().unwrap().is_err());
}

#[test]
fn a_long_tweet_of_an_archive_is_scored_whole_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twitter.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let tweet = |id: &str, time: &str, text: &str| serde_json::json!({"tweet": {"id_str": id, "created_at": time, "full_text": text, "lang": "in"}});
    let stem = "Panjang tapi perlu. Saya sudah tiga kali mendengar Bu Melati berbicara di balai desa, dan setiap kali jawabannya jelas";
    let tweets = [
        tweet("11", "Fri Mar 01 02:03:05 +0000 2024", &format!("{stem}\u{2026} https://t.co/abc")),
        // The same words on another day are another post.
        tweet("12", "Sat Mar 02 02:03:05 +0000 2024", &format!("{stem}\u{2026} https://t.co/abd")),
    ];
    let tweets = format!("window.YTD.tweets.part0 = {}", serde_json::to_string(&tweets).unwrap());
    for (name, bytes) in [("data/note-tweet.js", std::fs::read("tests/feeds/note-tweet.js").unwrap()), ("data/tweets.js", tweets.into_bytes())] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.finish().unwrap();
    let feed = Feed::open(&path, &Options::default()).unwrap();
    assert!(feed.about().iter().any(|(_, words)| words == "1 cut tweets with their whole texts"));
    let rows = jsonl(feed);
    let row = |id: &str| rows.iter().find(|row| row["post"]["id"] == id).unwrap();
    assert_eq!(rows.len(), 5);
    assert!(row("11")["post"]["text"].as_str().unwrap().contains("pilihan saya nomor 2."));
    assert_eq!(row("11")["post"]["links"], serde_json::json!(["https://melati.example.org/catatan"]));
    assert!(row("12")["post"]["text"].as_str().unwrap().ends_with("t.co/abd"));
    assert_eq!(row("1763384429591801863")["netral"]["status"], "empty");
    assert_eq!(row("1763384429591801863")["post"]["parent_id"], "11");
    assert_eq!(row("1763792883653425042")["netral"]["status"], "ok");
}

#[test]
fn every_form_keeps_every_row() {
    let open = || Feed::open("tests/feeds/twarc2-pages.jsonl".as_ref(), &Options::default()).unwrap();
    let rows = posts(open()).len();
    let records = |bytes: Vec<u8>, delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(&bytes[..]);
        let header = reader.headers().unwrap().clone();
        (header, reader.records().map(Result::unwrap).collect::<Vec<_>>())
    };
    let (header, table) = records(written(open(), |output, feed| output.csv(feed)), b',');
    assert_eq!((table.len(), &header[0], &header[4]), (rows, "id", "text"));
    let excel = written(open(), |output, feed| output.excel(feed));
    assert!(excel.starts_with(b"\xEF\xBB\xBFid;"));
    let (_, table) = records(excel, b';');
    assert!(table.len() == rows && table[0][0].starts_with("'16"), "{}", &table[0][0]);
    let (header, table) = records(written(open(), |output, _| output.fourcat()), b',');
    assert_eq!((table.len(), header.iter().take(5).collect::<Vec<_>>()), (rows, vec!["id", "thread_id", "author", "body", "timestamp"]));
    assert!(table.iter().all(|row| !row[0].is_empty() && !row[1].is_empty()));
    let tasks: Vec<Value> = serde_json::from_slice(&written(open(), |output, _| output.tasks())).unwrap();
    assert_eq!(tasks.len(), rows);
    let texts: Vec<Post> = posts(open()).into_iter().filter_map(Result::ok).collect();
    for task in &tasks {
        let text: Vec<char> = task["data"]["text"].as_str().unwrap().chars().collect();
        for label in task["predictions"][0]["result"].as_array().unwrap().iter().filter(|r| r["type"] == "labels") {
            let span = |key: &str| label["value"][key].as_u64().unwrap() as usize;
            assert_eq!(text[span("start")..span("end")].iter().collect::<String>(), label["value"]["text"]);
        }
    }
    assert_eq!(texts.len(), tasks.iter().filter(|t| t["data"]["status"] != "error").count());
    let empty: Vec<Value> = serde_json::from_slice(&written(feed(""), |output, _| output.tasks())).unwrap();
    assert!(empty.is_empty());
}

#[cfg(feature = "xlsx")]
#[test]
fn a_workbook_reads_back_as_it_was_and_a_bomb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.xlsx");
    let input = "id,text,note\n1735510796413853742,\"Ayo coblos nomor 2,\nmenangkan Bu Melati!\",=1+1\n2,harga cabai naik,@x\n3,,\n";
    std::fs::write(&path, written(feed(input), |output, feed| output.workbook(feed))).unwrap();
    let read: Vec<Post> = posts(Feed::open(&path, &Options::default()).unwrap()).into_iter().map(Result::unwrap).collect();
    assert_eq!(read.iter().map(|p| p.id.as_deref().unwrap()).collect::<Vec<_>>(), ["1735510796413853742", "2", "3"]);
    assert_eq!(read[0].text, "Ayo coblos nomor 2,\nmenangkan Bu Melati!");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
    assert!(sheet.contains("<b/>") && !sheet.contains("<f>"), "telling words are bold and nothing is a formula");

    let bomb = folder.path().join("bomb.xlsx");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&bomb).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("xl/workbook.xml", options).unwrap();
    zip.start_file("xl/sharedStrings.xml", options).unwrap();
    for _ in 0..120 {
        std::io::Write::write_all(&mut zip, "<si/>".repeat(1 << 18).as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    assert!(Feed::open(&bomb, &Options::default()).err().unwrap().to_string().contains("unpack to more than"));
}

#[cfg(feature = "parquet")]
#[test]
fn a_parquet_file_reads_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.parquet");
    let input: String = (0..9000).map(|i| format!("{i},\"Ayo coblos nomor {i},\nmenang!\"\n")).collect();
    std::fs::write(&path, written(feed(format!("id,text\n{input}")), |output, feed| output.parquet(feed))).unwrap();
    let read: Vec<Post> = posts(Feed::open(&path, &Options::default()).unwrap()).into_iter().map(Result::unwrap).collect();
    assert_eq!(read.len(), 9000);
    assert_eq!((read[8999].id.as_deref(), read[8999].text.as_str()), (Some("8999"), "Ayo coblos nomor 8999,\nmenang!"));
    std::fs::write(&path, &std::fs::read(&path).unwrap()[..5000]).unwrap();
    assert!(Feed::open(&path, &Options::default()).err().unwrap().to_string().contains("damaged"));
}

#[test]
fn no_author_of_any_export_is_in_its_pseudonymized_output() {
    let keys = Pseudonyms::new(b"a key that only tests have").unwrap();
    let mut names = 0;
    for file in files() {
        let people: Vec<Post> = posts(Feed::open(&file, &Options::default()).unwrap()).into_iter().filter_map(Result::ok).collect();
        // Plain words stay where others write them; handles, numbers and full names must not.
        let telling = |name: &str| name.len() >= 5 && name.contains(|c: char| c.is_ascii_digit() || matches!(c, '_' | '.' | ' ' | ':'));
        let people: std::collections::BTreeSet<String> =
            people.iter().flat_map(|p| [p.author.clone(), p.id.clone()]).flatten().filter(|n| telling(n)).collect();
        for form in 0..3 {
            let out = written(Feed::open(&file, &Options::default()).unwrap(), |output, feed| {
                let output = output.pseudonymized(keys.clone());
                match form {
                    0 => output.rows(feed),
                    1 => output.excel(feed),
                    _ => output.review(50, false),
                }
            });
            let out = String::from_utf8(out).unwrap().to_lowercase();
            for name in &people {
                names += 1;
                assert!(!out.contains(&name.to_lowercase()), "{name} of {} is in form {form}", file.display());
            }
        }
    }
    assert!(names > 500, "only {names} names were looked for");
}

#[test]
fn pseudonyms_change_no_score_and_evidence_still_quotes_the_text() {
    let row = r#"{"id":"9","author":"Budi Fiktif","text":"Salam Budi Fiktif @rina_f 0812-3456-7890: ayo coblos nomor 2, menangkan Bu Melati! x@y.example.id","bio":"rahasia"}"#;
    let plain = &jsonl(feed(row))[0];
    let out = written(feed(row), |output, feed| output.pseudonymized(Pseudonyms::new(b"a key that only tests have").unwrap()).rows(feed));
    let hidden: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(plain["netral"]["partisan"], hidden["netral"]["partisan"]);
    assert_eq!(plain["netral"]["fired"], hidden["netral"]["fired"]);
    let text: Vec<char> = hidden["post"]["text"].as_str().unwrap().chars().collect();
    let evidence = hidden["netral"]["evidence"].as_array().unwrap();
    assert!(!evidence.is_empty());
    for reason in evidence {
        let (start, end) = (reason["start"].as_u64().unwrap() as usize, reason["end"].as_u64().unwrap() as usize);
        assert_eq!(text[start..end].iter().collect::<String>(), reason["text"]);
    }
    assert!(hidden.get("bio").is_none() && !out.windows(7).any(|w| w == b"rahasia"));
}

#[test]
fn a_survey_names_what_is_wrong() {
    let survey = |name: &str| Feed::open(format!("tests/feeds/{name}").as_ref(), &Options::default()).unwrap().survey().to_string();
    let pandas = survey("tweet-harvest-pandas.csv");
    assert!(pandas.contains("tweet-harvest") && pandas.contains("ids went through floating-point numbers: the whole ones"), "{pandas}");
    assert!(survey("mojibake.csv").contains("--fix-encoding"));
    assert!(survey("meltwater.csv").contains("UTF-16LE"));
    assert!(survey("cp1252.csv").contains("windows-1252"));
    assert!(survey("brandwatch.csv").contains("6 rows that are left out"));
    assert!(survey("telegram-invalid.json").contains("mended"));
    let twice = feed("id,text\n1,a b\n1,a b\n2,\u{1b}[31mred\n").survey().to_string();
    assert!(twice.contains("1 rows are there more than once") && !twice.contains('\u{1b}'), "{twice}");
    let fixed = Options { fix_encoding: true, ..Options::default() };
    let fixed = Feed::open("tests/feeds/mojibake.csv".as_ref(), &fixed).unwrap();
    let broken = |post: &Result<Post, String>| post.as_ref().unwrap().text.contains(['\u{C3}', '\u{E2}', '\u{F0}']);
    let as_it_is = Feed::open("tests/feeds/mojibake.csv".as_ref(), &Options::default()).unwrap();
    let (before, after) = (posts(as_it_is), posts(fixed));
    assert!(before.iter().filter(|p| broken(p)).count() > after.iter().filter(|p| broken(p)).count());
}

#[test]
fn a_user_can_say_what_is_where() {
    let table = "who|when|words here\n@rina|1707872400|selamat pagi semua\n";
    let options = Options { text_column: Some("words here".into()), author_column: Some("who".into()), time_column: Some("when".into()), ..Options::default() };
    let open = |options: &Options| Feed::from_reader(std::io::Cursor::new(table), "t".as_ref(), options);
    let post = posts(open(&options).unwrap()).remove(0).unwrap();
    assert_eq!((post.author.as_deref(), post.time.as_deref(), post.text.as_str()), (Some("rina"), Some("2024-02-14T01:00:00Z"), "selamat pagi semua"));
    let refused = |options: Options| open(&options).err().unwrap().to_string();
    assert!(refused(Options { format: Some("nope".into()), ..Options::default() }).contains("twarc2"));
    assert!(refused(Options { encoding: Some("nope".into()), ..Options::default() }).contains("no encoding"));
    assert!(refused(Options { author_column: Some("nope".into()), ..Options::default() }).contains("the columns here are: who, when, words here"));
    assert!(refused(Options { format: Some("tweet-harvest".into()), ..Options::default() }).contains("without the column of the text"));
}

#[test]
fn nothing_is_lost_where_a_file_is_damaged() {
    let ok = |rows: &[Result<Post, String>]| rows.iter().map(Result::is_ok).collect::<Vec<_>>();
    // A line that is too long or a break while the header is looked for, and rows that look like one.
    let long = format!("teks,label\n{},b\nc,d\n", "x".repeat(9 << 20));
    assert_eq!(ok(&posts(feed(long))), [false, true]);
    assert_eq!(posts(feed("komentar,label\nhalo semua,1\nlink,comment\nhai,2\n")).len(), 3);
    assert_eq!(posts(feed("judul laporan\n\nTanggal,Isi\n2024-02-14,halo\n")).len(), 1);
    assert_eq!(posts(feed("id,\"Full\nText\",x\n1,halo semua,2\n"))[0].as_ref().unwrap().text, "halo semua");
    // A damaged second line does not make a document of JSON lines; what stands between documents is a row.
    assert_eq!(ok(&posts(feed("{\"text\":\"a\"}\nERROR 429 \"rate\n{\"text\":\"b\"}\n"))), [true, false, true]);
    assert_eq!(ok(&posts(feed("{\n\"text\":\"a\"}\nERROR \"x\n{\n\"text\":\"b\"}\n"))), [true, false, true]);
    let pretty = "{\n \"text\": \"ayo coblos nomor 2\",\n \"comments\": [{\"body\": \"ya setuju\"}]\n}\n{\n \"text\": \"pagi semua\"\n}\n";
    assert_eq!(posts(feed(pretty)).into_iter().map(|p| p.unwrap().text).collect::<Vec<_>>(), ["ayo coblos nomor 2", "pagi semua"]);
    // A checksum that does not fit is a fault of the last row.
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gz, b"id,text\n1,a b\n2,c d\n").unwrap();
    let mut gz = gz.finish().unwrap();
    let at = gz.len() - 6;
    gz[at] ^= 1;
    assert_eq!(ok(&posts(feed(gz))), [true, true, false]);
}

#[test]
fn a_users_own_file_is_not_taken_for_a_known_one() {
    for row in [
        r#"[{"timestamp":"2024-02-14T01:00:00Z","content":"ayo coblos nomor 2","author":"x","attachments":[]}]"#,
        r#"[{"text":"ayo coblos nomor 2","media":[{"uri":"x.jpg"}]}]"#,
        r#"{"_type":"tweet","date":"2024-02-14","text":"ayo coblos nomor 2"}"#,
        r#"{"code":"x","taken_at":1707872400,"text":"ayo coblos nomor 2"}"#,
    ] {
        let feed = feed(row);
        assert!(!feed.is_private(), "{row}");
        assert_eq!(posts(feed)[0].as_ref().unwrap().text, "ayo coblos nomor 2", "{row}");
    }
    let kept = &jsonl(feed(r#"{"data":{"id":"1","text":"ayo coblos nomor 2"},"includes":{},"label":"mine"}"#))[0];
    assert!(kept["label"] == "mine" && kept["netral"]["status"] == "ok", "{kept}");
    let own = r#"{"activity":"share","text":"Ayo coblos nomor 2, menangkan Bu Melati!","parent_text":"Jadwal kereta hari ini"}"#;
    assert_eq!(posts(feed(own))[0].as_ref().unwrap().activity, netral::Activity::Quote, "a share with words of its own");
}

#[test]
fn reasons_quote_no_text_and_handles_of_every_kind_go() {
    let rows = "{\"text\":\"a b\"}\n\"rahasia @budi_s 081234567890\"\n{\"author\":\"Sri Wahyuni, S.Pd.\",\"text\":\"Sri Wahyuni, S.Pd. dan @budi-santoso u/budi_s2 https://budi_s3.tumblr.com/x WA 0812-3456-7890 2024\"}\n{\"text\":\"x y\"}";
    let plain = String::from_utf8(written(feed(rows), |output, feed| output.rows(feed))).unwrap();
    assert!(!plain.lines().nth(1).unwrap().contains("rahasia"), "{plain}");
    let hidden = written(feed(rows), |output, feed| output.pseudonymized(Pseudonyms::new(b"a key that only tests have").unwrap()).rows(feed));
    let hidden = String::from_utf8(hidden).unwrap();
    for name in ["budi", "santoso", "Wahyuni", "3456", "rahasia"] {
        assert!(!hidden.contains(name), "{name} is in {hidden}");
    }
}

#[test]
fn attacks_on_memory_are_refused_in_place() {
    let key = format!("{{\"{}\":{{{}\"z\":1}},\"text\":\"a b\"}}\n", "k".repeat(200_000), (0..20_000).map(|i| format!("\"f{i}\":1,")).collect::<String>());
    assert_eq!(posts(feed(key)).len(), 1);
    assert_eq!(
        posts(feed(format!("[{{\"uri\":\"a\",\"account\":{{\"acct\":\"b\"}},\"created_at\":\"x\",\"content\":\"{}\"}}]", "<a".repeat(400_000)))).len(),
        1
    );
    let deep = format!("[{}1{}]\n", "[".repeat(200_000), "]".repeat(200_000));
    assert!(posts(feed(deep)).iter().all(Result::is_err));
    let deep = format!("{{\"text\":\"a\"}}\n{{\"text\":{}1{}}}\n{{\"text\":\"b\"}}", "[".repeat(100_000), "]".repeat(100_000));
    let rows = posts(feed(deep));
    assert_eq!((rows.len(), rows[1].as_ref().map_or("", |post| post.text.as_str())), (3, ""));
    let long = format!("[{{\"text\":\"a\"}},{{\"text\":\"{}\"}},{{\"text\":\"b\"}}]", "x".repeat(9 << 20));
    assert_eq!(posts(feed(long)).iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_a_reader_panic_and_each_line_of_json_is_a_row(start in 0..8_usize, bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0..4000_usize, file in any::<prop::sample::Index>()) {
        let starts: [&[u8]; 8] = [b"", b"{\"text\":", b"[{\"text\":\"", b"id,text\n", b"window.YTD.tweets.part0 = [", b"\xFF\xFE", b"12/9/20, 23:55 - A: ", b"\x28\xB5\x2F\xFD"];
        let hostile = [starts[start], &bytes].concat();
        // Any export, cut anywhere, with some bytes overwritten.
        let files = files();
        let mut export = std::fs::read(file.get(&files)).unwrap();
        export.truncate(cut);
        let at = export.len().saturating_sub(bytes.len()) / 2;
        let damaged: Vec<u8> = export.iter().enumerate().map(|(i, b)| if i >= at && i - at < bytes.len() / 20 { bytes[i - at] } else { *b }).collect();
        for input in [hostile, export, damaged] {
            if let Ok(feed) = Feed::from_reader(std::io::Cursor::new(input), "t".as_ref(), &Options::default()) {
                let rows = feed.count();
                prop_assert!(rows < 1000);
            }
        }
        let lines = bytes.iter().map(|b| if *b == b'\n' { b' ' } else { *b }).collect::<Vec<_>>();
        let input = [b"{\"text\":\"a\"}\n{\"text\":\"b\"}\nx".as_slice(), &lines, b"\n{\"text\":\"c\"}\n"].concat();
        prop_assert_eq!(posts(feed(input)).len(), 4);
    }
}

//! Nightly runs: nothing is lost or doubled, what was done can be shown, and nobody's words are kept longer than they may be.

#![cfg(feature = "batch")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use netral::{Batch, Error};
use serde_json::Value;

const CONFIG: &str = "name = 'tests'\ndpia = 'DPIA-1'\noutput = 'runs'\nstate = 'state'\nkey = 'key'\n";
const INPUT: &str = "[[input]]\nsource = 'x'\npath = 'drop'\n";

/// Keys and texts of rows as hashes, and the run that scored them.
type Rows = Vec<(Vec<u8>, Vec<u8>, i64)>;

/// A folder with a configuration and feeds.
struct Place(tempfile::TempDir);

impl Place {
    fn new(more: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path("drop")).unwrap();
        place.write("key", "a key that only tests have");
        place.configure(more);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn configure(&self, more: &str) {
        self.write("nightly.toml", &format!("{CONFIG}{more}\n{INPUT}"));
    }

    fn batch(&self) -> Batch {
        Batch::read(&self.path("nightly.toml")).unwrap().on("2026-11-22").unwrap()
    }

    /// Runs it; gives the manifest and the items.
    fn run(&self) -> (Value, Vec<Value>) {
        Self::done(&self.batch())
    }

    fn done(batch: &Batch) -> (Value, Vec<Value>) {
        let done = batch.run(&mut |_| ()).unwrap();
        let items = fs::read_to_string(done.folder.join("items.jsonl")).unwrap();
        let manifest = serde_json::from_str(&fs::read_to_string(done.folder.join("manifest.json")).unwrap()).unwrap();
        (manifest, items.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    fn run_folder(&self, number: usize) -> PathBuf {
        self.path("runs").join(format!("{number:04}-2026-11-22"))
    }

    /// All rows that the state has seen, with the run that scored them.
    fn rows(&self) -> Rows {
        let db = rusqlite::Connection::open(self.path("state/state.sqlite")).unwrap();
        let mut query = db.prepare("SELECT key, text, run FROM row ORDER BY key").unwrap();
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect()
    }
}

/// A row of a feed.
fn row(n: usize, author: &str, text: &str) -> String {
    format!("{}\n", serde_json::json!({"id": format!("9{n:05}"), "author": author, "text": text, "created_at": "2024-01-20T10:00:00Z", "type": "post"}))
}

const CALL: &str = "Jangan lupa hari Rabu coblos paslon nomor 2, menangkan Bu Melati! #MenangkanMelati";
const CALM: &str = "Selamat pagi, layanan posyandu hari ini buka sampai pukul sebelas";

/// A feed with a call to vote in every third row.
fn feed(from: usize, to: usize) -> String {
    (from..to).map(|n| row(n, &format!("akun_{}", n % 40), if n % 3 == 0 { CALL } else { CALM })).collect()
}

#[test]
fn only_what_is_new_is_scored() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 30));
    let (manifest, items) = place.run();
    assert_eq!((manifest["counts"]["read"].as_u64(), items.len()), (Some(30), 10));
    assert_eq!(manifest["inputs"][0]["news"], "new");

    let (manifest, items) = place.run();
    assert_eq!((manifest["counts"]["read"].as_u64(), items.len()), (Some(0), 0));
    assert_eq!(manifest["inputs"][0]["news"], "unchanged");

    place.write("drop/a.jsonl", &(feed(0, 30) + &feed(30, 36)));
    let (manifest, items) = place.run();
    assert_eq!((manifest["counts"]["read"].as_u64(), items.len()), (Some(6), 2));
    assert_eq!(manifest["inputs"][0]["news"], "appended");

    // An overlapping export, and one row whose text was edited.
    place.write("drop/b.jsonl", &feed(20, 40));
    place.write("drop/a.jsonl", &(row(1, "akun_1", CALL) + &feed(2, 36)));
    let (manifest, items) = place.run();
    assert_eq!((manifest["counts"]["read"].as_u64(), manifest["repeated"].as_u64(), items.len()), (Some(5), Some(50), 3));
    assert_eq!(place.rows().len(), 40);
}

#[test]
fn a_row_that_was_half_written_is_scored_when_it_is_whole() {
    let place = Place::new("");
    let whole = feed(0, 4);
    place.write("drop/a.jsonl", &whole[..whole.len() - 60]);
    let done = place.batch().run(&mut |_| ()).unwrap();
    assert_eq!((done.counts.read, done.counts.error, done.has_errors), (4, 1, true));
    place.write("drop/a.jsonl", &(whole + &feed(4, 5)));
    let done = place.batch().run(&mut |_| ()).unwrap();
    assert_eq!((done.counts.read, done.counts.error), (2, 0));
    assert_eq!(place.run().0["counts"]["read"], 0);
}

#[test]
fn a_table_that_was_half_written_inside_a_cell_with_lines_loses_no_row() {
    let cells = |n: usize| format!("7{n:03},akun_{n},\"Pengumuman\nkedua, {CALL}\nketiga\"\n");
    let whole = "id,author,text\n".to_owned() + &(0..10).map(cells).collect::<Vec<_>>().concat();
    for cut in [whole.len() - 400, whole.len() - 330, whole.len() - 290] {
        let place = Place::new("");
        place.write("drop/a.csv", &whole[..cut]);
        place.run();
        place.write("drop/a.csv", &whole);
        place.run();
        let rows: std::collections::BTreeSet<String> = (1..=2)
            .flat_map(|run| {
                let items = fs::read_to_string(place.run_folder(run).join("items.jsonl")).unwrap();
                items.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
            })
            .filter(|item| item["netral"]["status"] == "ok" && item["post"]["text"].as_str().is_some_and(|text| text.ends_with("ketiga")))
            .map(|item| item["post"]["id"].to_string())
            .collect();
        assert_eq!(rows.len(), 10, "cut at {cut}");
    }
}

#[test]
fn a_wrong_clock_another_key_and_cells_that_are_no_ids_double_nothing() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 6));
    place.run();
    place.batch().on("1970-01-02").unwrap().run(&mut |_| ()).unwrap();
    place.write("drop/b.jsonl", &feed(0, 6));
    assert_eq!(place.run().0["counts"]["read"], 0);
    place.write("key", "another key that is long enough");
    assert!(place.batch().run(&mut |_| ()).unwrap_err().to_string().contains("under another key"));
    let place = Place::new("");
    let none = |n: usize| row(n, &format!("akun_{n}"), &format!("{CALL} {n}")).replace(&format!("\"9{n:05}\""), "\"nan\"");
    place.write("drop/a.jsonl", &(0..6).map(none).collect::<Vec<_>>().concat());
    assert_eq!(place.run().1.len(), 6);
    place.write("drop/b.jsonl", &(0..6).map(none).collect::<Vec<_>>().concat());
    assert_eq!(place.run().0["counts"]["read"], 0);
}

#[test]
fn another_base_rate_rescore_and_since_ask_for_rows_again() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &(feed(0, 6) + &row(6, "akun_6", CALL).replace("2024-01-20", "2024-02-20")));
    assert_eq!(place.run().0["counts"]["read"], 7);
    assert_eq!(Place::done(&place.batch().rescore()).0["counts"]["read"], 7);
    place.configure("base_rate = 0.01");
    let since = place.batch().since("2024-02-01").unwrap();
    assert!(since.dry_run().unwrap().contains("would score 7 rows"), "{}", since.dry_run().unwrap());
    let (manifest, _) = Place::done(&since);
    assert_eq!((manifest["counts"]["read"].as_u64(), manifest["before_since"].as_u64()), (Some(1), Some(6)));
    let (manifest, _) = place.run();
    assert_eq!((manifest["counts"]["read"].as_u64(), manifest["repeated"].as_u64()), (Some(6), Some(1)), "what was passed over comes later");
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 6));
    assert!(place.batch().dry_run().unwrap().contains("new, 6 rows to read, 6 to score"));
    assert!(!place.path("runs").exists() && place.rows().is_empty());
}

/// Everything that a run wrote but times: items, review file, summary, and rows of the state.
fn written(place: &Place) -> (BTreeMap<String, String>, Rows) {
    let names = ["items.jsonl", "review.csv", "summary.csv", "summary.json", "drift.json"];
    let read = |name: &str| (name.to_owned(), fs::read_to_string(place.run_folder(1).join(name)).unwrap());
    (names.map(read).into(), place.rows())
}

#[test]
fn a_killed_run_goes_on_and_ends_like_one_that_was_not() {
    let feeds = |place: &Place| {
        place.write("drop/a.jsonl", &(feed(0, 12_000) + "{\"torn\": \n" + &feed(12_000, 20_000)));
        place.write("drop/b.jsonl", &feed(15_000, 30_000));
    };
    let (calm, killed) = (Place::new(""), Place::new(""));
    feeds(&calm);
    feeds(&killed);
    calm.run();
    let mut kills = 0;
    for wait in [500, 900, 1500, 1300, 1900] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_netral"))
            .args(["batch", "--quiet", "--date", "2026-11-22"])
            .arg(killed.path("nightly.toml"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        run.kill().unwrap();
        kills += usize::from(run.wait().unwrap().code().is_none());
    }
    assert!(kills > 0, "no run was killed");
    killed.run();
    if killed.run_folder(2).exists() {
        // The run ended before the last kill, and another began.
        assert_eq!(fs::read_to_string(killed.run_folder(2).join("items.jsonl")).unwrap(), "");
    }
    let (calm_files, calm_rows) = written(&calm);
    let (killed_files, killed_rows) = written(&killed);
    assert!(calm_rows == killed_rows, "{} rows, {} after kills", calm_rows.len(), killed_rows.len());
    for (name, text) in &calm_files {
        let other = &killed_files[name];
        let line = text.lines().zip(other.lines()).position(|(a, b)| a != b);
        assert!(text == other, "{name} differs first in line {line:?}; {} bytes, {} after kills", text.len(), other.len());
    }
    assert!(killed.batch().verify().unwrap().contains("hold"));
}

#[test]
fn a_configuration_that_has_changed_begins_a_stopped_run_anew() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 6));
    place.run();
    // A run that was stopped before its reports.
    let db = rusqlite::Connection::open(place.path("state/state.sqlite")).unwrap();
    db.execute("UPDATE run SET stage = 'scoring', place = '{\"file\":0,\"cuts\":3,\"bytes\":0}'", []).unwrap();
    drop(db);
    fs::rename(place.run_folder(1), place.path("runs/0001-2026-11-22.partial")).unwrap();
    place.configure("page_items = 5");
    let (manifest, items) = place.run();
    assert_eq!((manifest["counts"]["read"].as_u64(), items.len()), (Some(6), 2));
    assert!(fs::read_to_string(place.path("state/audit.jsonl")).unwrap().contains("\"abandoned\""));
}

#[test]
fn a_feed_of_one_account_stops_the_run_unless_there_is_a_reason() {
    let place = Place::new("");
    let one: String = (0..60).map(|n| row(n, if n % 5 == 0 { "tono" } else { "budi_s" }, CALM)).collect();
    place.write("drop/a.jsonl", &one);
    let error = place.batch().run(&mut |_| ()).unwrap_err().to_string();
    assert!(error.contains("one account's") && error.contains("allow_single_author"), "{error}");
    assert!(place.rows().is_empty());
    place.write("nightly.toml", &format!("{CONFIG}{INPUT}allow_single_author = 'report 17 of 3 May'\n"));
    assert_eq!(place.run().0["single_author_allowed"][0]["reason"], "report 17 of 3 May");
}

#[test]
fn two_runs_at_once_are_refused() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 3));
    fs::create_dir(place.path("state")).unwrap();
    let lock = fs::File::create(place.path("state/lock")).unwrap();
    lock.lock().unwrap();
    assert!(place.batch().run(&mut |_| ()).unwrap_err().to_string().contains("another run of this batch is under way"));
    drop(lock);
    place.run();
}

#[test]
fn no_name_id_or_text_stands_in_state_manifest_and_log_and_no_name_in_outputs() {
    let place = Place::new("");
    let post = |n| row(n, "budi_santoso", CALL).replace("Bu Melati", "Bu Melati kata @wati_h 0812-3456-7890");
    place.write("drop/a.jsonl", &(0..9).map(post).collect::<String>());
    let (_, items) = place.run();
    let mut files: Vec<PathBuf> = ["state/state.sqlite", "state/audit.jsonl"].map(|name| place.path(name)).into();
    let (mut kept, mut public) = (Vec::new(), Vec::new());
    for name in ["manifest.json", "summary.json", "summary.csv", "drift.json"] {
        files.push(place.run_folder(1).join(name));
    }
    files.iter().for_each(|file| kept.extend(fs::read(file).unwrap()));
    for name in ["items.jsonl", "review.csv", "summary.html"] {
        public.extend(fs::read(place.run_folder(1).join(name)).unwrap());
    }
    let holds = |bytes: &[u8], words: &str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
    for person in ["budi_santoso", "wati_h", "0812-3456", "900003"] {
        assert!(!holds(&kept, person) && !holds(&public, person), "{person}");
    }
    assert!(!holds(&kept, "coblos paslon") && holds(&public, "coblos"));
    let page = fs::read_to_string(place.run_folder(1).join("summary.html")).unwrap();
    assert!(page.contains("coblos") && !page.contains(items[0]["post"]["author"].as_str().unwrap()), "the page shows an account");
}

#[test]
fn clear_identities_need_a_reason_that_the_manifest_keeps() {
    let place = Place::new("identities = 'clear'\nidentities_reason = 'public posts of office-holders, DPIA 3.2'");
    place.write("drop/a.jsonl", &feed(0, 3));
    let (manifest, items) = place.run();
    assert_eq!(manifest["identities"]["clear"], "public posts of office-holders, DPIA 3.2");
    assert_eq!(items[0]["post"]["author"], "akun_0");
}

#[test]
fn a_configuration_that_leaves_something_out_is_refused_with_a_remedy() {
    let place = Place::new("");
    let refuse = |text: &str| {
        place.write("nightly.toml", text);
        Batch::read(&place.path("nightly.toml")).err().map(|e: Error| e.to_string()).unwrap_or_default()
    };
    let whole = format!("{CONFIG}{INPUT}");
    for (text, words) in [
        (whole.replace("DPIA-1", " "), "dpia-template.md"),
        (format!("identities = 'clear'\n{whole}"), "identities_reason"),
        (format!("{whole}allow_single_author = ''\n"), "say why"),
        (CONFIG.to_owned(), "missing field `input`"),
        (format!("{whole}colour = 'red'\n"), "nightly.toml:9: "),
    ] {
        let error = refuse(&text);
        assert!(error.contains(words), "{error} does not say {words}");
    }
    assert_eq!(refuse(&whole), "");
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_goes_on() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &(feed(0, 3) + "{broken\n"));
    place.write("drop/b.bin", "%PDF-1.7 nothing to read");
    place.write("drop/c.jsonl.partial", &feed(3, 6));
    let done = place.batch().run(&mut |_| ()).unwrap();
    assert!(done.has_errors && done.counts.read == 4 && done.counts.error == 1);
    assert!(done.warnings.iter().any(|w| w.contains("b.bin") && w.contains("a PDF")), "{:?}", done.warnings);
    let items = fs::read_to_string(done.folder.join("items.jsonl")).unwrap();
    assert!(items.contains("\"status\":\"error\"") && items.contains("\"line\":4"));
    // The bad row is not told again when the file grows.
    place.write("drop/a.jsonl", &(feed(0, 3) + "{broken\n" + &feed(6, 7)));
    assert_eq!(place.batch().run(&mut |_| ()).unwrap().counts.error, 0);
}

#[test]
fn roster_and_rules_name_references_and_what_they_hang_on() {
    let place = Place::new("roster = 'roster.csv'\nrules = ['id-skb-2022']");
    place.write("roster.csv", "account,agency,role,jurisdiction\nakun_0,Dinas Contoh,asn,ID/Banten\nakun_3,Dinas Contoh,elected_official,ID\n");
    place.write("drop/a.jsonl", &feed(0, 9));
    let (manifest, items) = place.run();
    assert_eq!(manifest["rules"][0]["id"], "id-skb-2022");
    let of = |n: usize| &items[n];
    assert_eq!((of(0)["agency"].as_str(), of(0)["phase"].as_str(), of(0)["week"].as_str()), (Some("Dinas Contoh"), Some("campaign"), Some("2024-W03")));
    let rules = |n: usize| of(n)["netral"]["rules"].as_array().unwrap().clone();
    assert!(!rules(0).is_empty() && rules(0).iter().all(|rule| rule["depends_on"].as_array().unwrap().is_empty()), "{:?}", rules(0));
    assert!(rules(1).is_empty(), "the rule does not reach that role");
    assert!(rules(2).iter().all(|rule| rule["depends_on"].as_array().unwrap().contains(&"role".into())));
    let missing = |n: usize| of(n)["netral"]["missing"].to_string();
    assert_eq!((missing(0).as_str(), missing(2).as_str()), ("[\"capacity\"]", "[\"role\",\"capacity\",\"phase\"]"));
}

#[test]
fn counts_under_ten_are_left_out_of_the_summary_and_people_out_of_all_of_it() {
    let place = Place::new("roster = 'roster.csv'");
    let roster: Vec<String> = (0..40).map(|n| format!("akun_{n},{},asn,ID\n", if n < 3 { "Kecil" } else { "Besar" })).collect();
    place.write("roster.csv", &format!("account,agency,role,jurisdiction\n{}", roster.concat()));
    place.write("drop/a.jsonl", &feed(0, 120));
    place.run();
    let csv = fs::read_to_string(place.run_folder(1).join("summary.csv")).unwrap();
    assert!(csv.contains("agency,Kecil,<10\n") && csv.contains("agency,Besar,held back\n"), "the total would tell the small count: {csv}");
    assert!(!csv.contains("week of Besar,2024-W03,37"), "{csv}");
    assert!(csv.contains("phase,campaign,40\n") && csv.contains("week,2024-W03,40\n"), "{csv}");
    assert!(!csv.contains("akun") && !csv.contains("u_"));
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let place = Place::new("");
    let texts = [
        "<script>alert(1)</script> coblos nomor 2 menangkan Bu Melati",
        "\"><img src=x onerror=alert(1)> ayo semua coblos paslon nomor 2, menangkan Bu Melati, pilih nomor 2",
        "{{items}} </article></main> coblos nomor 2 menangkan Bu Melati \u{202e}",
        "=HYPERLINK(\"http://x\") coblos nomor 2 menangkan Bu Melati",
        "\u{1b}[31m jangan lupa coblos nomor 2 ya, menangkan Bu Melati",
    ];
    place.write("drop/a.jsonl", &texts.iter().enumerate().map(|(n, text)| row(n, "<b>x</b>", text)).collect::<String>());
    assert_eq!(place.run().1.len(), texts.len());
    let page = fs::read_to_string(place.run_folder(1).join("summary.html")).unwrap();
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<article").count(), texts.len());
    for act in ["<img", "<script>alert", "{{count}}", "\u{202e}", "\u{1b}", "http://"] {
        assert!(!page.contains(act), "{act:?} stands on the page");
    }
    assert!(page.contains("&lt;") && page.contains("bukan putusan"));
    let sheet = fs::read_to_string(place.run_folder(1).join("review.csv")).unwrap();
    assert!(sheet.contains("\"'=HYPERLINK"), "{sheet}");
}

/// Fills in the last columns of a line of the review file.
fn fill(place: &Place, line: usize, last: &str) -> PathBuf {
    let path = place.run_folder(1).join("review.csv");
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.lines().enumerate().map(|(n, l)| if n == line { l.strip_suffix(",,,,,").unwrap().to_owned() + last } else { l.to_owned() });
    fs::write(&path, lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    path
}

#[test]
fn reviews_come_back_overturned_items_become_drafts_and_kept_ones_outlive_the_purge() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 12));
    let (_, items) = place.run();
    fill(&place, 1, ",Rina,Tono,,not_partisan,an appeal is open");
    fill(&place, 2, ",Rina,,,not_partisan,");
    let path = fill(&place, 3, ",Rina,Tono,said so,partisan,");
    let said = place.batch().take_reviews(&path).unwrap();
    assert!(said.starts_with("took 3 items: 1 partisan, 2 not partisan, 0 unclear, 1 kept; 1 new in "), "{said}");
    assert!(place.batch().take_reviews(&path).unwrap().contains("; 0 new in "));
    let draft = fs::read_to_string(place.path("runs/quality-draft.tsv")).unwrap();
    assert_eq!(draft.lines().count(), 2);
    assert!(draft.contains(items[0]["item"].as_str().unwrap()) && draft.contains("coblos paslon"));
    let (_, _) = place.run();
    let drift = fs::read_to_string(place.run_folder(2).join("drift.json")).unwrap();
    assert!(drift.contains("\"reviewed\": [\n    3,"), "{drift}");

    assert_eq!(place.batch().on("2026-12-22").unwrap().purge().unwrap(), "nothing is due");
    let said = place.batch().on("2026-12-23").unwrap().purge().unwrap();
    assert!(said.contains("removed 3 items, summary.html and review.csv; 1 items are kept"), "{said}");
    let left = fs::read_to_string(place.run_folder(1).join("items.jsonl")).unwrap();
    assert_eq!(left.lines().count(), 1);
    assert!(left.contains(items[0]["item"].as_str().unwrap()) && place.run_folder(1).join("summary.csv").exists());
    assert!(!place.rows().is_empty());
    let said = place.batch().on("2028-01-01").unwrap().purge().unwrap();
    assert!(said.contains("removed 12 row hashes"), "{said}");
    assert!(place.rows().is_empty());
    assert!(place.batch().verify().is_ok());
}

#[test]
fn a_review_file_with_a_fault_is_refused_whole() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 6));
    place.run();
    for (last, words) in [(",Rina,,,guilty,", "`guilty` is none"), (",,,,partisan,", "without a reviewer")] {
        let path = fill(&place, 2, last);
        let error = place.batch().take_reviews(&path).unwrap_err();
        assert_eq!(error.line_number(), Some(3));
        assert!(error.to_string().contains(words), "{error}");
        let text = fs::read_to_string(&path).unwrap().replace(last, ",,,,,");
        fs::write(&path, text).unwrap();
    }
    let path = fill(&place, 2, ",Rina,,,partisan,");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace(",0001-", ",0002-")).unwrap();
    let error = place.batch().take_reviews(&path).unwrap_err().to_string();
    assert!(error.contains("not one of this batch"), "{error}");
}

#[test]
fn the_audit_log_tells_what_was_changed() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 3));
    place.run();
    place.run();
    let verify = || place.batch().verify().map_err(|e| e.to_string());
    assert_eq!(verify().unwrap(), "2 lines and 2 runs hold");
    let (log, manifest) = (place.path("state/audit.jsonl"), place.run_folder(1).join("manifest.json"));
    let (lines, facts) = (fs::read_to_string(&log).unwrap(), fs::read_to_string(&manifest).unwrap());
    fs::write(&manifest, facts.replace("DPIA-1", "DPIA-2")).unwrap();
    assert!(verify().unwrap_err().contains("was changed"));
    fs::write(&manifest, &facts).unwrap();
    fs::write(&log, lines.split_inclusive('\n').next().unwrap()).unwrap();
    assert!(verify().unwrap_err().contains("does not have the 2 lines"));
    fs::write(&log, lines.replacen("\"read\":3", "\"read\":2", 1)).unwrap();
    assert!(verify().unwrap_err().contains("the line was changed"));
    fs::write(&log, lines).unwrap();
    let summary = place.run_folder(1).join("summary.csv");
    fs::write(&summary, fs::read_to_string(&summary).unwrap() + "agency,x,10\n").unwrap();
    assert!(verify().unwrap_err().contains("summary.csv of run 0001-2026-11-22 was changed"));
}

#[test]
fn an_estimate_keeps_no_row_and_its_interval_holds_the_share() {
    let place = Place::new("");
    place.write("drop/a.jsonl", &feed(0, 3000));
    let of = |seed: &str| {
        let run =
            Command::new(env!("CARGO_BIN_EXE_netral")).args(["estimate", "--sample", "400", "--json", "--seed", seed]).arg(place.path("drop/a.jsonl")).output();
        let out = run.unwrap().stdout;
        assert!(!String::from_utf8_lossy(&out).contains("coblos") && !String::from_utf8_lossy(&out).contains("akun"));
        serde_json::from_slice::<Value>(&out).unwrap()
    };
    let one = of("1");
    assert_eq!((one["rows"].as_u64(), one["sample"].as_u64()), (Some(3000), Some(400)));
    let share = &one["flagged"][1][1];
    assert!(share["low"].as_f64() < Some(1.0 / 3.0) && share["high"].as_f64() > Some(1.0 / 3.0), "{share}");
    assert_eq!(one, of("1"));
    assert_ne!(one, of("2"));
}

#[test]
fn every_command_of_the_page_on_nightly_runs_works_where_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &Path, to: &Path| fs::copy(from, to).map(|_| ()).unwrap();
    fs::create_dir(folder.path().join("drop")).unwrap();
    for name in ["nightly.toml", "roster.csv", "drop/2026-11-01.csv"] {
        copy(&Path::new("docs/nightly").join(name), &folder.path().join(name));
    }
    let page = fs::read_to_string("docs/nightly.md").unwrap();
    let blocks: Vec<&str> = page.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 8);
    let bin = Path::new(env!("CARGO_BIN_EXE_netral")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    for block in &blocks {
        let run = Command::new("bash").args(["-euc", block]).current_dir(folder.path()).env("PATH", &path).output().unwrap();
        assert!(run.status.success(), "{block}\n{}", String::from_utf8_lossy(&run.stderr));
    }
    let summary = fs::read_to_string(fs::read_dir(folder.path().join("runs")).unwrap().map(|f| f.unwrap().path()).min().unwrap().join("summary.csv")).unwrap();
    assert!(summary.starts_with("by,label,items\n") && summary.contains("agency,"), "{summary}");
}

//! The corpus and the quality list are what the datasheet says, and never meet.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use netral::{Corpus, Gold, Packs, Recipe};
use serde_json::Value;

fn corpus() -> Vec<Value> {
    let files = ["corpus/id.jsonl", "corpus/en.jsonl", "corpus/xx.jsonl"];
    files.iter().flat_map(|f| std::fs::read_to_string(f).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect::<Vec<Value>>()).collect()
}

fn quality() -> Vec<Vec<String>> {
    std::fs::read_to_string("corpus/quality.tsv").unwrap().lines().skip(1).map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn the_check_finds_no_fault_and_the_datasheet_holds_its_tables() {
    let tests = ["direction", "invariance", "minimal", "protected-en", "protected-id"].map(|name| format!("corpus/behaviour/{name}.toml"));
    let against: Vec<PathBuf> = tests.iter().map(String::as_str).chain(["corpus/quality.tsv"]).map(PathBuf::from).collect();
    let check = Corpus::check(Path::new("corpus"), &Packs::national(), &against).unwrap();
    assert!(check.faults.is_empty(), "{:#?}", check.faults);
    let sheet = std::fs::read_to_string("corpus/DATASHEET.md").unwrap();
    assert!(
        sheet.contains(&check.to_string()),
        "re-make the tables: netral corpus check corpus --against corpus/quality.tsv --into corpus/DATASHEET.md --name check"
    );
}

#[test]
fn every_label_has_its_rows_in_both_languages() {
    let rows = corpus();
    assert!(rows.len() >= 12_000);
    for lang in ["id", "en"] {
        let own: Vec<&Value> = rows.iter().filter(|r| r["lang"] == lang).collect();
        let count = |is: &dyn Fn(&Value) -> bool| own.iter().filter(|r| is(r)).count();
        assert!(own.len() >= 5000);
        for context in ["campaign", "opinion", "news", "official", "voter_info", "neutrality", "everyday", "other"] {
            assert!(count(&|r| r["context"] == context) >= 200, "{lang} {context}");
        }
        for signal in ["support", "attack", "vote_appeal", "mobilise", "material", "fundraise", "office", "pressure", "symbol"] {
            let least = if ["fundraise", "office", "pressure", "symbol"].contains(&signal) { 200 } else { 300 };
            assert!(count(&|r| r["signals"].as_array().unwrap().iter().any(|s| s == signal)) >= least, "{lang} {signal}");
        }
        for kind in 1..=15 {
            let found = count(&|r| r["kind"] == format!("N{kind}"));
            assert!(found >= 200, "{lang} N{kind}: {found}");
        }
        let named =
            |label: bool| count(&|r| r["partisan"] == label && ["{cand", "{party", "{ticket"].iter().any(|s| r["text"].as_str().unwrap().contains(s))) as f64;
        assert!((0.7..1.4).contains(&(named(true) / named(false))), "{lang}: contenders are named in {} partisan and {} other rows", named(true), named(false));
    }
}

/// Words of the campaign that also have an everyday reading, and names that do; these are counted after the slots are filled.
#[test]
fn words_of_two_readings_stand_on_both_sides_of_the_label() {
    let readings = |file: &str, words: &[&str]| {
        let gold = Gold::read(Path::new(file)).unwrap();
        let posts: Vec<_> = gold.labels().into_iter().zip(gold.posts()).collect();
        for word in words {
            let named = word.starts_with(char::is_uppercase);
            let holds = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|w| if named { w == *word } else { w.to_lowercase().starts_with(word) });
            for label in [true, false] {
                let found = posts.iter().filter(|(l, p)| *l == Some(label) && holds(&p.text)).count();
                assert!(found >= 20, "`{word}` stands in {found} rows that are {}partisan", if label { "" } else { "not " });
            }
        }
    };
    readings("corpus/id.jsonl", &["pilih", "calon", "nomor", "dukung", "menang", "relawan", "kampanye", "suara", "partai", "kader", "PKS"]);
    readings("corpus/en.jsonl", &["candidate", "campaign", "vote", "run", "party", "ticket", "poll", "Labour", "Green"]);
}

#[test]
fn the_quality_list_has_every_signal_in_both_languages() {
    let list = quality();
    assert!(list.len() >= 300 && list.iter().all(|r| r.len() == 7));
    for lang in ["id", "en"] {
        for signal in ["office", "pressure", "fundraise", "symbol", "mobilise"] {
            let count = list.iter().filter(|r| r[1] == lang && r[3].split(',').any(|s| s == signal)).count();
            assert!(count >= 12, "{count} rows on {signal} in {lang}");
        }
    }
    assert!(list.iter().filter(|r| r[5].contains("link")).count() >= 30);
}

/// Halves of a minimal pair may agree on the label where they pair something else, but most must not.
#[test]
fn minimal_pairs_have_unlike_labels() {
    let mut pairs: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in corpus() {
        if let Some(pair) = row["pair"].as_str().filter(|p| !p.is_empty()) {
            pairs.entry(pair.to_owned()).or_default().push(row["partisan"].clone());
        }
    }
    let unlike = pairs.values().filter(|labels| labels.iter().collect::<HashSet<_>>().len() > 1).count();
    assert!(pairs.len() > 1000 && unlike as f64 > 0.95 * pairs.len() as f64, "{unlike} of {}", pairs.len());
}

#[test]
fn cross_validation_doubts_wrong_labels_far_more_often_than_right_ones() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("corpus/names.toml", folder.path().join("names.toml")).unwrap();
    let (mut campaigns, mut flipped) = (0, HashSet::new());
    let rows = corpus().into_iter().take(3000).map(|mut row| {
        if row["partisan"] == true && row["context"] == "campaign" {
            campaigns += 1;
            if campaigns % 40 == 0 {
                row["partisan"] = Value::from(false);
                row["signals"] = serde_json::json!([]);
                flipped.insert(row["id"].as_str().unwrap().to_owned());
            }
        }
        format!("{row}\n")
    });
    let rows: Vec<String> = rows.collect();
    let file = folder.path().join("rows.jsonl");
    std::fs::write(&file, rows.concat()).unwrap();
    let corpus = Corpus::read(&file).unwrap();
    let doubts = corpus.cross_validate(&Recipe::default(), &Packs::national(), "both", &mut |_| ()).unwrap().doubts();
    let doubted: Vec<Value> = doubts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let wrong = doubted.iter().filter(|row| flipped.contains(row["id"].as_str().unwrap())).count();
    let share = |part: usize, all: usize| part as f64 / all as f64;
    let (of_wrong, of_others) = (share(wrong, flipped.len()), share(doubted.len() - wrong, rows.len() - flipped.len()));
    assert!(of_wrong >= 8.0 * of_others && of_others < 0.05, "{of_wrong} {of_others}");
}

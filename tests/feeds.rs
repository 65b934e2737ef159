//! Exports as people have them: for each file in `tests/feeds`, the posts that are in it, written down by somebody who knew the
//! format and not the reader.

use std::collections::BTreeMap;
use std::path::PathBuf;

use netral::{Feed, Model, Options, Output, Packs, Post, Scorer};
use serde_json::Value;

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
    let scorer = Scorer::new(Model::default(), Packs::national());
    for file in files() {
        let expected = std::fs::read_to_string(format!("{}.posts", file.display())).unwrap();
        let expected: Vec<Value> = expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let feed = Feed::open(&file, &Options::default()).unwrap();
        let mut out = Vec::new();
        let output = Output::to(&mut out).rows(&feed);
        let counts = scorer.score_feed(feed, output, &mut |_, _| Ok(())).unwrap();
        let with = |status: &str| expected.iter().filter(|row| row["status"] == status).count() as u64;
        assert_eq!((counts.read, counts.error), (expected.len() as u64, with("error")), "{}", file.display());
        if out.starts_with(b"{") {
            assert_eq!(out.iter().filter(|b| **b == b'\n').count(), expected.len(), "{}", file.display());
        }
    }
}

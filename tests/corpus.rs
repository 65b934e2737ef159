//! The corpus and the quality list are what the datasheet says, and never meet.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

fn corpus() -> Vec<Value> {
    let files = ["corpus/id.jsonl", "corpus/en.jsonl", "corpus/xx.jsonl"];
    files.iter().flat_map(|f| std::fs::read_to_string(f).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect::<Vec<Value>>()).collect()
}

fn quality() -> Vec<Vec<String>> {
    std::fs::read_to_string("corpus/quality.tsv").unwrap().lines().skip(1).map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

/// Runs of eight words, in lower case.
fn runs(text: &str) -> HashSet<Vec<String>> {
    let words: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    words.windows(8).map(<[String]>::to_vec).collect()
}

#[test]
fn every_row_has_its_own_id_and_text_and_both_languages_have_their_half() {
    let rows = corpus();
    for column in ["id", "text"] {
        let distinct: HashSet<&str> = rows.iter().map(|r| r[column].as_str().unwrap()).collect();
        assert_eq!(distinct.len(), rows.len(), "a {column} twice");
    }
    for lang in ["id", "en"] {
        let own: Vec<&Value> = rows.iter().filter(|r| r["lang"] == lang).collect();
        assert!(own.len() > 4500);
        for context in ["campaign", "opinion", "news", "official", "voter_info", "neutrality", "everyday", "other"] {
            assert!(own.iter().filter(|r| r["context"] == context).count() >= 100, "{lang} {context}");
        }
        for signal in ["support", "attack", "vote_appeal", "mobilise", "material", "fundraise", "office", "pressure", "symbol"] {
            assert!(own.iter().filter(|r| r["signals"].as_array().unwrap().iter().any(|s| s == signal)).count() >= 100, "{lang} {signal}");
        }
        let named = |label: bool| {
            own.iter().filter(|r| r["partisan"] == label && ["{cand", "{party", "{ticket"].iter().any(|s| r["text"].as_str().unwrap().contains(s))).count()
                as f64
        };
        assert!((0.7..1.4).contains(&(named(true) / named(false))), "{lang}: contenders are named in {} partisan and {} other rows", named(true), named(false));
    }
}

#[test]
fn the_quality_list_is_complete_and_no_row_of_it_is_in_the_corpus() {
    let list = quality();
    assert!(list.len() >= 300 && list.iter().all(|r| r.len() == 7));
    for lang in ["id", "en"] {
        for signal in ["office", "pressure", "fundraise", "symbol", "mobilise"] {
            let count = list.iter().filter(|r| r[1] == lang && r[3].split(',').any(|s| s == signal)).count();
            assert!(count >= 12, "{count} rows on {signal} in {lang}");
        }
    }
    assert!(list.iter().filter(|r| r[5].contains("link")).count() >= 30);
    let mut seen: HashMap<Vec<String>, String> = HashMap::new();
    for row in corpus() {
        for run in runs(row["text"].as_str().unwrap()) {
            seen.insert(run, row["id"].to_string());
        }
    }
    for row in &list {
        for run in runs(&row[6]) {
            assert!(!seen.contains_key(&run), "{} shares words with {}: {}", row[0], seen[&run], run.join(" "));
        }
    }
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

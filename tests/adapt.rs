//! Adapting the shipped model: labels that say something else are learnt, labels that say the same change nothing.

use std::collections::BTreeMap;
use std::path::Path;

use netral::{Corpus, Gold, Model, Packs, Scorer, Suite};
use serde_json::Value;

/// Public affairs as four writers of the corpus see them, group by group in an order of the seed: 200 rows to learn from, and the rest. Where
/// labels are `shifted`, criticism and praise of policies (kind N4) count as partisan.
fn split(seed: u64, shifted: bool) -> (Vec<Value>, Vec<Value>) {
    let rows = std::fs::read_to_string("corpus/en.jsonl").unwrap();
    let mut groups: BTreeMap<(u64, String), Vec<Value>> = BTreeMap::new();
    for line in rows.lines() {
        let mut row: Value = serde_json::from_str(line).unwrap();
        let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let affairs = ["opinion", "campaign", "news", "official"].contains(&word("context").as_str());
        if !["en-p", "en-g", "en-s", "en-t"].contains(&word("writer").as_str()) || !affairs || row["partisan"].is_null() {
            continue;
        }
        let group = format!("{}/{}", word("writer"), word("theme"));
        let place = group.bytes().fold(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15), |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3));
        let policy = word("kind") == "N4";
        row.as_object_mut().unwrap().remove("kind");
        if shifted && policy {
            row["partisan"] = Value::from(true);
        }
        groups.entry((place, group)).or_default().push(row);
    }
    let mut rows: Vec<Value> = groups.into_values().flatten().collect();
    let rest = rows.split_off(200);
    (rows, rest)
}

fn write(folder: &Path, name: &str, rows: &[Value]) -> std::path::PathBuf {
    std::fs::copy("corpus/names.toml", folder.join("names.toml")).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, rows.iter().map(|row| format!("{row}\n")).collect::<Vec<_>>().concat()).unwrap();
    path
}

/// F1 on the rest before and after, and the adapted model.
fn adapted(seed: u64, shifted: bool) -> (f64, f64, Model) {
    let folder = tempfile::tempdir().unwrap();
    let (own, rest) = split(seed, shifted);
    let corpus = Corpus::read(&write(folder.path(), "own.jsonl", &own)).unwrap();
    let gold = Gold::read(&write(folder.path(), "rest.jsonl", &rest)).unwrap();
    let (model, evaluation) = Model::default().adapt(&corpus, &Packs::national(), &mut |_| ()).unwrap();
    let evaluation = serde_json::to_value(&evaluation).unwrap();
    assert_eq!((&evaluation["systems"][0]["name"], &evaluation["systems"][1]["name"]), (&Value::from("adapted"), &Value::from("base")));
    let f1 = |model: &Model| {
        let scores = Scorer::new(model.clone(), Packs::national()).without_evidence().score_batch(&gold.posts());
        let count = |label: bool, found: bool| {
            let counted = |(own, score): &(Option<bool>, &netral::Score)| *own == Some(label) && (score.partisan >= Some(0.5)) == found;
            gold.labels().into_iter().zip(&scores).filter(counted).count() as f64
        };
        2.0 * count(true, true) / (2.0 * count(true, true) + count(true, false) + count(false, true))
    };
    (f1(&Model::default()), f1(&model), model)
}

#[test]
fn two_hundred_labels_that_say_something_else_are_learnt() {
    let gains: Vec<f64> = (1..=10).map(|seed| adapted(seed, true)).map(|(before, after, _)| after - before).collect();
    assert!(gains.iter().filter(|gain| **gain >= 0.05).count() >= 9, "{gains:?}");
}

#[test]
fn two_hundred_labels_that_say_the_same_wreck_nothing() {
    let passed = |model: Model| {
        let outcome = Suite::read(Path::new("corpus/behaviour")).unwrap().run(Some(&Scorer::new(model, Packs::national()).without_evidence()));
        let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for test in serde_json::to_value(outcome).unwrap()["tests"].as_array().unwrap() {
            let sum = sums.entry(test["name"].to_string()).or_default();
            *sum = (sum.0 + test["passed"][0]["passed"].as_f64().unwrap(), sum.1 + test["passed"][0]["cases"].as_f64().unwrap());
        }
        sums.into_iter().map(|(name, (passed, cases))| (name, passed / cases)).collect::<BTreeMap<_, _>>()
    };
    let base = passed(Model::default());
    for seed in 1..=4 {
        let (before, after, model) = adapted(seed, false);
        assert!(after >= before - 0.01, "seed {seed}: {before} {after}");
        for (name, rate) in passed(model) {
            assert!(rate >= base[&name] - 0.02, "seed {seed}, {name}: {} {rate}", base[&name]);
        }
    }
}

#[test]
fn an_adapted_model_is_an_artefact_that_names_its_base_and_few_labels_are_refused() {
    let (_, _, model) = adapted(1, true);
    let text = model.to_text();
    let header: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    assert!(Model::default().to_text().ends_with(&format!("end {}\n", header["base"].as_str().unwrap())));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("few.jsonl");
    std::fs::write(&file, "{\"text\":\"vote for the hall\",\"partisan\":false}\n".repeat(5)).unwrap();
    let error = Model::default().adapt(&Corpus::read(&file).unwrap(), &Packs::national(), &mut |_| ()).unwrap_err().to_string();
    assert!(error.contains("5 labelled rows are too few"), "{error}");
}

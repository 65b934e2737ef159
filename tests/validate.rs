//! Cross-validation in all its forms knows nothing of the rows that it is tested on.

use std::path::PathBuf;

use netral::{Corpus, Packs, Recipe};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Posts of five days in each of three months. A partisan one says `ally`, any other `tea`; the last month it is the other way round.
fn rows() -> Vec<Value> {
    let filler = ["rain", "river", "market", "school", "music", "bread", "garden"];
    let row = |n: usize| {
        let (month, partisan) = (1 + n / 40, n.is_multiple_of(3));
        let word = if partisan == (month < 3) { "ally" } else { "tea" };
        json!({
            "id": format!("r{n}"),
            "text": format!("{} {word} {} and {}", filler[n % 7], filler[n * n % 5], filler[n * 3 % 7]),
            "lang": if n.is_multiple_of(2) { "en" } else { "id" },
            "partisan": partisan,
            "writer": format!("w{}", n % 11),
            "time": format!("2024-{month:02}-{:02}T08:00:00+07:00", 1 + n % 5),
        })
    };
    (0..120).map(row).collect()
}

/// Rows of which every fourth has the label of the other kind, so that no recipe is perfect.
fn noisy() -> Vec<Value> {
    let mut rows = rows();
    rows.truncate(80);
    rows.iter_mut().step_by(4).for_each(|row| row["partisan"] = json!(row["partisan"] == false));
    rows
}

fn write(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect::<Vec<_>>().concat()
}

fn corpus(rows: &[Value]) -> Corpus {
    let folder = tempfile::tempdir().unwrap();
    Corpus::read(&write(&folder, "rows.jsonl", &lines(rows))).unwrap()
}

fn recipe() -> Recipe {
    Recipe { folds: 2, tokens: 300, feature_rows: 1, ..Recipe::default() }
}

fn validated(rows: &[Value], group: &str) -> Value {
    serde_json::to_value(corpus(rows).cross_validate(&recipe(), &Packs::none(), group, &mut |_| ()).unwrap()).unwrap()
}

/// The figures of a slice by its name.
fn slice(evaluation: &Value, name: &str) -> Value {
    let slices = evaluation["systems"][0]["slices"].as_array().unwrap();
    slices.iter().find(|slice| slice["name"] == name).unwrap_or_else(|| panic!("no slice {name}")).clone()
}

#[test]
fn forward_in_time_a_change_of_meaning_is_met_unprepared() {
    let auc = |group: &str, month: &str| slice(&validated(&rows(), group), month)["figures"]["AUC"]["value"].as_f64().unwrap();
    assert_eq!((auc("time", "time=2024-02"), auc("time", "time=2024-03")), (1.0, 0.0));
    // Held out by writer, both meanings are learnt from.
    assert!(auc("writer", "time=2024-03") > 0.0 && auc("writer", "time=2024-02") < 1.0);
    let tested = validated(&rows(), "time");
    assert!(tested["systems"][0]["slices"].as_array().unwrap().iter().all(|slice| slice["name"] != "time=2024-01"));
}

#[test]
fn forward_in_time_the_future_changes_nothing() {
    let mut other = rows();
    for row in &mut other[80..] {
        row["text"] = json!(format!("{} altogether otherwise, ally ally rain", row["text"].as_str().unwrap()));
        row["partisan"] = json!(row["partisan"] == false);
    }
    let (before, after) = (validated(&rows(), "time"), validated(&other, "time"));
    assert_eq!(slice(&before, "time=2024-02"), slice(&after, "time=2024-02"));
    assert_ne!(slice(&before, "time=2024-03"), slice(&after, "time=2024-03"));
}

#[test]
fn the_last_row_of_a_learning_curve_is_the_cross_validation() {
    for group in ["writer", "time"] {
        let curve = corpus(&noisy()).learning_curve(&recipe(), &Packs::none(), group, &mut |_| ()).unwrap();
        let points = serde_json::to_value(&curve).unwrap()["points"].as_array().unwrap().clone();
        let whole = validated(&noisy(), group);
        let last = points.last().unwrap();
        assert_eq!(last["slices"].as_array().unwrap().len(), 3);
        last["slices"].as_array().unwrap().iter().for_each(|own| assert_eq!(*own, slice(&whole, own["name"].as_str().unwrap())));
        let learnt: Vec<f64> = points.iter().map(|point| point["learnt"].as_f64().unwrap()).collect();
        assert!(learnt.is_sorted() && learnt[0] < 10.0 && learnt[4] >= 40.0, "{learnt:?}");
        let tested: Vec<&Value> = points.iter().map(|point| &point["slices"][0]["rows"]).filter(|rows| !rows.is_null()).collect();
        assert!(tested.len() > 1 && tested.iter().all(|rows| **rows == last["slices"][0]["rows"]), "{tested:?}");
        let shown = curve.to_string();
        assert!(["all: ", "lang=en: ", "lang=id: ", "| 1/16 ", "too few rows"].iter().all(|part| shown.contains(part)), "{shown}");
    }
}

#[test]
fn rows_that_cannot_be_held_out_are_refused_with_a_remedy() {
    let refused = |rows: &[Value], group: &str| corpus(rows).cross_validate(&recipe(), &Packs::none(), group, &mut |_| ()).unwrap_err().to_string();
    let changed = |change: &dyn Fn(usize, &mut Value)| {
        let mut rows = rows();
        rows.iter_mut().enumerate().for_each(|(n, row)| change(n, row));
        rows
    };
    let few = changed(&|n, row| {
        if n > 100 {
            row["time"] = json!(["soon", ""][n % 2]);
        }
    });
    assert!(refused(&few, "time").contains("19 of 120 rows have no `time` that can be read, the first of them r101 (a time is 2024-02-14T08:00:00+07:00"));
    let late = changed(&|n, row| row["partisan"] = json!(n > 50));
    assert!(
        refused(&late, "time")
            .contains("0 partisan and 40 other rows before 2024-02-01T01:00:00Z are too few for 2 folds (add labelled rows, or lower `folds`")
    );
    let once = changed(&|_, row| {
        row["time"] = json!("2024-01-01");
        row["writer"] = json!("a");
    });
    assert!(refused(&once, "time").contains("all have one `time` (hold them out by another group"));
    assert!(refused(&once, "writer").contains("all have one `writer`"));
    assert!(refused(&rows(), "author").contains("no rows are held out by `author` (one of writer theme both time)"));
    assert!(corpus(&rows()).cross_validate(&Recipe { folds: 0, ..recipe() }, &Packs::none(), "both", &mut |_| ()).is_err());
}

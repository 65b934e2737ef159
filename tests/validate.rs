//! Cross-validation in all its forms knows nothing of the rows that it is tested on, and sweeps go on where they stopped.

use std::path::PathBuf;

use assert_cmd::Command;
use netral::{Corpus, Packs, Recipe};
use predicates::prelude::*;
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

/// `netral train --cv` on a corpus of its own, in a folder.
fn train(folder: &TempDir, rows: &[Value], options: &[&str]) -> assert_cmd::assert::Assert {
    let (corpus, recipe) = (write(folder, "rows.jsonl", &lines(rows)), write(folder, "recipe.toml", "folds = 2\ntokens = 300\nfeature_rows = 1\n"));
    let mut command = Command::cargo_bin("netral").unwrap();
    command.current_dir(folder.path()).arg("train").arg("--corpus").arg(corpus).arg("--recipe").arg(recipe).args(["--packs", "none", "--cv"]);
    command.args(options).assert()
}

fn output(run: &assert_cmd::assert::Assert) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&run.get_output().stdout), text(&run.get_output().stderr))
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
fn a_sweep_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "grid.toml", "c = [0.1, 2.0]\n");
    let sweep = |rows: &[Value]| output(&train(&folder, rows, &["writer", "--sweep", "grid.toml", "--results", "found.jsonl"]).success());
    let found = folder.path().join("found.jsonl");
    let (table, said) = sweep(&noisy());
    assert!(said.contains("recipe 1 of 2: c = 0.1\n") && said.contains("recipe 2 of 2: c = 2.0\n"), "{said}");
    let whole = std::fs::read(&found).unwrap();
    assert_eq!(whole.iter().filter(|&&b| b == b'\n').count(), 2);
    let second = whole.iter().position(|&b| b == b'\n').unwrap() + 1;
    for end in [second, second + 1, second + 20, whole.len() - 1] {
        std::fs::write(&found, &whole[..end]).unwrap();
        let (again, said) = sweep(&noisy());
        assert!(said.contains("recipe 1 of 2: c = 0.1 (measured before)\n") && said.contains("recipe 2 of 2: c = 2.0\n"), "{end}: {said}");
        assert_eq!((std::fs::read(&found).unwrap(), again), (whole.clone(), table.clone()), "torn after {end} bytes");
    }
    let (again, said) = sweep(&noisy());
    assert_eq!((said.matches("(measured before)").count(), again), (2, table));
    // Figures of another corpus are other figures.
    assert!(!sweep(&noisy()[..70]).1.contains("measured before"));
    assert_eq!(std::fs::read(&found).unwrap()[..whole.len()], whole);
    // A recipe's figures in a sweep are those of its cross-validation.
    let first: Value = serde_json::from_slice(&whole[..second]).unwrap();
    let alone = corpus(&noisy()).cross_validate(&Recipe { c: 0.1, ..recipe() }, &Packs::none(), "writer", &mut |_| ()).unwrap();
    let alone = slice(&serde_json::to_value(alone).unwrap(), "all");
    assert_eq!((&first["recipe"]["c"], &first["group"]), (&json!(0.1), &json!("writer")));
    let figures = |slice: &Value| slice["figures"].as_object().unwrap().values().map(|figure| figure["value"].as_f64()).collect::<Vec<_>>();
    for (own, alone) in figures(&first["slices"][0]).into_iter().zip(figures(&alone)) {
        assert!(own == alone || (own.unwrap() - alone.unwrap()).abs() < 1e-12, "{own:?} {alone:?}");
    }
}

#[test]
fn the_table_of_a_sweep_is_sorted_and_names_what_varies() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "grid.toml", "c = [0.01, 0.3, 20]\ntokens = [150, 300]\nseed = [1]\n");
    for (by, column, rising) in [("auc", "AUC", true), ("recall_at_5", "recall at 5 % false alarms", true), ("log_loss", "log loss", false)] {
        let (table, _) = output(&train(&folder, &noisy(), &["writer", "--sweep", "grid.toml", "--results", "found.jsonl", "--by", by, "--quiet"]).success());
        let cells: Vec<Vec<&str>> = table.lines().filter(|line| line.starts_with("| ")).map(|line| line.split('|').map(str::trim).collect()).collect();
        assert_eq!((cells.len(), &cells[0][1..4]), (7, &["c", "tokens", "AUC"][..]), "{table}");
        let place = cells[0].iter().position(|name| *name == column).unwrap();
        let mut figures: Vec<f64> = cells[1..].iter().map(|row| row[place].split(' ').next().unwrap().parse().unwrap()).collect();
        if rising {
            figures.reverse();
        }
        assert!(figures.is_sorted() && figures[0] < figures[5], "{by}: {table}");
    }
}

#[test]
fn a_grid_that_is_no_grid_of_recipes_names_its_file_and_field() {
    let folder = tempfile::tempdir().unwrap();
    for (grid, faults) in [
        ("cc = [1.0]", ["grid.toml: `cc`", "unknown field"]),
        ("tokens = [4096, \"many\"]", ["grid.toml: `tokens`", "string \"many\""]),
        ("tokens = 4096", ["grid.toml: `tokens`", "write tokens = [first, second]"]),
        ("c = []", ["grid.toml: `c`", "no list of values"]),
        ("c_other = [1.0]", ["grid.toml: `c_other`", "leave it out"]),
        ("c = [", ["grid.toml: not TOML", "c = [0.5, 1.0]"]),
    ] {
        let error = Recipe::default().grid(&write(&folder, "grid.toml", grid)).unwrap_err().to_string();
        assert!(faults.iter().all(|fault| error.contains(fault)), "{grid}: {error}");
    }
}

#[test]
fn results_are_added_to_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "grid.toml", "c = [1.0]\n");
    for text in ["{\"id\":\"a\",\"text\":\"x\"}\n", "a note without an end of line", "{\"netral\":{\"partisan\":0.1}}\n", "{\"netral\":\"0.1.0\",\"cor\n"] {
        let other = write(&folder, "other.jsonl", text);
        train(&folder, &noisy(), &["writer", "--sweep", "grid.toml", "--results", "other.jsonl"])
            .code(1)
            .stderr(predicate::str::contains("other.jsonl:1: not a result of a sweep (remove the line, or name a new file)"));
        assert_eq!(std::fs::read_to_string(other).unwrap(), text);
    }
    train(&folder, &noisy(), &["writer", "--sweep", "grid.toml"]).code(2).stderr(predicate::str::contains("--results"));
    train(&folder, &noisy(), &["writer", "--sweep", "grid.toml", "--results", "new.jsonl", "--by", "luck"]).code(2).stderr(predicate::str::contains("best_f1"));
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

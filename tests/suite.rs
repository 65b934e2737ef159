//! The behaviour suite: what the shipped model must do, and what a suite must be.

use std::collections::HashMap;
use std::path::Path;

use netral::{Model, Packs, Scorer, Suite};
use serde_json::Value;

fn suite() -> Suite {
    Suite::read(Path::new("corpus/behaviour")).unwrap()
}

fn rates(outcome: &Value, by: impl Fn(&Value) -> String) -> HashMap<String, f64> {
    let mut sums: HashMap<String, (f64, f64)> = HashMap::new();
    for test in outcome["tests"].as_array().unwrap() {
        let sum = sums.entry(by(test)).or_default();
        sum.0 += test["passed"][0]["passed"].as_f64().unwrap();
        sum.1 += test["passed"][0]["cases"].as_f64().unwrap();
    }
    sums.into_iter().map(|(name, (passed, cases))| (name, passed / cases)).collect()
}

#[test]
fn the_shipped_model_behaves_and_the_catalogue_says_how() {
    let suite = suite();
    let (tests, cases) = suite.len();
    assert!(tests >= 60 && cases >= 3000, "{tests} tests, {cases} cases");
    let outcome = suite.run(Some(&Scorer::new(Model::default(), Packs::national())));
    let page = std::fs::read_to_string("models/README.md").unwrap();
    assert!(page.contains(outcome.to_string().trim_end()), "re-make it: netral suite --into models/README.md --name suite");
    let outcome = serde_json::to_value(&outcome).unwrap();
    let by_name = rates(&outcome, |test| test["name"].as_str().unwrap().to_owned());
    for (name, rate) in &by_name {
        if name.starts_with("other sides named") {
            assert!(*rate == 1.0, "{name}: {rate}");
        } else if name.starts_with("disguised") {
            assert!(*rate >= 0.92, "{name}: {rate}");
        }
    }
    assert!(by_name.keys().filter(|name| name.starts_with("disguised")).count() >= 9);
    let by_capability = rates(&outcome, |test| test["capability"].as_str().unwrap().to_owned());
    for (capability, least) in [("functionality", 0.80), ("protected", 0.85), ("invariance", 0.95), ("direction", 0.95), ("robustness", 0.95)] {
        assert!(by_capability[capability] >= least, "{capability}: {}", by_capability[capability]);
    }
}

#[test]
fn another_systems_predictions_are_judged_as_the_models_own() {
    let suite = suite();
    let scorer = Scorer::new(Model::default(), Packs::national()).without_evidence();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("said.jsonl");
    let said = suite.posts().iter().map(|post| serde_json::json!({"id": post.id, "p": scorer.score(post).partisan}).to_string()).collect::<Vec<_>>();
    std::fs::write(&file, said.join("\n")).unwrap();
    let outcome = serde_json::to_value(suite.with_predictions("same", &[file]).unwrap().run(Some(&scorer))).unwrap();
    assert_eq!(outcome["systems"], serde_json::json!(["netral", "same"]));
    assert!(outcome["tests"].as_array().unwrap().iter().all(|test| test["passed"][0] == test["passed"][1]));
}

#[test]
fn a_test_that_cannot_be_run_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("names.toml"), "").unwrap();
    let refused = |text: &str| {
        std::fs::write(folder.path().join("a.toml"), text).unwrap();
        Suite::read(folder.path()).unwrap_err().to_string()
    };
    assert!(refused("[[test]]\nname = \"x\"\nlang = \"id\"\nexpect = \"up\"\ncases = [\"one\"]\n").contains("needs pairs of texts"));
    assert!(refused("[[test]]\nname = \"x\"\nlang = \"id\"\nexpect = \"neutral\"\nkind = \"N99\"\ncases = [\"one\"]\n").contains("N1 to N15"));
    let broken = refused("[[test]]\nname = \"x\"\nlang = \"id\"\nexpect = \"sideways\"\ncases = []\n");
    assert!(broken.contains("a.toml:4:"), "{broken}");
    std::fs::remove_file(folder.path().join("a.toml")).unwrap();
    assert!(Suite::read(folder.path()).unwrap_err().to_string().contains("no behaviour tests"));
}

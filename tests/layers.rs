//! The architecture is what `lib.rs` says it is: imports run one way.

use std::collections::HashMap;

/// Every module of the library, lowest first; a module may use only those before it.
const ORDER: [&str; 40] = [
    "text",
    "error",
    "post",
    "link",
    "calibrate",
    "table",
    "token",
    "pack",
    "leader",
    "feed",
    "survey",
    "linear",
    "vocabulary",
    "subword",
    "mark",
    "lexicon",
    "attack",
    "corpus",
    "rule",
    "measure",
    "check",
    "encode",
    "model",
    "compact",
    "score",
    "train",
    "adapt",
    "pseudonym",
    "filled",
    "roster",
    "output",
    "pipeline",
    "queue",
    "estimate",
    "eval",
    "suite",
    "validate",
    "curve",
    "sweep",
    "batch",
];

#[test]
fn imports_run_one_way() {
    let place: HashMap<&str, usize> = ORDER.iter().enumerate().map(|(i, m)| (*m, i)).collect();
    let mut seen = 0;
    for file in walk("src") {
        let module = file.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default();
        let Some(&own) = place.get(module) else { continue };
        seen += 1;
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let other = place.get(used.as_str()).unwrap_or_else(|| panic!("{file} uses crate::{used}, which is not in ORDER"));
                assert!(*other < own || used == module, "{file} uses crate::{used}, which stands above it");
            }
        }
    }
    assert!(seen >= ORDER.len(), "only {seen} files of the library were found");
}

#[test]
fn the_binary_uses_the_public_face_alone() {
    for file in walk("src").into_iter().filter(|f| f.starts_with("src/cmd") || f == "src/main.rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("crate::"), "{file} reaches into the crate");
    }
}

#[test]
fn the_public_face_is_small() {
    let names: Vec<String> = std::fs::read_to_string("src/lib.rs")
        .unwrap()
        .lines()
        .filter(|l| l.starts_with("pub use"))
        .flat_map(|l| l.split(['{', '}', ',', ';']).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let names = names.iter().filter(|n| !n.trim().is_empty() && !n.trim_end().ends_with("::")).count();
    assert!(names <= 20, "{names} public names");
}

fn walk(folder: &str) -> Vec<String> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(walk(path.to_str().unwrap())) } else { out.push(path.to_str().unwrap().replace('\\', "/")) }
    }
    out.sort();
    out
}

//! The shipped artefact is what the repository makes, byte for byte, at any number of threads.

use std::path::Path;

use netral::{Corpus, Model, Packs, Recipe};

fn made(threads: usize) -> String {
    let corpus = Corpus::read(Path::new("corpus")).unwrap();
    let recipe = Recipe::read(Path::new("models/netral.toml")).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| Model::train(&corpus, &recipe, &Packs::national(), &mut |_| ()).unwrap().to_text())
}

fn assert_same(made: &str, other: &str, what: &str) {
    if made != other {
        let line = made.lines().zip(other.lines()).position(|(a, b)| a != b).unwrap_or_else(|| made.lines().count().min(other.lines().count()));
        let shown = |text: &str| text.lines().nth(line).unwrap_or("(nothing)").chars().take(200).collect::<String>();
        panic!("{what}: line {} differs\n made: {}\n file: {}", line + 1, shown(made), shown(other));
    }
}

#[test]
fn training_gives_the_shipped_artefact_at_one_two_and_four_threads() {
    let shipped = std::fs::read_to_string("models/netral.model").unwrap();
    std::thread::scope(|scope| {
        for threads in [1, 2, 4] {
            let what = format!("{threads} threads; re-make with: netral train --corpus corpus --recipe models/netral.toml -o models/netral.model");
            let shipped = &shipped;
            scope.spawn(move || assert_same(&made(threads), shipped, &what));
        }
    });
}

#[test]
fn the_embedded_model_is_the_one_in_the_repository() {
    let text = std::fs::read_to_string("models/netral.model").unwrap();
    assert_same(&Model::default().to_text(), &text, "the embedded model");
    assert!(text.len() <= 5 << 20, "the artefact has {} bytes", text.len());
    let features = text.lines().find_map(|l| l.strip_prefix("features ")).unwrap().parse::<usize>().unwrap();
    assert!(features <= 40_000, "{features} features");
}

#[test]
fn the_default_recipe_is_that_of_the_shipped_model() {
    assert_eq!(Recipe::read(Path::new("models/netral.toml")).unwrap(), Recipe::default());
}

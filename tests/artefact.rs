//! The artefact reader refuses whatever `train` did not write, and the catalogue says what the shipped artefact does.

use std::path::Path;

use netral::{Gold, Model, Packs, Scorer};

fn read(text: &str) -> Result<Model, netral::Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Model::read(file.path())
}

#[test]
fn an_artefact_survives_a_round_trip() {
    let text = std::fs::read_to_string("models/netral.model").unwrap();
    assert_eq!(read(&text).unwrap().to_text(), text);
}

#[test]
fn every_truncation_and_edit_is_refused() {
    let text = std::fs::read_to_string("models/netral.model").unwrap();
    // Cuts all over the file, and at the seams of its sections.
    let seams = ["words ", "tokenizer ", "features ", "end "].map(|s| text.find(&format!("\n{s}")).unwrap() + 1);
    let cuts = (0..25).map(|i| i * text.len() / 25).chain(seams).chain([text.len() - 1, text.len() - 2]);
    for cut in cuts.filter(|&c| text.is_char_boundary(c)) {
        assert!(read(&text[..cut]).is_err(), "cut at {cut}");
    }
    for (from, to) in [("netral-model 1", "netral-model 2"), ("\"grid\":", "\"grit\":"), ("\t5", "\t6"), ("\nwords ", "\n\nwords ")] {
        assert!(text.contains(from));
        assert!(read(&text.replacen(from, to, 1)).is_err(), "{from} -> {to}");
    }
    assert!(read(&format!("{text}x\n")).is_err());
    assert!(read("").is_err());
    assert!(read("\u{FEFF}hello").is_err());
}

#[test]
fn the_error_names_the_file_and_what_to_do() {
    let error = Model::read(Path::new("corpus/quality.tsv")).unwrap_err().to_string();
    assert!(error.contains("corpus/quality.tsv:1:") && error.contains("netral train"), "{error}");
}

#[test]
fn the_catalogue_holds_the_figures_of_the_shipped_model_on_the_quality_list() {
    let scorer = Scorer::new(Model::default(), Packs::national());
    let figures = Gold::read(Path::new("corpus/quality.tsv")).unwrap().evaluate(Some(&scorer)).to_string();
    assert!(
        std::fs::read_to_string("models/README.md").unwrap().contains(figures.trim_end()),
        "re-make them: netral eval corpus/quality.tsv --into models/README.md --name quality"
    );
}

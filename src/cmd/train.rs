//! `netral train`: a corpus and a recipe in, a model artefact out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use netral::{Corpus, Error, Model, Packs, Recipe};

use super::{Report, Threads};

#[derive(Args)]
pub struct Train {
    /// Labelled posts: a folder of .jsonl files with names.toml, or one .jsonl file
    #[arg(long, value_name = "PATH")]
    corpus: PathBuf,
    /// Adapt this model (a file, or `shipped`) to the corpus instead of training afresh, and print how it and its base do on held-out rows
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["recipe", "cv"])]
    base: Option<PathBuf>,
    /// The recipe [default: the fields of models/netral.toml]
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    /// The artefact to write; a compressed copy goes beside it with `.z` appended
    #[arg(short, long, value_name = "FILE", required_unless_present = "cv")]
    output: Option<PathBuf>,
    /// Do not write a model but measure the recipe on rows that its models know nothing of: rows of one GROUP are held out together
    /// (`both`: of one writer's theme), or, by `time`, rows are tested with models of those before them
    #[arg(long, value_name = "GROUP", value_parser = Corpus::GROUPS)]
    cv: Option<String>,
    /// With --cv: write the rows whose label the held-out models strongly doubt to this file, as JSON lines, the most doubtful first
    #[arg(long, value_name = "FILE", requires = "cv", conflicts_with_all = ["curve", "sweep"])]
    doubts: Option<PathBuf>,
    /// With --cv: print how the figures grow as models learn from 1/16, 1/8, 1/4, 1/2 and all of the groups
    #[arg(long, requires = "cv", conflicts_with = "sweep")]
    curve: bool,
    /// With --cv: measure every combination of the values that this TOML file lists for fields of the recipe, such as `c = [0.5, 1.0]`
    #[arg(long, value_name = "GRID", requires_all = ["cv", "results"])]
    sweep: Option<PathBuf>,
    /// With --sweep: add each recipe and its figures to this file as a JSON line; what stands in it is not measured again
    #[arg(long, value_name = "FILE", requires = "sweep")]
    results: Option<PathBuf>,
    /// With --sweep: what the table is sorted by, the best first
    #[arg(long, value_name = "CRITERION", requires = "sweep", default_value = "auc", value_parser = Corpus::CRITERIA)]
    by: String,
    /// Contest packs that fill the corpus's slots, instead of the shipped ones
    #[arg(long, num_args = 1.., value_name = "FILE")]
    packs: Vec<PathBuf>,
    /// No progress
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    threads: Threads,
}

impl Train {
    pub fn run(self) -> Result<ExitCode, Error> {
        self.threads.start();
        let corpus = Corpus::read(&self.corpus)?;
        let recipe = self.recipe.as_deref().map_or_else(|| Ok(Recipe::default()), Recipe::read)?;
        let packs = Packs::named(&self.packs)?;
        let start = Instant::now();
        let mut say = |stage: &str| {
            if !self.quiet {
                eprintln!("{:6.1} s  {stage}", start.elapsed().as_secs_f64());
            }
        };
        if let Some(group) = &self.cv {
            return self.report.write(&self.validate(&corpus, &recipe, &packs, group, &mut say)?);
        }
        let path = self.output.expect("clap asks for one");
        if let Some(base) = &self.base {
            let base = if base.as_os_str() == "shipped" { Model::default() } else { Model::read(base)? };
            let (model, evaluation) = base.adapt(&corpus, &packs, &mut say)?;
            write(&model, &path, &mut say)?;
            return self.report.write(&evaluation.brief());
        }
        write(&Model::train(&corpus, &recipe, &packs, &mut say)?, &path, &mut say)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The tables of a cross-validation, of its learning curve or of a sweep.
    fn validate(&self, corpus: &Corpus, recipe: &Recipe, packs: &Packs, group: &str, say: &mut dyn FnMut(&str)) -> Result<String, Error> {
        if let (Some(grid), Some(results)) = (&self.sweep, &self.results) {
            return Ok(corpus.sweep(&recipe.grid(grid)?, packs, group, results, say)?.sorted_by(&self.by)?.to_string());
        }
        if self.curve {
            return Ok(corpus.learning_curve(recipe, packs, group, say)?.to_string());
        }
        let evaluation = corpus.cross_validate(recipe, packs, group, say)?;
        if let Some(file) = &self.doubts {
            std::fs::write(file, evaluation.doubts()).map_err(|e| Error::io(file, e))?;
        }
        Ok(evaluation.to_string())
    }
}

/// Writes an artefact and its compact form.
fn write(model: &Model, path: &Path, say: &mut dyn FnMut(&str)) -> Result<(), Error> {
    let mut compact = path.to_owned().into_os_string();
    compact.push(".bin");
    let text = model.to_text();
    for (path, bytes) in [(path, text.as_bytes()), (Path::new(&compact), &model.to_compact())] {
        std::fs::write(path, bytes).map_err(|e| Error::io(path, e))?;
    }
    let (name, hash) = model.name();
    say(&format!("wrote {name} {hash}, {} bytes", text.len()));
    Ok(())
}

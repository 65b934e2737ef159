//! `netral queue`: the posts of a feed that are most worth labelling next.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use netral::{Error, Output, Pseudonyms};

use super::{Engine, Reading, Target, Threads};

#[derive(Args)]
pub struct Queue {
    /// The feed, scored or not, or - for standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Posts in the queue
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    size: usize,
    /// Seed of the fifth that is drawn at random
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What to write
    #[arg(long = "as", value_name = "FORM", default_value = "label-studio")]
    form: Form,
    /// Put pseudonyms in the place of accounts, ids and @handles, as `netral score` does; the file holds the key
    #[arg(long, value_name = "KEYFILE")]
    pseudonymize: Option<PathBuf>,
    /// No notes
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    engine: Engine,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// Tasks for Label Studio, with predictions
    LabelStudio,
    /// A table with commas
    Csv,
    /// One JSON object a line
    Jsonl,
}

impl Queue {
    pub fn run(self) -> Result<ExitCode, Error> {
        self.threads.start();
        let scorer = self.engine.scorer()?;
        let feed = self.reading.open(&self.file, self.quiet)?;
        let target = Target::new(self.output.as_deref());
        let mut output = Output::to(target.create()?);
        if let Some(key) = &self.pseudonymize {
            output = output.pseudonymized(Pseudonyms::read(key)?);
        }
        let output = match self.form {
            Form::LabelStudio => output.tasks(),
            Form::Csv => output.csv(&feed),
            Form::Jsonl => output.jsonl(&feed),
        };
        let count = target.end(scorer.queue(feed, self.size, self.seed, output))?;
        if !self.quiet {
            eprintln!("{count} posts to label; `reason` says why each was chosen");
        }
        Ok(ExitCode::SUCCESS)
    }
}

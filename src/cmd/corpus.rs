//! `netral corpus`: look after labelled posts.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use netral::{Corpus as Labelled, Error, Packs};

use super::Report;

#[derive(Args)]
pub struct Corpus {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the faults of a corpus and print the tables of its datasheet; the exit code is 1 where there are faults
    Check {
        /// Labelled posts: a folder of .jsonl files with names.toml, or one .jsonl file
        #[arg(default_value = "corpus")]
        path: PathBuf,
        /// Files whose text must not be in the corpus: eight words in a row shared with one are a fault
        #[arg(long, num_args = 1.., value_name = "FILE")]
        against: Vec<PathBuf>,
        /// Everything as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        report: Report,
    },
}

impl Corpus {
    pub fn run(self) -> Result<ExitCode, Error> {
        let Action::Check { path, against, json, report } = self.action;
        let check = Labelled::check(&path, &Packs::national(), &against)?;
        report.write(&if json { serde_json::to_string_pretty(&check).expect("a check can be written") } else { check.to_string() })?;
        check.faults.iter().for_each(|fault| eprintln!("fault: {fault}"));
        eprintln!("{} faults", check.faults.len());
        Ok(if check.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

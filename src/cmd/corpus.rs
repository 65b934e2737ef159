//! `netral corpus`: look after labelled posts.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use netral::{Corpus as Labelled, Error, Packs};

use super::{Report, print};

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
    /// Print the rows as JSON lines with names from the shipped packs in their slots, for other tools to learn from
    Fill {
        /// Labelled posts: a folder of .jsonl files with names.toml, or one .jsonl file
        #[arg(default_value = "corpus")]
        path: PathBuf,
    },
}

impl Corpus {
    pub fn run(self) -> Result<ExitCode, Error> {
        match self.action {
            Action::Check { path, against, json, report } => check(&path, &against, json, &report),
            Action::Fill { path } => {
                let corpus = Labelled::read(&path)?;
                let rows: Vec<String> = corpus.filled(&Packs::national()).map(|row| serde_json::to_string(&row).expect("a row can be written")).collect();
                print(&rows.join("\n"))
            }
        }
    }
}

fn check(path: &Path, against: &[PathBuf], json: bool, report: &Report) -> Result<ExitCode, Error> {
    let check = Labelled::check(path, &Packs::national(), against)?;
    report.write(&if json { serde_json::to_string_pretty(&check).expect("a check can be written") } else { check.to_string() })?;
    check.faults.iter().for_each(|fault| eprintln!("fault: {fault}"));
    eprintln!("{} faults", check.faults.len());
    Ok(if check.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `netral eval`: how good a model is on labelled posts.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use netral::{Attack, Error, Gold};

use super::{Engine, Report, Threads};

#[derive(Args)]
pub struct Eval {
    /// Labelled posts: JSONL with `text` and `partisan`, or TSV with such columns
    gold: PathBuf,
    /// Measure each value of this column apart, besides `lang` and `context`
    #[arg(long, value_name = "COLUMN")]
    slice: Vec<String>,
    /// Disguise every word of four letters or more before scoring: digits, homoglyphs, zero-width, full-width, spaced or stretched
    #[arg(long, value_name = "WAY")]
    attack: Option<Attack>,
    /// Everything as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    engine: Engine,
    #[command(flatten)]
    threads: Threads,
}

impl Eval {
    pub fn run(self) -> Result<ExitCode, Error> {
        self.threads.start();
        let mut gold = Gold::read(&self.gold)?;
        if let Some(attack) = self.attack {
            gold = gold.with_texts(gold.posts().iter().enumerate().map(|(n, post)| attack.apply(&post.text, n as u64)).collect());
        }
        let evaluation = gold.evaluate(&self.engine.scorer()?, &self.slice);
        self.report.write(&if self.json { serde_json::to_string_pretty(&evaluation).expect("an evaluation can be written") } else { evaluation.to_string() })
    }
}

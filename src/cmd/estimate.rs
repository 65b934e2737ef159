//! `netral estimate`: how common something is in a feed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use netral::Error;

use super::{Engine, Reading, Threads, print};

#[derive(Args)]
pub struct Estimate {
    /// The feed, or - for standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Rows to draw
    #[arg(long, value_name = "N", default_value_t = 1000)]
    sample: usize,
    /// Seed of the draw
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    engine: Engine,
    #[command(flatten)]
    threads: Threads,
}

impl Estimate {
    pub fn run(self) -> Result<ExitCode, Error> {
        self.threads.start();
        let scorer = self.engine.scorer()?.without_evidence();
        let estimate = scorer.estimate(self.reading.open(&self.file, true)?, self.sample, self.seed)?;
        print(&if self.json { serde_json::to_string_pretty(&estimate).expect("an estimate can be written") } else { estimate.to_string() })
    }
}

//! `netral sniff`: what is in a feed, before it is scored.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use netral::Error;

use super::{Reading, print};

#[derive(Args)]
pub struct Sniff {
    /// The feed, or - for standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
}

impl Sniff {
    pub fn run(self) -> Result<ExitCode, Error> {
        print(&self.reading.open(&self.file, true)?.survey().to_string())
    }
}

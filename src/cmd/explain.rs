//! `netral explain`: how one text gets its score.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use netral::{Error, Post};

use super::Engine;

#[derive(Args)]
pub struct Explain {
    /// The text, or - for standard input
    #[arg(default_value = "-")]
    text: String,
    /// Everything as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: Engine,
}

/// Bytes read of a text from standard input.
const LONGEST: u64 = 1 << 16;

impl Explain {
    pub fn run(self) -> Result<ExitCode, Error> {
        let text = if self.text == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().take(LONGEST).read_to_end(&mut bytes).map_err(|e| Error::io(Path::new("standard input"), e))?;
            String::from_utf8_lossy(&bytes).into_owned()
        } else {
            self.text
        };
        let explanation = self.engine.scorer()?.explain(&Post::new(text));
        super::print(&if self.json { serde_json::to_string_pretty(&explanation).expect("an explanation can be written") } else { explanation.to_string() })
    }
}

//! `netral suite`: behaviour tests, on a model or on another system's predictions.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use netral::{Error, Suite as Tests};

use super::{Detail, Engine, Others, Report, Threads, print};

#[derive(Args)]
pub struct Suite {
    /// Folder of behaviour tests
    #[arg(default_value = "corpus/behaviour")]
    folder: PathBuf,
    /// Do not run the tests but print their posts as JSON lines, for another system to predict
    #[arg(long)]
    posts: bool,
    #[command(flatten)]
    others: Others,
    /// Show the first case of each test in which the first system failed
    #[arg(long)]
    failures: bool,
    #[command(flatten)]
    detail: Detail,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    engine: Engine,
    #[command(flatten)]
    threads: Threads,
}

impl Suite {
    pub fn run(self) -> Result<ExitCode, Error> {
        self.threads.start();
        let mut tests = Tests::read(&self.folder)?;
        if self.posts {
            let lines = tests.posts().into_iter().map(|post| serde_json::json!({"id": post.id, "text": post.text}).to_string());
            return print(&lines.collect::<Vec<_>>().join("\n"));
        }
        for (name, files) in self.others.by_name() {
            tests = tests.with_predictions(name, &files)?;
        }
        let outcome = tests.run(self.others.scorer(&self.engine)?.as_ref());
        let text = self.detail.of(&outcome, outcome.brief());
        self.report.write(&if self.failures { format!("{text}\n{}", outcome.failures()) } else { text })
    }
}

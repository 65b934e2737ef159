//! `netral eval`: how good a model is on labelled posts.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use netral::{Error, Gold, Post};

use super::{Detail, Engine, Others, Report, Threads, print};

#[derive(Args)]
pub struct Eval {
    /// Labelled posts: JSONL with `text` and `partisan`, or TSV with such columns; several files are measured together and apart
    #[arg(required = true)]
    gold: Vec<PathBuf>,
    #[command(flatten)]
    others: Others,
    /// Measure each value of this column apart, besides lang, context, activity, register and kind; times count by the month
    #[arg(long, value_name = "COLUMN")]
    slice: Vec<String>,
    /// Rows with the same value in this column are drawn together when intervals are made [default: group or author, where gold has it]
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// Disguise every word of four letters or more before scoring: digits, homoglyphs, zero-width, full-width, spaced, stretched, stars, accents or hyphens
    #[arg(long, value_name = "WAY")]
    attack: Option<String>,
    /// Do not measure but print the gold posts as JSON lines, names in their slots, for another system to predict
    #[arg(long)]
    posts: bool,
    #[command(flatten)]
    detail: Detail,
    /// Write a page with tables and plots into this file too; it needs no network
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
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
        let mut gold = self.slice.iter().fold(Gold::read_all(&self.gold)?, |gold, column| gold.sliced_by(column));
        if let Some(column) = &self.group {
            gold = gold.grouped_by(column);
        }
        if let Some(way) = &self.attack {
            gold = gold.attacked(way)?;
        }
        if self.posts {
            let row = |(post, label): (Post, Option<bool>)| serde_json::json!({"id": post.id, "text": post.text, "partisan": label}).to_string();
            return print(&gold.posts().into_iter().zip(gold.labels()).map(row).collect::<Vec<_>>().join("\n"));
        }
        for (name, files) in self.others.by_name() {
            gold = gold.with_predictions(name, &files)?;
        }
        let scorer = self.others.scorer(&self.engine)?;
        let evaluation = gold.evaluate(scorer.as_ref());
        if let Some(file) = &self.html {
            std::fs::write(file, evaluation.html()).map_err(|e| Error::io(file, e))?;
        }
        self.report.write(&self.detail.of(&evaluation, evaluation.brief()))
    }
}

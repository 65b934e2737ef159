//! `netral batch`: what is new in some feeds, night after night.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use netral::{Batch as Work, Error};

use super::{Threads, print};

#[derive(Args)]
pub struct Batch {
    /// The configuration; docs/nightly.md explains it
    config: PathBuf,
    /// Only rows from this day on, such as 2026-11-22, and those that tell no time
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Score again what was scored before
    #[arg(long)]
    rescore: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Run as if it were this day
    #[arg(long, value_name = "DAY")]
    date: Option<String>,
    /// No progress, no notes
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Args)]
pub struct Purge {
    /// The configuration of the batch
    config: PathBuf,
    /// As if it were this day
    #[arg(long, value_name = "DAY")]
    date: Option<String>,
}

#[derive(Args)]
pub struct Review {
    /// The configuration of the batch
    config: PathBuf,
    /// A `review.csv` that was filled in
    file: PathBuf,
}

#[derive(Args)]
pub struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Check that no line was changed, dropped or moved, and that manifests are those that the log knows
    Verify {
        /// The configuration of the batch
        config: PathBuf,
    },
}

/// Time between two lines of a log.
const LINE: Duration = Duration::from_secs(30);

impl Batch {
    pub fn run(self) -> Result<ExitCode, Error> {
        self.threads.start();
        let mut work = Work::read(&self.config)?;
        if let Some(day) = &self.date {
            work = work.on(day)?;
        }
        if let Some(day) = &self.since {
            work = work.since(day)?;
        }
        if self.rescore {
            work = work.rescore();
        }
        if self.dry_run {
            return print(&work.dry_run()?);
        }
        let terminal = std::io::stderr().is_terminal();
        let bar = if self.quiet || !terminal { ProgressBar::hidden() } else { ProgressBar::new(0) };
        bar.set_style(ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} rows, {per_sec}, {eta} left").expect("a valid template"));
        let (start, mut last, mut first) = (Instant::now(), Instant::now(), None);
        let done = work.run(&mut |progress| {
            bar.set_length(progress.of);
            bar.set_position(progress.rows);
            let done = *first.get_or_insert(progress.rows);
            if !self.quiet && !terminal && last.elapsed() >= LINE {
                last = Instant::now();
                let rate = (progress.rows - done).max(1) as f64 / start.elapsed().as_secs_f64();
                let left = Duration::from_secs(((progress.of - progress.rows) as f64 / rate) as u64);
                eprintln!("{} of {} rows, {} flagged, {} not readable, {left:?} left", progress.rows, progress.of, progress.flagged, progress.errors);
            }
        });
        bar.finish_and_clear();
        let done = done?;
        if !self.quiet {
            eprintln!("{done}");
        }
        Ok(if done.has_errors { ExitCode::from(3) } else { ExitCode::SUCCESS })
    }
}

impl Purge {
    pub fn run(self) -> Result<ExitCode, Error> {
        let work = Work::read(&self.config)?;
        let work = if let Some(day) = &self.date { work.on(day)? } else { work };
        print(&work.purge()?)
    }
}

impl Review {
    pub fn run(self) -> Result<ExitCode, Error> {
        print(&Work::read(&self.config)?.take_reviews(&self.file)?)
    }
}

impl Audit {
    pub fn run(self) -> Result<ExitCode, Error> {
        let Action::Verify { config } = self.action;
        print(&Work::read(&config)?.verify()?)
    }
}

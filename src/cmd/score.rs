//! `netral score`: a feed in, the same rows with their scores out.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use netral::{Counts, Error, Feed, Output, Scorer};

use super::{Engine, Reading, Threads};

#[derive(Args)]
pub struct Score {
    /// The feed, or - for standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Write the rows to this file; it appears when it is complete
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What to write [default: a review list on a terminal, rows otherwise]
    #[arg(long = "as", value_name = "FORM")]
    form: Option<Form>,
    /// Posts in the review list
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    #[command(flatten)]
    reading: Reading,
    /// Leave cells as they are, also those that a spreadsheet would run as formulas
    #[arg(long)]
    raw_cells: bool,
    /// Append the bytes of rows that could not be read to this file
    #[arg(long, value_name = "FILE")]
    keep_bad: Option<PathBuf>,
    /// No progress, no notes
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    engine: Engine,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The same rows in the same layout, with the result
    Rows,
    /// A readable list of the posts most worth a look
    Review,
}

impl Score {
    pub fn run(self) -> Result<ExitCode, Error> {
        self.threads.start();
        let scorer = self.engine.scorer()?;
        let feed = self.reading.open(&self.file, self.quiet)?;
        let partial = self.output.as_deref().map(partial);
        let to: Box<dyn Write + Send> = match &partial {
            Some(path) => Box::new(File::create(path).map_err(|e| Error::io(path, e))?),
            None => Box::new(std::io::stdout()),
        };
        let form = self.form.unwrap_or(if self.output.is_none() && std::io::stdout().is_terminal() { Form::Review } else { Form::Rows });
        let colour = self.output.is_none() && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let output = match form {
            Form::Rows => Output::rows(&feed, to, self.raw_cells),
            Form::Review => Output::review(to, self.top, colour),
        };
        let counts = self.run_through(&scorer, feed, output);
        if let (Ok(_), Some(partial), Some(path)) = (&counts, &partial, &self.output) {
            std::fs::rename(partial, path).map_err(|e| Error::io(path, e))?;
        }
        let counts = counts?;
        if !self.quiet {
            eprintln!("{counts}");
            eprintln!(
                "probabilities assume that {:.1} % of posts are partisan{}",
                100.0 * scorer.base_rate(),
                if self.engine.base_rate.is_none() { ", the share in the corpus; --base-rate P sets another" } else { "" }
            );
            let [low, high] = [0.01, 0.05].map(|rate| scorer.precision(rate));
            eprintln!(
                "on held-out corpus rows, if 1 % (5 %) of posts are partisan, {:.0} % ({:.0} %) of `likely` and {:.0} % ({:.0} %) of `review` or above are",
                100.0 * low.1,
                100.0 * high.1,
                100.0 * low.0,
                100.0 * high.0
            );
        }
        Ok(if counts.error > 0 { ExitCode::from(3) } else { ExitCode::SUCCESS })
    }

    fn run_through(&self, scorer: &Scorer, feed: Feed, output: Output) -> Result<Counts, Error> {
        let mut bad = match &self.keep_bad {
            Some(path) => Some(File::options().create(true).append(true).open(path).map_err(|e| Error::io(path, e))?),
            None => None,
        };
        let progress = if self.quiet || !std::io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        progress.set_style(ProgressStyle::with_template("{spinner} {human_pos} rows, {per_sec}").expect("a valid template"));
        progress.enable_steady_tick(Duration::from_millis(200));
        let counts = scorer.score_feed(feed, output, &mut |counts, unreadable| {
            progress.set_position(counts.read);
            match (&mut bad, &self.keep_bad) {
                (Some(file), Some(path)) => file.write_all(unreadable).map_err(|e| Error::io(path, e)),
                _ => Ok(()),
            }
        });
        progress.finish_and_clear();
        counts
    }
}

/// Where output is written until it is complete.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

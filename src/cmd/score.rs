//! `netral score`: a feed in, the same rows with their scores out.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use netral::{Counts, Error, Feed, Output, Pseudonyms, Scorer};

use super::{Engine, Reading, Target, Threads};

#[derive(Args)]
pub struct Score {
    /// The feed, or - for standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Write the rows to this file; it appears when it is complete
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What to write [default: by the end of the output's name, else a review list on a terminal and rows otherwise]
    #[arg(long = "as", value_name = "FORM")]
    form: Option<Form>,
    /// Posts in the review list
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    #[command(flatten)]
    reading: Reading,
    /// Rule files, or names of shipped ones such as id-skb-2022: references worth checking beside flagged posts
    #[arg(long, num_args = 1.., value_name = "FILE")]
    rules: Vec<PathBuf>,
    /// Leave cells as they are, also those that a spreadsheet would run as formulas
    #[arg(long)]
    raw_cells: bool,
    /// Append the bytes of rows that could not be read to this file
    #[arg(long, value_name = "FILE", conflicts_with = "pseudonymize")]
    keep_bad: Option<PathBuf>,
    /// Put pseudonyms in the place of accounts, ids and @handles, mask addresses and numbers of people, and leave out all fields but those
    /// of a post; the file holds the key, 16 bytes or more
    #[arg(long, value_name = "KEYFILE")]
    pseudonymize: Option<PathBuf>,
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
    /// One JSON object a line
    Jsonl,
    /// A table with commas
    Csv,
    /// A table for spreadsheets: `;`, marked as UTF-8, long numbers as text
    Excel,
    /// An Excel workbook, the telling words in bold
    #[cfg(feature = "xlsx")]
    Xlsx,
    /// A Parquet file
    #[cfg(feature = "parquet")]
    Parquet,
    /// A table that 4CAT takes in
    #[value(name = "4cat")]
    Fourcat,
    /// Tasks for Label Studio, with predictions
    LabelStudio,
    /// A readable list of the posts most worth a look
    Review,
}

impl Score {
    pub fn run(self) -> Result<ExitCode, Error> {
        self.threads.start();
        let scorer = self.engine.scorer()?.with_rules(&self.rules)?;
        let feed = self.reading.open(&self.file, self.quiet)?;
        let pseudonyms = self.pseudonymize.as_deref().map(Pseudonyms::read).transpose()?;
        let target = Target::new(self.output.as_deref());
        let mut output = Output::to(target.create()?);
        if self.raw_cells {
            output = output.raw_cells();
        }
        if let Some(pseudonyms) = pseudonyms {
            output = output.pseudonymized(pseudonyms);
        }
        let output = match self.form() {
            Form::Rows => output.rows(&feed),
            Form::Jsonl => output.jsonl(&feed),
            Form::Csv => output.csv(&feed),
            Form::Excel => output.excel(&feed),
            #[cfg(feature = "xlsx")]
            Form::Xlsx => output.workbook(&feed),
            #[cfg(feature = "parquet")]
            Form::Parquet => output.parquet(&feed),
            Form::Fourcat => output.fourcat(),
            Form::LabelStudio => output.tasks(),
            Form::Review => output.review(self.top, self.on_terminal() && std::env::var_os("NO_COLOR").is_none()),
        };
        let counts = target.end(self.run_through(&scorer, feed, output))?;
        if !self.quiet {
            eprintln!("{counts}");
            if counts.single_author {
                eprintln!("more than half of the rows are one account's: netral scores posts, and is not for watching a person");
            }
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

    fn on_terminal(&self) -> bool {
        self.output.is_none() && std::io::stdout().is_terminal()
    }

    fn form(&self) -> Form {
        let end = self.output.as_deref().and_then(Path::extension).and_then(|e| e.to_str()).unwrap_or_default();
        self.form.unwrap_or(match end.to_lowercase().as_str() {
            "jsonl" | "ndjson" => Form::Jsonl,
            "csv" => Form::Csv,
            #[cfg(feature = "parquet")]
            "parquet" => Form::Parquet,
            #[cfg(feature = "xlsx")]
            "xlsx" => Form::Xlsx,
            _ if self.on_terminal() => Form::Review,
            _ => Form::Rows,
        })
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

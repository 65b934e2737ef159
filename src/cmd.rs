//! The commands: one file each, with its options and `run`. A new command is a file in `src/cmd/` and a variant here.

#[cfg(feature = "batch")]
mod batch;
mod corpus;
mod estimate;
mod eval;
mod explain;
mod queue;
mod score;
mod sniff;
mod suite;
mod train;

use std::fmt::Display;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser};
use netral::{Error, Feed, Options, Scorer};
use serde::Serialize;

/// Scores social-media posts for partisan political activity, with reasons. A score is a reason to look, not a finding.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
pub enum Command {
    /// Score a feed: tables, JSON, chats, archives; .gz and .zst are unpacked
    Score(score::Score),
    /// Say what is in a feed: its format, columns, first posts, counts, and what is wrong with it
    Sniff(sniff::Sniff),
    /// Show how one text gets its score
    Explain(explain::Explain),
    /// Choose the posts of a feed that are most worth labelling next
    Queue(queue::Queue),
    /// Estimate how common partisan posts and signals are in a feed, from a sample and without keeping a row
    Estimate(estimate::Estimate),
    /// Score what is new in some feeds, night after night, with reports and an audit log
    #[cfg(feature = "batch")]
    Batch(batch::Batch),
    /// Take back a review file of a batch
    #[cfg(feature = "batch")]
    Review(batch::Review),
    /// Remove what a batch keeps no longer
    #[cfg(feature = "batch")]
    Purge(batch::Purge),
    /// Check the audit log of a batch
    #[cfg(feature = "batch")]
    Audit(batch::Audit),
    /// Train a model on labelled posts
    Train(train::Train),
    /// Measure a model on labelled posts
    Eval(eval::Eval),
    /// Run behaviour tests on a model
    Suite(suite::Suite),
    /// Check labelled posts and describe them
    Corpus(corpus::Corpus),
}

impl Command {
    pub fn run(self) -> Result<ExitCode, Error> {
        match self {
            Self::Score(command) => command.run(),
            Self::Sniff(command) => command.run(),
            Self::Explain(command) => command.run(),
            Self::Queue(command) => command.run(),
            Self::Estimate(command) => command.run(),
            #[cfg(feature = "batch")]
            Self::Batch(command) => command.run(),
            #[cfg(feature = "batch")]
            Self::Review(command) => command.run(),
            #[cfg(feature = "batch")]
            Self::Purge(command) => command.run(),
            #[cfg(feature = "batch")]
            Self::Audit(command) => command.run(),
            Self::Train(command) => command.run(),
            Self::Eval(command) => command.run(),
            Self::Suite(command) => command.run(),
            Self::Corpus(command) => command.run(),
        }
    }
}

/// Options of all commands that score.
#[derive(Args)]
struct Engine {
    /// Contest packs to use instead of the shipped ones; `--packs none` uses no pack
    #[arg(long, num_args = 1.., value_name = "FILE")]
    packs: Vec<PathBuf>,
    /// Model to use instead of the shipped one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Share of partisan posts in the feed that probabilities should assume, such as 0.01
    #[arg(long, value_name = "P")]
    base_rate: Option<f64>,
    /// Read posts with the plain encoder, the definition of what the fast one does: the same output, many times slower
    #[arg(long)]
    plain: bool,
}

impl Engine {
    fn scorer(&self) -> Result<Scorer, Error> {
        let scorer = Scorer::load(self.model.as_deref(), &self.packs)?;
        let scorer = if self.plain { scorer.plain() } else { scorer };
        match self.base_rate {
            Some(rate) => scorer.with_base_rate(rate),
            None => Ok(scorer),
        }
    }
}

/// Systems to measure beside a model.
#[derive(Args)]
struct Others {
    /// Another system's predictions: JSON lines, a table, or what `fasttext predict-prob` prints. Name it once for each file where rows have no ids
    #[arg(long, value_name = "NAME=FILE", value_parser = named)]
    predictions: Vec<(String, PathBuf)>,
    /// Measure the predictions alone, without scoring by a model
    #[arg(long, requires = "predictions")]
    no_model: bool,
}

fn named(argument: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = argument.split_once('=').filter(|(name, file)| !name.is_empty() && !file.is_empty()).ok_or("NAME=FILE, such as fasttext=said.txt")?;
    Ok((name.to_owned(), file.into()))
}

impl Others {
    /// Each system with its files, in the order in which they were named.
    fn by_name(&self) -> Vec<(&str, Vec<PathBuf>)> {
        let mut systems: Vec<(&str, Vec<PathBuf>)> = Vec::new();
        for (name, file) in &self.predictions {
            match systems.iter_mut().find(|(other, _)| other == name) {
                Some((_, files)) => files.push(file.clone()),
                None => systems.push((name, vec![file.clone()])),
            }
        }
        systems
    }

    fn scorer(&self, engine: &Engine) -> Result<Option<Scorer>, Error> {
        if self.no_model { Ok(None) } else { engine.scorer().map(Some) }
    }
}

/// How to read a feed, where the user knows better.
#[derive(Args)]
struct Reading {
    /// Format to read it as, by the name that `netral sniff` shows; `generic` goes by the names of columns
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Column (or dotted path of a JSON field) that holds the text
    #[arg(long, value_name = "NAME")]
    text_column: Option<String>,
    /// Column that holds the id
    #[arg(long, value_name = "NAME")]
    id_column: Option<String>,
    /// Column that holds the author
    #[arg(long, value_name = "NAME")]
    author_column: Option<String>,
    /// Column that holds the time
    #[arg(long, value_name = "NAME")]
    time_column: Option<String>,
    /// Encoding, such as utf-16le or windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Sign between the cells of a table; `tab` is one
    #[arg(short, long, value_name = "SIGN", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// Make whole what was UTF-8, read as Windows-1252 and written again, before it is scored
    #[arg(long)]
    fix_encoding: bool,
}

fn delimiter(sign: &str) -> Result<u8, String> {
    match sign.as_bytes() {
        [sign] => Ok(*sign),
        b"tab" | b"\\t" => Ok(b'\t'),
        _ => Err("one sign, or `tab`".to_owned()),
    }
}

impl Reading {
    fn open(&self, file: &Path, quiet: bool) -> Result<Feed, Error> {
        let feed = Feed::open(file, &self.options())?;
        if !quiet {
            let about: Vec<String> = feed.about().iter().map(|(what, found)| format!("{what}: {found}")).collect();
            eprintln!("reading {}", about.join("; "));
        }
        if feed.is_private() {
            eprintln!("this is a private chat or somebody's own download: reading it needs a lawful basis");
        }
        Ok(feed)
    }

    fn options(&self) -> Options {
        Options {
            format: self.format.clone(),
            text_column: self.text_column.clone(),
            id_column: self.id_column.clone(),
            author_column: self.author_column.clone(),
            time_column: self.time_column.clone(),
            encoding: self.encoding.clone(),
            delimiter: self.delimiter,
            fix_encoding: self.fix_encoding,
        }
    }
}

/// Where rows go: a file that appears when it is complete, a pipe or device as it is, or standard output.
struct Target<'a> {
    path: Option<&'a Path>,
    /// Where a file is written until then.
    partial: Option<PathBuf>,
}

impl<'a> Target<'a> {
    fn new(path: Option<&'a Path>) -> Self {
        let partial = path.filter(|path| !path.exists() || path.is_file()).map(|path| {
            let mut name = path.as_os_str().to_owned();
            name.push(".partial");
            name.into()
        });
        Self { path, partial }
    }

    fn create(&self) -> Result<Box<dyn Write + Send>, Error> {
        let Some(path) = self.partial.as_deref().or(self.path) else { return Ok(Box::new(std::io::stdout())) };
        Ok(Box::new(File::create(path).map_err(|e| Error::io(path, e))?))
    }

    /// Ends the work on it: half a file is none.
    fn end<T>(&self, done: Result<T, Error>) -> Result<T, Error> {
        let (Some(path), Some(partial)) = (self.path, &self.partial) else { return done };
        if done.is_err() {
            // That it cannot be removed matters less than why the work failed.
            let _ = std::fs::remove_file(partial);
            return done;
        }
        let settled = File::open(partial).and_then(|file| file.sync_all()).and_then(|()| std::fs::rename(partial, path));
        settled.map_err(|e| Error::io(path, e)).and(done)
    }
}

/// Writes a report to standard output.
fn print(text: &str) -> Result<ExitCode, Error> {
    writeln!(std::io::stdout(), "{text}").map_err(|e| Error::io(Path::new("standard output"), e))?;
    Ok(ExitCode::SUCCESS)
}

/// How much a report tells.
#[derive(Args)]
struct Detail {
    /// Only the table that sums it up
    #[arg(long)]
    brief: bool,
    /// Everything as JSON
    #[arg(long, conflicts_with = "brief")]
    json: bool,
}

impl Detail {
    fn of<T: Display + Serialize>(&self, report: &T, brief: String) -> String {
        match () {
            () if self.json => serde_json::to_string_pretty(report).expect("a report can be written"),
            () if self.brief => brief,
            () => report.to_string(),
        }
    }
}

/// Where a report goes: standard output, or a place in a Markdown file.
#[derive(Args)]
struct Report {
    /// Write the tables into this Markdown file, between the lines `<!-- NAME -->` and `<!-- end NAME -->`, instead of printing them
    #[arg(long, value_name = "FILE", requires = "name")]
    into: Option<PathBuf>,
    /// The name of the place in the file
    #[arg(long, value_name = "NAME", requires = "into")]
    name: Option<String>,
}

impl Report {
    fn write(&self, text: &str) -> Result<ExitCode, Error> {
        let (Some(file), Some(name)) = (&self.into, &self.name) else { return print(text) };
        let page = std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?;
        let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- end {name} -->"));
        let place = page.find(&start).map(|at| at + start.len()).and_then(|from| Some((from, from + page[from..].find(&end)?)));
        let Some((from, to)) = place else {
            let reason = format!("no place for `{name}`: add the lines `{}` and `{end}`", start.trim_end());
            return Err(Error::io(file, std::io::Error::new(std::io::ErrorKind::InvalidData, reason)));
        };
        let page = format!("{}{}\n{}", &page[..from], text.trim_end(), &page[to..]);
        std::fs::write(file, page).map_err(|e| Error::io(file, e))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The size of the pool that work is shared on.
#[derive(Args)]
struct Threads {
    /// Threads to use [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Threads {
    fn start(&self) {
        // It fails only where a pool runs already, which then does the work.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(self.threads.unwrap_or(0)).build_global();
    }
}

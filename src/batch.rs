//! A batch that runs every night over what is new, may be killed at any moment, and says what it did.
//!
//! ```text
//!  config ──► plan ──► rows ──► state: seen before? ──► Scorer ──► items.jsonl ──► reports ──► audit log
//!             files,            keyed hashes            roster,    flagged rows    summary, page, review file,
//!             hashes                                    rules      and errors      drift, manifest
//! ```
//!
//! A run writes into a folder that ends in `.partial` and gets its name when it is complete. Rows, the length of the list of items, and all counts
//! are fixed together in one transaction of the state; a run that was killed cuts the list to that length and goes on.

mod audit;
mod config;
mod item;
mod page;
mod plan;
mod report;
mod review;
mod scoring;
mod state;
mod summary;
mod tally;

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::feed::Feed;
use crate::output::Counts;
use crate::pack::hex;
use crate::pseudonym::Pseudonyms;
use crate::roster::Roster;
use crate::score::Scorer;
use crate::text::harmless;
use config::Config;
use plan::{Place, Plan, Wish, between, key, walk};
use state::{Run, Stage, State};
use tally::Tally;

/// A batch as its configuration describes it.
///
/// ```no_run
/// # use netral::Batch;
/// let done = Batch::read("nightly.toml".as_ref())?.run(&mut |_| ())?;
/// println!("{done}");
/// # Ok::<(), netral::Error>(())
/// ```
pub struct Batch {
    config: Config,
    keys: Pseudonyms,
    wish: Wish,
    today: String,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Rows to be read.
    pub of: u64,
    /// Rows in `review` and `likely`.
    pub flagged: u64,
    /// Rows that could not be read.
    pub errors: u64,
}

/// What a run did. Its `Display` is for a terminal or a log.
#[derive(Debug)]
pub struct Done {
    /// The folder with what it wrote.
    pub folder: PathBuf,
    /// What became of the rows.
    pub counts: Counts,
    /// Rows that were scored before.
    pub repeated: u64,
    /// Whether a file could not be opened or a row not be read.
    pub has_errors: bool,
    /// What its manifest warns of.
    pub warnings: Vec<String>,
    /// Whether it went on with a run that had been stopped.
    pub resumed: bool,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.resumed { "went on with a run that had been stopped; " } else { "" };
        writeln!(f, "{how}{} rows were scored before", self.repeated)?;
        writeln!(f, "{}", self.counts)?;
        self.warnings.iter().try_for_each(|warning| writeln!(f, "warning: {warning}"))?;
        write!(f, "wrote {}", self.folder.display())
    }
}

/// What scores and describes the rows of a run.
struct Night<'a> {
    batch: &'a Batch,
    scorer: &'a Scorer,
    roster: &'a Roster,
}

impl Batch {
    /// Reads a configuration. Nothing is opened but the file itself and the key.
    ///
    /// # Errors
    /// The file cannot be read, is not a configuration, or leaves out what the law asks for; the key cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let config = Config::read(path)?;
        let keys = Pseudonyms::read(&config.key)?;
        Ok(Self { config, keys, wish: Wish::default(), today: Zoned::now().date().to_string() })
    }

    /// Scores only rows from this day on (`2026-11-22`), and those that tell no time.
    ///
    /// # Errors
    /// It is no day.
    pub fn since(mut self, day: &str) -> Result<Self> {
        self.wish.since = Some(date(day)?.to_string());
        Ok(self)
    }

    /// Scores rows that were scored before, too.
    #[must_use]
    pub fn rescore(mut self) -> Self {
        self.wish.rescore = true;
        self
    }

    /// Runs as if it were another day: names, retention and expiry follow it.
    ///
    /// # Errors
    /// It is no day.
    pub fn on(mut self, day: &str) -> Result<Self> {
        self.today = date(day)?.to_string();
        Ok(self)
    }

    /// What a run would read and score, in words. Nothing is written but the state's own files, if there is no state yet.
    ///
    /// # Errors
    /// As [`Batch::run`].
    pub fn dry_run(&self) -> Result<String> {
        let (state, scorer) = (self.open()?, self.config.scorer()?);
        if let Some(run) = state.unfinished()? {
            return Ok(format!(
                "would go on with run {}, which was stopped after {} of {} rows",
                run.id,
                run.tally.counts.read + run.tally.repeated,
                run.plan.rows()
            ));
        }
        let plan = self.plan(&state, &engine(&scorer))?;
        let (mut lines, mut all) = (Vec::new(), 0);
        for file in &plan.files {
            let mut new = 0;
            if file.rows > 0 {
                let feed = Feed::open(&self.config.file(&file.path), &self.config.inputs[file.input].options())?;
                let (source, parser) = feed.split();
                walk(between(source, file.skip, file.cuts), parser.as_ref(), &|row| key(&self.keys, &file.source, &row), &mut |keys, _| {
                    for key in keys {
                        new += u64::from(state.is_new(&key, plan.first)?);
                    }
                    Ok(())
                })?;
            }
            all += new;
            lines.push(format!("{}: {}, {} rows to read, {new} to score", harmless(&file.path), crate::text::word(&file.news), file.rows));
        }
        lines.extend(plan.faults.iter().map(|fault| format!("cannot be read: {fault}")));
        lines.push(format!("would score {all} rows (more often if a row stands in two files) and write a folder in {}", self.config.output.display()));
        Ok(lines.join("\n"))
    }

    /// Scores what is new, or goes on with a run that was stopped. `progress` hears from it about once a second.
    ///
    /// # Errors
    /// Another run is under way; most of a feed is one account's and the configuration gives no reason; the model, packs, rules, roster or state
    /// cannot be read; something cannot be written. Started again, it goes on.
    pub fn run(&self, progress: &mut dyn FnMut(&Progress)) -> Result<Done> {
        let state = self.open()?;
        let (last, stopped) = (state.last_engine()?, state.unfinished()?);
        if stopped.is_some() && (self.wish.rescore || self.wish.since.is_some()) {
            return Err(Error::new("a run was stopped and has to end first").at(&self.config.state).remedy("start it once without --since and --rescore"));
        }
        // Most nights have the engine of the night before, so files are looked at while it is built.
        let (scorer, planned) = std::thread::scope(|scope| {
            let scorer = scope.spawn(|| self.config.scorer());
            let planned = last.as_ref().filter(|_| stopped.is_none()).map(|engine| self.plan(&state, engine));
            (scorer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), planned)
        });
        let scorer = scorer?;
        let roster = self.config.roster.as_ref().map_or_else(|| Ok(Roster::default()), |path| Roster::read(path, &self.keys))?;
        fs::create_dir_all(&self.config.output).map_err(|e| Error::io(&self.config.output, e))?;
        let engine = engine(&scorer);
        let grounds = self.grounds(&scorer, &roster);
        let mut run = match stopped {
            // A run that has its folder has nothing to do but to say so.
            Some(mut run) if run.engine == engine && run.grounds == grounds || run.stage == Stage::Reporting && self.folder(&run).exists() => {
                run.resumed += 1;
                run
            }
            unfinished => {
                if let Some(run) = unfinished {
                    // Another model or configuration cannot go on with it; its rows are new again.
                    self.abandon(&state, &run, "the model or the configuration has changed since it began")?;
                }
                self.clear(&state)?;
                let plan = match planned {
                    Some(plan) if last.as_ref() == Some(&engine) => plan?,
                    _ => self.plan(&state, &engine)?,
                };
                let single_author = plan.single_author;
                let run = Run {
                    id: self.next_id(&state)?,
                    date: self.today.clone(),
                    engine,
                    grounds,
                    stage: Stage::Scoring,
                    started: now(),
                    resumed: 0,
                    plan,
                    place: Place::default(),
                    tally: Tally::new(single_author),
                };
                state.begin(&run)?;
                run
            }
        };
        let night = Night { batch: self, scorer: &scorer, roster: &roster };
        if run.stage == Stage::Scoring {
            night.score(&state, &mut run, progress)?;
        }
        night.report(&state, &mut run)
    }

    /// The state, if it was written under the same key.
    fn open(&self) -> Result<State> {
        let state = State::open(&self.config.state)?;
        let check = hex(&self.keys.digest(&[b"check"])[..8]);
        match state.fact("key")? {
            Some(known) if known != check => Err(Error::new("the state was written under another key")
                .at(&self.config.key)
                .remedy("put the old key back, or begin a new state and a new output folder")),
            Some(_) => Ok(state),
            None => state.set_fact("key", &check).map(|()| state),
        }
    }

    /// A number that neither a run nor a folder has: a state may have been restored from before a run.
    fn next_id(&self, state: &State) -> Result<i64> {
        let names = fs::read_dir(&self.config.output).map_err(|e| Error::io(&self.config.output, e))?;
        let taken = names.filter_map(|entry| entry.ok()?.file_name().to_str()?.split('-').next()?.parse::<i64>().ok()).max();
        Ok(state.next_id()?.max(taken.unwrap_or(0) + 1))
    }

    /// Drops a run that cannot go on; its rows are new again.
    fn abandon(&self, state: &State, run: &Run, reason: &str) -> Result<()> {
        self.log(state, "abandoned", &json!({"run": run.name(), "reason": reason}))?;
        let partial = self.partial(run);
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(|e| Error::io(&partial, e))?;
        }
        state.abandon(run.id)
    }

    fn plan(&self, state: &State, engine: &str) -> Result<Plan> {
        Plan::make(&self.config, state, state.first_with(engine)?, &self.wish)
    }

    /// A hash of what results depend on beside the engine.
    fn grounds(&self, scorer: &Scorer, roster: &Roster) -> String {
        hex(&Sha256::digest(json!([self.config.hash, roster.hash(), scorer.rules().names()]).to_string()))
    }

    fn folder(&self, run: &Run) -> PathBuf {
        self.config.output.join(run.name())
    }

    fn partial(&self, run: &Run) -> PathBuf {
        self.config.output.join(run.name() + ".partial")
    }

    fn audit_log(&self) -> PathBuf {
        self.config.state.join("audit.jsonl")
    }

    /// Writes a line into the audit log, and into the state how far the log goes.
    fn log(&self, state: &State, event: &str, facts: &Value) -> Result<()> {
        let (lines, hash) = audit::append(&self.audit_log(), event, facts)?;
        state.set_fact("log", &format!("{lines} {hash}"))
    }

    /// Takes back a review file: outcomes and reasons for keeping go into the state, items that two reviewers found not partisan are appended to
    /// `quality-draft.tsv` in the output folder. Says what it took.
    ///
    /// # Errors
    /// The file cannot be read or is not a review file; nothing of it is taken then.
    pub fn take_reviews(&self, path: &Path) -> Result<String> {
        let state = self.open()?;
        let (reviews, overturned) = review::read(path, &self.today, &state.ended_names(None)?)?;
        let draft = self.config.output.join("quality-draft.tsv");
        let known = fs::read_to_string(&draft).unwrap_or_default();
        let new: Vec<_> = overturned.iter().filter(|o| !known.lines().any(|line| line.split('\t').next() == Some(&o.item))).collect();
        if !new.is_empty() {
            let mut text = if known.is_empty() { "id\tlang\tpartisan\tsignals\tcontext\treason\ttext\n".to_owned() } else { known };
            new.iter().for_each(|o| text.push_str(&o.line()));
            write_whole(&draft, text.as_bytes())?;
        }
        state.note(&reviews)?;
        let of = |outcome: &str| reviews.iter().filter(|r| r.outcome == outcome).count();
        let kept = reviews.iter().filter(|r| !r.keep.is_empty()).count();
        let facts = json!({"items": reviews.len(), "partisan": of("partisan"), "not_partisan": of("not_partisan"), "unclear": of("unclear"), "kept": kept});
        self.log(&state, "review", &facts)?;
        Ok(format!(
            "took {} items: {} partisan, {} not partisan, {} unclear, {kept} kept; {} new in {}",
            reviews.len(),
            of("partisan"),
            of("not_partisan"),
            of("unclear"),
            new.len(),
            draft.display()
        ))
    }

    /// Removes what is kept no longer: flagged rows after `retention_days` unless a review keeps them, keyed hashes after `state_days`. Each run does so
    /// too. Says what it removed.
    ///
    /// # Errors
    /// Another run is under way, or something cannot be removed.
    pub fn purge(&self) -> Result<String> {
        self.clear(&self.open()?)
    }

    fn clear(&self, state: &State) -> Result<String> {
        let day = |days: u32| date(&self.today)?.checked_sub(i64::from(days).days()).map(|d| d.to_string()).map_err(|e| Error::new(e.to_string()));
        let (rows, oldest) = (state.expire_rows(&day(self.config.state_days)?)?, day(self.config.retention_days)?);
        let kept: HashSet<String> = state.reviews()?.into_iter().filter(|r| !r.keep.is_empty()).map(|r| r.item).collect();
        let mut said = Vec::new();
        if let Some(run) = state.unfinished()?.filter(|run| run.date < oldest && !self.folder(run).exists()) {
            self.abandon(state, &run, "it was stopped, and what it had written is kept no longer")?;
            said.push(format!("{}: removed, it was never finished", self.partial(&run).display()));
        }
        for run in state.ended_names(Some(&oldest))? {
            let folder = self.config.output.join(&run);
            let (mut removed, mut left) = (0, Vec::new());
            let path = folder.join("items.jsonl");
            if !path.exists() {
                continue;
            }
            for item in item::read(&path)? {
                let (item, line) = item?;
                if kept.contains(&item.id) { left.push(line + "\n") } else { removed += 1 }
            }
            let quoting = ["summary.html", "review.csv"].map(|name| folder.join(name));
            if removed == 0 && !quoting.iter().any(|file| file.exists()) {
                continue;
            }
            // What quotes items goes first, so that a stop in between leaves nothing behind that the list does not have.
            for quoting in quoting.iter().filter(|file| file.exists()) {
                fs::remove_file(quoting).map_err(|e| Error::io(quoting, e))?;
            }
            write_whole(&path, left.concat().as_bytes())?;
            self.log(state, "purge", &json!({"run": run, "items_removed": removed, "items_kept": left.len()}))?;
            said.push(format!("{}: removed {removed} items, summary.html and review.csv; {} items are kept", folder.display(), left.len()));
        }
        if rows > 0 {
            self.log(state, "purge", &json!({"row_hashes_removed": rows}))?;
            said.push(format!("removed {rows} row hashes"));
        }
        if said.is_empty() {
            said.push("nothing is due".to_owned());
        }
        Ok(said.join("\n"))
    }

    /// Checks the audit log against itself, the state, the manifests and what these name. Says how much holds.
    ///
    /// # Errors
    /// A line was changed, dropped or moved, a run is missing or stands twice in the log, or a file is not the one that its run wrote.
    pub fn verify(&self) -> Result<String> {
        let (state, log) = (self.open()?, self.audit_log());
        let lines = audit::verify(&log)?;
        let fault = |reason: String| Err(Error::new(reason).at(&log).remedy("compare with a backup"));
        if let Some((count, hash)) = state.fact("log")?.as_deref().and_then(|fact| fact.split_once(' ')) {
            let known = count.parse::<usize>().ok().and_then(|count| lines.get(count.checked_sub(1)?));
            if known.is_none_or(|line| line.hash != hash) {
                return fault(format!("the log does not have the {count} lines that the state knows"));
            }
        }
        let purged: HashSet<&str> = lines.iter().filter(|line| line.event == "purge").filter_map(|line| line.facts["run"].as_str()).collect();
        let mut runs = BTreeSet::new();
        for line in lines.iter().filter(|line| line.event == "run") {
            let name = line.facts["run"].as_str().unwrap_or_default();
            let (shown, folder) = (harmless(name), self.config.output.join(name));
            if !runs.insert(name.to_owned()) {
                return fault(format!("run {shown} stands twice in the log"));
            }
            let path = folder.join("manifest.json");
            let Ok(text) = fs::read_to_string(&path) else { return fault(format!("the manifest of run {shown} is gone")) };
            if line.facts["manifest"] != hex(&Sha256::digest(text.as_bytes())) {
                return fault(format!("the manifest of run {shown} was changed"));
            }
            let manifest: Value = serde_json::from_str(&text).map_err(|e| Error::new(e.to_string()).at(&path))?;
            for output in manifest["outputs"].as_array().into_iter().flatten() {
                let file = output["file"].as_str().unwrap_or_default();
                // People fill in the review file, and a purge takes what quotes items.
                if file == "review.csv" || purged.contains(name) && ["items.jsonl", "summary.html"].contains(&file) {
                    continue;
                }
                if hash_of(&folder.join(file)).map(|(_, hash)| hash).ok().as_deref() != output["sha256"].as_str() {
                    return fault(format!("{} of run {shown} was changed or is gone", harmless(file)));
                }
            }
        }
        if let Some(name) = state.ended_names(None)?.iter().find(|name| !runs.contains(*name)) {
            return fault(format!("run {name} is missing from the log"));
        }
        Ok(format!("{} lines and {} runs hold", lines.len(), runs.len()))
    }
}

/// What scores depend on: the model, the packs and the base rate.
fn engine(scorer: &Scorer) -> String {
    hex(&Sha256::digest(json!([scorer.about(), scorer.base_rate()]).to_string()))
}

fn date(day: &str) -> Result<Date> {
    day.parse().map_err(|_| Error::new(format!("`{}` is no day", day.escape_debug())).remedy("write it like 2026-11-22"))
}

/// The time by RFC 3339, to the second.
fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Writes a file that appears when it is complete and on the disk.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let work = || {
        let mut file = File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    work().map_err(|e| Error::io(path, e))
}

/// Length and hash of a file.
fn hash_of(path: &Path) -> Result<(u64, String)> {
    let mut hash = Sha256::new();
    let bytes = File::open(path).and_then(|mut file| std::io::copy(&mut file, &mut hash)).map_err(|e| Error::io(path, e))?;
    Ok((bytes, hex(&hash.finalize())))
}

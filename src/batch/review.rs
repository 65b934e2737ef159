//! The review file: every item of a run with room for what people find, out and back.

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::item::Item;
use super::state::Review;
use crate::error::{Error, Result};
use crate::filled::Filled;
use crate::output::disarmed;

/// Columns of the file. Those from `reviewer` on are filled in by people.
const COLUMNS: [&str; 19] = [
    "item",
    "run",
    "source",
    "agency",
    "activity",
    "phase",
    "band",
    "probability",
    "signals",
    "text",
    "reasons_for",
    "reasons_against",
    "rules_worth_checking",
    "unknown",
    "reviewer",
    "second_reviewer",
    "statement_of_the_person",
    "outcome",
    "keep_because",
];
/// What an outcome may be. None of them is a finding against a person: that is for the body that hears the person.
const OUTCOMES: [&str; 4] = ["", "partisan", "not_partisan", "unclear"];

/// Writes items as a table, one after another: a night may have millions.
pub(super) struct Sheet {
    table: csv::Writer<File>,
    path: PathBuf,
}

impl Sheet {
    pub(super) fn create(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).map_err(|e| Error::io(&path, e))?;
        let mut sheet = Self { table: csv::Writer::from_writer(file), path };
        sheet.record(COLUMNS)?;
        Ok(sheet)
    }

    fn record(&mut self, cells: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<()> {
        self.table.write_record(cells).map_err(|e| Error::io(&self.path, e.into()))
    }

    pub(super) fn add(&mut self, run: &str, item: &Item) -> Result<()> {
        let result = &item.netral;
        let reasons = |favour: bool| item.reasons(favour).map(|r| format!("{} ({:+.2})", r.text, r.push)).collect::<Vec<_>>().join("; ");
        let or_empty = |fact: &Option<String>| fact.clone().unwrap_or_default();
        let cells = [
            item.id.clone(),
            run.to_owned(),
            item.source.clone(),
            or_empty(&item.known.agency),
            item.activity(),
            or_empty(&item.known.phase),
            result.band.clone(),
            result.partisan.map_or_else(String::new, |p| p.to_string()),
            result.fired.join(" "),
            item.words().to_owned(),
            reasons(true),
            reasons(false),
            result.rules.iter().map(|r| r.id.as_str()).collect::<Vec<_>>().join(" "),
            result.missing.join(" "),
        ];
        let own = cells.iter().map(|cell| disarmed(cell.as_bytes()));
        let empty = std::iter::repeat_n(Cow::Borrowed(&b""[..]), COLUMNS.len() - cells.len());
        self.record(own.chain(empty))
    }

    /// Sees to it that all of it is on the disk.
    pub(super) fn finish(mut self) -> Result<()> {
        self.table.flush().and_then(|()| self.table.get_ref().sync_all()).map_err(|e| Error::io(&self.path, e))
    }
}

/// A reviewed item as a draft of a row for a list of posts that must be right.
pub(super) struct Overturned {
    pub(super) item: String,
    text: String,
}

impl Overturned {
    /// As a line of tab-separated cells like those of a quality list: id, lang, partisan, signals, context, reason, text. Language and context are for
    /// whoever makes a row of it.
    pub(super) fn line(&self) -> String {
        let plain: String = self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("{}\t\t0\t\t\toverturned by two reviewers\t{plain}\n", self.item)
    }
}

/// What a file says: the reviews, and the items that two reviewers found not partisan. `runs` are the names of those that have ended.
pub(super) fn read(path: &Path, date: &str, runs: &[String]) -> Result<(Vec<Review>, Vec<Overturned>)> {
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    let table = Filled::open(path, bytes)?;
    let fault = |line: u64, reason: String, remedy: &str| Error::new(reason).at(path).line(line).remedy(remedy);
    let column = |name: &str| table.column(name).ok_or_else(|| fault(1, format!("no column `{name}`"), "keep the columns of the review file as they are"));
    let [item, run, probability, text, reviewer, second, outcome, keep] = [
        column("item")?,
        column("run")?,
        column("probability")?,
        column("text")?,
        column("reviewer")?,
        column("second_reviewer")?,
        column("outcome")?,
        column("keep_because")?,
    ];
    let number = |run: &str| run.split('-').next().and_then(|number| number.parse::<i64>().ok());
    let (mut reviews, mut overturned) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let (line, record) = row?;
        let cell = |column: usize| record.get(column).unwrap_or_default();
        if cell(outcome).is_empty() && cell(keep).is_empty() {
            continue;
        }
        if !OUTCOMES.contains(&cell(outcome)) {
            return Err(fault(line, format!("the outcome `{}` is none", cell(outcome).escape_debug()), "write partisan, not_partisan or unclear"));
        }
        if !cell(outcome).is_empty() && cell(reviewer).is_empty() {
            return Err(fault(line, "an outcome without a reviewer".into(), "fill in who reviewed it"));
        }
        let run = runs.iter().filter_map(|name| number(name)).find(|&known| number(cell(run)) == Some(known));
        let run = run.ok_or_else(|| fault(line, "the run is not one of this batch".into(), "keep the column as it is"))?;
        if cell(outcome) == "not_partisan" && !cell(second).is_empty() && cell(second).to_lowercase() != cell(reviewer).to_lowercase() {
            overturned.push(Overturned { item: cell(item).to_owned(), text: cell(text).to_owned() });
        }
        reviews.push(Review {
            item: cell(item).to_owned(),
            run,
            outcome: cell(outcome).to_owned(),
            probability: cell(probability).replace(',', ".").parse().ok(),
            keep: cell(keep).to_owned(),
            date: date.to_owned(),
        });
    }
    Ok((reviews, overturned))
}

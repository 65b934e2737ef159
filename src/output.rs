//! Outputs: the rows of a feed with their scores, or a list for a reader.
//!
//! A new output is a file in `src/output/`, a variant of [`Form`] and a method of [`Output`] that chooses it.

mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod review;
mod table;
mod tasks;
#[cfg(feature = "xlsx")]
mod workbook;

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::feed::{Feed, Layout, Row};
use crate::pseudonym::Pseudonyms;
use crate::score::{Band, Score, Status};
#[cfg(feature = "batch")]
pub(crate) use table::disarmed;
use table::{Columns, Dialect};

/// Where scored rows go, and in which form: [`Output::to`], then settings, then a form.
///
/// ```no_run
/// # use netral::{Feed, Options, Output};
/// let feed = Feed::open("feed.csv".as_ref(), &Options::default())?;
/// let output = Output::to(std::io::stdout()).csv(&feed);
/// # Ok::<(), netral::Error>(())
/// ```
pub struct Output<'a> {
    to: Box<dyn Write + Send + 'a>,
    form: Form,
    buffer: Vec<u8>,
    raw_cells: bool,
    pseudonyms: Option<Pseudonyms>,
}

pub(crate) enum Form {
    Jsonl(jsonl::Jsonl),
    Table(table::Table),
    Tasks(tasks::Tasks),
    Review(review::Review),
    #[cfg(feature = "xlsx")]
    Workbook(Box<workbook::Sheets>),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet::Parquet>),
}

/// Bytes that are gathered before they are written.
const BUFFER: usize = 1 << 16;

impl<'a> Output<'a> {
    /// An output of JSON lines, unless another form is chosen.
    pub fn to(to: impl Write + Send + 'a) -> Self {
        Self { to: Box::new(to), form: Form::Jsonl(jsonl::Jsonl::default()), buffer: Vec::new(), raw_cells: false, pseudonyms: None }
    }

    /// Leaves cells as they are that a spreadsheet would run as formulas. To be set before the form.
    #[must_use]
    pub fn raw_cells(mut self) -> Self {
        self.raw_cells = true;
        self
    }

    /// Puts pseudonyms in the place of people, and leaves out every field of the feed that is not on the list of those that are safe:
    /// rows come out as posts. To be set before the form.
    #[must_use]
    pub fn pseudonymized(mut self, pseudonyms: Pseudonyms) -> Self {
        self.pseudonyms = Some(pseudonyms);
        self
    }

    /// The same rows in the same layout as the feed, each with its result.
    #[must_use]
    pub fn rows(self, feed: &Feed) -> Self {
        match feed.layout() {
            Layout::Jsonl | Layout::Posts => self.jsonl(feed),
            Layout::Table { header, delimiter, bom } => self.table(header, *delimiter, *bom, false),
        }
    }

    /// One JSON object a line: the feed's own with a key `netral`, the cells of a table by the names of their columns, or a post with
    /// its result.
    #[must_use]
    pub fn jsonl(mut self, feed: &Feed) -> Self {
        self.form = Form::Jsonl(jsonl::Jsonl::of(header(feed)));
        self
    }

    /// A table with commas; of a feed that is none, the columns are those of a post.
    #[must_use]
    pub fn csv(self, feed: &Feed) -> Self {
        self.table(header(feed), b',', false, false)
    }

    /// A table that a spreadsheet opens as it should where the comma is the decimal sign: `;`, a mark of UTF-8, long numbers as text.
    #[must_use]
    pub fn excel(self, feed: &Feed) -> Self {
        self.table(header(feed), b';', true, true)
    }

    /// A table that 4CAT takes in.
    #[must_use]
    pub fn fourcat(mut self) -> Self {
        let dialect = Dialect { delimiter: b',', bom: false, long_numbers: false, raw_cells: self.raw_cells };
        self.form = Form::Table(table::Table::new(Columns::Fourcat, &[], dialect, &mut self.buffer));
        self
    }

    /// Tasks for Label Studio, with predictions.
    #[must_use]
    pub fn tasks(mut self) -> Self {
        self.form = Form::Tasks(tasks::Tasks::default());
        self
    }

    /// A readable list of the `most` posts most worth a look, written when the feed has ended. `colour` uses terminal
    /// attributes; post text is always made harmless.
    #[must_use]
    pub fn review(mut self, most: usize, colour: bool) -> Self {
        self.form = Form::Review(review::Review::new(most, colour));
        self
    }

    /// An Excel workbook: every cell is text, the telling words are bold. It is written when the feed has ended, and waits in a temporary
    /// file until then.
    #[cfg(feature = "xlsx")]
    #[must_use]
    pub fn workbook(mut self, feed: &Feed) -> Self {
        let header = header(feed);
        self.form = Form::Workbook(Box::new(workbook::Sheets::new(self.columns(header), header)));
        self
    }

    /// A Parquet file: columns of text, but for the probability.
    #[cfg(feature = "parquet")]
    #[must_use]
    pub fn parquet(mut self, feed: &Feed) -> Self {
        let header = header(feed);
        self.form = Form::Parquet(Box::new(parquet::Parquet::new(self.columns(header), header)));
        self
    }

    fn columns(&self, header: &[Vec<u8>]) -> Columns {
        if header.is_empty() || self.pseudonyms.is_some() { Columns::Post } else { Columns::of(header) }
    }

    fn table(mut self, header: &[Vec<u8>], delimiter: u8, bom: bool, long_numbers: bool) -> Self {
        let columns = self.columns(header);
        let dialect = Dialect { delimiter, bom, long_numbers, raw_cells: self.raw_cells };
        self.form = Form::Table(table::Table::new(columns, header, dialect, &mut self.buffer));
        self
    }

    /// Writes one row.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&mut self, mut row: Row, mut score: Score) -> Result<()> {
        if let Some(pseudonyms) = &self.pseudonyms {
            pseudonyms.apply(&mut row, &mut score);
        }
        let from = self.buffer.len();
        self.form.format(&row, &score, &mut self.buffer);
        self.form.begin(&mut self.buffer[from..]);
        self.form.add(&row, &score, &mut self.buffer)?;
        if self.buffer.len() < BUFFER { Ok(()) } else { self.flush() }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.form.finish(&mut self.buffer)?;
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        self.to.write_all(&self.buffer).and_then(|()| self.to.flush()).map_err(written)?;
        self.buffer.clear();
        Ok(())
    }

    /// What was gathered so far with the place to write it to, the form, and the pseudonyms.
    pub(crate) fn split(mut self) -> Result<(Box<dyn Write + Send + 'a>, Form, Option<Pseudonyms>)> {
        self.flush()?;
        Ok((self.to, self.form, self.pseudonyms))
    }
}

/// The columns of a feed; none if it is no table.
fn header(feed: &Feed) -> &[Vec<u8>] {
    if let Layout::Table { header, .. } = feed.layout() { header } else { &[] }
}

impl Form {
    /// Appends a row as it is written; nothing for a list, which can be written only at the end. Rows do not depend on each other.
    pub(crate) fn format(&self, row: &Row, score: &Score, out: &mut Vec<u8>) {
        match self {
            Self::Jsonl(jsonl) => jsonl.format(row, score, out),
            Self::Table(table) => table.format(row, score, out),
            Self::Tasks(_) => tasks::Tasks::format(row, score, out),
            Self::Review(_) => {}
            #[cfg(feature = "xlsx")]
            Self::Workbook(_) => {}
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => {}
        }
    }

    /// Takes note of the first rows that are written.
    pub(crate) fn begin(&mut self, bytes: &mut [u8]) {
        if let Self::Tasks(tasks) = self {
            tasks.begin(bytes);
        }
    }

    /// Takes note of a row, for what cannot be written row by row.
    #[cfg_attr(not(any(feature = "xlsx", feature = "parquet")), expect(clippy::unnecessary_wraps, reason = "for files that libraries write"))]
    #[cfg_attr(not(feature = "parquet"), expect(unused_variables, clippy::ptr_arg, reason = "for Parquet, which writes as it goes"))]
    pub(crate) fn add(&mut self, row: &Row, score: &Score, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::Review(review) => review.add(row, score),
            #[cfg(feature = "xlsx")]
            Self::Workbook(workbook) => workbook.add(row, score)?,
            #[cfg(feature = "parquet")]
            Self::Parquet(parquet) => parquet.add(row, score, out)?,
            Self::Jsonl(_) | Self::Table(_) | Self::Tasks(_) => {}
        }
        Ok(())
    }

    /// Whether [`Form::add`] could use a row.
    pub(crate) fn wants(&self, score: &Score) -> bool {
        match self {
            Self::Review(_) => score.band >= Band::Review,
            #[cfg(feature = "xlsx")]
            Self::Workbook(_) => true,
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => true,
            Self::Jsonl(_) | Self::Table(_) | Self::Tasks(_) => false,
        }
    }

    /// Appends what is written at the end.
    #[cfg_attr(not(any(feature = "xlsx", feature = "parquet")), expect(clippy::unnecessary_wraps, reason = "for files that libraries write"))]
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::Review(review) => review.finish(out),
            Self::Tasks(tasks) => tasks.finish(out),
            #[cfg(feature = "xlsx")]
            Self::Workbook(workbook) => workbook.finish(out)?,
            #[cfg(feature = "parquet")]
            Self::Parquet(parquet) => parquet.finish(out)?,
            Self::Jsonl(_) | Self::Table(_) => {}
        }
        Ok(())
    }
}

pub(crate) fn written(e: std::io::Error) -> Error {
    Error::io(std::path::Path::new("output"), e)
}

/// What became of the rows of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// Rows with a probability.
    pub scored: u64,
    /// Rows without text.
    pub empty: u64,
    /// Rows with too little to go by, or in another language.
    pub no_evidence: u64,
    /// Rows that could not be read.
    pub error: u64,
    /// Rows in the band `likely`.
    pub likely: u64,
    /// Rows in the band `review`.
    pub review: u64,
    /// Rows in the band `unlikely`.
    pub unlikely: u64,
    /// Whether more than half of a feed of 50 rows or more is one account's: scoring it is looking at one person.
    pub single_author: bool,
}

impl Counts {
    /// Counts the rows of another part of the feed.
    pub(crate) fn join(&mut self, other: Self) {
        let both = |a: &mut u64, b: u64| *a += b;
        both(&mut self.read, other.read);
        both(&mut self.scored, other.scored);
        both(&mut self.empty, other.empty);
        both(&mut self.no_evidence, other.no_evidence);
        both(&mut self.error, other.error);
        both(&mut self.likely, other.likely);
        both(&mut self.review, other.review);
        both(&mut self.unlikely, other.unlikely);
        self.single_author |= other.single_author;
    }

    /// Counts one row.
    pub fn add(&mut self, score: &Score) {
        self.read += 1;
        match score.status {
            Status::Ok => self.scored += 1,
            Status::Empty => self.empty += 1,
            Status::NoEvidence => self.no_evidence += 1,
            Status::Error => self.error += 1,
        }
        match score.band {
            Band::Likely => self.likely += 1,
            Band::Review => self.review += 1,
            Band::Unlikely => self.unlikely += 1,
            Band::NoEvidence => {}
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} rows read: {} scored, {} empty, {} without evidence, {} with an error",
            self.read, self.scored, self.empty, self.no_evidence, self.error
        )?;
        write!(f, "bands: {} likely, {} to review, {} unlikely", self.likely, self.review, self.unlikely)
    }
}

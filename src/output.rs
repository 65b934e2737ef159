//! Outputs: the rows of a feed with their scores, or a list for a reader.
//!
//! A new output is a file in `src/output/` and a variant of [`Output`].

mod jsonl;
mod review;
mod table;

use std::io::Write;

use crate::error::{Error, Result};
use crate::feed::{Feed, Layout, Row};
use crate::score::{Band, Score, Status};

/// Where scored rows go.
pub struct Output<'a> {
    to: Box<dyn Write + Send + 'a>,
    form: Form,
    buffer: Vec<u8>,
}

pub(crate) enum Form {
    Jsonl(jsonl::Jsonl),
    Table(table::Table),
    Review(review::Review),
}

/// Bytes that are gathered before they are written.
const BUFFER: usize = 1 << 16;

impl<'a> Output<'a> {
    /// The same rows in the same layout as the feed, each with its result. Cells that a spreadsheet would run as a
    /// formula are disarmed unless `raw_cells`.
    pub fn rows(feed: &Feed, to: impl Write + Send + 'a, raw_cells: bool) -> Self {
        let mut buffer = Vec::new();
        let form = match feed.layout() {
            Layout::Jsonl | Layout::Posts => Form::Jsonl(jsonl::Jsonl::default()),
            Layout::Table { header, delimiter, bom } => Form::Table(table::Table::new(header, *delimiter, *bom, raw_cells, &mut buffer)),
        };
        Self { to: Box::new(to), form, buffer }
    }

    /// A readable list of the `most` posts most worth a look, written when the feed has ended. `colour` uses terminal
    /// attributes; post text is always made harmless.
    pub fn review(to: impl Write + Send + 'a, most: usize, colour: bool) -> Self {
        Self { to: Box::new(to), form: Form::Review(review::Review::new(most, colour)), buffer: Vec::new() }
    }

    /// Writes one row.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&mut self, row: &Row, score: &Score) -> Result<()> {
        self.form.format(row, score, &mut self.buffer);
        self.form.add(row, score);
        if self.buffer.len() < BUFFER { Ok(()) } else { self.flush() }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.form.finish(&mut self.buffer);
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        self.to.write_all(&self.buffer).and_then(|()| self.to.flush()).map_err(written)?;
        self.buffer.clear();
        Ok(())
    }

    /// What was gathered so far with the place to write it to, and the form.
    pub(crate) fn split(mut self) -> Result<(Box<dyn Write + Send + 'a>, Form)> {
        self.flush()?;
        Ok((self.to, self.form))
    }
}

impl Form {
    /// Appends a row as it is written; nothing for a list, which can be written only at the end. Rows do not depend on each other.
    pub(crate) fn format(&self, row: &Row, score: &Score, out: &mut Vec<u8>) {
        match self {
            Self::Jsonl(jsonl) => jsonl.format(row, score, out),
            Self::Table(table) => table.format(row, score, out),
            Self::Review(_) => {}
        }
    }

    /// Takes note of a row for a list.
    pub(crate) fn add(&mut self, row: &Row, score: &Score) {
        if let Self::Review(review) = self {
            review.add(row, score);
        }
    }

    /// Whether [`Form::add`] could use a row.
    pub(crate) fn wants(&self, score: &Score) -> bool {
        matches!(self, Self::Review(_)) && score.band >= Band::Review
    }

    /// Appends what is written at the end.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        if let Self::Review(review) = self {
            review.finish(out);
        }
    }
}

pub(crate) fn written(e: std::io::Error) -> Error {
    Error::io(std::path::Path::new("output"), e)
}

/// What became of the rows of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

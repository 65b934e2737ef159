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
    form: Form<'a>,
}

enum Form<'a> {
    Jsonl(jsonl::Jsonl<'a>),
    Table(Box<table::Table<'a>>),
    Review(review::Review<'a>),
}

impl<'a> Output<'a> {
    /// The same rows in the same layout as the feed, each with its result. Cells that a spreadsheet would run as a
    /// formula are disarmed unless `raw_cells`.
    ///
    /// # Errors
    /// The first bytes cannot be written.
    pub fn rows(feed: &Feed, to: impl Write + 'a, raw_cells: bool) -> Result<Self> {
        let to: Box<dyn Write + 'a> = Box::new(to);
        let form = match feed.layout() {
            Layout::Jsonl => Form::Jsonl(jsonl::Jsonl::new(to)),
            Layout::Table { header, delimiter, bom } => Form::Table(Box::new(table::Table::new(to, header, *delimiter, *bom, raw_cells).map_err(written)?)),
        };
        Ok(Self { form })
    }

    /// A readable list of the `most` posts most worth a look, written by [`Output::finish`]. `colour` uses terminal
    /// attributes; post text is always made harmless.
    pub fn review(to: impl Write + 'a, most: usize, colour: bool) -> Self {
        Self { form: Form::Review(review::Review::new(Box::new(to), most, colour)) }
    }

    /// Writes one row.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&mut self, row: &Row, score: &Score) -> Result<()> {
        match &mut self.form {
            Form::Jsonl(jsonl) => jsonl.write(row, score),
            Form::Table(table) => table.write(row, score),
            Form::Review(review) => {
                review.add(row, score);
                Ok(())
            }
        }
        .map_err(written)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(self) -> Result<()> {
        match self.form {
            Form::Jsonl(jsonl) => jsonl.finish(),
            Form::Table(table) => table.finish(),
            Form::Review(review) => review.finish(),
        }
        .map_err(written)
    }
}

fn written(e: std::io::Error) -> Error {
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

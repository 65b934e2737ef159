//! Tables that people fill in, in whatever spreadsheet they have.

use std::path::{Path, PathBuf};

use csv::{Position, Reader, ReaderBuilder, StringRecord, Trim};

use crate::error::{Error, Result};

/// A CSV table: UTF-8 with or without a mark, parted by commas, semicolons or tabs. White space around cells is left out.
pub(crate) struct Filled {
    path: PathBuf,
    header: StringRecord,
    table: Reader<std::io::Cursor<Vec<u8>>>,
}

impl Filled {
    /// Opens a table from the bytes of its file.
    pub(crate) fn open(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::new("not UTF-8").at(path).remedy("save it as CSV UTF-8"))?;
        let start = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        let header = text[start..].lines().next().unwrap_or_default();
        // A spreadsheet of another country writes semicolons, and commas in numbers.
        let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|&d| header.bytes().filter(|&b| b == d).count()).unwrap_or(b',');
        let mut from = std::io::Cursor::new(bytes);
        from.set_position(start as u64);
        let mut table = ReaderBuilder::new().delimiter(delimiter).trim(Trim::All).from_reader(from);
        let header = table.headers().map_err(|e| torn(path, &e))?.clone();
        Ok(Self { path: path.to_owned(), header, table })
    }

    /// The number of a column, in capitals or not.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column.eq_ignore_ascii_case(name))
    }

    /// The rows, each with its line.
    pub(crate) fn rows(self) -> impl Iterator<Item = Result<(u64, StringRecord)>> {
        let Self { path, table, .. } = self;
        table.into_records().map(move |record| record.map(|record| (record.position().map_or(1, Position::line), record)).map_err(|e| torn(&path, &e)))
    }
}

fn torn(path: &Path, fault: &csv::Error) -> Error {
    let line = fault.position().map_or(1, Position::line);
    Error::new("the row has more or fewer cells than the header").at(path).line(line).remedy("each row needs a cell for each column")
}

//! CSV and TSV with a header row.

use std::collections::VecDeque;

use csv_core::ReadRecordResult;

use super::lines::{Line, Lines, not_utf8, too_long};
use super::{ACTIVITY, Feed, ID, LOOK_AHEAD, Layout, PARENT, Raw, Row, TEXT, find, post};
use crate::error::{Error, Result};

/// Bytes after which a quotation mark that nobody closed is taken for a mistake; the first mistake makes the reader more wary.
const LONGEST_RECORD: usize = 1 << 20;
const LONGEST_RECORD_AFTER_MISTAKE: usize = 1 << 14;

/// A longer cell in the first row is no column's name but text: the table has no header.
const LONGEST_NAME: usize = 80;

/// Reads records, each possibly of several lines.
pub(crate) struct Source {
    records: Records,
    ahead: VecDeque<Record>,
}

/// Takes the post out of records: which column is what.
pub(crate) struct Parser {
    width: usize,
    text: usize,
    id: Option<usize>,
    activity: Option<usize>,
    parent: Option<usize>,
}

pub(crate) struct Record {
    line: u64,
    bytes: Vec<u8>,
    cells: std::result::Result<Vec<Vec<u8>>, String>,
}

struct Records {
    lines: Lines,
    delimiter: u8,
    longest: usize,
}

pub(super) fn open(mut lines: Lines, text_column: Option<&str>, bom: bool) -> Result<Feed> {
    if bom {
        lines.skip(3);
    }
    let mut records = Records { lines, delimiter: b',', longest: LONGEST_RECORD };
    let header = records.header()?;
    let names: Vec<String> = header.iter().map(|h| String::from_utf8_lossy(h).trim().to_owned()).collect();
    let ahead: VecDeque<Record> = std::iter::from_fn(|| records.next()).take(LOOK_AHEAD).collect();
    if text_column.is_none() && names.iter().any(|n| n.chars().count() > LONGEST_NAME) {
        return Err(Error::new("the first row does not look like column names")
            .line(1)
            .remedy("put names above the columns, one of them `text`, or name the text with --text-column"));
    }
    let shown = names.iter().map(|n| n.escape_debug().to_string()).collect::<Vec<_>>().join(", ");
    let text = match text_column {
        Some(name) => names.iter().position(|n| n == name).or_else(|| names.iter().position(|n| n.eq_ignore_ascii_case(name))),
        None => find(&names, &TEXT).or_else(|| longest(&ahead, names.len())),
    };
    let text = text.ok_or_else(|| match text_column {
        Some(name) => Error::new(format!("no column `{}`", name.escape_debug())).remedy(format!("the columns here are: {shown}")),
        None => Error::new("no column looks like the text of a post").remedy(format!("name it with --text-column; the columns here are: {shown}")),
    })?;
    let other = |known: &[&str]| find(&names, known).filter(|&i| i != text);
    let parser = Parser { width: names.len(), text, id: other(&ID), activity: other(&ACTIVITY), parent: other(&PARENT) };
    let kind = match records.delimiter {
        b',' => "CSV".to_owned(),
        b'\t' => "TSV".to_owned(),
        d => format!("CSV with `{}`", char::from(d)),
    };
    let mut mapping = vec![format!("{kind}, {} columns; text: `{}`", names.len(), names[text].escape_debug())];
    for (what, column) in [("id", parser.id), ("activity", parser.activity), ("parent", parser.parent)] {
        mapping.extend(column.map(|i| format!("{what}: `{}`", names[i].escape_debug())));
    }
    let layout = Layout::Table { header, delimiter: records.delimiter, bom };
    Ok(Feed { source: super::Source::Table(Source { records, ahead }), parser: super::Parser::Table(parser), layout, mapping })
}

/// The column with the longest text on average, if it reads like prose.
fn longest(ahead: &VecDeque<Record>, width: usize) -> Option<usize> {
    let mean = |i: usize| {
        let cells = ahead.iter().filter_map(|r| r.cells.as_ref().ok().and_then(|c| c.get(i)));
        let (sum, prose) = cells.fold((0, 0), |(sum, prose), c| (sum + c.len(), prose + usize::from(c.trim_ascii().contains(&b' '))));
        if 2 * prose >= ahead.len() && prose > 0 { sum / ahead.len() } else { 0 }
    };
    (0..width).map(|i| (mean(i), i)).filter(|(n, _)| *n >= 10).max_by_key(|&(n, i)| (n, usize::MAX - i)).map(|(_, i)| i)
}

impl Source {
    pub(super) fn next(&mut self) -> Option<Record> {
        self.ahead.pop_front().or_else(|| self.records.next())
    }
}

impl Record {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl Parser {
    pub(super) fn row(&self, record: Record) -> Row {
        let Record { line, bytes, cells } = record;
        match cells {
            Err(reason) => Row { line, post: Err(reason), raw: Raw::Bad(bytes) },
            Ok(cells) => Row { line, post: self.post(&cells), raw: Raw::Cells { cells, bytes } },
        }
    }

    fn post(&self, cells: &[Vec<u8>]) -> std::result::Result<crate::post::Post, String> {
        if cells.len() > self.width {
            return Err(format!("{} cells in a table of {} columns; is a delimiter in the text not quoted?", cells.len(), self.width));
        }
        let cell = |i: usize| cells.get(i).map(|c| std::str::from_utf8(c).map_err(not_utf8)).transpose();
        let text = cell(self.text)?.ok_or_else(|| format!("{} cells, the text would be in number {}", cells.len(), self.text + 1))?;
        let other = |i: Option<usize>| i.and_then(|i| cells.get(i)).map(|c| String::from_utf8_lossy(c).into_owned());
        Ok(post(text.to_owned(), other(self.id), other(self.activity).as_deref(), other(self.parent)))
    }
}

impl Records {
    /// Reads the header and finds the delimiter: the sign that cuts it into most cells.
    fn header(&mut self) -> Result<Vec<Vec<u8>>> {
        let no_header = |why: &str| {
            Error::new(format!("no header row: {why}")).line(1).remedy("the first row must name the columns, one of them the text; for JSON, one object a line")
        };
        let line = loop {
            match self.lines.next() {
                Line::Whole(line) if line.trim_ascii().is_empty() => {}
                Line::Whole(line) => break line,
                Line::TooLong(_) => return Err(no_header(&too_long())),
                Line::Broken(reason) => return Err(no_header(&reason)),
                Line::End => return Err(no_header("the file is empty")),
            }
        };
        if std::str::from_utf8(&line).is_err() || line.contains(&0) {
            return Err(no_header("the first line is not UTF-8 text"));
        }
        // A first line `sep=;` is how a spreadsheet notes its delimiter.
        if let [sign] = line.trim_ascii().strip_prefix(b"sep=").unwrap_or_default() {
            self.delimiter = *sign;
            return match self.next() {
                Some(Record { cells: Ok(cells), .. }) => Ok(cells),
                _ => Err(no_header("nothing follows its first line")),
            };
        }
        let count = |d: u8| cells(&line, d).len();
        self.delimiter = [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|&d| count(d)).unwrap_or(b',');
        Ok(cells(&line, self.delimiter))
    }

    fn next(&mut self) -> Option<Record> {
        loop {
            let line = self.lines.next_line;
            let bad = |reason: String, bytes: Vec<u8>| Some(Record { line, bytes, cells: Err(reason) });
            let mut bytes = match self.lines.next() {
                Line::End => return None,
                Line::TooLong(bytes) => return bad(too_long(), bytes),
                Line::Broken(reason) => return bad(reason, Vec::new()),
                Line::Whole(bytes) => bytes,
            };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let mut quotes = Quotes::default();
            quotes.read(&bytes, self.delimiter);
            // Inside quotation marks the record goes on over the next lines, until they close as they should.
            let first = bytes.len();
            let mut more: Vec<Vec<u8>> = Vec::new();
            while quotes.state == State::Inside {
                let next = if bytes.len() < self.longest { self.lines.next() } else { Line::End };
                let fault = match next {
                    Line::Whole(next) => {
                        quotes.read(&next, self.delimiter);
                        bytes.extend_from_slice(&next);
                        more.push(next);
                        quotes.stray.then_some("a quotation mark closes in the middle of a cell; is one missing on this line?")
                    }
                    _ => Some("a quotation mark is never closed"),
                };
                if let Some(fault) = fault {
                    self.lines.put_back(more);
                    self.longest = LONGEST_RECORD_AFTER_MISTAKE;
                    bytes.truncate(first);
                    return bad(fault.to_owned(), bytes);
                }
            }
            let cells = Ok(cells(&bytes, self.delimiter));
            return Some(Record { line, bytes, cells });
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Plain,
    Inside,
    /// After a quotation mark inside: the next byte tells whether it closes or stands for itself.
    Closing,
}

/// Follows quotation marks over the lines of a record.
#[derive(Default)]
struct Quotes {
    state: State,
    /// Whether something followed a closing mark that is no delimiter.
    stray: bool,
}

impl Quotes {
    fn read(&mut self, bytes: &[u8], delimiter: u8) {
        for &b in bytes {
            self.state = match (self.state, b) {
                (State::Start | State::Closing, b'"') => State::Inside,
                (State::Inside, b'"') => State::Closing,
                (State::Inside, _) => State::Inside,
                (_, b) if b == delimiter => State::Start,
                (State::Closing, b) if !matches!(b, b'\r' | b'\n' | b' ') => {
                    self.stray = true;
                    State::Plain
                }
                (State::Closing, _) => State::Closing,
                _ => State::Plain,
            };
        }
    }
}

/// The cells of one record.
fn cells(record: &[u8], delimiter: u8) -> Vec<Vec<u8>> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut out, mut ends) = (vec![0; record.len() + 1], vec![0; record.iter().filter(|&&b| b == delimiter).count() + 2]);
    let (mut from, mut to, mut cells) = (0, 0, 0);
    loop {
        let (result, read, written, found) = reader.read_record(&record[from..], &mut out[to..], &mut ends[cells..]);
        (from, to, cells) = (from + read, to + written, cells + found);
        match result {
            ReadRecordResult::InputEmpty if from == record.len() => {
                // An empty input tells the reader that the record ends here.
                let (_, _, written, found) = reader.read_record(&[], &mut out[to..], &mut ends[cells..]);
                (to, cells) = (to + written, cells + found);
                break;
            }
            ReadRecordResult::InputEmpty => {}
            _ => break,
        }
    }
    let _ = to;
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends[..cells]).map(|(start, &end)| out[start..end].to_vec()).collect()
}

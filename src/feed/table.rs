//! CSV and TSV with a header row.

use std::collections::{HashSet, VecDeque};
use std::sync::LazyLock;

use csv_core::ReadRecordResult;

use super::format::{self, Format, Shape};
use super::input::Input;
use super::lines::{Line, Lines, not_utf8, too_long};
use super::map::{Mapping, Part, Want};
use super::{Cut, Feed, LOOK_AHEAD, Layout, Options, Parse, Raw, Row, plain_name};
use crate::error::{Error, Result};

/// Bytes after which a quotation mark that nobody closed is taken for a mistake; the first mistake makes the reader more wary.
const LONGEST_RECORD: usize = 1 << 20;
const LONGEST_RECORD_AFTER_MISTAKE: usize = 1 << 14;
/// A longer cell in the first row is no column's name but text: the table has no header.
const LONGEST_NAME: usize = 80;
/// Rows before the header, as some tools write them.
const LONGEST_PREAMBLE: usize = 25;

/// Reads records, each possibly of several lines.
struct Records {
    lines: Lines,
    delimiter: u8,
    /// Whether a quotation mark behind a backslash stands for itself, as PHP writes it.
    backslash: bool,
    longest: usize,
}

/// Takes the post out of records: what is wanted of which column.
struct Parser {
    delimiter: u8,
    mapping: Mapping,
    /// Positions in the mapping's list, by column.
    columns: Vec<Vec<usize>>,
}

pub(super) fn open(input: Input, options: &Options) -> Result<Feed> {
    let Input { reader, start, encoding, bom } = input;
    let lines = Lines::new(reader, &start);
    let mut records = Records { lines, delimiter: b',', backslash: false, longest: LONGEST_RECORD };
    let (header, preamble) = records.header(options)?;
    let names: Vec<String> = header.iter().map(|h| String::from_utf8_lossy(h).trim().to_owned()).collect();
    let plain: Vec<String> = names.iter().map(|n| plain_name(n)).collect();
    let format = options.known(|format| format.has_columns(&plain))?;
    records.backslash = matches!(format, Some(Format { shape: Shape::Table { backslash: true }, .. }));
    let ahead: VecDeque<Cut> = std::iter::from_fn(|| records.next()).take(LOOK_AHEAD).collect();
    let delimiter = records.delimiter;
    let longest = || longest(ahead.iter().filter(|c| c.fault.is_none()).map(|c| cells(&c.bytes, delimiter)), &names);
    let layout = Layout::Table { header, delimiter: records.delimiter, bom };
    let kind = match records.delimiter {
        b',' => "CSV".to_owned(),
        b'\t' => "TSV".to_owned(),
        d => format!("CSV with `{}`", char::from(d)),
    };
    let mut about = vec![("layout", format!("{kind}, {} columns, {encoding}", names.len()))];
    if preamble > 0 {
        about.push(("before the header", format!("{preamble} rows that are left out")));
    }
    let (mapping, more) = mapping(&names, &plain, longest, format, options)?;
    about.extend(more);
    let parser = Parser { delimiter: records.delimiter, columns: by_column(&mapping, &names), mapping };
    let source = ahead.into_iter().chain(std::iter::from_fn(move || records.next()));
    Ok(Feed::new(source, parser, layout, about, format))
}

/// What is in which column, with an account of it for the user.
fn mapping<'n>(
    names: &'n [String],
    plain: &[String],
    longest: impl Fn() -> Option<&'n str>,
    format: Option<&'static Format>,
    options: &Options,
) -> Result<(Mapping, Vec<(&'static str, String)>)> {
    let shown = || names.iter().map(|n| n.escape_debug().to_string()).collect::<Vec<_>>().join(", ");
    for (_, wanted) in options.columns() {
        if !names.iter().any(|n| n.eq_ignore_ascii_case(wanted)) {
            return Err(Error::new(format!("no column `{}`", wanted.escape_debug())).remedy(format!("the columns here are: {}", shown())));
        }
    }
    let mapping = if let Some(format) = format {
        Mapping::new(format.title, &format.map, options)
    } else {
        if options.text_column.is_none() && names.iter().any(|n| n.chars().count() > LONGEST_NAME) {
            return Err(Error::new("the first row does not look like column names")
                .line(1)
                .remedy("put names above the columns, one of them `text`, or name the text with --text-column"));
        }
        let named = plain.iter().any(|n| Part::Text.names().contains(&n.as_str()));
        let longest = if named { None } else { longest() };
        if !named && longest.is_none() && options.text_column.is_none() {
            return Err(Error::new("no column looks like the text of a post").remedy(format!(
                "{}name it with --text-column; the columns here are: {}",
                format::nearest(|mark| plain.contains(&plain_name(mark))),
                shown()
            )));
        }
        Mapping::guessed(names, longest, options)
    };
    let mut about = Vec::new();
    for (part, what) in Part::SHOWN {
        let column = mapping.paths(part).find_map(|path| names.iter().find(|n| same(n, path)));
        about.extend(column.map(|c| (what, format!("`{}`", c.escape_debug()))));
    }
    if mapping.paths(Part::Text).all(|path| !names.iter().any(|n| same(n, path))) {
        return Err(Error::new(format!("this is a {} without the column of the text", mapping.title))
            .remedy(format!("ask the tool for it, or name another with --text-column; the columns here are: {}", shown())));
    }
    Ok((mapping, about))
}

fn same(column: &str, path: &str) -> bool {
    column == path || plain_name(column) == plain_name(path) && !path.is_empty()
}

/// The wants of a mapping by column.
fn by_column(mapping: &Mapping, names: &[String]) -> Vec<Vec<usize>> {
    let plain: Vec<String> = mapping.wants.iter().map(|(path, _)| plain_name(path)).collect();
    let wants = |name: &String| {
        let own = plain_name(name);
        let is = |(path, plain): (&str, &String)| path == name || *plain == own && !path.is_empty();
        let paths = mapping.wants.iter().map(|(path, _)| path.as_str()).zip(&plain);
        paths.enumerate().filter(|(_, pair)| is(*pair)).map(|(number, _)| number).collect()
    };
    names.iter().map(wants).collect()
}

/// The column with the longest text on average, if it reads like prose.
fn longest(records: impl Iterator<Item = Vec<Vec<u8>>>, names: &[String]) -> Option<&str> {
    let (mut rows, mut sums) = (0, vec![(0, 0); names.len()]);
    for record in records {
        rows += 1;
        for ((length, prose), cell) in sums.iter_mut().zip(&record) {
            *length += cell.len();
            *prose += usize::from(cell.trim_ascii().contains(&b' '));
        }
    }
    let means = sums.iter().enumerate().filter(|(_, (_, prose))| 2 * prose >= rows && *prose > 0).map(|(i, (length, _))| (length / rows, i));
    means.filter(|(mean, _)| *mean >= 10).max_by_key(|&(mean, i)| (mean, usize::MAX - i)).map(|(_, i)| names[i].as_str())
}

impl Parse for Parser {
    fn rows(&self, cut: Cut, rows: &mut dyn FnMut(Row)) {
        let Cut { line, bytes, fault, .. } = cut;
        if let Some(fault) = fault {
            return rows(Row::bad(line, fault, bytes));
        }
        rows(row(&self.mapping, &self.columns, line, cells(&bytes, self.delimiter), bytes));
    }
}

/// The row of one record.
fn row(mapping: &Mapping, columns: &[Vec<usize>], line: u64, cells: Vec<Vec<u8>>, bytes: Vec<u8>) -> Row {
    let whole = cells.len() >= columns.len() || bytes.ends_with(b"\n") || bytes.ends_with(b"\r");
    let found = if whole {
        post(mapping, columns, &cells)
    } else {
        Err(format!("{} of {} cells at the end of the file: it is cut off here", cells.len(), columns.len()))
    };
    let (post, notes) = match found {
        Ok((post, notes)) => (Ok(post), notes),
        Err(reason) => (Err(reason), Vec::new()),
    };
    Row { line, post, notes, raw: Raw::Cells { cells, bytes } }
}

fn post(mapping: &Mapping, columns: &[Vec<usize>], cells: &[Vec<u8>]) -> std::result::Result<(crate::post::Post, Vec<super::Note>), String> {
    if cells.len() > columns.len() {
        return Err(format!("{} cells in a table of {} columns; is a delimiter in the text not quoted?", cells.len(), columns.len()));
    }
    let mut found = mapping.found();
    for (cell, wants) in cells.iter().zip(columns) {
        for &want in wants {
            let want = &mapping.wants[want].1;
            let text = match std::str::from_utf8(cell) {
                Ok(text) => std::borrow::Cow::Borrowed(text),
                Err(e) if matches!(want, Want::Value { part: Part::Text, .. }) => return Err(not_utf8(e)),
                Err(_) => String::from_utf8_lossy(cell),
            };
            found.take(want, &text);
        }
    }
    if let (Some(post), notes) = found.post() {
        return Ok((post, notes));
    }
    let text = |wants: &Vec<usize>| wants.iter().any(|&w| matches!(mapping.wants[w].1, Want::Value { part: Part::Text, .. }));
    Err(format!("{} cells, the text would be in number {}", cells.len(), columns.iter().position(text).unwrap_or(0) + 1))
}

impl Records {
    /// Reads the header and finds the delimiter, the sign that cuts it into most cells; with the number of rows before it.
    fn header(&mut self, options: &Options) -> Result<(Vec<Vec<u8>>, usize)> {
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
            return Err(no_header("the first line is not text"));
        }
        // A first line `sep=;` is how a spreadsheet notes its delimiter.
        if let [sign @ (b',' | b';' | b'\t' | b'|')] = line.trim_ascii().strip_prefix(b"sep=").unwrap_or_default() {
            self.delimiter = *sign;
            return Ok((self.header_record(&|_| no_header("nothing follows its first line"))?, 0));
        }
        let delimiter = |line: &[u8]| {
            let found = [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|&d| cells(line, d).len());
            options.delimiter.or(found).unwrap_or(b',')
        };
        let plain = |line: &[u8]| -> Vec<String> { cells(line, delimiter(line)).iter().map(|cell| plain_name(&String::from_utf8_lossy(cell))).collect() };
        let known = |names: &[String]| names.iter().filter(|name| KNOWN.contains(*name)).count();
        // The header may come after some rows of a title: then it is the first with two names that are known, and wider than the title.
        let first = plain(&line);
        let title = known(&first) < 2 && !first.iter().any(|name| Part::Text.names().contains(&name.as_str()));
        let mut before = vec![Line::Whole(line)];
        while title && before.len() <= LONGEST_PREAMBLE {
            let next = self.lines.next();
            let Line::Whole(bytes) = &next else {
                before.push(next);
                break;
            };
            let names = plain(bytes);
            if known(&names) >= 2 && (known(&first) == 0 || names.len() > first.len()) {
                let header = bytes.clone();
                self.lines.put_back(vec![next]);
                self.delimiter = delimiter(&header);
                return Ok((self.header_record(&no_header)?, before.len()));
            }
            before.push(next);
        }
        if let Some(Line::Whole(line)) = before.first() {
            self.delimiter = delimiter(line);
        }
        self.lines.put_back(before);
        Ok((self.header_record(&no_header)?, 0))
    }

    /// The cells of the header, which may have line breaks in its names.
    fn header_record(&mut self, no_header: &impl Fn(&str) -> Error) -> Result<Vec<Vec<u8>>> {
        match self.next() {
            Some(Cut { fault: None, bytes, .. }) => Ok(cells(&bytes, self.delimiter)),
            Some(Cut { fault: Some(fault), .. }) => Err(no_header(&fault)),
            None => Err(no_header("the file is empty")),
        }
    }

    /// The next line, with quotation marks behind backslashes doubled as they are elsewhere. One that ends its cell is the end of it.
    fn next_line(&mut self) -> Line {
        match self.lines.next() {
            Line::Whole(line) if self.backslash => {
                let mut out = Vec::with_capacity(line.len());
                for (at, &b) in line.iter().enumerate() {
                    out.push(b);
                    let ends = line.get(at + 1).is_none_or(|&next| next == self.delimiter || matches!(next, b'\r' | b'\n' | b'"'));
                    if b == b'"' && at > 0 && line[at - 1] == b'\\' && !ends {
                        out.push(b'"');
                    }
                }
                Line::Whole(out)
            }
            line => line,
        }
    }

    fn next(&mut self) -> Option<Cut> {
        loop {
            let line = self.lines.next_line;
            let mut bytes = match self.next_line() {
                Line::End => return None,
                Line::TooLong(bytes) => return Some(Cut::bad(line, bytes, too_long())),
                Line::Broken(reason) => return Some(Cut::bad(line, Vec::new(), reason)),
                Line::Whole(bytes) => bytes,
            };
            if bytes.trim_ascii().is_empty() && !bytes.contains(&self.delimiter) {
                continue;
            }
            let mut quotes = Quotes::default();
            quotes.read(&bytes, self.delimiter);
            // Inside quotation marks the record goes on over the next lines, until they close as they should.
            let first = bytes.len();
            let mut more: Vec<Line> = Vec::new();
            while quotes.state == State::Inside {
                let next = if bytes.len() < self.longest { self.next_line() } else { Line::End };
                let fault = match next {
                    Line::Whole(next) => {
                        quotes.read(&next, self.delimiter);
                        bytes.extend_from_slice(&next);
                        more.push(Line::Whole(next));
                        quotes.stray.then_some("a quotation mark closes in the middle of a cell; is one missing on this line?")
                    }
                    _ => Some("a quotation mark is never closed"),
                };
                if let Some(fault) = fault {
                    self.lines.put_back(more);
                    self.longest = LONGEST_RECORD_AFTER_MISTAKE;
                    bytes.truncate(first);
                    return Some(Cut::bad(line, bytes, fault));
                }
            }
            if !more.is_empty() {
                self.longest = LONGEST_RECORD;
            }
            return Some(Cut::whole(line, bytes));
        }
    }
}

/// Names that exports give columns.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let marks = format::all().flat_map(|f| f.marks).flat_map(|mark| mark.split('|')).map(plain_name);
    Part::ALL.iter().flat_map(|part| part.names()).map(|&name| name.to_owned()).chain(marks).collect()
});

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
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).terminator(csv_core::Terminator::Any(b'\n')).build();
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    let record = record.strip_suffix(b"\r").unwrap_or(record);
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

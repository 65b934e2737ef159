//! Physical lines of a file, each within a bound.

use std::collections::VecDeque;
use std::io::BufRead;

use super::Cut;

/// A longer line is no post: it is skipped and reported, not kept in memory.
pub(super) const LONGEST_LINE: usize = 8 << 20;

/// Lines with the possibility to put some back.
pub(super) struct Lines {
    input: Box<dyn BufRead + Send>,
    put_back: VecDeque<Line>,
    end: u8,
    /// The number of the line that comes next, counted from 1.
    pub(super) next_line: u64,
    broken: bool,
    /// Bytes of the line before: the next one is mostly not much longer.
    usual: usize,
}

/// What reading one line gave.
pub(super) enum Line {
    /// The line with its end.
    Whole(Vec<u8>),
    /// Too long; the first bytes of it.
    TooLong(Vec<u8>),
    /// The input broke off.
    Broken(String),
    End,
}

impl Lines {
    /// `start` is what the input begins with: old spreadsheets end lines with a bare carriage return, which shows there.
    pub(super) fn new(input: Box<dyn BufRead + Send>, start: &[u8]) -> Self {
        let end = if start.contains(&b'\r') && !start.contains(&b'\n') { b'\r' } else { b'\n' };
        Self { input, put_back: VecDeque::new(), end, next_line: 1, broken: false, usual: 0 }
    }

    /// Lines that come next again.
    pub(super) fn put_back(&mut self, lines: Vec<Line>) {
        self.next_line -= lines.iter().filter(|line| matches!(line, Line::Whole(_) | Line::TooLong(_))).count() as u64;
        lines.into_iter().rev().for_each(|line| self.put_back.push_front(line));
    }

    pub(super) fn next(&mut self) -> Line {
        if let Some(line) = self.put_back.pop_front() {
            self.next_line += u64::from(matches!(line, Line::Whole(_) | Line::TooLong(_)));
            return line;
        }
        if self.broken {
            return Line::End;
        }
        let mut line = Vec::with_capacity(self.usual + self.usual / 4);
        match self.read(&mut line) {
            Err(e) => {
                self.broken = true;
                Line::Broken(format!("the file breaks off here: {e}; get it again"))
            }
            Ok(()) if line.is_empty() => Line::End,
            Ok(()) => {
                self.next_line += 1;
                self.usual = line.len().min(1 << 12);
                if line.len() <= LONGEST_LINE {
                    return Line::Whole(line);
                }
                if line.last() != Some(&self.end) {
                    self.skip_line();
                }
                line.truncate(200);
                Line::TooLong(line)
            }
        }
    }

    /// The next line that is not blank, as a row.
    pub(super) fn next_row(&mut self) -> Option<Cut> {
        loop {
            let number = self.next_line;
            return Some(match self.next() {
                Line::End => return None,
                Line::Whole(bytes) if bytes.trim_ascii_start().is_empty() => continue,
                Line::Whole(bytes) => Cut::whole(number, bytes),
                Line::TooLong(bytes) => Cut::bad(number, bytes, too_long()),
                Line::Broken(reason) => Cut::bad(number, Vec::new(), reason),
            });
        }
    }

    /// Passes over rows, as many [`Lines::next_row`] calls would.
    pub(super) fn skip_rows(&mut self, mut count: usize) {
        while count > 0 {
            // Lines that lie whole in the buffer, then the one that goes on behind it.
            if self.put_back.is_empty() && !self.broken {
                let buffer = match self.input.fill_buf() {
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                    // It may fail but once, and where the file breaks off is a row.
                    Err(_) => {
                        self.broken = true;
                        count -= 1;
                        continue;
                    }
                    Ok(buffer) => buffer,
                };
                let mut used = 0;
                while count > 0
                    && let Some(length) = memchr::memchr(self.end, &buffer[used..])
                {
                    count -= usize::from(!buffer[used..used + length].trim_ascii_start().is_empty());
                    used += length + 1;
                    self.next_line += 1;
                }
                self.input.consume(used);
            }
            if count > 0 && self.next_row().is_none() {
                return;
            }
            count = count.saturating_sub(1);
        }
    }

    /// Appends the next line with its end, or of a longer one the first [`LONGEST_LINE`] bytes and one.
    fn read(&mut self, line: &mut Vec<u8>) -> std::io::Result<()> {
        loop {
            let buffer = match self.input.fill_buf() {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            let buffer = &buffer[..buffer.len().min(LONGEST_LINE + 1 - line.len())];
            let end = memchr::memchr(self.end, buffer).map(|at| at + 1);
            let used = end.unwrap_or(buffer.len());
            line.extend_from_slice(&buffer[..used]);
            self.input.consume(used);
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }

    fn skip_line(&mut self) {
        loop {
            let Ok(buffer) = self.input.fill_buf() else {
                self.broken = true;
                return;
            };
            if buffer.is_empty() {
                return;
            }
            let end = memchr::memchr(self.end, buffer);
            let used = end.map_or(buffer.len(), |at| at + 1);
            self.input.consume(used);
            if end.is_some() {
                return;
            }
        }
    }
}

/// Why a line is not UTF-8, in words.
pub(super) fn not_utf8(e: std::str::Utf8Error) -> String {
    format!("not UTF-8 at byte {}; convert the file, for instance: iconv -f WINDOWS-1252 -t UTF-8", e.valid_up_to() + 1)
}

pub(super) fn too_long() -> String {
    format!("the line is longer than {} MiB", LONGEST_LINE >> 20)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Fails once, if at all.
    struct Once(bool);

    impl Read for Once {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            if std::mem::take(&mut self.0) { Err(std::io::Error::other("torn")) } else { Ok(0) }
        }
    }

    #[test]
    fn rows_that_are_passed_over_are_those_that_would_have_come() {
        let long = "x".repeat(LONGEST_LINE + 5);
        let text = format!("one\n\n  \ntwo\r\n{long}\nthree\n\nfour");
        let shown = |cut: Cut| (cut.line, cut.bytes, cut.fault.is_some());
        for (end, breaks, last) in [("", false, None), ("", true, None), ("\n", true, Some((9, true)))] {
            let text = || std::io::Cursor::new(format!("{text}{end}").into_bytes());
            let lines = || Lines::new(Box::new(std::io::BufReader::new(text().chain(Once(breaks)))), b"one\n");
            let mut all = lines();
            let all: Vec<_> = std::iter::from_fn(|| all.next_row()).map(shown).collect();
            let mut expected = vec![(1, false), (4, false), (5, true), (6, false), (8, breaks && end.is_empty())];
            expected.extend(last);
            assert_eq!(all.iter().map(|row| (row.0, row.2)).collect::<Vec<_>>(), expected);
            for count in 0..=all.len() + 1 {
                let mut rest = lines();
                rest.skip_rows(count);
                let rest: Vec<_> = std::iter::from_fn(|| rest.next_row()).map(shown).collect();
                assert_eq!(rest, all[count.min(all.len())..], "{count} rows passed over");
            }
        }
    }
}

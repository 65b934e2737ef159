//! Physical lines of a file, each within a bound.

use std::collections::VecDeque;
use std::io::{BufRead, Read};

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
        Self { input, put_back: VecDeque::new(), end, next_line: 1, broken: false }
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
        let mut line = Vec::new();
        let read = (&mut self.input).take(LONGEST_LINE as u64 + 1).read_until(self.end, &mut line);
        match read {
            Err(e) => {
                self.broken = true;
                Line::Broken(format!("the file breaks off here: {e}; get it again"))
            }
            Ok(0) => Line::End,
            Ok(_) => {
                self.next_line += 1;
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

    fn skip_line(&mut self) {
        loop {
            let Ok(buffer) = self.input.fill_buf() else {
                self.broken = true;
                return;
            };
            if buffer.is_empty() {
                return;
            }
            let end = buffer.iter().position(|&b| b == self.end);
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

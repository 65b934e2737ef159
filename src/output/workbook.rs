//! Excel workbooks: all cells are text, the telling words of a post are bold.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::table::{Columns, RESULT, result};
use crate::error::{Error, Result};
use crate::feed::Row;
use crate::score::Score;

/// Rows of a sheet after its header; more go on another sheet.
const MOST_ROWS: u32 = 1_048_575;
/// Characters of a cell, by Excel's rules in units of UTF-16.
const LONGEST_CELL: usize = 32_767;

pub(crate) struct Sheets {
    workbook: Workbook,
    columns: Columns,
    header: Vec<String>,
    /// Rows on the last sheet; none where there is no sheet yet.
    rows: Option<u32>,
    plain: Format,
    bold: Format,
}

fn failed(e: XlsxError) -> Error {
    match e {
        XlsxError::IoError(e) => Error::io(std::path::Path::new("output"), e),
        e => Error::new(format!("the workbook cannot be written: {e}")).remedy("write it --as excel, a table that Excel opens"),
    }
}

impl Sheets {
    pub(super) fn new(columns: Columns, header: &[Vec<u8>]) -> Self {
        let names = columns.names(header).iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect::<Vec<_>>();
        let header = names.into_iter().chain(RESULT.map(str::to_owned)).collect();
        Self { workbook: Workbook::new(), columns, header, rows: None, plain: Format::new(), bold: Format::new().set_bold() }
    }

    pub(super) fn add(&mut self, row: &Row, score: &Score) -> Result<()> {
        let number = match self.rows {
            Some(rows) if rows < MOST_ROWS => rows + 1,
            _ => {
                self.begin().map_err(failed)?;
                1
            }
        };
        self.rows = Some(number);
        let words = row.post.as_ref().map_or("", |post| post.words());
        let cells = self.columns.cells(row).into_iter().map(|cell| String::from_utf8_lossy(&cell).into_owned()).chain(result(row, score));
        let sheets = self.workbook.worksheets_mut();
        let sheet = sheets.last_mut().ok_or_else(|| Error::new("a workbook without sheets"))?;
        for (column, cell) in cells.enumerate() {
            let marked = (cell == words).then(|| segments(words, score)).filter(|s| s.len() > 1);
            write(sheet, number, column as u16, &cell, marked.as_deref(), (&self.plain, &self.bold)).map_err(failed)?;
        }
        Ok(())
    }

    /// Begins a sheet with its header.
    fn begin(&mut self) -> std::result::Result<(), XlsxError> {
        let count = self.workbook.worksheets().len() + 1;
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(if count == 1 { "netral".to_owned() } else { format!("netral {count}") })?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in self.header.iter().enumerate() {
            sheet.write_string_with_format(0, column as u16, name, &self.bold)?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<()> {
        if self.rows.is_none() {
            self.begin().map_err(failed)?;
        }
        out.extend(self.workbook.save_to_buffer().map_err(failed)?);
        Ok(())
    }
}

/// Writes a cell as text, so that nothing in it runs and no number is rounded; what is longer than Excel allows is cut and ends in `…`.
fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &str,
    marked: Option<&[(bool, &str)]>,
    formats: (&Format, &Format),
) -> std::result::Result<(), XlsxError> {
    // Every character takes two units at most, and control characters are written as seven.
    if cell.len() <= LONGEST_CELL / 7 || length(cell) <= LONGEST_CELL {
        if let Some(marked) = marked {
            let parts: Vec<(&Format, &str)> = marked.iter().map(|&(bold, text)| (if bold { formats.1 } else { formats.0 }, text)).collect();
            return sheet.write_rich_string(row, column, &parts).map(drop);
        }
        return sheet.write_string(row, column, cell).map(drop);
    }
    let mut units = 1;
    let kept: String = cell
        .chars()
        .take_while(|c| {
            units += units_of(*c);
            units <= LONGEST_CELL
        })
        .collect();
    sheet.write_string(row, column, format!("{kept}\u{2026}")).map(drop)
}

fn length(text: &str) -> usize {
    text.chars().map(units_of).sum()
}

fn units_of(c: char) -> usize {
    if c.is_control() { 7 } else { c.len_utf16() }
}

/// A text in stretches, each with whether it speaks for the score.
fn segments<'t>(text: &'t str, score: &Score) -> Vec<(bool, &'t str)> {
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut spans: Vec<(usize, usize)> = score.evidence.iter().filter(|e| e.head == "partisan" && e.push > 0.0).map(|e| (e.start, e.end)).collect();
    spans.sort_unstable();
    let (mut out, mut done) = (Vec::new(), 0);
    for (start, end) in spans {
        if start < done || end >= bytes.len() || start >= end {
            continue;
        }
        out.push((false, &text[bytes[done]..bytes[start]]));
        out.push((true, &text[bytes[start]..bytes[end]]));
        done = end;
    }
    out.push((false, &text[bytes[done]..]));
    out.retain(|(_, stretch)| !stretch.is_empty());
    out
}

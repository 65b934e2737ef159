//! Excel workbooks.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx};
use zip::ZipArchive;

use super::{Feed, Options, archive, rows};
use crate::error::{Error, Result};

/// Bytes that the files of a workbook may have together, and the shared strings, which are kept in memory.
const LARGEST: u64 = 4 << 30;
const LARGEST_STRINGS: u64 = 96 << 20;
/// Bytes without markup that a cell may have: Excel allows 32,767 characters.
const LONGEST_CELL: usize = 1 << 20;
/// Numbers beyond this were rounded.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn open(path: &Path, options: &Options) -> Result<Feed> {
    refuse_bombs(path)?;
    let failed = |e: calamine::XlsxError| Error::new(format!("a damaged workbook: {e}")).remedy("open it and save it as CSV UTF-8");
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(BufReader::new(file)).map_err(failed)?;
    let sheets = workbook.sheet_names();
    let Some(sheet) = sheets.first().cloned() else { return Err(Error::new("a workbook without sheets").remedy("save the feed as CSV UTF-8")) };
    let name = sheet.clone();
    let mut feed = rows::open(move |to| send_rows(&mut workbook, &name, to), options)?;
    feed.about.push(("sheet", format!("`{}`, the first of {}", sheet.escape_debug(), sheets.len())));
    Ok(feed)
}

/// Sends the rows of a sheet until nobody wants more.
fn send_rows(workbook: &mut Xlsx<BufReader<File>>, sheet: &str, to: &rows::Sender) -> std::result::Result<(), calamine::XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(sheet)?;
    let (mut row, mut number): (Vec<String>, u32) = (Vec::new(), 0);
    loop {
        let cell = cells.next_cell()?;
        let place = cell.as_ref().map(calamine::Cell::get_position);
        if place.is_none_or(|(at, _)| at != number) && !row.is_empty() && !to.send(&std::mem::take(&mut row)) {
            return Ok(());
        }
        let (Some((at, column)), Some(cell)) = (place, cell) else { return Ok(()) };
        number = at;
        let column = column as usize;
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = shown(cell.get_value());
    }
}

/// A cell as its reader sees it, but for numbers, which keep all their digits.
fn shown(cell: &DataRef) -> String {
    match cell {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        // An id that went through a number shows that it did.
        DataRef::Float(number) if number.abs() >= EXACT => format!("{number:e}").replace('e', "e+"),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
        }
        DataRef::DateTime(time) => time.as_f64().to_string(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// Refuses a workbook that would unpack to far more than any feed, before it is unpacked into memory.
fn refuse_bombs(path: &Path) -> Result<()> {
    let refused = |what: &str| Error::new(format!("a workbook whose {what}")).remedy("save the feed as CSV UTF-8");
    let failed = |e: zip::result::ZipError| Error::new(format!("a damaged workbook: {e}")).remedy("get it again");
    let mut archive = ZipArchive::new(File::open(path).map_err(|e| Error::io(path, e))?).map_err(failed)?;
    let mut all = 0;
    for number in 0..archive.len() {
        let Some((name, mut input)) = archive::entry(&mut archive, path, number)? else { continue };
        let (mut own, mut run, mut buffer) = (0, 0, vec![0; 1 << 16]);
        loop {
            let read = input.read(&mut buffer).map_err(|e| Error::io(path, e))?;
            if read == 0 {
                break;
            }
            own += read as u64;
            all += read as u64;
            for &byte in &buffer[..read] {
                run = if byte == b'<' { 0 } else { run + 1 };
                if run > LONGEST_CELL && name.starts_with("xl/") && Path::new(&name).extension().is_some_and(|e| e == "xml") {
                    return Err(refused("cells are longer than Excel allows"));
                }
            }
            if all > LARGEST {
                return Err(refused("files unpack to more than 4 GiB"));
            }
            if own > LARGEST_STRINGS && !name.contains("worksheets/") {
                return Err(refused("strings unpack to more than 96 MiB"));
            }
        }
    }
    Ok(())
}

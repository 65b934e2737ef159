//! CSV and TSV: each row's cells, with columns `netral_*` at the end.

use std::borrow::Cow;

use crate::feed::{Raw, Row};
use crate::score::Score;

pub(crate) struct Table {
    delimiter: u8,
    /// Columns of the feed that are passed on: all but results of an earlier run.
    kept: Vec<usize>,
    raw_cells: bool,
}

const COLUMNS: [&str; 13] = [
    "netral_status",
    "netral_partisan",
    "netral_band",
    "netral_fired",
    "netral_context",
    "netral_lang",
    "netral_activity",
    "netral_evidence",
    "netral_missing",
    "netral_rules",
    "netral_model",
    "netral_packs",
    "netral_reason",
];

impl Table {
    /// Writes the header.
    pub(super) fn new(header: &[Vec<u8>], delimiter: u8, bom: bool, raw_cells: bool, out: &mut Vec<u8>) -> Self {
        let kept: Vec<usize> = (0..header.len()).filter(|&i| !header[i].starts_with(b"netral_")).collect();
        let table = Self { delimiter, kept, raw_cells };
        if bom {
            out.extend_from_slice(b"\xEF\xBB\xBF");
        }
        let names = table.kept.iter().map(|&i| Cow::from(&header[i]));
        table.record(names.chain(COLUMNS.map(|name| Cow::from(name.as_bytes()))), out);
        table
    }

    pub(super) fn format(&self, row: &Row, score: &Score, out: &mut Vec<u8>) {
        let cells: &[Vec<u8>] = if let Raw::Cells { cells, .. } = &row.raw { cells } else { &[] };
        let kept = self.kept.iter().map(|&i| Cow::from(cells.get(i).map_or(&b""[..], Vec::as_slice)));
        let safe =
            |cell: Cow<'_, [u8]>| if !self.raw_cells && runs_as_formula(&cell) { Cow::from([b"'", &cell[..]].concat()) } else { Cow::from(cell.into_owned()) };
        self.record(kept.map(safe).chain(result(score).map(|cell| safe(Cow::from(cell.into_bytes())))), out);
    }

    fn record<'c>(&self, cells: impl Iterator<Item = Cow<'c, [u8]>>, out: &mut Vec<u8>) {
        let mut writer = csv::WriterBuilder::new().delimiter(self.delimiter).flexible(true).from_writer(out);
        writer.write_record(cells).and_then(|()| Ok(writer.flush()?)).expect("writing to memory does not fail");
    }
}

/// The result columns of one row, in the order of [`COLUMNS`].
fn result(score: &Score) -> [String; 13] {
    let value = serde_json::to_value(score).unwrap_or_default();
    let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let name = |v: &serde_json::Value| format!("{} {}", v["name"].as_str().unwrap_or_default(), v["hash"].as_str().unwrap_or_default());
    let top = score.context.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |c| c.0);
    let pushes: Vec<String> = score.evidence.iter().filter(|e| e.head == "partisan").map(|e| format!("{} {:+.2}", e.text, e.push)).collect();
    [
        word("status"),
        score.partisan.map_or_else(String::new, |p| format!("{p:.4}")),
        word("band"),
        score.fired.join(" "),
        top.to_owned(),
        word("lang"),
        word("activity"),
        pushes.join(" | "),
        score.missing.join(" "),
        score.rules.join(" "),
        name(&value["model"]),
        value["packs"].as_array().map_or_else(String::new, |p| p.iter().map(name).collect::<Vec<_>>().join(", ")),
        score.reason.as_ref().map_or_else(String::new, |r| format!("line {}: {r}", score.line.unwrap_or_default())),
    ]
}

/// Whether a spreadsheet would take the cell for a formula. Numbers with a sign and `@handle `s are left alone.
fn runs_as_formula(cell: &[u8]) -> bool {
    match cell.first() {
        Some(b'=' | b'\t' | b'\r') => true,
        Some(b'+' | b'-' | b'@') => {
            let text = std::str::from_utf8(cell).unwrap_or("@");
            let handle = text
                .strip_prefix('@')
                .and_then(|t| t.split_once(' '))
                .is_some_and(|(h, _)| !h.is_empty() && h.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.')));
            text.parse::<f64>().is_err() && !handle
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_numbers_and_handles() {
        for cell in ["=1+1", "\tx", "\r=x", "+1+1", "-x", "@SUM(A1)", "@", "@x", "+cmd|' /C calc'!A0"] {
            assert!(runs_as_formula(cell.as_bytes()), "{cell}");
        }
        for cell in ["", "-5", "+62.5", "@rina_sk apa kabar", "a=b", "1+1", "'x"] {
            assert!(!runs_as_formula(cell.as_bytes()), "{cell}");
        }
    }
}

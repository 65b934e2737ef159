//! Tables as text: the feed's own columns or those of a post, with columns `netral_*` at the end.

use std::borrow::Cow;

use crate::feed::{Raw, Row};
use crate::post::Post;
use crate::score::Score;
use crate::text::word;

/// How a table is written.
#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) bom: bool,
    /// Whether long numbers get a sign that keeps a spreadsheet from rounding them.
    pub(super) long_numbers: bool,
    /// Whether cells stay as they are, also those that a spreadsheet would run.
    pub(super) raw_cells: bool,
}

pub(crate) struct Table {
    dialect: Dialect,
    columns: Columns,
}

/// The columns before the result.
pub(crate) enum Columns {
    /// Columns of the feed that are passed on: all but results of an earlier run.
    Feed(Vec<usize>),
    /// Those of a post.
    Post,
    /// Those that 4CAT asks for.
    Fourcat,
}

const POST: [&str; 9] = ["id", "author", "time", "activity", "text", "parent", "parent_id", "links", "lang"];
const FOURCAT: [&str; 6] = ["id", "thread_id", "author", "body", "timestamp", "activity"];
pub(super) const RESULT: [&str; 17] = [
    "netral_status",
    "netral_partisan",
    "netral_band",
    "netral_fired",
    "netral_context",
    "netral_lang",
    "netral_activity",
    "netral_scored",
    "netral_parent",
    "netral_links",
    "netral_evidence",
    "netral_missing",
    "netral_rules",
    "netral_model",
    "netral_packs",
    "netral_notes",
    "netral_reason",
];

impl Columns {
    /// Those of a feed's header.
    pub(super) fn of(header: &[Vec<u8>]) -> Self {
        Self::Feed((0..header.len()).filter(|&i| !header[i].starts_with(b"netral_") && header[i] != b"netral").collect())
    }

    /// Their names.
    pub(super) fn names<'h>(&self, header: &'h [Vec<u8>]) -> Vec<Cow<'h, [u8]>> {
        let fixed = |names: &[&'static str]| names.iter().map(|name| Cow::from(name.as_bytes())).collect();
        match self {
            Self::Feed(kept) => kept.iter().map(|&i| Cow::from(&header[i])).collect(),
            Self::Post => fixed(&POST),
            Self::Fourcat => fixed(&FOURCAT),
        }
    }

    /// The cells of a row.
    pub(super) fn cells<'r>(&self, row: &'r Row) -> Vec<Cow<'r, [u8]>> {
        let text = |value: Option<&'r str>| Cow::from(value.unwrap_or_default().as_bytes());
        let none = Post::default();
        let post = row.post.as_ref().ok();
        let field = |of: fn(&Post) -> Option<&str>| text(post.and_then(of));
        let activity = Cow::from(word(&post.unwrap_or(&none).activity).into_bytes());
        match self {
            Self::Feed(kept) => {
                let cells: &[Vec<u8>] = if let Raw::Cells { cells, .. } = &row.raw { cells } else { &[] };
                kept.iter().map(|&i| Cow::from(cells.get(i).map_or(&b""[..], Vec::as_slice))).collect()
            }
            Self::Post => vec![
                field(|p| p.id.as_deref()),
                field(|p| p.author.as_deref()),
                field(|p| p.time.as_deref()),
                activity,
                field(|p| Some(&p.text)),
                field(|p| p.parent.as_deref()),
                field(|p| p.parent_id.as_deref()),
                Cow::from(post.map_or_else(String::new, |p| p.links.join(" ")).into_bytes()),
                field(|p| p.lang.as_deref()),
            ],
            Self::Fourcat => {
                let number = row.line.to_string();
                let time = post.and_then(|p| p.time.as_deref()).unwrap_or_default().trim_end_matches('Z').replacen('T', " ", 1);
                let id = post.and_then(|p| p.id.clone()).unwrap_or(number);
                let thread = post.and_then(|p| p.parent_id.clone()).unwrap_or_else(|| id.clone());
                let owned = |text: String| Cow::from(text.into_bytes());
                vec![owned(id), owned(thread), field(|p| p.author.as_deref()), field(|p| Some(p.words())), owned(time), activity]
            }
        }
    }
}

impl Table {
    /// Writes the header.
    pub(super) fn new(columns: Columns, header: &[Vec<u8>], dialect: Dialect, out: &mut Vec<u8>) -> Self {
        let table = Self { dialect, columns };
        if dialect.bom {
            out.extend_from_slice(b"\xEF\xBB\xBF");
        }
        let names = table.columns.names(header).into_iter();
        table.record(names.map(|name| table.safe(name)).chain(RESULT.map(|name| Cow::from(name.as_bytes()))), out);
        table
    }

    pub(super) fn format(&self, row: &Row, score: &Score, out: &mut Vec<u8>) {
        let result = result(row, score).map(|cell| Cow::from(cell.into_bytes()));
        self.record(self.columns.cells(row).into_iter().chain(result).map(|cell| self.safe(cell)), out);
    }

    fn safe<'c>(&self, cell: Cow<'c, [u8]>) -> Cow<'c, [u8]> {
        let Dialect { raw_cells, long_numbers, .. } = self.dialect;
        let long = long_numbers && cell.len() > LONGEST_EXACT && cell.iter().all(u8::is_ascii_digit);
        if !raw_cells && (long || runs_as_formula(&cell)) { Cow::from([b"'", &cell[..]].concat()) } else { cell }
    }

    fn record<'c>(&self, cells: impl Iterator<Item = Cow<'c, [u8]>>, out: &mut Vec<u8>) {
        let mut writer = csv::WriterBuilder::new().delimiter(self.dialect.delimiter).flexible(true).from_writer(out);
        writer.write_record(cells).and_then(|()| Ok(writer.flush()?)).expect("writing to memory does not fail");
    }
}

/// Digits that a spreadsheet keeps of a number.
const LONGEST_EXACT: usize = 15;

/// The result columns of one row, in the order of [`RESULT`].
pub(super) fn result(row: &Row, score: &Score) -> [String; 17] {
    let value = serde_json::to_value(score).unwrap_or_default();
    let said = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let name = |v: &serde_json::Value| format!("{} {}", v["name"].as_str().unwrap_or_default(), v["hash"].as_str().unwrap_or_default());
    let top = score.context.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |c| c.0);
    let pushes: Vec<String> = score.evidence.iter().filter(|e| e.head == "partisan").map(|e| format!("{} {:+.2}", e.text, e.push)).collect();
    let parent = score.parent.as_ref().map_or_else(String::new, |p| format!("{} {}", word(&p.band), probability(p.partisan)).trim_end().to_owned());
    let joined = |list: Vec<String>| list.join(" ");
    [
        said("status"),
        probability(score.partisan),
        said("band"),
        score.fired.join(" "),
        top.to_owned(),
        said("lang"),
        said("activity"),
        said("scored"),
        parent,
        joined(score.links.iter().map(|l| format!("{} {}", word(&l.kind), l.domain)).collect()),
        pushes.join(" | "),
        score.missing.join(" "),
        score.rules.iter().map(|reference| reference.rule.as_str()).collect::<Vec<_>>().join(" "),
        name(&value["model"]),
        value["packs"].as_array().map_or_else(String::new, |p| p.iter().map(name).collect::<Vec<_>>().join(", ")),
        joined(row.notes.iter().map(word).collect()),
        score.reason.as_ref().map_or_else(String::new, |r| format!("line {}: {r}", score.line.unwrap_or_default())),
    ]
}

fn probability(p: Option<f64>) -> String {
    p.map_or_else(String::new, |p| format!("{p:.4}"))
}

/// A cell that a spreadsheet shows as it is and never runs.
pub(crate) fn disarmed(cell: &[u8]) -> Cow<'_, [u8]> {
    if runs_as_formula(cell) { Cow::Owned([b"'", cell].concat()) } else { Cow::Borrowed(cell) }
}

/// Whether a spreadsheet would take the cell for a formula. Numbers with a sign and `@handle `s are left alone.
fn runs_as_formula(cell: &[u8]) -> bool {
    match cell.first() {
        Some(b'=' | b'\t' | b'\r') => true,
        Some(b'+' | b'-' | b'@') => {
            let text = std::str::from_utf8(cell).unwrap_or("@");
            let handle = text.strip_prefix('@').and_then(|t| t.split_once(' ')).is_some_and(|(h, rest)| {
                !h.is_empty() && !rest.trim_start().starts_with('(') && h.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
            });
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
        for cell in ["=1+1", "\tx", "\r=x", "+1+1", "-x", "@SUM(A1)", "@", "@x", "@SUM (1+1)", "+cmd|' /C calc'!A0"] {
            assert!(runs_as_formula(cell.as_bytes()), "{cell}");
        }
        for cell in ["", "-5", "+62.5", "@rina_sk apa kabar", "a=b", "1+1", "'x"] {
            assert!(!runs_as_formula(cell.as_bytes()), "{cell}");
        }
    }
}

//! JSON lines: each row byte for byte, with one more key.

use std::sync::{Arc, OnceLock};

use serde::Serialize;

use crate::feed::{Fields, Raw, Row};
use crate::score::{About, Score, Status};

/// Formats rows; remembers what all rows of a run have in common.
#[derive(Default)]
pub(crate) struct Jsonl {
    /// The names of a table's columns, as JSON; results of an earlier run have none.
    columns: Vec<Option<String>>,
    about: OnceLock<(Arc<About>, Vec<u8>)>,
}

impl Jsonl {
    /// For the rows of a table with these columns; none for a feed that is no table.
    pub(super) fn of(header: &[Vec<u8>]) -> Self {
        let name = |column: &Vec<u8>| {
            (!column.starts_with(b"netral_") && column != b"netral").then(|| serde_json::Value::from(String::from_utf8_lossy(column)).to_string())
        };
        Self { columns: header.iter().map(name).collect(), about: OnceLock::new() }
    }

    pub(super) fn format(&self, row: &Row, score: &Score, out: &mut Vec<u8>) {
        match &row.raw {
            Raw::Json { object, plain: true, empty } => {
                let end = object.rfind('}').unwrap_or(object.len());
                out.extend_from_slice(object[..end].trim_end().as_bytes());
                out.extend_from_slice(if *empty { b"\"netral\":" } else { b",\"netral\":" });
                self.result(row, score, out);
                out.push(b'}');
            }
            Raw::Json { object, .. } => {
                let mut result = Vec::new();
                self.result(row, score, &mut result);
                out.extend_from_slice(with_result(object, &String::from_utf8_lossy(&result)).as_bytes());
            }
            Raw::Item(_) if row.post.is_ok() => {
                field(out, "{\"post\":", &row.post.as_ref().ok());
                out.extend_from_slice(b",\"netral\":");
                self.result(row, score, out);
                out.push(b'}');
            }
            Raw::Cells { cells, .. } => {
                out.push(b'{');
                for (column, cell) in self.columns.iter().zip(cells) {
                    if let Some(column) = column {
                        field(out, &format!("{column}:"), &String::from_utf8_lossy(cell));
                        out.push(b',');
                    }
                }
                out.extend_from_slice(b"\"netral\":");
                self.result(row, score, out);
                out.push(b'}');
            }
            Raw::Item(_) | Raw::Bad(_) => {
                out.extend_from_slice(b"{\"netral\":");
                self.result(row, score, out);
                out.push(b'}');
            }
        }
        out.push(b'\n');
    }

    /// The result as JSON, equal to what `serde_json` makes of a score. A row that could not be read has nothing but its place and
    /// reason.
    fn result(&self, row: &Row, score: &Score, out: &mut Vec<u8>) {
        if score.status == Status::Error {
            let error = serde_json::json!({"status": score.status, "line": score.line, "reason": score.reason});
            out.extend_from_slice(error.to_string().as_bytes());
            return;
        }
        field(out, "{\"status\":", &score.status);
        score.reason.iter().for_each(|reason| field(out, ",\"reason\":", reason));
        score.line.iter().for_each(|line| field(out, ",\"line\":", line));
        out.extend_from_slice(b",\"partisan\":");
        match score.partisan {
            Some(p) => probability(p, out),
            None => out.extend_from_slice(b"null"),
        }
        field(out, ",\"band\":", &score.band);
        probabilities(out, b",\"signals\":{", &score.signals);
        field(out, ",\"fired\":", &score.fired);
        probabilities(out, b",\"context\":{", &score.context);
        field(out, ",\"lang\":", &score.lang);
        field(out, ",\"activity\":", &score.activity);
        score.scored.iter().for_each(|scored| field(out, ",\"scored\":", scored));
        score.parent.iter().for_each(|parent| field(out, ",\"parent\":", &parent.outline()));
        if !score.links.is_empty() {
            field(out, ",\"links\":", &score.links);
        }
        field(out, ",\"evidence\":", &score.evidence);
        if !row.notes.is_empty() {
            field(out, ",\"notes\":", &row.notes);
        }
        if let (true, Ok(post), Raw::Json { .. } | Raw::Cells { .. }) = (row.is_changed(), &row.post, &row.raw) {
            field(out, ",\"text\":", post.words());
        }
        field(out, ",\"missing\":", &score.missing);
        field(out, ",\"rules\":", &score.rules);
        let (about, known) = self.about.get_or_init(|| (Arc::clone(&score.about), members(&score.about)));
        if Arc::ptr_eq(about, &score.about) {
            out.extend_from_slice(known);
        } else {
            out.extend(members(&score.about));
        }
        out.push(b'}');
    }
}

fn field<T: Serialize + ?Sized>(out: &mut Vec<u8>, name: &str, value: &T) {
    out.extend_from_slice(name.as_bytes());
    serde_json::to_writer(out, value).expect("a score can be written as JSON");
}

/// The members of what all scores of a run have in common.
fn members(about: &About) -> Vec<u8> {
    let mut out = Vec::new();
    field(&mut out, ",\"model\":", &about.model);
    field(&mut out, ",\"packs\":", &about.packs);
    out
}

fn probabilities(out: &mut Vec<u8>, name: &[u8], list: &[(&str, f64)]) {
    out.extend_from_slice(name);
    for (n, (name, p)) in list.iter().enumerate() {
        out.extend_from_slice(if n > 0 { b",\"" } else { b"\"" });
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        probability(*p, out);
    }
    out.push(b'}');
}

/// A number between 0 and 1 with four decimals at most.
fn probability(p: f64, out: &mut Vec<u8>) {
    // `round` is a call into a library on processors that programs may count on.
    let (scaled, whole) = (p * 1e4, (p * 1e4) as u32);
    let steps = whole + u32::from(scaled - f64::from(whole) >= 0.5);
    let digit = |unit: u32| b'0' + (steps / unit % 10) as u8;
    let shown = [digit(10_000), b'.', digit(1000), digit(100), digit(10), digit(1)];
    let zeros = [1, 10, 100].iter().take_while(|&&unit| steps % (10 * unit) == 0).count();
    out.extend_from_slice(&shown[..shown.len() - zeros]);
}

/// The object with `netral` as its last key; one that was there already is replaced.
fn with_result(object: &str, result: &str) -> String {
    let fields = serde_json::from_str::<Fields>(object).map(|f| f.0).unwrap_or_default();
    if fields.iter().any(|(key, _)| key == "netral") {
        let kept = fields.iter().filter(|(key, _)| key != "netral");
        let kept: Vec<String> = kept.map(|(key, value)| format!("{}:{},", serde_json::Value::from(key.as_ref()), value.get())).collect();
        return format!("{{{}\"netral\":{result}}}", kept.concat());
    }
    let end = object.rfind('}').unwrap_or(object.len());
    let comma = if fields.is_empty() { "" } else { "," };
    format!("{}{comma}\"netral\":{result}}}", object[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Model, Packs, Post, Scorer};

    fn row(text: &str) -> Row {
        Row { line: 1, post: Ok(Post::new(text)), notes: Vec::new(), raw: Raw::Item(Vec::new()) }
    }

    #[test]
    fn results_are_written_as_serde_writes_them() {
        let scorer = Scorer::new(Model::default(), Packs::national());
        let jsonl = Jsonl::default();
        for text in ["Ayo coblos nomor 2, menangkan Bu Melati!", "jalan rusak lagi \"parah\"", "", "xx", "Vote for our candidate on Saturday"] {
            let score = scorer.score(&Post::new(text));
            let mut out = Vec::new();
            jsonl.result(&row(text), &score, &mut out);
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&out).unwrap(), serde_json::to_value(&score).unwrap(), "{text}");
        }
        for (p, shown) in [(0.0, "0.0"), (1.0, "1.0"), (0.5, "0.5"), (0.120_04, "0.12"), (0.000_1, "0.0001"), (0.999_96, "1.0")] {
            let mut out = Vec::new();
            probability(p, &mut out);
            assert_eq!(out, shown.as_bytes());
        }
    }

    #[test]
    fn a_row_keeps_its_bytes_and_an_old_result_goes() {
        assert_eq!(with_result(r#"{"id" : 1.50, "t":"\u0041" }"#, "{}"), r#"{"id" : 1.50, "t":"\u0041","netral":{}}"#);
        assert_eq!(with_result("{}", "1"), r#"{"netral":1}"#);
        assert_eq!(with_result(r#"{"a":1,"netral":{"b":"}"},"c":[2]}"#, "0"), r#"{"a":1,"c":[2],"netral":0}"#);
    }
}

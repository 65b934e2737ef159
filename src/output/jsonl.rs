//! JSON lines: each row byte for byte, with one more key.

use std::io::{BufWriter, Result, Write};

use crate::feed::{Fields, Raw, Row};
use crate::score::{Score, Status};

pub(super) struct Jsonl<'a> {
    to: BufWriter<Box<dyn Write + 'a>>,
}

impl<'a> Jsonl<'a> {
    pub(super) fn new(to: Box<dyn Write + 'a>) -> Self {
        Self { to: BufWriter::new(to) }
    }

    pub(super) fn write(&mut self, row: &Row, score: &Score) -> Result<()> {
        let result = result(score);
        match &row.raw {
            Raw::Json(object) => {
                self.to.write_all(with_result(object, &result).as_bytes())?;
                self.to.write_all(b"\n")
            }
            Raw::Cells { .. } | Raw::Bad(_) => writeln!(self.to, "{{\"netral\":{result}}}"),
        }
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.to.flush()
    }
}

/// The result as JSON; a row that could not be read has nothing but its place and reason.
fn result(score: &Score) -> String {
    if score.status == Status::Error {
        return serde_json::json!({"status": score.status, "line": score.line, "reason": score.reason}).to_string();
    }
    serde_json::to_string(score).expect("a score can be written as JSON")
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

    #[test]
    fn a_row_keeps_its_bytes_and_an_old_result_goes() {
        assert_eq!(with_result(r#"{"id" : 1.50, "t":"\u0041" }"#, "{}"), r#"{"id" : 1.50, "t":"\u0041","netral":{}}"#);
        assert_eq!(with_result("{}", "1"), r#"{"netral":1}"#);
        assert_eq!(with_result(r#"{"a":1,"netral":{"b":"}"},"c":[2]}"#, "0"), r#"{"a":1,"c":[2],"netral":0}"#);
    }
}

//! What other systems say of gold rows, in the forms in which they say it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Result};

/// Names of the column or field that holds the probability, the first that there is.
const NAMES: [&str; 7] = ["netral_partisan", "probability", "partisan", "score", "p", "prediction", "label"];

/// One prediction: whose, and the probability that the row is partisan, `None` where the system gives none.
type Said = (Option<String>, Option<f64>);

/// Probabilities for gold rows with these ids, in their order.
pub(crate) fn read(files: &[PathBuf], ids: &[Option<String>]) -> Result<Vec<Option<f64>>> {
    let mut all = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        all.extend(parse(&text, path)?);
    }
    let at = |error: Error| error.at(&files[0]);
    let named = |ids: &mut dyn Iterator<Item = &Option<String>>| ids.cloned().collect::<Option<Vec<String>>>();
    let unique = |ids: &[String]| ids.iter().collect::<std::collections::HashSet<_>>().len() == ids.len();
    if let (Some(gold), Some(own)) = (named(&mut ids.iter()), named(&mut all.iter().map(|(id, _)| id)))
        && unique(&gold)
        && unique(&own)
    {
        let by_id: HashMap<&String, Option<f64>> = own.iter().zip(&all).map(|(id, (_, p))| (id, *p)).collect();
        let found = |id: &String| {
            let missing = || at(Error::new(format!("no prediction for the gold row `{}`", id.escape_debug()))).remedy("predict every gold row");
            by_id.get(id).copied().ok_or_else(missing)
        };
        return gold.iter().map(found).collect();
    }
    if all.len() != ids.len() {
        let error = Error::new(format!("{} predictions for {} gold rows", all.len(), ids.len()));
        return Err(at(error).remedy("give one prediction a row in order, or ids in both files"));
    }
    Ok(all.into_iter().map(|(_, p)| p).collect())
}

fn parse(text: &str, path: &Path) -> Result<Vec<Said>> {
    let start = text.trim_start_matches('\u{FEFF}').trim_start();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let fault = |line: usize, error: Error| error.at(path).line(line as u64 + 1);
    if start.starts_with("__label__") {
        lines.map(|(n, line)| fasttext(line).map(|p| (None, Some(p))).map_err(|e| fault(n, e))).collect()
    } else if start.starts_with('{') {
        lines.map(|(n, line)| json(line).map_err(|e| fault(n, e))).collect()
    } else {
        table(start, path)
    }
}

/// `__label__partisan 0.93 __label__other 0.07`: the labels that a row may have, with their probabilities or without.
fn fasttext(line: &str) -> Result<f64> {
    let mut words = line.split_whitespace().peekable();
    let mut best: Option<(f64, bool)> = None;
    while let Some(label) = words.next() {
        let Some(label) = label.strip_prefix("__label__") else {
            return Err(Error::new("not a line of fastText's predictions").remedy("each holds __label__NAME and a probability"));
        };
        let number = words.next_if(|word| !word.starts_with("__label__")).map_or(Some(1.0), |word| word.parse::<f64>().ok());
        let p = number.ok_or_else(|| Error::new("a probability that is no number"))?.clamp(0.0, 1.0);
        let partisan = truth(label) == Some(1.0) || label == "partisan";
        if partisan || best.is_none() {
            best = Some((p, partisan));
        }
        if partisan {
            break;
        }
    }
    best.map(|(p, partisan)| if partisan { p } else { 1.0 - p }).ok_or_else(|| Error::new("an empty prediction"))
}

fn json(line: &str) -> Result<Said> {
    let row: Value = serde_json::from_str(line).map_err(|e| Error::new(format!("not JSON: {e}")))?;
    let id = row.get("id").filter(|id| !id.is_null()).map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let place = row.get("netral").and_then(|own| own.get("partisan")).or_else(|| NAMES.iter().find_map(|name| row.get(name)));
    let p = match place {
        None => return Err(none_of_them("field")),
        Some(Value::Null) => None,
        Some(Value::Bool(is)) => Some(f64::from(u8::from(*is))),
        Some(Value::Number(p)) => Some(probability(p.as_f64().unwrap_or(f64::NAN))?),
        Some(other) => Some(cell(other.as_str().unwrap_or_default())?),
    };
    Ok((id, p))
}

fn table(text: &str, path: &Path) -> Result<Vec<Said>> {
    let header = text.lines().next().unwrap_or_default();
    let delimiter = [b'\t', b';', b','].into_iter().find(|d| header.as_bytes().contains(d)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let broken = |e: csv::Error| Error::new(format!("not a table: {e}")).at(path);
    let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(|name| name.trim().to_lowercase()).collect();
    let column = |name: &str| names.iter().position(|n| n == name);
    let place = NAMES.iter().find_map(|name| column(name)).ok_or_else(|| none_of_them("column").at(path))?;
    let id = column("id");
    let row = |record: std::result::Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        let word = record.get(place).unwrap_or_default().trim();
        let p = if word.is_empty() { None } else { Some(cell(word).map_err(|e| e.at(path).line(line))?) };
        Ok((id.and_then(|id| record.get(id)).map(str::to_owned), p))
    };
    reader.records().map(row).collect()
}

fn none_of_them(what: &str) -> Error {
    Error::new(format!("no {what} with a probability")).remedy(format!("name one of {}", NAMES.join(", ")))
}

fn cell(word: &str) -> Result<f64> {
    truth(word).map_or_else(|| probability(word.parse().unwrap_or(f64::NAN)), Ok)
}

/// Words for yes and no.
fn truth(word: &str) -> Option<f64> {
    match word.to_lowercase().as_str() {
        "1" | "true" | "yes" | "partisan" => Some(1.0),
        "0" | "false" | "no" => Some(0.0),
        _ => None,
    }
}

fn probability(p: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&p) { Ok(p) } else { Err(Error::new("not a probability").remedy("it must be a number from 0 to 1, or true or false")) }
}

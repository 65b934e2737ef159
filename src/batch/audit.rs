//! The audit log: one JSON line for each thing that a batch did, each with the hash of the one before.
//!
//! Whoever changes, drops or reorders a line breaks the chain. Lines cut off at the end are told by the state, which knows the last hash of
//! the runs; a log that somebody replaced as a whole together with the state is not. It holds no text of any post.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::pack::hex;

/// What stands for the hash before the first line.
const NONE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Appends a line, after what a kill left of an unfinished one is gone. The line is on the disk when this returns. Gives the number of lines and the hash
/// of this one.
pub(super) fn append(path: &Path, event: &str, facts: &Value) -> Result<(u64, String)> {
    let failed = |e| Error::io(path, e);
    let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(failed)?;
    let (lines, whole, previous) = end(&file).map_err(failed)?;
    file.set_len(whole).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
    let mut line = Map::new();
    line.insert("time".into(), super::now().into());
    line.insert("event".into(), event.into());
    line.insert("facts".into(), facts.clone());
    line.insert("previous".into(), previous.into());
    let hash = hex(&Sha256::digest(Value::Object(line.clone()).to_string().as_bytes()));
    line.insert("hash".into(), hash.clone().into());
    file.write_all(format!("{}\n", Value::Object(line)).as_bytes()).and_then(|()| file.sync_data()).map_err(failed)?;
    Ok((lines + 1, hash))
}

/// How many lines of a log are whole, their length, and the hash of the last.
fn end(file: &File) -> std::io::Result<(u64, u64, String)> {
    let (mut lines, mut whole, mut last) = (0, 0, Vec::new());
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        if line.ends_with(b"\n") {
            lines += 1;
            whole += line.len() as u64;
            std::mem::swap(&mut last, &mut line);
        }
        line.clear();
    }
    let value: Option<Value> = serde_json::from_slice(&last).ok();
    Ok((lines, whole, value.and_then(|value| Some(value.get("hash")?.as_str()?.to_owned())).unwrap_or_else(|| NONE.to_owned())))
}

/// A line of a log.
pub(super) struct Line {
    pub(super) event: String,
    pub(super) facts: Value,
    pub(super) hash: String,
}

/// Checks the chain and gives the lines of a log; none if there is no log.
pub(super) fn verify(path: &Path) -> Result<Vec<Line>> {
    let file = match File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file.map_err(|e| Error::io(path, e))?,
    };
    let mut previous = NONE.to_owned();
    let mut lines = Vec::new();
    for (n, text) in BufReader::new(file).lines().enumerate() {
        let broken = |reason: &str| Error::new(reason).at(path).line(n as u64 + 1).remedy("compare the log with its backup");
        let text = text.map_err(|_| broken("the line cannot be read"))?;
        let Ok(Value::Object(mut line)) = serde_json::from_str::<Value>(&text) else { return Err(broken("not a line of an audit log")) };
        let again = Value::Object(line.clone()).to_string();
        if again != text {
            return Err(broken("the line is not as it was written"));
        }
        let hash = line.remove("hash");
        if line.get("previous").and_then(Value::as_str) != Some(&previous) {
            return Err(broken("the line does not follow the one before it: one was changed, dropped or moved"));
        }
        let own = hex(&Sha256::digest(Value::Object(line.clone()).to_string().as_bytes()));
        if hash.as_ref().and_then(Value::as_str) != Some(&own) {
            return Err(broken("the line was changed"));
        }
        let event = line.get("event").and_then(Value::as_str).unwrap_or_default().to_owned();
        lines.push(Line { event, facts: line.remove("facts").unwrap_or_default(), hash: own.clone() });
        previous = own;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log(events: usize) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        for n in 0..events {
            append(&path, "run", &serde_json::json!({"run": n, "rows": 10 * n})).unwrap();
        }
        (folder, path)
    }

    #[test]
    fn a_line_that_a_kill_left_behind_goes_before_the_next() {
        let (_folder, path) = log(2);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"time\":\"20").unwrap();
        assert!(verify(&path).is_err());
        assert_eq!(append(&path, "purge", &Value::Null).unwrap().0, 3);
        assert_eq!(verify(&path).unwrap().into_iter().map(|line| line.event).collect::<Vec<_>>(), ["run", "run", "purge"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_changed_byte_breaks_the_chain(at in 0.0..1.0f64, byte in b' '..b'~') {
            let (_folder, path) = log(3);
            let mut bytes = std::fs::read(&path).unwrap();
            let at = (at * bytes.len() as f64) as usize;
            // White space between JSON members is none of the line's contents, and the file is written without.
            prop_assume!(bytes[at] != byte && byte != b' ' && bytes[at] != b'\n');
            bytes[at] = byte;
            std::fs::write(&path, &bytes).unwrap();
            prop_assert!(verify(&path).is_err());
        }

        #[test]
        fn a_dropped_or_moved_line_breaks_the_chain(drop in 0..3usize, to in 0..3usize) {
            let (_folder, path) = log(4);
            let text = std::fs::read_to_string(&path).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            let line = lines.remove(drop);
            std::fs::write(&path, lines.join("\n")).unwrap();
            prop_assert!(verify(&path).is_err());
            prop_assume!(to != drop);
            lines.insert(to, line);
            std::fs::write(&path, lines.join("\n")).unwrap();
            prop_assert!(verify(&path).is_err());
        }
    }
}

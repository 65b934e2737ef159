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

/// The length of a log, 0 if there is none.
pub(super) fn length(path: &Path) -> Result<u64> {
    match std::fs::metadata(path) {
        Ok(about) => Ok(about.len()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(Error::io(path, e)),
    }
}

/// Appends a line to the log as it was at a length: what a killed run may have written after that goes first. The line is on the disk when
/// this returns.
pub(super) fn append(path: &Path, at: u64, event: &str, facts: &Value) -> Result<()> {
    let failed = |e| Error::io(path, e);
    let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(failed)?;
    file.set_len(at).map_err(failed)?;
    let previous = last_hash(&file).map_err(failed)?;
    let mut line = Map::new();
    line.insert("time".into(), jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into());
    line.insert("event".into(), event.into());
    line.insert("facts".into(), facts.clone());
    line.insert("previous".into(), previous.into());
    let hash = hex(&Sha256::digest(Value::Object(line.clone()).to_string().as_bytes()));
    line.insert("hash".into(), hash.into());
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    file.write_all(format!("{}\n", Value::Object(line)).as_bytes()).and_then(|()| file.sync_data()).map_err(failed)
}

fn last_hash(file: &File) -> std::io::Result<String> {
    let last = BufReader::new(file).lines().last().transpose()?;
    let value: Option<Value> = last.and_then(|line| serde_json::from_str(&line).ok());
    Ok(value.and_then(|value| Some(value.get("hash")?.as_str()?.to_owned())).unwrap_or_else(|| NONE.to_owned()))
}

/// Checks the chain; gives the facts of each line with its event.
pub(super) fn verify(path: &Path) -> Result<Vec<(String, Value)>> {
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    let mut previous = NONE.to_owned();
    let mut events = Vec::new();
    for (n, line) in BufReader::new(file).lines().enumerate() {
        let broken = |reason: &str| Error::new(reason).at(path).line(n as u64 + 1).remedy("compare the log with its backup");
        let line = line.map_err(|_| broken("the line cannot be read"))?;
        let Ok(Value::Object(mut line)) = serde_json::from_str::<Value>(&line) else { return Err(broken("not a line of an audit log")) };
        let hash = line.remove("hash");
        if line.get("previous").and_then(Value::as_str) != Some(&previous) {
            return Err(broken("the line does not follow the one before it: one was changed, dropped or moved"));
        }
        let own = hex(&Sha256::digest(Value::Object(line.clone()).to_string().as_bytes()));
        if hash.as_ref().and_then(Value::as_str) != Some(&own) {
            return Err(broken("the line was changed"));
        }
        previous = own;
        let event = line.get("event").and_then(Value::as_str).unwrap_or_default().to_owned();
        events.push((event, line.remove("facts").unwrap_or_default()));
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log(events: usize) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        for n in 0..events {
            append(&path, length(&path).unwrap(), "run", &serde_json::json!({"run": n, "rows": 10 * n})).unwrap();
        }
        (folder, path)
    }

    #[test]
    fn a_line_that_a_kill_left_behind_goes_before_the_next() {
        let (_folder, path) = log(2);
        let whole = length(&path).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"time\":\"20").unwrap();
        assert!(verify(&path).is_err());
        append(&path, whole, "purge", &Value::Null).unwrap();
        assert_eq!(verify(&path).unwrap().into_iter().map(|(event, _)| event).collect::<Vec<_>>(), ["run", "run", "purge"]);
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

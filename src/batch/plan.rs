//! What a run will read, fixed before it begins: files with their hashes, and which of their rows are new.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::UNIX_EPOCH;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::config::Config;
use super::state::{Key, State};
use crate::error::{Error, Result};
use crate::feed::{Cut, Feed, Options, Parse, Row};
use crate::leader::Leader;
use crate::pack::hex;
use crate::pipeline::{SHARE, WAITING, read};
use crate::pseudonym::Pseudonyms;

/// The files of a run. It is stored with the run, so that a killed one goes on with the same.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Plan {
    /// Rows before this day are passed over.
    pub(super) since: Option<String>,
    /// What runs since this one scored need not be scored again.
    pub(super) first: i64,
    pub(super) files: Vec<Planned>,
    /// Files that cannot be opened, and inputs without any, each with the reason.
    pub(super) faults: Vec<String>,
    /// Whether most of a feed is one account's, for which the configuration gives a reason.
    pub(super) single_author: bool,
}

/// A file with what is to be read of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Planned {
    /// The number of its input in the configuration.
    pub(super) input: usize,
    pub(super) source: String,
    pub(super) path: String,
    pub(super) bytes: u64,
    /// When it was changed last, in nanoseconds since 1970.
    pub(super) modified: i64,
    pub(super) sha256: String,
    pub(super) news: News,
    /// Cuts at its start that were read by an earlier run.
    pub(super) skip: u64,
    /// Cuts that were there when the run began.
    pub(super) cuts: u64,
    /// Rows in the cuts that are to be read.
    pub(super) rows: u64,
    /// The cuts that are to be read, where they were few enough to keep, so that the file need not be gone through again.
    #[serde(skip)]
    pub(super) held: Vec<Cut>,
}

/// What is new about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum News {
    /// Never read, or by another model.
    New,
    /// It goes on after what was read.
    Appended,
    /// It is another than the one that was read: its rows are looked at one by one.
    Changed,
    Unchanged,
}

/// How far a run has come in its files.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) file: usize,
    /// Cuts of that file that are done, with those that were skipped.
    pub(super) cuts: u64,
    /// Length of the list of items.
    pub(super) bytes: u64,
    /// The start of the last batch of that file with a row that could not be read, and the end of it.
    pub(super) fault: Option<(u64, u64)>,
}

/// Bytes of cuts that a plan holds at most.
const HELD: usize = 4 << 20;

/// Cuts at the end of a file within which a row that could not be read may be one that was half written.
const TAIL: u64 = 10_000;

impl Place {
    /// How many cuts of a file that was read to its end are surely whole: the last may have been half written, and a torn cell with line breaks looks
    /// like several rows that cannot be read.
    pub(super) fn whole(&self, cuts: u64) -> u64 {
        let last = cuts.saturating_sub(1);
        self.fault.filter(|(_, end)| end + TAIL >= cuts).map_or(last, |(start, _)| start.min(last))
    }
}

/// What a plan may be asked to do otherwise.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    pub(super) since: Option<String>,
    pub(super) rescore: bool,
}

impl Plan {
    /// Looks at all files of all inputs.
    pub(super) fn make(config: &Config, state: &State, first: i64, wish: &Wish) -> Result<Self> {
        let first = if wish.rescore { state.next_id()? } else { first };
        let mut plan = Self { since: wish.since.clone(), first, ..Self::default() };
        for (number, input) in config.inputs.iter().enumerate() {
            let (files, faults) = config.files(input)?;
            if files.is_empty() {
                plan.faults.push(format!("input {} has no file", number + 1));
            }
            plan.faults.extend(faults);
            // An account that fills a feed, or all feeds of an input together.
            let (mut all, mut room) = (Leader::default(), HELD);
            for path in files {
                match planned(config, state, number, &path, first, &mut all, &mut room) {
                    Ok((file, single)) => {
                        plan.single_author |= single || all.is_one_author();
                        if (single || all.is_one_author()) && input.allow_single_author.is_none() {
                            return Err(Error::new("more than half of its rows are one account's").at(&path).remedy(
                                "netral scores posts and is not for watching a person; if there is a reason, give it as allow_single_author of the input",
                            ));
                        }
                        plan.files.push(file);
                    }
                    Err(e) => plan.faults.push(e.to_string()),
                }
            }
        }
        Ok(plan)
    }

    /// Rows to be read.
    pub(super) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

/// A file with what is new in it, and whether that is mostly one account's.
fn planned(config: &Config, state: &State, number: usize, path: &Path, first: i64, all: &mut Leader, room: &mut usize) -> Result<(Planned, bool)> {
    let input = &config.inputs[number];
    let failed = |e| Error::io(path, e);
    let about = std::fs::metadata(path).map_err(failed)?;
    let modified = about.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos() as i64);
    let name = config.named(path);
    let file = Planned {
        input: number,
        source: input.source.clone(),
        path: name.clone(),
        bytes: about.len(),
        modified,
        sha256: String::new(),
        news: News::New,
        skip: 0,
        cuts: 0,
        rows: 0,
        held: Vec::new(),
    };
    let known = state.file(&input.source, &name, first)?;
    if let Some((bytes, changed, sha256, cuts)) = &known
        && *bytes == file.bytes
        && *changed == modified
    {
        return Ok((Planned { sha256: sha256.clone(), news: News::Unchanged, skip: *cuts, cuts: *cuts, ..file }, false));
    }
    let before = known.as_ref().map_or(0, |known| known.0);
    // What is new and what has most likely only grown is counted while its hash is taken.
    let ahead = match &known {
        None => Some(0),
        Some((bytes, _, _, cuts)) => (*bytes < file.bytes).then_some(*cuts),
    };
    let count = |skip| counted(path, &input.options(), skip, *room);
    // Not on the pool, which parses rows and builds the engine.
    let (hashes, ahead) = std::thread::scope(|scope| {
        let hashes = scope.spawn(|| hashes(path, before, file.bytes));
        let ahead = ahead.map(|skip| (skip, count(skip)));
        (hashes.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), ahead)
    });
    let (start, whole) = hashes.map_err(failed)?;
    let (news, skip) = match &known {
        None => (News::New, 0),
        Some((bytes, _, sha256, cuts)) if start.as_ref() == Some(sha256) => {
            if *bytes == file.bytes {
                return Ok((Planned { sha256: whole, news: News::Unchanged, skip: *cuts, cuts: *cuts, ..file }, false));
            }
            (News::Appended, *cuts)
        }
        Some(_) => (News::Changed, 0),
    };
    let (cuts, leader, held) = ahead.filter(|ahead| ahead.0 == skip).map_or_else(|| count(skip), |ahead| ahead.1)?;
    all.join(&leader);
    *room -= held.iter().map(|cut| cut.bytes.len()).sum::<usize>();
    Ok((Planned { sha256: whole, news, skip, cuts, rows: leader.rows(), held, ..file }, leader.is_one_author()))
}

/// How many cuts a file has, whose the rows in those behind `skip` are, and these cuts themselves if they fit into so many bytes.
fn counted(path: &Path, options: &Options, skip: u64, room: usize) -> Result<(u64, Leader, Vec<Cut>)> {
    let (mut leader, mut held, mut size) = (Leader::default(), Vec::new(), 0);
    let (source, parser) = Feed::open(path, options)?.split();
    let source = between(source, skip, u64::MAX).inspect(|cut| {
        size += cut.bytes.len();
        if size <= room {
            held.push(cut.clone());
        } else {
            held = Vec::new();
        }
    });
    let cuts = walk(source, parser.as_ref(), &|row: Row| row.author(), &mut |authors, _| {
        authors.into_iter().for_each(|author| leader.add(author));
        Ok(())
    })?;
    Ok((skip + cuts, leader, held))
}

/// The cuts of a source from `skip` up to `end`.
pub(super) fn between(source: impl Iterator<Item = Cut> + Send, skip: u64, end: u64) -> impl Iterator<Item = Cut> + Send {
    let number = |cuts: u64| usize::try_from(cuts).unwrap_or(usize::MAX);
    source.skip(number(skip)).take(number(end.saturating_sub(skip)))
}

/// Hashes of the first bytes of a file, if there are as many, and of its first `length` bytes.
fn hashes(path: &Path, before: u64, length: u64) -> std::io::Result<(Option<String>, String)> {
    let (mut file, mut hash) = (BufReader::with_capacity(1 << 18, File::open(path)?), Sha256::new());
    let done = std::io::copy(&mut (&mut file).take(before.min(length)), &mut hash)?;
    let start = (before > 0 && done == before).then(|| hex(&hash.clone().finalize()));
    std::io::copy(&mut file.take(length - done), &mut hash)?;
    Ok((start, hex(&hash.finalize())))
}

/// Takes cuts apart on the caller's rayon pool; `then` gets what `each` made of the rows of a batch, in their order, and the number of its cuts.
/// Returns how many cuts there were.
pub(super) fn walk<T: Send>(
    source: impl Iterator<Item = Cut> + Send,
    parser: &dyn Parse,
    each: &(impl Fn(Row) -> T + Sync),
    then: &mut dyn FnMut(Vec<T>, u64) -> Result<()>,
) -> Result<u64> {
    let mut cuts = 0;
    std::thread::scope(|scope| {
        let (cut, batches) = sync_channel::<Vec<Cut>>(WAITING);
        scope.spawn(move || read(source, &cut));
        for batch in batches {
            let count = batch.len() as u64;
            let parts = batch.into_par_iter().chunks(SHARE).map(|share| rows(share, parser).into_iter().map(each).collect());
            let parts: Vec<Vec<T>> = parts.collect();
            cuts += count;
            then(parts.into_iter().flatten().collect(), count)?;
        }
        Ok(cuts)
    })
}

fn rows(share: Vec<Cut>, parser: &dyn Parse) -> Vec<Row> {
    let mut out = Vec::with_capacity(share.len());
    for cut in share {
        parser.rows(cut, &mut |row| out.push(row.checked()));
    }
    out
}

/// The keyed hashes of a row.
pub(super) fn key(keys: &Pseudonyms, source: &str, row: &Row) -> Key {
    let source = source.as_bytes();
    let (own, text) = match &row.post {
        Err(_) => (keys.digest(&[b"unread", source, row.raw_bytes()]), [0; 32]),
        Ok(post) => {
            let part = |text: &Option<String>| text.as_deref().unwrap_or_default().as_bytes().to_vec();
            let own = match post.id.as_deref().filter(|id| is_id(id)) {
                Some(id) => keys.digest(&[b"id", source, id.as_bytes()]),
                None => keys.digest(&[b"row", source, &part(&post.author), &part(&post.time), post.text.as_bytes(), &part(&post.parent)]),
            };
            (own, keys.digest(&[b"text", post.text.as_bytes(), &part(&post.parent), &[post.activity as u8]]))
        }
    };
    Key { row: own[..16].try_into().expect("a hash is longer"), text: text[..8].try_into().expect("a hash is longer") }
}

/// Whether a cell is an id, and not what tables write for none or a number that a spreadsheet rounded.
fn is_id(cell: &str) -> bool {
    let cell = cell.trim().to_lowercase();
    let rounded = cell.contains("e+") && cell.parse::<f64>().is_ok();
    !rounded && !["", "0", "-", "na", "n/a", "nan", "none", "null", "nil", "undefined"].contains(&cell.as_str())
}

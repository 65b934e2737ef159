//! A whole feed through a scorer into an output: reading, scoring and writing at the same time.
//!
//! One thread cuts the feed into batches, the caller's rayon pool takes rows apart, scores and formats them, one thread writes. A batch is
//! bounded in bytes and few are under way, so memory does not grow with the feed; batches keep their order, so the output is the same
//! at any number of threads.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rayon::prelude::*;

use crate::encode::Scratch;
use crate::error::Result;
use crate::feed::{Cut, Feed, Parse, Row};
use crate::leader::Leader;
use crate::output::{Counts, Form, Output, written};
use crate::pseudonym::Pseudonyms;
use crate::score::{Score, Scorer};

/// A batch holds at least one row, and no more than fit into so many bytes and rows.
const BATCH_BYTES: usize = 1 << 20;
const BATCH_ROWS: usize = 4096;
/// Rows that one thread takes at a time.
pub(crate) const SHARE: usize = 128;
/// Batches that wait between two threads.
pub(crate) const WAITING: usize = 2;

/// What became of a share of a batch.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    counts: Counts,
    /// Bytes of rows that could not be read.
    bad: Vec<u8>,
    /// The author of each row, where it tells one.
    authors: Vec<Option<u64>>,
    /// Rows that a list may want.
    wanted: Vec<(Row, Score)>,
}

impl Scorer {
    /// Scores all rows of a feed and writes them, in their order, on the caller's rayon pool. `progress` is called every some rows with the
    /// counts so far and the bytes of those rows that could not be read.
    ///
    /// # Errors
    /// The output cannot be written, or `progress` says so.
    pub fn score_feed(&self, feed: Feed, output: Output, progress: &mut dyn FnMut(&Counts, &[u8]) -> Result<()>) -> Result<Counts> {
        let (source, parser) = feed.split();
        let (mut to, mut form, pseudonyms) = output.split()?;
        let mut counts = Counts::default();
        let mut leader = Leader::default();
        std::thread::scope(|scope| {
            let (cut, batches) = sync_channel::<Vec<Cut>>(WAITING);
            let (send, formatted) = sync_channel::<Vec<Vec<u8>>>(WAITING);
            scope.spawn(move || read(source, &cut));
            let writer = scope.spawn(move || write(to.as_mut(), &formatted));
            for rows in batches {
                let parts: Vec<Part> = rows
                    .into_par_iter()
                    .chunks(SHARE)
                    .map(|share| self.with_scratch(|scratch| self.part(share, parser.as_ref(), &form, pseudonyms.as_ref(), scratch)))
                    .collect();
                let mut bytes = Vec::with_capacity(parts.len() + 1);
                for part in parts {
                    counts.join(part.counts);
                    part.authors.iter().for_each(|author| leader.add(*author));
                    progress(&counts, &part.bad)?;
                    let mut written = part.bytes;
                    form.begin(&mut written);
                    part.wanted.iter().try_for_each(|(row, score)| form.add(row, score, &mut written))?;
                    bytes.push(written);
                }
                if send.send(bytes).is_err() {
                    break;
                }
            }
            let mut last = Vec::new();
            form.finish(&mut last)?;
            // A writer that has stopped tells why when it is joined.
            let _ = send.send(vec![last]);
            drop(send);
            writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        counts.single_author = leader.is_one_author();
        Ok(counts)
    }

    fn part(&self, share: Vec<Cut>, parser: &dyn Parse, form: &Form, pseudonyms: Option<&Pseudonyms>, scratch: &mut Scratch) -> Part {
        let mut part = Part::default();
        for cut in share {
            parser.rows(cut, &mut |row| {
                let mut row = row.checked();
                let mut score = match &row.post {
                    Ok(post) => self.score_with(post, scratch),
                    Err(reason) => {
                        part.bad.extend_from_slice(row.raw_bytes());
                        if !part.bad.ends_with(b"\n") && !part.bad.is_empty() {
                            part.bad.push(b'\n');
                        }
                        self.unreadable(row.line, reason.clone())
                    }
                };
                part.counts.add(&score);
                part.authors.push(row.author());
                if let Some(pseudonyms) = pseudonyms {
                    pseudonyms.apply(&mut row, &mut score);
                }
                form.format(&row, &score, &mut part.bytes);
                if form.wants(&score) {
                    part.wanted.push((row, score));
                }
            });
        }
        part
    }
}

/// Cuts a feed into batches until it ends or nobody wants more.
pub(crate) fn read(source: impl Iterator<Item = Cut>, to: &SyncSender<Vec<Cut>>) {
    let mut batch: Vec<Cut> = Vec::new();
    let mut bytes = 0;
    for cut in source {
        bytes += cut.bytes.len();
        batch.push(cut);
        if bytes >= BATCH_BYTES || batch.len() >= BATCH_ROWS {
            bytes = 0;
            if to.send(std::mem::take(&mut batch)).is_err() {
                return;
            }
        }
    }
    let _ = to.send(batch);
}

fn write(to: &mut dyn Write, batches: &Receiver<Vec<Vec<u8>>>) -> Result<()> {
    for batch in batches {
        for bytes in batch {
            to.write_all(&bytes).map_err(written)?;
        }
    }
    to.flush().map_err(written)
}

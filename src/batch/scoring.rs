//! The rows of a run: those that are new are scored and counted, those that are flagged are written.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use rayon::prelude::*;

use super::config::Identities;
use super::item::{Known, Written};
use super::plan::{News, Place, Planned, between, key, walk};
use super::state::{Key, Run, Stage, State};
use super::tally::{Tally, Words};
use super::{Night, Progress};
use crate::encode::Scratch;
use crate::error::{Error, Result};
use crate::feed::{Cut, Feed, Raw, Row};
use crate::pack::hex;
use crate::pipeline::SHARE;
use crate::post::Post;
use crate::rule;
use crate::score::{Band, Score};
use crate::token::Kind;

/// The time between two checkpoints: what a kill costs at most.
const CHECKPOINT: Duration = Duration::from_secs(1);

/// A row with its key.
struct Entry {
    row: Row,
    key: Key,
}

impl Night<'_> {
    /// Scores the rows of a plan from where the run stands.
    pub(super) fn score(&self, state: &State, run: &mut Run, progress: &mut dyn FnMut(&Progress)) -> Result<()> {
        let folder = self.batch.partial(run);
        fs::create_dir_all(&folder).map_err(|e| Error::io(&folder, e))?;
        let path = folder.join("items.jsonl");
        let failed = |e| Error::io(&path, e).remedy("start it again: it goes on from where it was");
        let mut items = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        if items.metadata().map_err(failed)?.len() < run.place.bytes {
            return Err(Error::new("the list of items is shorter than the state says")
                .at(&path)
                .remedy("restore it, or change the configuration so that the run begins anew"));
        }
        items.set_len(run.place.bytes).and_then(|()| items.seek(SeekFrom::End(0))).map_err(failed)?;
        let of = run.plan.rows();
        let mut last = Instant::now();
        state.start()?;
        while let Some(file) = run.plan.files.get_mut(run.place.file) {
            let held = std::mem::take(&mut file.held);
            let file = file.clone();
            let start = run.place.cuts.max(file.skip);
            if start < file.cuts {
                match self.open(&file) {
                    Ok(feed) => {
                        let each = |row: Row| Entry { key: key(&self.batch.keys, &file.source, &row), row };
                        let (source, parser) = feed.split();
                        let held = (start == file.skip && start + held.len() as u64 == file.cuts).then_some(held);
                        let source: Box<dyn Iterator<Item = Cut> + Send> = match held {
                            Some(held) => Box::new(held.into_iter()),
                            None => Box::new(between(source, start, file.cuts)),
                        };
                        walk(source, parser.as_ref(), &each, &mut |entries, cuts| {
                            let faulty = entries.iter().any(|entry| entry.row.post.is_err());
                            let (bytes, tally) = self.part(state, run, &file, entries)?;
                            items.write_all(&bytes).map_err(failed)?;
                            run.tally.join(tally);
                            let from = run.place.cuts.max(file.skip);
                            run.place.cuts = from + cuts;
                            if faulty {
                                run.place.fault = Some((from, run.place.cuts));
                            }
                            run.place.bytes += bytes.len() as u64;
                            if last.elapsed() >= CHECKPOINT {
                                items.sync_data().map_err(failed)?;
                                run.tally.forget_rare();
                                state.checkpoint(run)?;
                                state.start()?;
                                let counts = &run.tally.counts;
                                let rows = counts.read + run.tally.repeated + run.tally.older;
                                progress(&Progress { rows, of, flagged: counts.likely + counts.review, errors: counts.error });
                                last = Instant::now();
                            }
                            Ok(())
                        })?;
                    }
                    Err(e) => run.tally.faults.push(e.to_string()),
                }
            }
            // Rows that were passed over must be found again, and so must those of a file that could not be read.
            let whole = run.plan.since.is_none() && (start >= file.cuts || run.place.cuts >= file.cuts);
            if whole && file.news != News::Unchanged {
                state.settle(&file, run.place.whole(file.cuts), run.id)?;
            }
            run.place = Place { file: run.place.file + 1, cuts: 0, fault: None, ..run.place };
        }
        items.sync_data().map_err(failed)?;
        run.stage = Stage::Reporting;
        run.tally.forget_rare();
        state.checkpoint(run)
    }

    /// A planned file, if it still begins as it did when the run was planned.
    fn open(&self, file: &Planned) -> Result<Feed> {
        let path = &self.batch.config.file(&file.path);
        let length = fs::metadata(path).map_err(|e| Error::io(path, e))?.len();
        if length < file.bytes {
            return Err(Error::new("the file is shorter than when the run began")
                .at(path)
                .remedy("leave feeds as they are while a run is under way; the next run reads it"));
        }
        Feed::open(path, &self.batch.config.inputs[file.input].options())
    }

    /// Scores what is new of some rows; gives the lines of items and the counts.
    fn part(&self, state: &State, run: &Run, file: &Planned, entries: Vec<Entry>) -> Result<(Vec<u8>, Tally)> {
        let mut tally = Tally::default();
        *tally.files.entry(file.path.clone()).or_default() += entries.len() as u64;
        let since: Option<Date> = run.plan.since.as_deref().and_then(|day| day.parse().ok());
        let older = |row: &Row| since.is_some() && row.post.as_ref().ok().and_then(Post::day).is_some_and(|day| Some(day) < since);
        let (entries, passed): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| !older(&entry.row));
        tally.older = passed.len() as u64;
        let keys: Vec<Key> = entries.iter().map(|entry| entry.key).collect();
        let new = state.claim(&keys, run.id, run.plan.first)?;
        tally.repeated = new.iter().filter(|new| !**new).count() as u64;
        let entries: Vec<Entry> = entries.into_iter().zip(new).filter(|(_, new)| *new).map(|(entry, _)| entry).collect();
        let parts: Vec<(Vec<u8>, Tally)> = entries
            .into_par_iter()
            .chunks(SHARE)
            .map(|share| {
                let (mut bytes, mut tally) = (Vec::new(), Tally::default());
                self.scorer.with_scratch(|scratch| share.into_iter().for_each(|entry| self.entry(file, entry, scratch, &mut bytes, &mut tally)));
                (bytes, tally)
            })
            .collect();
        let mut bytes = Vec::new();
        for (part, counts) in parts {
            bytes.extend(part);
            tally.join(counts);
        }
        Ok((bytes, tally))
    }

    /// Scores a row, counts it, and writes it if it is flagged or could not be read.
    fn entry(&self, file: &Planned, entry: Entry, scratch: &mut Scratch, bytes: &mut Vec<u8>, tally: &mut Tally) {
        let Entry { mut row, key } = entry;
        let (mut score, words) = match &row.post {
            Ok(post) => {
                let score = self.scorer.score_with(post, scratch);
                (score, whole_words(scratch))
            }
            Err(reason) => (self.scorer.unreadable(row.line, reason.clone()), Words::default()),
        };
        tally.add(&score, words);
        let known = match &row.post {
            Err(_) => Known::default(),
            Ok(_) if score.band < Band::Review => return,
            Ok(post) => self.known(post, &mut score),
        };
        if let Ok(post) = &row.post {
            tally.name(post.words(), || self.scorer.marked(post.words()), post.author.as_deref(), &self.batch.keys);
        }
        if self.batch.config.identities == Identities::Pseudonyms {
            self.batch.keys.apply(&mut row, &mut score);
        }
        row.raw = Raw::Item(Vec::new());
        let item = format!("i_{}{}", hex(&key.row[..6]), hex(&key.text[..4]));
        let post = row.post.as_ref().ok();
        let written = Written { id: &item, source: &file.source, file: &file.path, line: row.line, known: &known, post, netral: &score };
        serde_json::to_writer(&mut *bytes, &written).expect("memory takes what is written");
        bytes.push(b'\n');
    }

    /// What roster and packs tell about the act of a post; the score's references follow it.
    fn known(&self, post: &Post, score: &mut Score) -> Known {
        let member = self.roster.member(post.author.as_deref().map(|name| self.batch.keys.account(name)).as_deref());
        let phase = self.scorer.refer(post, score, rule::Known { role: member.role.as_deref(), jurisdiction: member.jurisdiction.as_deref() });
        let phase = phase.map(str::to_owned);
        let week = post.day().map(Date::iso_week_date).map(|week| format!("{}-W{:02}", week.year(), week.week()));
        Known { agency: member.agency, role: member.role, jurisdiction: member.jurisdiction, phase, week }
    }
}

/// How many words of the text that was encoded last the model's subword vocabulary holds whole.
fn whole_words(scratch: &Scratch) -> Words {
    let encoding = &scratch.encoding;
    let is_word = |unit: u32| encoding.units.get(unit as usize).is_some_and(|unit| unit.kind == Kind::Word);
    let mut words = Words::default();
    for tokens in encoding.tokens.chunk_by(|a, b| a.1 == b.1).filter(|tokens| is_word(tokens[0].1)) {
        words.all += 1;
        words.whole += u64::from(tokens.len() == 1);
    }
    words
}

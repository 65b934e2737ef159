//! Long posts of X: its archive holds them cut among the tweets, and whole in a file of notes.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::map::before_cut;
use super::{Feed, Note, Row};
use crate::post::Post;

/// A note and its tweet come of one act; each has its own clock's time.
const TOGETHER: SignedDuration = SignedDuration::from_mins(1);
/// Letters of a cut text that the whole one must share to be looked at; a tweet is cut after some 270.
const SHARED: usize = 100;
/// Bytes of notes that are held; an archive has some megabytes of them at most.
const MOST_BYTES: usize = 64 << 20;

/// Which tweet each note completes.
#[derive(Default)]
pub(super) struct Longer {
    /// Those without a tweet so far, by the first letters of each.
    notes: HashMap<String, Vec<(Timestamp, Post)>>,
    bytes: usize,
    /// The note of each cut tweet, by the tweet's id.
    whole: HashMap<String, Post>,
    /// The tweet of each note, by the note's id.
    tweets: HashMap<String, String>,
}

/// Whether a file holds whole texts, by the name that X gives it.
pub(super) fn is_notes(name: &str) -> bool {
    name.contains("note-tweet")
}

/// Whether a file holds tweets, of which some may be cut.
pub(super) fn is_tweets(name: &str) -> bool {
    name.contains("tweet") && !is_notes(name)
}

impl Longer {
    /// Takes up the notes of a file.
    pub(super) fn notes(&mut self, feed: Feed) {
        for (time, post) in dated(feed) {
            self.bytes += post.text.len();
            if self.bytes > MOST_BYTES {
                return;
            }
            if let Some(start) = start(&post.text) {
                self.notes.entry(start.to_owned()).or_default().push((time, post));
            }
        }
    }

    /// Finds the tweets of a file that they complete.
    pub(super) fn tweets(&mut self, feed: Feed) {
        for (time, tweet) in dated(feed) {
            let stem = before_cut(&tweet.text).unwrap_or_else(|| tweet.text.trim_end_matches('\u{2026}'));
            let (Some(id), Some(notes)) = (tweet.id, start(stem).and_then(|start| self.notes.get_mut(start))) else { continue };
            let completes = |(noted, note): &(Timestamp, Post)| note.text.starts_with(stem) && time.duration_since(*noted).abs() <= TOGETHER;
            if let Some(found) = notes.iter().position(completes) {
                let (_, note) = notes.swap_remove(found);
                self.tweets.extend(note.id.clone().map(|note| (note, id.clone())));
                self.whole.insert(id, note);
            }
        }
    }

    /// How many were found.
    pub(super) fn count(&self) -> usize {
        self.tweets.len()
    }

    /// The row with its whole text, or without the text that stands with its tweet.
    pub(super) fn join(&self, mut row: Row) -> Row {
        let Ok(post) = &mut row.post else { return row };
        let Some(id) = &post.id else { return row };
        if let Some(note) = self.whole.get(id) {
            post.text.clone_from(&note.text);
            post.links.extend(note.links.iter().filter(|link| !post.links.contains(link)).cloned().collect::<Vec<_>>());
            row.notes.retain(|note| *note != Note::Cut);
        } else if let Some(tweet) = self.tweets.get(id) {
            post.text.clear();
            post.parent_id = Some(tweet.clone());
        } else {
            return row;
        }
        row.notes.push(Note::Joined);
        row
    }
}

/// The posts of a file whose time can be read.
fn dated(feed: Feed) -> impl Iterator<Item = (Timestamp, Post)> {
    feed.filter_map(|row| row.post.ok()).filter_map(|post| Some((post.time.as_ref()?.parse().ok()?, post)))
}

/// The letters by which a text is looked up.
fn start(text: &str) -> Option<&str> {
    text.char_indices().nth(SHARED).map(|(at, _)| &text[..at])
}

//! What is in a feed, before it is scored: format, columns, first posts, counts, and everything that is wrong with it.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::BuildHasher;

use crate::feed::{Feed, Note};
use crate::post::{Activity, Post};
use crate::text::{harmless, word};

/// Posts shown.
const SHOWN: usize = 3;
/// Rows that are compared to find those that occur twice; more would take more memory than scoring does.
const COMPARED: usize = 4 << 20;
/// Characters of a text that are shown.
const LONGEST: usize = 160;

/// An account of a feed. Its `Display` is for a terminal: nothing of a post reaches it unescaped.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    about: Vec<(&'static str, String)>,
    private: bool,
    rows: u64,
    empty: u64,
    first: Vec<Post>,
    activities: BTreeMap<Activity, u64>,
    languages: BTreeMap<String, u64>,
    notes: BTreeMap<Note, u64>,
    unread: u64,
    /// The first rows that cannot be read.
    bad: Vec<(u64, String)>,
    without: BTreeMap<&'static str, u64>,
    twice: u64,
    compared_all: bool,
}

impl Feed {
    /// Reads the feed to its end and says what is in it.
    pub fn survey(self) -> impl fmt::Display {
        let mut survey = Survey { about: self.about().to_vec(), private: self.is_private(), compared_all: true, ..Survey::default() };
        let (mut seen, hash) = (HashSet::new(), foldhash::fast::FixedState::default());
        for row in self {
            survey.rows += 1;
            row.notes.iter().for_each(|note| *survey.notes.entry(*note).or_default() += 1);
            match row.post {
                Ok(post) => {
                    let words = post.words();
                    if seen.len() >= COMPARED {
                        survey.compared_all = false;
                    } else if !words.trim().is_empty() {
                        let otherwise = post.id.is_none().then_some((&post.time, &post.author));
                        survey.twice += u64::from(!seen.insert(hash.hash_one((&post.id, &post.parent_id, words, otherwise))));
                    }
                    survey.add(post);
                }
                Err(reason) => {
                    survey.unread += 1;
                    if survey.bad.len() < SHOWN {
                        survey.bad.push((row.line, reason));
                    }
                }
            }
        }
        survey
    }
}

impl Survey {
    fn add(&mut self, post: Post) {
        *self.activities.entry(post.activity).or_default() += 1;
        let language = post.lang.as_ref().map_or_else(|| "not told".to_owned(), |lang| lang.chars().take(12).collect());
        if self.languages.len() < 1000 || self.languages.contains_key(&language) {
            *self.languages.entry(language).or_default() += 1;
        }
        let empty = post.activity.is_mere_reaction() || post.words().trim().is_empty();
        self.empty += u64::from(empty);
        let mut lacks = |what: &'static str, lacks: bool| *self.without.entry(what).or_default() += u64::from(lacks);
        lacks("id", post.id.is_none());
        lacks("author", post.author.is_none());
        lacks("time", post.time.is_none());
        let answers = matches!(post.activity, Activity::Reply | Activity::Quote | Activity::Comment);
        lacks("the text that they answer", answers && post.parent.is_none());
        if !empty && self.first.len() < SHOWN {
            self.first.push(post);
        }
    }
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(LONGEST).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{more}", harmless(&cut))
}

/// `a 3, b 2`, the most frequent first.
fn counted<K: fmt::Display>(counts: impl Iterator<Item = (K, u64)>) -> String {
    let mut list: Vec<(String, u64)> = counts.map(|(key, n)| (key.to_string(), n)).collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let more = list.len().saturating_sub(12);
    let shown: Vec<String> = list.into_iter().take(12).map(|(key, n)| format!("{} {n}", harmless(&key))).collect();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, found) in &self.about {
            writeln!(f, "{what:<18}{}", harmless(found))?;
        }
        writeln!(f, "{:<18}{}, {} of them without words, {} that cannot be read", "rows", self.rows, self.empty, self.unread)?;
        writeln!(f, "{:<18}{}", "activities", counted(self.activities.iter().map(|(a, n)| (word(a), *n))))?;
        writeln!(f, "{:<18}{}", "languages", counted(self.languages.iter().map(|(l, n)| (l, *n))))?;
        for (number, post) in self.first.iter().enumerate() {
            writeln!(f, "\npost {}", number + 1)?;
            let mut line = |what: &str, value: Option<&str>| value.map_or(Ok(()), |v| writeln!(f, "    {what:<9} {}", short(v)));
            line("id", post.id.as_deref())?;
            line("author", post.author.as_deref())?;
            line("time", post.time.as_deref())?;
            line("activity", Some(&word(&post.activity)))?;
            line("text", Some(&post.text))?;
            line("parent", post.parent.as_deref())?;
            line("parent id", post.parent_id.as_deref())?;
            line("links", Some(post.links.join(" ").as_str()).filter(|l| !l.is_empty()))?;
        }
        self.problems(f)
    }
}

impl Survey {
    fn problems(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list: Vec<String> = Vec::new();
        for (note, count) in &self.notes {
            list.push(format!("{count} {}", said(*note)));
        }
        if self.unread > 0 {
            list.push(format!("{} rows cannot be read: `score` keeps their place with the reason, --keep-bad FILE keeps their bytes", self.unread));
            list.extend(self.bad.iter().map(|(line, reason)| format!("    line {line}: {}", short(reason))));
        }
        if self.empty > 0 {
            list.push(format!("{} rows have no words: `score` gives them the status `empty`", self.empty));
        }
        if self.twice > 0 {
            let all = if self.compared_all { "" } else { " among the first millions" };
            list.push(format!(
                "{} rows are there more than once{all} (same words and id, or time and author where there is none): `score` scores each of them",
                self.twice
            ));
        }
        for (what, count) in self.without.iter().filter(|(_, n)| **n > 0) {
            let all = if *count == self.rows - self.unread { "all".to_owned() } else { count.to_string() };
            list.push(format!("{all} rows are without {what}: `score` goes on and says what is missing"));
        }
        if self.private {
            list.push("this is a private chat or somebody's own download: reading it needs a lawful basis".to_owned());
        }
        if list.is_empty() {
            return write!(f, "\nno problems");
        }
        write!(f, "\nproblems, and what `score` does")?;
        list.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// A note on some rows, and what `score` does about it.
fn said(note: Note) -> &'static str {
    match note {
        Note::Cleaned => "texts have escapes or markup: undone before scoring, the cleaned text stands beside the result",
        Note::IdRecovered => "ids went through floating-point numbers: the whole ones are taken from the addresses of the posts",
        Note::IdRounded => "ids went through floating-point numbers and are lost: kept as they are, with a note",
        Note::Cut => "texts were cut by the source: scored as far as they go, with a note",
        Note::DoubleEncoded => "texts look like UTF-8 that was read as Windows-1252: scored as they are; --fix-encoding makes them whole",
        Note::EncodingFixed => "texts were UTF-8, read as Windows-1252 and written again: made whole",
        Note::Joined => "rows are long posts that the archive holds twice: scored once, whole, under the id of the tweet",
        Note::JsonRepaired => "rows are not valid JSON in a way that is known: mended",
    }
}

//! A list for a reader: the posts most worth a look, with the telling words marked.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::feed::Row;
use crate::score::{Band, Evidence, Score};
use crate::text::{harmless, word};

/// Characters of a post that are shown.
const SHOWN: usize = 600;
const WIDTH: usize = 96;

pub(crate) struct Review {
    most: usize,
    colour: bool,
    /// The best so far, the least of them on top.
    best: BinaryHeap<Reverse<Entry>>,
    found: u64,
}

/// One post of the list. Entries compare by their fields in order: the band, the probability in ten-thousandths, then earlier
/// rows above later ones.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    band: Band,
    rank: u32,
    line: Reverse<u64>,
    text: Vec<String>,
}

impl Review {
    pub(super) fn new(most: usize, colour: bool) -> Self {
        Self { most, colour, best: BinaryHeap::new(), found: 0 }
    }

    pub(super) fn add(&mut self, row: &Row, score: &Score) {
        let (Ok(post), Some(p)) = (&row.post, score.partisan) else { return };
        if score.band < Band::Review {
            return;
        }
        self.found += 1;
        let rank = (p * 1e4) as u32;
        if self.best.len() >= self.most && self.best.peek().is_some_and(|Reverse(least)| (score.band, rank) <= (least.band, least.rank)) {
            return;
        }
        let text = self.lines(row, post.words(), post.id.as_deref(), score, p);
        self.best.push(Reverse(Entry { band: score.band, rank, line: Reverse(row.line), text }));
        if self.best.len() > self.most {
            self.best.pop();
        }
    }

    fn lines(&self, row: &Row, text: &str, id: Option<&str>, score: &Score, p: f64) -> Vec<String> {
        let band = if score.band == Band::Likely { "likely" } else { "review" };
        let id = id.map_or_else(String::new, |id| format!(" · id {}", harmless(id).chars().take(40).collect::<String>()));
        let act = if score.scored.is_some() { format!(" · {} of another's words", word(&score.activity)) } else { String::new() };
        let fired = if score.fired.is_empty() { String::new() } else { format!(" · {}", score.fired.join(", ").replace('_', " ")) };
        let context = score.context.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |c| c.0).replace('_', " ");
        let mut lines = vec![format!("{} · p {p:.2} · line {}{id} · {context}{fired}{act}", self.bold(band), row.line)];
        lines.extend(self.marked(text, &score.evidence));
        let list = |sign: f64| -> String {
            let own = score.evidence.iter().filter(|e| e.head == "partisan" && e.push * sign > 0.0);
            own.map(|e| format!("\u{201C}{}\u{201D} {:+.2}", harmless(&e.text), e.push)).collect::<Vec<_>>().join("  ")
        };
        lines.push(format!("    for:     {}", list(1.0)));
        let against = list(-1.0);
        if !against.is_empty() {
            lines.push(format!("    against: {against}"));
        }
        if !score.links.is_empty() {
            let links: Vec<String> = score.links.iter().map(|link| format!("{} {}", word(&link.kind).replace('_', " "), harmless(&link.domain))).collect();
            lines.push(format!("    links:   {}", links.join(", ")));
        }
        if !score.missing.is_empty() {
            lines.push(format!("    unknown: {}", score.missing.join(", ")));
        }
        lines
    }

    fn bold(&self, text: &str) -> String {
        if self.colour { format!("\u{1B}[1m{text}\u{1B}[0m") } else { text.to_owned() }
    }

    /// The post, wrapped, with its telling words in bold or between « and ».
    fn marked(&self, text: &str, evidence: &[Evidence]) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let telling: Vec<bool> =
            (0..chars.len()).map(|i| evidence.iter().any(|e| e.head == "partisan" && e.push > 0.0 && (e.start..e.end).contains(&i))).collect();
        let (open, close) = if self.colour { ("\u{1B}[1m", "\u{1B}[0m") } else { ("«", "»") };
        let mut lines = Vec::new();
        let mut line = String::from("    ");
        let mut width = 0;
        let mut i = 0;
        while i < chars.len().min(SHOWN) {
            let end = (i + 1..chars.len().min(SHOWN))
                .find(|&k| telling[k] != telling[i] || !telling[i] && chars[k].is_whitespace() != chars[i].is_whitespace())
                .unwrap_or(chars.len().min(SHOWN));
            let piece = harmless(&chars[i..end].iter().collect::<String>());
            let len = piece.chars().count();
            if chars[i].is_whitespace() && !telling[i] {
                if width > 0 {
                    line.push(' ');
                    width += 1;
                }
                i = end;
                continue;
            }
            if width > 0 && width + len > WIDTH && line.ends_with(' ') {
                lines.push(std::mem::replace(&mut line, String::from("    ")).trim_end().to_owned());
                width = 0;
            }
            if telling[i] {
                line.extend([open, &piece, close]);
            } else {
                line.push_str(&piece);
            }
            width += len;
            i = end;
        }
        if chars.len() > SHOWN {
            line.push('…');
        }
        lines.push(line);
        lines
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        let shown = self.best.len();
        let mut lines: Vec<String> = Vec::new();
        for Reverse(entry) in std::mem::take(&mut self.best).into_sorted_vec() {
            lines.extend(entry.text);
            lines.push(String::new());
        }
        lines.push(if self.found == 0 {
            "No post reaches the review threshold.".to_owned()
        } else {
            format!("{shown} of {} posts to review are shown, the likeliest first; words that speak for it are marked.", self.found)
        });
        lines.push("A score is a reason to look, not a finding / bukan putusan.".to_owned());
        lines.iter().for_each(|line| out.extend(line.bytes().chain([b'\n'])));
    }
}

//! Folding: from what people type to plain words, remembering for each character where it came from.
//!
//! Posts hide words from filters by look-alike letters, digits and stars for letters, zero-width characters, full-width or stylised alphabets,
//! s.p.a.c.e.d, hyphen-ed or streeeetched letters. Folding undoes these before anything is read. Case is kept, since camel case tells where
//! a hashtag splits.
//!
//! Two stages: [`Folder::fold`] first maps single characters (NFKD without marks, invisible characters dropped), then repairs
//! whole words where a dictionary confirms the repair. Without the dictionary's word only three things are undone, which no spelling
//! needs: look-alike letters among plain ones, a letter three times or more, and a digit or a star between the letters of a longer word.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::FixedState;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Folded text and, for each of its characters, the bytes of the original that it stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Folded {
    pub(crate) chars: Vec<char>,
    pub(crate) origin: Vec<Range<usize>>,
}

impl Folded {
    fn with_capacity(chars: usize) -> Self {
        Self { chars: Vec::with_capacity(chars), origin: Vec::with_capacity(chars) }
    }

    fn push(&mut self, c: char, origin: Range<usize>) {
        self.chars.push(c);
        self.origin.push(origin);
    }

    fn extend(&mut self, other: &Self, range: Range<usize>) {
        self.chars.extend_from_slice(&other.chars[range.clone()]);
        self.origin.extend_from_slice(&other.origin[range]);
    }

    /// The bytes of the original under a range of folded characters. Characters that folding dropped in between are included.
    pub(crate) fn original(&self, range: Range<usize>) -> Range<usize> {
        let inside = &self.origin[range];
        let start = inside.iter().map(|r| r.start).min().unwrap_or(0);
        start..inside.iter().map(|r| r.end).max().unwrap_or(start)
    }
}

impl std::fmt::Display for Folded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.chars.iter().try_for_each(|c| std::fmt::Write::write_char(f, *c))
    }
}

/// The everyday words, in lower case, and in how many rows of the corpus each stands.
pub(crate) type Dictionary = HashMap<Box<str>, u32, FixedState>;

/// Folds text with a dictionary of known words, which confirms each repair of a whole word.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folder {
    words: Arc<Dictionary>,
    names: HashSet<String, FixedState>,
    /// Holds the words of both.
    filter: Filter,
}

/// Bits that words set: a word that finds its bit unset is certainly not among them, and this is known without a look at distant memory.
#[derive(Clone, Debug)]
pub(crate) struct Filter(Vec<u64>);

/// 32 KiB, to stay in the nearest caches; the 25,000 words of the shipped model and packs set a tenth.
const FILTER_BITS: usize = 1 << 18;

impl Default for Filter {
    fn default() -> Self {
        Self(vec![0; FILTER_BITS / 64])
    }
}

impl Filter {
    fn bit(word: &str) -> (usize, u64) {
        let hash = FixedState::default().hash_one(word) as usize % FILTER_BITS;
        (hash / 64, 1 << (hash % 64))
    }

    pub(crate) fn insert(&mut self, word: &str) {
        let (at, mask) = Self::bit(word);
        self.0[at] |= mask;
    }

    #[inline]
    pub(crate) fn may_hold(&self, word: &str) -> bool {
        let (at, mask) = Self::bit(word);
        self.0[at] & mask != 0
    }
}

/// Characters that people put between the letters of one word to hide it.
const SEPARATORS: &str = " .-_*·•/|~+,";
/// No longer word is repaired: real words are shorter, and the work stays linear in the text.
const LONGEST_WORD: usize = 32;
/// Alternatives that one repair may try before it gives up.
const MOST_READINGS: usize = 32;
/// And how many of these it may try to shorten, each in up to 32 ways.
const MOST_SHORTENED: usize = 4;

impl Folder {
    pub(crate) fn new(words: impl Into<Arc<Dictionary>>) -> Self {
        let mut folder = Self { words: words.into(), ..Self::default() };
        folder.words.keys().for_each(|word| folder.filter.insert(word));
        folder
    }

    /// Adds words of contenders' names: repairs may lead to them, but they are not everyday words.
    pub(crate) fn add_names(&mut self, words: impl IntoIterator<Item = String>) {
        for word in words {
            self.filter.insert(&word);
            self.names.insert(word);
        }
    }

    /// Whether a word, in lower case, is an everyday one.
    pub(crate) fn is_common(&self, word: &str) -> bool {
        self.filter.may_hold(word) && self.words.contains_key(word)
    }

    /// How common a known word is: names come after all everyday words.
    fn commonness(&self, word: &[char]) -> u32 {
        self.words.get(lower(word).as_str()).copied().unwrap_or(0)
    }

    fn knows(&self, word: &[char]) -> bool {
        word.len() <= LONGEST_WORD && self.holds(&lower(word))
    }

    fn holds(&self, word: &str) -> bool {
        self.filter.may_hold(word) && (self.words.contains_key(word) || self.names.contains(word))
    }

    /// What [`Folder::fold`] makes of a word of plain letters, in lower case. Only stretching can hide one.
    pub(crate) fn fold_word(&self, word: &str) -> String {
        let plain = word.to_ascii_lowercase();
        if !plain.as_bytes().windows(2).any(|w| w[0] == w[1]) || plain.len() <= LONGEST_WORD && self.holds(&plain) {
            return plain;
        }
        let letters: Vec<char> = plain.chars().collect();
        self.reading(&letters).map_or(plain, |read| read.into_iter().map(|(_, c)| c).collect())
    }

    /// Folds one text. Linear in its length; never fails, whatever the input.
    pub(crate) fn fold(&self, text: &str) -> Folded {
        self.repair(&self.join_spaced(plain(text)))
    }

    /// Joins runs of single letters with one and the same separator between them: `c.o.b.l.o.s`, `v o t e`.
    fn join_spaced(&self, text: Folded) -> Folded {
        let chars = &text.chars;
        let Some(mut i) = (0..chars.len()).find(|&i| !spaced_run(chars, i).is_empty()) else { return text };
        let mut out = Folded::with_capacity(chars.len());
        out.extend(&text, 0..i);
        while i < chars.len() {
            let letters = spaced_run(chars, i);
            if letters.is_empty() {
                out.push(chars[i], text.origin[i].clone());
                i += 1;
                continue;
            }
            let word: Vec<char> = letters.iter().map(|&k| chars[k]).collect();
            // Where spaces part the letters, one of them may also end a word; only the dictionary can tell.
            let one = chars[letters[0] + 1] != ' ' || self.reading(&word).is_some();
            let cuts = if one { None } else { self.split(&word) }.unwrap_or_else(|| vec![word.len()]);
            let mut from = 0;
            for to in cuts {
                if from > 0 {
                    let at = text.origin[letters[from]].start;
                    out.push(' ', at..at);
                }
                for &k in &letters[from..to] {
                    out.extend(&text, k..k + 1);
                }
                from = to;
            }
            i = letters[letters.len() - 1] + 1;
        }
        out
    }

    /// Rewrites words that the dictionary does not know into ones that it does. Links and handles stay as they are.
    fn repair(&self, text: &Folded) -> Folded {
        let chars = &text.chars;
        let mut out = Folded::with_capacity(chars.len());
        let mut i = 0;
        while i < chars.len() {
            if chars[i].is_whitespace() {
                out.extend(text, i..i + 1);
                i += 1;
                continue;
            }
            let end = (i..chars.len()).find(|&k| chars[k].is_whitespace()).unwrap_or(chars.len());
            if looks_like_link(&chars[i..end]) || chars[i] == '@' {
                out.extend(text, i..end);
                i = end;
                continue;
            }
            while i < end {
                let to = word_end(chars, i, end);
                if let Some(to) = self.hyphened(chars, i, to, end) {
                    (i..to).filter(|&k| chars[k] != '-').for_each(|k| out.extend(text, k..k + 1));
                    i = to;
                    continue;
                }
                match (to > i && !self.knows(&chars[i..to])).then(|| self.undisguised(&chars[i..to])).flatten() {
                    Some(kept) => {
                        // The last letter kept from a stretched run stands for the rest of the run.
                        for (n, &(k, c)) in kept.iter().enumerate() {
                            let until = kept.get(n + 1).map_or(to, |&(next, _)| i + next);
                            out.push(c, text.original(i + k..until));
                        }
                        i = to;
                    }
                    None if to > i => {
                        out.extend(text, i..to);
                        i = to;
                    }
                    None => {
                        out.extend(text, i..i + 1);
                        i += 1;
                    }
                }
            }
        }
        out
    }

    /// Where a known word ends that begins at `i` with a part up to `to` and is parted by hyphens: `co-blos`, but not `ganti-presiden`.
    fn hyphened(&self, chars: &[char], i: usize, mut to: usize, end: usize) -> Option<usize> {
        let spells = |part: &[char]| !part.is_empty() && part.iter().all(char::is_ascii_alphabetic);
        if chars.get(to) != Some(&'-') || !spells(&chars[i..to]) {
            return None;
        }
        let mut word: Vec<char> = chars[i..to].to_vec();
        let parts = to - i;
        while to + 1 < end && chars[to] == '-' && word.len() <= LONGEST_WORD {
            let next = word_end(chars, to + 1, end);
            let part = &chars[to + 1..next];
            if !spells(part) {
                return None;
            }
            word.extend_from_slice(part);
            to = next;
        }
        (word.len() > parts.max(3) && self.knows(&word)).then_some(to)
    }

    /// The known word that `word` is a disguise of, as (position in `word`, letter); `None` where it is no disguise.
    fn reading(&self, word: &[char]) -> Option<Vec<(usize, char)>> {
        if self.knows(word) { Some(word.iter().copied().enumerate().collect()) } else { self.undisguised(word) }
    }

    /// The same for a word that is not known itself.
    fn undisguised(&self, word: &[char]) -> Option<Vec<(usize, char)>> {
        if word.len() > 4 * LONGEST_WORD {
            return None;
        }
        // Only stretching can hide a word of plain letters.
        if word.iter().all(char::is_ascii_alphabetic) && !word.windows(2).any(|w| same(w[0], w[1])) {
            return None;
        }
        let foreign = word.iter().any(|c| !c.is_ascii());
        let letters = word.iter().filter(|c| c.is_ascii_alphabetic()).count();
        let disguised = word.iter().any(|c| !c.is_ascii_alphabetic());
        // `24k`, `11am`, `m03`: digits in a block at an edge count something, unless an everyday word comes of it.
        let digits = |c: &&char| c.is_ascii_digit();
        let edge = word.iter().take_while(digits).count().max(word.iter().rev().take_while(digits).count());
        let counts = edge > 0 && word.len() < 4;
        let strict = edge > 1 && letters < 3;
        if counts || (letters == 0 && !foreign) {
            return None;
        }
        let choices = if disguised { choices(word)? } else { vec![word.iter().copied().enumerate().collect()] };
        let fits = |word: &[char]| if strict { self.is_common(&lower(word)) } else { self.knows(word) };
        let known = choices.iter().filter(|choice| disguised && fits(&letters_of(choice)));
        // Of several words that it may stand for the commonest, of equally common ones the first.
        if let Some(word) = known.rev().max_by_key(|choice| self.commonness(&letters_of(choice))) {
            return Some(word.clone());
        }
        for choice in choices.iter().take(if strict { 0 } else { MOST_SHORTENED }) {
            if let Some(short) = self.unstretched(choice) {
                return Some(short);
            }
        }
        // A foreign letter among plain ones is a look-alike even in an unknown word; three of a kind are never a spelling.
        let first = &choices[0];
        let spelled = letters > 0 && word.iter().all(|c| c.is_alphabetic());
        let stretched = spelled && first.windows(3).any(|w| same(w[0].1, w[1].1) && same(w[1].1, w[2].1));
        // A digit or a star between letters of a longer word stands for a letter, also in a name that nobody listed.
        let between = |k: usize| {
            k > 0 && k + 1 < word.len() && (word[k].is_ascii_digit() || word[k] == '*') && word[k - 1].is_alphabetic() && word[k + 1].is_alphabetic()
        };
        let inside = word.len() >= 5 && edge == 0 && 2 * letters >= word.len() && (0..word.len()).any(between);
        (stretched || inside || spelled && foreign).then(|| {
            let repeats = |k: usize| k > 0 && same(first[k - 1].1, first[k].1) && run_of(first, k) >= 3;
            (0..first.len()).filter(|&k| !repeats(k)).map(|k| first[k]).collect()
        })
    }

    /// A known word reached by shortening runs of equal letters to two or one.
    fn unstretched(&self, word: &[(usize, char)]) -> Option<Vec<(usize, char)>> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (k, &(_, c)) in word.iter().enumerate() {
            match runs.last_mut() {
                Some((start, len)) if same(word[*start].1, c) => *len += 1,
                _ => runs.push((k, 1)),
            }
        }
        let long: Vec<usize> = (0..runs.len()).filter(|&r| runs[r].1 > 1).collect();
        if long.is_empty() || runs.len() > LONGEST_WORD {
            return None;
        }
        let ways = 1usize << long.len().min(5);
        (0..ways)
            .map(|way| {
                let mut kept = Vec::new();
                for (r, &(start, len)) in runs.iter().enumerate() {
                    let double = long.iter().position(|&l| l == r).is_some_and(|bit| bit < 5 && way >> bit & 1 == 1);
                    kept.extend_from_slice(&word[start..start + if double { 2.min(len) } else { 1 }]);
                }
                kept
            })
            .find(|kept| self.knows(&letters_of(kept)))
    }

    /// Cuts a run of letters into the fewest known words of two letters or more: the ends of the words, or `None`.
    pub(crate) fn split(&self, word: &[char]) -> Option<Vec<usize>> {
        if word.len() > 2 * LONGEST_WORD {
            return None;
        }
        // best[k] = (number of words, start of the last) for the first k letters; ties go to the longer last word.
        let mut best: Vec<Option<(usize, usize)>> = vec![None; word.len() + 1];
        best[0] = Some((0, 0));
        for end in 2..=word.len() {
            for start in end.saturating_sub(LONGEST_WORD)..end - 1 {
                if let Some((count, _)) = best[start]
                    && best[end].is_none_or(|(least, _)| count + 1 < least)
                    && self.knows(&word[start..end])
                {
                    best[end] = Some((count + 1, start));
                }
            }
        }
        let mut ends = Vec::new();
        let mut at = word.len();
        while at > 0 {
            ends.push(at);
            at = best[at]?.1;
        }
        ends.reverse();
        Some(ends)
    }
}

/// How a stretch of text without blanks could go together with its neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edges {
    /// Its first character is a letter or digit, and no other follows it.
    pub(crate) first_alone: bool,
    /// Its last character is a letter or digit, and no other is before it.
    pub(crate) last_alone: bool,
    /// It may begin with a sign that turns the number before it into another.
    pub(crate) bound: bool,
}

impl Edges {
    pub(crate) fn of(text: &str) -> Self {
        let edges = |letter: &dyn Fn(usize) -> bool, length: usize| {
            let last = length.wrapping_sub(1);
            Self { first_alone: letter(0) && !letter(1), last_alone: letter(last) && !letter(last.wrapping_sub(1)), bound: false }
        };
        if text.bytes().all(|b| b.is_ascii_graphic()) {
            return edges(&|k| text.as_bytes().get(k).is_some_and(u8::is_ascii_alphanumeric), text.len());
        }
        let chars = plain(text).chars;
        let bound = chars.contains(&'\u{20E3}') && !chars[0].is_ascii_alphanumeric();
        Self { bound, ..edges(&|k| chars.get(k).is_some_and(|c| c.is_alphanumeric()), chars.len()) }
    }
}

/// The plain readings of a disguised word, each a list of (position, letter): every choice of letters, up to a limit. `None` where a character
/// stands for none.
fn choices(word: &[char]) -> Option<Vec<Vec<(usize, char)>>> {
    let options: Vec<Vec<char>> = word.iter().map(|&c| readings(c)).collect();
    if options.iter().any(Vec::is_empty) {
        return None;
    }
    let mut choices = vec![Vec::new()];
    for (k, option) in options.iter().enumerate() {
        if word.len() > LONGEST_WORD || choices.len() * option.len() > MOST_READINGS {
            choices.iter_mut().for_each(|choice| choice.push((k, option[0])));
        } else {
            choices = choices.into_iter().flat_map(|c| option.iter().map(move |&o| [c.as_slice(), &[(k, o)]].concat())).collect();
        }
    }
    Some(choices)
}

fn same(a: char, b: char) -> bool {
    a.eq_ignore_ascii_case(&b)
}

fn run_of(word: &[(usize, char)], at: usize) -> usize {
    let c = word[at].1;
    let before = word[..at].iter().rev().take_while(|w| same(w.1, c)).count();
    before + word[at..].iter().take_while(|w| same(w.1, c)).count()
}

fn letters_of(word: &[(usize, char)]) -> Vec<char> {
    word.iter().map(|&(_, c)| c).collect()
}

pub(crate) fn lower(word: &[char]) -> String {
    if word.iter().all(char::is_ascii) {
        return word.iter().map(char::to_ascii_lowercase).collect();
    }
    word.iter().flat_map(|c| c.to_lowercase()).collect()
}

/// One character after another: compatibility forms resolved, marks and invisible characters dropped.
fn plain(text: &str) -> Folded {
    let mut out = Folded::with_capacity(text.len());
    for (start, c) in text.char_indices() {
        let origin = start..start + c.len_utf8();
        match c {
            '`' => out.push('\'', origin),
            '\n' | '\t' | ' '..='~' => out.push(c, origin),
            '\r' => out.push('\n', origin),
            '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02BC}' | '\u{00B4}' => out.push('\'', origin),
            '\u{201C}'..='\u{201F}' | '\u{00AB}' | '\u{00BB}' => out.push('"', origin),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-', origin),
            '\u{20E3}' => out.push(c, origin),
            // Negative circled and squared Latin letters have no compatibility form.
            '\u{1F150}'..='\u{1F169}' => out.push(latin(c, 0x1F150), origin),
            '\u{1F170}'..='\u{1F189}' => out.push(latin(c, 0x1F170), origin),
            _ if is_invisible(c) || is_combining_mark(c) => {}
            _ => decompose_compatible(c, |part| {
                if !is_combining_mark(part) && !is_invisible(part) {
                    out.push(if part.is_whitespace() && part != '\n' { ' ' } else { part }, origin.clone());
                }
            }),
        }
    }
    out
}

fn latin(c: char, base: u32) -> char {
    char::from(b'A' + (c as u32 - base) as u8)
}

/// Control and format characters (Unicode Cc and Cf), variation selectors and the blank Hangul fillers.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Indices of the letters of a spaced-out word that begins at `i`; empty where none does.
fn spaced_run(chars: &[char], i: usize) -> Vec<usize> {
    let letter = |k: usize| chars.get(k).is_some_and(|c| c.is_alphanumeric());
    let single = |k: usize| letter(k) && (k == 0 || !letter(k - 1) && chars[k - 1] != '\'') && !letter(k + 1);
    if !single(i) || i > 0 && chars[i - 1] == '@' {
        return Vec::new();
    }
    let Some(&separator) = chars.get(i + 1).filter(|c| SEPARATORS.contains(**c)) else { return Vec::new() };
    let mut letters = vec![i];
    let mut k = i;
    while chars.get(k + 1) == Some(&separator) && single(k + 2) {
        k += 2;
        letters.push(k);
    }
    let alphabetic = letters.iter().filter(|&&k| chars[k].is_alphabetic()).count();
    let least = if separator == '.' { 3 } else { 4 };
    if letters.len() < least || 2 * alphabetic < letters.len() { Vec::new() } else { letters }
}

/// The end of the word at `i`: letters and digits, and signs that stand for letters when letters are on both sides.
fn word_end(chars: &[char], i: usize, end: usize) -> usize {
    let mut k = i;
    while k < end {
        let inside = chars[k].is_alphanumeric()
            || matches!(chars[k], '@' | '$' | '!' | '*') && k > i && chars[k - 1].is_alphanumeric() && k + 1 < end && chars[k + 1].is_alphanumeric();
        if !inside {
            break;
        }
        k += 1;
    }
    k
}

/// Whether a chunk between white space is a link, whose letters must not be touched.
pub(crate) fn looks_like_link(chunk: &[char]) -> bool {
    let starts = |prefix: &str| chunk.len() > prefix.len() && prefix.chars().zip(chunk).all(|(p, c)| p == c.to_ascii_lowercase());
    if starts("http://") || starts("https://") || starts("www.") || chunk.windows(3).any(|w| w == [':', '/', '/']) {
        return true;
    }
    // host.tld/path or host.tld: letters after the last dot of the host, something before it.
    let host = &chunk[..chunk.iter().position(|&c| c == '/' || c == '?').unwrap_or(chunk.len())];
    let Some(dot) = host.iter().rposition(|&c| c == '.').filter(|&dot| dot >= 2) else { return false };
    let tld = &host[dot + 1..];
    let path = host.len() < chunk.len();
    let known = matches!(
        lower(tld).as_str(),
        "com"
            | "org"
            | "net"
            | "id"
            | "gov"
            | "edu"
            | "uk"
            | "ca"
            | "au"
            | "us"
            | "ly"
            | "co"
            | "me"
            | "gle"
            | "info"
            | "io"
            | "tv"
            | "nz"
            | "ie"
            | "ph"
            | "my"
            | "vote"
            | "scot"
            | "wales"
    );
    (2..=12).contains(&tld.len())
        && tld.iter().all(char::is_ascii_alphabetic)
        && host[..dot].iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
        && (path || known)
}

/// The plain letters that a character may stand for; empty where it stands for none. A plain letter is itself.
fn readings(c: char) -> Vec<char> {
    match c {
        'a'..='z' | 'A'..='Z' => vec![c],
        '0' => vec!['o'],
        '1' | '!' | '|' => vec!['i', 'l'],
        '2' => vec!['z'],
        '3' => vec!['e'],
        '4' | '@' => vec!['a'],
        '5' | '$' => vec!['s'],
        '6' => vec!['g', 'b'],
        '7' => vec!['t'],
        '8' => vec!['b'],
        '9' => vec!['g'],
        '*' => vec!['a', 'e', 'i', 'o', 'u'],
        _ if !c.is_ascii() => lookalike(c).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The plain Latin letter that a foreign one looks like, by Unicode's confusables and a few that they resolve to small capitals.
fn lookalike(c: char) -> Option<char> {
    let mut buffer = [0; 4];
    let skeleton: Vec<char> = unicode_security::skeleton(c.encode_utf8(&mut buffer)).collect();
    match skeleton.as_slice() {
        [one] if one.is_ascii_alphabetic() => Some(*one),
        _ => small_capital(skeleton.first().copied().unwrap_or(c)).or_else(|| small_capital(c)),
    }
}

fn small_capital(c: char) -> Option<char> {
    const PAIRS: &str = "ᴀaʙbвbВbᴄcᴅdđdᴇeғfꜰfɢgɡgʜhнhНhɪiıiιiᴊjᴋkĸkкkКkκkʟlłlᴍmмmМmɴnпnηnᴏoøoᴘpʀrгrяrꜱsѕsᴛtтtТtτtŧtᴜuυuцuᴠvνvᴡwωwшwχxʏyуyᴢzЗz";
    PAIRS.chars().zip(PAIRS.chars().skip(1)).step_by(2).find(|&(from, _)| from == c).map(|(_, to)| to)
}

/// The runs of letters and digits in a text, in lower case.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The word that JSON has for a value.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Text that cannot act on a terminal: control, format and bidirectional characters become visible escapes, line breaks spaces.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            ' '..='~' => out.push(c),
            _ if c.is_control()
                || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}') =>
            {
                out.extend(c.escape_unicode());
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> Folder {
        let mut folder = Folder::new(Dictionary::from_iter(
            ["coblos", "paslon", "menang", "vote", "good", "the", "ganti", "presiden", "bagi", "ayo", "buat"].map(|w| (w.into(), 2)),
        ));
        folder.add_names(["prabowo", "liam", "zak"].map(String::from));
        folder
    }

    #[test]
    fn disguises_of_known_words_fold_to_the_word() {
        for (typed, plain) in [
            ("c0bl0s p4sl0n", "coblos paslon"),
            ("cоblоs", "coblos"),
            ("co\u{200B}blos", "coblos"),
            ("ｃｏｂｌｏｓ", "coblos"),
            ("c.o.b.l.o.s", "coblos"),
            ("c o b l o s p a s l o n", "coblos paslon"),
            ("menaaaaang", "menang"),
            ("menangg", "menang"),
            ("gooood", "good"),
            ("рrаbоwо", "prabowo"),
            ("p@slon", "paslon"),
            ("𝓬𝓸𝓫𝓵𝓸𝓼", "coblos"),
            ("🅲🅾🅱🅻🅾🆂", "COBLOS"),
            ("b4g1", "bagi"),
            ("c.0.b.l.0.s", "coblos"),
            ("vоtе thе", "vote the"),
            ("8u47 R1v3ra", "buat Rivera"),
            ("co-blos pas-lon", "coblos paslon"),
            ("c-o-b-l-o-s", "coblos"),
            ("m*nang", "menang"),
            ("Sat*nusa", "Satanusa"),
        ] {
            assert_eq!(folder().fold(typed).to_string(), plain, "{typed}");
        }
    }

    #[test]
    fn what_is_no_disguise_stays() {
        for text in [
            "jkt48 covid19 2024 0812",
            "Москва",
            "https://t.co/C0BL0S",
            "@c0bl0s",
            "a b c",
            "user@mail.example",
            "S1 dan S2",
            "5 4 3 2 1",
            "11am 24k 4yo",
            "ganti-presiden bagi-bagi ku-2 Rano-Embay pak-de-2",
            "a * b 3*4",
        ] {
            assert_eq!(folder().fold(text).to_string(), text);
        }
    }

    #[test]
    fn origins_cover_the_original_characters() {
        let text = "aah c0blоооs";
        let folded = folder().fold(text);
        let at = folded.to_string().find("coblos").unwrap();
        assert_eq!(&text[folded.original(at..at + 6)], "c0blоооs");
    }
}

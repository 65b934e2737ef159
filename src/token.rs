//! Splitting folded text into units: words, numbers, hashtags, handles, links, emoji and the few signs that carry meaning.

use std::ops::Range;

use crate::text::{Folded, Folder, looks_like_link, lower};

/// What a unit is. Everything but a `Word` reaches the model as a fixed symbol, so that no handle, number or link is learnt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Word,
    Number,
    Handle,
    Link,
    /// Letters and digits in turns that no repair made a word of.
    Mixed,
    /// The `#` that opens a hashtag; its words follow as units of their own.
    Tag,
    /// An emoji, a finger sign, a keycap, or a sign such as `!`: `text` is the symbol to read.
    Sign,
    /// A contender, written over by [`crate::mark`].
    Marker,
    /// A capitalised word that no dictionary knows: somebody's or something's name.
    Name,
}

/// One unit of a post, in words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    /// Lower-case word, digits, handle without `@`, host of a link, or the symbol of a sign.
    pub(crate) text: String,
    /// Bytes of the original text.
    pub(crate) span: Range<usize>,
    /// Whether it begins with a capital.
    pub(crate) capital: bool,
    /// Which hashtag of the post it is part of, counted from 1; 0 outside.
    pub(crate) tag: u32,
}

/// Splits folded text into units, in order. Hashtags split at camel case, digits and underscores, and all-lower-case ones
/// into known words. Linear in the text.
pub(crate) fn scan(folded: &Folded, folder: &Folder) -> Vec<Piece> {
    let chars = &folded.chars;
    let mut scan = Scan { folded, folder, units: Vec::with_capacity(chars.len() / 4), tags: 0 };
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if c.is_whitespace() {
            i += 1;
            continue;
        }
        // Only where a chunk begins, so that no text is looked through twice.
        if (i == 0 || chars[i - 1].is_whitespace() || matches!(chars[i - 1], '(' | '<' | '"')) && c.is_ascii_alphanumeric() {
            let end = (i..chars.len()).find(|&k| chars[k].is_whitespace() || matches!(chars[k], '"' | '<' | '>' | ')' | '(')).unwrap_or(chars.len());
            if looks_like_link(&chars[i..end]) && !chars[i..end].contains(&'@') {
                scan.link(i, end);
                i = end;
                continue;
            }
        }
        let run = scan.end(i, char::is_alphanumeric);
        if chars[i..run].windows(2).filter(|w| w[0].is_ascii_digit() != w[1].is_ascii_digit()).count() > 1 {
            scan.push(Kind::Mixed, lower(&chars[i..run]), i..run, 0);
            i = run;
            continue;
        }
        i = match c {
            '@' => scan.handle(i),
            '#' => scan.tag(i),
            '0'..='9' => scan.number(i),
            _ if c.is_alphabetic() => scan.word(i, 0),
            _ => scan.sign(i),
        };
    }
    scan.units
}

/// A host as links are compared: without `www.` and a full stop at its end.
pub(crate) fn host_name(host: &str) -> &str {
    host.trim_start_matches("www.").trim_end_matches('.')
}

struct Scan<'a> {
    folded: &'a Folded,
    folder: &'a Folder,
    units: Vec<Piece>,
    tags: u32,
}

impl Scan<'_> {
    fn push(&mut self, kind: Kind, text: String, range: Range<usize>, tag: u32) {
        let capital = self.folded.chars[range.start].is_uppercase();
        self.units.push(Piece { kind, text, span: self.folded.original(range), capital, tag });
    }

    fn chars(&self) -> &[char] {
        &self.folded.chars
    }

    fn end(&self, i: usize, inside: impl Fn(char) -> bool) -> usize {
        (i..self.chars().len()).find(|&k| !inside(self.chars()[k])).unwrap_or(self.chars().len())
    }

    fn link(&mut self, start: usize, end: usize) {
        let chunk = lower(&self.chars()[start..end]);
        let bare = chunk.split_once("://").map_or(chunk.as_str(), |(_, rest)| rest);
        let host = bare.split(['/', '?', '#', ':']).next().unwrap_or(bare);
        self.push(Kind::Link, host_name(host).to_owned(), start..end, 0);
    }

    fn handle(&mut self, i: usize) -> usize {
        let end = self.end(i + 1, |c| c.is_alphanumeric() || c == '_' || c == '.');
        if end == i + 1 {
            return end;
        }
        let name = lower(&self.chars()[i + 1..end]);
        self.push(Kind::Handle, name.trim_end_matches('.').to_owned(), i..end, 0);
        end
    }

    /// Digits with separators inside: `02`, `1.500.000`, `52,1`, `10:30`.
    fn number(&mut self, i: usize) -> usize {
        let chars = self.chars();
        let digit = |k: usize| chars.get(k).is_some_and(char::is_ascii_digit);
        let mut end = i;
        while digit(end) || matches!(chars.get(end), Some('.' | ',' | ':' | '/')) && digit(end + 1) {
            end += 1;
        }
        let text = chars[i..end].iter().collect();
        self.push(Kind::Number, text, i..end, 0);
        end
    }

    /// A word from `i` on; an English possessive is cut off, any other apostrophe dropped.
    fn word(&mut self, i: usize, tag: u32) -> usize {
        let chars = self.chars();
        let mut end = self.end(i, char::is_alphabetic);
        while chars.get(end) == Some(&'\'') && chars.get(end + 1).is_some_and(|c| c.is_alphabetic()) {
            end = self.end(end + 1, char::is_alphabetic);
        }
        let text = lower(&chars[i..end]);
        let text = text.strip_suffix("'s").unwrap_or(&text).replace('\'', "");
        self.push(Kind::Word, text, i..end, tag);
        end
    }

    fn tag(&mut self, i: usize) -> usize {
        let end = self.end(i + 1, |c| c.is_alphanumeric() || c == '_');
        if end == i + 1 {
            return end;
        }
        self.tags += 1;
        let tag = self.tags;
        self.push(Kind::Tag, lower(&self.chars()[i + 1..end]), i..end, tag);
        let mut start = i + 1;
        while start < end {
            let chars = self.chars();
            if chars[start] == '_' {
                start += 1;
                continue;
            }
            let stop = (start + 1..end).find(|&k| is_seam(chars, k)).unwrap_or(end);
            if chars[start].is_ascii_digit() {
                let text = chars[start..stop].iter().collect();
                self.push(Kind::Number, text, start..stop, tag);
            } else {
                let mut from = start;
                let word = &chars[start..stop];
                let cuts = if word.len() < 6 { None } else { self.folder.split(word) };
                for cut in cuts.unwrap_or_else(|| vec![word.len()]) {
                    let text = lower(&self.chars()[from..start + cut]);
                    self.push(Kind::Word, text, from..start + cut, tag);
                    from = start + cut;
                }
            }
            start = stop;
        }
        end
    }

    fn sign(&mut self, i: usize) -> usize {
        let c = self.chars()[i];
        // A folded keycap is a digit and U+20E3; the digit has already been read as a number.
        if c == '\u{20E3}' {
            if let Some(last) = self.units.last_mut().filter(|u| u.kind == Kind::Number) {
                last.kind = Kind::Sign;
                "<keycap>".clone_into(&mut last.text);
                last.span.end = self.folded.origin[i].end;
            }
            return i + 1;
        }
        let symbol = match c {
            '!' | '?' | ':' | '"' | '%' | '$' | '(' => Some(c.to_string()),
            // Skin tones say nothing; finger signs and coloured hearts stand for numbers and parties, so all are one.
            '\u{1F3FB}'..='\u{1F3FF}' => None,
            '☝' | '✌' | '✋' | '\u{1F446}' | '\u{1F44C}' | '\u{1F590}' | '\u{1F595}'..='\u{1F596}' | '\u{1F918}'..='\u{1F91F}' | '\u{1FAF0}' => {
                Some("<finger>".to_owned())
            }
            '❤' | '♥' | '\u{1F499}'..='\u{1F49C}' | '\u{1F5A4}' | '\u{1F90D}' | '\u{1F90E}' | '\u{1F9E1}' | '\u{1FA75}'..='\u{1FA77}' => {
                Some("<heart>".to_owned())
            }
            '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' => Some(c.to_string()),
            _ => None,
        };
        let repeated = symbol.as_ref().is_some_and(|s| self.units.last().is_some_and(|u| u.kind == Kind::Sign && u.text == *s));
        if let Some(symbol) = symbol {
            if repeated {
                let end = self.folded.origin[i].end;
                self.units.last_mut().expect("a unit was just seen").span.end = end;
            } else {
                self.push(Kind::Sign, symbol, i..i + 1, 0);
            }
        }
        i + 1
    }
}

/// Whether a hashtag splits before `k`: `aB`, `ABc` before `B`, and between letters and digits.
fn is_seam(chars: &[char], k: usize) -> bool {
    let (before, here) = (chars[k - 1], chars[k]);
    here == '_'
        || before.is_ascii_digit() != here.is_ascii_digit()
        || before.is_lowercase() && here.is_uppercase()
        || before.is_uppercase() && here.is_uppercase() && chars.get(k + 1).is_some_and(|c| c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Dictionary;

    fn units(text: &str) -> Vec<String> {
        let folder = Folder::new(Dictionary::from_iter(["ganti", "presiden", "menang"].map(|w| (w.into(), 2))));
        scan(&folder.fold(text), &folder).into_iter().map(|u| u.text).collect()
    }

    #[test]
    fn hashtags_split_into_their_words() {
        assert_eq!(units("#2019GantiPresiden"), ["2019gantipresiden", "2019", "ganti", "presiden"]);
        assert_eq!(units("#gantipresiden #PKBMenang #a_b"), ["gantipresiden", "ganti", "presiden", "pkbmenang", "pkb", "menang", "a_b", "a", "b"]);
    }

    #[test]
    fn links_handles_numbers_and_possessives_are_units() {
        assert_eq!(
            units("Rivera's plan, don't @x_y. https://www.a.example/B?c 1.500,5 02!!"),
            ["rivera", "plan", "dont", "x_y", "a.example", "1.500,5", "02", "!"]
        );
        assert_eq!(units("jkt48 2periode x1=2 d4e5f6g7h8"), ["jkt", "48", "2", "periode", "x", "1", "2", "d4e5f6g7h8"]);
        assert_eq!(units("baca kabar.co.id/x dan mail a@b.com"), ["baca", "kabar.co.id", "dan", "mail", "a", "b.com"]);
    }

    #[test]
    fn finger_signs_and_hearts_of_any_kind_are_one_symbol() {
        assert_eq!(units("☝ ✌️ 🤟🏽"), ["<finger>"]);
        assert_eq!(units("💙❤️ 2️⃣"), ["<heart>", "<keycap>"]);
    }
}

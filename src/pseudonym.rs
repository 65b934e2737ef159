//! Pseudonyms in the place of people: keyed hashes that are the same wherever the key is, and lead back to nobody without it.

use std::path::Path;
use std::sync::LazyLock;

use hmac::{Hmac, Mac};
use regex::{Captures, Regex};
use sha2::Sha256;

use crate::error::{Error, Result};
use crate::feed::{Raw, Row};
use crate::pack::hex;
use crate::score::{Evidence, Score};

/// A shorter key can be guessed.
const SHORTEST_KEY: usize = 16;
/// Bytes of a hash that are shown: two of ten million accounts share one with a probability of about 10⁻⁶.
const SHOWN: usize = 8;
/// A shorter name is a word of many texts.
const SHORTEST_NAME: usize = 4;

/// Puts keyed hashes (HMAC-SHA-256) in the place of account names, ids and @handles, and takes e-mail addresses, telephone
/// numbers and the numbers of identity cards (NIK) and civil servants (NIP) out of texts.
///
/// The same account gets the same pseudonym wherever the key is the same. Of a row only the fields of a post are left. A name without
/// an @ that stands in somebody else's text cannot be told from other words, and stays.
#[derive(Clone)]
pub struct Pseudonyms {
    key: Hmac<Sha256>,
}

/// A stretch of text with something else in its place, in characters.
struct Change {
    start: usize,
    end: usize,
    /// Characters that stand there now.
    now: usize,
}

/// What is personal in a text, each kind with a group of its own.
static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    let parts = [
        r"(?P<mail>[\p{Alphabetic}\p{N}._%+-]+@[\p{Alphabetic}\p{N}-]+(?:\.[\p{Alphabetic}\p{N}-]+)+)",
        r"(?P<link>(?:(?i:https?)://|(?i:www)\.)\S+|\b[\p{Alphabetic}\p{N}-]+(?:\.[\p{Alphabetic}\p{N}-]+)+/\S+)",
        r"(?P<handle>(?:[@\x{FF20}]|\bu/)[\p{Alphabetic}\p{N}_.-]*[\p{Alphabetic}\p{N}_])",
        r"(?P<nip>\b\d{8}[ .-]?\d{6}[ .-]?\d[ .-]?\d{3}\b)",
        r"(?P<nik>\b\d{16}\b)",
        r"(?P<phone>(?:\+\d|\b0|\b62)(?:[\s().\x{2011}-]{0,2}\d){7,13}\b)",
    ];
    Regex::new(&parts.join("|")).expect("a valid pattern")
});

impl Pseudonyms {
    /// Reads the key from a file: its bytes without white space at the ends, 16 or more. Whoever has it can try names against pseudonyms, so
    /// it belongs to nobody who has the output.
    ///
    /// # Errors
    /// The file cannot be read, or is too short for a key.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        Self::new(bytes.trim_ascii()).map_err(|e| e.at(path))
    }

    /// The same from the bytes of a key.
    ///
    /// # Errors
    /// They are too few.
    pub fn new(key: &[u8]) -> Result<Self> {
        if key.len() < SHORTEST_KEY {
            return Err(Error::new(format!("a key of {} bytes can be guessed", key.len())).remedy("make one: head -c 32 /dev/urandom | base64 > KEYFILE"));
        }
        Hmac::new_from_slice(key).map(|key| Self { key }).map_err(|e| Error::new(e.to_string()))
    }

    /// The pseudonym of an account, whether its name is written with an @ or not, in capitals or not.
    pub fn account(&self, name: &str) -> String {
        self.hash("u", &name.trim().trim_start_matches(['@', '\u{FF20}']).to_lowercase())
    }

    fn hash(&self, kind: &str, name: &str) -> String {
        let mut mac = self.key.clone();
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        format!("{kind}_{}", hex(&mac.finalize().into_bytes()[..SHOWN]))
    }

    /// A keyed hash of a list of parts, which no other list has.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.key.clone();
        // No kind of name is an empty one.
        mac.update(&[0]);
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Takes the people out of a row and its score. Offsets of the evidence follow the text.
    pub(crate) fn apply(&self, row: &mut Row, score: &mut Score) {
        row.raw = Raw::Item(Vec::new());
        let Ok(post) = &mut row.post else {
            // A reason may name fields and files, which may name people.
            score.reason = Some("the row cannot be read".to_owned());
            return;
        };
        let name = post.author.take();
        let own_words = post.words() == post.text;
        let (text, changes) = self.masked(&post.text, name.as_deref());
        let parent = post.parent.as_deref().map(|parent| self.masked(parent, name.as_deref()));
        match (&parent, own_words) {
            (Some((parent, changes)), false) => follow(&mut score.evidence, changes, parent),
            _ => follow(&mut score.evidence, &changes, &text),
        }
        if let Some(about) = &mut score.parent {
            let (text, changes) = parent.as_ref().map_or((&text, &changes), |(text, changes)| (text, changes));
            follow(&mut about.evidence, changes, text);
        }
        post.text = text;
        post.parent = parent.map(|(text, _)| text);
        post.author = name.map(|name| self.account(&name));
        post.id = post.id.as_deref().map(|id| self.hash("p", id));
        post.parent_id = post.parent_id.as_deref().map(|id| self.hash("p", id));
        let domains = post.links.iter().map(|link| site(link));
        post.links = domains.collect();
    }

    /// A text with what is personal replaced.
    fn masked(&self, text: &str, author: Option<&str>) -> (String, Vec<Change>) {
        let (mut out, mut changes, mut done, mut chars) = (String::with_capacity(text.len()), Vec::new(), 0, 0);
        let own = author.filter(|name| name.chars().count() >= SHORTEST_NAME && without_case(text).contains(&without_case(name)));
        let own = own.and_then(|name| Regex::new(&format!(r"(?i){}{}{}", edge(name.chars().next()), regex::escape(name), edge(name.chars().last()))).ok());
        let mut found: Vec<(usize, usize, String)> =
            PERSONAL.captures_iter(text).filter_map(|c| Some((c.get(0)?.start(), c.get(0)?.end(), self.instead(&c)?))).collect();
        if let (Some(own), Some(name)) = (own, author) {
            for at in own.find_iter(text) {
                if !found.iter().any(|f| at.start() < f.1 && f.0 < at.end()) {
                    found.push((at.start(), at.end(), self.account(name)));
                }
            }
            found.sort_by_key(|f| f.0);
        }
        for (start, end, instead) in found {
            chars += text[done..start].chars().count();
            let length = text[start..end].chars().count();
            changes.push(Change { start: chars, end: chars + length, now: instead.chars().count() });
            out.push_str(&text[done..start]);
            out.push_str(&instead);
            (done, chars) = (end, chars + length);
        }
        out.push_str(&text[done..]);
        (out, changes)
    }

    /// What stands in the place of something personal; `None` where it is not personal after all.
    fn instead(&self, found: &Captures) -> Option<String> {
        let whole = &found[0];
        if found.name("handle").is_some() {
            let name = whole.strip_prefix("u/").unwrap_or(whole);
            return Some(format!("@{}", self.account(name)));
        }
        if found.name("link").is_some() {
            return Some(site(whole));
        }
        let word = ["mail", "nip", "nik", "phone"].into_iter().find(|kind| found.name(kind).is_some())?;
        let digits = whole.bytes().filter(u8::is_ascii_digit).count();
        (word != "phone" || (9..=15).contains(&digits)).then(|| format!("[{word}]"))
    }
}

/// A text in which letters that differ in case alone are the same, also ſ and s, ẞ and ß. A pattern for a name takes longer to make than most texts
/// to read, and few texts hold their author's.
fn without_case(text: &str) -> String {
    text.to_lowercase().to_uppercase().to_lowercase()
}

/// The edge of a word, where a name begins or ends with a letter.
fn edge(c: Option<char>) -> &'static str {
    if c.is_some_and(|c| c.is_alphanumeric() || c == '_') { r"\b" } else { "" }
}

/// The site of a link: its path may name an account.
fn site(link: &str) -> String {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default().to_lowercase();
    let host = host.split(':').next().unwrap_or_default();
    // A part of the name before the registered one may be an account's too, and so may what follows a service such as blogspot.com.
    let site = addr::parse_dns_name(host).ok().filter(|name| name.has_known_suffix() && name.is_icann()).and_then(|name| name.root());
    format!("https://{}/", site.unwrap_or("[site]"))
}

/// Moves evidence along with the changes of its text.
fn follow(evidence: &mut [Evidence], changes: &[Change], text: &str) {
    if changes.is_empty() {
        return;
    }
    // A place inside a change moves to its start or its end.
    let place = |at: usize, end: bool| {
        let mut moved = 0_isize;
        for change in changes.iter().take_while(|c| c.start < at) {
            if at < change.end || at == change.end && end {
                let to = change.start.cast_signed() + moved + if end { change.now.cast_signed() } else { 0 };
                return to.cast_unsigned();
            }
            moved += change.now.cast_signed() - (change.end - change.start).cast_signed();
        }
        (at.cast_signed() + moved).cast_unsigned()
    };
    for reason in evidence {
        (reason.start, reason.end) = (place(reason.start, false), place(reason.end, true));
        reason.text = text.chars().skip(reason.start).take(reason.end - reason.start).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Pseudonyms {
        Pseudonyms::new(b"a key that only tests have").unwrap()
    }

    #[test]
    fn what_is_personal_goes_and_the_rest_stays() {
        let keys = keys();
        let (text, _) = keys.masked("Hub. @Budi_S atau budi.s@mail.example.id, 0812-3456-7890 / +62 812 3456 7890, NIP 19800101 200501 1 001, NIK 3175012345678901. https://x.com/budi_s/status/1 t.me/budi Rp 1.250.000 tgl 14/02/2024", None);
        let name = keys.account("budi_s");
        assert_eq!(
            text,
            format!("Hub. @{name} atau [mail], [phone] / [phone], NIP [nip], NIK [nik]. https://x.com/ https://t.me/ Rp 1.250.000 tgl 14/02/2024")
        );
        let (text, _) = keys.masked("Salam, Sri Wahyuni. sri wahyuningsih bukan", Some("Sri Wahyuni"));
        assert_eq!(text, format!("Salam, {}. sri wahyuningsih bukan", keys.account("Sri Wahyuni")));
    }

    #[test]
    fn pseudonyms_hold_within_a_key_and_not_across() {
        assert_eq!(keys().account("@Budi"), keys().account("budi"));
        assert_ne!(keys().account("budi"), Pseudonyms::new(b"another key of tests").unwrap().account("budi"));
        assert_ne!(keys().account("1"), keys().hash("p", "1"));
        assert!(Pseudonyms::new(b"short").is_err());
    }

    #[test]
    fn evidence_follows_its_text() {
        let keys = keys();
        let text = "é @budi coblos @tono nomor 2";
        let (masked, changes) = keys.masked(text, None);
        let find = |word: &str| text.find(word).map(|at| text[..at].chars().count()).unwrap();
        for word in ["é", "@budi", "coblos", "@tono", "nomor", "2"] {
            let start = find(word);
            let mut list = [Evidence { start, end: start + word.chars().count(), text: word.to_owned(), push: 1.0, head: "partisan" }];
            follow(&mut list, &changes, &masked);
            let expected = if word.starts_with('@') { format!("@{}", keys.account(word)) } else { word.to_owned() };
            assert_eq!(list[0].text, expected);
        }
    }
}

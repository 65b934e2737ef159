//! Chats that WhatsApp exports as text: Android and iOS, in the forms of many languages.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use regex::Regex;

use super::input::Input;
use super::lines::{Line, Lines, not_utf8, too_long};
use super::{Cut, Feed, Layout, Options, Parse, Raw, Row};
use crate::error::{Error, Result};
use crate::post::{Activity, Post};

/// Bytes of one message of many lines.
const LONGEST_MESSAGE: usize = 1 << 20;

/// How a message begins: a date, a time, and the rest after ` - ` or `]`.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    let date = r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})";
    let time = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[\s\u{202F}\u{A0}]?([AaPp])\.?[\s\u{A0}]?[Mm]\.?)?";
    Regex::new(&format!(r"^[\u{{200E}}\u{{200F}}\u{{202A}}-\u{{202E}}\u{{FEFF}}]*(?:\[{date},? {time}\] |{date},? {time} - )")).expect("a valid pattern")
});

/// What stands in the place of a message that has no words.
const WORDLESS: [&str; 20] = [
    "null",
    "<media omitted>",
    "<media tidak disertakan>",
    "image omitted",
    "video omitted",
    "audio omitted",
    "sticker omitted",
    "gif omitted",
    "document omitted",
    "contact card omitted",
    "gambar tidak disertakan",
    "stiker tidak disertakan",
    "this message was deleted",
    "this message was deleted.",
    "you deleted this message",
    "you deleted this message.",
    "pesan ini dihapus.",
    "pesan ini telah dihapus",
    "pesan ini telah dihapus.",
    "anda menghapus pesan ini",
];
/// Of the notice at the head of every chat.
const ENCRYPTED: [&str; 2] = ["end-to-end encrypted", "terenkripsi secara end-to-end"];
/// What is added to a message.
static ADDED: LazyLock<Regex> = LazyLock::new(|| {
    let parts = [r"\s*\x{200E}?<(?:This message was edited|Pesan ini (?:telah )?diedit)>\s*$", r"\s*\x{200E}?<(?:attached|terlampir): [^>]*>"];
    Regex::new(&format!("(?i){}", parts.join("|"))).expect("a valid pattern")
});
/// A first line that is only the name of a file.
static ATTACHED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\((?:file attached|file terlampir)\)\s*$|\x{2022}\s*\x{200E}?\d+ (?:pages?|halaman)\s*\x{200E}?$").expect("a valid pattern")
});

/// The order of the parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    DayFirst,
    MonthFirst,
    YearFirst,
    /// Nothing in the file tells.
    Unknown,
}

struct Parser {
    order: Order,
}

/// Whether a file begins like a chat.
pub(super) fn is_chat(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&start[..start.len().min(4096)]);
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    // Making the pattern takes longer than reading a short feed of JSON.
    lines.next().is_some_and(|line| !line.starts_with('{') && HEAD.is_match(line))
}

pub(super) fn open(input: Input, options: &Options) -> Result<Feed> {
    let Input { reader, start, encoding, .. } = input;
    if let Some((_, name)) = options.columns().next() {
        return Err(Error::new(format!("a chat has no column `{}`", name.escape_debug())).remedy("leave the option out"));
    }
    let order = order(&String::from_utf8_lossy(&start));
    let read = match order {
        Order::DayFirst => "day first",
        Order::MonthFirst => "month first",
        Order::YearFirst => "year first",
        Order::Unknown => "day or month first cannot be told, so dates are left as they are",
    };
    let about = vec![("layout", format!("chat, {encoding}")), ("dates", read.to_owned())];
    let mut lines = Lines::new(reader, &start);
    let source = std::iter::from_fn(move || message(&mut lines));
    Ok(Feed::new(source, Parser { order }, Layout::Posts, about, None).called("WhatsApp chat", true))
}

/// The order that the dates of a file allow.
fn order(text: &str) -> Order {
    let dates = text.lines().filter_map(|line| HEAD.captures(line));
    let (mut first, mut second, mut year, mut dotted, mut half) = (0, 0, false, false, false);
    for found in dates {
        let part = |n: usize| found.get(n).or_else(|| found.get(n + 7)).map_or("", |m| m.as_str());
        year |= part(1).len() == 4;
        first = first.max(part(1).parse().unwrap_or(0));
        second = second.max(part(2).parse().unwrap_or(0));
        dotted |= found[0].contains('.') && !found[0].contains(':');
        half |= !part(7).is_empty();
    }
    match (year, first > 12, second > 12) {
        (true, ..) => Order::YearFirst,
        (_, true, false) => Order::DayFirst,
        (_, false, true) => Order::MonthFirst,
        // Nobody who writes 18.30 puts the month first.
        _ if dotted && !half && second <= 12 => Order::DayFirst,
        _ => Order::Unknown,
    }
}

/// Reads a message with all its lines.
fn message(lines: &mut Lines) -> Option<Cut> {
    let mut message = lines.next_row()?;
    while message.fault.is_none() && message.bytes.len() < LONGEST_MESSAGE {
        match lines.next() {
            Line::Whole(line) if std::str::from_utf8(&line).is_ok_and(|l| HEAD.is_match(l)) => {
                lines.put_back(vec![Line::Whole(line)]);
                break;
            }
            Line::Whole(line) => message.bytes.extend(line),
            Line::TooLong(_) => message.fault = Some(too_long()),
            Line::Broken(reason) => message.fault = Some(reason),
            Line::End => break,
        }
    }
    Some(message)
}

impl Parse for Parser {
    fn rows(&self, cut: Cut, rows: &mut dyn FnMut(Row)) {
        let Cut { line, bytes, fault, .. } = cut;
        rows(match (fault, std::str::from_utf8(&bytes).map_err(not_utf8).and_then(|text| self.post(text))) {
            (Some(fault), _) | (None, Err(fault)) => Row::bad(line, fault, bytes),
            (None, Ok(post)) => Row { line, post: Ok(post), notes: Vec::new(), raw: Raw::Item(bytes) },
        });
    }
}

impl Parser {
    fn post(&self, message: &str) -> std::result::Result<Post, String> {
        let found = HEAD.captures(message).ok_or("a line before the first message")?;
        let part = |n: usize| found.get(n).or_else(|| found.get(n + 7)).map_or("", |m| m.as_str());
        let time = self.time(&part).unwrap_or_else(|| found[0].trim_matches([' ', '-', '[', ']', '\u{200E}', '\u{200F}']).to_owned());
        let rest = &message[found[0].len()..];
        let first = rest.lines().next().unwrap_or_default();
        let marks = ['\u{200E}', '\u{200F}', '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '~', '\u{A0}', '\u{202F}', ' '];
        let Some(at) = first.find(": ").or_else(|| first.ends_with(':').then(|| first.len() - 1)) else {
            // WhatsApp's own notices have no author.
            return Ok(Post { time: Some(time), ..Post::default() });
        };
        let author = first[..at].trim_matches(marks).to_owned();
        let body = rest[at + 1..].trim_matches(|c: char| c.is_whitespace() || marks[..7].contains(&c));
        // The name of a group at the place of an author marks a notice too.
        let marked = rest[at + 1..].trim_start().starts_with('\u{200E}');
        if body.contains("end-to-end") && ENCRYPTED.iter().any(|text| body.contains(text)) || marked && is_notice(body) {
            return Ok(Post { time: Some(time), ..Post::default() });
        }
        Ok(Post { author: Some(author), text: words(body), time: Some(time), activity: Activity::Post, ..Post::default() })
    }

    fn time<'a>(&self, part: &impl Fn(usize) -> &'a str) -> Option<String> {
        let number = |n: usize| part(n).parse::<i16>().ok();
        let (a, b, c) = (number(1)?, number(2)?, number(3)?);
        let (year, month, day) = match self.order {
            Order::DayFirst => (c, b, a),
            Order::MonthFirst => (c, a, b),
            Order::YearFirst => (a, b, c),
            Order::Unknown => return None,
        };
        let hour = match (number(4)?, part(7).to_ascii_lowercase().as_str()) {
            (12, "a") => 0,
            (hour, "p") if hour < 12 => hour + 12,
            (hour, _) => hour,
        };
        let small = |n: i16| i8::try_from(n).ok();
        let year = if year < 100 { year + 2000 } else { year };
        let time = DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(number(5)?)?, small(number(6).unwrap_or(0))?, 0);
        Some(time.ok()?.strftime("%Y-%m-%dT%H:%M:%S").to_string())
    }
}

/// Whether a text behind the name of a group is WhatsApp's own.
fn is_notice(body: &str) -> bool {
    let lower = body.to_lowercase();
    ["end-to-end", "created group", "membuat grup", "created this group", "changed the group", "mengubah", "added", "menambahkan", "left", "keluar", "joined"]
        .iter()
        .any(|word| lower.contains(word))
}

/// The words of a message, without what WhatsApp adds: notes on edits, and files with their names.
fn words(body: &str) -> String {
    let text = ADDED.replace_all(body, "");
    let mut lines: Vec<&str> = text.trim().lines().collect();
    if lines.first().is_some_and(|first| ATTACHED.is_match(first)) {
        lines.remove(0);
    }
    let text = lines.join("\n");
    if WORDLESS.contains(&text.to_lowercase().trim_matches(['\u{200E}', '\u{200F}', ' '])) { String::new() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_whatsapp_adds_goes_and_the_words_stay() {
        for (body, left) in [
            ("Siap <Pesan ini telah diedit>", "Siap"),
            ("Siap <Pesan ini diedit>", "Siap"),
            ("IMG-20250830-WA0001.jpg (file terlampir)", ""),
            ("IMG-20250830-WA0001.jpg (file terlampir)\nAyo datang", "Ayo datang"),
            ("Ayo datang \u{200E}<attached: 0001-PHOTO.jpg>", "Ayo datang"),
            ("\u{200E}notulen.pdf \u{2022} \u{200E}12 halaman \u{200E}<terlampir: 0002.pdf>", ""),
            ("null", ""),
            ("\u{200E}image omitted", ""),
            ("2 < 3 > 1", "2 < 3 > 1"),
        ] {
            assert_eq!(words(body), left, "{body}");
        }
    }
}

//! Text to numbers. Nothing else in the crate does this: training and scoring call the same [`Encoder::encode`].
//!
//! fold ([`crate::text`]) → split ([`crate::token`]) → mark ([`crate::mark`]) → subword tokens → [`Gram`]s.
//!
//! There are two ways to fold and split. The plain way takes a whole text; it is the definition. The compiled way cuts the text at its
//! spaces and looks up each chunk among those that the thread has read before ([`crate::lexicon`]); a new chunk goes the plain way once.
//! It is exact, since a chunk's units depend on nothing outside it, but for three things that are looked for: hashtags are counted through the
//! text; a sign is joined to the same sign before it; and lone letters with spaces between them may be one word, in which case the
//! whole text goes the plain way.

use std::ops::Range;
use std::sync::Arc;

use crate::error::Result;
use crate::lexicon::{Chunk, Lexicon};
use crate::mark::{Marker, Mentions, Tokens, Unit};
use crate::pack::Mark;
use crate::subword::Subwords;
use crate::text::{Dictionary, Edges, Folder};
use crate::token::{Kind, Piece, host_name, scan};
use crate::vocabulary::{Gram, LENGTHS, Vocabulary};

const UNKNOWN: &str = "<unk>";
const NAME: &str = "<name>";
/// Symbols that stand for a whole unit, besides the markers; the first for what no token spells.
const SYMBOLS: [&str; 16] = [
    UNKNOWN,
    NAME,
    "<mixed>",
    "<user>",
    "<link>",
    "<tag>",
    "<finger>",
    "<heart>",
    "<keycap>",
    "<year>",
    "<decimal>",
    "<digit>",
    "<digits2>",
    "<digits3>",
    "<digits4>",
    "<digits>",
];

/// How grams that are more than their tokens are written in an artefact. No token is spelled so.
const NAMED: &str = "<named>";
const LENGTH: &str = "<length>";

/// Everything between a raw string and features. It lives in the model artefact, apart from the packs.
#[derive(Clone)]
pub(crate) struct Encoder {
    folder: Folder,
    marker: Marker,
    subwords: Subwords,
    /// Tokens of the name symbol and of the markers.
    name: Tokens,
    markers: [Tokens; Mark::ALL.len()],
    /// The units of ASCII signs, for those that are units.
    signs: Box<[Option<Unit>; 128]>,
}

/// What a post became on its way to features.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Encoding {
    /// Words, signs and markers, with their places in the original.
    pub(crate) units: Vec<Unit>,
    /// Token ids, each with the unit that it is part of.
    pub(crate) tokens: Vec<(u32, u32)>,
    /// Tokens of units that have many.
    list: Vec<u32>,
}

/// One occurrence of a known feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Occurrence {
    pub(crate) feature: u32,
    /// First and last unit that it comes from; none for the length.
    pub(crate) units: Option<(u32, u32)>,
}

/// A post as a sparse row: the known features with their values, and the row's length by which these are divided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bag {
    pub(crate) features: Vec<(u32, i16)>,
    pub(crate) norm: f64,
    counts: Vec<u8>,
}

/// Memory of one thread between posts, for one encoder and one vocabulary.
#[derive(Default)]
pub(crate) struct Scratch {
    lexicon: Lexicon,
    mentions: Mentions,
    /// What the units were made of, after the plain way only.
    pieces: Vec<Piece>,
    pub(crate) encoding: Encoding,
    pub(crate) bag: Bag,
}

impl Encoder {
    /// Whether a host is a contender's.
    pub(crate) fn is_campaign(&self, host: &str) -> bool {
        self.marker.domain(host).is_some()
    }

    /// Puts an encoder together from its parts in an artefact and the compiled packs.
    pub(crate) fn new(words: Arc<Dictionary>, mut marker: Marker, subwords: Subwords) -> Self {
        let mut folder = Folder::new(words);
        folder.add_names(marker.take_names());
        let symbol = |symbol: &str| Tokens::new(subwords.number(symbol).as_slice(), &mut Vec::new());
        let (name, markers) = (symbol(NAME), Mark::ALL.map(|mark| symbol(mark.symbol())));
        let mut encoder = Self { folder, marker, name, markers, subwords, signs: Box::new([None; 128]) };
        for byte in (b'!'..=b'~').filter(|&b| class(b) == Class::Sign) {
            let mut scratch = Scratch::default();
            encoder.read(&char::from(byte).to_string(), false, &mut scratch);
            encoder.signs[byte as usize] = scratch.encoding.units.first().copied();
        }
        encoder
    }

    /// Learns a subword vocabulary of `size` tokens from words. Depends on the multiset of words alone.
    pub(crate) fn learn_subwords(words: &[String], size: usize) -> Result<Subwords> {
        Subwords::learn(words, size, &SYMBOLS.into_iter().chain(Mark::ALL.map(Mark::symbol)).collect::<Vec<_>>())
    }

    /// Everything that a model reads of a text, in `scratch.encoding`. Linear in the text.
    pub(crate) fn encode(&self, text: &str, scratch: &mut Scratch) {
        self.read_units(text, scratch);
        self.mark_units(scratch);
        scratch.encoding.list_tokens();
    }

    /// The same by the plain way, which keeps what [`Scratch::reading`] tells.
    pub(crate) fn encode_plain(&self, text: &str, scratch: &mut Scratch) {
        scratch.clear();
        self.read(text, true, scratch);
        self.mark_units(scratch);
        scratch.encoding.list_tokens();
    }

    /// Folds and splits a text, the compiled way where that is sure.
    pub(crate) fn read_units(&self, text: &str, scratch: &mut Scratch) {
        scratch.clear();
        if !self.read_chunks(text, scratch) {
            scratch.clear();
            self.read(text, false, scratch);
        }
    }

    /// Writes markers and names over units.
    pub(crate) fn mark_units(&self, scratch: &mut Scratch) {
        let units = &mut scratch.encoding.units;
        self.marker.mark(units, &mut scratch.mentions, |mark| self.markers[mark as usize]);
        self.names(units);
    }

    /// Folds and splits a text as a whole. `plain` has `tokenizers` find the tokens, and keeps the pieces.
    fn read(&self, text: &str, plain: bool, scratch: &mut Scratch) {
        let Encoding { units, list, .. } = &mut scratch.encoding;
        for piece in scan(&self.folder.fold(text), &self.folder) {
            let piece_number = scratch.pieces.len() as u32;
            units.push(Unit { piece: if plain { piece_number } else { 0 }, ..self.unit(&piece, plain, list) });
            if plain {
                scratch.pieces.push(piece);
            }
        }
    }

    fn unit(&self, piece: &Piece, plain: bool, list: &mut Vec<u32>) -> Unit {
        let reading = reading(piece);
        let symbol = if reading.starts_with('<') { self.subwords.number(reading) } else { None };
        let tokens = symbol.map_or_else(|| self.subwords.split(reading, plain), |id| vec![id]);
        let tokens = Tokens::new(&tokens, list);
        Unit {
            kind: piece.kind,
            traits: self.marker.traits(piece, &self.folder),
            tokens,
            start: piece.span.start as u32,
            end: piece.span.end as u32,
            tag: piece.tag,
            piece: 0,
        }
    }

    /// The compiled way: chunk by chunk. `false` where the text must be read as a whole.
    fn read_chunks(&self, text: &str, scratch: &mut Scratch) -> bool {
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut tags = 0;
        // Whether the text so far ends in a lone letter and one blank.
        let mut lone = false;
        while at < bytes.len() {
            if class(bytes[at]) == Class::Space {
                lone &= bytes[at] == b' ' && bytes.get(at + 1).is_some_and(|&next| class(next) != Class::Space);
                at += 1;
                continue;
            }
            let before = (scratch.encoding.units.len(), scratch.encoding.units.last().map_or(0, |u| u.end));
            let (end, edges) = if let Some(plain) = self.read_words(text, at, scratch) {
                plain
            } else {
                scratch.encoding.units.truncate(before.0);
                scratch.encoding.units.last_mut().into_iter().for_each(|u| u.end = before.1);
                let end = bytes[at..].iter().position(|&b| class(b) == Class::Space).map_or(bytes.len(), |n| at + n);
                (end, self.read_chunk(&text[at..end], at, &mut tags, scratch))
            };
            if edges.bound || lone && edges.first_alone {
                return false;
            }
            lone = edges.last_alone;
            at = end;
        }
        true
    }

    /// Appends the units of the chunk at `at` if it is made of plain words or one number and of signs that cannot change how these read:
    /// its end and edges. `None` for any other chunk, with units appended in vain.
    #[inline]
    fn read_words(&self, text: &str, at: usize, scratch: &mut Scratch) -> Option<(usize, Edges)> {
        let bytes = text.as_bytes();
        let class_at = |k: usize| bytes.get(k).map_or(Class::Space, |&b| class(b));
        let mut edges = Edges::default();
        let mut singles = 0;
        let mut k = at;
        loop {
            let start = k;
            match class_at(k) {
                Class::Space => return Some((k, edges)),
                Class::Other => return None,
                Class::Letter => {
                    let mut single = false;
                    loop {
                        let run = k;
                        while class_at(k) == Class::Letter {
                            k += 1;
                        }
                        single |= k == run + 1;
                        // An apostrophe between letters belongs to the word.
                        if bytes.get(k) == Some(&b'\'') && class_at(k + 1) == Class::Letter {
                            k += 1;
                        } else {
                            break;
                        }
                    }
                    singles += usize::from(single);
                    if class_at(k) == Class::Digit || singles > 1 || k - start == 3 && bytes[start..k].eq_ignore_ascii_case(b"www") {
                        return None;
                    }
                    edges.first_alone |= start == at && class_at(start + 1) != Class::Letter;
                    // The letter behind an apostrophe is never taken for one that stands alone.
                    edges.last_alone = k == start + 1 && class_at(k) == Class::Space;
                    self.read_word(text, start..k, Kind::Word, scratch);
                }
                Class::Digit => {
                    while class_at(k) == Class::Digit {
                        k += 1;
                    }
                    // One number at the start of a chunk, and no letter or digit behind it.
                    if start != at || bytes[k..].iter().take_while(|&&b| class(b) != Class::Space).any(|&b| class(b) != Class::Sign) {
                        return None;
                    }
                    edges = Edges { first_alone: k == start + 1, last_alone: k == start + 1 && class_at(k) == Class::Space, bound: false };
                    self.read_word(text, start..k, Kind::Number, scratch);
                }
                Class::Sign => {
                    let next = class_at(k + 1);
                    let joins = match bytes[k] {
                        // Part of a link, a number, an abbreviation or a disguised word.
                        b'.' | b'!' => matches!(next, Class::Letter | Class::Digit),
                        b'-' => next == Class::Letter,
                        b':' => bytes.get(k + 1) == Some(&b'/'),
                        _ => false,
                    };
                    if joins {
                        return None;
                    }
                    append(&mut scratch.encoding.units, self.signs[bytes[k] as usize].as_slice(), k as u32, 0);
                    k += 1;
                }
            }
        }
    }

    /// Appends a word of letters and apostrophes, or a number of digits.
    #[inline]
    fn read_word(&self, text: &str, span: Range<usize>, kind: Kind, scratch: &mut Scratch) {
        if let Some(unit) = scratch.lexicon.word(&text.as_bytes()[span.start..], span.len()) {
            scratch.encoding.units.push(Unit { start: span.start as u32, end: span.start as u32 + unit.end, ..*unit });
        } else {
            self.read_new_word(&text[span.clone()], span.start, kind, scratch);
        }
    }

    fn read_new_word(&self, word: &str, start: usize, kind: Kind, scratch: &mut Scratch) {
        let from = scratch.encoding.units.len();
        if kind == Kind::Word && !word.contains('\'') {
            let piece = Piece { kind, text: self.folder.fold_word(word), span: 0..word.len(), capital: word.as_bytes()[0].is_ascii_uppercase(), tag: 0 };
            let unit = self.unit(&piece, false, &mut scratch.encoding.list);
            scratch.encoding.units.push(unit);
        } else {
            self.read(word, false, scratch);
        }
        if let [unit] = scratch.encoding.units[from..]
            && unit.tokens.in_place()
        {
            scratch.lexicon.keep_word(word.as_bytes(), unit);
        }
        for unit in &mut scratch.encoding.units[from..] {
            unit.start += start as u32;
            unit.end += start as u32;
        }
    }

    /// Appends the units of any chunk, which stands at byte `start` of the text behind `tags` hashtags.
    fn read_chunk(&self, text: &str, start: usize, tags: &mut u32, scratch: &mut Scratch) -> Edges {
        // Handles and links are read faster than kept; signs may follow a handle.
        let core = if text.starts_with('@') { text.trim_end_matches([':', ',', '!', '?', ';', ')', '"']) } else { text };
        if let Some(piece) = shape(core) {
            let unit = self.unit(&piece, false, &mut scratch.encoding.list);
            append(&mut scratch.encoding.units, &[unit], start as u32, 0);
            for (at, sign) in (core.len()..).zip(text[core.len()..].bytes()) {
                append(&mut scratch.encoding.units, self.signs[sign as usize].as_slice(), (start + at) as u32, 0);
            }
            return Edges::of(text);
        }
        if let Some((chunk, units)) = scratch.lexicon.chunk(text) {
            append(&mut scratch.encoding.units, units, start as u32, *tags);
            *tags += chunk.tags;
            return chunk.edges;
        }
        let sofar = std::mem::take(&mut scratch.encoding.units);
        self.read(text, false, scratch);
        let fresh = std::mem::replace(&mut scratch.encoding.units, sofar);
        let chunk = Chunk::new(text, &fresh);
        append(&mut scratch.encoding.units, &fresh, start as u32, *tags);
        *tags += chunk.tags;
        if fresh.iter().all(|unit| unit.tokens.in_place()) && scratch.lexicon.comes_again(text) {
            scratch.lexicon.keep_chunk(text, chunk, &fresh);
        }
        chunk.edges
    }

    /// Capitalised words that are no everyday words become names, several in a row one name: whom no pack knows is still read as
    /// somebody, not as the letters of the name.
    fn names(&self, units: &mut Vec<Unit>) {
        let names = |u: &Unit| u.kind == Kind::Word && u.traits.names();
        if !units.iter().any(names) {
            return;
        }
        for unit in units.iter_mut().filter(|u| names(u)) {
            unit.kind = Kind::Name;
            unit.tokens = self.name;
        }
        units.dedup_by(|unit, last| {
            let one = unit.kind == Kind::Name && last.kind == Kind::Name && unit.tag == last.tag;
            if one {
                last.end = last.end.max(unit.end);
            }
            one
        });
    }

    /// The folded text.
    pub(crate) fn folded(&self, text: &str) -> String {
        self.folder.fold(text).to_string()
    }

    /// The text of a token.
    pub(crate) fn token(&self, id: u32) -> &str {
        self.subwords.token(id)
    }

    /// How a gram is written in an artefact.
    pub(crate) fn name(&self, gram: Gram) -> String {
        gram_name(gram, &self.subwords)
    }

    pub(crate) fn subwords(&self) -> &Subwords {
        &self.subwords
    }
}

/// How a gram is written in an artefact: its tokens with spaces between.
pub(crate) fn gram_name(gram: Gram, subwords: &Subwords) -> String {
    let token = |id| subwords.token(id);
    match gram {
        Gram::One(a) => token(a).to_owned(),
        Gram::Two(a, b) => format!("{} {}", token(a), token(b)),
        Gram::Named(a) => format!("{NAMED} {}", token(a)),
        Gram::Length(class) => format!("{LENGTH} {class}"),
    }
}

/// The inverse of [`gram_name`].
pub(crate) fn parse_gram(name: &str, subwords: &Subwords) -> Option<Gram> {
    let id = |token: &str| subwords.number(token);
    let mut parts = name.split(' ');
    Some(match (parts.next()?, parts.next(), parts.next()) {
        (LENGTH, Some(class), None) => Gram::Length(class.parse().ok()?),
        (NAMED, Some(a), None) => Gram::Named(id(a)?),
        (a, None, None) => Gram::One(id(a)?),
        (a, Some(b), None) => Gram::Two(id(a)?, id(b)?),
        _ => return None,
    })
}

impl Scratch {
    fn clear(&mut self) {
        self.encoding.units.clear();
        self.encoding.tokens.clear();
        self.encoding.list.clear();
        self.pieces.clear();
    }

    /// What the model reads for a unit, after the plain way: the word, a symbol or a marker.
    pub(crate) fn reading(&self, unit: &Unit) -> &str {
        match (unit.kind, unit.traits.mention) {
            (Kind::Marker, Some(mark)) => mark.symbol(),
            (Kind::Name, _) => NAME,
            _ => reading(&self.pieces[unit.piece as usize]),
        }
    }

    /// The same for all units of the post, as `explain` shows it.
    pub(crate) fn readings(&self) -> Vec<&str> {
        self.encoding.units.iter().map(|unit| self.reading(unit)).collect()
    }
}

impl Encoding {
    fn list_tokens(&mut self) {
        for (unit, place) in self.units.iter().zip(0..) {
            unit.tokens.for_each(&self.list, |id| self.tokens.push((id, place)));
        }
    }

    /// Every gram with the first and last unit that it comes from, once for each occurrence. The length comes from nowhere.
    pub(crate) fn grams(&self) -> impl Iterator<Item = (Gram, Option<(u32, u32)>)> + '_ {
        let tokens = &self.tokens;
        let named = self.names_a_side();
        let one = tokens.iter().map(|&(a, at)| (Gram::One(a), Some((at, at))));
        let two = tokens.windows(2).map(|w| (Gram::Two(w[0].0, w[1].0), Some((w[0].1, w[1].1))));
        let beside = tokens.iter().filter(move |_| named).map(|&(a, at)| (Gram::Named(a), Some((at, at))));
        one.chain(two).chain(beside).chain(std::iter::once((self.length(), None)))
    }

    fn names_a_side(&self) -> bool {
        self.units.iter().any(|u| u.kind == Kind::Marker && u.traits.mention != Some(Mark::Number))
    }

    fn length(&self) -> Gram {
        Gram::Length(LENGTHS.iter().take_while(|&&most| self.units.len() > most).count() as u32)
    }

    /// Every occurrence of a known feature, those of one feature side by side.
    pub(crate) fn occurrences(&self, vocabulary: &Vocabulary) -> Vec<Occurrence> {
        let known = |(gram, units)| Some(Occurrence { feature: vocabulary.get(gram)?, units });
        let mut found: Vec<Occurrence> = self.grams().filter_map(known).collect();
        found.sort_unstable();
        found
    }
}

impl Bag {
    /// Counts the known features of a post, in the order of their first occurrence.
    pub(crate) fn fill(&mut self, encoding: &Encoding, vocabulary: &Vocabulary) {
        self.features.clear();
        self.counts.resize(vocabulary.len(), 0);
        let Self { features, counts, .. } = self;
        vocabulary.visit(&encoding.tokens, encoding.names_a_side(), encoding.length(), |feature| {
            let count = &mut counts[feature as usize];
            if *count == 0 {
                features.push((feature, 0));
            }
            *count = count.saturating_add(1);
        });
        let mut squares = 0u64;
        for (feature, value) in features {
            *value = vocabulary.weight(*feature, u32::from(std::mem::take(&mut counts[*feature as usize])));
            squares += (i64::from(*value) * i64::from(*value)) as u64;
        }
        self.norm = (squares.max(1) as f64).sqrt();
    }
}

/// Appends units that stand at byte `start` of the text, behind `tags` hashtags. The same sign again belongs to the one before it.
#[inline]
fn append(units: &mut Vec<Unit>, mut more: &[Unit], start: u32, tags: u32) {
    if let (Some(last), Some((first, others))) = (units.last_mut(), more.split_first())
        && (last.kind, first.kind) == (Kind::Sign, Kind::Sign)
        && first.traits.same_sign(last.traits)
    {
        last.end = first.end + start;
        more = others;
    }
    units.extend(more.iter().map(|unit| Unit {
        start: unit.start + start,
        end: unit.end + start,
        tag: if unit.tag > 0 { unit.tag + tags } else { 0 },
        ..*unit
    }));
}

/// What [`Encoder::read`] finds in a chunk that is a handle or a link and nothing else; `None` for any other.
fn shape(text: &str) -> Option<Piece> {
    let bytes = text.as_bytes();
    let piece = |kind, text: String| Some(Piece { kind, text, span: 0..bytes.len(), capital: false, tag: 0 });
    let alone = |k: usize| {
        let inside = |k: usize| bytes.get(k).is_some_and(u8::is_ascii_alphanumeric);
        inside(k) && !inside(k.wrapping_sub(1)) && !inside(k + 1)
    };
    // Letters between signs could be a word in disguise.
    let disguised = || (0..bytes.len()).filter(|&k| alone(k)).nth(2).is_some();
    if let Some(name) = text.strip_prefix('@') {
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !disguised();
        return if plain { piece(Kind::Handle, name.to_ascii_lowercase()) } else { None };
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let host = rest.split('/').next()?;
    let plain = !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && rest.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'(' | b')' | b'@' | b'`'))
        && !disguised();
    if plain { piece(Kind::Link, host_name(&host.to_ascii_lowercase()).to_owned()) } else { None }
}

/// What a byte is to [`Encoder::read_words`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Letter,
    Digit,
    /// Signs that do not change how a word beside them reads, but for exceptions.
    Sign,
    Other,
}

#[inline]
fn class(byte: u8) -> Class {
    const CLASSES: [Class; 256] = {
        let mut classes = [Class::Other; 256];
        let mut byte = 0;
        while byte < 256 {
            classes[byte] = match byte as u8 {
                b' ' | b'\n' | b'\t' | b'\r' => Class::Space,
                b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
                b'0'..=b'9' => Class::Digit,
                b'.' | b',' | b'!' | b'?' | b';' | b':' | b'"' | b'\'' | b')' | b'(' | b'-' | b'/' | b'%' | b'&' => Class::Sign,
                _ => Class::Other,
            };
            byte += 1;
        }
        classes
    };
    CLASSES[byte as usize]
}

/// What the model reads for a piece: a word as it is, anything that names or counts as a symbol.
fn reading(piece: &Piece) -> &str {
    match piece.kind {
        Kind::Word | Kind::Sign | Kind::Marker => &piece.text,
        Kind::Name => NAME,
        Kind::Mixed => "<mixed>",
        Kind::Handle => "<user>",
        Kind::Link => "<link>",
        Kind::Tag => "<tag>",
        Kind::Number => match piece.text.as_bytes() {
            [b'1', b'9', _, _] | [b'2', b'0', _, _] => "<year>",
            t if t.iter().any(|b| !b.is_ascii_digit()) => "<decimal>",
            [_] => "<digit>",
            [_, _] => "<digits2>",
            [_, _, _] => "<digits3>",
            [_, _, _, _] => "<digits4>",
            _ => "<digits>",
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Model;
    use crate::pack::Packs;

    fn same(encoder: &Encoder, scratch: &mut Scratch, text: &str) {
        let mut plain = Scratch::default();
        encoder.encode_plain(text, &mut plain);
        let unit = |u: &Unit| (u.kind, u.traits, u.start, u.end, u.tag);
        // Three times, since what comes again is kept and then comes from the lexicon.
        for _ in 0..3 {
            encoder.encode(text, scratch);
            assert_eq!(scratch.encoding.tokens, plain.encoding.tokens, "{text:?}");
            assert!(scratch.encoding.units.iter().map(unit).eq(plain.encoding.units.iter().map(unit)), "{text:?}");
        }
    }

    fn encoder() -> Encoder {
        Model::default().encoder(&Packs::national())
    }

    #[test]
    fn the_compiled_way_reads_every_shipped_text_like_the_plain_one() {
        let (encoder, mut scratch) = (encoder(), Scratch::default());
        for file in ["corpus/id.jsonl", "corpus/en.jsonl", "corpus/xx.jsonl", "corpus/quality.tsv", "examples/feed.csv"] {
            for line in std::fs::read_to_string(file).unwrap().lines() {
                same(&encoder, &mut scratch, line);
            }
        }
    }

    #[test]
    fn the_compiled_way_joins_what_only_neighbours_can_tell() {
        let (encoder, mut scratch) = (encoder(), Scratch::default());
        for text in [
            "v o t e",
            "c o b l o s nomor 2",
            "x-a b c d!",
            "I a m",
            "a  b c d",
            "a\u{200B} b c d",
            "a \u{200B} b c d",
            "5 \u{20E3}",
            "5\u{20E3} \u{20E3}",
            "! ! !",
            "🔥 🔥🔥 !",
            "#a #b #c_d",
            "www.! WWW. x",
            "\u{A0}a b\u{A0}c d",
            "http:// a",
            "a.b.c.d e",
            "ａ ｂ ｃ ｄ",
            "é è ê ë",
            "\"vote\" (2)",
            "02 ! 2\u{FE0F}\u{20E3} 2\u{20E3}",
            "a\u{B}b c\r\nd e f g",
            "@a @b @c @d",
            "௰\u{20E3}",
            "5 ௰\u{20E3}",
        ] {
            same(&encoder, &mut scratch, text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn the_compiled_way_reads_any_text_like_the_plain_one(
            text in proptest::collection::vec(
                prop_oneof![
                    4 => "[a-zA-Z]{1,9}", 2 => "[a-z0-9@#_$!*]{1,6}", 3 => "[ \t\r\n]{1,2}", 2 => "[.,!?;:\"')(/~|+-]{1,3}", 1 => "[a-zA-Z0-9]",
                    1 => "[0-9]{1,4}", 1 => "\\PC{1,4}", 1 => any::<String>(),
                    1 => proptest::sample::select(vec!["\u{20E3}", "\u{200B}", "\u{A0}", "https://t.co/a.b", "www.", "coblos", "c0bl0s", "PKB", "Prabowo", "#GanjarPresiden2024", "@jokowi", "🔥", "2\u{FE0F}\u{20E3}"]).prop_map(str::to_owned),
                ],
                0..24,
            ).prop_map(|parts| parts.concat())
        ) {
            use std::cell::RefCell;
            thread_local!(static ENCODER: RefCell<(Encoder, Scratch)> = RefCell::new((encoder(), Scratch::default())));
            ENCODER.with_borrow_mut(|(encoder, scratch)| same(encoder, scratch, &text));
        }
    }
}

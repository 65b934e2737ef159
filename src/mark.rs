//! Marking: each mention of a known contender becomes a marker that says what kind of side is named, never which one.
//!
//! Aliases that collide with everyday words are *gated*. A gated alias opens, and is then marked like any other, where within
//! [`REACH`] items stands another marked mention, a ballot number or a campaign word, or where it is part of a hashtag. Open
//! mentions open others in turn, so what is marked in a text depends on where its mentions stand and never on whom they
//! name. Hence replacing one marked mention by any other marked alias of its kind changes nothing that the model reads.

use std::collections::HashMap;
use std::sync::OnceLock;

use foldhash::fast::FixedState;

use crate::pack::{Alias, Mark, Packs};
use crate::text::{Filter, Folder};
use crate::token::{Kind, Piece, scan};

/// How near a reason must stand to open a gated alias, in items (a mention of several words is one item).
const REACH: usize = 8;

/// Words after which a small number is a ballot number; of these the ones after which a spelled number is none; and those after which
/// `01` to `09` is none.
const BEFORE_NUMBER: &str = "nomor no nomer nmr nomber nourut urut norut paslon palon pasangan calon capres cagub cabup cawalkot caleg coblos nyoblos mencoblos tusuk \
    salam dukung menangkan pilih angka number ballot";
const BEFORE_DIGITS: &str = "pilih dukung calon no";
const NOT_A_BALLOT: &str = "rt rw tps tanggal tgl jam pukul kav blok ruang gedung kelas bulan lantai halaman hal pasal ayat bab sd smp sma smk jalan jl km";
const NUMBER_WORDS: &str = "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh siji loro telu papat limo hiji tilu opat duo tigo one two three four five six seven eight nine ten";
const MONTHS: &str = "januari februari maret april mei juni juli agustus september oktober november desember";

const LISTS: [(&str, u16); 8] = [
    (BEFORE_NUMBER, is::BEFORE_NUMBER),
    (BEFORE_DIGITS, is::BEFORE_DIGITS),
    (NOT_A_BALLOT, is::NOT_A_BALLOT),
    (NUMBER_WORDS, is::SPELLED),
    (MONTHS, is::MONTH),
    ("jari", is::FINGER),
    ("tahun", is::YEARS),
    ("the", is::ARTICLE),
];

/// One unit of a post as marking and the model see it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Unit {
    pub(crate) kind: Kind,
    pub(crate) tokens: Tokens,
    pub(crate) traits: Traits,
    /// First byte in the original text, and the byte after the last.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Which hashtag of the post it is part of, counted from 1; 0 outside.
    pub(crate) tag: u32,
    /// Number of the piece of text that it was made of, where pieces are kept.
    pub(crate) piece: u32,
}

/// The subword tokens of one unit: up to six in place, more of them in a list of the post.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tokens {
    count: u8,
    ids: [u16; 6],
}

/// The count of tokens that are in a list.
const LISTED: u8 = u8::MAX;

impl Tokens {
    /// Token ids, which are below 2¹⁶; too many for the place go to the end of `list`.
    pub(crate) fn new(ids: &[u32], list: &mut Vec<u32>) -> Self {
        let mut place = [0; 6];
        if ids.len() <= place.len() {
            place.iter_mut().zip(ids).for_each(|(to, &id)| *to = id as u16);
            return Self { count: ids.len() as u8, ids: place };
        }
        let (from, length) = (list.len() as u32, ids.len() as u32);
        list.extend(ids);
        place[..4].copy_from_slice(&[from as u16, (from >> 16) as u16, length as u16, (length >> 16) as u16]);
        Self { count: LISTED, ids: place }
    }

    /// Whether they mean the same in every post.
    pub(crate) fn in_place(self) -> bool {
        self.count != LISTED
    }

    #[inline]
    pub(crate) fn for_each(&self, list: &[u32], mut visit: impl FnMut(u32)) {
        if self.in_place() {
            self.ids[..self.count as usize].iter().for_each(|&id| visit(u32::from(id)));
        } else {
            let number = |low: usize| (u32::from(self.ids[low]) | u32::from(self.ids[low + 1]) << 16) as usize;
            list[number(0)..number(0) + number(2)].iter().for_each(|&id| visit(id));
        }
    }
}

/// What marking asks about a unit's text, looked up once for each word.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Traits {
    /// Its number in the alphabet of aliases, 0 for a word that stands in none; the same of the word without its suffix. For a sign,
    /// which sign it is.
    letter: u32,
    stem: u32,
    /// What it is a mention of by itself: a marker, a known handle or host, or the words of a known hashtag.
    pub(crate) mention: Option<Mark>,
    is: u16,
}

/// Bits of [`Traits::is`].
mod is {
    pub const CAPITAL: u16 = 1;
    pub const COMMON: u16 = 1 << 1;
    pub const GATED: u16 = 1 << 2;
    pub const CUE: u16 = 1 << 3;
    /// Digits that can be a ballot number, those with a leading zero, and spelled numbers.
    pub const DIGITS: u16 = 1 << 4;
    pub const ZERO: u16 = 1 << 5;
    pub const SPELLED: u16 = 1 << 6;
    pub const BEFORE_NUMBER: u16 = 1 << 7;
    pub const BEFORE_DIGITS: u16 = 1 << 8;
    pub const NOT_A_BALLOT: u16 = 1 << 9;
    pub const MONTH: u16 = 1 << 10;
    pub const FINGER: u16 = 1 << 11;
    pub const YEARS: u16 = 1 << 12;
    /// `:`, `(` and `"`, which may stand between a word and its number.
    pub const OPENING: u16 = 1 << 13;
    /// An alias begins with it.
    pub const FIRST: u16 = 1 << 14;
    /// It belongs to the name behind it, whether or not the pack writes it so: no name reads better for its article.
    pub const ARTICLE: u16 = 1 << 15;
    /// What a hashtag can be to the number behind it.
    pub const OF_NUMBERS: u16 = BEFORE_NUMBER | BEFORE_DIGITS | NOT_A_BALLOT;
}

impl Traits {
    fn is(self, bits: u16) -> bool {
        self.is & bits != 0
    }

    /// Whether two units, both signs, are the same sign of the text. A keycap is none: it was made of a number.
    pub(crate) fn same_sign(self, other: Self) -> bool {
        self.letter == other.letter && !self.is(is::DIGITS)
    }

    /// Whether it reads as somebody's or something's name: capitalised, and no everyday word.
    pub(crate) fn names(self) -> bool {
        self.is & (is::CAPITAL | is::COMMON) == is::CAPITAL
    }
}

/// The compiled aliases of a set of packs.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    /// What is known of each word of aliases and lists.
    words: HashMap<String, Traits, FixedState>,
    /// Letters in the alphabet of aliases.
    letters: u32,
    filter: Filter,
    /// From a node and a letter to the next node; the root is node 0.
    next: HashMap<(u32, u32), u32, FixedState>,
    /// What the alias that ends in a node is, and whether it is gated.
    ends: Vec<Option<(Mark, bool)>>,
    handles: HashMap<String, Mark, FixedState>,
    hashtags: HashMap<String, Hashtag, FixedState>,
    domains: HashMap<String, Mark, FixedState>,
    /// The words of aliases that repairs may lead to.
    names: Vec<String>,
}

/// A hashtag of a campaign.
#[derive(Clone, Debug)]
struct Hashtag {
    mark: Mark,
    /// As it is usually written: capitals part its words.
    written: String,
    /// Whether it is an everyday phrase, once somebody asked.
    phrase: OnceLock<bool>,
}

/// A stretch of units that may name a contender.
#[derive(Clone, Copy, Debug)]
struct Mention {
    from: usize,
    to: usize,
    /// How many items stand before it.
    item: usize,
    mark: Mark,
    open: bool,
}

/// Memory of [`Marker::mark`] between posts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mentions {
    mentions: Vec<Mention>,
    /// Items that open what is near.
    reasons: Vec<usize>,
}

impl Marker {
    /// Compiles the packs' aliases, folded and split by the same rules as posts.
    pub(crate) fn new(packs: &Packs) -> Self {
        let aliases: Vec<Alias> = packs.aliases().into_values().collect();
        let bare = Folder::default();
        let split = |text: &str| -> Vec<String> {
            // Folding leaves words of two plain letters and more as they are, unless a letter comes three times.
            let plain = |word: &str| {
                word.len() > 1
                    && word.bytes().all(|b| b.is_ascii_alphabetic())
                    && !word.as_bytes().windows(3).any(|w| w[0].eq_ignore_ascii_case(&w[1]) && w[1].eq_ignore_ascii_case(&w[2]))
            };
            if text.split(' ').all(plain) {
                return text.split(' ').map(str::to_ascii_lowercase).collect();
            }
            scan(&bare.fold(text), &bare).into_iter().map(|u| u.text).collect()
        };
        let mut marker = Self {
            words: HashMap::with_capacity_and_hasher(aliases.len(), FixedState::default()),
            letters: 0,
            filter: Filter::default(),
            next: HashMap::with_capacity_and_hasher(2 * aliases.len(), FixedState::default()),
            ends: vec![None],
            handles: packs.handles().into_iter().collect(),
            hashtags: packs
                .hashtags()
                .into_iter()
                .map(|(written, mark)| (written.to_lowercase(), Hashtag { mark, written, phrase: OnceLock::new() }))
                .collect(),
            domains: packs.domains().into_iter().collect(),
            names: Vec::new(),
        };
        for (list, bits) in LISTS {
            list.split_whitespace().for_each(|word| marker.words.entry(word.to_owned()).or_default().is |= bits);
        }
        packs.cues().into_iter().for_each(|cue| marker.words.entry(cue.to_owned()).or_default().is |= is::CUE);
        let mut squashed: HashMap<String, Mark, FixedState> = HashMap::default();
        for alias in &aliases {
            let words = split(&alias.text);
            marker.names.extend(words.iter().filter(|w| w.chars().count() >= 3).cloned());
            let joint = words.concat();
            if !alias.gated && joint.chars().count() >= 5 {
                if words.len() > 1 {
                    marker.insert(std::slice::from_ref(&joint), alias.mark, false);
                }
                squashed.entry(joint).and_modify(|m| *m = (*m).min(alias.mark)).or_insert(alias.mark);
            }
            marker.insert(&words, alias.mark, alias.gated);
        }
        for (joint, mark) in squashed {
            marker.handles.entry(joint).or_insert(mark);
        }
        let Self { words, next, filter, .. } = &mut marker;
        for (word, traits) in words {
            traits.is |= if next.contains_key(&(0, traits.letter)) { is::FIRST } else { 0 };
            filter.insert(word);
        }
        marker
    }

    /// Hands over the words of aliases, for a folder to learn.
    pub(crate) fn take_names(&mut self) -> Vec<String> {
        std::mem::take(&mut self.names)
    }

    fn insert(&mut self, words: &[String], mark: Mark, gated: bool) {
        if words.is_empty() {
            return;
        }
        let mut at = 0;
        for word in words {
            let letter = &mut self.words.entry(word.clone()).or_default().letter;
            if *letter == 0 {
                self.letters += 1;
                *letter = self.letters;
            }
            let fresh = self.ends.len() as u32;
            at = *self.next.entry((at, *letter)).or_insert(fresh);
            if at == fresh {
                self.ends.push(None);
            }
        }
        let end = &mut self.ends[at as usize];
        *end = Some(match *end {
            Some((known, was)) => (known.min(mark), was || gated || known != mark),
            None => (mark, gated),
        });
    }

    /// Whether a campaign hashtag is an everyday phrase: each of its words is in the dictionary, and none is a contender, a number or
    /// a campaign word. Such a hashtag is gated, whoever uses it.
    fn is_phrase(&self, tag: &str, folder: &Folder) -> bool {
        let words = scan(&folder.fold(&format!("#{tag}")), folder);
        words.iter().skip(1).all(|word| {
            let traits = self.traits(word, folder);
            let named = self.next.get(&(0, traits.letter)).is_some_and(|&n| self.ends[n as usize].is_some());
            traits.is(is::COMMON) && !traits.is(is::CUE | is::SPELLED) && !named
        })
    }

    /// What is known of a word in lower case.
    fn known(&self, word: &str) -> Traits {
        if self.filter.may_hold(word) { self.words.get(word).copied().unwrap_or_default() } else { Traits::default() }
    }

    /// Looks up everything that marking asks about a piece; `folder` knows the everyday words.
    pub(crate) fn traits(&self, piece: &Piece, folder: &Folder) -> Traits {
        let text = piece.text.as_str();
        let mut traits = Traits::default();
        match piece.kind {
            Kind::Word | Kind::Number => {
                traits = self.known(text);
                let stem = ["nya", "lah", "kah", "pun"].iter().find_map(|s| text.strip_suffix(s)).filter(|s| s.len() >= 4);
                if let Some(stem) = stem.map(|stem| self.known(stem)) {
                    traits.stem = stem.letter;
                    traits.is |= stem.is & is::FIRST;
                }
                if piece.kind == Kind::Word {
                    traits.is |= if piece.capital { is::CAPITAL } else { 0 } | if folder.is_common(text) { is::COMMON } else { 0 };
                } else {
                    let ballot = text.len() <= 2 && text.parse::<u32>().is_ok_and(|n| (1..=30).contains(&n));
                    traits.is = traits.is & is::FIRST | if ballot { is::DIGITS } else { 0 } | if text.starts_with('0') { is::ZERO } else { 0 };
                }
            }
            Kind::Sign => {
                traits.is = match text {
                    "<keycap>" => is::DIGITS,
                    ":" | "(" | "\"" => is::OPENING,
                    _ => 0,
                };
                // The signs of several letters, such as `<heart>`, differ in the second.
                traits.letter = text.chars().nth(1).or(text.chars().next()).map_or(0, u32::from);
            }
            Kind::Handle => traits.mention = self.handle(text),
            Kind::Link => traits.mention = self.domain(text),
            Kind::Tag => {
                traits.is = self.known(text).is & is::OF_NUMBERS;
                if let Some(hashtag) = self.hashtags.get(text) {
                    traits.mention = Some(hashtag.mark);
                    let gated = *hashtag.phrase.get_or_init(|| self.is_phrase(&hashtag.written, folder));
                    traits.is |= if gated { is::GATED } else { 0 };
                }
            }
            _ => {}
        }
        traits
    }

    /// Writes markers over the mentions in a post's units; `tokens` gives those of a marker. Near-linear in their number.
    pub(crate) fn mark(&self, units: &mut Vec<Unit>, memory: &mut Mentions, tokens: impl Fn(Mark) -> Tokens) {
        if units.iter().fold(0, |all, unit| all | unit.traits.is) & (is::DIGITS | is::SPELLED) != 0 {
            mark_numbers(units, tokens(Mark::Number));
        }
        self.find(units, memory);
        open(memory);
        let mentions = memory.mentions.iter().filter(|m| m.open);
        let (mut read, mut written) = (0, 0);
        for mention in mentions {
            let named = matches!(units[mention.from].kind, Kind::Word | Kind::Number);
            let article = named && mention.from > read && units[mention.from - 1].traits.is(is::ARTICLE) && units[mention.from - 1].tag == 0;
            let from = mention.from - usize::from(article);
            units.copy_within(read..from, written);
            written += from - read;
            let first = units[from];
            let traits = Traits { mention: Some(mention.mark), ..Traits::default() };
            units[written] = Unit { kind: Kind::Marker, traits, tokens: tokens(mention.mark), end: units[mention.to - 1].end, ..first };
            written += 1;
            read = mention.to;
        }
        if read > 0 {
            units.copy_within(read.., written);
            units.truncate(written + units.len() - read);
        }
    }

    /// Finds the longest aliases from left to right, and the campaign words between them.
    fn find(&self, units: &[Unit], memory: &mut Mentions) {
        memory.mentions.clear();
        memory.reasons.clear();
        let (mut i, mut item) = (0, 0);
        while i < units.len() {
            let unit = &units[i];
            let mut mention = None;
            let mut to = i + 1;
            match unit.kind {
                Kind::Marker => mention = Some((Mark::Number, true)),
                Kind::Handle | Kind::Link => mention = unit.traits.mention.map(|m| (m, true)),
                // The sign of a known campaign hashtag stays; its words are one mention.
                Kind::Tag => {
                    if let (Some(mark), true) = (unit.traits.mention, units.get(i + 1).is_some_and(|u| u.tag == unit.tag)) {
                        item += 1;
                        i += 1;
                        to = (i..units.len()).find(|&k| units[k].tag != unit.tag).unwrap_or(units.len());
                        mention = Some((mark, !unit.traits.is(is::GATED)));
                    }
                }
                Kind::Word | Kind::Number if unit.traits.is(is::FIRST) => {
                    if let Some((end, (mark, gated))) = self.longest(units, i) {
                        to = end;
                        mention = Some((mark, !gated || unit.tag > 0));
                    }
                }
                _ => {}
            }
            if let Some((mark, open)) = mention {
                if open {
                    memory.reasons.push(item);
                }
                memory.mentions.push(Mention { from: i, to, item, mark, open });
            } else if unit.traits.is(is::CUE) {
                memory.reasons.push(item);
            }
            item += 1;
            i = to;
        }
    }

    fn longest(&self, units: &[Unit], start: usize) -> Option<(usize, (Mark, bool))> {
        let tag = units[start].tag;
        let mut best = None;
        let mut at = 0;
        for (k, unit) in units.iter().enumerate().skip(start) {
            if !matches!(unit.kind, Kind::Word | Kind::Number) || unit.tag != tag {
                break;
            }
            let step = |letter: u32| if letter == 0 { None } else { self.next.get(&(at, letter)).copied() };
            let next = step(unit.traits.letter);
            let end = |node: u32| self.ends[node as usize];
            if let Some(end) = next.and_then(end).or_else(|| step(unit.traits.stem).and_then(end)) {
                best = Some((k + 1, end));
            }
            let Some(next) = next else { break };
            at = next;
        }
        best
    }

    fn handle(&self, name: &str) -> Option<Mark> {
        let squashed = || self.handles.get(&name.chars().filter(|c| c.is_alphabetic()).collect::<String>());
        self.handles.get(name).or_else(|| if name.bytes().all(|b| b.is_ascii_alphabetic()) { None } else { squashed() }).copied()
    }

    /// The marker of a host, or of the domain that it is under.
    pub(crate) fn domain(&self, host: &str) -> Option<Mark> {
        let mut rest = host;
        loop {
            if let Some(mark) = self.domains.get(rest) {
                return Some(*mark);
            }
            rest = rest.split_once('.')?.1;
        }
    }
}

/// Opens mentions from those that need no reason outwards.
fn open(memory: &mut Mentions) {
    let Mentions { mentions, reasons } = memory;
    if mentions.iter().all(|m| m.open) {
        return;
    }
    while let Some(at) = reasons.pop() {
        let first = mentions.partition_point(|m| m.item + REACH < at);
        for near in mentions[first..].iter_mut().take_while(|m| m.item <= at + REACH) {
            if !near.open {
                near.open = true;
                reasons.push(near.item);
            }
        }
    }
}

/// Marks ballot numbers: small numbers after a word that announces one, `01` to `09` on their own, and fingers (`dua jari`). The
/// rule knows no contest, so no number is better known than another.
fn mark_numbers(units: &mut [Unit], tokens: Tokens) {
    for i in 0..units.len() {
        let traits = units[i].traits;
        if units[i].kind == Kind::Marker || !traits.is(is::DIGITS | is::SPELLED) {
            continue;
        }
        let before = units[..i].iter().rev().find(|u| !u.traits.is(is::OPENING)).map_or(Traits::default(), |u| u.traits);
        let after = units.get(i + 1).map_or(Traits::default(), |u| u.traits);
        let announced = before.is(is::BEFORE_NUMBER) && (traits.is(is::DIGITS) || !before.is(is::BEFORE_DIGITS));
        let lone = traits.is(is::ZERO) && traits.is(is::DIGITS) && !before.is(is::NOT_A_BALLOT) && !after.is(is::MONTH);
        if (announced || lone || after.is(is::FINGER)) && !after.is(is::YEARS) {
            units[i].kind = Kind::Marker;
            units[i].traits = Traits { mention: Some(Mark::Number), ..Traits::default() };
            units[i].tokens = tokens;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use rayon::prelude::*;

    use super::*;
    use crate::corpus::{Corpus, slots};
    use crate::encode::{Encoder, Scratch};
    use crate::model::Model;
    use crate::pack::{Contender, ContenderKind};
    use crate::post::Post;
    use crate::score::Scorer;

    fn encoder() -> Encoder {
        Model::default().encoder(&Packs::national())
    }

    /// Kind, reading and place of each unit.
    fn units(encoder: &Encoder, text: &str, scratch: &mut Scratch) -> Vec<(Kind, String, std::ops::Range<usize>)> {
        encoder.encode_plain(text, scratch);
        let units = scratch.encoding.units.iter();
        units.map(|u| (u.kind, scratch.reading(u).to_owned(), u.start as usize..u.end as usize)).collect()
    }

    fn marked(text: &str) -> String {
        let units = units(&encoder(), text, &mut Scratch::default());
        units.into_iter().map(|(_, reading, _)| reading).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_slogans_handles_and_domains_become_markers() {
        assert_eq!(marked("Pak Prabowo Subianto lawan Ganjar"), "pak <cand> lawan <cand>");
        assert_eq!(marked("#GanjarPresiden2024"), "<tag> <slogan>");
        assert_eq!(marked("@jokowi gerindra.id/x"), "<cand> <camplink>");
        assert_eq!(marked("Democrats and Tories"), "<party> and <party>");
        assert_eq!(marked("jokowi-nya Prabowo-Gibran"), "<cand> nya <ticket>");
    }

    #[test]
    fn a_colliding_name_needs_a_reason_that_names_no_side() {
        assert!(!marked("bayar PKB sebelum akhir bulan").contains("<party>"));
        assert!(marked("coblos PKB besok").contains("<party>"));
        assert!(marked("PKB dan Gerindra").starts_with("<party> dan <party>"));
        assert!(!marked("labour costs went up").contains("<party>"));
        assert!(marked("the candidate for Labour").contains("<party>"));
    }

    #[test]
    fn a_campaign_hashtag_that_is_an_everyday_phrase_needs_a_reason_too() {
        assert!(!marked("The whole town is behind you, Harbour Hawks! #BringItHome").contains("<slogan>"));
        assert!(marked("knock on one more door before polling day #BringItHome").contains("<slogan>"));
        assert!(marked("#GanjarPresiden2024").contains("<slogan>"));
    }

    #[test]
    fn small_numbers_are_ballot_numbers_where_one_is_announced() {
        assert_eq!(marked("coblos nomor 2"), "coblos nomor <number>");
        assert_eq!(marked("nomer loro, salam dua jari"), "nomer <number> salam <number> jari");
        assert!(!marked("rumah RT 02 RW 05").contains("<number>"));
        assert!(!marked("UU No. 2 Tahun 2020").contains("<number>"));
    }

    /// Ways to write other sides of the same kind as a mention: what the mention could be replaced by.
    fn replacements(packs: &Packs) -> impl Fn(&str, &str) -> Vec<String> + use<> {
        let aliases: Vec<(Mark, String)> = packs.aliases().into_values().map(|a| (a.mark, a.text)).collect();
        let handles: Vec<(Mark, String)> = packs.handles().into_iter().map(|(h, m)| (m, format!("@{h}"))).collect();
        let hashtags: Vec<(Mark, String)> = packs.hashtags().into_iter().map(|(h, m)| (m, h.to_lowercase())).collect();
        let domains: Vec<(Mark, String)> = packs.domains().into_iter().map(|(d, m)| (m, format!("https://{d}/"))).collect();
        move |symbol, quote| {
            let list = match quote.chars().next() {
                Some('@') => &handles,
                _ if symbol == "<camplink>" => &domains,
                _ if symbol == "<slogan>" && !quote.contains(' ') => &hashtags,
                _ => &aliases,
            };
            list.iter().filter(|(mark, _)| mark.symbol() == symbol).map(|(_, text)| text.clone()).collect()
        }
    }

    /// The theorem of the module's head, over every shipped alias and every row of the quality list.
    #[test]
    fn replacing_a_marked_mention_by_another_of_its_kind_changes_nothing() {
        let packs = Packs::national();
        let others = replacements(&packs);
        let encoder = encoder();
        let scorer = Scorer::new(Model::default(), packs);
        let list = crate::Gold::read(std::path::Path::new("corpus/quality.tsv")).unwrap();
        let mut cases: Vec<(String, std::ops::Range<usize>, String, Vec<String>)> = Vec::new();
        for text in list.posts().into_iter().map(|post| post.text) {
            for (kind, symbol, span) in units(&encoder, &text, &mut Scratch::default()) {
                if kind == Kind::Marker && symbol != "<number>" {
                    let quote = &text[span.clone()];
                    cases.push((text.clone(), span, symbol.clone(), others(&symbol, quote)));
                }
            }
        }
        assert!(cases.len() > 200, "only {} mentions in the quality list", cases.len());
        let compared: usize = cases
            .par_iter()
            .map_init(Scratch::default, |scratch, (text, span, symbol, others)| {
                let readings = |units: &[(Kind, String, _)]| units.iter().map(|u| u.1.clone()).collect::<Vec<_>>();
                let before = readings(&units(&encoder, text, scratch));
                let score = scorer.score(&Post::new(text.clone()));
                let mut compared = 0;
                for (n, other) in others.iter().enumerate() {
                    let swapped = format!("{}{other}{}", &text[..span.start], &text[span.end..]);
                    let units = units(&encoder, &swapped, scratch);
                    // Only a marked mention takes part: gated names without a reason stay words, and some names grow with their neighbours.
                    let own = span.start..span.start + other.len();
                    if !units.iter().any(|u| u.0 == Kind::Marker && u.1 == *symbol && u.2 == own) {
                        continue;
                    }
                    compared += 1;
                    assert_eq!(readings(&units), before, "{text}\n{swapped}");
                    if n % 97 == 0 {
                        let other = scorer.score(&Post::new(swapped));
                        assert_eq!(
                            (other.partisan, other.band, &other.signals, &other.fired, &other.context),
                            (score.partisan, score.band, &score.signals, &score.fired, &score.context)
                        );
                    }
                }
                compared
            })
            .sum();
        assert!(compared > 100_000, "only {compared} swaps were compared");
    }

    /// Share of true mentions of each party that gating leaves unmarked: every spelling of the party in every corpus row of its
    /// language that has a slot for one.
    fn gating() -> Vec<(String, f64, usize)> {
        let packs = Packs::national();
        let encoder = encoder();
        let corpus = Corpus::read(std::path::Path::new("corpus")).unwrap();
        let mut parties: BTreeMap<String, (&str, Vec<String>)> = BTreeMap::new();
        for lang in ["id", "en"] {
            for party in packs.contenders_in(lang).filter(|c: &&Contender| c.kind == ContenderKind::Party) {
                let spellings = party.spellings().into_iter().filter(|a| a.mark == Mark::Party).map(|a| a.text);
                parties.entry(party.name.clone()).or_insert((lang, Vec::new())).1.extend(spellings);
            }
        }
        let rows = |lang: &str| -> Vec<&str> {
            let own = corpus.rows.iter().filter(|r| {
                r.lang == lang
                    && r.partisan == Some(true)
                    && slots(&r.text).any(|s| s == "party")
                    && !r.text.contains("{party}s")
                    && !r.text.contains("#{party")
            });
            own.map(|r| r.text.as_str()).take(60).collect()
        };
        let (id, en) = (rows("id"), rows("en"));
        parties
            .into_par_iter()
            .map_init(Scratch::default, |scratch, (name, (lang, mut spellings))| {
                spellings.sort();
                spellings.dedup();
                let (mut missed, mut all) = (0, 0);
                for row in if lang == "id" { &id } else { &en } {
                    for spelling in &spellings {
                        let text = crate::corpus::without_slots(&row.replace("{party}", spelling));
                        all += 1;
                        missed += usize::from(!units(&encoder, &text, scratch).iter().any(|u| u.1 == "<party>"));
                    }
                }
                (name, missed as f64 / all as f64, spellings.len())
            })
            .collect()
    }

    #[test]
    fn gating_costs_no_party_much_more_than_the_median_and_the_datasheet_says_what_it_costs() {
        let table = gating();
        let mut shares: Vec<f64> = table.iter().map(|(_, s, _)| *s).collect();
        shares.sort_by(f64::total_cmp);
        let median = shares[shares.len() / 2];
        let mut markdown = String::from("| party | spellings | mentions left unmarked |\n|---|---|---|\n");
        for (name, share, spellings) in &table {
            let _ = writeln!(markdown, "| {name} | {spellings} | {:.1} % |", 100.0 * share);
        }
        let _ = writeln!(markdown, "\nMedian: {:.1} %.", 100.0 * median);
        let worst: Vec<_> = table.iter().filter(|(_, s, _)| *s > median + 0.10).collect();
        assert!(worst.is_empty(), "median {median:.3}: {worst:?}");
        let sheet = std::fs::read_to_string("corpus/DATASHEET.md").unwrap();
        assert!(sheet.contains(&markdown), "the datasheet should hold this table:\n{markdown}");
    }
}

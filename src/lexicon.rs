//! What one thread has read before: how words and other chunks of text read, so that they are folded, looked up and tokenized once.
//!
//! Nothing depends on what was read earlier: a lexicon only saves work. The frequent words of a feed must stay in the processor's own
//! cache, since main memory is what limits the speed of a linear model; so a word takes one cache line with everything that is known of it.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::mark::Unit;
use crate::text::Edges;

/// Bytes of the longest word that has a line.
const LONGEST_WORD: usize = 16;
/// Sets of lines: a word has its place in one set, and moves forward in it each time it comes. A short feed makes do with 512 KiB, a long one
/// with 8 MiB.
const FIRST_SETS: usize = 1 << 11;
const MOST_SETS: usize = 1 << 15;
const WAYS: usize = 4;
/// Chunks other than words that are kept before they are all forgotten, and bytes of the longest.
const MOST_CHUNKS: usize = 1 << 14;
const LONGEST_CHUNK: usize = 40;
/// Bits in which chunks leave a trace when they are first seen, and how many of them may be set.
const TRACES: usize = 1 << 18;
const MOST_TRACES: usize = TRACES / 8;

/// Memory of the encoder on one thread.
#[derive(Default)]
pub(crate) struct Lexicon {
    words: Vec<[Line; WAYS]>,
    /// Lines that hold a word.
    kept: usize,
    chunks: HashMap<Box<[u8]>, Chunk, RandomState>,
    units: Vec<Unit>,
    traces: Vec<u64>,
    traced: usize,
}

/// A word with the unit that it reads as.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Line {
    key: [u64; 2],
    unit: Unit,
}

impl Line {
    fn is_kept(&self) -> bool {
        self.key != [0, 0]
    }
}

/// What must be known of a stretch of text between spaces besides its units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    units: (u32, u32),
    /// Hashtags in it.
    pub(crate) tags: u32,
    pub(crate) edges: Edges,
}

impl Chunk {
    pub(crate) fn new(text: &str, units: &[Unit]) -> Self {
        Self { units: (0, 0), tags: units.iter().map(|u| u.tag).max().unwrap_or(0), edges: Edges::of(text) }
    }
}

/// The bytes of a word without zero bytes, as two numbers; `None` for a longer one. `text` goes on behind the word where it can.
#[inline]
fn key(text: &[u8], length: usize) -> Option<[u64; 2]> {
    if length > LONGEST_WORD {
        return None;
    }
    let word = if let Some(bytes) = text.first_chunk::<LONGEST_WORD>() {
        let word = u128::from_le_bytes(*bytes);
        if length == LONGEST_WORD { word } else { word & ((1 << (8 * length)) - 1) }
    } else {
        let mut bytes = [0; LONGEST_WORD];
        bytes[..length].copy_from_slice(&text[..length]);
        u128::from_le_bytes(bytes)
    };
    Some([word as u64, (word >> 64) as u64])
}

/// The set, of so many, in which a word has its place.
#[inline]
fn place(key: [u64; 2], sets: usize) -> usize {
    let product = u128::from(key[0] ^ 0x9E37_79B9_7F4A_7C15) * u128::from(key[1] ^ 0xD6E8_FEB8_6659_FD93);
    (((product >> 64) as u64 ^ product as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize & sets.wrapping_sub(1)
}

impl Lexicon {
    /// The unit of the word of `length` bytes at the start of a text if it was read before, counted from its own start.
    #[inline]
    pub(crate) fn word(&mut self, text: &[u8], length: usize) -> Option<&Unit> {
        let key = key(text, length)?;
        let sets = self.words.len();
        let set = self.words.get_mut(place(key, sets))?;
        let mut way = 0;
        if set[0].key != key {
            way = set[1..].iter().position(|line| line.key == key)?;
            set.swap(way, way + 1);
        }
        Some(&set[way].unit)
    }

    /// Puts a word in the place of one that came less lately.
    pub(crate) fn keep_word(&mut self, word: &[u8], unit: Unit) {
        let Some(key) = key(word, word.len()) else { return };
        let sets = self.words.len();
        if sets < MOST_SETS && 2 * self.kept >= sets * WAYS {
            let wider = vec![<[Line; WAYS]>::default(); FIRST_SETS.max(4 * sets)];
            let narrow = std::mem::replace(&mut self.words, wider);
            self.kept = 0;
            narrow.into_iter().flatten().filter(Line::is_kept).for_each(|line| self.keep(line));
        }
        self.keep(Line { key, unit });
    }

    fn keep(&mut self, line: Line) {
        let sets = self.words.len();
        let set = &mut self.words[place(line.key, sets)];
        let way = set.iter().position(|line| !line.is_kept());
        self.kept += usize::from(way.is_some());
        set[way.unwrap_or(WAYS - 1)] = line;
    }

    /// A chunk that was kept, and its units counted from its own start.
    pub(crate) fn chunk(&self, text: &str) -> Option<(Chunk, &[Unit])> {
        let chunk = *self.chunks.get(text.as_bytes())?;
        Some((chunk, &self.units[chunk.units.0 as usize..chunk.units.1 as usize]))
    }

    /// Whether a chunk was seen before, as far as a bit can tell, and so deserves to be kept: what comes once mostly never comes again.
    pub(crate) fn comes_again(&mut self, text: &str) -> bool {
        if text.len() > LONGEST_CHUNK {
            return false;
        }
        if self.traced >= MOST_TRACES || self.traces.is_empty() {
            self.traces = vec![0; TRACES / 64];
            self.traced = 0;
        }
        let bit = self.chunks.hasher().hash_one(text.as_bytes()) as usize % TRACES;
        let (trace, mask) = (&mut self.traces[bit / 64], 1 << (bit % 64));
        let again = *trace & mask != 0;
        *trace |= mask;
        self.traced += usize::from(!again);
        again
    }

    pub(crate) fn keep_chunk(&mut self, text: &str, chunk: Chunk, units: &[Unit]) {
        if self.chunks.len() >= MOST_CHUNKS {
            self.chunks.clear();
            self.units.clear();
        }
        let from = self.units.len() as u32;
        self.units.extend_from_slice(units);
        self.chunks.insert(text.as_bytes().into(), Chunk { units: (from, self.units.len() as u32), ..chunk });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_by_every_byte_and_length() {
        let mut lexicon = Lexicon::default();
        let unit = |end: u32| Unit { end, ..Unit::default() };
        let words = ["a", "ab", "ba", "abcdefghijklmnop", "abcdefghijklmnoq"];
        for (word, end) in words.iter().zip(1..) {
            assert_eq!(lexicon.word(word.as_bytes(), word.len()), None);
            lexicon.keep_word(word.as_bytes(), unit(end));
            assert_eq!(lexicon.word(word.as_bytes(), word.len()), Some(&unit(end)));
            assert_eq!(lexicon.word(format!("{word}, and what follows").as_bytes(), word.len()), Some(&unit(end)));
        }
        lexicon.keep_word(b"abcdefghijklmnopq", unit(9));
        assert_eq!(lexicon.word(b"abcdefghijklmnopq", 17), None);
    }

    #[test]
    fn a_lexicon_that_has_grown_still_knows_most_words_and_none_wrongly() {
        let mut lexicon = Lexicon::default();
        let words: Vec<String> = (0..20_000).map(|n| format!("word{n}")).collect();
        words.iter().zip(0..).for_each(|(word, end)| lexicon.keep_word(word.as_bytes(), Unit { end, ..Unit::default() }));
        assert!(lexicon.words.len() > FIRST_SETS && lexicon.words.len() <= MOST_SETS);
        let known = words.iter().zip(0..).filter(|(word, end)| {
            let found = lexicon.word(word.as_bytes(), word.len());
            assert!(found.is_none_or(|unit| unit.end == *end), "{word}");
            found.is_some()
        });
        assert!(known.count() > 18_000);
    }
}

//! Subwords: byte-pair encoding of single words with the vocabulary of a `tokenizers` tokenizer, token for token as that crate does it.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use tokenizers::{Model as _, Tokenizer};

/// Marks the start of a word, as in every Metaspace tokenizer.
pub(crate) const WORD_START: char = '▁';
/// Bytes of the longest word that is merged here; the work grows with the square of the length. `tokenizers` takes longer ones.
const LONGEST: usize = 48;

/// The merges of a tokenizer, ready to apply.
#[derive(Clone)]
pub(crate) struct Subwords {
    ascii: [u32; 128],
    letters: HashMap<char, u32, FixedState>,
    /// Merges by the pair that they join, in the first free place from its hash on: the pair, then rank and what it makes, each two tokens
    /// in one number.
    merges: Vec<(u32, u32)>,
    unknown: Option<u32>,
}

/// No vocabulary is larger, so that two tokens fit into one number.
pub(crate) const MOST_TOKENS: u32 = u16::MAX as u32;
/// Stands for a character that the vocabulary does not have. It parts its neighbours for good.
const GAP: u32 = MOST_TOKENS;
const NO_MERGE: u32 = u32::MAX;

/// Where the search for a pair begins in a table whose length is a power of two.
#[inline]
fn place(pair: u32, length: usize) -> usize {
    (pair.wrapping_mul(0x9E37_79B1) >> 8) as usize & (length - 1)
}

fn both(a: u32, b: u32) -> u32 {
    a << 16 | b
}

impl Subwords {
    /// Takes the merges out of a tokenizer.
    pub(crate) fn new(tokenizer: &Tokenizer, unknown: &str) -> Self {
        let model = serde_json::to_value(tokenizer.get_model()).unwrap_or_default();
        let id = |token: &str| tokenizer.token_to_id(token);
        let mut letters = HashMap::default();
        for (token, number) in tokenizer.get_vocab(false) {
            let mut chars = token.chars();
            if let (Some(letter), None) = (chars.next(), chars.next()) {
                letters.insert(letter, number);
            }
        }
        let pairs = model["merges"].as_array().map_or(&[][..], Vec::as_slice).iter().zip(0..);
        let joined = pairs.filter_map(|(pair, rank)| {
            let (a, b) = (pair[0].as_str()?, pair[1].as_str()?);
            Some((both(id(a)?, id(b)?), both(rank, id(&format!("{a}{b}"))?)))
        });
        let joined: Vec<(u32, u32)> = joined.collect();
        let mut merges = vec![(NO_MERGE, NO_MERGE); (2 * joined.len() + 1).next_power_of_two()];
        for (pair, merge) in joined {
            let mut free = place(pair, merges.len());
            while merges[free].0 != NO_MERGE {
                free = (free + 1) % merges.len();
            }
            merges[free] = (pair, merge);
        }
        let ascii = std::array::from_fn(|c| letters.get(&char::from(c as u8)).copied().unwrap_or(GAP));
        Self { ascii, letters, merges, unknown: id(unknown) }
    }

    /// The rank of the merge that joins two tokens (lower goes first) and what it makes.
    #[inline]
    fn merge(&self, a: u32, b: u32) -> u32 {
        let pair = both(a, b);
        let mut at = place(pair, self.merges.len());
        loop {
            let (known, merge) = self.merges[at];
            // A free place holds no merge.
            if known == pair || known == NO_MERGE {
                return merge;
            }
            at = (at + 1) & (self.merges.len() - 1);
        }
    }

    /// The tokens of a word, without those of unknown characters. `plain` has `tokenizers` find them.
    pub(crate) fn split(&self, word: &str, tokenizer: &Tokenizer, plain: bool) -> Vec<u32> {
        if plain || word.len() > LONGEST {
            let tokens = tokenizer.get_model().tokenize(&format!("{WORD_START}{word}")).unwrap_or_default();
            return tokens.into_iter().map(|t| t.id).filter(|&id| Some(id) != self.unknown).collect();
        }
        let mut tokens = Vec::with_capacity(word.len() + 1);
        let letter = |c: char| self.letters.get(&c).copied().unwrap_or(GAP);
        tokens.push(letter(WORD_START));
        tokens.extend(word.chars().map(|c| self.ascii.get(c as usize).copied().unwrap_or_else(|| letter(c))));
        // merges[k] joins tokens k and k + 1.
        let mut merges: Vec<u32> = tokens.windows(2).map(|pair| self.merge(pair[0], pair[1])).collect();
        while let Some((at, &first)) = merges.iter().enumerate().min_by_key(|&(at, merge)| (merge, at)).filter(|(_, merge)| **merge != NO_MERGE) {
            let made = first & MOST_TOKENS;
            tokens[at] = made;
            tokens.remove(at + 1);
            merges.remove(at);
            if at > 0 {
                merges[at - 1] = self.merge(tokens[at - 1], made);
            }
            if at < merges.len() {
                merges[at] = self.merge(made, tokens[at + 1]);
            }
        }
        tokens.retain(|&token| token != GAP);
        tokens
    }
}

//! Subwords: byte-pair encoding of single words, token for token as the crate `tokenizers` does it with the same vocabulary.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use foldhash::fast::FixedState;
use tokenizers::models::bpe::{BPE, BpeTrainer, Vocab};
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::{AddedToken, Model as _, Tokenizer, Trainer as _};

use crate::error::{Error, Result};

/// Marks the start of a word, as in every Metaspace tokenizer.
const WORD_START: char = '▁';
/// Bytes of the longest word that is merged here; the work grows with the square of the length. `tokenizers` takes longer ones.
const LONGEST: usize = 48;

/// A subword vocabulary: its tokens by number and the merges that make them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Subwords(Arc<Table>);

struct Table {
    tokens: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32, FixedState>,
    /// How many of the first tokens are symbols, which no word is made of. The first of them stands for unknown characters.
    symbols: usize,
    /// The pairs of tokens that are joined, in the order in which they are.
    merges: Vec<(u32, u32)>,
    start: u32,
    ascii: [u32; 128],
    letters: HashMap<char, u32, FixedState>,
    /// The merges by their pair, in the first free place from its hash on: the pair, then rank and what it makes, each two tokens in one
    /// number.
    joins: Vec<(u32, u32)>,
    /// The same vocabulary in `tokenizers`, made when it is first needed.
    reference: OnceLock<Tokenizer>,
}

/// No vocabulary is larger, so that two tokens fit into one number.
const MOST_TOKENS: u32 = u16::MAX as u32;
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
    /// Puts a vocabulary together. `None` where a token stands in it twice, a merge makes none of its tokens, or it is too large.
    pub(crate) fn new(tokens: Vec<Box<str>>, symbols: usize, merges: Vec<(u32, u32)>) -> Option<Self> {
        let numbers: HashMap<Box<str>, u32, FixedState> = tokens.iter().cloned().zip(0..).collect();
        if numbers.len() != tokens.len() || tokens.len() > MOST_TOKENS as usize || !(1..=tokens.len()).contains(&symbols) {
            return None;
        }
        let mut letters = HashMap::default();
        for (token, number) in tokens.iter().zip(0..) {
            let mut chars = token.chars();
            if let (Some(letter), None) = (chars.next(), chars.next()) {
                letters.insert(letter, number);
            }
        }
        let mut joins = vec![(NO_MERGE, NO_MERGE); (2 * merges.len() + 1).next_power_of_two()];
        let mut made = String::new();
        for (&(a, b), rank) in merges.iter().zip(0..) {
            made.clear();
            made.push_str(tokens.get(a as usize)?);
            made.push_str(tokens.get(b as usize)?);
            let mut free = place(both(a, b), joins.len());
            while joins[free].0 != NO_MERGE {
                free = (free + 1) % joins.len();
            }
            joins[free] = (both(a, b), both(rank, *numbers.get(made.as_str())?));
        }
        let start = letters.get(&WORD_START).copied().unwrap_or(GAP);
        let ascii = std::array::from_fn(|c| letters.get(&char::from(c as u8)).copied().unwrap_or(GAP));
        Some(Self(Arc::new(Table { tokens, numbers, symbols, merges, start, ascii, letters, joins, reference: OnceLock::new() })))
    }

    /// Learns a vocabulary of `size` tokens, `symbols` among them, from words. Depends on the multiset of words alone.
    ///
    /// # Errors
    /// `size` is above 65,535.
    pub(crate) fn learn(words: &[String], size: usize, symbols: &[&str]) -> Result<Self> {
        if size > MOST_TOKENS as usize {
            return Err(Error::new(format!("{size} subwords are more than {MOST_TOKENS}")).remedy("lower `tokens` in the recipe"));
        }
        let fail = |e: tokenizers::Error| Error::new(format!("cannot learn the subword vocabulary: {e}"));
        let special = special(symbols);
        let mut trainer = BpeTrainer::builder().vocab_size(size).min_frequency(2).show_progress(false).special_tokens(special).build();
        trainer.feed(words.iter(), |word| Ok(vec![format!("{WORD_START}{word}")])).map_err(fail)?;
        let mut bpe = BPE::default();
        trainer.train(&mut bpe).map_err(fail)?;
        Self::from_bpe(&bpe, symbols.len())
    }

    /// Reads the JSON of a tokenizer that [`Subwords::json`] wrote.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn parse(json: &str) -> Result<Self> {
        let tokenizer: Tokenizer = json.parse().map_err(|e| Error::new(format!("not a tokenizer: {e}")))?;
        let tokenizers::ModelWrapper::BPE(bpe) = tokenizer.get_model() else { return Err(Error::new("its tokenizer is not one of byte pairs")) };
        Self::from_bpe(bpe, tokenizer.get_added_tokens_decoder().len())
    }

    fn from_bpe(bpe: &BPE, symbols: usize) -> Result<Self> {
        let unfit = || Error::new("its tokenizer is not one that this version makes");
        let mut tokens = vec![Box::from(""); bpe.get_vocab_size()];
        for (token, number) in bpe.get_vocab() {
            *tokens.get_mut(number as usize).ok_or_else(unfit)? = token.into();
        }
        let written = serde_json::to_value(bpe).unwrap_or_default();
        let number = |token: &serde_json::Value| bpe.token_to_id(token.as_str()?);
        let merges = written["merges"].as_array().map_or(&[][..], Vec::as_slice).iter();
        let merges: Option<Vec<_>> = merges.map(|pair| Some((number(&pair[0])?, number(&pair[1])?))).collect();
        merges.and_then(|merges| Self::new(tokens, symbols, merges)).ok_or_else(unfit)
    }

    /// The vocabulary as Hugging Face tools read it.
    pub(crate) fn json(&self) -> String {
        self.reference().to_string(true).expect("a tokenizer in memory can be written")
    }

    fn reference(&self) -> &Tokenizer {
        self.0.reference.get_or_init(|| {
            let Table { tokens, symbols, merges, .. } = &*self.0;
            let token = |number: u32| tokens[number as usize].to_string();
            let numbers: Vocab = tokens.iter().map(ToString::to_string).zip(0..).collect();
            let merges = merges.iter().map(|&(a, b)| (token(a), token(b))).collect();
            let bpe = BPE::builder().vocab_and_merges(numbers, merges).unk_token(token(0)).fuse_unk(true);
            let mut tokenizer = Tokenizer::new(bpe.build().expect("tokens and merges that fit together"));
            tokenizer.with_pre_tokenizer(Some(Metaspace::new(WORD_START, PrependScheme::Always, true)));
            let symbols: Vec<&str> = tokens[..*symbols].iter().map(|token| &**token).collect();
            tokenizer.add_special_tokens(special(&symbols)).expect("symbols are tokens");
            tokenizer
        })
    }

    /// The tokens by number.
    pub(crate) fn tokens(&self) -> &[Box<str>] {
        &self.0.tokens
    }

    /// How many of the first tokens are symbols.
    pub(crate) fn symbols(&self) -> usize {
        self.0.symbols
    }

    /// The pairs that are joined, in their order.
    pub(crate) fn merges(&self) -> &[(u32, u32)] {
        &self.0.merges
    }

    /// The text of a token.
    pub(crate) fn token(&self, number: u32) -> &str {
        self.0.tokens.get(number as usize).map_or("", |token| token)
    }

    /// The number of a token.
    pub(crate) fn number(&self, token: &str) -> Option<u32> {
        self.0.numbers.get(token).copied()
    }

    /// The rank of the merge that joins two tokens (lower goes first) and what it makes.
    #[inline]
    fn merge(&self, a: u32, b: u32) -> u32 {
        let pair = both(a, b);
        let joins = &self.0.joins;
        let mut at = place(pair, joins.len());
        loop {
            let (known, merge) = joins[at];
            // A free place holds no merge.
            if known == pair || known == NO_MERGE {
                return merge;
            }
            at = (at + 1) & (joins.len() - 1);
        }
    }

    /// The tokens of a word, without those of unknown characters. `plain` has `tokenizers` find them.
    pub(crate) fn split(&self, word: &str, plain: bool) -> Vec<u32> {
        if plain || word.len() > LONGEST {
            let tokens = self.reference().get_model().tokenize(&format!("{WORD_START}{word}")).unwrap_or_default();
            return tokens.into_iter().map(|t| t.id).filter(|&id| id != 0).collect();
        }
        let mut tokens = Vec::with_capacity(word.len() + 1);
        let letter = |c: char| self.0.letters.get(&c).copied().unwrap_or(GAP);
        tokens.push(self.0.start);
        tokens.extend(word.chars().map(|c| self.0.ascii.get(c as usize).copied().unwrap_or_else(|| letter(c))));
        // merges[k] joins tokens k and k + 1.
        let mut places = [NO_MERGE; LONGEST];
        let mut left = tokens.len() - 1;
        let merges = &mut places[..left];
        merges.iter_mut().zip(tokens.windows(2)).for_each(|(merge, pair)| *merge = self.merge(pair[0], pair[1]));
        loop {
            let (mut at, mut first) = (0, NO_MERGE);
            for (k, &merge) in merges[..left].iter().enumerate() {
                if merge < first {
                    (at, first) = (k, merge);
                }
            }
            if first == NO_MERGE {
                break;
            }
            let made = first & MOST_TOKENS;
            tokens[at] = made;
            tokens.remove(at + 1);
            merges.copy_within(at + 1..left, at);
            left -= 1;
            if at > 0 {
                merges[at - 1] = self.merge(tokens[at - 1], made);
            }
            if at < left {
                merges[at] = self.merge(made, tokens[at + 1]);
            }
        }
        tokens.retain(|&token| token != GAP);
        tokens
    }
}

/// Symbols as `tokenizers` wants them.
fn special(symbols: &[&str]) -> Vec<AddedToken> {
    symbols.iter().map(|symbol| AddedToken::from(*symbol, true)).collect()
}

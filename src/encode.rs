//! Text to numbers. Nothing else in the crate does this: training and scoring call the same [`Encoder::encode`].
//!
//! fold ([`crate::text`]) → split ([`crate::token`]) → mark ([`crate::mark`]) → subword tokens → [`Gram`]s.

use std::collections::HashMap;

use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::{AddedToken, Model as _, Tokenizer, Trainer as _};

use crate::error::{Error, Result};
use crate::mark::Marker;
use crate::pack::{Mark, Packs};
use crate::text::Folder;
use crate::token::{Kind, Unit, scan};

/// Marks the start of a word in the subword vocabulary, as in every Metaspace tokenizer.
const WORD_START: char = '▁';
const UNKNOWN: &str = "<unk>";
/// Symbols that stand for a whole unit, besides the markers.
const SYMBOLS: [&str; 16] = [
    UNKNOWN,
    "<name>",
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
/// Distinct words whose subwords one thread remembers.
const CACHED_WORDS: usize = 100_000;

/// What one feature stands for, in ids of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Gram {
    /// A token.
    One(u32),
    /// Two neighbours.
    Two(u32, u32),
    /// A token of a post that names a contender: the same word weighs otherwise where a side is named.
    Named(u32),
    /// How long the post is, as an index of [`LENGTHS`].
    Length(u32),
}

/// Upper bounds of the length classes, in units.
const LENGTHS: [usize; 4] = [6, 15, 30, 60];
/// How grams that are more than their tokens are written in an artefact. No token is spelled so.
const NAMED: &str = "<named>";
const LENGTH: &str = "<length>";

/// Indices of the features that a model knows, and the weights of their counts: powers of the inverse document frequency.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) index: HashMap<Gram, u32>,
    pub(crate) idf: Vec<f64>,
}

/// Everything between a raw string and features. It lives in the model artefact, apart from the packs.
#[derive(Clone)]
pub(crate) struct Encoder {
    folder: Folder,
    marker: Marker,
    tokenizer: Tokenizer,
}

/// What a post became on its way to features.
#[derive(Clone, Debug)]
pub(crate) struct Encoding {
    /// The folded text.
    pub(crate) folded: String,
    /// Words, signs and markers, with their places in the original.
    pub(crate) units: Vec<Unit>,
    /// Token ids, each with the unit that it is part of.
    pub(crate) tokens: Vec<(u32, usize)>,
}

/// One known feature of a post: its index, its value in the normalised row, and the units that it comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Feature {
    pub(crate) index: u32,
    pub(crate) value: f64,
    /// First and last unit of each occurrence; none for the length.
    pub(crate) places: Vec<(usize, usize)>,
}

/// Per-thread memory of the encoder.
#[derive(Default)]
pub(crate) struct Scratch {
    words: HashMap<String, Vec<u32>>,
}

impl Encoder {
    /// Puts an encoder together from its parts in an artefact and the active packs.
    pub(crate) fn new(words: impl IntoIterator<Item = String>, packs: &Packs, tokenizer: Tokenizer) -> Self {
        let mut folder = Folder::new(words);
        let marker = Marker::new(packs, &mut folder);
        Self { folder, marker, tokenizer }
    }

    /// The tokenizer of the artefact from its JSON.
    pub(crate) fn tokenizer(json: &str) -> Result<Tokenizer> {
        json.parse().map_err(|e| Error::new(format!("not a tokenizer: {e}")))
    }

    /// Learns a subword vocabulary of `size` tokens from words. Depends on the multiset of words alone.
    pub(crate) fn learn_tokenizer(words: &[String], size: usize) -> Result<Tokenizer> {
        let fail = |e: tokenizers::Error| Error::new(format!("cannot learn the subword vocabulary: {e}"));
        let special: Vec<AddedToken> = symbols().map(|s| AddedToken::from(s, true)).collect();
        let mut trainer = BpeTrainer::builder().vocab_size(size).min_frequency(2).show_progress(false).special_tokens(special.clone()).build();
        trainer.feed(words.iter(), |word| Ok(vec![format!("{WORD_START}{word}")])).map_err(fail)?;
        let mut bpe = BPE::builder().unk_token(UNKNOWN.to_owned()).fuse_unk(true).build().map_err(fail)?;
        trainer.train(&mut bpe).map_err(fail)?;
        let mut tokenizer = Tokenizer::new(bpe);
        tokenizer.with_pre_tokenizer(Some(Metaspace::new(WORD_START, PrependScheme::Always, true)));
        tokenizer.add_special_tokens(special).map_err(fail)?;
        Ok(tokenizer)
    }

    /// Folds, splits and marks a text.
    pub(crate) fn units(&self, text: &str) -> (String, Vec<Unit>) {
        let folded = self.folder.fold(text);
        let units = self.marker.mark(scan(&folded, &self.folder));
        (folded.to_string(), self.names(units))
    }

    /// Capitalised words that are no everyday words become names, several in a row one name: whom no pack knows is still
    /// read as somebody, not as the letters of the name.
    fn names(&self, units: Vec<Unit>) -> Vec<Unit> {
        let mut out: Vec<Unit> = Vec::with_capacity(units.len());
        for mut unit in units {
            if unit.kind == Kind::Word && unit.capital && !self.folder.is_common(&unit.text) {
                unit.kind = Kind::Name;
                if let Some(last) = out.last_mut().filter(|u| u.kind == Kind::Name && u.tag == unit.tag) {
                    last.span.end = unit.span.end.max(last.span.end);
                    continue;
                }
            }
            out.push(unit);
        }
        out
    }

    /// Everything that a model reads of a text. The scratch may be used for any number of texts with one encoder.
    pub(crate) fn encode(&self, text: &str, scratch: &mut Scratch) -> Encoding {
        let (folded, units) = self.units(text);
        let mut tokens = Vec::with_capacity(2 * units.len());
        for (place, unit) in units.iter().enumerate() {
            let symbol = reading(unit);
            if !scratch.words.contains_key(symbol) {
                if scratch.words.len() >= CACHED_WORDS {
                    scratch.words.clear();
                }
                scratch.words.insert(symbol.to_owned(), self.subwords(symbol));
            }
            tokens.extend(scratch.words[symbol].iter().map(|&id| (id, place)));
        }
        Encoding { folded, units, tokens }
    }

    /// The token ids of one word or symbol, without those of unknown characters.
    fn subwords(&self, word: &str) -> Vec<u32> {
        if word.starts_with('<')
            && let Some(id) = self.tokenizer.token_to_id(word)
        {
            return vec![id];
        }
        let unknown = self.tokenizer.token_to_id(UNKNOWN);
        let tokens = self.tokenizer.get_model().tokenize(&format!("{WORD_START}{word}")).unwrap_or_default();
        tokens.into_iter().map(|t| t.id).filter(|&id| Some(id) != unknown).collect()
    }

    /// The text that the tokenizer reads, with markers and symbols in place, as `explain` shows it.
    pub(crate) fn marked(units: &[Unit]) -> String {
        units.iter().map(reading).collect::<Vec<_>>().join(" ")
    }

    /// The text of a token.
    pub(crate) fn token(&self, id: u32) -> String {
        self.tokenizer.id_to_token(id).unwrap_or_default()
    }

    /// How a gram is written in an artefact: its tokens with spaces between.
    pub(crate) fn name(&self, gram: Gram) -> String {
        let token = |id| self.token(id);
        match gram {
            Gram::One(a) => token(a),
            Gram::Two(a, b) => format!("{} {}", token(a), token(b)),
            Gram::Named(a) => format!("{NAMED} {}", token(a)),
            Gram::Length(class) => format!("{LENGTH} {class}"),
        }
    }

    /// The inverse of [`Encoder::name`].
    pub(crate) fn gram(&self, name: &str) -> Option<Gram> {
        let id = |token: &str| self.tokenizer.token_to_id(token);
        Some(match name.split(' ').collect::<Vec<_>>().as_slice() {
            [LENGTH, class] => Gram::Length(class.parse().ok()?),
            [NAMED, a] => Gram::Named(id(a)?),
            [a] => Gram::One(id(a)?),
            [a, b] => Gram::Two(id(a)?, id(b)?),
            _ => return None,
        })
    }

    pub(crate) fn tokenizer_json(&self) -> String {
        self.tokenizer.to_string(true).expect("a tokenizer in memory can be written")
    }
}

impl Encoding {
    /// Every gram with the first and last unit that it comes from, once for each occurrence. The length comes from nowhere.
    pub(crate) fn grams(&self) -> impl Iterator<Item = (Gram, Option<(usize, usize)>)> + '_ {
        let tokens = &self.tokens;
        let named = self.units.iter().any(|u| u.kind == Kind::Marker && u.text != Mark::Number.symbol());
        let length = LENGTHS.iter().take_while(|&&most| self.units.len() > most).count() as u32;
        let one = tokens.iter().map(|&(a, at)| (Gram::One(a), Some((at, at))));
        let two = tokens.windows(2).map(|w| (Gram::Two(w[0].0, w[1].0), Some((w[0].1, w[1].1))));
        let beside = tokens.iter().filter(move |_| named).map(|&(a, at)| (Gram::Named(a), Some((at, at))));
        one.chain(two).chain(beside).chain(std::iter::once((Gram::Length(length), None)))
    }

    /// The known features in order of their index: logarithmic counts weighed by the vocabulary, the row scaled to length 1.
    pub(crate) fn features(&self, vocabulary: &Vocabulary) -> Vec<Feature> {
        let mut found: Vec<(u32, Option<(usize, usize)>)> = self.grams().filter_map(|(gram, place)| Some((*vocabulary.index.get(&gram)?, place))).collect();
        found.sort_unstable();
        let mut features: Vec<Feature> = Vec::with_capacity(found.len());
        for (index, place) in found {
            match features.last_mut() {
                Some(last) if last.index == index => last.places.extend(place),
                _ => features.push(Feature { index, value: 0.0, places: place.into_iter().collect() }),
            }
        }
        let mut squares = 0.0;
        for feature in &mut features {
            feature.value = (1.0 + libm::log(feature.places.len().max(1) as f64)) * vocabulary.idf[feature.index as usize];
            squares += feature.value * feature.value;
        }
        let norm = squares.sqrt();
        features.iter_mut().for_each(|f| f.value /= norm);
        features
    }
}

/// All symbols of the tokenizer, in the order of their ids.
fn symbols() -> impl Iterator<Item = &'static str> {
    SYMBOLS.into_iter().chain(Mark::ALL.map(Mark::symbol))
}

/// What the model reads for a unit: a word as it is, anything that names or counts as a symbol.
pub(crate) fn reading(unit: &Unit) -> &str {
    match unit.kind {
        Kind::Word | Kind::Sign | Kind::Marker => &unit.text,
        Kind::Name => "<name>",
        Kind::Mixed => "<mixed>",
        Kind::Handle => "<user>",
        Kind::Link => "<link>",
        Kind::Tag => "<tag>",
        Kind::Number => match unit.text.as_bytes() {
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

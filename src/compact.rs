//! The compact form of a model: what its text form says, laid out to load in milliseconds. The binary embeds the default model so.
//!
//! ```text
//! netral-compact 1
//! hash of the text form, header as JSON       texts: a length, then UTF-8
//! words                                       their number; then each word and the number of rows that it stands in
//! tokens, merges                              how many tokens are symbols, their number, each token; number of merges, two tokens each
//! features                                    their number; then kind, tokens, idf, how many weights, the weights
//! ```
//!
//! Numbers are LEB128, seven bits to a byte, lowest first; weights are zigzag-encoded.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::linear::{LANES, LinearModel};
use crate::model::{Header, Model, Parts};
use crate::subword::Subwords;
use crate::text::Dictionary;
use crate::vocabulary::{Gram, IDF_GRID, Vocabulary};

const DEFAULT: &[u8] = include_bytes!("../models/netral.model.bin");

const MAGIC: &[u8] = b"netral-compact 1\n";

impl Default for Model {
    /// The model shipped in the library.
    fn default() -> Self {
        Self::parse_compact(DEFAULT).expect("the shipped artefact is valid, as a test proves")
    }
}

impl Model {
    /// The compact form, which the binary embeds.
    ///
    /// # Panics
    /// Never: a header in memory can be written.
    pub fn to_compact(&self) -> Vec<u8> {
        let Parts { header, subwords, vocabulary, linear, hash, .. } = &*self.parts;
        let mut out = Writer(MAGIC.to_vec());
        out.text(hash);
        out.text(&serde_json::to_string(header).expect("a header can be written"));
        out.list(&self.parts.words_in_order(), |out, &(word, rows)| {
            out.text(word);
            out.number(rows);
        });
        out.number(subwords.symbols() as u32);
        out.list(subwords.tokens(), |out, token| out.text(token));
        out.list(subwords.merges(), |out, &(a, b)| {
            out.number(a);
            out.number(b);
        });
        let features: Vec<((Gram, u16), u32)> = vocabulary.features().zip(0..).collect();
        out.list(&features, |out, &((gram, idf), index)| {
            let (kind, first, second) = match gram {
                Gram::One(a) => (0, a, None),
                Gram::Two(a, b) => (1, a, Some(b)),
                Gram::Named(a) => (2, a, None),
                Gram::Length(class) => (3, class, None),
            };
            out.number(kind);
            out.number(first);
            second.into_iter().for_each(|b| out.number(b));
            out.number(u32::from(idf));
            out.list(linear.written(index), |out, &weight| out.number(zigzag(weight)));
        });
        out.0
    }

    pub(crate) fn parse_compact(bytes: &[u8]) -> Result<Self> {
        Self::take(&mut Reader(bytes)).ok_or_else(|| Error::new("a damaged compact model"))
    }

    fn take(from: &mut Reader) -> Option<Self> {
        from.0 = from.0.strip_prefix(MAGIC)?;
        let hash = from.text()?.to_owned();
        let header: Header = serde_json::from_str(from.text()?).ok()?;
        if !header.has_these_heads() || header.idf_grid != IDF_GRID {
            return None;
        }
        let words: Dictionary = from.list(|from| Some((from.text()?.into(), from.number()?)))?.into_iter().collect();
        let symbols = from.number()? as usize;
        let tokens = from.list(|from| from.text().map(Box::from))?;
        let merges = from.list(|from| Some((from.number()?, from.number()?)))?;
        let subwords = Subwords::new(tokens, symbols, merges)?;
        let features = from.list(|from| {
            let gram = match (from.number()?, from.number()?) {
                (0, a) => Gram::One(a),
                (1, a) => Gram::Two(a, from.number()?),
                (2, a) => Gram::Named(a),
                (3, class) => Gram::Length(class),
                _ => return None,
            };
            let idf = u16::try_from(from.number()?).ok()?;
            let mut row = [0; LANES];
            let used = from.number()? as usize;
            for weight in row[..header.heads.len()].get_mut(..used)? {
                *weight = unzigzag(from.number()?)?;
            }
            Some(((gram, idf), row))
        })?;
        let (grams, rows): (Vec<_>, Vec<_>) = features.into_iter().unzip();
        let vocabulary = Vocabulary::new(grams)?;
        let linear = LinearModel::new(header.grid, header.bias.clone(), rows);
        from.0.is_empty().then(|| Self { parts: Arc::new(Parts { header, words: Arc::new(words), subwords, vocabulary, linear, hash }) })
    }
}

/// Small numbers for small weights of either sign.
fn zigzag(weight: i16) -> u32 {
    let weight = i32::from(weight);
    ((weight << 1) ^ (weight >> 31)).cast_unsigned()
}

fn unzigzag(number: u32) -> Option<i16> {
    i16::try_from((number >> 1).cast_signed() ^ -(number & 1).cast_signed()).ok()
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn list<T>(&mut self, list: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(list.len() as u32);
        list.iter().for_each(|item| write(self, item));
    }
}

/// Takes what [`Writer`] wrote from the front; `None` where it ends too early or is no such thing.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    #[inline]
    fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn list<T>(&mut self, mut take: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        // Everything takes a byte at least, so no false count fills the memory.
        let count = Some(self.number()? as usize).filter(|&count| count <= self.0.len())?;
        let mut list = Vec::with_capacity(count);
        (0..count).try_for_each(|_| take(self).map(|item| list.push(item))).map(|()| list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_weights_of_any_size_come_back() {
        let numbers = [0, 1, 127, 128, 300, u32::MAX];
        let mut out = Writer(Vec::new());
        out.list(&numbers, |out, &number| out.number(number));
        assert_eq!(Reader(&out.0).list(Reader::number).unwrap(), numbers);
        for weight in [0, 1, -1, 63, -64, i16::MAX, i16::MIN] {
            assert_eq!(unzigzag(zigzag(weight)), Some(weight));
        }
        assert_eq!(unzigzag(u32::MAX), None);
    }

    #[test]
    fn every_truncation_is_refused() {
        let whole = Model::default().to_compact();
        assert_eq!(Model::parse_compact(&whole).unwrap().to_compact(), whole);
        for cut in (0..40).map(|part| part * whole.len() / 40) {
            assert!(Model::parse_compact(&whole[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Model::parse_compact(&[&whole[..], b"x"].concat()).is_err());
    }
}

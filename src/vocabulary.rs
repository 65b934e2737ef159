//! The features of a model by number: grams of tokens, and how much a count of each weighs.

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
pub(crate) const LENGTHS: [usize; 4] = [6, 15, 30, 60];

/// Step of the stored inverse document frequencies and of everything that is computed from them.
pub(crate) const IDF_GRID: f64 = 1.0 / 64.0;

/// Larger counts weigh no more: so often a word stands in no honest post.
const LARGEST_COUNT: usize = 64;

/// The features that a model knows, each with its inverse document frequency in steps of [`IDF_GRID`].
///
/// Looking up a token is an array access; a pair passes a bit filter, which most unknown pairs fail, before it is looked for among the pairs
/// with its first token. All of this is a few hundred kilobytes, to stay in a processor's second cache.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    grams: Vec<Gram>,
    idf: Vec<u16>,
    tokens: Vec<Entry>,
    lengths: [u32; LENGTHS.len() + 1],
    /// Second tokens, ascending for each first one, and the features of the pairs.
    two: Vec<(u32, u32)>,
    filter: Vec<u64>,
    /// 1 + ln n for each count n.
    damped: Vec<f64>,
}

/// The features of a token: alone, in a post that names a contender, and as the first of a pair, as a range of [`Vocabulary::two`].
#[derive(Clone, Copy, Debug)]
struct Entry {
    one: u32,
    named: u32,
    pairs: (u32, u32),
}

/// Stands for "no feature".
const NONE: u32 = u32::MAX;
/// Bits of the filter: 64 KiB, so that it stays in the nearest caches; 30,000 pairs fill 6 % of it.
const FILTER_BITS: u32 = 19;

/// The bit of the filter that a pair sets.
fn bit(a: u32, b: u32) -> (usize, u64) {
    let hash = a.wrapping_mul(0x9E37_79B1) ^ b.wrapping_mul(0x85EB_CA77);
    let at = hash >> (32 - FILTER_BITS);
    ((at >> 6) as usize, 1 << (at & 63))
}

impl Vocabulary {
    /// Numbers the grams in the order given. `None` where one comes twice.
    pub(crate) fn new(features: impl IntoIterator<Item = (Gram, u16)>) -> Option<Self> {
        let (grams, idf): (Vec<Gram>, Vec<u16>) = features.into_iter().unzip();
        let mut vocabulary = Self {
            lengths: [NONE; LENGTHS.len() + 1],
            filter: vec![0; 1 << (FILTER_BITS - 6)],
            damped: (0..=LARGEST_COUNT).map(|n| 1.0 + libm::log(n.max(1) as f64)).collect(),
            idf,
            ..Self::default()
        };
        let last = |gram: &Gram| if let Gram::One(a) | Gram::Named(a) | Gram::Two(a, _) = gram { *a as usize + 1 } else { 0 };
        vocabulary.tokens = vec![Entry { one: NONE, named: NONE, pairs: (0, 0) }; grams.iter().map(last).max().unwrap_or(0)];
        let mut pairs = Vec::new();
        for (index, &gram) in grams.iter().enumerate() {
            let slot = match gram {
                Gram::One(a) => &mut vocabulary.tokens[a as usize].one,
                Gram::Named(a) => &mut vocabulary.tokens[a as usize].named,
                Gram::Length(class) => vocabulary.lengths.get_mut(class as usize)?,
                Gram::Two(a, b) => {
                    let (word, mask) = bit(a, b);
                    vocabulary.filter[word] |= mask;
                    pairs.push((a, b, index as u32));
                    continue;
                }
            };
            if *slot != NONE {
                return None;
            }
            *slot = index as u32;
        }
        pairs.sort_unstable();
        if pairs.windows(2).any(|w| (w[0].0, w[0].1) == (w[1].0, w[1].1)) {
            return None;
        }
        for of in pairs.chunk_by(|x, y| x.0 == y.0) {
            let from = vocabulary.two.len() as u32;
            vocabulary.two.extend(of.iter().map(|&(_, b, index)| (b, index)));
            vocabulary.tokens[of[0].0 as usize].pairs = (from, vocabulary.two.len() as u32);
        }
        vocabulary.grams = grams;
        Some(vocabulary)
    }

    pub(crate) fn len(&self) -> usize {
        self.grams.len()
    }

    /// All grams with their inverse document frequencies, by number.
    pub(crate) fn features(&self) -> impl Iterator<Item = (Gram, u16)> + '_ {
        self.grams.iter().copied().zip(self.idf.iter().copied())
    }

    pub(crate) fn gram(&self, index: u32) -> Gram {
        self.grams[index as usize]
    }

    /// The number of a gram, if the model knows it.
    pub(crate) fn get(&self, gram: Gram) -> Option<u32> {
        let index = match gram {
            Gram::One(a) => self.tokens.get(a as usize)?.one,
            Gram::Named(a) => self.tokens.get(a as usize)?.named,
            Gram::Length(class) => *self.lengths.get(class as usize)?,
            Gram::Two(a, b) => return self.pair(a, self.tokens.get(a as usize)?, b),
        };
        (index != NONE).then_some(index)
    }

    #[inline]
    fn pair(&self, a: u32, entry: &Entry, b: u32) -> Option<u32> {
        let (word, mask) = bit(a, b);
        if self.filter.get(word)? & mask == 0 {
            return None;
        }
        let pairs = &self.two[entry.pairs.0 as usize..entry.pairs.1 as usize];
        pairs.binary_search_by_key(&b, |pair| pair.0).ok().map(|at| pairs[at].1)
    }

    /// Visits the number of every known feature of a post, once for each occurrence: what [`Vocabulary::get`] finds for its grams.
    #[inline]
    pub(crate) fn visit(&self, tokens: &[(u32, u32)], named: bool, length: Gram, mut visit: impl FnMut(u32)) {
        let mut before: Option<(u32, &Entry)> = None;
        for &(token, _) in tokens {
            let entry = self.tokens.get(token as usize);
            if let Some(entry) = entry {
                if entry.one != NONE {
                    visit(entry.one);
                }
                if named && entry.named != NONE {
                    visit(entry.named);
                }
            }
            if let Some((a, first)) = before {
                self.pair(a, first, token).into_iter().for_each(&mut visit);
            }
            before = entry.map(|entry| (token, entry));
        }
        self.get(length).into_iter().for_each(visit);
    }

    /// What `count` occurrences of a feature weigh: (1 + ln count) · idf, in whole steps of [`IDF_GRID`].
    #[inline]
    pub(crate) fn weight(&self, index: u32, count: u32) -> i16 {
        const MOST: u16 = i16::MAX.cast_unsigned();
        let idf = self.idf[index as usize];
        if count == 1 {
            return idf.min(MOST).cast_signed();
        }
        let weight = (f64::from(idf) * self.damped[LARGEST_COUNT.min(count as usize)]).round();
        weight.min(f64::from(MOST)) as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gram_is_found_by_its_number_and_no_other() {
        let grams = [Gram::One(3), Gram::Two(3, 3), Gram::Two(3, 4), Gram::Named(3), Gram::Length(2)];
        let vocabulary = Vocabulary::new(grams.map(|g| (g, 64))).unwrap();
        for (index, gram) in grams.into_iter().enumerate() {
            assert_eq!(vocabulary.get(gram), Some(index as u32));
        }
        for gram in [Gram::One(2), Gram::One(9), Gram::Two(4, 3), Gram::Named(0), Gram::Length(1), Gram::Length(9)] {
            assert_eq!(vocabulary.get(gram), None, "{gram:?}");
        }
        assert!(Vocabulary::new([(Gram::One(1), 1), (Gram::One(1), 2)]).is_none());
    }

    #[test]
    fn counts_are_damped_and_held_within_bounds() {
        let vocabulary = Vocabulary::new([(Gram::One(0), 64), (Gram::One(1), u16::MAX)]).unwrap();
        assert_eq!([1, 2, 64, 9999].map(|n| vocabulary.weight(0, n)), [64, 108, 330, 330]);
        assert_eq!(vocabulary.weight(1, 3), i16::MAX);
    }
}

//! Seeded ways to hide words from a filter. For tests and evaluation only: nothing here takes part in scoring.
//!
//! Each is done to every word of four letters or more; shorter words and links stay.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::linear::SplitMix;
use crate::text::looks_like_link;

/// A way to disguise words that a reader still recognises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// `c0bl0s`: a digit for one or more letters that have one.
    Digits,
    /// `cоblоs` with Cyrillic letters.
    Homoglyphs,
    /// Zero-width characters between letters.
    ZeroWidth,
    /// `ｃｏｂｌｏｓ`.
    FullWidth,
    /// `c.o.b.l.o.s`.
    Spaced,
    /// `cobloooos`.
    Stretched,
    /// `c*blos`: a star for one vowel inside.
    Stars,
    /// `cóblós`: marks over the vowels.
    Accents,
    /// `co-blos`: one hyphen inside.
    Hyphens,
}

impl FromStr for Attack {
    type Err = Error;

    /// Reads one of [`Attack::NAMES`].
    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|attack| attack.name() == name);
        found.ok_or_else(|| Error::new("no such attack").remedy(format!("one of {}", Self::NAMES.join(", "))))
    }
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Digits, Self::Homoglyphs, Self::ZeroWidth, Self::FullWidth, Self::Spaced, Self::Stretched, Self::Stars, Self::Accents, Self::Hyphens];

    /// The words by which the command line knows them.
    pub(crate) const NAMES: [&str; Self::ALL.len()] =
        ["digits", "homoglyphs", "zero-width", "full-width", "spaced", "stretched", "stars", "accents", "hyphens"];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Disguises every word of four letters or more. The same text and seed give the same result.
    pub fn apply(self, text: &str, seed: u64) -> String {
        let mut random = SplitMix(seed ^ (self as u64) << 32);
        let mut out = String::with_capacity(2 * text.len());
        for chunk in text.split_inclusive(char::is_whitespace) {
            let word: Vec<char> = chunk.trim().chars().collect();
            if looks_like_link(word.strip_suffix(&[',']).unwrap_or(&word)) {
                out.push_str(chunk);
                continue;
            }
            let chars: Vec<char> = chunk.chars().collect();
            let mut i = 0;
            while i < chars.len() {
                let end = (i..chars.len()).find(|&k| !chars[k].is_alphabetic()).unwrap_or(chars.len());
                if end - i >= 4 {
                    self.disguise(&chars[i..end], &mut random, &mut out);
                } else {
                    out.extend(&chars[i..end]);
                }
                out.extend(chars.get(end));
                i = end + 1;
            }
        }
        out
    }

    fn disguise(self, word: &[char], random: &mut SplitMix, out: &mut String) {
        match self {
            Self::Digits => {
                let digit = |c: char| {
                    "a4e3i1o0s5t7g9b8".chars().zip("4e3i1o0s5t7g9b8 ".chars()).step_by(2).find(|&(from, _)| from == c.to_ascii_lowercase()).map(|(_, to)| to)
                };
                let can: Vec<usize> = (0..word.len()).filter(|&k| digit(word[k]).is_some()).collect();
                // One certain place, each other with an even chance.
                let certain = if can.is_empty() { usize::MAX } else { can[random.below(can.len())] };
                out.extend(word.iter().enumerate().map(|(k, &c)| digit(c).filter(|_| k == certain || random.below(2) == 0).unwrap_or(c)));
            }
            Self::Homoglyphs => {
                let other = |c: char| {
                    "aаeеoоpрcсxхiіAАEЕOОPРCСTТHНKКMМ"
                        .chars()
                        .zip("аeеoоpрcсxхiіAАEЕOОPРCСTТHНKКMМ ".chars())
                        .step_by(2)
                        .find(|&(from, _)| from == c)
                        .map(|(_, to)| to)
                };
                out.extend(word.iter().map(|&c| other(c).unwrap_or(c)));
            }
            Self::ZeroWidth => {
                for &c in word {
                    out.push(c);
                    out.push(['\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}'][random.below(4)]);
                }
            }
            Self::FullWidth => out.extend(word.iter().map(|&c| if c.is_ascii() { char::from_u32(c as u32 + 0xFEE0).unwrap_or(c) } else { c })),
            Self::Spaced => {
                for (k, &c) in word.iter().enumerate() {
                    if k > 0 {
                        out.push('.');
                    }
                    out.push(c);
                }
            }
            Self::Stretched => {
                let long = random.below(word.len());
                let times = 3 + random.below(4);
                out.extend(word.iter().enumerate().flat_map(|(k, &c)| std::iter::repeat_n(c, if k == long { times } else { 1 })));
            }
            Self::Stars => {
                let vowels: Vec<usize> = (1..word.len() - 1).filter(|&k| is_vowel(word[k])).collect();
                let hidden = if vowels.is_empty() { 1 } else { vowels[random.below(vowels.len())] };
                out.extend(word.iter().enumerate().map(|(k, &c)| if k == hidden { '*' } else { c }));
            }
            Self::Accents => {
                for &c in word {
                    out.push(c);
                    if is_vowel(c) {
                        out.push(['\u{301}', '\u{300}', '\u{308}', '\u{323}'][random.below(4)]);
                    }
                }
            }
            Self::Hyphens => {
                let at = 2 + random.below(word.len() - 3);
                out.extend(word[..at].iter().chain(&['-']).chain(&word[at..]));
            }
        }
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attack_changes_long_words_only() {
        for attack in Attack::ALL {
            let text = attack.apply("ayo ke TPS, coblos pasangan https://coblos.example/a", 1);
            assert!(text.starts_with("ayo ke TPS, ") && text.ends_with(" https://coblos.example/a"), "{text}");
            assert!(!text.contains(" pasangan "), "{attack:?}: {text}");
            assert_eq!(text, attack.apply("ayo ke TPS, coblos pasangan https://coblos.example/a", 1));
        }
        assert_eq!(Attack::Spaced.apply("coblos!", 0), "c.o.b.l.o.s!");
    }
}

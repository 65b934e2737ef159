//! The model artefact: everything needed to read a text and score it, in one text file.
//!
//! ```text
//! netral-model 1
//! {"name":…,"recipe":{…},"heads":[…],"grid":0.01,"bias":[…],"calibration":{…},…}
//! words 5012            then one known word a line, ascending, with the number of rows that it stands in
//! tokenizer 8123        then the lines of tokenizer.json, as Hugging Face tools read it
//! features 31873        then feature, idf and one weight per head, tab-separated, ascending; no weight is written for zero
//! end 4f0c…             SHA-256 of everything above
//! ```
//!
//! The reader refuses every truncation and every edit. The binary embeds the default artefact in its [compact form](crate::compact).

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::calibrate::{Bands, Calibration};
use crate::corpus::{CONTEXTS, LANGS, SIGNALS};
use crate::encode::{Encoder, gram_name, parse_gram};
use crate::error::{Error, Result};
use crate::linear::LinearModel;
use crate::mark::Marker;
use crate::pack::{Packs, hex};
use crate::subword::Subwords;
use crate::text::Dictionary;
use crate::vocabulary::{Gram, IDF_GRID, Vocabulary};

/// A trained model: reading rules, weights, calibration and thresholds. Cheap to clone.
#[derive(Clone)]
pub struct Model {
    pub(crate) parts: Arc<Parts>,
}

/// What [`Model`] holds.
pub(crate) struct Parts {
    pub(crate) header: Header,
    pub(crate) words: Arc<Dictionary>,
    pub(crate) subwords: Subwords,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) linear: LinearModel,
    /// SHA-256 of the text form.
    pub(crate) hash: String,
}

impl Parts {
    /// The known words, ascending, with the number of rows that each stands in.
    pub(crate) fn words_in_order(&self) -> Vec<(&str, u32)> {
        let mut words: Vec<(&str, u32)> = self.words.iter().map(|(word, rows)| (&**word, *rows)).collect();
        words.sort_unstable();
        words
    }
}

/// The choices that make an artefact out of a corpus. A recipe is a TOML file; every field has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Name of the model.
    pub name: String,
    /// Seed of the names that fill slots.
    pub seed: u64,
    /// Size of the subword vocabulary.
    pub tokens: usize,
    /// A word is known (and confirms a repaired spelling) when it stands in at least so many rows.
    pub word_rows: usize,
    /// A feature of one token is kept when it stands in at least so many rows.
    pub feature_rows: usize,
    /// The same for a pair of tokens.
    pub pair_rows: usize,
    /// Power of the inverse document frequency that a feature's count is weighed with: above 1, frequent grams are held back more.
    pub idf_power: f64,
    /// Weight of the length class beside those of words.
    pub length: f64,
    /// Loss weight of the logistic regression for the partisan head.
    pub c: f64,
    /// The same for signals, contexts and languages.
    pub c_other: f64,
    /// Share of the weight of a row with slots that goes to its reading with invented names.
    pub invented: f64,
    /// Folds of the cross-validation that sets calibration and thresholds.
    pub folds: usize,
    /// Step of the weight grid.
    pub grid: f64,
    /// Weights nearer to 0 than this, in log-odds, are set to 0.
    pub least_weight: f64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            name: "netral".into(),
            seed: 1,
            tokens: 7000,
            word_rows: 2,
            feature_rows: 11,
            pair_rows: 5,
            idf_power: 2.0,
            length: 3.0,
            c: 1.5,
            c_other: 2.0,
            invented: 0.1,
            folds: 5,
            grid: 0.02,
            least_weight: 0.25,
        }
    }
}

impl Recipe {
    /// Reads a TOML recipe.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML or has an unknown field.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        toml::from_str(&text).map_err(|e| Error::new(format!("not a recipe: {}", e.message())).at(path).remedy("see models/netral.toml for the fields"))
    }

    /// What of it has a part in reading texts: two recipes with the same read them alike.
    pub(crate) fn reading(&self) -> Self {
        Self { name: String::new(), c: 0.0, c_other: 0.0, grid: 0.0, least_weight: 0.0, ..self.clone() }
    }
}

/// The second line of an artefact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) recipe: Recipe,
    /// The hash of the model that this one was adapted from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<String>,
    pub(crate) corpus_sha256: String,
    pub(crate) rows: usize,
    pub(crate) heads: Vec<String>,
    pub(crate) grid: f64,
    /// Step of the idf column.
    pub(crate) idf_grid: f64,
    pub(crate) bias: Vec<i32>,
    pub(crate) calibration: Calibration,
    pub(crate) bands: Bands,
    pub(crate) signals: Vec<Calibration>,
    /// Margins from which a signal fires.
    pub(crate) fire: Vec<f64>,
    pub(crate) context_sharpness: f64,
    pub(crate) lang_sharpness: f64,
}

const MAGIC: &str = "netral-model 1";
/// No artefact is larger, so a file that claims to be is refused before it fills the memory.
const LARGEST: u64 = 256 << 20;

impl Header {
    pub(crate) fn has_these_heads(&self) -> bool {
        self.heads.iter().cloned().eq(heads()) && self.bias.len() == self.heads.len() && [self.signals.len(), self.fire.len()] == [SIGNALS.len(); 2]
    }
}

/// The names of all heads: `partisan`, then signals, contexts and languages.
pub(crate) fn heads() -> impl Iterator<Item = String> {
    let named = |kind: &'static str, list: &'static [&'static str]| list.iter().map(move |n| format!("{kind}:{n}"));
    std::iter::once("partisan".to_owned()).chain(named("signal", &SIGNALS)).chain(named("context", &CONTEXTS)).chain(named("lang", &LANGS))
}

/// Ranges of the heads of each kind.
pub(crate) const SIGNAL_HEADS: std::ops::Range<usize> = 1..1 + SIGNALS.len();
pub(crate) const CONTEXT_HEADS: std::ops::Range<usize> = SIGNAL_HEADS.end..SIGNAL_HEADS.end + CONTEXTS.len();
pub(crate) const LANG_HEADS: std::ops::Range<usize> = CONTEXT_HEADS.end..CONTEXT_HEADS.end + LANGS.len();

impl Model {
    /// Reads an artefact in its text form.
    ///
    /// # Errors
    /// The file cannot be read, or is not an artefact exactly as `train` wrote it; the error names the line.
    pub fn read(path: &Path) -> Result<Self> {
        let file = std::fs::File::open(path).map_err(|e| Error::io(path, e))?;
        let mut bytes = Vec::new();
        file.take(LARGEST).read_to_end(&mut bytes).map_err(|e| Error::io(path, e))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::new("not a netral model: not UTF-8").at(path).remedy("name a .model file that `netral train` wrote"))?;
        Self::parse(&text).map_err(|e| e.at(path).remedy("get the file again or re-make it with `netral train`"))
    }

    /// Name and content hash, as scores report them.
    pub fn name(&self) -> (&str, &str) {
        (&self.parts.header.recipe.name, &self.parts.hash[..12])
    }

    /// Reads an artefact from its text form in memory, as [`Model::to_text`] gives it.
    ///
    /// # Errors
    /// It is not an artefact exactly as `train` wrote it; the error names the line.
    pub fn parse(text: &str) -> Result<Self> {
        let fault = |line: usize, reason: &str| Error::new(format!("not a sound netral model: {reason}")).line(line as u64);
        let body_end = text.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
        let trailer = text[body_end..].strip_suffix('\n').unwrap_or("");
        let lines: Vec<&str> = text[..body_end].lines().collect();
        if lines.first() != Some(&MAGIC) {
            return Err(fault(1, "the first line is not the one of this version"));
        }
        let hash = hex(&Sha256::digest(&text.as_bytes()[..body_end]));
        if trailer != format!("end {hash}") {
            return Err(fault(lines.len() + 1, "it was cut short or changed, the checksum at its end does not hold"));
        }
        let header: Header = serde_json::from_str(lines.get(1).unwrap_or(&"")).map_err(|e| fault(2, &e.to_string()))?;
        if header.idf_grid != IDF_GRID {
            return Err(fault(2, "its idf grid is not the one of this version"));
        }
        if !header.has_these_heads() {
            return Err(fault(2, "its heads are not those of this version"));
        }
        let mut at = 2;
        let mut section = |name: &str| -> Result<std::ops::Range<usize>> {
            let count = lines.get(at).and_then(|l| l.strip_prefix(name)).and_then(|n| n.trim().parse::<usize>().ok());
            let count = count.filter(|n| at + 1 + n <= lines.len()).ok_or_else(|| fault(at + 1, &format!("no section `{name}` here")))?;
            let range = at + 1..at + 1 + count;
            at = range.end;
            Ok(range)
        };
        let (words, tokenizer, features) = (section("words")?, section("tokenizer")?, section("features")?);
        if at != lines.len() {
            return Err(fault(at + 1, "something follows the last section"));
        }
        let word = |n: usize| {
            let (word, rows) = lines[n].split_once('\t').ok_or_else(|| fault(n + 1, "a word without its count"))?;
            Ok((word.into(), rows.parse().map_err(|_| fault(n + 1, "a count is no whole number"))?))
        };
        let words: Dictionary = words.map(word).collect::<Result<_>>()?;
        let start = tokenizer.start;
        let subwords = Subwords::parse(&lines[tokenizer].join("\n")).map_err(|e| fault(start + 1, &e.to_string()))?;
        let heads = header.heads.len();
        let mut known: Vec<((Gram, u16), Vec<i16>)> = Vec::with_capacity(features.len());
        for n in features.clone() {
            let mut cells = lines[n].split('\t');
            let gram = cells.next().and_then(|name| parse_gram(name, &subwords)).ok_or_else(|| fault(n + 1, "an unknown feature"))?;
            let idf: u16 = cells.next().and_then(|c| c.parse().ok()).ok_or_else(|| fault(n + 1, "no idf"))?;
            let weight = |cell: &str| if cell.is_empty() { Ok(0) } else { cell.parse().map_err(|_| fault(n + 1, "a weight is no whole number")) };
            let row = cells.map(weight).collect::<Result<Vec<i16>>>()?;
            if row.len() > heads {
                return Err(fault(n + 1, "too many weights"));
            }
            known.push(((gram, idf), row));
        }
        // Frequent features first: their rows lie side by side, so that few pages of memory serve most posts.
        known.sort_by_key(|&((_, idf), _)| idf);
        let (grams, rows): (Vec<_>, Vec<_>) = known.into_iter().unzip();
        let vocabulary = Vocabulary::new(grams).ok_or_else(|| fault(features.start, "a feature stands in it twice"))?;
        let linear = LinearModel::new(header.grid, header.bias.clone(), rows);
        Ok(Self { parts: Arc::new(Parts { header, words: Arc::new(words), subwords, vocabulary, linear, hash }) })
    }

    /// The text form, byte for byte what [`Model::read`] accepts.
    ///
    /// # Panics
    /// Never: a header in memory can be written.
    pub fn to_text(&self) -> String {
        let Parts { header, subwords, vocabulary, linear, .. } = &*self.parts;
        let words = self.parts.words_in_order();
        let mut out = format!("{MAGIC}\n{}\n", serde_json::to_string(header).expect("a header can be written"));
        let _ = writeln!(out, "words {}", words.len());
        for (word, rows) in words {
            let _ = writeln!(out, "{word}\t{rows}");
        }
        let json = subwords.json();
        let _ = writeln!(out, "tokenizer {}\n{json}", json.lines().count());
        let mut names: Vec<(String, u16, u32)> = vocabulary.features().zip(0..).map(|((gram, idf), index)| (gram_name(gram, subwords), idf, index)).collect();
        names.sort_unstable();
        let _ = writeln!(out, "features {}", names.len());
        for (name, idf, index) in names {
            let _ = write!(out, "{name}\t{idf}");
            for &weight in linear.written(index) {
                out.push('\t');
                if weight != 0 {
                    let _ = write!(out, "{weight}");
                }
            }
            out.push('\n');
        }
        let hash = hex(&Sha256::digest(out.as_bytes()));
        let _ = writeln!(out, "end {hash}");
        out
    }

    pub(crate) fn encoder(&self, packs: &Packs) -> Encoder {
        self.encoder_with(Marker::new(packs))
    }

    pub(crate) fn encoder_with(&self, marker: Marker) -> Encoder {
        Encoder::new(Arc::clone(&self.parts.words), marker, self.parts.subwords.clone())
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("name", &self.name()).field("features", &self.parts.vocabulary.len()).finish()
    }
}

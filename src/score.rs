//! From a post to a score with its reasons.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use crate::calibrate::softmax;
use crate::corpus::{CONTEXTS, LANGS, SIGNALS};
use crate::encode::{Encoder, Encoding, Feature, Scratch};
use crate::error::{Error, Result};
use crate::model::{CONTEXT_HEADS, LANG_HEADS, Model, SIGNAL_HEADS};
use crate::pack::{PackName, Packs};
use crate::post::{Activity, Post};
use crate::text::harmless;
use crate::token::Unit;

/// Scores posts with one model and a set of packs. Immutable and shared freely among threads.
///
/// ```
/// use netral::{Band, Model, Packs, Post, Scorer};
///
/// let scorer = Scorer::new(Model::default(), Packs::national());
/// let score = scorer.score(&Post::new("Jangan lupa hari Rabu coblos paslon nomor 2, menangkan Bu Melati!"));
/// assert!(matches!(score.band, Band::Likely | Band::Review));
/// let reminder = scorer.score(&Post::new("ASN wajib netral: dilarang mengunggah, menyukai, atau membagikan konten paslon mana pun."));
/// assert_eq!(reminder.band, Band::Unlikely);
/// ```
pub struct Scorer {
    model: Model,
    encoder: Encoder,
    about: About,
    base_rate: Option<f64>,
}

/// What every score of one scorer has in common.
#[derive(Clone, Debug)]
struct About {
    model: Arc<ModelName>,
    packs: Arc<[PackName]>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ModelName {
    name: String,
    hash: String,
}

/// Whether a post could be scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Scored.
    Ok,
    /// No text.
    Empty,
    /// Fewer than two known features, or another language than the model's.
    NoEvidence,
    /// The row could not be read.
    Error,
}

/// What to do with a post. Set on held-out rows: see the model catalogue for the precision that each implies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Nothing to go by.
    NoEvidence,
    /// Below the review threshold.
    Unlikely,
    /// Deserves a human look.
    Review,
    /// Deserves it first: few posts that are not partisan reach this.
    Likely,
}

/// The result for one post: probabilities, reasons, and what is missing. It is not a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Whether the post could be scored.
    pub status: Status,
    /// Why not, where it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The line of the feed, for a row that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Calibrated probability that the post is partisan.
    pub partisan: Option<f64>,
    /// What to do with it.
    pub band: Band,
    /// Probability of each signal.
    #[serde(serialize_with = "named")]
    pub signals: Vec<(&'static str, f64)>,
    /// The signals at or above their thresholds, where the band is `review` or `likely`.
    pub fired: Vec<&'static str>,
    /// Probability of each context.
    #[serde(serialize_with = "named")]
    pub context: Vec<(&'static str, f64)>,
    /// `id`, `en`, `mixed` or `other`.
    pub lang: Option<&'static str>,
    /// What the source said was done.
    pub activity: Activity,
    /// The strongest reasons for and against, and one for each fired signal.
    pub evidence: Vec<Evidence>,
    /// What context, were it known, could change the reading.
    pub missing: Vec<&'static str>,
    /// References worth checking.
    pub rules: Vec<String>,
    #[serde(serialize_with = "shared")]
    model: Arc<ModelName>,
    #[serde(serialize_with = "shared")]
    packs: Arc<[PackName]>,
}

/// A stretch of the original text and what it adds to a margin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// First character, counted in Unicode scalar values of the original text.
    pub start: usize,
    /// The character after the last.
    pub end: usize,
    /// The stretch itself, a quotation of the post.
    pub text: String,
    /// What it adds to the margin of `head`, in log-odds before calibration.
    pub push: f64,
    /// `partisan` or a signal.
    pub head: &'static str,
}

/// How a score came about, to the last push: `bias` + all of `evidence` = `margin`.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The text after folding.
    pub folded: String,
    /// The text as the model reads it, with markers in place of names.
    pub marked: String,
    /// The subword tokens.
    pub tokens: Vec<String>,
    /// Tokens and pairs of tokens that the model knows, with what each adds to the partisan margin.
    pub features: Vec<(String, f64)>,
    /// The margin of a text of this length that says nothing.
    pub bias: f64,
    /// One entry for each word or sign with a push, in the order of the text.
    pub evidence: Vec<Evidence>,
    /// The partisan margin.
    pub margin: f64,
    /// The margins from which posts are `review` and `likely`.
    pub thresholds: (f64, f64),
    /// The score itself.
    pub score: Score,
}

/// Known features that a post needs before it gets a probability.
const LEAST_FEATURES: usize = 2;
/// A post is of another language only where its head is this sure.
const OTHER_LANGUAGE: f64 = 0.9;
/// Reasons shown for and against.
const SHOWN: (usize, usize) = (5, 3);

fn named<S: Serializer>(list: &[(&'static str, f64)], to: S) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(list.iter().map(|(name, p)| (name, four(*p))))
}

fn shared<S: Serializer, T: Serialize + ?Sized>(value: &Arc<T>, to: S) -> std::result::Result<S::Ok, S::Error> {
    value.as_ref().serialize(to)
}

/// Four decimals, to keep outputs short.
fn four(p: f64) -> f64 {
    (p * 1e4).round() / 1e4
}

impl Scorer {
    /// Builds the engine: compiles the packs into the encoder. Takes some milliseconds.
    #[expect(clippy::needless_pass_by_value, reason = "the engine is made of them; a caller who keeps them clones, which is cheap")]
    pub fn new(model: Model, packs: Packs) -> Self {
        let (name, hash) = model.name();
        let about = About { model: Arc::new(ModelName { name: name.to_owned(), hash: hash.to_owned() }), packs: packs.names().into() };
        let encoder = model.encoder(&packs);
        Self { model, encoder, about, base_rate: None }
    }

    /// Shifts probabilities to a feed in which a share `rate` of all posts is partisan. Bands stay where they are.
    ///
    /// # Errors
    /// `rate` is not between 0 and 1.
    pub fn with_base_rate(mut self, rate: f64) -> Result<Self> {
        if !(rate > 0.0 && rate < 1.0) {
            return Err(Error::new(format!("a base rate of {rate} is not between 0 and 1")).remedy("one post in a hundred is 0.01"));
        }
        self.base_rate = Some(rate);
        Ok(self)
    }

    /// The share of partisan posts that probabilities assume.
    pub fn base_rate(&self) -> f64 {
        self.base_rate.unwrap_or(self.model.parts.header.calibration.prior)
    }

    /// Scores one post.
    pub fn score(&self, post: &Post) -> Score {
        self.score_with(post, &mut Scratch::default())
    }

    /// Scores posts on the caller's rayon pool; the results are in the order of the posts.
    pub fn score_batch(&self, posts: &[Post]) -> Vec<Score> {
        posts.par_iter().with_min_len(64).map_init(Scratch::default, |scratch, post| self.score_with(post, scratch)).collect()
    }

    /// The score of a row that could not be read.
    pub fn unreadable(&self, line: u64, reason: impl Into<String>) -> Score {
        Score { line: Some(line), reason: Some(reason.into()), ..self.blank(Status::Error, Activity::Unknown) }
    }

    /// Explains the partisan margin of a text completely.
    pub fn explain(&self, post: &Post) -> Explanation {
        let encoding = self.encoder.encode(&post.text, &mut Scratch::default());
        let features = encoding.features(&self.model.parts.vocabulary);
        let linear = &self.model.parts.linear;
        let names: BTreeMap<u32, String> =
            encoding.grams().filter_map(|(gram, _)| Some((*self.model.parts.vocabulary.index.get(&gram)?, self.encoder.name(gram)))).collect();
        let margin = linear.margins(features.iter().map(|f| (f.index, f.value)))[0];
        let pushes = self.pushes(&encoding, &features, 0);
        let bands = self.model.parts.header.bands;
        let length: f64 = features.iter().filter(|f| f.places.is_empty()).map(|f| linear.push(f.index, f.value, 0)).sum();
        Explanation {
            marked: Encoder::marked(&encoding.units),
            tokens: encoding.tokens.iter().map(|&(id, _)| self.encoder.token(id)).collect(),
            features: features.iter().map(|f| (names[&f.index].clone(), linear.push(f.index, f.value, 0))).collect(),
            bias: f64::from(linear.bias[0]) * linear.grid + length,
            evidence: pushes
                .iter()
                .enumerate()
                .filter(|(_, p)| **p != 0.0)
                .map(|(unit, &push)| evidence(&post.text, &encoding.units[unit], push, "partisan"))
                .collect(),
            margin,
            thresholds: (bands.review, bands.likely),
            score: self.score(post),
            folded: encoding.folded,
        }
    }

    /// Precision of the bands `review` and `likely` together, and of `likely` alone, on feeds with a given share of partisan posts, as held-out
    /// corpus rows imply it.
    pub fn precision(&self, prevalence: f64) -> (f64, f64) {
        let bands = &self.model.parts.header.bands;
        (bands.review_rates.precision(prevalence), bands.likely_rates.precision(prevalence))
    }

    fn blank(&self, status: Status, activity: Activity) -> Score {
        Score {
            status,
            reason: None,
            line: None,
            partisan: None,
            band: Band::NoEvidence,
            signals: Vec::new(),
            fired: Vec::new(),
            context: Vec::new(),
            lang: None,
            activity,
            evidence: Vec::new(),
            missing: Vec::new(),
            rules: Vec::new(),
            model: Arc::clone(&self.about.model),
            packs: Arc::clone(&self.about.packs),
        }
    }

    fn score_with(&self, post: &Post, scratch: &mut Scratch) -> Score {
        if post.text.trim().is_empty() {
            return self.blank(Status::Empty, post.activity);
        }
        let parts = &*self.model.parts;
        let encoding = self.encoder.encode(&post.text, scratch);
        let features = encoding.features(&parts.vocabulary);
        let margins = parts.linear.margins(features.iter().map(|f| (f.index, f.value)));
        let langs = softmax(&margins[LANG_HEADS], parts.header.lang_sharpness);
        let lang = (0..LANGS.len()).max_by(|&a, &b| langs[a].total_cmp(&langs[b])).unwrap_or(0);
        let foreign = LANGS[lang] == "other" && langs[lang] >= OTHER_LANGUAGE;
        if features.len() < LEAST_FEATURES || foreign {
            let lang = foreign.then_some(LANGS[lang]);
            return Score { lang, missing: missing(post), ..self.blank(Status::NoEvidence, post.activity) };
        }
        let bands = &parts.header.bands;
        let band = match margins[0] {
            m if m >= bands.likely => Band::Likely,
            m if m >= bands.review => Band::Review,
            _ => Band::Unlikely,
        };
        let signals: Vec<_> = SIGNAL_HEADS.map(|head| (SIGNALS[head - 1], parts.header.signals[head - 1].probability(margins[head], None))).collect();
        let fired: Vec<usize> =
            if band >= Band::Review { SIGNAL_HEADS.filter(|&head| margins[head] >= parts.header.fire[head - 1]).collect() } else { Vec::new() };
        let contexts = softmax(&margins[CONTEXT_HEADS], parts.header.context_sharpness);
        Score {
            partisan: Some(four(parts.header.calibration.probability(margins[0], self.base_rate))),
            band,
            signals,
            context: CONTEXTS.into_iter().zip(contexts).collect(),
            lang: Some(LANGS[lang]),
            evidence: self.evidence(post, &encoding, &features, &fired),
            fired: fired.into_iter().map(|head| SIGNALS[head - 1]).collect(),
            missing: missing(post),
            ..self.blank(Status::Ok, post.activity)
        }
    }

    /// What each unit adds to a head's margin. A feature's push is shared equally by its places, and a pair's by its two units;
    /// the length's belongs to none.
    fn pushes(&self, encoding: &Encoding, features: &[Feature], head: usize) -> Vec<f64> {
        let mut pushes = vec![0.0; encoding.units.len()];
        for feature in features {
            let push = self.model.parts.linear.push(feature.index, feature.value, head) / feature.places.len() as f64;
            for &(first, last) in &feature.places {
                pushes[first] += push / 2.0;
                pushes[last] += push / 2.0;
            }
        }
        pushes
    }

    fn evidence(&self, post: &Post, encoding: &Encoding, features: &[Feature], fired: &[usize]) -> Vec<Evidence> {
        let ranked = |head: usize, sign: f64, most: usize| -> Vec<(usize, f64)> {
            let mut list: Vec<(usize, f64)> = self.pushes(encoding, features, head).into_iter().enumerate().filter(|(_, p)| p * sign > 0.005).collect();
            list.sort_by(|a, b| (b.1 * sign).total_cmp(&(a.1 * sign)).then(a.0.cmp(&b.0)));
            list.truncate(most);
            list
        };
        let mut out = Vec::new();
        for (head, sign, most) in [(0, 1.0, SHOWN.0), (0, -1.0, SHOWN.1)].into_iter().chain(fired.iter().map(|&head| (head, 1.0, 1))) {
            let name = if head == 0 { "partisan" } else { SIGNALS[head - 1] };
            out.extend(ranked(head, sign, most).into_iter().map(|(unit, push)| evidence(&post.text, &encoding.units[unit], four(push), name)));
        }
        out
    }
}

fn evidence(text: &str, unit: &Unit, push: f64, head: &'static str) -> Evidence {
    let quote = &text[unit.span.clone()];
    let start = text[..unit.span.start].chars().count();
    Evidence { start, end: start + quote.chars().count(), text: quote.to_owned(), push, head }
}

/// What a reader would want to know before judging, and the source did not tell.
fn missing(post: &Post) -> Vec<&'static str> {
    let answers = matches!(post.activity, Activity::Comment | Activity::Reply | Activity::Quote)
        || post.activity == Activity::Unknown && post.text.trim_start().starts_with('@');
    let mut out = Vec::new();
    if post.activity == Activity::Unknown {
        out.push("activity");
    }
    if answers && post.parent.is_none() {
        out.push("parent");
    }
    out.extend(["role", "capacity", "phase"]);
    out
}

impl std::fmt::Display for Explanation {
    /// For a reader at a terminal; text of the post is made harmless.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let score = &self.score;
        let shown = |p: f64| format!("{p:.2}");
        writeln!(f, "folded    {}", harmless(&self.folded))?;
        writeln!(f, "read as   {}", harmless(&self.marked))?;
        writeln!(f, "tokens    {}", harmless(&self.tokens.join(" ")))?;
        writeln!(f, "\nwhat each word adds to the margin (its known tokens and pairs, log-odds before calibration):")?;
        let mut ranked: Vec<&Evidence> = self.evidence.iter().collect();
        ranked.sort_by(|a, b| b.push.total_cmp(&a.push));
        for e in ranked {
            writeln!(f, "  {:+.4}  {:>4}–{:<4} {}", e.push, e.start, e.end, harmless(&e.text))?;
        }
        writeln!(f, "  {:+.4}  where a text of this length starts", self.bias)?;
        writeln!(f, "  {:+.4}  margin; {:+.4} is `review`, {:+.4} is `likely`", self.margin, self.thresholds.0, self.thresholds.1)?;
        let mut features = self.features.clone();
        features.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let list: Vec<String> = features.iter().take(12).map(|(name, push)| format!("[{}] {push:+.2}", harmless(name))).collect();
        writeln!(f, "\nstrongest of {} known tokens and pairs: {}", features.len(), list.join("  "))?;
        let band = serde_json::to_value(score.band).unwrap_or_default();
        let p = score.partisan.map_or_else(|| "none".to_owned(), shown);
        writeln!(f, "\nprobability {p}, band {}, language {}", band.as_str().unwrap_or_default(), score.lang.unwrap_or("unknown"))?;
        let list = |values: &[(&str, f64)]| {
            let mut values = values.to_vec();
            values.sort_by(|a, b| b.1.total_cmp(&a.1));
            values.iter().map(|(name, p)| format!("{name} {p:.2}")).collect::<Vec<_>>().join("  ")
        };
        if !score.signals.is_empty() {
            writeln!(f, "signals   {}", list(&score.signals))?;
            writeln!(f, "fired     {}", if score.fired.is_empty() { "none".to_owned() } else { score.fired.join(" ") })?;
            writeln!(f, "context   {}", list(&score.context))?;
        }
        writeln!(f, "unknown   {} (what could change the reading)", score.missing.join(", "))?;
        write!(f, "A score is a reason to look, not a finding / bukan putusan.")
    }
}

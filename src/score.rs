//! From a post to a score with its reasons.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use crate::calibrate::{Rates, softmax};
use crate::corpus::{CONTEXTS, LANGS, SIGNALS};
use crate::encode::{Encoder, Encoding, Occurrence, Scratch};
use crate::error::{Error, Result};
use crate::link::{Link, LinkKind, links};
use crate::mark::{Marker, Unit};
use crate::model::{CONTEXT_HEADS, LANG_HEADS, Model, Parts, SIGNAL_HEADS};
use crate::pack::{Calendar, PackName, Packs};
use crate::post::{Activity, Post};
use crate::rule::{Known, Reference, Rules};
use crate::text::{harmless, word};
use crate::token::Kind;

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
    about: Arc<About>,
    calendar: Calendar,
    rules: Rules,
    base_rate: Option<f64>,
    plain: bool,
    brief: bool,
    /// Memories of threads that are not scoring just now.
    idle: Mutex<Vec<Scratch>>,
}

/// What every score of one scorer has in common.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct About {
    pub(crate) model: ModelName,
    pub(crate) packs: Vec<PackName>,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct ModelName {
    pub(crate) name: String,
    pub(crate) hash: String,
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
    /// Why not, where it could not; in a queue of posts to label, why it was chosen.
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
    /// `parent` where nothing but somebody else's words was passed on, and those were scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scored: Option<&'static str>,
    /// The score of the post that was liked, reacted to or quoted, which is not the score of this act.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "parent")]
    pub parent: Option<Box<Score>>,
    /// Links to campaigns, into chat groups and to collections of money.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The strongest reasons for and against, and one for each fired signal, where the band is `review` or `likely`. [`Scorer::explain`]
    /// gives them for any post.
    pub evidence: Vec<Evidence>,
    /// What context, were it known, could change the reading.
    pub missing: Vec<&'static str>,
    /// References worth checking.
    pub rules: Vec<Reference>,
    #[serde(flatten, serialize_with = "shared")]
    pub(crate) about: Arc<About>,
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
/// Posts that a thread takes at a time.
const SHARE: usize = 256;
/// Reasons shown for and against.
const SHOWN: (usize, usize) = (5, 3);

fn named<S: Serializer>(list: &[(&'static str, f64)], to: S) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(list.iter().map(|(name, p)| (name, four(*p))))
}

/// Of another post's score what a reader of this one needs.
#[expect(clippy::ref_option, reason = "serde asks for it")]
fn parent<S: Serializer>(score: &Option<Box<Score>>, to: S) -> std::result::Result<S::Ok, S::Error> {
    score.as_deref().map(Score::outline).serialize(to)
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
        let marker = Marker::new(&packs);
        Self::with_marker(model, &packs, marker)
    }

    /// The engine of a model in a file, or of the shipped one, and of [`Packs::named`]. Both are read side by side on the caller's rayon pool, which
    /// is the quickest start.
    ///
    /// # Errors
    /// As [`Model::read`] and [`Packs::named`].
    pub fn load(model: Option<&Path>, packs: &[impl AsRef<Path> + Sync]) -> Result<Self> {
        let model = || model.map_or_else(|| Ok(Model::default()), Model::read);
        let packs = || Packs::named(packs).map(|packs| (Marker::new(&packs), packs));
        let (model, packs) = rayon::join(model, packs);
        let (marker, packs) = packs?;
        Ok(Self::with_marker(model?, &packs, marker))
    }

    fn with_marker(model: Model, packs: &Packs, marker: Marker) -> Self {
        let (name, hash) = model.name();
        let about = Arc::new(About { model: ModelName { name: name.to_owned(), hash: hash.to_owned() }, packs: packs.names() });
        let encoder = model.encoder_with(marker);
        let (calendar, rules) = (packs.calendar(), Rules::default());
        Self { model, encoder, about, calendar, rules, base_rate: None, plain: false, brief: false, idle: Mutex::default() }
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

    /// Names the references worth checking beside flagged posts. Each of `files` is a rule file or the name of a shipped one, such as `id-skb-2022`.
    ///
    /// # Errors
    /// A file cannot be read, is not TOML of this shape, or contradicts itself.
    pub fn with_rules(mut self, files: &[impl AsRef<Path>]) -> Result<Self> {
        self.rules = Rules::read(files)?;
        Ok(self)
    }

    /// The share of partisan posts that probabilities assume.
    pub fn base_rate(&self) -> f64 {
        self.base_rate.unwrap_or(self.model.parts.header.calibration.prior)
    }

    /// Reads posts with the plain encoder, the definition of what the compiled one does: the same scores, many times slower.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// Leaves out the evidence: for statistics over many posts.
    #[must_use]
    pub fn without_evidence(mut self) -> Self {
        self.brief = true;
        self
    }

    /// Scores one post.
    pub fn score(&self, post: &Post) -> Score {
        self.with_scratch(|scratch| self.score_with(post, scratch))
    }

    /// Scores posts on the caller's rayon pool; the results are in the order of the posts.
    pub fn score_batch(&self, posts: &[Post]) -> Vec<Score> {
        let parts = posts
            .par_chunks(SHARE)
            .flat_map_iter(|part| self.with_scratch(|scratch| part.iter().map(|post| self.score_with(post, scratch)).collect::<Vec<_>>()));
        parts.collect()
    }

    /// The probabilities at the thresholds of `review` and `likely`.
    pub(crate) fn thresholds(&self) -> (f64, f64) {
        let header = &self.model.parts.header;
        let probability = |margin: f64| header.calibration.probability(margin, self.base_rate);
        (probability(header.bands.review), probability(header.bands.likely))
    }

    /// The stretches of a text that a marker stands for.
    pub(crate) fn marked<'a>(&self, text: &'a str) -> Vec<&'a str> {
        self.with_scratch(|scratch| {
            self.encoder.encode(text, scratch);
            let markers = scratch.encoding.units.iter().filter(|unit| unit.kind == Kind::Marker);
            markers.filter_map(|unit| text.get(unit.start as usize..unit.end as usize)).collect()
        })
    }

    /// Lends the memory of an earlier call: what a thread has read before, it reads faster.
    pub(crate) fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let result = work(&mut scratch);
        idle().push(scratch);
        result
    }

    /// The score of a row that could not be read.
    pub fn unreadable(&self, line: u64, reason: impl Into<String>) -> Score {
        Score { line: Some(line), reason: Some(reason.into()), ..self.blank(Status::Error, Activity::Unknown) }
    }

    /// Explains the partisan margin of a text completely.
    pub fn explain(&self, post: &Post) -> Explanation {
        let mut scratch = Scratch::default();
        self.encoder.encode_plain(post.words(), &mut scratch);
        let Parts { linear, vocabulary, header, .. } = &*self.model.parts;
        scratch.bag.fill(&scratch.encoding, vocabulary);
        let (encoding, norm) = (&scratch.encoding, scratch.bag.norm);
        let occurrences = encoding.occurrences(vocabulary);
        let features: Vec<(u32, f64, bool)> =
            self.features(&occurrences, norm, 0).map(|(list, push)| (list[0].feature, push, list[0].units.is_none())).collect();
        let pushes = self.pushes(encoding, &occurrences, norm, 0);
        let length: f64 = features.iter().filter(|f| f.2).map(|f| f.1).sum();
        let name = |feature: u32| self.encoder.name(vocabulary.gram(feature));
        let spans = encoding.units.iter().zip(&pushes).filter(|(_, push)| **push != 0.0);
        Explanation {
            folded: self.encoder.folded(post.words()),
            marked: scratch.readings().join(" "),
            tokens: encoding.tokens.iter().map(|&(id, _)| self.encoder.token(id).to_owned()).collect(),
            features: features.iter().map(|&(feature, push, _)| (name(feature), push)).collect(),
            bias: f64::from(linear.bias[0]) * linear.grid + length,
            evidence: spans.map(|(unit, &push)| evidence(post.words(), unit, push, "partisan")).collect(),
            margin: linear.margins(&scratch.bag.features, norm)[0],
            thresholds: (header.bands.review, header.bands.likely),
            score: self.score(post),
        }
    }

    /// Precision of the bands `review` and `likely` together, and of `likely` alone, on feeds with a given share of partisan posts, as held-out
    /// corpus rows imply it.
    pub fn precision(&self, prevalence: f64) -> (f64, f64) {
        let bands = &self.model.parts.header.bands;
        (bands.review_rates.precision(prevalence), bands.likely_rates.precision(prevalence))
    }

    /// Recall and false-alarm rate of `review` or above and of `likely`, on held-out corpus rows.
    pub(crate) fn rates(&self) -> [Rates; 2] {
        let bands = &self.model.parts.header.bands;
        [bands.review_rates, bands.likely_rates]
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
            scored: None,
            parent: None,
            links: Vec::new(),
            evidence: Vec::new(),
            missing: Vec::new(),
            rules: Vec::new(),
            about: Arc::clone(&self.about),
        }
    }

    pub(crate) fn score_with(&self, post: &Post, scratch: &mut Scratch) -> Score {
        let links = links(post, |host| self.encoder.is_campaign(host));
        let mut score = if post.activity.is_mere_reaction() {
            let parent = self.score_words(post, post.words(), scratch);
            let parent = (parent.status != Status::Empty).then(|| Box::new(parent));
            Score { parent, missing: missing(post), ..self.blank(Status::Empty, post.activity) }
        } else {
            self.score_words(post, post.words(), scratch)
        };
        if post.activity.is_bare() && !post.activity.is_mere_reaction() && score.status != Status::Empty {
            score.scored = Some("parent");
            // Passing on is a weaker act than saying: it is likely partisan only where it spreads a campaign's link or a call to vote.
            let spreads = score.fired.contains(&"vote_appeal") || links.iter().any(|l| l.kind == LinkKind::Campaign);
            score.band = if spreads { score.band } else { score.band.min(Band::Review) };
        }
        if let (Activity::Quote, Some(parent)) = (post.activity, &post.parent) {
            score.parent = Some(Box::new(self.score_words(post, parent, scratch)));
        }
        score.links = links;
        self.refer(post, &mut score, Known::default());
        score
    }

    /// Puts what is known about an act beside its score: fewer facts are missing, and fewer references may apply. Gives the phase in which it
    /// was done, as far as packs know it.
    pub(crate) fn refer(&self, post: &Post, score: &mut Score, known: Known) -> Option<&'static str> {
        let phase = known.jurisdiction.zip(post.day()).and_then(|(place, day)| self.calendar.phase(place, day));
        score.missing.retain(|fact| !(*fact == "role" && known.role.is_some() || *fact == "phase" && phase.is_some()));
        if score.band >= Band::Review && !self.rules.is_empty() {
            score.rules = self.rules.references(post, &score.fired, known, &self.calendar);
        }
        phase
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn about(&self) -> &About {
        &self.about
    }

    /// The score of some words of a post.
    fn score_words(&self, post: &Post, words: &str, scratch: &mut Scratch) -> Score {
        if words.trim().is_empty() {
            return self.blank(Status::Empty, post.activity);
        }
        if let Some(reason) = post.too_long() {
            return Score { reason: Some(reason), ..self.blank(Status::Error, post.activity) };
        }
        let parts = &*self.model.parts;
        if self.plain {
            self.encoder.encode_plain(words, scratch);
        } else {
            self.encoder.encode(words, scratch);
        }
        scratch.bag.fill(&scratch.encoding, &parts.vocabulary);
        let mut margins = parts.linear.margins(&scratch.bag.features, scratch.bag.norm);
        softmax(&mut margins[LANG_HEADS], parts.header.lang_sharpness);
        let langs = &margins[LANG_HEADS];
        let lang = (0..LANGS.len()).max_by(|&a, &b| langs[a].total_cmp(&langs[b])).unwrap_or(0);
        let foreign = LANGS[lang] == "other" && langs[lang] >= OTHER_LANGUAGE;
        if scratch.bag.features.len() < LEAST_FEATURES || foreign {
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
        softmax(&mut margins[CONTEXT_HEADS], parts.header.context_sharpness);
        Score {
            partisan: Some(four(parts.header.calibration.probability(margins[0], self.base_rate))),
            band,
            signals,
            context: CONTEXTS.into_iter().zip(margins[CONTEXT_HEADS].iter().copied()).collect(),
            lang: Some(LANGS[lang]),
            evidence: if band >= Band::Review && !self.brief { self.evidence(words, scratch, &fired) } else { Vec::new() },
            fired: fired.into_iter().map(|head| SIGNALS[head - 1]).collect(),
            missing: missing(post),
            ..self.blank(Status::Ok, post.activity)
        }
    }

    /// The occurrences of each feature, and what they add to a head's margin together.
    fn features<'a>(&'a self, occurrences: &'a [Occurrence], norm: f64, head: usize) -> impl Iterator<Item = (&'a [Occurrence], f64)> + 'a {
        let Parts { linear, vocabulary, .. } = &*self.model.parts;
        occurrences.chunk_by(|a, b| a.feature == b.feature).map(move |list| {
            let value = vocabulary.weight(list[0].feature, list.len() as u32);
            (list, linear.push(list[0].feature, value, norm, head))
        })
    }

    /// What each unit adds to a head's margin. A feature's push is shared equally by its occurrences, and a pair's by its two units;
    /// the length's belongs to none.
    fn pushes(&self, encoding: &Encoding, occurrences: &[Occurrence], norm: f64, head: usize) -> Vec<f64> {
        let mut pushes = vec![0.0; encoding.units.len()];
        for (list, push) in self.features(occurrences, norm, head) {
            let share = push / list.len() as f64 / 2.0;
            for (first, last) in list.iter().filter_map(|o| o.units) {
                pushes[first as usize] += share;
                pushes[last as usize] += share;
            }
        }
        pushes
    }

    fn evidence(&self, words: &str, scratch: &Scratch, fired: &[usize]) -> Vec<Evidence> {
        let occurrences = scratch.encoding.occurrences(&self.model.parts.vocabulary);
        let mut out = Vec::new();
        for head in std::iter::once(0).chain(fired.iter().copied()) {
            let pushes = self.pushes(&scratch.encoding, &occurrences, scratch.bag.norm, head);
            let (name, most) = if head == 0 { ("partisan", SHOWN) } else { (SIGNALS[head - 1], (1, 0)) };
            for (sign, most) in [(1.0, most.0), (-1.0, most.1)] {
                let mut ranked: Vec<(usize, f64)> = pushes.iter().copied().enumerate().filter(|(_, p)| p * sign > 0.005).collect();
                ranked.sort_unstable_by(|a, b| (b.1 * sign).total_cmp(&(a.1 * sign)).then(a.0.cmp(&b.0)));
                ranked.truncate(most);
                out.extend(ranked.into_iter().map(|(unit, push)| evidence(words, &scratch.encoding.units[unit], four(push), name)));
            }
        }
        out
    }
}

fn evidence(text: &str, unit: &Unit, push: f64, head: &'static str) -> Evidence {
    let quote = &text[unit.start as usize..unit.end as usize];
    let start = text[..unit.start as usize].chars().count();
    Evidence { start, end: start + quote.chars().count(), text: quote.to_owned(), push, head }
}

/// What a reader would want to know before judging, and the source did not tell.
fn missing(post: &Post) -> Vec<&'static str> {
    let answers = matches!(post.activity, Activity::Comment | Activity::Reply | Activity::Quote)
        || post.activity == Activity::Unknown && post.text.trim_start().starts_with('@');
    let mut out = Vec::with_capacity(5);
    if post.activity == Activity::Unknown {
        out.push("activity");
    }
    let bare = post.activity.is_bare() && post.words().trim().is_empty();
    if (answers || bare) && post.parent.is_none() {
        out.push("parent");
    }
    out.extend(["role", "capacity", "phase"]);
    out
}

/// Of a score what says something about the post itself.
#[derive(Serialize)]
pub(crate) struct Outline<'a> {
    status: Status,
    partisan: Option<f64>,
    band: Band,
    fired: &'a [&'static str],
    lang: Option<&'static str>,
    evidence: &'a [Evidence],
}

impl Score {
    /// The names of all signals, in the order of [`Score::signals`].
    pub const SIGNALS: [&str; SIGNALS.len()] = SIGNALS;
    /// The names of all contexts, in the order of [`Score::context`].
    pub const CONTEXTS: [&str; CONTEXTS.len()] = CONTEXTS;

    /// The model's name and hash.
    pub(crate) fn model_version(&self) -> String {
        let ModelName { name, hash } = &self.about.model;
        format!("{name} {hash}")
    }

    pub(crate) fn outline(&self) -> Outline<'_> {
        let Self { status, partisan, band, ref fired, lang, ref evidence, .. } = *self;
        Outline { status, partisan, band, fired, lang, evidence }
    }
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
        let p = score.partisan.map_or_else(|| "none".to_owned(), shown);
        writeln!(f, "\nprobability {p}, band {}, language {}", word(&score.band), score.lang.unwrap_or("unknown"))?;
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

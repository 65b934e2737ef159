//! From a corpus and a recipe to a model, byte for byte the same at any thread count.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::calibrate::{Bands, Calibration, best_f1_threshold, fit_sharpness};
use crate::corpus::{CONTEXTS, Corpus, LANGS, Row, SIGNALS, Source, fill, slots, without_slots};
use crate::encode::{Bag, Encoder, Encoding, Scratch};
use crate::error::{Error, Result};
use crate::linear::{Csr, LinearModel, Logistic, Plane};
use crate::mark::Marker;
use crate::model::{CONTEXT_HEADS, Header, LANG_HEADS, Model, Parts, Recipe, SIGNAL_HEADS, heads};
use crate::pack::Packs;
use crate::text::{Dictionary, Folder};
use crate::token::{Kind, scan};
use crate::vocabulary::{Gram, IDF_GRID, Vocabulary};

/// One reading of a row: its text with filled slots, and its share of the row's weight.
struct Example {
    row: usize,
    text: String,
    share: f64,
}

/// Rows of a corpus turned into numbers.
struct Prepared<'a> {
    rows: Vec<&'a Row>,
    examples: Vec<Example>,
    words: Arc<Dictionary>,
    encoder: Encoder,
    vocabulary: Vocabulary,
    x: Csr,
}

impl Model {
    /// Trains a model. Progress goes to `say`, one line a stage.
    ///
    /// The packs fill slots and mark names while training; the model works with any packs afterwards. Work is shared among the
    /// caller's rayon threads by head and fold, and no sum depends on their number.
    ///
    /// # Errors
    /// The corpus is too small to be learnt from, or the subword vocabulary cannot be learnt.
    pub fn train(corpus: &Corpus, recipe: &Recipe, packs: &Packs, say: &mut dyn FnMut(&str)) -> Result<Model> {
        let data = prepare(corpus, corpus.rows.iter().collect(), recipe, packs, say)?;
        say(&format!("fitting {} heads in {} folds", heads().count(), recipe.folds));
        let all: Vec<usize> = (0..heads().count()).collect();
        let held_out = held_out_margins(&data, recipe, &all);
        let header = calibrate(corpus, &data, recipe, &held_out);
        say("fitting the model");
        let planes: Vec<Plane> = all.into_par_iter().map(|head| fit_head(&data, recipe, head, &data.everything())).collect();
        let linear = LinearModel::from_planes(&planes, recipe.grid);
        Ok(assemble(data, header, linear))
    }
}

/// Some rows of a corpus to learn from, and others held out, as a model reads them that knows the former alone: words, subwords, features and
/// their frequencies, weights and calibration all come from the rows learnt from, in the way of [`Model::train`].
pub(crate) struct Trial<'a> {
    data: Prepared<'a>,
    held_out: Csr,
}

impl<'a> Trial<'a> {
    /// Reads the rows with the given numbers. It depends on the recipe by its [`Recipe::reading`] alone.
    ///
    /// # Errors
    /// As [`Model::train`].
    pub(crate) fn new(corpus: &'a Corpus, learnt: &[usize], held_out: &[usize], recipe: &Recipe, packs: &Packs) -> Result<Self> {
        let data = prepare(corpus, learnt.iter().map(|&n| &corpus.rows[n]).collect(), recipe, packs, &mut |_| ())?;
        // A row is read with names that the packs know.
        let text = |&n: &usize| {
            let row = &corpus.rows[n];
            fill(&row.id, &row.text, &row.lang, packs, &corpus.names, Source::Packs, recipe.seed)
        };
        let texts: Vec<String> = held_out.iter().map(text).collect();
        let held_out = sparse(&encodings(&data.encoder, &texts), &data.vocabulary);
        Ok(Self { data, held_out })
    }

    /// The probability of each held-out row that it is partisan.
    pub(crate) fn probabilities(&self, recipe: &Recipe) -> Vec<f64> {
        let (margins, labels, share) = told(&self.data, &held_out_margins(&self.data, recipe, &[0]), 0);
        let calibration = Calibration::fit(&margins, &labels, &share);
        let plane = fit_head(&self.data, recipe, 0, &self.data.everything()).on_grid(recipe.grid);
        (0..self.held_out.len()).map(|n| calibration.probability(plane.margin(self.held_out.row(n)), None)).collect()
    }
}

impl Prepared<'_> {
    /// The numbers of all examples.
    fn everything(&self) -> Vec<usize> {
        (0..self.examples.len()).collect()
    }
}

/// Whether rows can be learnt from in so many folds; `which` rows these are is said in the error.
pub(crate) fn enough(rows: &[&Row], folds: usize, which: &str) -> Result<()> {
    if folds < 2 {
        return Err(Error::new(format!("{folds} folds hold no row out")).remedy("set `folds` in the recipe to 2 or more"));
    }
    let count = |label: bool| rows.iter().filter(|row| row.partisan == Some(label)).count();
    let (positive, negative) = (count(true), count(false));
    if positive < folds || negative < folds {
        let reason = format!("{positive} partisan and {negative} other rows{which} are too few for {folds} folds");
        return Err(Error::new(reason).remedy("add labelled rows, or lower `folds` in the recipe"));
    }
    Ok(())
}

fn prepare<'a>(corpus: &Corpus, rows: Vec<&'a Row>, recipe: &Recipe, packs: &Packs, say: &mut dyn FnMut(&str)) -> Result<Prepared<'a>> {
    enough(&rows, recipe.folds, "")?;
    let examples: Vec<Example> = rows.iter().enumerate().flat_map(|(n, row)| readings(n, row, corpus, recipe, packs)).collect();
    say(&format!("reading {} rows as {} texts", rows.len(), examples.len()));
    // Words are counted before there is a dictionary, so a disguised word never confirms itself unless it is common.
    let plain = Folder::default();
    let word_lists: Vec<BTreeSet<String>> = rows
        .par_iter()
        .map(|row| scan(&plain.fold(&without_slots(&row.text)), &plain).into_iter().filter(|u| u.kind == Kind::Word).map(|u| u.text).collect())
        .collect();
    let mut rows_with: BTreeMap<&str, usize> = BTreeMap::new();
    for word in word_lists.iter().flatten() {
        *rows_with.entry(word).or_insert(0) += 1;
    }
    let known = |w: &str, n: usize| n >= recipe.word_rows && w.bytes().all(|b| b.is_ascii_lowercase());
    let words: Dictionary = rows_with.iter().filter(|(w, n)| known(w, **n)).map(|(w, n)| ((*w).into(), *n as u32)).collect();
    let words = Arc::new(words);
    let marker = Marker::new(packs);
    let folder = Encoder::new(Arc::clone(&words), marker.clone(), Encoder::learn_subwords(&[], 64)?);
    let all: Vec<String> = examples
        .par_iter()
        .map_init(Scratch::default, |scratch, e| {
            folder.encode_plain(&e.text, scratch);
            let units = scratch.encoding.units.iter().filter(|u| matches!(u.kind, Kind::Word | Kind::Sign));
            units.map(|u| scratch.reading(u).to_owned()).collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();
    say(&format!("learning {} subwords from {} words", recipe.tokens, all.len()));
    let encoder = Encoder::new(Arc::clone(&words), marker, Encoder::learn_subwords(&all, recipe.tokens)?);
    let texts: Vec<&str> = examples.iter().map(|e| e.text.as_str()).collect();
    let encodings = encodings(&encoder, &texts);
    let vocabulary = vocabulary(&encoder, &examples, &encodings, rows.len(), recipe);
    let x = sparse(&encodings, &vocabulary);
    say(&format!("{} features", vocabulary.len()));
    Ok(Prepared { rows, examples, words, encoder, vocabulary, x })
}

fn encodings(encoder: &Encoder, texts: &[impl AsRef<str> + Sync]) -> Vec<Encoding> {
    let read = |scratch: &mut Scratch, text: &_| {
        encoder.encode(AsRef::as_ref(text), scratch);
        scratch.encoding.clone()
    };
    texts.par_iter().map_init(Scratch::default, read).collect()
}

/// The known features of texts, with values divided by the row's length.
fn sparse(encodings: &[Encoding], vocabulary: &Vocabulary) -> Csr {
    let mut x = Csr::new(vocabulary.len());
    let mut bag = Bag::default();
    for encoding in encodings {
        bag.fill(encoding, vocabulary);
        bag.features.sort_unstable();
        x.push(bag.features.iter().map(|&(index, value)| (index, f64::from(value) / bag.norm)));
    }
    x
}

/// A row without slots reads one way; one with slots reads with names from the packs and with invented ones.
fn readings(n: usize, row: &Row, corpus: &Corpus, recipe: &Recipe, packs: &Packs) -> Vec<Example> {
    let example = |source: Source, share: f64| Example { row: n, text: fill(&row.id, &row.text, &row.lang, packs, &corpus.names, source, recipe.seed), share };
    if slots(&row.text).next().is_none() || recipe.invented <= 0.0 {
        return vec![example(Source::Packs, 1.0)];
    }
    vec![example(Source::Packs, 1.0 - recipe.invented), example(Source::Invented, recipe.invented)]
}

/// The features that stand in enough rows, in order of name.
fn vocabulary(encoder: &Encoder, examples: &[Example], encodings: &[Encoding], rows: usize, recipe: &Recipe) -> Vocabulary {
    let mut count: HashMap<Gram, (usize, usize)> = HashMap::new();
    for (example, encoding) in examples.iter().zip(encodings) {
        let own: HashSet<Gram> = encoding.grams().map(|(gram, _)| gram).collect();
        for gram in own {
            let (n, last) = count.entry(gram).or_insert((0, usize::MAX));
            if *last != example.row {
                (*n, *last) = (*n + 1, example.row);
            }
        }
    }
    let least = |gram: &Gram| if matches!(gram, Gram::Two(..)) { recipe.pair_rows } else { recipe.feature_rows };
    let mut kept: Vec<(String, Gram, usize)> =
        count.into_iter().filter(|(gram, (n, _))| *n >= least(gram)).map(|(gram, (n, _))| (encoder.name(gram), gram, n)).collect();
    kept.sort_unstable();
    let idf = |gram: &Gram, n: usize| {
        let idf = libm::pow(libm::log((1 + rows) as f64 / (1 + n) as f64) + 1.0, recipe.idf_power);
        let weight = if matches!(gram, Gram::Length(_)) { recipe.length } else { 1.0 };
        (idf * weight / IDF_GRID).round() as u16
    };
    Vocabulary::new(kept.iter().map(|(_, gram, n)| (*gram, idf(gram, *n)))).expect("grams were counted in a map")
}

/// What a row says about a head, if anything.
pub(crate) fn label(row: &Row, head: usize) -> Option<bool> {
    if head == 0 {
        row.partisan
    } else if SIGNAL_HEADS.contains(&head) {
        row.partisan.map(|_| row.signals.iter().any(|s| s == SIGNALS[head - SIGNAL_HEADS.start]))
    } else if CONTEXT_HEADS.contains(&head) {
        (!row.context.is_empty()).then(|| row.context == CONTEXTS[head - CONTEXT_HEADS.start])
    } else {
        (!row.lang.is_empty()).then(|| row.lang == LANGS[head - LANG_HEADS.start])
    }
}

/// Labels and shares of all examples for one head; share 0 where the row says nothing about it.
fn targets(data: &Prepared, head: usize) -> (Vec<bool>, Vec<f64>) {
    let target = |e: &Example| label(data.rows[e.row], head).map_or((false, 0.0), |yes| (yes, e.share));
    data.examples.iter().map(target).unzip()
}

fn fit_head(data: &Prepared, recipe: &Recipe, head: usize, examples: &[usize]) -> Plane {
    let (labels, share) = targets(data, head);
    let solver = Logistic { c: if head == 0 { recipe.c } else { recipe.c_other }, tolerance: 0.01, sweeps: 200 };
    let of = |list: &[f64]| examples.iter().map(|&i| list[i]).collect::<Vec<_>>();
    let labels: Vec<bool> = examples.iter().map(|&i| labels[i]).collect();
    solver.fit_weighted(&data.x.select(examples), &labels, &of(&share)).without_weights_below(recipe.least_weight)
}

pub(crate) fn fold_of(group: &str, folds: usize) -> usize {
    let hash = Sha256::digest(group.as_bytes());
    (u64::from_le_bytes(hash[..8].try_into().expect("eight bytes")) % folds as u64) as usize
}

fn margins_by_fold(data: &Prepared, recipe: &Recipe, heads: &[usize], fold: &[usize]) -> Vec<Vec<f64>> {
    let jobs: Vec<(usize, usize)> = (0..recipe.folds).flat_map(|f| heads.iter().map(move |&h| (f, h))).collect();
    let planes: Vec<Plane> = jobs
        .par_iter()
        .map(|&(f, head)| {
            let rest: Vec<usize> = (0..fold.len()).filter(|&i| fold[i] != f).collect();
            fit_head(data, recipe, head, &rest)
        })
        .collect();
    (0..fold.len()).map(|i| (0..heads.len()).map(|h| planes[fold[i] * heads.len() + h].margin(data.x.row(i))).collect()).collect()
}

/// Margins of each example for some heads, from models whose weights have seen neither its row nor its group; their vocabulary has.
fn held_out_margins(data: &Prepared, recipe: &Recipe, heads: &[usize]) -> Vec<Vec<f64>> {
    let fold: Vec<usize> = data.examples.iter().map(|e| fold_of(&data.rows[e.row].group(), recipe.folds)).collect();
    margins_by_fold(data, recipe, heads, &fold)
}

/// Margins for a head, labels and shares of the examples that say something about it.
fn told(data: &Prepared, margins: &[Vec<f64>], head: usize) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
    let (labels, share) = targets(data, head);
    let told: Vec<usize> = (0..share.len()).filter(|&i| share[i] > 0.0).collect();
    (told.iter().map(|&i| margins[i][head]).collect(), told.iter().map(|&i| labels[i]).collect(), told.iter().map(|&i| share[i]).collect())
}

fn calibrate(corpus: &Corpus, data: &Prepared, recipe: &Recipe, held_out: &[Vec<f64>]) -> Header {
    let of = |head: usize| told(data, held_out, head);
    let (margins, labels, share) = of(0);
    let sharpness = |range: std::ops::Range<usize>, class: &dyn Fn(&Row) -> usize| {
        let margins: Vec<Vec<f64>> = held_out.iter().map(|m| m[range.clone()].to_vec()).collect();
        let classes: Vec<usize> = data.examples.iter().map(|e| class(data.rows[e.row])).collect();
        fit_sharpness(&margins, &classes)
    };
    let signals: Vec<_> = SIGNAL_HEADS.map(of).collect();
    Header {
        recipe: recipe.clone(),
        base: None,
        corpus_sha256: corpus.hash.clone(),
        rows: corpus.len(),
        heads: heads().collect(),
        grid: recipe.grid,
        idf_grid: IDF_GRID,
        bias: Vec::new(),
        calibration: Calibration::fit(&margins, &labels, &share),
        bands: Bands::fit(&margins, &labels, &share),
        signals: signals.iter().map(|(m, y, s)| Calibration::fit(m, y, s)).collect(),
        fire: signals.iter().map(|(m, y, s)| best_f1_threshold(m, y, s)).collect(),
        context_sharpness: sharpness(CONTEXT_HEADS, &|r| CONTEXTS.iter().position(|c| *c == r.context).unwrap_or(0)),
        lang_sharpness: sharpness(LANG_HEADS, &|r| LANGS.iter().position(|l| *l == r.lang).unwrap_or(0)),
    }
}

/// Puts the artefact together by way of its text form, which gives it its hash. A feature without weight stays: it has its part in the length of
/// a row, in the calibration as in scores.
fn assemble(data: Prepared, mut header: Header, linear: LinearModel) -> Model {
    header.bias.clone_from(&linear.bias);
    let parts = Parts { header, words: data.words, subwords: data.encoder.subwords().clone(), vocabulary: data.vocabulary, linear, hash: String::new() };
    let text = Model { parts: Arc::new(parts) }.to_text();
    Model::parse(&text).expect("an artefact just written can be read")
}

//! Adapting a model to labels of one's own: new weights near the old ones, as near as held-out rows advise.
//!
//! Weights get a Gaussian prior around the base model's: `w = base + u`, where `u` minimises ½‖u‖² + Σ cᵢ·ln(1 + exp(−yᵢ(base·xᵢ + u·xᵢ))), the labels
//! weighed to the share of positives that the base knows, so that a queue full of partisan posts does not teach that posts are partisan. How much
//! the labels may pull (`c`, from nothing at all) is chosen for each head by grouped cross-validation on calibrated margins; a stronger pull must
//! be better by more than its standard error. So few labels, or labels that say what the base says, leave it as it is.

use std::sync::Arc;

use rayon::prelude::*;

use crate::calibrate::Calibration;
use crate::corpus::{Corpus, Source, fill};
use crate::encode::{Bag, Scratch};
use crate::error::{Error, Result};
use crate::linear::{Csr, LinearModel, Logistic, Plane};
use crate::model::{Header, Model, Parts, SIGNAL_HEADS, heads};
use crate::pack::Packs;
use crate::train::{fold_of, label};

/// How much labels may pull, weakest first.
const PULLS: [f64; 6] = [0.0, 0.3, 1.0, 3.0, 10.0, 30.0];
const FOLDS: usize = 5;
/// Fewer labelled rows than this say nothing that could be held out.
const FEWEST: usize = 20;

/// A model adapted to a corpus, and what it and its base say of the corpus's rows when they are held out.
pub(crate) struct Adapted {
    pub(crate) model: Model,
    /// Rows with a label.
    pub(crate) rows: Vec<usize>,
    /// Probabilities of the base and of adapted models that saw neither the row nor its group, one a row.
    pub(crate) before: Vec<f64>,
    pub(crate) after: Vec<f64>,
}

/// The rows that say something about a head.
struct Task {
    rows: Vec<usize>,
    x: Csr,
    labels: Vec<bool>,
    /// Margins of the base.
    base: Vec<f64>,
    fold: Vec<usize>,
    /// The share of positives that the base's calibration knows.
    prior: f64,
}

pub(crate) fn adapt(base: &Model, corpus: &Corpus, packs: &Packs, say: &mut dyn FnMut(&str)) -> Result<Adapted> {
    let labelled = corpus.rows.iter().filter(|row| row.partisan.is_some()).count();
    if labelled < FEWEST {
        return Err(Error::new(format!("{labelled} labelled rows are too few to adapt to")).remedy(format!("label at least {FEWEST}")));
    }
    say(&format!("reading {} rows", corpus.len()));
    let encoder = base.encoder(packs);
    let Parts { vocabulary, linear, header, .. } = &*base.parts;
    let bags: Vec<Bag> = corpus
        .rows
        .par_iter()
        .map_init(Scratch::default, |scratch, row| {
            encoder.encode(&fill(&row.id, &row.text, &row.lang, packs, &corpus.names, Source::Packs, header.recipe.seed), scratch);
            let mut bag = Bag::default();
            bag.fill(&scratch.encoding, vocabulary);
            bag.features.sort_unstable();
            bag
        })
        .collect();
    let fold: Vec<usize> = corpus.rows.iter().map(|row| fold_of(&row.group(), FOLDS)).collect();
    // A corpus without any signal does not tell of them.
    let signals = corpus.rows.iter().any(|row| !row.signals.is_empty());
    let task = |head: usize| {
        let told = |n: &usize| label(&corpus.rows[*n], head).filter(|_| signals || !SIGNAL_HEADS.contains(&head));
        let rows: Vec<usize> = (0..corpus.len()).filter(|n| told(n).is_some()).collect();
        let mut x = Csr::new(vocabulary.len());
        rows.iter().for_each(|&n| x.push(bags[n].features.iter().map(|&(index, value)| (index, f64::from(value) / bags[n].norm))));
        let base = rows.iter().map(|&n| linear.margins(&bags[n].features, bags[n].norm)[head]).collect();
        let prior = match head {
            0 => header.calibration.prior,
            _ if SIGNAL_HEADS.contains(&head) => header.signals[head - SIGNAL_HEADS.start].prior,
            _ => rows.iter().filter(|n| told(n) == Some(true)).count() as f64 / rows.len().max(1) as f64,
        };
        Task { prior, x, base, labels: rows.iter().map(|n| told(n) == Some(true)).collect(), fold: rows.iter().map(|&n| fold[n]).collect(), rows }
    };
    say(&format!("adapting {} heads", heads().count()));
    let own = task(0);
    // Where nothing is learnt the base's calibration stands; else the labels' own, on margins of models that did not see them.
    let learnt = |rows: &[usize]| match own.learn(rows) {
        Some((pull, change)) => (pull, Some(change), own.calibration(rows, &own.margins(rows, pull))),
        None => (0.0, None, header.calibration),
    };
    let after: Vec<Vec<(usize, f64)>> = (0..FOLDS)
        .into_par_iter()
        .map(|fold| {
            let (held_out, rest): (Vec<usize>, Vec<usize>) = own.all().into_iter().partition(|&i| own.fold[i] == fold);
            let (_, change, calibration) = learnt(&rest);
            held_out.into_iter().map(|i| (i, calibration.probability(own.margin(i, change.as_ref()), None))).collect()
        })
        .collect();
    let mut after = after.concat();
    after.sort_unstable_by_key(|&(i, _)| i);
    let (pull, change, calibration) = learnt(&own.all());
    say(&format!("the labels pull with {pull}{}", if pull > 0.0 { "" } else { ": what they say the base says too, and it stays as it is" }));
    let others = (1..heads().count()).into_par_iter().map(|head| {
        let task = task(head);
        task.learn(&task.all()).map(|(_, change)| change)
    });
    let changes: Vec<Option<Plane>> = std::iter::once(change).chain(others.collect::<Vec<_>>()).collect();
    Ok(Adapted {
        model: assemble(base, corpus, &changes, calibration),
        before: own.base.iter().map(|&m| header.calibration.probability(m, None)).collect(),
        after: after.into_iter().map(|(_, p)| p).collect(),
        rows: own.rows,
    })
}

impl Task {
    fn all(&self) -> Vec<usize> {
        (0..self.rows.len()).collect()
    }

    /// How much some rows pull, and what they add to the base's weights; `None` where they say what the base says.
    fn learn(&self, rows: &[usize]) -> Option<(f64, Plane)> {
        let pull = self.pull(rows);
        (pull > 0.0).then(|| (pull, self.change(rows, pull)))
    }

    fn margin(&self, row: usize, change: Option<&Plane>) -> f64 {
        self.base[row] + change.map_or(0.0, |change| change.margin(self.x.row(row)))
    }

    /// What the labels of some rows add to the base's weights.
    fn change(&self, rows: &[usize], pull: f64) -> Plane {
        let solver = Logistic { c: pull, tolerance: 0.01, sweeps: 200 };
        let of = |list: &[f64]| rows.iter().map(|&i| list[i]).collect::<Vec<_>>();
        let labels: Vec<bool> = rows.iter().map(|&i| self.labels[i]).collect();
        let share = |label: bool| {
            let own = labels.iter().filter(|&&l| l == label).count() as f64 / labels.len() as f64;
            (if label { self.prior } else { 1.0 - self.prior }) / own
        };
        let shares = [share(false), share(true)];
        let shares: Vec<f64> = labels.iter().map(|&label| shares[usize::from(label)]).collect();
        solver.fit_around(&self.x.select(rows), &labels, &shares, &of(&self.base))
    }

    /// Margins of rows of each fold from changes that the other rows ask for.
    fn margins(&self, rows: &[usize], pull: f64) -> Vec<f64> {
        let mut margins = vec![0.0; rows.len()];
        for fold in 0..FOLDS {
            let rest: Vec<usize> = rows.iter().copied().filter(|&i| self.fold[i] != fold).collect();
            let change = (pull > 0.0 && !rest.is_empty()).then(|| self.change(&rest, pull));
            for (n, &i) in rows.iter().enumerate().filter(|&(_, &i)| self.fold[i] == fold) {
                margins[n] = self.margin(i, change.as_ref());
            }
        }
        margins
    }

    /// The pull with the lowest loss on held-out rows, or a weaker one that is as good within the standard error of their difference.
    fn pull(&self, rows: &[usize]) -> f64 {
        let positive = rows.iter().filter(|&&i| self.labels[i]).count();
        if positive < 2 || rows.len() - positive < 2 {
            return 0.0;
        }
        let labels: Vec<bool> = rows.iter().map(|&i| self.labels[i]).collect();
        let calibrated = |margins: Vec<f64>| {
            let fitted = self.calibration(rows, &margins);
            losses(&margins.iter().map(|m| fitted.slope * m + fitted.offset).collect::<Vec<_>>(), &labels)
        };
        let losses: Vec<Vec<f64>> = PULLS.iter().map(|&pull| calibrated(self.margins(rows, pull))).collect();
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let best = losses.iter().min_by(|a, b| mean(a).total_cmp(&mean(b))).expect("there are pulls");
        let as_good = |losses: &Vec<f64>| {
            let more: Vec<f64> = losses.iter().zip(best).map(|(a, b)| a - b).collect();
            let (excess, n) = (mean(&more), more.len() as f64);
            let error = (more.iter().map(|d| (d - excess) * (d - excess)).sum::<f64>() / (n * (n - 1.0))).sqrt();
            excess <= error
        };
        PULLS[losses.iter().position(as_good).expect("the best is as good as itself")]
    }

    /// Platt scaling of the margins of some rows.
    fn calibration(&self, rows: &[usize], margins: &[f64]) -> Calibration {
        let labels: Vec<bool> = rows.iter().map(|&i| self.labels[i]).collect();
        Calibration::fit(margins, &labels, &vec![1.0; rows.len()])
    }
}

/// −ln of the probability of each label, where margins are log-odds.
fn losses(margins: &[f64], labels: &[bool]) -> Vec<f64> {
    margins.iter().zip(labels).map(|(&m, &label)| libm::log1p(libm::exp(-m.abs())) + if (m >= 0.0) == label { 0.0 } else { m.abs() }).collect()
}

/// The base with changed weights and its own calibration.
fn assemble(base: &Model, corpus: &Corpus, changes: &[Option<Plane>], calibration: Calibration) -> Model {
    let Parts { header, words, subwords, vocabulary, linear, hash } = &*base.parts;
    let row = |feature: u32| {
        let changed = |(head, &w): (usize, &i16)| match &changes[head] {
            Some(change) => (i32::from(w) + (change.weights[feature as usize] / linear.grid).round() as i32).clamp(-32767, 32767) as i16,
            None => w,
        };
        linear.row(feature).iter().enumerate().map(changed).collect::<Vec<_>>()
    };
    let header = Header { calibration, base: Some(hash.clone()), corpus_sha256: corpus.hash.clone(), rows: corpus.len(), ..header.clone() };
    let linear = LinearModel::new(linear.grid, linear.bias.clone(), (0..vocabulary.len() as u32).map(row));
    let parts = Parts { header, words: Arc::clone(words), subwords: subwords.clone(), vocabulary: vocabulary.clone(), linear, hash: String::new() };
    let text = Model { parts: Arc::new(parts) }.to_text();
    Model::parse(&text).expect("an artefact just written can be read")
}

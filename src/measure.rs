//! Measures of probabilities against labels, with bootstrap intervals and paired tests.
//!
//! Every measure here depends on one thing alone: how many rows of either label stand at each probability, from the highest
//! down. So a resample is counted once, and all measures are read off its counts.

use serde::Serialize;

use crate::linear::SplitMix;

/// Rows at one probability: counts, or the weights that a resample gives them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Step {
    pub(crate) probability: f64,
    /// Rows that are partisan.
    pub(crate) yes: f64,
    /// Rows that are not.
    pub(crate) no: f64,
}

/// A measure: its name, whether more of it is better, and how it is read off the counts, highest probability first.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) rising: bool,
    of: fn(&[Step]) -> f64,
}

/// The probability from which a row is counted as found by [`F1`] and its kin.
pub(crate) const THRESHOLD: f64 = 0.5;

pub(crate) const AUC: &str = "AUC";
pub(crate) const AP: &str = "AP";
pub(crate) const F1: &str = "F1";
pub(crate) const BEST_F1: &str = "best F1";
pub(crate) const PRECISION: &str = "precision";
pub(crate) const RECALL: &str = "recall";
pub(crate) const RECALL_AT_5: &str = "recall at 5 % false alarms";
pub(crate) const BRIER: &str = "Brier";
pub(crate) const LOG_LOSS: &str = "log loss";
pub(crate) const ECE: &str = "ECE";

/// All measures, in the order in which they are shown.
pub(crate) const MEASURES: [Measure; 20] = [
    Measure { name: AUC, rising: true, of: auc },
    Measure { name: AP, rising: true, of: average_precision },
    Measure { name: F1, rising: true, of: f1 },
    Measure { name: BEST_F1, rising: true, of: best_f1 },
    Measure { name: PRECISION, rising: true, of: |steps| at_threshold(steps).precision() },
    Measure { name: RECALL, rising: true, of: |steps| at_threshold(steps).recall() },
    Measure { name: "precision of the top 10", rising: true, of: |steps| top(steps, 10.0).precision() },
    Measure { name: "recall of the top 10", rising: true, of: |steps| top(steps, 10.0).recall() },
    Measure { name: "precision of the top 50", rising: true, of: |steps| top(steps, 50.0).precision() },
    Measure { name: "recall of the top 50", rising: true, of: |steps| top(steps, 50.0).recall() },
    Measure { name: "precision of the top 100", rising: true, of: |steps| top(steps, 100.0).precision() },
    Measure { name: "recall of the top 100", rising: true, of: |steps| top(steps, 100.0).recall() },
    Measure { name: "precision of the top 1 %", rising: true, of: |steps| top(steps, hundredth(steps)).precision() },
    Measure { name: "recall of the top 1 %", rising: true, of: |steps| top(steps, hundredth(steps)).recall() },
    Measure { name: "recall at 1 % false alarms", rising: true, of: |steps| recall_at(steps, 0.01) },
    Measure { name: RECALL_AT_5, rising: true, of: |steps| recall_at(steps, 0.05) },
    Measure { name: BRIER, rising: false, of: brier },
    Measure { name: LOG_LOSS, rising: false, of: log_loss },
    Measure { name: ECE, rising: false, of: ece },
    Measure { name: "kappa", rising: true, of: kappa },
];

impl Measure {
    /// The measure of these rows; NaN where they are all partisan or none is.
    fn value(&self, steps: &[Step]) -> f64 {
        let (yes, no) = totals(steps);
        if yes > 0.0 && no > 0.0 { (self.of)(steps) } else { f64::NAN }
    }
}

/// What was found among what there is.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// Partisan rows found.
    hits: f64,
    /// Rows found.
    said: f64,
    /// Partisan rows in all.
    positives: f64,
    /// Rows in all.
    rows: f64,
}

impl Found {
    /// Share of the rows found that are partisan; NaN where none was found.
    fn precision(self) -> f64 {
        self.hits / self.said
    }

    /// Share of the partisan rows that were found.
    fn recall(self) -> f64 {
        self.hits / self.positives
    }
}

fn totals(steps: &[Step]) -> (f64, f64) {
    steps.iter().fold((0.0, 0.0), |(yes, no), step| (yes + step.yes, no + step.no))
}

fn at_threshold(steps: &[Step]) -> Found {
    let (positives, negatives) = totals(steps);
    let (hits, alarms) = totals(&steps[..steps.partition_point(|step| step.probability >= THRESHOLD)]);
    Found { hits, said: hits + alarms, positives, rows: positives + negatives }
}

/// The `count` likeliest rows; of those that share the last place as many as fit, taken as chance would on average.
fn top(steps: &[Step], count: f64) -> Found {
    let (positives, negatives) = totals(steps);
    let mut found = Found { hits: 0.0, said: 0.0, positives, rows: positives + negatives };
    if found.rows < count {
        return Found { said: f64::NAN, positives: f64::NAN, ..found };
    }
    for step in steps {
        let here = step.yes + step.no;
        let taken = here.min(count - found.said);
        if taken <= 0.0 {
            continue;
        }
        found.hits += step.yes * taken / here;
        found.said += taken;
    }
    found
}

fn hundredth(steps: &[Step]) -> f64 {
    let (yes, no) = totals(steps);
    ((yes + no) / 100.0).ceil()
}

/// Area under the ROC curve: the chance that a partisan row has a higher probability than another; ties count half.
fn auc(steps: &[Step]) -> f64 {
    let (mut hits, mut area, mut alarms) = (0.0, 0.0, 0.0);
    for step in steps {
        area += step.no * (hits + step.yes / 2.0);
        hits += step.yes;
        alarms += step.no;
    }
    area / (hits * alarms)
}

/// Precision averaged over the partisan rows, equal probabilities taken together.
fn average_precision(steps: &[Step]) -> f64 {
    let (mut hits, mut said, mut sum) = (0.0, 0.0, 0.0);
    for step in steps.iter().filter(|step| step.yes + step.no > 0.0) {
        hits += step.yes;
        said += step.yes + step.no;
        sum += step.yes * hits / said;
    }
    sum / hits
}

fn f1(steps: &[Step]) -> f64 {
    let found = at_threshold(steps);
    2.0 * found.hits / (found.said + found.positives)
}

/// The highest F1 over all thresholds.
fn best_f1(steps: &[Step]) -> f64 {
    let positives = totals(steps).0;
    let (mut hits, mut said, mut best) = (0.0, 0.0, 0.0f64);
    for step in steps {
        hits += step.yes;
        said += step.yes + step.no;
        best = best.max(2.0 * hits / (positives + said));
    }
    best
}

/// The highest recall at which at most this share of the other rows is found.
fn recall_at(steps: &[Step], false_alarms: f64) -> f64 {
    let (positives, negatives) = totals(steps);
    let (mut hits, mut alarms) = (0.0, 0.0);
    for step in steps {
        alarms += step.no;
        if alarms > false_alarms * negatives {
            break;
        }
        hits += step.yes;
    }
    hits / positives
}

fn brier(steps: &[Step]) -> f64 {
    let (yes, no) = totals(steps);
    let square = |p: f64| p * p;
    steps.iter().map(|s| s.yes * square(1.0 - s.probability) + s.no * square(s.probability)).sum::<f64>() / (yes + no)
}

/// Mean negative logarithm of the probability of what was so, in nats. Probabilities of 0 and 1 are moved by the smallest step of
/// a floating-point number, as scikit-learn does.
fn log_loss(steps: &[Step]) -> f64 {
    let (yes, no) = totals(steps);
    let sum = steps.iter().map(|s| {
        let p = s.probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        s.yes * libm::log(p) + s.no * libm::log(1.0 - p)
    });
    -sum.sum::<f64>() / (yes + no)
}

/// Cohen's kappa of being found and being partisan: agreement beyond what chance gives.
fn kappa(steps: &[Step]) -> f64 {
    let Found { hits, said, positives, rows } = at_threshold(steps);
    let agreed = (hits + (rows - said - positives + hits)) / rows;
    let chance = (said * positives + (rows - said) * (rows - positives)) / (rows * rows);
    (agreed - chance) / (1.0 - chance)
}

/// Expected calibration error: the mean distance between what was said and what was so, over ten bins of equal count.
fn ece(steps: &[Step]) -> f64 {
    let (yes, no) = totals(steps);
    bins(steps, 10).iter().map(|bin| (bin.said - bin.partisan).abs() * bin.rows).sum::<f64>() / (yes + no)
}

/// One bin of a reliability table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Bin {
    /// Mean probability.
    pub(crate) said: f64,
    /// Share of rows that are partisan.
    pub(crate) partisan: f64,
    /// Rows, or their weight.
    pub(crate) rows: f64,
}

/// Bins of about equal count, lowest probability first; equal probabilities are never split.
pub(crate) fn bins(steps: &[Step], count: usize) -> Vec<Bin> {
    let (yes, no) = totals(steps);
    let mut out = Vec::new();
    let mut bin = Bin { said: 0.0, partisan: 0.0, rows: 0.0 };
    let mean = |sums: Bin| Bin { said: sums.said / sums.rows, partisan: sums.partisan / sums.rows, ..sums };
    for step in steps.iter().rev() {
        let here = step.yes + step.no;
        bin = Bin { said: bin.said + step.probability * here, partisan: bin.partisan + step.yes, rows: bin.rows + here };
        if bin.rows > 0.0 && bin.rows >= (yes + no) / count as f64 {
            out.push(mean(bin));
            bin = Bin { said: 0.0, partisan: 0.0, rows: 0.0 };
        }
    }
    if bin.rows > 0.0 {
        out.push(mean(bin));
    }
    out
}

/// Labelled probabilities of one system.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Distinct probabilities, highest first.
    probabilities: Vec<f64>,
    /// The place of each row among them, and its label.
    rows: Vec<(u32, bool)>,
}

/// A value with its 95 % interval; NaN is written as null.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// What one system has more than another, on the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Difference {
    #[serde(flatten)]
    pub(crate) figure: Figure,
    /// Twice the smaller share of resamples on either side of no difference.
    pub(crate) p: f64,
}

impl Sample {
    /// Takes (label, probability).
    pub(crate) fn new(pairs: &[(bool, f64)]) -> Self {
        let mut probabilities: Vec<f64> = pairs.iter().map(|&(_, p)| p).collect();
        probabilities.sort_unstable_by(|a, b| b.total_cmp(a));
        probabilities.dedup();
        let place = |p: f64| probabilities.partition_point(|&q| q > p) as u32;
        let rows = pairs.iter().map(|&(label, p)| (place(p), label)).collect();
        Self { probabilities, rows }
    }

    /// How many rows of either label stand at each probability.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = self.empty();
        self.count(&mut steps, 0..self.rows.len());
        steps
    }

    fn empty(&self) -> Vec<Step> {
        self.probabilities.iter().map(|&probability| Step { probability, yes: 0.0, no: 0.0 }).collect()
    }

    fn count(&self, steps: &mut [Step], rows: impl IntoIterator<Item = usize>) {
        for row in rows {
            let (place, label) = self.rows[row];
            let step = &mut steps[place as usize];
            *(if label { &mut step.yes } else { &mut step.no }) += 1.0;
        }
    }

    /// All measures, in the order of [`MEASURES`], with percentile bootstrap intervals over `resamples` draws of whole groups.
    /// Groups are lists of rows.
    pub(crate) fn figures(&self, groups: &[Vec<usize>], resamples: usize) -> Vec<Figure> {
        let steps = self.steps();
        let mut drawn = vec![Vec::with_capacity(resamples); MEASURES.len()];
        resampled(groups, resamples, |rows| {
            let mut steps = self.empty();
            self.count(&mut steps, rows.iter().copied());
            drawn.iter_mut().zip(&MEASURES).for_each(|(drawn, measure)| drawn.push(measure.value(&steps)));
        });
        MEASURES.iter().zip(drawn).map(|(measure, drawn)| Figure::new(measure.value(&steps), drawn)).collect()
    }

    /// What this system has more than `other` by each measure, by a paired bootstrap over the same draws of groups.
    pub(crate) fn differences(&self, other: &Self, groups: &[Vec<usize>], resamples: usize) -> Vec<Difference> {
        let (own, others) = (self.steps(), other.steps());
        let mut drawn = vec![Vec::with_capacity(resamples); MEASURES.len()];
        resampled(groups, resamples, |rows| {
            let (mut a, mut b) = (self.empty(), other.empty());
            self.count(&mut a, rows.iter().copied());
            other.count(&mut b, rows.iter().copied());
            drawn.iter_mut().zip(&MEASURES).for_each(|(drawn, measure)| drawn.push(measure.value(&a) - measure.value(&b)));
        });
        let difference = |measure: &Measure, drawn: Vec<f64>| {
            let side = |least: fn(f64) -> bool| drawn.iter().filter(|&&d| least(d)).count() as f64;
            let p = (2.0 * side(|d| d <= 0.0).min(side(|d| d >= 0.0)) / drawn.iter().filter(|d| !d.is_nan()).count() as f64).min(1.0);
            Difference { figure: Figure::new(measure.value(&own) - measure.value(&others), drawn), p }
        };
        MEASURES.iter().zip(drawn).map(|(measure, drawn)| difference(measure, drawn)).collect()
    }

    /// McNemar's exact test at [`THRESHOLD`]: rows that only this system has right, rows that only the other has right, and the chance of so
    /// unequal a split where both are right equally often (McNemar, Psychometrika 12, 1947; two-sided binomial).
    pub(crate) fn mcnemar(&self, other: &Self) -> (usize, usize, f64) {
        let right = |sample: &Self, row: usize| {
            let (place, label) = sample.rows[row];
            (sample.probabilities[place as usize] >= THRESHOLD) == label
        };
        let only = |a: &Self, b: &Self| (0..self.rows.len()).filter(|&row| right(a, row) && !right(b, row)).count();
        let (own, others) = (only(self, other), only(other, self));
        (own, others, binomial(own.min(others), own + others))
    }
}

/// The chance that a fair coin thrown `n` times falls at most `k` times, or at least `n - k` times, on one side.
fn binomial(k: usize, n: usize) -> f64 {
    let log_factorial = |n: usize| libm::lgamma(n as f64 + 1.0);
    let log_chance = |i: usize| log_factorial(n) - log_factorial(i) - log_factorial(n - i) - n as f64 * std::f64::consts::LN_2;
    (2.0 * (0..=k).map(|i| libm::exp(log_chance(i))).sum::<f64>()).min(1.0)
}

/// Hands on as many draws of groups with replacement as there are groups, each as its rows. Seeded: the same draws each time.
fn resampled(groups: &[Vec<usize>], resamples: usize, mut take: impl FnMut(&[usize])) {
    let mut random = SplitMix(1);
    let mut rows = Vec::new();
    for _ in 0..resamples {
        rows.clear();
        for _ in 0..groups.len() {
            rows.extend_from_slice(&groups[random.below(groups.len())]);
        }
        take(&rows);
    }
}

impl Figure {
    /// A value and the same of each resample, of which those without a value are left out.
    fn new(value: f64, mut drawn: Vec<f64>) -> Self {
        drawn.retain(|d| !d.is_nan());
        drawn.sort_unstable_by(f64::total_cmp);
        Self { value, low: quantile(&drawn, 0.025), high: quantile(&drawn, 0.975) }
    }
}

/// A quantile of sorted values, between two of them by their distance.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = share * last as f64;
    let (low, high) = (sorted[at as usize], sorted[(at as usize + 1).min(last)]);
    low + (high - low) * at.fract()
}

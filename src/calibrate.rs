//! From margins to probabilities and bands.

use serde::{Deserialize, Serialize};

/// 1 / (1 + e⁻ˣ), with `libm` so that every machine gives the same bits.
pub(crate) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

/// The inverse of [`sigmoid`].
pub(crate) fn logit(p: f64) -> f64 {
    libm::log(p / (1.0 - p))
}

/// Four decimals: what is stored is what is used, and last-bit noise never reaches an artefact.
pub(crate) fn rounded(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

/// Platt scaling: probability = σ(slope · margin + offset).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Calibration {
    pub(crate) slope: f64,
    pub(crate) offset: f64,
    /// The share of positives that it was fitted under.
    pub(crate) prior: f64,
}

impl Calibration {
    /// Fits held-out margins by Newton's method on the regularised targets of Platt (1999), as improved by Lin, Lin and Weng,
    /// "A note on Platt's probabilistic outputs for support vector machines", Machine Learning 68 (2007).
    pub(crate) fn fit(margins: &[f64], labels: &[bool], share: &[f64]) -> Self {
        let total: f64 = share.iter().sum();
        let positive: f64 = share.iter().zip(labels).filter(|(_, y)| **y).map(|(s, _)| s).sum();
        let negative = total - positive;
        let (high, low) = ((positive + 1.0) / (positive + 2.0), 1.0 / (negative + 2.0));
        let (mut slope, mut offset) = (0.0, libm::log((positive + 1.0) / (negative + 1.0)));
        let loss = |slope: f64, offset: f64| -> f64 {
            (0..margins.len())
                .map(|i| {
                    let f = slope * margins[i] + offset;
                    let t = if labels[i] { high } else { low };
                    // −t·ln σ(f) − (1−t)·ln(1−σ(f)), without overflow.
                    share[i] * (libm::log1p(libm::exp(-f.abs())) + if f >= 0.0 { (1.0 - t) * f } else { -t * f })
                })
                .sum()
        };
        let mut now = loss(slope, offset);
        for _ in 0..100 {
            let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.0, 0.0, 1e-12, 0.0, 1e-12);
            for i in 0..margins.len() {
                let (m, p) = (margins[i], sigmoid(slope * margins[i] + offset));
                let d = share[i] * (p - if labels[i] { high } else { low });
                let h = share[i] * p * (1.0 - p);
                ga += m * d;
                gb += d;
                haa += m * m * h;
                hab += m * h;
                hbb += h;
            }
            if ga.abs() < 1e-7 && gb.abs() < 1e-7 {
                break;
            }
            let det = haa * hbb - hab * hab;
            let (da, db) = (-(hbb * ga - hab * gb) / det, -(haa * gb - hab * ga) / det);
            let mut step = 1.0;
            loop {
                let next = loss(slope + step * da, offset + step * db);
                if next < now + 1e-4 * step * (ga * da + gb * db) {
                    (slope, offset, now) = (slope + step * da, offset + step * db, next);
                    break;
                }
                step /= 2.0;
                if step < 1e-10 {
                    return Self { slope: rounded(slope), offset: rounded(offset), prior: rounded(positive / total) };
                }
            }
        }
        Self { slope: rounded(slope), offset: rounded(offset), prior: rounded(positive / total) }
    }

    /// The probability under the prior that it was fitted under, or under another base rate.
    pub(crate) fn probability(&self, margin: f64, base_rate: Option<f64>) -> f64 {
        let shift = base_rate.map_or(0.0, |rate| logit(rate) - logit(self.prior));
        sigmoid(self.slope * margin + self.offset + shift)
    }
}

/// Thresholds on the partisan margin, set on held-out rows so that no base rate moves them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bands {
    /// From here on `review`: nine of ten partisan rows lie above.
    pub(crate) review: f64,
    /// From here on `likely`: at most one in two hundred of the others lies above.
    pub(crate) likely: f64,
    /// Recall and false-alarm rate of each on the held-out rows.
    pub(crate) review_rates: Rates,
    pub(crate) likely_rates: Rates,
}

/// Share of partisan and of other rows at or above a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rates {
    pub(crate) recall: f64,
    pub(crate) false_alarms: f64,
}

impl Rates {
    /// The share of partisan posts among those at or above the threshold, where `prevalence` of all posts are.
    pub(crate) fn precision(self, prevalence: f64) -> f64 {
        let hits = prevalence * self.recall;
        hits / (hits + (1.0 - prevalence) * self.false_alarms)
    }
}

/// Share of negatives allowed above `likely`.
const LIKELY_FALSE_ALARMS: f64 = 0.005;
/// Share of positives wanted above `review`.
const REVIEW_RECALL: f64 = 0.90;

impl Bands {
    pub(crate) fn fit(margins: &[f64], labels: &[bool], share: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..margins.len()).collect();
        order.sort_by(|&a, &b| margins[b].total_cmp(&margins[a]).then(a.cmp(&b)));
        let of = |want: bool| -> f64 { share.iter().zip(labels).filter(|(_, y)| **y == want).map(|(s, _)| s).sum() };
        let (positives, negatives) = (of(true), of(false));
        let (mut hits, mut alarms) = (0.0, 0.0);
        let (mut likely, mut review) = (f64::INFINITY, None);
        for (k, &i) in order.iter().enumerate() {
            if labels[i] {
                hits += share[i];
            } else {
                alarms += share[i];
            }
            // Equal margins stand or fall together.
            if order.get(k + 1).is_some_and(|&next| margins[next] == margins[i]) {
                continue;
            }
            if alarms <= LIKELY_FALSE_ALARMS * negatives {
                likely = margins[i];
            }
            if review.is_none() && hits >= REVIEW_RECALL * positives {
                review = Some(margins[i]);
            }
        }
        let likely = rounded(if likely.is_finite() { likely } else { order.first().map_or(0.0, |&i| margins[i]) + 1.0 });
        let review = rounded(review.unwrap_or(likely)).min(likely);
        let rates = |threshold: f64| {
            let above = |want: bool| -> f64 { (0..margins.len()).filter(|&i| labels[i] == want && margins[i] >= threshold).map(|i| share[i]).sum() };
            Rates { recall: rounded(above(true) / positives), false_alarms: rounded(above(false) / negatives) }
        };
        Self { review, likely, review_rates: rates(review), likely_rates: rates(likely) }
    }
}

/// The margin threshold with the highest F1 on held-out rows.
pub(crate) fn best_f1_threshold(margins: &[f64], labels: &[bool], share: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..margins.len()).collect();
    order.sort_by(|&a, &b| margins[b].total_cmp(&margins[a]).then(a.cmp(&b)));
    let positives: f64 = share.iter().zip(labels).filter(|(_, y)| **y).map(|(s, _)| s).sum();
    let (mut hits, mut said, mut best) = (0.0, 0.0, (0.0, f64::MAX));
    for &i in &order {
        said += share[i];
        if labels[i] {
            hits += share[i];
        }
        let f1 = 2.0 * hits / (positives + said);
        if f1 > best.0 {
            best = (f1, margins[i]);
        }
    }
    rounded(best.1.min(1e6))
}

/// Probabilities of exclusive classes, in the place of their margins: softmax at a temperature.
pub(crate) fn softmax(margins: &mut [f64], sharpness: f64) {
    let top = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    margins.iter_mut().for_each(|m| *m = libm::exp(sharpness * (*m - top)));
    let sum: f64 = margins.iter().sum();
    margins.iter_mut().for_each(|m| *m /= sum);
}

/// The sharpness (inverse temperature) that gives held-out rows the highest likelihood, by golden-section search.
pub(crate) fn fit_sharpness(margins: &[Vec<f64>], classes: &[usize]) -> f64 {
    let chance = |m: &[f64], class: usize, sharpness: f64| {
        let mut m = m.to_vec();
        softmax(&mut m, sharpness);
        m[class].max(1e-300)
    };
    let loss = |s: f64| -> f64 { margins.iter().zip(classes).map(|(m, &k)| -libm::log(chance(m, k, s))).sum() };
    let (mut low, mut high) = (0.05, 20.0);
    let golden = 0.618_033_988_749_894_9;
    while high - low > 1e-4 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if loss(a) < loss(b) { high = b } else { low = a }
    }
    rounded(f64::midpoint(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::SplitMix;

    fn sample() -> (Vec<f64>, Vec<bool>) {
        let mut random = SplitMix(3);
        (0..500)
            .map(|_| {
                let margin = random.below(8000) as f64 / 1000.0 - 4.0;
                (margin, sigmoid(1.7 * margin - 0.4) > random.below(1000) as f64 / 1000.0)
            })
            .unzip()
    }

    #[test]
    fn platt_scaling_agrees_with_linfa() {
        let (margins, labels) = sample();
        let own = Calibration::fit(&margins, &labels, &vec![1.0; labels.len()]);
        let params = linfa::composing::platt_scaling::PlattParams::<f64, ()>::default();
        let (a, b) = linfa::composing::platt_scaling::platt_newton_method(
            ndarray::ArrayView1::from(&margins),
            ndarray::ArrayView1::from(&labels),
            &linfa::ParamGuard::check(params).unwrap(),
        )
        .unwrap();
        // linfa's probability is 1 / (1 + exp(a·m + b)).
        assert!((own.slope + a).abs() < 1e-3 && (own.offset + b).abs() < 1e-3, "{own:?} {a} {b}");
    }

    #[test]
    fn bands_hold_their_rates() {
        let (margins, labels) = sample();
        let bands = Bands::fit(&margins, &labels, &vec![1.0; labels.len()]);
        assert!(bands.likely_rates.false_alarms <= LIKELY_FALSE_ALARMS);
        assert!(bands.review_rates.recall >= REVIEW_RECALL);
        assert!(bands.review <= bands.likely);
    }

    #[test]
    fn another_base_rate_shifts_the_log_odds() {
        let calibration = Calibration { slope: 1.0, offset: 0.2, prior: 0.5 };
        let p = calibration.probability(0.3, Some(0.01));
        assert!((logit(p) - (0.5 + logit(0.01))).abs() < 1e-9);
        assert_eq!(calibration.probability(0.3, Some(0.5)), calibration.probability(0.3, None));
    }
}

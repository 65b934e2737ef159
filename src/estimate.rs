//! How common something is in a feed, from a random sample and without keeping a row.

use std::fmt;

use serde::Serialize;

use crate::calibrate::Rates;
use crate::corpus::SIGNALS;
use crate::error::{Error, Result};
use crate::feed::Feed;
use crate::linear::SplitMix;
use crate::post::Post;
use crate::score::{Band, Score, Scorer, Status};
use crate::table::Table;

/// A smaller count could point at somebody.
const FEW: usize = 10;
/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Shares of a feed's rows with 95 % intervals. Its `Display` is for a terminal.
#[derive(Debug, Serialize)]
pub struct Estimate {
    /// Rows of the feed.
    rows: u64,
    /// Rows drawn at random that could be scored.
    sample: usize,
    /// Rows drawn that could not be read, were empty or too short to score.
    unscored: usize,
    /// Share of rows in `likely`, in `review` or above, and in which each signal fired.
    flagged: Vec<(&'static str, Option<Share>)>,
    /// Share of partisan rows that the rows in each band imply.
    partisan: Vec<(&'static str, Share)>,
}

/// A share with the ends of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Share {
    #[serde(rename = "share")]
    value: f64,
    low: f64,
    high: f64,
}

impl Share {
    /// `hits` of `of`, with E. B. Wilson's interval (1927), which holds also for few hits and for none.
    fn wilson(hits: usize, of: usize) -> Self {
        let (n, p) = (of.max(1) as f64, hits as f64 / of.max(1) as f64);
        let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        Self { value: p, low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
    }

    /// The share of partisan rows, where a test with known rates finds this share: W. J. Rogan and B. Gladen, "Estimating prevalence from the
    /// results of a screening test" (1978).
    fn corrected(self, rates: Rates) -> Self {
        let one = |found: f64| ((found - rates.false_alarms) / (rates.recall - rates.false_alarms)).clamp(0.0, 1.0);
        Self { value: one(self.value), low: one(self.low), high: one(self.high) }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} % [{:.2} {:.2}]", 100.0 * self.value, 100.0 * self.low, 100.0 * self.high)
    }
}

impl Scorer {
    /// Estimates from `sample` rows, drawn at random by `seed`, how common partisan posts and signals are in a feed. Rows are held in memory until they are
    /// scored, and nothing of them is kept or returned.
    ///
    /// # Errors
    /// The sample is empty, or no row of it can be scored.
    pub fn estimate(&self, feed: Feed, sample: usize, seed: u64) -> Result<Estimate> {
        if sample == 0 {
            return Err(Error::new("a sample of no rows says nothing").remedy("a thousand rows give a share to about three points"));
        }
        let (mut random, mut rows, mut drawn) = (SplitMix(seed), 0_u64, Vec::<Option<Post>>::new());
        for row in feed {
            rows += 1;
            // Each row so far is in the sample with the same probability: J. S. Vitter's Algorithm R (1985).
            if drawn.len() < sample {
                drawn.push(row.post.ok());
            } else if let Some(other) = drawn.get_mut(random.below(usize::try_from(rows).unwrap_or(usize::MAX))) {
                *other = row.post.ok();
            }
        }
        let posts: Vec<Post> = drawn.iter().flatten().cloned().collect();
        let scores: Vec<Score> = self.score_batch(&posts).into_iter().filter(|score| score.status == Status::Ok).collect();
        if scores.is_empty() {
            return Err(Error::new(format!("none of {} rows drawn can be scored", drawn.len())).remedy("netral sniff says what is in the feed"));
        }
        let share = |is: &dyn Fn(&Score) -> bool| {
            let hits = scores.iter().filter(|score| is(score)).count();
            (hits, Share::wilson(hits, scores.len()))
        };
        let bands = [("likely", Band::Likely), ("review or above", Band::Review)].map(|(name, band)| (name, share(&|score| score.band >= band)));
        let signals = SIGNALS.map(|signal| (signal, share(&|score| score.fired.contains(&signal))));
        let told = |(name, (hits, share)): (&'static str, (usize, Share))| (name, (hits == 0 || hits >= FEW).then_some(share));
        let [review, likely] = self.rates();
        Ok(Estimate {
            rows,
            sample: scores.len(),
            unscored: drawn.len() - scores.len(),
            partisan: bands.iter().zip([likely, review]).map(|((name, (_, share)), rates)| (*name, share.corrected(rates))).collect(),
            flagged: bands.into_iter().chain(signals).map(told).collect(),
        })
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let caption =
            format!("{} rows drawn at random of {} could be scored, {} could not; share of rows, with 95 % intervals", self.sample, self.rows, self.unscored);
        let mut table = Table::new(caption, ["", "share"]);
        for (name, share) in &self.flagged {
            let share = share.map_or_else(|| format!("fewer than {FEW} rows"), |share| share.to_string());
            table.rows.push(vec![(*name).to_owned(), share]);
        }
        for (name, share) in &self.partisan {
            table.rows.push(vec![format!("partisan, going by `{name}`"), share.to_string()]);
        }
        writeln!(f, "{table}")?;
        write!(
            f,
            "The last two lines correct for misses and false alarms as they are on held-out corpus rows; this feed's may differ, and the\n\
             intervals hold the chance of the draw alone. No row was kept. An estimate, not a finding / bukan putusan."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_wilsons() {
        // R: prop.test(10, 200, correct = FALSE), prop.test(0, 50, correct = FALSE)
        let close = |share: Share, low: f64, high: f64| (share.low - low).abs() < 1e-6 && (share.high - high).abs() < 1e-6;
        assert!(close(Share::wilson(10, 200), 0.027_382_6, 0.089_578_1), "{:?}", Share::wilson(10, 200));
        assert!(close(Share::wilson(0, 50), 0.0, 0.071_347_6), "{:?}", Share::wilson(0, 50));
    }

    #[test]
    fn the_share_is_found_again_through_a_test_that_errs() {
        let rates = Rates { recall: 0.9, false_alarms: 0.1 };
        for truth in [0.0, 0.05, 0.5, 1.0] {
            let found = truth * rates.recall + (1.0 - truth) * rates.false_alarms;
            let share = Share { value: found, low: found, high: found }.corrected(rates);
            assert!((share.value - truth).abs() < 1e-12);
        }
    }
}

//! A queue of posts worth labelling next: some drawn at random, for honest estimates, the rest where a label tells the model most.

use std::collections::HashSet;

use crate::calibrate::logit;
use crate::error::Result;
use crate::feed::{Feed, Row};
use crate::linear::SplitMix;
use crate::output::Output;
use crate::post::Post;
use crate::score::{Score, Scorer, Status};
use crate::text::words;

/// One of so many posts is drawn at random.
const RANDOM: usize = 5;
/// Candidates that are held for each place of the queue: near-duplicates are passed over.
const SPARE: usize = 10;
/// Two posts that share more of their words are told the same by one label.
const ALIKE: f64 = 0.5;
/// Rows that are scored together.
const BATCH: usize = 4096;

/// A row of the feed by its number, with its score.
type Candidate = (u64, Row, Score);

/// The candidates nearest to a point, in log-odds.
struct Nearest {
    why: &'static str,
    point: f64,
    most: usize,
    list: Vec<(f64, Candidate)>,
    /// No candidate farther than this is among them.
    bound: f64,
}

impl Nearest {
    fn new(why: &'static str, point: f64, size: usize) -> Self {
        Self { why, point, most: SPARE * size, list: Vec::new(), bound: f64::INFINITY }
    }

    fn offer(&mut self, odds: f64, candidate: &Candidate) {
        let distance = (odds - self.point).abs();
        if distance >= self.bound {
            return;
        }
        self.list.push((distance, candidate.clone()));
        if self.list.len() >= 2 * self.most {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.0.cmp(&b.1.0)));
        self.list.truncate(self.most);
        if self.list.len() == self.most {
            self.bound = self.list.last().map_or(f64::INFINITY, |last| last.0);
        }
    }
}

impl Scorer {
    /// Scores a feed and writes the `size` posts that are most worth labelling next: a fifth drawn at random by a seed, the others near the
    /// probability of one half and near the thresholds of `likely` and `review`, no two of them alike. `reason` says why each was chosen; the
    /// chance of those drawn at random lets their share of partisan posts stand for the feed's. In bounded memory; returns how many were written.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn queue(&self, feed: Feed, size: usize, seed: u64, mut output: Output) -> Result<usize> {
        let (review, likely) = self.thresholds();
        let random = size.div_ceil(RANDOM);
        let (mut drawn, mut read): (Vec<Candidate>, u64) = (Vec::new(), 0);
        let mut nearest = [
            Nearest::new("near the probability of one half", 0.0, size),
            Nearest::new("near the threshold of `likely`", logit(likely), size),
            Nearest::new("near the threshold of `review`", logit(review), size),
        ];
        let mut chance = SplitMix(seed);
        let mut rows = feed.filter(|row| row.post.is_ok()).peekable();
        while rows.peek().is_some() {
            let batch: Vec<Row> = rows.by_ref().take(BATCH).collect();
            let posts: Vec<Post> = batch.iter().filter_map(|row| row.post.clone().ok()).collect();
            for (row, score) in batch.into_iter().zip(self.score_batch(&posts)).filter(|(_, score)| score.status == Status::Ok) {
                let candidate = (read, row, score);
                read += 1;
                let place = if drawn.len() < random { drawn.len() } else { chance.below(read as usize) };
                if place < drawn.len() {
                    drawn[place] = candidate.clone();
                } else if place < random {
                    drawn.push(candidate.clone());
                }
                if let Some(p) = candidate.2.partisan {
                    nearest.iter_mut().for_each(|list| list.offer(logit(p.clamp(1e-9, 1.0 - 1e-9)), &candidate));
                }
            }
        }
        let share = random.min(drawn.len()) as f64 / read.max(1) as f64;
        let mut chosen: Vec<(Candidate, String)> = Vec::new();
        let mut seen: Vec<(u64, HashSet<String>)> = drawn.iter().map(|own| (own.0, vocabulary(&own.1))).collect();
        chosen.extend(drawn.into_iter().map(|own| (own, format!("drawn at random, with a chance of {share:.6}"))));
        nearest.iter_mut().for_each(Nearest::settle);
        let mut lists = nearest.map(|list| list.list.into_iter().map(move |(_, candidate)| (candidate, list.why)));
        // Uncertain posts come twice as often as those of either threshold.
        for turn in [0, 1, 0, 2].into_iter().cycle() {
            if chosen.len() >= size || lists.iter().all(|list| list.len() == 0) {
                break;
            }
            let fresh = lists[turn].find(|((number, row, _), _)| {
                let own = vocabulary(row);
                seen.iter().all(|(other, words)| other != number && overlap(words, &own) <= ALIKE)
            });
            if let Some((candidate, why)) = fresh {
                seen.push((candidate.0, vocabulary(&candidate.1)));
                chosen.push((candidate, why.to_owned()));
            }
        }
        let count = chosen.len();
        for ((_, row, score), why) in chosen {
            output.write(row, Score { reason: Some(why), ..score })?;
        }
        output.finish()?;
        Ok(count)
    }
}

fn vocabulary(row: &Row) -> HashSet<String> {
    words(row.post.as_ref().map_or("", Post::words)).into_iter().collect()
}

/// Words that two posts share, as a part of those that either has.
fn overlap(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let both = a.intersection(b).count();
    both as f64 / (a.len() + b.len() - both).max(1) as f64
}

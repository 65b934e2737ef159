//! The most frequent author of a feed, found in bounded memory.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// Authors that are counted at a time.
const COUNTED: usize = 256;
/// A smaller feed says nothing.
const LEAST_ROWS: u64 = 50;

/// Counts of the most frequent authors, by J. Misra and D. Gries, "Finding repeated elements" (1982): each is too low by at most
/// one row in 257, so with more authors than are counted a share just above a half may be missed.
#[derive(Debug, Default)]
pub(crate) struct Leader {
    counts: HashMap<u64, u64>,
    rows: u64,
}

impl Leader {
    /// What stands for an author.
    pub(crate) fn author(name: &str) -> u64 {
        FixedState::default().hash_one(name)
    }

    /// Counts a row.
    pub(crate) fn add(&mut self, author: Option<u64>) {
        self.rows += 1;
        let Some(author) = author else { return };
        if self.counts.len() < COUNTED || self.counts.contains_key(&author) {
            *self.counts.entry(author).or_default() += 1;
        } else {
            self.counts.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }

    /// Rows counted.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Counts the rows of another feed, too: P. K. Agarwal and others, "Mergeable summaries" (2012), with the same bound.
    pub(crate) fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        other.counts.iter().for_each(|(author, count)| *self.counts.entry(*author).or_default() += count);
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        if counts.len() > COUNTED {
            let (_, surplus, _) = counts.select_nth_unstable_by(COUNTED, |a, b| b.cmp(a));
            self.counts.retain(|_, count| {
                *count = count.saturating_sub(*surplus);
                *count > 0
            });
        }
    }

    /// Whether more than half of a feed that is large enough is one author's.
    pub(crate) fn is_one_author(&self) -> bool {
        self.rows >= LEAST_ROWS && self.counts.values().any(|count| 2 * count > self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(own: u64, others: u64) -> Leader {
        let mut leader = Leader::default();
        for n in 0..own.max(others) {
            if n < own {
                leader.add(Some(1));
            }
            if n < others {
                leader.add(Some(2 + n));
            }
        }
        leader
    }

    #[test]
    fn one_author_has_more_than_half_of_fifty_rows_or_more() {
        assert!(feed(26, 24).is_one_author());
        assert!(!feed(25, 25).is_one_author());
        assert!(!feed(40, 9).is_one_author());
        assert!(feed(60_000, 40_000).is_one_author());
        assert!(!feed(40_000, 60_000).is_one_author());
    }

    #[test]
    fn feeds_joined_are_one_feed() {
        let joined = |one: (u64, u64), other: (u64, u64)| {
            let mut all = feed(one.0, one.1);
            all.join(&feed(other.0, other.1));
            (all.rows, all.counts.len() <= COUNTED, all.is_one_author())
        };
        assert_eq!(joined((26, 24), (0, 10)), (60, true, false));
        assert_eq!(joined((20, 20), (11, 9)), (60, true, true));
        assert_eq!(joined((60_000, 40_000), (30_000, 20_000)), (150_000, true, true));
        assert_eq!(joined((60_000, 40_000), (0, 50_000)), (150_000, true, false));
    }
}

//! Learning curves: how good a recipe is by the number of rows that it learns from.

use std::collections::{BTreeSet, HashSet};
use std::fmt::{Display, Formatter};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::corpus::Corpus;
use crate::error::Result;
use crate::eval::Slice;
use crate::measure::{AP, AUC, BEST_F1, F1, RECALL_AT_5};
use crate::model::Recipe;
use crate::pack::Packs;
use crate::table::Table;
use crate::validate::Plan;

/// The shares of the groups that are learnt from: one in so many.
const SHARES: [usize; 5] = [16, 8, 4, 2, 1];
const SHOWN: [&str; 5] = [AUC, AP, BEST_F1, F1, RECALL_AT_5];

/// The figures of one recipe on the same held-out rows, by the share of the other rows that it learnt from. Displays as Markdown.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    points: Vec<Point>,
}

#[derive(Clone, Debug, Serialize)]
struct Point {
    /// One in so many groups is learnt from.
    one_in: usize,
    /// Rows that a model learns from, on average over the folds.
    learnt: f64,
    /// All held-out rows, then each language; none where the rows are too few to learn from.
    slices: Vec<Slice>,
}

impl Corpus {
    /// Measures a recipe as [`Corpus::cross_validate`] does, with a sixteenth, an eighth, a quarter, half and all of the groups to learn from:
    /// nested draws, the same for one seed of the recipe. Always tested on the same rows, so the last point is the cross-validation.
    ///
    /// # Errors
    /// As [`Corpus::cross_validate`]; a share that is too small to learn from is no error.
    pub fn learning_curve(&self, recipe: &Recipe, packs: &Packs, group: &str, say: &mut dyn FnMut(&str)) -> Result<Curve> {
        let whole = self.plan(group, recipe.folds)?;
        let mut points = Vec::new();
        for one_in in SHARES {
            let plan = whole.thinned(one_in, recipe.seed);
            say(&plan.to_string());
            let slices = if plan.enough(recipe.folds).is_ok() {
                let (rows, said) = plan.said(&plan.trials(recipe, packs)?, recipe);
                self.by_language(&rows, &plan.group, &said)
            } else {
                Vec::new()
            };
            points.push(Point { one_in, learnt: plan.learnt(), slices });
        }
        Ok(Curve { points })
    }
}

impl Plan<'_> {
    /// The same tests of models that learn from one in so many groups.
    fn thinned(&self, one_in: usize, seed: u64) -> Self {
        let groups: BTreeSet<String> = self.corpus.rows.iter().map(self.group).collect();
        let mut groups: Vec<String> = groups.into_iter().collect();
        groups.sort_by_cached_key(|group| Sha256::digest(format!("{seed} {group}")).to_vec());
        let kept: HashSet<&String> = groups[..groups.len().div_ceil(one_in)].iter().collect();
        let mut plan = self.clone();
        plan.splits.iter_mut().for_each(|split| split.learnt.retain(|&n| kept.contains(&(self.group)(&self.corpus.rows[n]))));
        plan
    }
}

impl Display for Curve {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let tested = self.points.last().map_or(&[][..], |point| &point.slices);
        for (n, slice) in tested.iter().enumerate() {
            let caption = format!("{}: {} held-out rows, by the share of the groups learnt from", slice.name, slice.rows);
            let mut table = Table::new(caption, ["share", "rows learnt from"].into_iter().chain(SHOWN));
            table.rows = self.points.iter().map(|point| point.cells(n)).collect();
            write!(f, "{}{table}", if n == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl Point {
    fn cells(&self, slice: usize) -> Vec<String> {
        let share = if self.one_in == 1 { "1".to_owned() } else { format!("1/{}", self.one_in) };
        let figures = SHOWN.map(|name| self.slices.get(slice).map_or_else(|| "too few rows".to_owned(), |slice| slice.shown(name)));
        [share, format!("{:.0}", self.learnt)].into_iter().chain(figures).collect()
    }
}

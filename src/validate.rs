//! Cross-validation: what models say of rows that they know nothing of, held out by group or forward in time.
//!
//! Everything that a model is made of, down to its vocabulary and its calibration, comes from the rows that it was trained on. So the figures
//! are those of `train` on rows that were never seen, and forward in time nothing of the future is known.

use rayon::prelude::*;

use crate::corpus::{Corpus, Row};
use crate::error::{Error, Result};
use crate::eval::Evaluation;
use crate::model::Recipe;
use crate::pack::Packs;
use crate::text::harmless;
use crate::train::{Trial, enough, fold_of};

/// How the rows of a corpus are held out.
#[derive(Clone)]
pub(crate) struct Plan<'a> {
    pub(crate) corpus: &'a Corpus,
    pub(crate) splits: Vec<Split>,
    /// What rows of one group have in common: they are held out, drawn and thinned together.
    pub(crate) group: fn(&Row) -> String,
}

/// Rows that a model learns from, and rows with a label that it is tested on, in the order of the corpus.
#[derive(Clone)]
pub(crate) struct Split {
    pub(crate) learnt: Vec<usize>,
    tested: Vec<usize>,
    /// The earliest time among the latter, where the former come before it.
    from: Option<String>,
}

impl Corpus {
    /// The ways to hold rows out: those of one writer, of one theme, or of one theme of one writer together; or forward in time.
    pub const GROUPS: [&str; 4] = ["writer", "theme", "both", "time"];

    /// Measures a recipe by cross-validation on its corpus; the result also lists the rows whose label it strongly doubts. The rows of one
    /// [group](Self::GROUPS) are held out together, in as many folds as the recipe has. By `time` the rows are cut into one block more than
    /// that, and each block but the first is tested with a model of those before it. Costs a training of the partisan head for each fold.
    ///
    /// # Errors
    /// There is no such group; rows have no time; a fold leaves too few rows to learn from; or as [`crate::Model::train`].
    pub fn cross_validate(&self, recipe: &Recipe, packs: &Packs, group: &str, say: &mut dyn FnMut(&str)) -> Result<Evaluation> {
        let plan = self.plan(group, recipe.folds)?;
        say(&plan.to_string());
        let (rows, said) = plan.said(&plan.trials(recipe, packs)?, recipe);
        say("measuring");
        let mut evaluation = self.evaluated(&rows, &plan.group, &[("cross-validation", &said)]);
        evaluation.doubts = self.doubts(&rows, &said);
        Ok(evaluation)
    }

    /// Which rows are tested by models of which others.
    pub(crate) fn plan(&self, group: &str, folds: usize) -> Result<Plan<'_>> {
        enough(&self.rows.iter().collect::<Vec<_>>(), folds, "")?;
        let (by, times): (fn(&Row) -> String, _) = match group {
            "writer" => (|row| row.writer.clone(), None),
            "theme" => (|row| row.theme.clone(), None),
            "both" => (Row::group, None),
            "time" => (Row::group, Some(self.times()?)),
            _ => return Err(Error::new(format!("no rows are held out by `{}`", harmless(group))).remedy(format!("one of {}", Self::GROUPS.join(" ")))),
        };
        let place = match &times {
            Some(times) => blocks(times, folds + 1),
            None => self.rows.iter().map(|row| fold_of(&by(row), folds)).collect(),
        };
        let mut splits = Vec::new();
        for fold in 0..=folds {
            let rows = |of: &dyn Fn(usize) -> bool| (0..self.len()).filter(|&n| of(place[n])).collect::<Vec<_>>();
            let learnt = rows(&|other| if times.is_some() { other < fold } else { other != fold });
            let tested: Vec<usize> = rows(&|own| own == fold).into_iter().filter(|&n| self.rows[n].partisan.is_some()).collect();
            let from = times.as_ref().and_then(|times| tested.iter().map(|&n| times[n].clone()).min());
            if !learnt.is_empty() && !tested.is_empty() {
                splits.push(Split { learnt, tested, from });
            }
        }
        if splits.is_empty() {
            return Err(Error::new(format!("no row can be held out: all have one `{group}`")).remedy("hold them out by another group"));
        }
        let plan = Plan { corpus: self, splits, group: by };
        plan.enough(folds)?;
        Ok(plan)
    }

    /// When each row was posted, as words that sort like the times: days alone if one row tells no more than its day.
    fn times(&self) -> Result<Vec<String>> {
        let told: Vec<Option<String>> = self.rows.iter().map(Row::moment).collect();
        let missing: Vec<&Row> = self.rows.iter().zip(&told).filter(|(_, time)| time.is_none()).map(|(row, _)| row).collect();
        if let Some(first) = missing.first() {
            let reason = format!("{} of {} rows have no `time` that can be read, the first of them {}", missing.len(), self.len(), harmless(&first.id));
            return Err(Error::new(reason).remedy("a time is 2024-02-14T08:00:00+07:00 or 2024-02-14; or hold rows out by writer, theme or both"));
        }
        let mut times: Vec<String> = told.into_iter().flatten().collect();
        let shortest = times.iter().map(String::len).min().unwrap_or(0);
        times.iter_mut().for_each(|time| time.truncate(shortest));
        Ok(times)
    }
}

impl std::fmt::Display for Plan<'_> {
    /// What is about to be done.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tested: usize = self.splits.iter().map(|split| split.tested.len()).sum();
        write!(f, "training {} models on {:.0} rows each, on average, to test them on {tested}", self.splits.len(), self.learnt())
    }
}

/// The place of each time among so many blocks of about equal count, the earliest first. Equal times stand in one.
fn blocks(times: &[String], count: usize) -> Vec<usize> {
    let mut sorted: Vec<&String> = times.iter().collect();
    sorted.sort_unstable();
    times.iter().map(|own| sorted.partition_point(|time| *time < own) * count / times.len()).collect()
}

impl<'a> Plan<'a> {
    /// Whether every model has rows enough to learn from.
    pub(crate) fn enough(&self, folds: usize) -> Result<()> {
        self.splits.iter().try_for_each(|split| {
            let rows: Vec<&Row> = split.learnt.iter().map(|&n| &self.corpus.rows[n]).collect();
            enough(&rows, folds, &split.from.as_ref().map_or(" outside one fold".to_owned(), |from| format!(" before {from}")))
        })
    }

    /// Rows with a label that a model learns from, on average.
    pub(crate) fn learnt(&self) -> f64 {
        let labelled = |split: &Split| split.learnt.iter().filter(|&&n| self.corpus.rows[n].partisan.is_some()).count();
        self.splits.iter().map(labelled).sum::<usize>() as f64 / self.splits.len() as f64
    }

    /// The rows of each split as its model reads them.
    pub(crate) fn trials(&self, recipe: &Recipe, packs: &Packs) -> Result<Vec<Trial<'a>>> {
        self.splits.par_iter().map(|split| Trial::new(self.corpus, &split.learnt, &split.tested, recipe, packs)).collect()
    }

    /// The tested rows in the order of the corpus, and the probability of each that it is partisan.
    pub(crate) fn said(&self, trials: &[Trial], recipe: &Recipe) -> (Vec<usize>, Vec<f64>) {
        let said: Vec<Vec<f64>> = trials.par_iter().map(|trial| trial.probabilities(recipe)).collect();
        let mut said: Vec<(usize, f64)> = self.splits.iter().zip(said).flat_map(|(split, said)| split.tested.iter().copied().zip(said)).collect();
        said.sort_unstable_by_key(|&(row, _)| row);
        said.into_iter().unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::SplitMix;
    use crate::model::Model;
    use crate::post::Post;
    use crate::score::Scorer;

    /// Sixty posts of thirty days, in no order, some of which share their day.
    fn corpus() -> Corpus {
        let mut random = SplitMix(1);
        let mut row = |n: usize| {
            let word = ["vote for ", "rain in "][n % 2];
            let text = format!("{word}{} {}", ["Harbor", "Meadow", "Beacon"][random.below(3)], ["town", "hall"][random.below(2)]);
            let time = format!("2024-04-{:02}", 1 + random.below(30));
            serde_json::from_value(serde_json::json!({"id": n.to_string(), "text": text, "partisan": n.is_multiple_of(2), "time": time})).unwrap()
        };
        Corpus { rows: (0..60).map(&mut row).collect(), names: std::collections::BTreeMap::new(), hash: String::new() }
    }

    #[test]
    fn forward_in_time_every_row_learnt_from_is_older_than_every_row_tested() {
        let corpus = corpus();
        let plan = corpus.plan("time", 4).unwrap();
        assert_eq!(plan.splits.len(), 4);
        for split in &plan.splits {
            let times = |rows: &[usize]| rows.iter().map(|&n| corpus.rows[n].time.clone()).collect::<Vec<_>>();
            assert!(times(&split.learnt).iter().max() < times(&split.tested).iter().min());
        }
        let tested: usize = plan.splits.iter().map(|split| split.tested.len()).sum();
        assert_eq!(tested + plan.splits[0].learnt.len(), 60);
    }

    #[test]
    fn equal_times_stand_in_one_block_and_blocks_are_about_equal() {
        let mut random = SplitMix(2);
        for days in [1, 3, 28, 1000] {
            let times: Vec<String> = (0..90).map(|_| format!("{:04}", random.below(days))).collect();
            let place = blocks(&times, 6);
            for (a, b) in (0..90).flat_map(|a| (0..90).map(move |b| (a, b))) {
                assert!(times[a] != times[b] || place[a] == place[b]);
                assert!(times[a] >= times[b] || place[a] <= place[b]);
            }
            assert!(days < 1000 || (0..6).all(|block| (13..=17).contains(&place.iter().filter(|&&p| p == block).count())), "{place:?}");
        }
    }

    #[test]
    fn one_row_that_tells_its_day_alone_makes_all_rows_stand_by_the_day() {
        let mut corpus = corpus();
        corpus.rows[0].time = "2024-04-09T23:00:00Z".into();
        assert!(corpus.times().unwrap().iter().all(|time| time.len() == 10));
        corpus.rows.iter_mut().for_each(|row| row.time = "2024-04-09T23:00:00-07:00".into());
        assert_eq!(corpus.times().unwrap()[0], "2024-04-10T06:00:00Z");
    }

    #[test]
    fn a_held_out_row_gets_the_score_of_a_model_trained_on_the_rows_before_it() {
        let corpus = corpus();
        let recipe = Recipe { folds: 2, tokens: 200, feature_rows: 1, ..Recipe::default() };
        let plan = corpus.plan("time", 2).unwrap();
        let (rows, said) = plan.said(&plan.trials(&recipe, &Packs::none()).unwrap(), &recipe);
        for split in &plan.splits {
            let learnt = Corpus { rows: split.learnt.iter().map(|&n| corpus.rows[n].clone()).collect(), ..corpus.clone() };
            let scorer = Scorer::new(Model::train(&learnt, &recipe, &Packs::none(), &mut |_| ()).unwrap(), Packs::none());
            for &n in &split.tested {
                let score = scorer.score(&Post::new(corpus.rows[n].text.clone())).partisan.unwrap();
                let held_out = said[rows.binary_search(&n).unwrap()];
                assert!((score - held_out).abs() < 0.001, "{score} {held_out}");
            }
        }
    }
}

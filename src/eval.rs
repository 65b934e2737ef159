//! Measures: how good probabilities are against gold labels, with intervals.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::corpus::{CONTEXTS, Corpus, Row, SIGNALS, SLOTS, Source, fill, invented_names, length_class, slots, truth};
use crate::error::{Error, Result};
use crate::linear::SplitMix;
use crate::model::Recipe;
use crate::pack::Packs;
use crate::post::Post;
use crate::score::{Score, Scorer};
use crate::train;

/// Gold posts with labels: a JSONL file whose rows have `text` and `partisan` (true, false, null, 1 or 0), and may have `lang`,
/// `signals`, `context` and any other column to slice by; or a TSV file with a header of such names. Slots such as `{cand}` in a text are
/// filled with names from the shipped packs, evenly over all sides, and from the `names.toml` beside the file.
#[derive(Clone, Debug)]
pub struct Gold {
    rows: Vec<GoldRow>,
}

#[derive(Clone, Debug, Deserialize)]
struct GoldRow {
    text: String,
    #[serde(deserialize_with = "truth")]
    partisan: Option<bool>,
    #[serde(default)]
    signals: Vec<String>,
    #[serde(flatten)]
    columns: BTreeMap<String, serde_json::Value>,
}

impl Gold {
    /// Reads gold labels.
    ///
    /// # Errors
    /// The file cannot be read or a row has no text or label; the error names the line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        let table = path.extension().is_some_and(|e| e == "tsv");
        let mut lines = text.lines().enumerate();
        let header: Vec<&str> = if table { lines.next().map_or(Vec::new(), |(_, l)| l.split('\t').collect()) } else { Vec::new() };
        let rows = lines.filter(|(_, l)| !l.trim().is_empty()).map(|(n, line)| {
            let row = if table {
                let cells = header.iter().zip(line.split('\t'));
                let value = |(name, cell): (&&str, &str)| {
                    let list = || cell.split(',').filter(|s| !s.is_empty()).collect::<Vec<_>>();
                    (
                        (*name).to_owned(),
                        if *name == "signals" { serde_json::json!(list()) } else { cell.parse::<u64>().map_or_else(|_| cell.into(), Into::into) },
                    )
                };
                serde_json::from_value(serde_json::Value::Object(cells.map(value).collect()))
            } else {
                serde_json::from_str(line)
            };
            row.map_err(|e| Error::new(format!("not a gold row: {e}")).at(path).line(n as u64 + 1).remedy("a gold row has `text` and `partisan`"))
        });
        let mut rows: Vec<GoldRow> = rows.collect::<Result<_>>()?;
        if rows.is_empty() {
            return Err(Error::new("no gold rows").at(path));
        }
        let slotted = |text: &str| slots(text).any(|s| SLOTS.contains(&s));
        if rows.iter().any(|r| slotted(&r.text)) {
            let (packs, names) = (Packs::national(), invented_names(path.parent().unwrap_or(Path::new(".")))?.1);
            for row in rows.iter_mut().filter(|r| slotted(&r.text)) {
                let column = |name: &str| row.columns.get(name).and_then(|v| v.as_str()).unwrap_or_default();
                row.text = fill(column("id"), &row.text, column("lang"), &packs, &names, Source::Packs, 0);
            }
        }
        Ok(Self { rows })
    }

    /// Scores the rows and measures the result, sliced by `lang`, `context`, the given columns and the gold signals.
    pub fn evaluate(&self, scorer: &Scorer, columns: &[String]) -> Evaluation {
        evaluate(scorer, self, columns)
    }

    /// The texts as posts, in order.
    pub fn posts(&self) -> Vec<Post> {
        self.rows.iter().map(|r| Post::new(r.text.clone())).collect()
    }

    /// The labels, in order: `None` where a text alone cannot tell.
    pub fn labels(&self) -> Vec<Option<bool>> {
        self.rows.iter().map(|r| r.partisan).collect()
    }

    /// The same rows with other texts, such as attacked ones.
    ///
    /// # Panics
    /// There are not as many texts as rows.
    #[must_use]
    pub fn with_texts(&self, texts: Vec<String>) -> Self {
        assert_eq!(texts.len(), self.rows.len(), "one text a row");
        Self { rows: self.rows.iter().zip(texts).map(|(row, text)| GoldRow { text, ..row.clone() }).collect() }
    }
}

/// The measures of a model on gold rows.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Per slice: `all`, then each value of the slicing columns; a row with several signals stands in several slices.
    pub slices: Vec<Slice>,
    /// Per signal, over rows that are partisan in gold or fired.
    pub signals: Vec<SignalFigures>,
    /// Share of rows whose likeliest context is the gold one.
    pub context_accuracy: Option<f64>,
    /// Ten bins of equal count: mean probability, share of positives, rows.
    pub reliability: Vec<(f64, f64, usize)>,
}

/// The measures of one slice of the rows.
#[derive(Clone, Debug, Serialize)]
pub struct Slice {
    /// `column=value`, or `all`.
    pub name: String,
    /// Rows with a label.
    pub rows: usize,
    /// Partisan ones among them.
    pub positives: usize,
    /// Share of rows without a probability (they count as 0).
    pub without_score: f64,
    /// Area under the ROC curve and its 95 % interval.
    pub auc: Option<(f64, [f64; 2])>,
    /// Average precision.
    pub ap: Option<(f64, [f64; 2])>,
    /// F1 at probability .5.
    pub f1: Option<(f64, [f64; 2])>,
    /// The highest F1 over all thresholds.
    pub best_f1: Option<(f64, [f64; 2])>,
    /// Expected calibration error over ten bins of equal count.
    pub ece: Option<(f64, [f64; 2])>,
    /// Partisan rows that have a probability of at least .5.
    pub found: usize,
    /// Rows that are not partisan and have a probability of at least .5.
    pub false_alarms: usize,
}

/// Precision and recall of one signal.
#[derive(Clone, Debug, Serialize)]
pub struct SignalFigures {
    /// The signal.
    pub name: &'static str,
    /// Rows that have it in gold.
    pub gold: usize,
    /// Rows for which it fired.
    pub fired: usize,
    /// Rows with both.
    pub both: usize,
}

/// Bootstrap resamples behind each interval.
const RESAMPLES: usize = 500;

fn evaluate(scorer: &Scorer, gold: &Gold, columns: &[String]) -> Evaluation {
    let scores = scorer.score_batch(&gold.posts());
    let labelled: Vec<(&GoldRow, &Score)> = gold.rows.iter().zip(&scores).filter(|(r, _)| r.partisan.is_some()).collect();
    let rows: Vec<Judged> = labelled
        .iter()
        .map(|(row, score)| {
            let names = ["lang", "context"].into_iter().chain(columns.iter().map(String::as_str));
            let value = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            let own = names.filter_map(|c| row.columns.get(c).filter(|v| !v.is_null()).map(|v| (c.to_owned(), value(v))));
            let signals = row.signals.iter().map(|s| ("signal".to_owned(), s.clone()));
            let slices = own.chain(std::iter::once(("characters".to_owned(), length_class(&row.text).to_owned()))).chain(signals).collect();
            Judged { label: row.partisan == Some(true), probability: score.partisan, slices }
        })
        .collect();
    let signals = SIGNALS.into_iter().map(|name| {
        let count = |f: &dyn Fn(&GoldRow, &Score) -> bool| labelled.iter().filter(|(r, s)| f(r, s)).count();
        let has = |r: &GoldRow| r.signals.iter().any(|s| s == name);
        SignalFigures {
            name,
            gold: count(&|r, _| has(r)),
            fired: count(&|_, s| s.fired.contains(&name)),
            both: count(&|r, s| has(r) && s.fired.contains(&name)),
        }
    });
    let contexts: Vec<bool> = labelled
        .iter()
        .filter_map(|(row, score)| {
            let gold = row.columns.get("context")?.as_str().filter(|c| CONTEXTS.contains(c))?;
            Some(score.context.iter().max_by(|a, b| a.1.total_cmp(&b.1))?.0 == gold)
        })
        .collect();
    let accuracy = contexts.iter().filter(|r| **r).count() as f64 / contexts.len() as f64;
    Evaluation { signals: signals.collect(), context_accuracy: (!contexts.is_empty()).then_some(accuracy), ..measured(&rows) }
}

impl Corpus {
    /// Measures a recipe by cross-validation on its corpus; rows of one `group` (`writer`, `theme`, or any other for both) are
    /// held out together.
    ///
    /// # Errors
    /// As [`crate::Model::train`].
    pub fn cross_validate(&self, recipe: &Recipe, packs: &Packs, group: &str, say: &mut dyn FnMut(&str)) -> Result<Evaluation> {
        let by = |row: &Row| match group {
            "writer" => row.writer.clone(),
            "theme" => row.theme.clone(),
            _ => row.group(),
        };
        let held_out = train::cross_validated(self, recipe, packs, &by, say)?;
        let rows: Vec<Judged> = held_out
            .into_iter()
            .map(|(n, p)| {
                let row = &self.rows[n];
                let own = [
                    ("lang", row.lang.as_str()),
                    ("context", &row.context),
                    ("register", &row.register),
                    ("kind", &row.kind),
                    ("characters", length_class(&row.text)),
                ];
                let slices = own.into_iter().filter(|(_, v)| !v.is_empty()).map(|(c, v)| (c.to_owned(), v.to_owned()));
                Judged { label: row.partisan == Some(true), probability: Some(p), slices: slices.collect() }
            })
            .collect();
        Ok(measured(&rows))
    }
}

/// One row with its gold label and what a model said.
struct Judged {
    label: bool,
    probability: Option<f64>,
    slices: Vec<(String, String)>,
}

fn measured(rows: &[Judged]) -> Evaluation {
    let all: Vec<usize> = (0..rows.len()).collect();
    // Slices stand by column, in the order in which the columns are first met.
    let mut columns: Vec<String> = Vec::new();
    let mut groups: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        for (column, value) in &row.slices {
            let order = columns.iter().position(|c| c == column).unwrap_or_else(|| {
                columns.push(column.clone());
                columns.len() - 1
            });
            groups.entry((order, format!("{column}={value}"))).or_default().push(i);
        }
    }
    let slices = std::iter::once(("all".to_owned(), all)).chain(groups.into_iter().map(|((_, name), list)| (name, list)));
    let slices: Vec<Slice> = slices.map(|(name, list)| slice(name, &list.iter().map(|&i| &rows[i]).collect::<Vec<_>>())).collect();
    let pairs: Vec<(bool, f64)> = rows.iter().map(|r| (r.label, r.probability.unwrap_or(0.0))).collect();
    Evaluation { slices, signals: Vec::new(), context_accuracy: None, reliability: bins(&pairs, 10) }
}

fn slice(name: String, rows: &[&Judged]) -> Slice {
    let pairs: Vec<(bool, f64)> = rows.iter().map(|r| (r.label, r.probability.unwrap_or(0.0))).collect();
    let positives = pairs.iter().filter(|p| p.0).count();
    let both = positives > 0 && positives < pairs.len();
    let figure = |measure: fn(&[(bool, f64)]) -> f64, fits: bool| fits.then(|| (measure(&pairs), interval(&pairs, measure)));
    Slice {
        name,
        rows: pairs.len(),
        positives,
        without_score: rows.iter().filter(|r| r.probability.is_none()).count() as f64 / rows.len().max(1) as f64,
        auc: figure(auc, both),
        ap: figure(average_precision, both),
        f1: figure(f1, both),
        best_f1: figure(best_f1, both),
        ece: figure(ece, both),
        found: pairs.iter().filter(|(y, p)| *y && *p >= 0.5).count(),
        false_alarms: pairs.iter().filter(|(y, p)| !y && *p >= 0.5).count(),
    }
}

/// 95 % percentile bootstrap over rows, seeded. Resamples with one class only are left out.
fn interval(pairs: &[(bool, f64)], measure: fn(&[(bool, f64)]) -> f64) -> [f64; 2] {
    let mut random = SplitMix(1);
    let mut values: Vec<f64> = (0..RESAMPLES)
        .map(|_| (0..pairs.len()).map(|_| pairs[random.below(pairs.len())]).collect::<Vec<_>>())
        .filter(|sample| sample.iter().any(|p| p.0) && sample.iter().any(|p| !p.0))
        .map(|sample| measure(&sample))
        .collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get(((share * values.len() as f64) as usize).min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN);
    [at(0.025), at(0.975)]
}

/// Falling probabilities with the counts of positives and negatives at each.
fn steps(pairs: &[(bool, f64)]) -> Vec<(f64, f64, f64)> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut out: Vec<(f64, f64, f64)> = Vec::new();
    for (label, p) in sorted {
        match out.last_mut() {
            Some(last) if last.0 == p => {
                if label {
                    last.1 += 1.0;
                } else {
                    last.2 += 1.0;
                }
            }
            _ => out.push((p, f64::from(u8::from(label)), f64::from(u8::from(!label)))),
        }
    }
    out
}

/// Area under the ROC curve: the chance that a partisan row has a higher probability than another; ties count half.
fn auc(pairs: &[(bool, f64)]) -> f64 {
    let (mut hits, mut area, mut alarms) = (0.0, 0.0, 0.0);
    for (_, yes, no) in steps(pairs) {
        area += no * (hits + yes / 2.0);
        hits += yes;
        alarms += no;
    }
    area / (hits * alarms)
}

/// Precision averaged over the positives, equal probabilities taken together.
fn average_precision(pairs: &[(bool, f64)]) -> f64 {
    let (mut hits, mut said, mut sum) = (0.0, 0.0, 0.0);
    for (_, yes, no) in steps(pairs) {
        hits += yes;
        said += yes + no;
        sum += yes * hits / said;
    }
    sum / hits
}

fn f1(pairs: &[(bool, f64)]) -> f64 {
    let hits = pairs.iter().filter(|(y, p)| *y && *p >= 0.5).count() as f64;
    let wrong = pairs.iter().filter(|(y, p)| *y != (*p >= 0.5)).count() as f64;
    if hits == 0.0 { 0.0 } else { 2.0 * hits / (2.0 * hits + wrong) }
}

fn best_f1(pairs: &[(bool, f64)]) -> f64 {
    let positives = pairs.iter().filter(|p| p.0).count() as f64;
    let (mut hits, mut said, mut best) = (0.0, 0.0, 0.0f64);
    for (_, yes, no) in steps(pairs) {
        hits += yes;
        said += yes + no;
        best = best.max(2.0 * hits / (positives + said));
    }
    best
}

/// Bins of about equal count, rising; equal probabilities are never split: (mean probability, share of positives, rows).
fn bins(pairs: &[(bool, f64)], count: usize) -> Vec<(f64, f64, usize)> {
    let mut out = Vec::new();
    let (mut n, mut yes, mut said) = (0.0, 0.0, 0.0);
    for (p, hits, rest) in steps(pairs).into_iter().rev() {
        n += hits + rest;
        yes += hits;
        said += p * (hits + rest);
        if n >= pairs.len() as f64 / count as f64 {
            out.push((said / n, yes / n, n as usize));
            (n, yes, said) = (0.0, 0.0, 0.0);
        }
    }
    if n > 0.0 {
        out.push((said / n, yes / n, n as usize));
    }
    out
}

/// Expected calibration error: the mean distance between what was said and what was so, over ten bins of equal count.
fn ece(pairs: &[(bool, f64)]) -> f64 {
    bins(pairs, 10).iter().map(|(said, so, n)| (said - so).abs() * *n as f64).sum::<f64>() / pairs.len() as f64
}

impl std::fmt::Display for Evaluation {
    /// Markdown tables.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let figure = |v: &Option<(f64, [f64; 2])>| v.map_or_else(|| "–".to_owned(), |(x, [a, b])| format!("{x:.3} [{a:.3} {b:.3}]"));
        writeln!(
            f,
            "| slice | rows | AUC | AP | F1 at .5 | best F1 | ECE | found at .5 | false alarms at .5 | no score |\n|---|---|---|---|---|---|---|---|---|---|"
        )?;
        for s in &self.slices {
            let (found, alarms) = (format!("{} of {}", s.found, s.positives), format!("{} of {}", s.false_alarms, s.rows - s.positives));
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {found} | {alarms} | {:.1} % |",
                crate::text::harmless(&s.name).replace('|', "/"),
                s.rows,
                figure(&s.auc),
                figure(&s.ap),
                figure(&s.f1),
                figure(&s.best_f1),
                figure(&s.ece),
                100.0 * s.without_score
            )?;
        }
        if !self.signals.is_empty() {
            writeln!(f, "\n| signal | gold | fired | precision | recall |\n|---|---|---|---|---|")?;
            for s in &self.signals {
                let share = |of: usize| if of == 0 { "–".to_owned() } else { format!("{:.2}", s.both as f64 / of as f64) };
                writeln!(f, "| {} | {} | {} | {} | {} |", s.name, s.gold, s.fired, share(s.fired), share(s.gold))?;
            }
        }
        if let Some(accuracy) = self.context_accuracy {
            writeln!(f, "\ncontext accuracy {accuracy:.3}")?;
        }
        let mut table = String::new();
        for (said, so, n) in &self.reliability {
            let _ = writeln!(table, "| {said:.3} | {so:.3} | {n} |");
        }
        write!(f, "\n| probability said | share partisan | rows |\n|---|---|---|\n{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counted by hand: of the 16 pairs of unlike rows, 12 stand right and one is a tie; and so on.
    #[test]
    fn measures_agree_with_known_values() {
        let pairs = [(true, 0.9), (true, 0.8), (false, 0.8), (false, 0.3), (true, 0.35), (false, 0.1), (true, 0.2), (false, 0.05)];
        assert!((auc(&pairs) - 12.5 / 16.0).abs() < 1e-12);
        assert!((average_precision(&pairs) - (1.0 + 2.0 / 3.0 + 3.0 / 4.0 + 4.0 / 6.0) / 4.0).abs() < 1e-12);
        assert!((f1(&pairs) - 4.0 / 7.0).abs() < 1e-12);
        assert!((best_f1(&pairs) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn a_calibrated_sample_has_no_calibration_error() {
        let pairs: Vec<(bool, f64)> = (0..100).map(|i| (i % 4 == 0, 0.25)).collect();
        assert!(ece(&pairs) < 1e-12);
        assert_eq!(bins(&pairs, 10).len(), 1);
    }
}

//! Gold posts, and how well systems tell the partisan ones: figures with intervals, slice by slice, and paired tests.

pub(crate) mod predictions;
mod report;
mod tables;
pub(crate) use tables::{place, shown};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::adapt::{self, Adapted};
use crate::attack::Attack;
use crate::calibrate::Rates;
use crate::corpus::{CONTEXTS, Corpus, Row, SIGNALS, SLOTS, Source, fill, invented_names, length_class, slots, truth};
use crate::error::{Error, Result};
use crate::measure::{self, Bin, Difference, Figure, MEASURES, Sample, Step, THRESHOLD};
use crate::model::Model;
use crate::pack::Packs;
use crate::post::Post;
use crate::score::{Band, Score, Scorer};
use crate::text::word;

/// Gold posts with labels, and what other systems say of them.
///
/// A JSONL file whose rows have `text` and `partisan` (true, false, null, 1 or 0), and may have `id`, `lang`, `signals`, `context` and any
/// other column to slice or group by; or a TSV file with a header of such names. Slots such as `{cand}` in a text are filled with names
/// from the shipped packs, evenly over all sides, and from the `names.toml` beside the file.
#[derive(Clone, Debug, Default)]
pub struct Gold {
    rows: Vec<GoldRow>,
    columns: Vec<String>,
    group: Option<String>,
    /// Systems and their probabilities, one a row.
    others: Vec<(String, Vec<Option<f64>>)>,
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

/// Columns by whose values rows are sliced wherever gold has them.
const SLICED: [&str; 5] = ["lang", "context", "activity", "register", "kind"];
/// Columns whose values are drawn together in a resample, the first that gold has.
const GROUPED: [&str; 2] = ["group", "author"];
/// Bootstrap resamples behind each interval.
const RESAMPLES: usize = 1000;
/// Shares of partisan posts for which precision is stated: real feeds hold few.
const BASE_RATES: [f64; 3] = [0.001, 0.01, 0.05];

impl GoldRow {
    /// A column as a word.
    fn column(&self, name: &str) -> Option<String> {
        let value = self.columns.get(name).filter(|v| !v.is_null())?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// The slice of a column that the row is in; times count by the month.
    fn slice(&self, name: &str) -> Option<(String, String)> {
        let word = self.column(name)?;
        let day = |w: &str| w.len() >= 10 && w.bytes().take(10).enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        Some((name.to_owned(), if day(&word) { word[..7].to_owned() } else { word }))
    }
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
        Ok(Self { rows, ..Self::default() })
    }

    /// Reads several files one after another; where there are more than one, `file` is a column that they are sliced by.
    ///
    /// # Errors
    /// As [`Gold::read`]; or no file is given.
    pub fn read_all(paths: &[PathBuf]) -> Result<Self> {
        let mut all = Self::default();
        for path in paths {
            let mut gold = Self::read(path)?;
            if paths.len() > 1 {
                gold.rows.iter_mut().for_each(|row| drop(row.columns.insert("file".to_owned(), path.to_string_lossy().into())));
            }
            all.rows.append(&mut gold.rows);
        }
        if all.rows.is_empty() { Err(Error::new("no gold file is given")) } else { Ok(if paths.len() > 1 { all.sliced_by("file") } else { all }) }
    }

    /// Measures each value of a column apart, besides those of `lang`, `context`, `activity`, `register` and `kind`, the length and the
    /// signals. A time counts by its month.
    #[must_use]
    pub fn sliced_by(mut self, column: &str) -> Self {
        self.columns.push(column.to_owned());
        self
    }

    /// Draws the rows of one value of a column together when intervals are made: posts of one account, say, are not independent.
    /// Without it `group` or `author` is taken, where gold has it.
    #[must_use]
    pub fn grouped_by(mut self, column: &str) -> Self {
        self.group = Some(column.to_owned());
        self
    }

    /// Adds what another system says of the same rows: JSON lines (also those that `netral score` writes), a table with a header, or what
    /// `fasttext predict-prob` prints. Rows are joined by `id` where both have ids that name one row each, else in order.
    ///
    /// # Errors
    /// The files cannot be read, hold no probabilities, or do not fit the gold rows.
    pub fn with_predictions(mut self, name: &str, files: &[PathBuf]) -> Result<Self> {
        let ids: Vec<Option<String>> = self.rows.iter().map(|row| row.column("id")).collect();
        self.others.push((name.to_owned(), predictions::read(files, &ids)?));
        Ok(self)
    }

    /// Scores the rows, unless there is no scorer, and measures this and the other systems.
    pub fn evaluate(&self, scorer: Option<&Scorer>) -> Evaluation {
        let labelled: Vec<usize> = (0..self.rows.len()).filter(|&n| self.rows[n].partisan.is_some()).collect();
        let rows: Vec<Labelled> = labelled.iter().map(|&n| self.labelled(&self.rows[n])).collect();
        let posts = || labelled.iter().map(|&n| Post::new(self.rows[n].text.clone())).collect::<Vec<_>>();
        let scores = scorer.map(|scorer| scorer.score_batch(&posts()));
        let own = scores.iter().map(|scores| ("netral".to_owned(), scores.iter().map(|score| score.partisan).collect()));
        let others = self.others.iter().map(|(name, said)| (name.clone(), labelled.iter().map(|&n| said[n]).collect()));
        let said: Vec<_> = own.chain(others).collect();
        let mut evaluation = Evaluation::of(&rows, self.rows.len() - rows.len(), &said);
        if let Some(scores) = scores {
            let gold: Vec<&GoldRow> = labelled.iter().map(|&n| &self.rows[n]).collect();
            let netral = &mut evaluation.systems[0];
            netral.rules.splice(0..0, [Band::Likely, Band::Review].map(|band| Rule::of(&word(&band), &rows, |n| scores[n].band >= band)));
            (netral.heads, netral.context_accuracy) = (heads(&gold, &scores), context_accuracy(&gold, &scores));
        }
        evaluation
    }

    fn labelled(&self, row: &GoldRow) -> Labelled {
        let own = SLICED.into_iter().chain(self.columns.iter().map(String::as_str)).filter_map(|c| row.slice(c));
        let signals = row.signals.iter().map(|s| ("signal".to_owned(), s.clone()));
        let length = ("characters".to_owned(), length_class(&row.text).to_owned());
        let group = self.group.as_deref().map_or_else(|| GROUPED.into_iter().find_map(|c| row.column(c)), |c| row.column(c));
        Labelled { label: row.partisan == Some(true), slices: own.chain([length]).chain(signals).collect(), group }
    }

    /// The texts as posts, in order.
    pub fn posts(&self) -> Vec<Post> {
        self.rows.iter().map(|row| Post { id: row.column("id"), ..Post::new(row.text.clone()) }).collect()
    }

    /// The labels, in order: `None` where a text alone cannot tell.
    pub fn labels(&self) -> Vec<Option<bool>> {
        self.rows.iter().map(|r| r.partisan).collect()
    }

    /// The same rows with every word of four letters or more disguised in one of these [ways](Self::ATTACKS).
    ///
    /// # Errors
    /// There is no such way.
    pub fn attacked(mut self, way: &str) -> Result<Self> {
        let attack: Attack = way.parse()?;
        self.rows.iter_mut().enumerate().for_each(|(n, row)| row.text = attack.apply(&row.text, n as u64));
        Ok(self)
    }

    /// The ways to hide words from a filter that [`Gold::attacked`] knows.
    pub const ATTACKS: [&str; Attack::ALL.len()] = Attack::NAMES;
}

/// The measures of systems on gold rows. It shows itself as Markdown tables, and can be written as JSON or as a page.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    rows: usize,
    partisan: usize,
    unlabelled: usize,
    /// Groups that are drawn whole, where rows are not drawn one by one.
    groups: Option<usize>,
    resamples: usize,
    systems: Vec<System>,
    comparisons: Vec<Comparison>,
    /// Rows whose label a cross-validated model strongly doubts, the most doubtful first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) doubts: Vec<Doubt>,
}

/// A row whose label deserves a second look.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Doubt {
    id: String,
    partisan: bool,
    /// What a model says that saw neither the row nor its group.
    probability: f64,
    text: String,
}

/// How far from its label a probability lies that casts doubt on it.
const DOUBTFUL: f64 = 0.9;

impl Evaluation {
    /// Measures systems, each with a probability a row, and compares the first with each other one.
    fn of(rows: &[Labelled], unlabelled: usize, said: &[(String, Vec<Option<f64>>)]) -> Self {
        let groups = grouped(rows);
        let sample = |n: usize| Sample::new(&pairs(rows, &said[n].1));
        let compared = |other: usize| Comparison::of([&said[0].0, &said[other].0], &sample(0), &sample(other), &groups);
        Self {
            rows: rows.len(),
            partisan: rows.iter().filter(|row| row.label).count(),
            unlabelled,
            groups: (groups.len() < rows.len()).then_some(groups.len()),
            resamples: RESAMPLES,
            comparisons: (1..said.len()).into_par_iter().map(compared).collect(),
            systems: said.iter().map(|(name, said)| System::measure(name, rows, said)).collect(),
            doubts: Vec::new(),
        }
    }
}

/// The measures of one system.
#[derive(Clone, Debug, Serialize)]
struct System {
    name: String,
    /// `all`, then each value of the slicing columns; a row with several signals stands in several slices.
    slices: Vec<Slice>,
    /// What comes of acting on a threshold.
    rules: Vec<Rule>,
    /// Per signal.
    heads: Vec<Head>,
    /// Share of rows whose likeliest context is the gold one.
    context_accuracy: Option<f64>,
    reliability: Vec<Bin>,
    #[serde(skip)]
    steps: Vec<Step>,
}

/// The measures of one slice of the rows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Slice {
    /// `column=value`, or `all`.
    pub(crate) name: String,
    /// Rows with a label.
    pub(crate) rows: usize,
    /// Partisan ones among them.
    partisan: usize,
    /// Rows without a probability; they count as 0.
    without_score: usize,
    /// Partisan rows at or above the threshold.
    found: usize,
    /// Other rows there.
    false_alarms: usize,
    /// In the order of [`MEASURES`].
    #[serde(serialize_with = "by_measure")]
    figures: Vec<Figure>,
}

/// What comes of reading all posts that a rule names.
#[derive(Clone, Debug, Serialize)]
struct Rule {
    name: String,
    /// Rows named.
    rows: usize,
    #[serde(flatten)]
    rates: Rates,
    precision: f64,
    /// The precision where one post in a thousand, a hundred or twenty is partisan.
    precision_at: [f64; BASE_RATES.len()],
}

/// One signal: over rows that are partisan in gold or for which it fired, and as a ranking of all rows.
#[derive(Clone, Debug, Serialize)]
struct Head {
    name: &'static str,
    /// Rows that have it in gold.
    gold: usize,
    /// Rows for which it fired.
    fired: usize,
    /// Rows with both.
    both: usize,
    /// In the order of [`MEASURES`].
    #[serde(serialize_with = "by_measure")]
    figures: Vec<Figure>,
}

/// A paired test of two systems on the same rows.
#[derive(Clone, Debug, Serialize)]
struct Comparison {
    systems: [String; 2],
    /// The first less the second, in the order of [`MEASURES`].
    #[serde(serialize_with = "by_measure")]
    differences: Vec<Difference>,
    mcnemar: McNemar,
}

/// Rows that one system alone has right at the threshold.
#[derive(Clone, Copy, Debug, Serialize)]
struct McNemar {
    first_only: usize,
    second_only: usize,
    p: f64,
}

/// One gold row as it is measured.
struct Labelled {
    label: bool,
    slices: Vec<(String, String)>,
    group: Option<String>,
}

fn by_measure<T: Serialize, S: serde::Serializer>(figures: &[T], to: S) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(MEASURES.iter().map(|measure| measure.name).zip(figures))
}

fn pairs(rows: &[Labelled], said: &[Option<f64>]) -> Vec<(bool, f64)> {
    rows.iter().zip(said).map(|(row, p)| (row.label, p.unwrap_or(0.0))).collect()
}

/// Lists of rows that are drawn together: those of one group, or each by itself.
fn grouped<'a>(rows: impl IntoIterator<Item = &'a Labelled>) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut single = Vec::new();
    for (n, row) in rows.into_iter().enumerate() {
        match &row.group {
            Some(group) => groups.entry(group).or_default().push(n),
            None => single.push(vec![n]),
        }
    }
    groups.into_values().chain(single).collect()
}

impl System {
    fn measure(name: &str, rows: &[Labelled], said: &[Option<f64>]) -> Self {
        let steps = Sample::new(&pairs(rows, said)).steps();
        let at = format!("at {THRESHOLD}").replace("0.", ".");
        let rules = vec![Rule::of(&at, rows, |n| said[n].is_some_and(|p| p >= THRESHOLD))];
        Self {
            name: name.to_owned(),
            slices: Slice::all(rows, said),
            rules,
            heads: Vec::new(),
            context_accuracy: None,
            reliability: measure::bins(&steps, 10),
            steps,
        }
    }
}

impl Slice {
    /// All rows, and those with each value of a column.
    fn all(rows: &[Labelled], said: &[Option<f64>]) -> Vec<Self> {
        // Slices stand by column, in the order in which the columns are first met.
        let mut columns: Vec<&str> = Vec::new();
        let mut groups: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
        for (n, row) in rows.iter().enumerate() {
            for (column, value) in &row.slices {
                let order = columns.iter().position(|c| c == column).unwrap_or_else(|| {
                    columns.push(column);
                    columns.len() - 1
                });
                groups.entry((order, format!("{column}={value}"))).or_default().push(n);
            }
        }
        let all = ((0, "all".to_owned()), (0..rows.len()).collect());
        let slices: Vec<((usize, String), Vec<usize>)> = std::iter::once(all).chain(groups).collect();
        slices.into_par_iter().map(|((_, name), list)| Self::measure(name, rows, said, &list)).collect()
    }

    fn measure(name: String, rows: &[Labelled], said: &[Option<f64>], list: &[usize]) -> Self {
        let own: Vec<(bool, Option<f64>)> = list.iter().map(|&n| (rows[n].label, said[n])).collect();
        let pairs: Vec<(bool, f64)> = own.iter().map(|&(label, p)| (label, p.unwrap_or(0.0))).collect();
        let count = |wanted: bool| pairs.iter().filter(|&&(label, p)| label == wanted && p >= THRESHOLD).count();
        Self {
            name,
            rows: own.len(),
            partisan: own.iter().filter(|row| row.0).count(),
            without_score: own.iter().filter(|row| row.1.is_none()).count(),
            found: count(true),
            false_alarms: count(false),
            figures: Sample::new(&pairs).figures(&grouped(list.iter().map(|&n| &rows[n])), RESAMPLES),
        }
    }
}

impl Rule {
    fn of(name: &str, rows: &[Labelled], named: impl Fn(usize) -> bool) -> Self {
        let count = |f: &dyn Fn(usize) -> bool| (0..rows.len()).filter(|&n| f(n)).count() as f64;
        let (hits, alarms) = (count(&|n| named(n) && rows[n].label), count(&|n| named(n) && !rows[n].label));
        let rates = Rates { recall: hits / count(&|n| rows[n].label), false_alarms: alarms / count(&|n| !rows[n].label) };
        Self {
            name: name.to_owned(),
            rows: (hits + alarms) as usize,
            rates,
            precision: hits / (hits + alarms),
            precision_at: BASE_RATES.map(|rate| rates.precision(rate)),
        }
    }
}

impl Comparison {
    fn of(names: [&str; 2], first: &Sample, second: &Sample, groups: &[Vec<usize>]) -> Self {
        let (first_only, second_only, p) = first.mcnemar(second);
        Self { systems: names.map(str::to_owned), differences: first.differences(second, groups, RESAMPLES), mcnemar: McNemar { first_only, second_only, p } }
    }
}

fn heads(gold: &[&GoldRow], scores: &[Score]) -> Vec<Head> {
    let head = |number: usize, name: &'static str| {
        let has = |row: &GoldRow| row.signals.iter().any(|s| s == name);
        let count = |f: &dyn Fn(&GoldRow, &Score) -> bool| gold.iter().zip(scores).filter(|(row, score)| f(row, score)).count();
        let probability = |score: &Score| score.signals.get(number).map_or(0.0, |s| s.1);
        let pairs: Vec<(bool, f64)> = gold.iter().zip(scores).map(|(row, score)| (has(row), probability(score))).collect();
        let each: Vec<Vec<usize>> = (0..pairs.len()).map(|n| vec![n]).collect();
        Head {
            name,
            gold: count(&|row, _| has(row)),
            fired: count(&|_, score| score.fired.contains(&name)),
            both: count(&|row, score| has(row) && score.fired.contains(&name)),
            figures: Sample::new(&pairs).figures(&each, RESAMPLES),
        }
    };
    SIGNALS.into_par_iter().enumerate().map(|(number, name)| head(number, name)).collect()
}

fn context_accuracy(gold: &[&GoldRow], scores: &[Score]) -> Option<f64> {
    let right = gold.iter().zip(scores).filter_map(|(row, score)| {
        let context = row.columns.get("context")?.as_str().filter(|c| CONTEXTS.contains(c))?;
        Some(score.context.iter().max_by(|a, b| a.1.total_cmp(&b.1)).is_some_and(|c| c.0 == context))
    });
    let right: Vec<bool> = right.collect();
    (!right.is_empty()).then(|| right.iter().filter(|r| **r).count() as f64 / right.len() as f64)
}

impl Corpus {
    /// The rows whose held-out probability lies far from their label.
    pub(crate) fn doubts(&self, rows: &[usize], said: &[f64]) -> Vec<Doubt> {
        let doubt = |(&n, &probability): (&usize, &f64)| {
            let (row, partisan) = (&self.rows[n], self.rows[n].partisan?);
            let distance = if partisan { 1.0 - probability } else { probability };
            (distance >= DOUBTFUL).then(|| Doubt { id: row.id.clone(), partisan, probability, text: row.text.clone() })
        };
        let mut doubts: Vec<Doubt> = rows.iter().zip(said).filter_map(doubt).collect();
        let distance = |doubt: &Doubt| (f64::from(u8::from(doubt.partisan)) - doubt.probability).abs();
        doubts.sort_by(|a, b| distance(b).total_cmp(&distance(a)).then_with(|| a.id.cmp(&b.id)));
        doubts
    }

    /// Measures what systems say of some of the rows.
    pub(crate) fn evaluated(&self, rows: &[usize], group: &dyn Fn(&Row) -> String, systems: &[(&str, &[f64])]) -> Evaluation {
        let unlabelled = self.rows.iter().filter(|row| row.partisan.is_none()).count();
        let systems: Vec<_> = systems.iter().map(|(name, said)| ((*name).to_owned(), said.iter().copied().map(Some).collect())).collect();
        Evaluation::of(&self.labelled(rows, group), unlabelled, &systems)
    }

    /// The figures of a system over all of some rows, and over those of each language.
    pub(crate) fn by_language(&self, rows: &[usize], group: &dyn Fn(&Row) -> String, said: &[f64]) -> Vec<Slice> {
        let mut labelled = self.labelled(rows, group);
        labelled.iter_mut().for_each(|row| row.slices.retain(|(column, _)| column == "lang"));
        Slice::all(&labelled, &said.iter().copied().map(Some).collect::<Vec<_>>())
    }

    fn labelled(&self, rows: &[usize], group: &dyn Fn(&Row) -> String) -> Vec<Labelled> {
        let labelled = |&n: &usize| {
            let row = &self.rows[n];
            let month = row.moment().map(|moment| moment[..7].to_owned()).unwrap_or_default();
            let own = [
                ("lang", row.lang.as_str()),
                ("context", &row.context),
                ("register", &row.register),
                ("kind", &row.kind),
                ("characters", length_class(&row.text)),
                ("time", &month),
            ];
            let slices = own.into_iter().filter(|(_, v)| !v.is_empty()).map(|(c, v)| (c.to_owned(), v.to_owned()));
            Labelled { label: row.partisan == Some(true), slices: slices.collect(), group: Some(group(row)) }
        };
        rows.iter().map(labelled).collect()
    }
}

impl Model {
    /// Adapts this model to labels of one's own, and measures both on them by cross-validation: the base, and models adapted to the other
    /// rows alone. At least 20 labelled rows; 200 take about a second. Bands stay where they are.
    ///
    /// # Errors
    /// There are too few labels.
    pub fn adapt(&self, corpus: &Corpus, packs: &Packs, say: &mut dyn FnMut(&str)) -> Result<(Model, Evaluation)> {
        let Adapted { model, rows, before, after } = adapt::adapt(self, corpus, packs, say)?;
        let evaluation = corpus.evaluated(&rows, &Row::group, &[("adapted", &after), ("base", &before)]);
        Ok((model, evaluation))
    }
}

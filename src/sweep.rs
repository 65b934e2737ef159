//! Sweeps: many recipes measured on one corpus, each in a file of results as soon as it is known, so that a broken run goes on where it stopped.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::corpus::Corpus;
use crate::error::{Error, Result};
use crate::eval::{Slice, place, shown};
use crate::measure::{AP, AUC, BEST_F1, BRIER, ECE, F1, Figure, LOG_LOSS, MEASURES, RECALL_AT_5};
use crate::model::Recipe;
use crate::pack::{PackName, Packs, hex};
use crate::table::Table;
use crate::train::Trial;
use crate::validate::Plan;

/// What recipes are sorted by, and its measure.
const CRITERIA: [(&str, &str); 8] =
    [("auc", AUC), ("ap", AP), ("best_f1", BEST_F1), ("f1", F1), ("recall_at_5", RECALL_AT_5), ("brier", BRIER), ("log_loss", LOG_LOSS), ("ece", ECE)];
/// Fields of a recipe that do not touch the partisan head, which alone is measured.
const UNMEASURED: [&str; 2] = ["c_other", "name"];

/// The figures of many recipes on one corpus, in the order in which they were asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Sweep {
    /// One row a recipe, as it stands in the file of results.
    rows: Vec<Value>,
}

/// What figures depend on; with other than these they are measured again.
#[derive(Serialize)]
struct Key<'a> {
    netral: &'static str,
    corpus_sha256: &'a str,
    packs: Vec<PackName>,
    group: &'a str,
    recipe_sha256: String,
}

/// One line of a file of results.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    key: &'a Key<'a>,
    recipe: &'a Recipe,
    /// Rows with a label that a model learns from, on average over the folds.
    learnt: f64,
    /// All held-out rows, then each language.
    slices: Vec<Slice>,
}

/// How every line of a file of results begins.
const START: &[u8] = b"{\"netral\":\"";

impl Recipe {
    /// This recipe with every combination of the values that a TOML file lists for some of its fields, such as `c = [0.5, 1.0]`.
    ///
    /// # Errors
    /// The file cannot be read or is not TOML; a field is unknown, has no list or a value of another type, or is not measured by cross-validation.
    pub fn grid(&self, path: &Path) -> Result<Vec<Self>> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        let grid: toml::Table =
            toml::from_str(&text).map_err(|e| Error::new(format!("not TOML: {}", e.message())).at(path).remedy("list values, such as c = [0.5, 1.0]"))?;
        let mut recipes = vec![self.clone()];
        // Of fields in order of name the first changes fastest: `c` does not change how texts are read.
        for (field, values) in grid.iter().rev() {
            let fault = |reason: String| Error::new(format!("`{field}` {reason}")).at(path);
            if UNMEASURED.contains(&field.as_str()) {
                return Err(fault("has no part in what is measured, the partisan head".to_owned()).remedy("leave it out"));
            }
            let values = values.as_array().filter(|values| !values.is_empty());
            let values = values.ok_or_else(|| fault("has no list of values".to_owned()).remedy(format!("write {field} = [first, second]")))?;
            let with = |recipe: &Self, value: &toml::Value| -> serde_json::Result<Self> {
                let mut fields = serde_json::to_value(recipe)?;
                fields[field] = serde_json::to_value(value)?;
                serde_json::from_value(fields)
            };
            let all = recipes.iter().flat_map(|recipe| values.iter().map(move |value| with(recipe, value)));
            let all = all.collect::<serde_json::Result<Vec<Self>>>();
            recipes = all.map_err(|e| fault(format!("does not fit: {e}")).remedy("see models/netral.toml for the fields"))?;
        }
        Ok(recipes)
    }

    /// The fields by name.
    fn fields(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => unreachable!("a recipe is an object"),
        }
    }
}

impl Corpus {
    /// What the table of a sweep can be sorted by.
    pub const CRITERIA: [&str; CRITERIA.len()] = {
        let mut names = [""; CRITERIA.len()];
        let mut n = 0;
        while n < names.len() {
            names[n] = CRITERIA[n].0;
            n += 1;
        }
        names
    };

    /// Measures recipes as [`Corpus::cross_validate`] does. Each is added to the file of `results` as a JSON line, which is on the disk before
    /// the next recipe's turn; one that stands there, measured by the same version on the same corpus, packs and group, is not measured again.
    /// A last line that broke off is replaced. Recipes that read texts alike one after another share the reading.
    ///
    /// # Errors
    /// As [`Corpus::cross_validate`]; or the file cannot be written, or holds something else.
    pub fn sweep(&self, recipes: &[Recipe], packs: &Packs, group: &str, results: &Path, say: &mut dyn FnMut(&str)) -> Result<Sweep> {
        let mut results = Results::open(results)?;
        let varying = varying(recipes.iter().map(Recipe::fields));
        let mut read: Option<(Recipe, Plan, Vec<Trial>)> = None;
        let mut rows = Vec::with_capacity(recipes.len());
        for (n, recipe) in recipes.iter().enumerate() {
            let fields = recipe.fields();
            let values = varying.iter().map(|name| format!("{name} = {}", fields[name])).collect::<Vec<_>>().join(", ");
            let turn = format!("recipe {} of {}: {values}", n + 1, recipes.len());
            let key = Key {
                netral: env!("CARGO_PKG_VERSION"),
                corpus_sha256: &self.hash,
                packs: packs.names(),
                group,
                recipe_sha256: hex(&Sha256::digest(Value::from(fields).to_string())),
            };
            if let Some(row) = results.find(&key) {
                say(&format!("{turn} (measured before)"));
                rows.push(row.clone());
                continue;
            }
            say(&turn);
            // Readings are large: an unlike one goes before the next comes.
            let (alike, plan, trials) = if let Some(reading) = read.take().filter(|(alike, ..)| *alike == recipe.reading()) {
                reading
            } else {
                let plan = self.plan(group, recipe.folds)?;
                let trials = plan.trials(recipe, packs)?;
                (recipe.reading(), plan, trials)
            };
            let (tested, said) = plan.said(&trials, recipe);
            let slices = self.by_language(&tested, &plan.group, &said);
            rows.push(results.add(&Row { key: &key, recipe, learnt: plan.learnt(), slices })?);
            read = Some((alike, plan, trials));
        }
        Ok(Sweep { rows })
    }
}

/// The names of the fields in which recipes differ.
fn varying(mut recipes: impl Iterator<Item = Map<String, Value>>) -> Vec<String> {
    let first = recipes.next().unwrap_or_default();
    let rest: Vec<_> = recipes.collect();
    first.into_iter().filter(|(name, value)| rest.iter().any(|other| other.get(name) != Some(value))).map(|(name, _)| name).collect()
}

impl Sweep {
    /// The recipes in order of one of the [criteria](Corpus::CRITERIA), the best first, with the fields in which they differ.
    ///
    /// # Errors
    /// There is no such criterion.
    pub fn sorted_by(&self, criterion: &str) -> Result<Table> {
        let wanted = CRITERIA.iter().find(|(name, _)| *name == criterion);
        let (_, by) = wanted.ok_or_else(|| Error::new(format!("`{criterion}` is no criterion")).remedy(format!("one of {}", Corpus::CRITERIA.join(" "))))?;
        let sign = if MEASURES[place(by)].rising { -1.0 } else { 1.0 };
        let mut rows: Vec<&Value> = self.rows.iter().collect();
        // What has no value comes last.
        let order = |row: &Value| Some(sign * figure(row, by).value).filter(|value| !value.is_nan()).unwrap_or(f64::INFINITY);
        rows.sort_by(|a, b| order(a).total_cmp(&order(b)));
        let varying = varying(self.rows.iter().map(|row| row["recipe"].as_object().cloned().unwrap_or_default()));
        let caption = format!("{} recipes by {by}, the best first; figures over all held-out rows, with 95 % intervals", rows.len());
        let mut table = Table::new(caption, varying.iter().map(String::as_str).chain(CRITERIA.iter().map(|(_, measure)| *measure)));
        table.rows = rows
            .iter()
            .map(|row| {
                let fields = varying.iter().map(|name| row["recipe"][name].to_string());
                fields.chain(CRITERIA.iter().map(|(_, measure)| shown(&figure(row, measure)))).collect()
            })
            .collect();
        Ok(table)
    }
}

/// A figure over all held-out rows of a line of results.
fn figure(row: &Value, measure: &str) -> Figure {
    let part = |name: &str| row["slices"][0]["figures"][measure][name].as_f64().unwrap_or(f64::NAN);
    Figure { value: part("value"), low: part("low"), high: part("high") }
}

/// A file of results and the lines in it.
struct Results {
    path: PathBuf,
    file: File,
    rows: Vec<Value>,
}

impl Results {
    /// Reads what stands in a file, which is made if there is none, and takes off a last line that broke off. A file of something else stays
    /// as it is.
    fn open(path: &Path) -> Result<Self> {
        let io = |e| Error::io(path, e);
        let mut file = File::options().read(true).append(true).create(true).open(path).map_err(io)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let (whole, torn) = bytes.split_at(bytes.iter().rposition(|&b| b == b'\n').map_or(0, |end| end + 1));
        let lines: Vec<&[u8]> = whole.split(|&b| b == b'\n').filter(|line| !line.is_empty()).collect();
        let ours = |line: &[u8]| line.iter().zip(START).all(|(a, b)| a == b);
        let row = |line: &[u8]| serde_json::from_slice(line).ok().filter(|_| ours(line));
        let fault = |n: usize| Error::new("not a result of a sweep").at(path).line(n as u64 + 1).remedy("remove the line, or name a new file");
        let rows = lines.iter().enumerate().map(|(n, line)| row(line).ok_or_else(|| fault(n))).collect::<Result<_>>()?;
        if !ours(torn) {
            return Err(fault(lines.len()));
        }
        file.set_len(whole.len() as u64).map_err(io)?;
        Ok(Self { path: path.to_owned(), file, rows })
    }

    fn find(&self, key: &Key) -> Option<&Value> {
        let key = serde_json::to_value(key).expect("text can be written");
        let key = key.as_object().expect("a key is an object");
        self.rows.iter().find(|row| key.iter().all(|(name, value)| row.get(name) == Some(value)))
    }

    /// Adds a line, which is on the disk when this returns, and tells what it says.
    fn add(&mut self, row: &Row) -> Result<Value> {
        let line = serde_json::to_string(row).expect("figures can be written") + "\n";
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_all());
        written.map_err(|e| Error::io(&self.path, e))?;
        let row: Value = serde_json::from_str(&line).expect("what was just written can be read");
        self.rows.push(row.clone());
        Ok(row)
    }
}

//! The scorer as Python sees it: columns in, a table out.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow_array::RecordBatch;
use netral::{Activity, Error, Feed, Gold, Options, Output, Post};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use rayon::prelude::*;

use crate::column::{Cell, Column, lists};
use crate::engine::{About, Engine, Settings, Source, pool, threads};
use crate::evaluation::Evaluation;
use crate::model::Model;
use crate::scores::{Rows, Scores};
use crate::{NetralError, raised};

/// Rows of one batch at most: what an engine hands over at a time comes back as one.
const BATCH: usize = 1 << 14;
/// Bytes of texts after which a batch ends, so that quotations of them stay below what a column can hold.
const BATCH_BYTES: usize = 1 << 25;
/// Rows that a thread takes at least.
const SHARE: usize = 64;
/// Rows for each thread between two looks at whether the user has stopped it.
const TURN: usize = 1 << 16;

/// Scores posts. Making one reads nothing; the model is loaded when it is first needed, once in a process, and shared by all scorers like it.
///
/// `model`: a path, a `Model`, or `None` for the shipped one. `packs`: paths of contest packs, `[]` for none, or `None` for the shipped ones.
/// `base_rate`: the share of partisan posts that probabilities assume. `rules`: rule files, or names of shipped ones such as `id-skb-2022`.
/// `threads`: how many may score, all cores by default.
///
/// It pickles as paths and hashes: where it is unpickled the same files must stand.
#[pyclass(subclass, module = "netral")]
pub struct Scorer {
    settings: Settings,
    threads: Option<usize>,
    /// What model and packs must be, where another process said so.
    expected: Option<About>,
    with_evidence: OnceLock<Arc<Engine>>,
    without: OnceLock<Arc<Engine>>,
}

/// The columns of posts.
struct Posts {
    text: Column,
    activity: One,
    parent: Option<Column>,
    time: Option<Column>,
    links: Option<Vec<Vec<String>>>,
}

/// What was done: the same in all rows, or told for each.
enum One {
    All(Activity),
    Each(Column),
}

impl Posts {
    fn read(
        text: &Bound<'_, PyAny>,
        activity: Option<&Bound<'_, PyAny>>,
        parent: Option<&Bound<'_, PyAny>>,
        links: Option<&Bound<'_, PyAny>>,
        time: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let column = |name: &str, object: Option<&Bound<'_, PyAny>>| object.map(|object| Column::read(object, name)).transpose();
        let posts = Self {
            text: Column::read(text, "text")?,
            activity: match activity {
                None => One::All(Activity::Unknown),
                Some(word) if word.is_instance_of::<PyString>() => One::All(known(&word.extract::<String>()?)?),
                Some(each) => One::Each(Column::read(each, "activity")?),
            },
            parent: column("parent", parent)?,
            time: column("time", time)?,
            links: links.map(|links| lists(links, "links")).transpose()?,
        };
        let activity = if let One::Each(activity) = &posts.activity { Some(activity.len()) } else { None };
        let others = [("activity", activity), ("parent", posts.parent.as_ref().map(Column::len)), ("time", posts.time.as_ref().map(Column::len))];
        for (name, rows) in others.into_iter().chain([("links", posts.links.as_ref().map(Vec::len))]) {
            if let Some(rows) = rows.filter(|rows| *rows != posts.text.len()) {
                return Err(PyValueError::new_err(format!("{name} has {rows} rows, text {}", posts.text.len())));
            }
        }
        Ok(posts)
    }

    /// Puts a row into `post`, or says why it cannot be read.
    fn fill(&self, row: usize, post: &mut Post) -> Result<(), String> {
        post.text.clear();
        if let Cell::Text(text) = sound(self.text.get(row))? {
            post.text.push_str(text);
        }
        post.activity = match &self.activity {
            One::All(activity) => *activity,
            One::Each(column) => match sound(column.get(row))? {
                Cell::Text(word) => Activity::parse(word),
                _ => Activity::Unknown,
            },
        };
        let optional = |column: &Option<Column>, place: &mut Option<String>| -> Result<(), String> {
            let Some(column) = column else { return Ok(()) };
            *place = if let Cell::Text(text) = sound(column.get(row))? { Some(text.to_owned()) } else { None };
            Ok(())
        };
        optional(&self.parent, &mut post.parent)?;
        optional(&self.time, &mut post.time)?;
        if let Some(links) = &self.links {
            post.links.clone_from(&links[row]);
        }
        Ok(())
    }
}

/// An activity by its word; a word for all rows that nobody knows is a slip.
fn known(word: &str) -> PyResult<Activity> {
    match Activity::parse(word) {
        Activity::Unknown if word != "unknown" => Err(PyValueError::new_err(format!("no activity is called {word:?}"))),
        activity => Ok(activity),
    }
}

fn sound(cell: Cell<&str>) -> Result<Cell<&str>, String> {
    if let Cell::Bad(reason) = cell { Err(reason) } else { Ok(cell) }
}

impl Engine {
    /// Scores some rows; nearly always they make one batch.
    fn batches(&self, posts: &Posts, range: Range<usize>, evidence: bool) -> PyResult<Vec<RecordBatch>> {
        let (mut rows, mut post) = (Rows::new(evidence), Post::default());
        let (mut batches, mut bytes) = (Vec::new(), 0);
        for row in range {
            if bytes > BATCH_BYTES {
                batches.push(self.batch(std::mem::replace(&mut rows, Rows::new(evidence)))?);
                bytes = 0;
            }
            rows.push(&match posts.fill(row, &mut post) {
                Ok(()) => self.scorer.score(&post),
                // A column has no lines.
                Err(reason) => self.scorer.unreadable(0, reason),
            });
            bytes += post.text.len() + post.parent.as_ref().map_or(0, String::len);
        }
        batches.push(self.batch(rows)?);
        Ok(batches)
    }

    fn batch(&self, rows: Rows) -> PyResult<RecordBatch> {
        let about = [("netral.model", self.about.model.to_string()), ("netral.packs", self.about.packs.to_string())];
        let metadata: HashMap<String, String> = about.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        rows.finish(metadata).map_err(|e| NetralError::new_err(e.to_string()))
    }
}

impl Scorer {
    /// The engine, loaded by the first who asks.
    fn engine(&self, py: Python<'_>, evidence: bool) -> PyResult<&Engine> {
        let place = if evidence { &self.with_evidence } else { &self.without };
        if let Some(engine) = place.get() {
            return Ok(engine);
        }
        let threads = threads(self.threads)?;
        let engine = py.detach(|| self.settings.engine(evidence, threads, self.expected.as_ref()))?;
        Ok(place.get_or_init(|| engine))
    }
}

#[pymethods]
impl Scorer {
    #[new]
    #[pyo3(signature = (model=None, packs=None, *, base_rate=None, rules=None, threads=None))]
    fn new(
        model: Option<&Bound<'_, PyAny>>,
        packs: Option<&Bound<'_, PyAny>>,
        base_rate: Option<f64>,
        rules: Option<&Bound<'_, PyAny>>,
        threads: Option<usize>,
    ) -> PyResult<Self> {
        crate::engine::threads(threads)?;
        if let Some(rate) = base_rate.filter(|rate| !(*rate > 0.0 && *rate < 1.0)) {
            return Err(PyValueError::new_err(format!("a base rate of {rate} is not between 0 and 1")));
        }
        let settings = Settings {
            model: source(model)?,
            packs: packs.map(paths).transpose()?,
            // A name of a shipped rule file stays a name.
            rules: rules.map(names).transpose()?.unwrap_or_default(),
            base_rate,
        };
        settings.check().map_err(raised)?;
        Ok(Self { settings, threads, expected: None, with_evidence: OnceLock::new(), without: OnceLock::new() })
    }

    /// Scores a text or a column of texts, and gives a table with a row for each, in order. A row without text, or with what is no text, gets a
    /// status and keeps its place.
    ///
    /// `text`: a string, a list of strings, an Arrow or Polars column, a pandas or NumPy column. Beside it, as columns of the same length:
    /// `activity` (post, comment, reply, share, quote, forward, like, reaction, follow; one word stands for all rows), `parent` (the text that is
    /// answered, quoted, passed on or liked), `links` (lists of addresses beside the text), `time` (RFC 3339; rules go by it). Without `evidence`
    /// the reasons are left out, which is faster. The GIL is released.
    #[pyo3(signature = (text, *, activity=None, parent=None, links=None, time=None, evidence=true))]
    #[expect(clippy::too_many_arguments, reason = "those of a post")]
    fn score(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyAny>,
        activity: Option<&Bound<'_, PyAny>>,
        parent: Option<&Bound<'_, PyAny>>,
        links: Option<&Bound<'_, PyAny>>,
        time: Option<&Bound<'_, PyAny>>,
        evidence: bool,
    ) -> PyResult<Scores> {
        let one = text.is_instance_of::<PyString>();
        let posts = if one {
            // A single post: what is told of it stands for itself too.
            let column = |value| PyTuple::new(py, [value]).map(Bound::into_any);
            let [activity, parent, links, time] = [activity, parent, links, time].map(|value| value.map(column).transpose());
            Posts::read(&column(text)?, activity?.as_ref(), parent?.as_ref(), links?.as_ref(), time?.as_ref())?
        } else {
            Posts::read(text, activity, parent, links, time)?
        };
        let (engine, threads) = (self.engine(py, evidence)?, threads(self.threads)?);
        let rows = posts.text.len();
        let mut batches = Vec::new();
        if rows <= SHARE {
            batches = py.detach(|| engine.batches(&posts, 0..rows, evidence))?;
        } else {
            let pool = pool(threads)?;
            let share = if threads == 1 { BATCH } else { rows.div_ceil(4 * threads).clamp(SHARE, BATCH) };
            for turn in (0..rows).step_by(TURN * threads) {
                let starts: Vec<usize> = (turn..rows.min(turn + TURN * threads)).step_by(share).collect();
                let end = rows.min(turn + TURN * threads);
                let part = |start: &usize| engine.batches(&posts, *start..end.min(start + share), evidence);
                let scored: PyResult<Vec<Vec<RecordBatch>>> = py.detach(|| pool.install(|| starts.par_iter().map(part).collect()));
                batches.extend(scored?.into_iter().flatten());
                py.check_signals()?;
            }
        }
        Ok(Scores::new(batches[0].schema(), batches))
    }

    /// How one post gets its score, as JSON and in words for a terminal, and the words that were scored.
    #[pyo3(signature = (text, *, activity=None, parent=None, links=None, time=None))]
    fn _explain(
        &self,
        py: Python<'_>,
        text: String,
        activity: Option<&str>,
        parent: Option<String>,
        links: Option<Vec<String>>,
        time: Option<String>,
    ) -> PyResult<(String, String, String)> {
        let activity = activity.map_or(Ok(Activity::Unknown), known)?;
        let post = Post { text, activity, parent, links: links.unwrap_or_default(), time, ..Post::default() };
        let engine = self.engine(py, true)?;
        let explanation = py.detach(|| engine.scorer.explain(&post));
        let json = serde_json::to_string(&explanation).map_err(|e| NetralError::new_err(e.to_string()))?;
        Ok((json, explanation.to_string(), post.words().to_owned()))
    }

    /// Measures on gold files; see `eval`.
    fn _eval(&self, py: Python<'_>, gold: Vec<PathBuf>, slices: Vec<String>, group: Option<String>, attack: Option<String>) -> PyResult<Evaluation> {
        let engine = self.engine(py, false)?;
        let pool = pool(threads(self.threads)?)?;
        let measure = || -> Result<Evaluation, Error> {
            let mut gold = slices.iter().fold(Gold::read_all(&gold)?, |gold, column| gold.sliced_by(column));
            if let Some(column) = &group {
                gold = gold.grouped_by(column);
            }
            if let Some(way) = &attack {
                gold = gold.attacked(way)?;
            }
            let report = gold.evaluate(Some(&engine.scorer));
            Ok(Evaluation::of(&report, report.brief(), report.html()))
        };
        py.detach(|| pool.install(measure)).map_err(raised)
    }

    /// Writes the `size` posts of a feed that are most worth labelling next to a file, and says how many there are: a fifth drawn at random, the
    /// others near one half and near the thresholds of the bands, no two alike.
    ///
    /// `feed`: a file of any form that `netral score` reads. `form`: `label-studio`, `csv` or `jsonl`. The file appears when it is complete.
    #[pyo3(signature = (feed, output, *, size=100, seed=1, form="label-studio", text_column=None))]
    #[expect(clippy::too_many_arguments, reason = "those of the command")]
    fn queue(&self, py: Python<'_>, feed: PathBuf, output: PathBuf, size: usize, seed: u64, form: &str, text_column: Option<String>) -> PyResult<usize> {
        let engine = self.engine(py, true)?;
        let pool = pool(threads(self.threads)?)?;
        let partial = with_end(&output, ".partial");
        let write = || -> Result<Option<usize>, Error> {
            let feed = Feed::open(&feed, &Options { text_column: text_column.clone(), ..Options::default() })?;
            let to = Output::to(File::create(&partial).map_err(|e| Error::io(&partial, e))?);
            let to = match form {
                "label-studio" => to.tasks(),
                "csv" => to.csv(&feed),
                "jsonl" => to.jsonl(&feed),
                _ => return Ok(None),
            };
            let count = engine.scorer.queue(feed, size, seed, to)?;
            std::fs::rename(&partial, &output).map_err(|e| Error::io(&output, e))?;
            Ok(Some(count))
        };
        let count = py.detach(|| pool.install(write));
        if !matches!(count, Ok(Some(_))) {
            // That it cannot be removed matters less than why the work failed.
            let _ = std::fs::remove_file(&partial);
        }
        count.map_err(raised)?.ok_or_else(|| PyValueError::new_err(format!("no form is called {form:?}: label-studio, csv or jsonl")))
    }

    /// The model.
    #[getter]
    fn model(&self, py: Python<'_>) -> PyResult<Model> {
        Ok(Model::from(self.engine(py, true)?.model.clone()))
    }

    /// Names and hashes of the packs.
    #[getter]
    fn packs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?.call_method1("loads", (self.engine(py, true)?.about.packs.to_string(),))
    }

    /// The share of partisan posts that probabilities assume.
    #[getter]
    fn base_rate(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(self.engine(py, true)?.scorer.base_rate())
    }

    /// How many threads may score.
    #[getter]
    fn threads(&self) -> PyResult<usize> {
        threads(self.threads)
    }

    /// The part of the posts in `review` and `likely` together, and in `likely` alone, that is partisan on feeds with this share of partisan
    /// posts, as held-out corpus rows imply it.
    fn precision(&self, py: Python<'_>, prevalence: f64) -> PyResult<(f64, f64)> {
        Ok(self.engine(py, true)?.scorer.precision(prevalence))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let py = slf.py();
        let state = PyDict::new(py);
        let scorer = slf.borrow();
        let about = &scorer.engine(py, true)?.about;
        match &scorer.settings.model {
            Source::Shipped => state.set_item("model", py.None())?,
            Source::File(path) => state.set_item("model", absolute(path).into_os_string())?,
            Source::Loaded(model) => state.set_item("model", Bound::new(py, Model::from(model.clone()))?)?,
        }
        state.set_item("packs", scorer.settings.packs.as_ref().map(|files| files.iter().map(|file| absolute(file).into_os_string()).collect::<Vec<_>>()))?;
        state.set_item("rules", scorer.settings.rules.iter().map(|file| absolute(file).into_os_string()).collect::<Vec<_>>())?;
        state.set_item("base_rate", scorer.settings.base_rate)?;
        state.set_item("threads", scorer.threads)?;
        state.set_item("about", (about.model.to_string(), about.packs.to_string()))?;
        Ok((slf.get_type().into_any(), PyTuple::empty(py), state))
    }

    fn __setstate__(&mut self, state: &Bound<'_, PyDict>) -> PyResult<()> {
        let item = |name: &str| state.get_item(name)?.ok_or_else(|| PyValueError::new_err(format!("a pickled scorer without {name}")));
        let given = |name: &str| Ok::<_, PyErr>(Some(item(name)?).filter(|value| !value.is_none()));
        let (model, packs): (String, String) = item("about")?.extract()?;
        let json = |text: &str| serde_json::from_str(text).map_err(|e| PyValueError::new_err(e.to_string()));
        *self = Self {
            settings: Settings {
                model: source(given("model")?.as_ref())?,
                packs: given("packs")?.as_ref().map(paths).transpose()?,
                rules: names(&item("rules")?)?,
                base_rate: item("base_rate")?.extract()?,
            },
            threads: item("threads")?.extract()?,
            expected: Some(About { model: json(&model)?, packs: json(&packs)? }),
            with_evidence: OnceLock::new(),
            without: OnceLock::new(),
        };
        Ok(())
    }

    fn __repr__(&self) -> String {
        let model = match &self.settings.model {
            Source::Shipped => "shipped".to_owned(),
            Source::File(path) => path.display().to_string(),
            Source::Loaded(model) => format!("{} {}", model.name().0, model.name().1),
        };
        format!("<netral.Scorer: model {model}>")
    }
}

fn source(model: Option<&Bound<'_, PyAny>>) -> PyResult<Source> {
    let Some(model) = model else { return Ok(Source::Shipped) };
    if let Ok(model) = model.cast::<Model>() {
        return Ok(Source::Loaded(model.get().inner().clone()));
    }
    let path: PathBuf = model.extract().map_err(|_| PyTypeError::new_err("model is a path or a netral.Model"))?;
    Ok(Source::File(absolute(path)))
}

/// One path or several.
pub(crate) fn paths(list: &Bound<'_, PyAny>) -> PyResult<Vec<PathBuf>> {
    let one = |path: &Bound<'_, PyAny>| path.extract::<PathBuf>().map(absolute);
    if let Ok(path) = one(list) {
        return Ok(vec![path]);
    }
    list.try_iter()?.map(|path| one(&path?)).collect()
}

/// One name or several, as they stand.
fn names(list: &Bound<'_, PyAny>) -> PyResult<Vec<PathBuf>> {
    if let Ok(name) = list.extract::<PathBuf>() {
        return Ok(vec![name]);
    }
    list.try_iter()?.map(|name| name?.extract()).collect()
}

/// A path that holds in every folder; what is no file stays as it is.
fn absolute(path: impl AsRef<Path>) -> PathBuf {
    path.as_ref().canonicalize().unwrap_or_else(|_| path.as_ref().to_owned())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

//! Models that are loaded, and the threads that use them: each once in a process, whoever asks.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use netral::{Error, Model, Packs, Post, Scorer};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::Value;

use crate::{NetralError, raised};

/// Where a model comes from.
#[derive(Clone)]
pub(crate) enum Source {
    Shipped,
    File(PathBuf),
    Loaded(Model),
}

/// What makes one scorer unlike another.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) model: Source,
    /// The shipped packs, if `None`.
    pub(crate) packs: Option<Vec<PathBuf>>,
    pub(crate) rules: Vec<PathBuf>,
    pub(crate) base_rate: Option<f64>,
}

/// A loaded scorer.
pub(crate) struct Engine {
    pub(crate) scorer: Scorer,
    pub(crate) model: Model,
    packs: Packs,
    /// Model and packs with their hashes, as scores report them.
    pub(crate) about: About,
}

/// Model and packs with their hashes.
#[derive(Clone, PartialEq)]
pub(crate) struct About {
    pub(crate) model: Value,
    pub(crate) packs: Value,
}

/// Settings with what tells whether their files are still the same.
#[derive(Clone, PartialEq)]
struct Key {
    model: String,
    packs: Option<Vec<Stamp>>,
    rules: Vec<Stamp>,
    base_rate: Option<u64>,
}

#[derive(Clone, PartialEq)]
struct Stamp {
    path: PathBuf,
    bytes: u64,
    changed: Option<SystemTime>,
}

/// Engines that are kept: a process seldom needs two.
const KEPT: usize = 4;

/// The settings of an engine, whether it gives evidence, and the engine.
type Kept = (Key, bool, Arc<Engine>);

static ENGINES: Mutex<Vec<Kept>> = Mutex::new(Vec::new());
static POOLS: Mutex<Vec<(u32, Arc<ThreadPool>)>> = Mutex::new(Vec::new());

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A pool of so many threads. A process that was forked gets its own: threads stay behind.
///
/// # Errors
/// The system gives no threads.
pub(crate) fn pool(threads: usize) -> PyResult<Arc<ThreadPool>> {
    let mut pools = locked(&POOLS);
    let process = std::process::id();
    if pools.iter().any(|(owner, _)| *owner != process) {
        // To stop threads that are not there would be to wait for ever.
        std::mem::take(&mut *pools).into_iter().for_each(std::mem::forget);
    }
    if let Some((_, pool)) = pools.iter().find(|(_, pool)| pool.current_num_threads() == threads) {
        return Ok(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|n| format!("netral-{n}")).build();
    let pool = Arc::new(pool.map_err(|e| NetralError::new_err(format!("no {threads} threads: {e}")))?);
    pools.push((process, Arc::clone(&pool)));
    Ok(pool)
}

/// So many threads as were asked for, or as there are cores.
///
/// # Errors
/// None were asked for.
pub(crate) fn threads(asked: Option<usize>) -> PyResult<usize> {
    match asked {
        Some(0) => Err(PyValueError::new_err("threads must be 1 or more")),
        Some(threads) => Ok(threads),
        None => Ok(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)),
    }
}

impl Settings {
    /// The engine with these settings, loaded unless the process has it already. `expected` is what must be in the files.
    ///
    /// # Errors
    /// A file cannot be read or is not what was expected.
    pub(crate) fn engine(&self, evidence: bool, threads: usize, expected: Option<&About>) -> PyResult<Arc<Engine>> {
        let key = self.key().map_err(raised)?;
        // Whoever asks for the same one meanwhile waits for it. The lock is never taken by a thread of a pool.
        let mut engines = locked(&ENGINES);
        let known = engines.iter().find(|(known, with, _)| *known == key && *with == evidence);
        let engine = if let Some((.., engine)) = known {
            Arc::clone(engine)
        } else {
            let other = engines.iter().find(|(known, ..)| *known == key).map(|(.., engine)| Arc::clone(engine));
            let engine = Arc::new(pool(threads)?.install(|| self.load(evidence, other.as_deref())).map_err(raised)?);
            if engines.len() >= KEPT {
                engines.remove(0);
            }
            engines.push((key, evidence, Arc::clone(&engine)));
            engine
        };
        match expected {
            Some(expected) if *expected != engine.about => Err(NetralError::new_err(format!(
                "model or packs are not those that the scorer was made with: {} {} there, {} {} here (put the same files and the same version of netral everywhere)",
                expected.model, expected.packs, engine.about.model, engine.about.packs
            ))),
            _ => Ok(engine),
        }
    }

    fn load(&self, evidence: bool, other: Option<&Engine>) -> Result<Engine, Error> {
        let (model, packs) = match (other, &self.model) {
            (Some(other), _) => (other.model.clone(), other.packs.clone()),
            (None, model) => {
                let (model, packs) = rayon::join(|| read_model(model), || read_packs(self.packs.as_deref()));
                (model?, packs?)
            }
        };
        let mut scorer = Scorer::new(model.clone(), packs.clone()).with_rules(&self.rules)?;
        if let Some(rate) = self.base_rate {
            scorer = scorer.with_base_rate(rate)?;
        }
        if !evidence {
            scorer = scorer.without_evidence();
        }
        let mut score = serde_json::to_value(scorer.score(&Post::default())).unwrap_or_default();
        let about = About { model: score["model"].take(), packs: score["packs"].take() };
        Ok(Engine { scorer, model, packs, about })
    }

    fn key(&self) -> Result<Key, Error> {
        let stamps = |files: &[PathBuf]| files.iter().map(|file| Stamp::of(file)).collect::<Result<Vec<_>, _>>();
        let model = match &self.model {
            Source::Shipped => String::new(),
            Source::File(path) => {
                let Stamp { path, bytes, changed } = Stamp::of(path)?;
                format!("{} {bytes} {changed:?}", path.display())
            }
            Source::Loaded(model) => model.name().1.to_owned(),
        };
        let packs = self.packs.as_deref().map(stamps).transpose()?;
        // A rule file may be the name of a shipped one.
        let rules = self.rules.iter().map(|file| Stamp::of(file).unwrap_or_else(|_| Stamp { path: file.clone(), bytes: 0, changed: None }));
        Ok(Key { model, packs, rules: rules.collect(), base_rate: self.base_rate.map(f64::to_bits) })
    }

    /// Looks whether files are there, without reading them.
    ///
    /// # Errors
    /// One is not.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.key().map(drop)
    }
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, Error> {
        let about = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
        Ok(Self { path: path.to_owned(), bytes: about.len(), changed: about.modified().ok() })
    }
}

fn read_model(source: &Source) -> Result<Model, Error> {
    match source {
        Source::Shipped => Ok(Model::default()),
        Source::File(path) => Model::read(path),
        Source::Loaded(model) => Ok(model.clone()),
    }
}

/// The shipped packs, or those named.
pub(crate) fn read_packs(files: Option<&[PathBuf]>) -> Result<Packs, Error> {
    match files {
        None => Ok(Packs::national()),
        Some([]) => Ok(Packs::none()),
        Some(files) => Packs::named(files),
    }
}

//! Model artefacts, and how they are made.

use std::path::PathBuf;

use netral::{Corpus, Error, Recipe};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::engine::{pool, read_packs};
use crate::evaluation::Evaluation;
use crate::scorer::paths;
use crate::{NetralError, raised};

/// A trained model: the shipped one, or one of an artefact's text. It pickles as that text.
#[pyclass(frozen, module = "netral")]
pub struct Model {
    model: netral::Model,
    evaluation: Option<Evaluation>,
}

impl From<netral::Model> for Model {
    fn from(model: netral::Model) -> Self {
        Self { model, evaluation: None }
    }
}

impl Model {
    pub(crate) fn inner(&self) -> &netral::Model {
        &self.model
    }
}

#[pymethods]
impl Model {
    #[new]
    #[pyo3(signature = (artefact=None))]
    fn new(py: Python<'_>, artefact: Option<&str>) -> PyResult<Self> {
        py.detach(|| artefact.map_or_else(|| Ok(netral::Model::default()), netral::Model::parse)).map(Self::from).map_err(raised)
    }

    /// Reads an artefact that `train` or `save` wrote.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| netral::Model::read(&path)).map(Self::from).map_err(raised)
    }

    /// Writes the artefact to a file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| std::fs::write(&path, self.model.to_text()).map_err(|e| Error::io(&path, e))).map_err(raised)
    }

    /// The artefact as text.
    #[getter]
    fn artefact(&self, py: Python<'_>) -> String {
        py.detach(|| self.model.to_text())
    }

    /// What the recipe calls it.
    #[getter]
    fn name(&self) -> &str {
        self.model.name().0
    }

    /// Hash of the artefact, as scores report it.
    #[getter]
    fn hash(&self) -> &str {
        self.model.name().1
    }

    /// Of a model that was adapted: how it and its base do on held-out rows.
    #[getter]
    fn evaluation(&self) -> Option<Evaluation> {
        self.evaluation.clone()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().model.name() == self.model.name())
    }

    fn __hash__(&self) -> u64 {
        u64::from_str_radix(self.model.name().1, 16).unwrap_or_default()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let artefact = slf.get().artefact(slf.py());
        Ok((slf.get_type().into_any(), PyTuple::new(slf.py(), [artefact])?))
    }

    fn __repr__(&self) -> String {
        let (name, hash) = self.model.name();
        format!("<netral.Model: {name} {hash}>")
    }
}

/// Trains a model; see `train` of the package.
#[pyfunction]
#[pyo3(name = "_train", signature = (corpus, base=None, recipe=None, packs=None, threads=None, say=None))]
pub(crate) fn train(
    py: Python<'_>,
    corpus: PathBuf,
    base: Option<&Bound<'_, Model>>,
    recipe: Option<&Bound<'_, PyAny>>,
    packs: Option<&Bound<'_, PyAny>>,
    threads: Option<usize>,
    say: Option<Py<PyAny>>,
) -> PyResult<Model> {
    let recipe = match recipe {
        None => Recipe::default(),
        Some(fields) if fields.is_instance_of::<PyDict>() => {
            let fields: String = py.import("json")?.call_method1("dumps", (fields,))?.extract()?;
            serde_json::from_str(&fields).map_err(|e| NetralError::new_err(format!("not a recipe: {e}")))?
        }
        Some(path) => Recipe::read(&path.extract::<PathBuf>()?).map_err(raised)?,
    };
    let packs = packs.map(paths).transpose()?;
    let base = base.map(|base| base.get().model.clone());
    let pool = pool(crate::engine::threads(threads)?)?;
    // The first exception of `say`; it is raised at the end, for training cannot be stopped half-way.
    let mut fault = None;
    let mut tell = |stage: &str| {
        let told = say.as_ref().map_or(Ok(()), |say| Python::attach(|py| say.call1(py, (stage,)).map(drop)));
        fault = fault.take().or(told.err());
    };
    let work = || -> Result<Model, Error> {
        let (corpus, packs) = (Corpus::read(&corpus)?, read_packs(packs.as_deref())?);
        match &base {
            Some(base) => base
                .adapt(&corpus, &packs, &mut tell)
                .map(|(model, report)| Model { model, evaluation: Some(Evaluation::of(&report, report.brief(), report.html())) }),
            None => netral::Model::train(&corpus, &recipe, &packs, &mut tell).map(Model::from),
        }
    };
    let model = py.detach(|| pool.install(work)).map_err(raised)?;
    fault.map_or(Ok(model), Err)
}

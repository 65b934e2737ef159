//! The compiled part of the Python package `netral`.
//!
//! ```text
//!  column: what Python hands in ──► scorer (engine: loaded once a process) ──► scores: what Arrow hands out
//!  model: artefacts and training    evaluation: measures on labelled posts
//! ```

mod column;
mod engine;
mod evaluation;
mod model;
mod scorer;
mod scores;

use netral::Score;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

pyo3::create_exception!(netral, NetralError, PyException, "What the library cannot do, with the place and the remedy.");

/// An error of the library as a Python exception.
fn raised(error: netral::Error) -> PyErr {
    NetralError::new_err(error.to_string())
}

#[pymodule]
fn _netral(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("SIGNALS", Score::SIGNALS.to_vec())?;
    module.add("CONTEXTS", Score::CONTEXTS.to_vec())?;
    module.add("NetralError", module.py().get_type::<NetralError>())?;
    module.add_class::<evaluation::Evaluation>()?;
    module.add_class::<model::Model>()?;
    module.add_class::<scorer::Scorer>()?;
    module.add_class::<scores::Column>()?;
    module.add_class::<scores::Scores>()?;
    module.add_function(wrap_pyfunction!(model::train, module)?)?;
    Ok(())
}

//! What was measured on labelled posts.

use std::fmt::Display;

use pyo3::prelude::*;
use serde::Serialize;

/// Measures of a model on labelled posts: as tables, as a table that sums them up, as data, and as a page.
#[pyclass(frozen, module = "netral")]
#[derive(Clone)]
pub struct Evaluation {
    text: String,
    brief: String,
    json: String,
    html: String,
}

impl Evaluation {
    pub(crate) fn of(report: &(impl Display + Serialize), brief: String, html: String) -> Self {
        let json = serde_json::to_string(report).expect("figures can be written as JSON");
        Self { text: report.to_string(), brief, json, html }
    }
}

#[pymethods]
impl Evaluation {
    /// The figures over all rows alone, as Markdown.
    #[getter]
    fn brief(&self) -> &str {
        &self.brief
    }

    /// A page with tables and plots; it needs no network.
    #[getter]
    fn html(&self) -> &str {
        &self.html
    }

    /// Everything as dictionaries and lists.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?.call_method1("loads", (&self.json,))
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn _repr_markdown_(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> &str {
        &self.brief
    }
}

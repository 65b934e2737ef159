//! The table that scoring gives: Arrow columns with what a score says, one row a post.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, RecordBatchIterator, StructArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use arrow_select::concat::concat;
use netral::{Activity, Band, Evidence, Score, Status};
use pyo3::exceptions::{PyIndexError, PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList, PyString};
use serde::Serialize;

use crate::NetralError;

/// A column's name and its array.
type Named = (&'static str, ArrayRef);

/// Gathers scores, column by column.
pub(crate) struct Rows {
    outline: Outline,
    reason: StringBuilder,
    signals: Shares<{ Score::SIGNALS.len() }>,
    context: Shares<{ Score::CONTEXTS.len() }>,
    activity: Names<Activity>,
    scored: StringBuilder,
    parent: Outline,
    has_parent: Vec<bool>,
    links: Lists<Links>,
    missing: Lists<StringBuilder>,
    rules: Lists<References>,
}

impl Rows {
    /// Without the columns of evidence, unless they are wanted.
    pub(crate) fn new(evidence: bool) -> Self {
        Self {
            outline: Outline::new(evidence),
            reason: StringBuilder::new(),
            signals: Shares::new(Score::SIGNALS),
            context: Shares::new(Score::CONTEXTS),
            activity: Names::default(),
            scored: StringBuilder::new(),
            parent: Outline::new(evidence),
            has_parent: Vec::new(),
            links: Lists::default(),
            missing: Lists::default(),
            rules: Lists::default(),
        }
    }

    pub(crate) fn push(&mut self, score: &Score) {
        self.outline.push(score);
        self.reason.append_option(score.reason.as_deref());
        self.signals.push(&score.signals);
        self.context.push(&score.context);
        self.activity.push(score.activity);
        self.scored.append_option(score.scored);
        self.has_parent.push(score.parent.is_some());
        match &score.parent {
            Some(parent) => self.parent.push(parent),
            None => self.parent.push_nothing(),
        }
        for link in &score.links {
            self.links.items.domain.append_value(&link.domain);
            self.links.items.kind.append_value(word(&link.kind));
        }
        self.links.end(score.links.len());
        self.missing.words(&score.missing);
        for rule in &score.rules {
            let references = &mut self.rules.items;
            references.rule.append_value(&rule.rule);
            references.title.append_value(&rule.title);
            references.text.append_value(&rule.text);
            references.text_en.append_option(rule.text_en.as_deref());
            references.depends_on.words(&rule.depends_on);
        }
        self.rules.end(score.rules.len());
    }

    /// The rows as a batch.
    ///
    /// # Errors
    /// They are too many for one.
    pub(crate) fn finish(mut self, metadata: HashMap<String, String>) -> Result<RecordBatch, ArrowError> {
        let mut columns = self.outline.finish();
        let parent = structure(self.parent.finish(), Some(self.has_parent));
        columns.extend([
            ("reason", Arc::new(self.reason.finish()) as ArrayRef),
            ("signals", self.signals.finish()),
            ("context", self.context.finish()),
            ("activity", self.activity.finish()),
            ("scored", Arc::new(self.scored.finish())),
            ("parent", parent),
            ("links", self.links.finish(|links| structure(links.finish(), None))),
            ("missing", self.missing.finish(|mut words| Arc::new(words.finish()))),
            ("rules", self.rules.finish(|rules| structure(rules.finish(), None))),
        ]);
        let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) = columns.into_iter().map(|(name, array)| (field(name, &array), array)).unzip();
        RecordBatch::try_new(Arc::new(Schema::new_with_metadata(fields, metadata)), arrays)
    }
}

/// What is said of a post and of the one that it is about.
struct Outline {
    status: Names<Status>,
    partisan: Float64Builder,
    band: Names<Band>,
    fired: Lists<StringBuilder>,
    lang: StringBuilder,
    evidence: Option<Lists<Reasons>>,
}

impl Outline {
    fn new(evidence: bool) -> Self {
        Self {
            status: Names::default(),
            partisan: Float64Builder::new(),
            band: Names::default(),
            fired: Lists::default(),
            lang: StringBuilder::new(),
            evidence: evidence.then(Lists::default),
        }
    }

    fn push(&mut self, score: &Score) {
        self.status.push(score.status);
        self.partisan.append_option(score.partisan);
        self.band.push(score.band);
        self.fired.words(&score.fired);
        self.lang.append_option(score.lang);
        if let Some(evidence) = &mut self.evidence {
            score.evidence.iter().for_each(|reason| evidence.items.push(reason));
            evidence.end(score.evidence.len());
        }
    }

    fn push_nothing(&mut self) {
        self.status.column.append_null();
        self.partisan.append_null();
        self.band.column.append_null();
        self.fired.end(0);
        self.lang.append_null();
        if let Some(evidence) = &mut self.evidence {
            evidence.end(0);
        }
    }

    fn finish(mut self) -> Vec<Named> {
        let mut columns = vec![
            ("status", self.status.finish()),
            ("partisan", Arc::new(self.partisan.finish()) as ArrayRef),
            ("band", self.band.finish()),
            ("fired", self.fired.finish(|mut words| Arc::new(words.finish()))),
            ("lang", Arc::new(self.lang.finish())),
        ];
        columns.extend(self.evidence.map(|evidence| ("evidence", evidence.finish(|reasons| structure(reasons.finish(), None)))));
        columns
    }
}

/// Words for the values of a kind, each asked of the library once.
struct Names<T> {
    known: Vec<(T, String)>,
    column: StringBuilder,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { known: Vec::new(), column: StringBuilder::new() }
    }
}

impl<T: Copy + PartialEq + Serialize> Names<T> {
    fn push(&mut self, value: T) {
        let known = self.known.iter().position(|(other, _)| *other == value).unwrap_or_else(|| {
            self.known.push((value, word(&value)));
            self.known.len() - 1
        });
        self.column.append_value(&self.known[known].1);
    }

    fn finish(mut self) -> ArrayRef {
        Arc::new(self.column.finish())
    }
}

/// The word that a value is written as in JSON.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Probabilities under the names of a list; nothing where a post has none.
struct Shares<const N: usize> {
    names: [&'static str; N],
    values: [Vec<f64>; N],
    valid: Vec<bool>,
}

impl<const N: usize> Shares<N> {
    fn new(names: [&'static str; N]) -> Self {
        Self { names, values: std::array::from_fn(|_| Vec::new()), valid: Vec::new() }
    }

    fn push(&mut self, list: &[(&'static str, f64)]) {
        for (n, values) in self.values.iter_mut().enumerate() {
            values.push(list.get(n).map_or(0.0, |(_, p)| *p));
        }
        self.valid.push(!list.is_empty());
    }

    fn finish(self) -> ArrayRef {
        let columns = self.names.into_iter().zip(self.values).map(|(name, values)| (name, Arc::new(Float64Array::from(values)) as ArrayRef));
        structure(columns.collect(), Some(self.valid))
    }
}

/// A list for each row.
struct Lists<T> {
    lengths: Vec<usize>,
    items: T,
}

impl<T: Default> Default for Lists<T> {
    fn default() -> Self {
        Self { lengths: Vec::new(), items: T::default() }
    }
}

impl<T> Lists<T> {
    fn end(&mut self, length: usize) {
        self.lengths.push(length);
    }

    fn finish(self, items: impl FnOnce(T) -> ArrayRef) -> ArrayRef {
        let items = items(self.items);
        Arc::new(ListArray::new(field("item", &items), OffsetBuffer::from_lengths(self.lengths), items, None))
    }
}

impl Lists<StringBuilder> {
    fn words(&mut self, words: &[&str]) {
        words.iter().for_each(|word| self.items.append_value(word));
        self.end(words.len());
    }
}

#[derive(Default)]
struct Reasons {
    start: Vec<i64>,
    end: Vec<i64>,
    text: StringBuilder,
    push: Vec<f64>,
    head: StringBuilder,
}

impl Reasons {
    fn push(&mut self, reason: &Evidence) {
        self.start.push(reason.start as i64);
        self.end.push(reason.end as i64);
        self.text.append_value(&reason.text);
        self.push.push(reason.push);
        self.head.append_value(reason.head);
    }

    fn finish(mut self) -> Vec<Named> {
        vec![
            ("start", Arc::new(Int64Array::from(self.start))),
            ("end", Arc::new(Int64Array::from(self.end))),
            ("text", Arc::new(self.text.finish())),
            ("push", Arc::new(Float64Array::from(self.push))),
            ("head", Arc::new(self.head.finish())),
        ]
    }
}

#[derive(Default)]
struct Links {
    domain: StringBuilder,
    kind: StringBuilder,
}

impl Links {
    fn finish(mut self) -> Vec<Named> {
        vec![("domain", Arc::new(self.domain.finish())), ("kind", Arc::new(self.kind.finish()))]
    }
}

#[derive(Default)]
struct References {
    rule: StringBuilder,
    title: StringBuilder,
    text: StringBuilder,
    text_en: StringBuilder,
    depends_on: Lists<StringBuilder>,
}

impl References {
    fn finish(mut self) -> Vec<Named> {
        vec![
            ("rule", Arc::new(self.rule.finish())),
            ("title", Arc::new(self.title.finish())),
            ("text", Arc::new(self.text.finish())),
            ("text_en", Arc::new(self.text_en.finish())),
            ("depends_on", self.depends_on.finish(|mut words| Arc::new(words.finish()))),
        ]
    }
}

fn field(name: &str, array: &ArrayRef) -> FieldRef {
    Arc::new(Field::new(name, array.data_type().clone(), true))
}

fn structure(columns: Vec<Named>, valid: Option<Vec<bool>>) -> ArrayRef {
    let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) = columns.into_iter().map(|(name, array)| (field(name, &array), array)).unzip();
    Arc::new(StructArray::new(Fields::from(fields), arrays, valid.map(|valid| NullBuffer::new(BooleanBuffer::from(valid)))))
}

/// Scores as a table. It goes to pyarrow, Polars, pandas, DuckDB and others by the Arrow PyCapsule interface, without being copied.
#[pyclass(frozen, module = "netral")]
pub struct Scores {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Scores {
    /// A table of batches that have the schema of the first.
    pub(crate) fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }

    fn count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn row<'py>(&self, py: Python<'py>, mut row: usize) -> PyResult<Bound<'py, PyDict>> {
        let found = self.batches.iter().find(|batch| {
            let here = row < batch.num_rows();
            row -= if here { 0 } else { batch.num_rows() };
            here
        });
        let batch = found.ok_or_else(|| PyIndexError::new_err("no such row"))?;
        let dict = PyDict::new(py);
        for (field, array) in self.schema.fields().iter().zip(batch.columns()) {
            dict.set_item(field.name(), value(py, array, row)?)?;
        }
        Ok(dict)
    }
}

#[pymethods]
impl Scores {
    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// What all rows have in common: model and packs with their hashes, as JSON.
    #[getter]
    fn metadata(&self) -> HashMap<String, String> {
        self.schema.metadata().clone()
    }

    fn __len__(&self) -> usize {
        self.count()
    }

    /// A column by its name, or a row by its number.
    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(name) = key.cast::<PyString>() {
            let name = name.to_string();
            let (index, field) = self.schema.fields().find(&name).ok_or_else(|| PyKeyError::new_err(name.clone()))?;
            let chunks = self.batches.iter().map(|batch| Arc::clone(batch.column(index))).collect();
            return Ok(Bound::new(py, Column { field: Arc::clone(field), chunks })?.into_any());
        }
        let row: isize = key.extract().map_err(|_| PyTypeError::new_err("a column goes by its name, a row by its number"))?;
        Ok(self.row(py, place(row, self.count())?)?.into_any())
    }

    /// All rows as dictionaries.
    fn to_pylist<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        (0..self.count()).map(|row| self.row(py, row)).collect()
    }

    /// A `pyarrow.Table` of the same memory.
    fn to_pyarrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// A `polars.DataFrame`.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    /// A `pandas.DataFrame`; by pyarrow, where that is installed.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        match slf.py().import("pyarrow") {
            Ok(pyarrow) => pyarrow.call_method1("table", (slf,))?.call_method0("to_pandas"),
            Err(_) => slf.py().import("pandas")?.call_method1("DataFrame", (slf.get().to_pylist(slf.py())?,)),
        }
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(&self, py: Python<'py>, requested_schema: Option<Bound<'py, PyCapsule>>) -> PyResult<Bound<'py, PyCapsule>> {
        // What is asked for is a wish; casting to it would make the package a third larger.
        let _ = requested_schema;
        let batches: Vec<_> = self.batches.iter().map(|batch| Ok(batch.clone())).collect();
        let stream = FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new(batches, Arc::clone(&self.schema))));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule(py, FFI_ArrowSchema::try_from(self.schema.as_ref()))
    }

    fn __repr__(&self) -> String {
        let mut bands: Vec<(String, usize)> = Vec::new();
        for batch in &self.batches {
            for band in batch.column_by_name("band").into_iter().flat_map(AsArray::as_string::<i32>).flatten() {
                match bands.iter_mut().find(|(known, _)| known == band) {
                    Some((_, count)) => *count += 1,
                    None => bands.push((band.to_owned(), 1)),
                }
            }
        }
        bands.sort();
        let bands: Vec<String> = bands.iter().map(|(band, count)| format!("{count} {band}")).collect();
        format!("<netral.Scores: {} rows{}{}>", self.count(), if bands.is_empty() { "" } else { ": " }, bands.join(", "))
    }
}

/// One column of a table of scores.
#[pyclass(frozen, module = "netral")]
pub struct Column {
    field: FieldRef,
    chunks: Vec<ArrayRef>,
}

impl Column {
    fn count(&self) -> usize {
        self.chunks.iter().map(Array::len).sum()
    }
}

#[pymethods]
impl Column {
    /// The name of the column.
    #[getter]
    fn name(&self) -> &str {
        self.field.name()
    }

    fn __len__(&self) -> usize {
        self.count()
    }

    fn __getitem__(&self, py: Python<'_>, row: isize) -> PyResult<Py<PyAny>> {
        let mut row = place(row, self.count())?;
        for chunk in &self.chunks {
            if row < chunk.len() {
                return value(py, chunk, row);
            }
            row -= chunk.len();
        }
        Err(PyIndexError::new_err("no such row"))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.to_pylist(py)?.try_iter()?.into_any())
    }

    /// The entries as a list.
    fn to_pylist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for chunk in &self.chunks {
            for row in 0..chunk.len() {
                list.append(value(py, chunk, row)?)?;
            }
        }
        Ok(list)
    }

    /// A NumPy array: numbers, with NaN where there is none, or objects.
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(&self, py: Python<'py>, dtype: Option<Bound<'py, PyAny>>, copy: Option<bool>) -> PyResult<Bound<'py, PyAny>> {
        // There is nothing to share: a column may be in pieces.
        let _ = copy;
        let numpy = py.import("numpy")?;
        let array = if self.field.data_type() == &DataType::Float64 {
            let numbers = self.chunks.iter().flat_map(AsArray::as_primitive::<Float64Type>).map(|number| number.unwrap_or(f64::NAN));
            let bytes: Vec<u8> = numbers.flat_map(f64::to_ne_bytes).collect();
            let numbers = numpy.call_method1("frombuffer", (PyBytes::new(py, &bytes), "f8"))?;
            numbers.call_method0("copy")?
        } else {
            let objects = numpy.call_method1("empty", (self.count(), "O"))?;
            for (row, object) in self.to_pylist(py)?.iter().enumerate() {
                objects.set_item(row, object)?;
            }
            objects
        };
        match dtype {
            Some(dtype) => array.call_method1("astype", (dtype,)),
            None => Ok(array),
        }
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let _ = requested_schema;
        let chunks: Vec<&dyn Array> = self.chunks.iter().map(AsRef::as_ref).collect();
        let whole = concat(&chunks).map_err(|e| NetralError::new_err(e.to_string()))?;
        Ok((self.__arrow_c_schema__(py)?, PyCapsule::new_with_value(py, FFI_ArrowArray::new(&whole.to_data()), c"arrow_array")?))
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule(py, FFI_ArrowSchema::try_from(self.field.as_ref()))
    }

    fn __repr__(&self) -> String {
        format!("<netral.Column {}: {} rows>", self.field.name(), self.count())
    }
}

fn capsule(py: Python<'_>, schema: Result<FFI_ArrowSchema, ArrowError>) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, schema.map_err(|e| NetralError::new_err(e.to_string()))?, c"arrow_schema")
}

/// A place counted from the start, or from the end if it is negative.
fn place(row: isize, rows: usize) -> PyResult<usize> {
    let row = if row < 0 { rows.checked_sub(row.unsigned_abs()) } else { usize::try_from(row).ok() };
    row.filter(|row| *row < rows).ok_or_else(|| PyIndexError::new_err("no such row"))
}

/// One entry of an array as Python has it.
fn value(py: Python<'_>, array: &ArrayRef, row: usize) -> PyResult<Py<PyAny>> {
    if array.is_null(row) {
        return Ok(py.None());
    }
    Ok(match array.data_type() {
        DataType::Utf8 => PyString::new(py, array.as_string::<i32>().value(row)).into_any().unbind(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into_pyobject(py)?.into_any().unbind(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into_pyobject(py)?.into_any().unbind(),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let list = (0..items.len()).map(|item| value(py, &items, item)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, list)?.into_any().unbind()
        }
        DataType::Struct(fields) => {
            let dict = PyDict::new(py);
            for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                dict.set_item(field.name(), value(py, column, row)?)?;
            }
            dict.into_any().unbind()
        }
        other => return Err(PyTypeError::new_err(format!("no column of scores is of {other}"))),
    })
}

//! A column of texts as Python hands it in: Arrow of any kind without copying, or objects one by one.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray, BinaryViewArray, LargeBinaryArray};
use arrow_schema::DataType;
use pyo3::exceptions::{PyImportError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFloat, PySet, PyString};
use pyo3_arrow::input::AnyArray;

/// One entry of a column.
#[derive(Clone, Debug)]
pub(crate) enum Cell<T> {
    /// Nothing is known.
    Null,
    Text(T),
    /// Why it is no text.
    Bad(String),
}

/// A column in pieces.
pub(crate) struct Column {
    chunks: Vec<Chunk>,
    /// The row after the last of each chunk.
    ends: Vec<usize>,
}

enum Chunk {
    Small(BinaryArray),
    Large(LargeBinaryArray),
    View(BinaryViewArray),
    /// Places in a chunk of distinct values.
    Dictionary(Vec<Option<usize>>, Box<Chunk>),
    Nulls(usize),
    Objects(Vec<Cell<String>>),
}

impl Column {
    /// Reads `object`, the argument of that name.
    ///
    /// # Errors
    /// `TypeError` if it is no column of texts. An entry that is no text is not an error but [`Cell::Bad`].
    pub(crate) fn read(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        match pieces(object, name)? {
            Pieces::Arrow(arrays) => Self::of(arrays.iter().map(|array| Chunk::arrow(array, name)).collect::<PyResult<_>>()?),
            Pieces::Objects(objects) => {
                let cells = objects.iter().map(|entry| cell(entry, name)).collect::<PyResult<_>>()?;
                Self::of(vec![Chunk::Objects(cells)])
            }
        }
        .ok_or_else(|| PyValueError::new_err(format!("{name} has too many rows")))
    }

    fn of(chunks: Vec<Chunk>) -> Option<Self> {
        let mut end = 0_usize;
        let ends = chunks.iter().map(|chunk| end.checked_add(chunk.len()).inspect(|next| end = *next)).collect::<Option<_>>()?;
        Some(Self { chunks, ends })
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    pub(crate) fn get(&self, row: usize) -> Cell<&str> {
        let chunk = self.ends.partition_point(|end| *end <= row);
        let start = if chunk == 0 { 0 } else { self.ends[chunk - 1] };
        self.chunks[chunk].get(row - start)
    }
}

impl Chunk {
    fn arrow(array: &ArrayRef, name: &str) -> PyResult<Self> {
        // Bytes are taken as bytes and looked at one by one: a stranger's array may hold what is no text.
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Small(array.as_string::<i32>().clone().into()),
            DataType::LargeUtf8 => Self::Large(array.as_string::<i64>().clone().into()),
            DataType::Utf8View => Self::View(array.as_string_view().clone().to_binary_view()),
            DataType::Binary => Self::Small(array.as_binary::<i32>().clone()),
            DataType::LargeBinary => Self::Large(array.as_binary::<i64>().clone()),
            DataType::BinaryView => Self::View(array.as_binary_view().clone()),
            DataType::Null => Self::Nulls(array.len()),
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                let values = Self::arrow(dictionary.values(), name)?;
                if values.len() == 0 {
                    return Ok(Self::Nulls(array.len()));
                }
                let keys = dictionary.normalized_keys().into_iter().enumerate();
                Self::Dictionary(keys.map(|(row, key)| dictionary.keys().is_valid(row).then_some(key)).collect(), Box::new(values))
            }
            other => return Err(PyTypeError::new_err(format!("{name} is an Arrow column of {other}, not of strings"))),
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Small(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
            Self::Dictionary(keys, _) => keys.len(),
            Self::Nulls(rows) => *rows,
            Self::Objects(cells) => cells.len(),
        }
    }

    fn get(&self, row: usize) -> Cell<&str> {
        let bytes = match self {
            Self::Small(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Dictionary(keys, values) => return keys[row].map_or(Cell::Null, |key| values.get(key)),
            Self::Nulls(_) => None,
            Self::Objects(cells) => {
                return match &cells[row] {
                    Cell::Null => Cell::Null,
                    Cell::Text(text) => Cell::Text(text),
                    Cell::Bad(reason) => Cell::Bad(reason.clone()),
                };
            }
        };
        bytes.map_or(Cell::Null, decoded)
    }
}

fn decoded(bytes: &[u8]) -> Cell<&str> {
    std::str::from_utf8(bytes).map_or_else(|e| Cell::Bad(format!("not UTF-8 at byte {}", e.valid_up_to())), Cell::Text)
}

/// Lists of texts, one a row: the links beside each post.
pub(crate) fn lists(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<Vec<String>>> {
    let texts = |column: &Column| {
        let texts = (0..column.len()).filter_map(|row| if let Cell::Text(text) = column.get(row) { Some(text.to_owned()) } else { None });
        texts.collect()
    };
    let part = |array: ArrayRef| Chunk::arrow(&array, name).map(|chunk| Column::of(vec![chunk]).map_or_else(Vec::new, |column| texts(&column)));
    let mut rows = Vec::new();
    match pieces(object, name)? {
        Pieces::Arrow(arrays) => {
            for array in &arrays {
                for row in 0..array.len() {
                    rows.push(match array.data_type() {
                        _ if array.is_null(row) => Vec::new(),
                        DataType::List(_) => part(array.as_list::<i32>().value(row))?,
                        DataType::LargeList(_) => part(array.as_list::<i64>().value(row))?,
                        other => return Err(PyTypeError::new_err(format!("{name} is an Arrow column of {other}, not of lists of strings"))),
                    });
                }
            }
        }
        Pieces::Objects(objects) => {
            for entry in &objects {
                rows.push(if is_null(entry)? { Vec::new() } else { texts(&Column::read(entry, name)?) });
            }
        }
    }
    Ok(rows)
}

enum Pieces<'py> {
    Arrow(Vec<ArrayRef>),
    Objects(Vec<Bound<'py, PyAny>>),
}

/// Takes a column apart: by the Arrow PyCapsule interface where it has one, else as a list.
fn pieces<'py>(object: &Bound<'py, PyAny>, name: &str) -> PyResult<Pieces<'py>> {
    let refuse = || PyTypeError::new_err(format!("{name} is a {}, not a column of strings", kind(object)));
    if object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() || object.is_instance_of::<PyDict>() || object.is_instance_of::<PySet>() {
        return Err(refuse());
    }
    let dtype = object.getattr_opt("dtype")?.map(|dtype| dtype.str()).transpose()?;
    // A pandas column of objects may hold anything, which Arrow would refuse altogether.
    let objects = dtype.as_ref().is_some_and(|dtype| dtype == "object");
    if !objects && (object.hasattr("__arrow_c_array__")? || object.hasattr("__arrow_c_stream__")?) {
        match object.extract::<AnyArray>() {
            Ok(array) => {
                let mut arrays = Vec::new();
                for array in array.into_reader()? {
                    arrays.push(array.map_err(|e| PyTypeError::new_err(format!("{name}: {e}")))?);
                }
                return Ok(Pieces::Arrow(arrays));
            }
            // pandas asks for pyarrow.
            Err(e) if e.is_instance_of::<PyImportError>(object.py()) => {}
            Err(e) => return Err(e),
        }
    }
    if object.hasattr("ndim")? && object.getattr("ndim")?.extract::<usize>()? != 1 {
        return Err(PyTypeError::new_err(format!("{name} is no single column")));
    }
    let numbers = object.getattr_opt("dtype")?.and_then(|dtype| dtype.getattr("kind").ok()?.extract::<String>().ok());
    if numbers.is_some_and(|kind| !matches!(kind.as_str(), "O" | "U" | "T" | "S")) {
        return Err(PyTypeError::new_err(format!("{name} is a column of {}, not of strings", dtype.map_or_else(String::new, |d| d.to_string()))));
    }
    let list = match object.getattr_opt("tolist")? {
        Some(tolist) => tolist.call0()?,
        None => object.clone(),
    };
    list.try_iter().map_err(|_| refuse())?.collect::<PyResult<_>>().map(Pieces::Objects)
}

fn kind(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "thing".to_owned(), |name| name.to_string())
}

/// `None`, a float that is not a number, and pandas' marks for nothing.
fn is_null(entry: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Ok(number) = entry.cast::<PyFloat>() {
        return Ok(number.extract::<f64>()?.is_nan());
    }
    Ok(entry.is_none() || !entry.is_instance_of::<PyString>() && matches!(kind(entry).as_str(), "NAType" | "NaTType"))
}

fn cell(entry: &Bound<'_, PyAny>, name: &str) -> PyResult<Cell<String>> {
    if let Ok(text) = entry.cast::<PyString>() {
        let text = text.extract::<String>();
        return Ok(text.map_or_else(|_| Cell::Bad(format!("{name} holds half a character (a lone surrogate)")), Cell::Text));
    }
    if let Ok(bytes) = entry.cast::<PyBytes>() {
        return Ok(match decoded(bytes.as_bytes()) {
            Cell::Text(text) => Cell::Text(text.to_owned()),
            Cell::Null => Cell::Null,
            Cell::Bad(reason) => Cell::Bad(reason),
        });
    }
    Ok(if is_null(entry)? { Cell::Null } else { Cell::Bad(format!("{name} is a {}, not a string", kind(entry))) })
}

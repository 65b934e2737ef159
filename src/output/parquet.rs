//! Parquet: columns of text, but for the probability.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::{ArrayBuilder, Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::table::{Columns, RESULT, result};
use crate::error::{Error, Result};
use crate::feed::Row;
use crate::score::Score;

/// Rows that are encoded at a time, and rows of a group, which wait in memory.
const BATCH: usize = 4096;
const GROUP: usize = 64 * 1024;
/// The result that is a number.
const NUMBER: &str = "netral_partisan";

pub(crate) struct Parquet {
    columns: Columns,
    schema: Arc<Schema>,
    cells: Vec<StringBuilder>,
    partisan: Float64Builder,
    /// Behind a lock that nobody waits for, since it cannot be shared among threads.
    writer: Mutex<Option<ArrowWriter<Bytes>>>,
    written: Bytes,
}

/// Bytes that are written and not yet taken.
#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Bytes {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn failed(e: impl std::fmt::Display) -> Error {
    Error::new(format!("the Parquet file cannot be written: {e}"))
}

impl Parquet {
    pub(super) fn new(columns: Columns, header: &[Vec<u8>]) -> Self {
        let own = columns.names(header).into_iter().map(|name| String::from_utf8_lossy(&name).into_owned());
        // A column has one name and a name one column.
        let mut fields: Vec<Field> = Vec::new();
        for name in own.chain(RESULT.map(str::to_owned)) {
            let name = if fields.iter().any(|f| *f.name() == name) { format!("{name}_{}", fields.len()) } else { name };
            let kind = if name == NUMBER { DataType::Float64 } else { DataType::Utf8 };
            fields.push(Field::new(name, kind, true));
        }
        let cells = (0..fields.len()).map(|_| StringBuilder::new()).collect();
        Self { columns, schema: Arc::new(Schema::new(fields)), cells, partisan: Float64Builder::new(), writer: Mutex::default(), written: Bytes::default() }
    }

    pub(super) fn add(&mut self, row: &Row, score: &Score, out: &mut Vec<u8>) -> Result<()> {
        let own = self.columns.cells(row).into_iter().map(|cell| String::from_utf8_lossy(&cell).into_owned());
        for (builder, cell) in self.cells.iter_mut().zip(own.chain(result(row, score))) {
            builder.append_option((!cell.is_empty()).then_some(cell));
        }
        self.partisan.append_option(score.partisan);
        if self.cells[0].len() < BATCH { Ok(()) } else { self.flush(out) }
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let writer = match self.writer.get_mut().unwrap_or_else(PoisonError::into_inner) {
            Some(writer) => writer,
            none => {
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_row_count(Some(GROUP)).build();
                none.insert(ArrowWriter::try_new(self.written.clone(), Arc::clone(&self.schema), Some(properties)).map_err(failed)?)
            }
        };
        let partisan: ArrayRef = Arc::new(self.partisan.finish());
        let columns = self.cells.iter_mut().zip(self.schema.fields()).map(|(cells, field)| -> ArrayRef {
            let texts = cells.finish();
            if field.name() == NUMBER { Arc::clone(&partisan) } else { Arc::new(texts) }
        });
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect()).map_err(failed)?;
        writer.write(&batch).map_err(failed)?;
        out.extend(self.written.take());
        Ok(())
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.flush(out)?;
        if let Some(writer) = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            writer.close().map_err(failed)?;
        }
        out.extend(self.written.take());
        Ok(())
    }
}

//! Parquet files.

use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatchReader;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::ArrowError;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::{Feed, Options, rows};
use crate::error::{Error, Result};

/// Rows that are decoded at a time.
const BATCH: usize = 1024;

pub(super) fn open(path: &Path, options: &Options) -> Result<Feed> {
    let failed =
        |e: parquet::errors::ParquetError| Error::new(format!("a damaged Parquet file: {e}")).remedy("write it again, compressed with snappy or not at all");
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?.with_batch_size(BATCH).build().map_err(failed)?;
    let mut feed = rows::open(move |to| send_rows(reader, to), options)?;
    feed.about.push(("file", "Parquet".to_owned()));
    Ok(feed)
}

/// Sends the names of the columns, then the rows, until nobody wants more. Nested values are shown as one text.
fn send_rows(reader: ParquetRecordBatchReader, to: &rows::Sender) -> std::result::Result<(), ArrowError> {
    let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    if !to.send(&names) {
        return Ok(());
    }
    let options = FormatOptions::default();
    for batch in reader {
        let batch = batch?;
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns.iter().map(|column| column.value(row).to_string()).collect();
            if !to.send(&cells) {
                return Ok(());
            }
        }
    }
    Ok(())
}

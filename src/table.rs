//! Tables of figures, as they stand in reports.

use std::fmt::{Display, Formatter, Result};

use serde::Serialize;

use crate::text::harmless;

/// A caption, a header and rows of cells. It shows itself as Markdown that reads well on a terminal too.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// What the figures are.
    pub(crate) caption: String,
    /// Names of the columns.
    pub(crate) header: Vec<String>,
    /// One list of cells a row.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(caption: impl Into<String>, header: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { caption: caption.into(), header: header.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let lines: Vec<Vec<String>> =
            std::iter::once(&self.header).chain(&self.rows).map(|row| row.iter().map(|cell| harmless(cell).replace('|', "/")).collect()).collect();
        let length = |cell: &String| cell.chars().count();
        let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(length).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        if !self.caption.is_empty() {
            writeln!(f, "**{}**\n", harmless(&self.caption))?;
        }
        for (n, line) in lines.iter().enumerate() {
            let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(f, "| {} |", cells.join(" | "))?;
            if n == 0 {
                writeln!(f, "|{}|", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("|"))?;
            }
        }
        Ok(())
    }
}

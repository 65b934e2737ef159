//! The summary of a run for an agency: counts of items for review, never of people, with small cells left out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::item::Item;
use crate::output::disarmed;

/// A smaller count could point at somebody.
const FEW: u64 = 10;
/// What stands for a fact that is not known.
pub(super) const UNKNOWN: &str = "unknown";

/// Counts of items by one fact after another, and by agency and week.
#[derive(Debug, Default)]
pub(super) struct Summary {
    tables: [BTreeMap<String, u64>; 5],
    weeks: BTreeMap<(String, String), u64>,
    items: u64,
}

/// Names of the tables.
pub(super) const BY: [&str; 5] = ["agency", "activity", "signal", "phase", "week"];

/// A table with small cells left out.
#[derive(Debug, Serialize)]
pub(super) struct Cells {
    pub(super) by: String,
    pub(super) cells: Vec<Cell>,
}

/// A count, or `None` where it is too small to be told or would let such a one be worked out.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Cell {
    pub(super) label: String,
    pub(super) items: Option<u64>,
}

impl Summary {
    /// Counts a flagged item.
    pub(super) fn add(&mut self, item: &Item) {
        let or = |fact: &Option<String>| fact.clone().unwrap_or_else(|| UNKNOWN.to_owned());
        let (agency, week) = (or(&item.known.agency), or(&item.known.week));
        self.items += 1;
        let mut count = |table: usize, label: String| *self.tables[table].entry(label).or_default() += 1;
        count(0, agency.clone());
        count(1, item.activity());
        item.netral.fired.iter().for_each(|signal| count(2, signal.clone()));
        if item.netral.fired.is_empty() {
            count(2, "none".to_owned());
        }
        count(3, or(&item.known.phase));
        count(4, week.clone());
        *self.weeks.entry((agency, week)).or_default() += 1;
    }

    /// The tables by one fact, in the order of [`BY`].
    pub(super) fn tables(&self) -> Vec<Cells> {
        self.tables.iter().zip(BY).map(|(table, by)| Cells { by: by.to_owned(), cells: shown(table) }).collect()
    }

    /// The weeks of each agency. They add up to its total, so each agency is a table of its own.
    pub(super) fn weeks(&self) -> Vec<Cells> {
        let mut agencies: BTreeMap<&String, BTreeMap<String, u64>> = BTreeMap::new();
        for ((agency, week), n) in &self.weeks {
            agencies.entry(agency).or_default().insert(week.clone(), *n);
        }
        agencies.into_iter().map(|(agency, weeks)| Cells { by: agency.clone(), cells: shown(&weeks) }).collect()
    }

    /// Items for review; none if there are too few to be told.
    pub(super) fn items(&self) -> Option<u64> {
        (self.items == 0 || self.items >= FEW).then_some(self.items)
    }

    pub(super) fn json(&self) -> String {
        let value = serde_json::json!({
            "note": "counts of posts for review, bukan putusan / not a finding; null is fewer than 10, or would tell such a count",
            "items": self.items(),
            "tables": self.tables(),
            "weeks_of_agencies": self.weeks(),
        });
        serde_json::to_string_pretty(&value).expect("a summary can be written")
    }

    pub(super) fn csv(&self) -> Vec<u8> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let mut write = |cells: [&str; 3]| table.write_record(cells.map(|cell| disarmed(cell.as_bytes()))).expect("memory takes what is written");
        write(["by", "label", "items"]);
        let weeks = self.weeks().into_iter().map(|weeks| Cells { by: format!("week of {}", weeks.by), ..weeks });
        for table in self.tables().into_iter().chain(weeks) {
            for cell in table.cells {
                write([&table.by, &cell.label, &cell.items.map_or_else(|| "<10".to_owned(), |n| n.to_string())]);
            }
        }
        table.into_inner().expect("memory takes what is written")
    }
}

/// The counts of a table, small ones left out. If only one is, the next smallest is too: the total would tell it.
fn shown(table: &BTreeMap<String, u64>) -> Vec<Cell> {
    let few = table.values().filter(|n| **n < FEW).count();
    let also = (few == 1).then(|| table.iter().filter(|(_, n)| **n >= FEW).min_by_key(|(_, n)| **n).map(|(label, _)| label)).flatten();
    table.iter().map(|(label, n)| Cell { label: label.clone(), items: (*n >= FEW && also != Some(label)).then_some(*n) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_small_count_is_told_or_can_be_worked_out_from_the_total(counts in prop::collection::vec(1..40u64, 1..8)) {
            let table: BTreeMap<String, u64> = counts.iter().enumerate().map(|(n, count)| (n.to_string(), *count)).collect();
            let cells = shown(&table);
            prop_assert_eq!(cells.len(), counts.len());
            for (cell, count) in cells.iter().zip(&counts) {
                prop_assert!(cell.items.is_none_or(|n| n == *count && n >= FEW));
            }
            let hidden = cells.iter().filter(|c| c.items.is_none()).count();
            prop_assert!(hidden != 1 || counts.len() == 1);
            prop_assert_eq!(hidden == 0, counts.iter().all(|n| *n >= FEW));
        }
    }
}

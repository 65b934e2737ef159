//! The summary of a run for an agency: counts of items for review, never of people, with small cells left out.

use std::collections::{BTreeMap, BTreeSet};

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

/// A count as far as it may be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Cell {
    pub(super) label: String,
    pub(super) items: Shown,
}

/// What is told of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shown {
    Count(u64),
    /// Fewer than ten.
    Few,
    /// Ten or more, but to tell it would tell a smaller one.
    HeldBack,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(n) => n.fmt(f),
            Self::Few => write!(f, "<{FEW}"),
            Self::HeldBack => f.write_str("held back"),
        }
    }
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

    /// The weeks of each agency, with what would tell a small count by the totals of its agency or of its week held back too.
    pub(super) fn weeks(&self) -> Vec<Cells> {
        let mut agencies: BTreeMap<&String, BTreeMap<&String, (u64, bool)>> = BTreeMap::new();
        for ((agency, week), n) in &self.weeks {
            agencies.entry(agency).or_default().insert(week, (*n, *n >= FEW));
        }
        let told = shown(&self.tables[0]);
        let held = |agency: &str| told.iter().any(|cell| cell.label == agency && !matches!(cell.items, Shown::Count(_)));
        for (agency, weeks) in &mut agencies {
            if held(agency) {
                // Its weeks would add up to it.
                weeks.values_mut().for_each(|(_, told)| *told = false);
            }
        }
        let weeks: BTreeSet<&String> = self.weeks.keys().map(|(_, week)| week).collect();
        loop {
            let before = agencies.clone();
            for row in agencies.values_mut() {
                hold_back(&mut row.values_mut().collect::<Vec<_>>());
            }
            for week in &weeks {
                hold_back(&mut agencies.values_mut().filter_map(|row| row.get_mut(week)).collect::<Vec<_>>());
            }
            if agencies == before {
                break;
            }
        }
        let cell = |(week, (n, told)): (&String, (u64, bool))| Cell { label: week.clone(), items: as_told(n, told) };
        agencies.into_iter().map(|(agency, weeks)| Cells { by: agency.clone(), cells: weeks.into_iter().map(cell).collect() }).collect()
    }

    /// Items for review; none if there are too few to be told.
    pub(super) fn items(&self) -> Option<u64> {
        (self.items == 0 || self.items >= FEW).then_some(self.items)
    }

    pub(super) fn json(&self) -> String {
        let value = serde_json::json!({
            "note": "counts of posts for review, bukan putusan / not a finding; few is fewer than 10, held_back would tell such a count",
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
                write([&table.by, &cell.label, &cell.items.to_string()]);
            }
        }
        table.into_inner().expect("memory takes what is written")
    }
}

/// The counts of a table as far as they may be told beside its total.
fn shown(table: &BTreeMap<String, u64>) -> Vec<Cell> {
    let mut cells: Vec<(u64, bool)> = table.values().map(|n| (*n, *n >= FEW)).collect();
    hold_back(&mut cells.iter_mut().collect::<Vec<_>>());
    table.keys().zip(cells).map(|(label, (n, told))| Cell { label: label.clone(), items: as_told(n, told) }).collect()
}

fn as_told(n: u64, told: bool) -> Shown {
    match n {
        n if told => Shown::Count(n),
        n if n < FEW => Shown::Few,
        _ => Shown::HeldBack,
    }
}

/// Holds back the smallest told counts (`true`) that add up to a known total, until the others cannot be worked out from it.
fn hold_back(cells: &mut [&mut (u64, bool)]) {
    loop {
        let hidden: Vec<u64> = cells.iter().filter(|cell| !cell.1).map(|cell| cell.0).collect();
        let (count, sum) = (hidden.len() as u64, hidden.iter().sum::<u64>());
        // All that are few could be the most that few can be.
        let fixed = hidden.iter().all(|n| *n < FEW) && sum == count * (FEW - 1);
        if count == 0 || count > 1 && sum >= FEW && !fixed {
            return;
        }
        let Some(smallest) = cells.iter_mut().filter(|cell| cell.1).min_by_key(|cell| cell.0) else { return };
        smallest.1 = false;
    }
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
                match cell.items {
                    Shown::Count(n) => prop_assert!(n == *count && n >= FEW),
                    Shown::Few => prop_assert!(*count < FEW),
                    Shown::HeldBack => prop_assert!(*count >= FEW),
                }
            }
            let hidden: Vec<u64> = cells.iter().zip(&counts).filter(|(cell, _)| !matches!(cell.items, Shown::Count(_))).map(|(_, n)| *n).collect();
            let all = hidden.len() == counts.len();
            prop_assert!(hidden.is_empty() || all || hidden.len() > 1 && hidden.iter().sum::<u64>() >= FEW);
            prop_assert_eq!(hidden.is_empty(), counts.iter().all(|n| *n >= FEW));
        }

        #[test]
        fn no_single_cell_of_agency_and_week_is_missing_beside_told_totals(counts in prop::collection::vec(0..30u64, 12)) {
            let mut summary = Summary::default();
            for (n, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let (agency, week) = (format!("a{}", n / 4), format!("w{}", n % 4));
                *summary.tables[0].entry(agency.clone()).or_default() += count;
                *summary.tables[4].entry(week.clone()).or_default() += count;
                summary.weeks.insert((agency, week), *count);
            }
            let weeks = summary.weeks();
            let hidden = |cells: &[&Cell]| cells.iter().filter(|cell| !matches!(cell.items, Shown::Count(_))).count();
            for row in &weeks {
                let cells: Vec<&Cell> = row.cells.iter().collect();
                prop_assert!(hidden(&cells) != 1 || cells.len() == 1);
            }
            for week in 0..4 {
                let cells: Vec<&Cell> = weeks.iter().flat_map(|row| &row.cells).filter(|cell| cell.label == format!("w{week}")).collect();
                prop_assert!(hidden(&cells) != 1 || cells.len() == 1);
            }
        }
    }
}

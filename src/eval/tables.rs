//! An evaluation as tables.

use super::{Evaluation, Slice, System};
use crate::measure::{AP, AUC, BEST_F1, ECE, F1, Figure, MEASURES, RECALL_AT_5};
use crate::table::Table;

/// The measures that slices are shown with; JSON has them all.
const SHOWN: [&str; 6] = [AUC, AP, F1, BEST_F1, RECALL_AT_5, ECE];

/// Those that systems are compared by.
const COMPARED: [&str; 4] = [AUC, AP, F1, BEST_F1];

/// A figure with its interval; a dash where the rows do not allow one.
pub(crate) fn shown(figure: &Figure) -> String {
    if figure.value.is_nan() { "–".to_owned() } else { format!("{:.3} [{:.3} {:.3}]", figure.value, figure.low, figure.high) }
}

fn share(part: usize, of: usize) -> String {
    if of == 0 { "–".to_owned() } else { format!("{:.2}", part as f64 / of as f64) }
}

/// A chance of at least what can be told.
fn chance(p: f64, least: f64) -> String {
    if p < least { format!("<{least:.3}") } else { format!("{p:.3}") }
}

fn rate(value: f64) -> String {
    if value.is_nan() { "–".to_owned() } else { format!("{value:.3}") }
}

/// The figure of a measure by its name.
pub(super) fn figure<'a>(slice: &'a Slice, name: &str) -> &'a Figure {
    &slice.figures[place(name)]
}

impl Slice {
    /// The figure of a measure as tables show it.
    pub(crate) fn shown(&self, name: &str) -> String {
        shown(figure(self, name))
    }
}

/// Where a measure of this name stands in [`MEASURES`].
pub(crate) fn place(name: &str) -> usize {
    MEASURES.iter().position(|measure| measure.name == name).expect("a measure of the list")
}

fn joined(tables: &[Table]) -> String {
    tables.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Evaluation {
    /// Everything, in the order in which it is read.
    pub(super) fn tables(&self) -> Vec<Table> {
        let mut tables = self.short();
        for system in &self.systems {
            let named = |mut table: Table| {
                if self.systems.len() > 1 {
                    table.caption = format!("{}: {}", system.name, table.caption);
                }
                table
            };
            tables.extend(system.tables().into_iter().map(named));
        }
        tables
    }

    /// What all systems have in common: figures over all rows and how sure their differences are.
    fn short(&self) -> Vec<Table> {
        if self.comparisons.is_empty() { vec![self.all()] } else { vec![self.all(), self.compared()] }
    }

    /// The first system beside each other one.
    fn compared(&self) -> Table {
        let caption = format!(
            "{} less each other system on the same rows, by paired resamples with p in brackets; rows that one alone has right at .5, and McNemar's p",
            self.systems[0].name
        );
        let mut table = Table::new(caption, ["less"].into_iter().chain(COMPARED).chain(["right alone", "the other alone", "p"]));
        for comparison in &self.comparisons {
            let difference = |name: &str| {
                let d = &comparison.differences[place(name)];
                if d.figure.value.is_nan() { "–".to_owned() } else { format!("{} ({})", shown(&d.figure), chance(d.p, 2.0 / self.resamples as f64)) }
            };
            let test = comparison.mcnemar;
            let counts = [test.first_only.to_string(), test.second_only.to_string(), chance(test.p, 0.001)];
            table.rows.push([comparison.systems[1].clone()].into_iter().chain(COMPARED.map(difference)).chain(counts).collect());
        }
        table
    }

    /// The rows whose label a cross-validated model strongly doubts, one JSON object a line, the most doubtful first.
    ///
    /// # Panics
    /// Never: text and numbers can be written as JSON.
    pub fn doubts(&self) -> String {
        self.doubts.iter().map(|doubt| serde_json::to_string(doubt).expect("text and numbers can be written") + "\n").collect()
    }

    /// The figures over all rows alone, as Markdown.
    pub fn brief(&self) -> String {
        joined(&self.short())
    }

    /// Every measure over all rows, one column a system.
    fn all(&self) -> Table {
        let how = self.groups.map_or_else(String::new, |groups| format!(" of {groups} groups"));
        let caption = format!(
            "{} rows with a label, {} of them partisan, {} without one; figures over all with 95 % intervals from {} resamples{how}",
            self.rows, self.partisan, self.unlabelled, self.resamples
        );
        let mut table = Table::new(caption, std::iter::once("measure").chain(self.systems.iter().map(|system| system.name.as_str())));
        for (n, measure) in MEASURES.iter().enumerate() {
            let name = if measure.rising { measure.name.to_owned() } else { format!("{} (less is better)", measure.name) };
            table.rows.push(std::iter::once(name).chain(self.systems.iter().map(|system| shown(&system.slices[0].figures[n]))).collect());
        }
        table
    }
}

impl System {
    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.slices(), self.rules()];
        if !self.heads.is_empty() {
            tables.push(self.heads());
        }
        tables.push(self.reliability());
        tables
    }

    fn slices(&self) -> Table {
        let caption = "Slices; found and false alarms are those at .5";
        let mut table = Table::new(caption, ["slice", "rows"].into_iter().chain(SHOWN).chain(["found", "false alarms", "no score"]));
        for slice in &self.slices {
            let counts = [slice.name.clone(), slice.rows.to_string()];
            let figures = SHOWN.map(|name| slice.shown(name));
            let last = [
                format!("{} of {}", slice.found, slice.partisan),
                format!("{} of {}", slice.false_alarms, slice.rows - slice.partisan),
                format!("{:.1} %", 100.0 * slice.without_score as f64 / slice.rows as f64),
            ];
            table.rows.push(counts.into_iter().chain(figures).chain(last).collect());
        }
        table
    }

    fn rules(&self) -> Table {
        let caption = "Reading the posts at or above a threshold: what is found here, and the precision where few posts are partisan";
        let header = ["posts", "rows", "recall", "false alarms", "precision", "where .1 % are", "where 1 % are", "where 5 % are"];
        let mut table = Table::new(caption, header);
        for rule in &self.rules {
            let rates = [rule.rates.recall, rule.rates.false_alarms, rule.precision].into_iter().chain(rule.precision_at).map(rate);
            table.rows.push([rule.name.clone(), rule.rows.to_string()].into_iter().chain(rates).collect());
        }
        table
    }

    fn heads(&self) -> Table {
        let accuracy = self.context_accuracy.map_or_else(String::new, |a| format!("; the likeliest context is the gold one for {a:.3} of the rows"));
        let mut table = Table::new(format!("Signals{accuracy}"), ["signal", "gold", "fired", "precision", "recall", AUC, AP]);
        for head in &self.heads {
            let cells = [head.name.to_owned(), head.gold.to_string(), head.fired.to_string(), share(head.both, head.fired), share(head.both, head.gold)];
            table.rows.push(cells.into_iter().chain(head.figures[..2].iter().map(shown)).collect());
        }
        table
    }

    fn reliability(&self) -> Table {
        let mut table = Table::new("Reliability, in bins of equal count", ["probability said", "share partisan", "rows"]);
        table.rows = self.reliability.iter().map(|bin| vec![format!("{:.3}", bin.said), format!("{:.3}", bin.partisan), format!("{:.0}", bin.rows)]).collect();
        table
    }
}

impl std::fmt::Display for Evaluation {
    /// Markdown tables.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&joined(&self.tables()))
    }
}

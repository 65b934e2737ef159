//! An evaluation as one page: tables and plots, without scripts, fetched by nothing.

use html_escape::{encode_double_quoted_attribute as attribute, encode_text};
use plotters::coord::ranged1d::SegmentValue;
use plotters::prelude::*;

use super::tables::figure;
use super::{Evaluation, Slice, System};
use crate::measure::{AUC, Figure, Step};
use crate::table::Table;
use crate::text::harmless;

/// One colour a system, told apart by those who see no red or no green (Okabe and Ito 2008).
const COLOURS: [RGBColor; 6] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167), RGBColor(230, 159, 0), RGBColor(86, 180, 233)];

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\
table{border-collapse:collapse;font-size:.85rem;margin:.5rem 0 2rem}caption{text-align:left;font-weight:600;padding:.5rem 0}\
th,td{padding:.2rem .6rem;border-bottom:1px solid #ddd;text-align:left;white-space:nowrap}.wide{overflow-x:auto}\
figure{display:inline-block;vertical-align:top;margin:0 1rem 1rem 0}svg{max-width:100%;height:auto}@media print{.wide{overflow:visible}table{font-size:.6rem}}";

/// Errors of a drawing into memory, which has none.
const DRAWN: &str = "drawing into memory does not fail";

impl Evaluation {
    /// A page that stands by itself: no script, nothing fetched. Names from files are escaped.
    pub fn html(&self) -> String {
        let plots = [
            ("ROC: recall against false alarms", self.curves("ROC", ["false alarms", "recall"], roc)),
            ("Precision against recall", self.curves("Precision and recall", ["recall", "precision"], precision_recall)),
            (
                "Reliability: share partisan against probability said; on the line they are equal",
                self.curves("Reliability", ["probability said", "share partisan"], said),
            ),
            ("AUC of the slices with 95 % intervals", slices(&self.systems[0])),
        ];
        let figures = plots.map(|(name, svg)| format!("<figure role=\"img\" aria-label=\"{}\">{svg}</figure>\n", attribute(name)));
        let tables: String = self.tables().iter().map(table).collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>netral: evaluation</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <h1>Evaluation</h1>\n<p>How well systems tell partisan posts, by gold labels. A score is a reason to look, not a finding (bukan putusan).</p>\n\
             {}\n{tables}</body>\n</html>\n",
            figures.concat()
        )
    }

    /// One curve a system through points between 0 and 1.
    fn curves(&self, name: &str, axes: [&str; 2], points: fn(&System) -> Vec<(f64, f64)>) -> String {
        drawn((440, 400), |root| {
            let mut chart = ChartBuilder::on(root)
                .caption(name, ("sans-serif", 16))
                .margin(8)
                .x_label_area_size(36)
                .y_label_area_size(44)
                .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
            chart.configure_mesh().x_desc(axes[0]).y_desc(axes[1]).x_labels(6).y_labels(6).light_line_style(WHITE).draw()?;
            if name != "Precision and recall" {
                chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.3)))?;
            }
            for (system, colour) in self.systems.iter().zip(COLOURS.iter().cycle()) {
                let line = LineSeries::new(points(system), colour.stroke_width(2));
                chart.draw_series(line)?.label(harmless(&system.name)).legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
            }
            if self.systems.len() > 1 {
                chart.configure_series_labels().position(SeriesLabelPosition::LowerMiddle).border_style(BLACK.mix(0.2)).background_style(WHITE).draw()?;
            }
            Ok(())
        })
    }
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawing = std::result::Result<(), Box<dyn std::error::Error>>;

fn drawn(size: (u32, u32), draw: impl FnOnce(&Canvas) -> Drawing) -> String {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    draw(&root).expect(DRAWN);
    root.present().expect(DRAWN);
    drop(root);
    svg
}

fn cumulated(steps: &[Step]) -> Vec<(f64, f64)> {
    let add = |sum: &mut (f64, f64), step: &Step| {
        *sum = (sum.0 + step.yes, sum.1 + step.no);
        Some(*sum)
    };
    steps.iter().scan((0.0, 0.0), add).collect()
}

fn roc(system: &System) -> Vec<(f64, f64)> {
    let sums = cumulated(&system.steps);
    let &(yes, no) = sums.last().unwrap_or(&(0.0, 0.0));
    std::iter::once((0.0, 0.0)).chain(sums.into_iter().map(|(hits, alarms)| (alarms / no.max(1.0), hits / yes.max(1.0)))).collect()
}

fn precision_recall(system: &System) -> Vec<(f64, f64)> {
    let sums = cumulated(&system.steps);
    let yes = sums.last().map_or(1.0, |sum| sum.0.max(1.0));
    sums.into_iter().map(|(hits, alarms)| (hits / yes, hits / (hits + alarms))).collect()
}

fn said(system: &System) -> Vec<(f64, f64)> {
    system.reliability.iter().map(|bin| (bin.said, bin.partisan)).collect()
}

/// The AUC of each slice that has one, with its interval.
fn slices(system: &System) -> String {
    let rows: Vec<(&Slice, &Figure)> = system.slices.iter().map(|slice| (slice, figure(slice, AUC))).filter(|(_, auc)| !auc.value.is_nan()).collect();
    let count = i32::try_from(rows.len().max(1)).unwrap_or(i32::MAX);
    drawn((640, 70 + 18 * count as u32), |root| {
        let places = (0..count).into_segmented();
        let mut chart = ChartBuilder::on(root)
            .caption("AUC by slice", ("sans-serif", 16))
            .margin(8)
            .x_label_area_size(30)
            .y_label_area_size(200)
            .build_cartesian_2d(0.0..1.0, places)?;
        let name = |place: &SegmentValue<i32>| match place {
            SegmentValue::CenterOf(n) | SegmentValue::Exact(n) => {
                rows.len().checked_sub(1 + *n as usize).map_or_else(String::new, |row| harmless(&rows[row].0.name).chars().take(32).collect())
            }
            SegmentValue::Last => String::new(),
        };
        chart.configure_mesh().y_labels(rows.len()).y_label_formatter(&name).x_labels(6).disable_y_mesh().light_line_style(WHITE).draw()?;
        for (n, (_, auc)) in (0..).zip(rows.iter().rev()) {
            let at = |x: f64| (x, SegmentValue::CenterOf(n));
            chart.draw_series([PathElement::new([at(auc.low), at(auc.high)], COLOURS[0].stroke_width(2))])?;
            chart.draw_series([Circle::new(at(auc.value), 3, COLOURS[0].filled())])?;
        }
        Ok(())
    })
}

fn table(table: &Table) -> String {
    let line = |tag: &str, cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", encode_text(&harmless(cell)))).collect();
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let rows: String = table.rows.iter().map(|row| line("td", row)).collect();
    format!(
        "<div class=\"wide\"><table><caption>{}</caption>\n<thead>{}</thead>\n<tbody>{rows}</tbody></table></div>\n",
        encode_text(&harmless(&table.caption)),
        line("th", &table.header)
    )
}

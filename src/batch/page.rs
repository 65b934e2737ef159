//! The page of a run: one HTML file that needs no network, in Indonesian and English, with counts and the items that deserve a look first.
//!
//! `page.html` holds everything that does not depend on the run; its `{{names}}` are filled here. Authors appear nowhere on it.

use std::collections::BTreeSet;
use std::fmt::Write;

use html_escape::{encode_double_quoted_attribute, encode_text};

use super::config::Language;
use super::item::{Item, Reason};
use super::summary::{BY, Cell, Cells, Shown, Summary, UNKNOWN};
use super::tally::Warning;
use crate::text::harmless;

const SHELL: &str = include_str!("page.html");

/// What a page tells beside its items.
pub(super) struct Facts<'a> {
    pub(super) language: Language,
    pub(super) title: String,
    /// Each fact in Indonesian and English with its value.
    pub(super) list: Vec<(&'static str, &'static str, String)>,
    pub(super) warnings: &'a [Warning],
}

/// Words of the page, in Indonesian and English. What stands in neither is shown as it is.
const WORDS: [(&str, &str, &str); 42] = [
    ("post", "unggahan", "post"),
    ("comment", "komentar", "comment"),
    ("reply", "balasan", "reply"),
    ("share", "bagikan", "share"),
    ("quote", "kutipan", "quote"),
    ("forward", "terusan", "forward"),
    ("like", "suka", "like"),
    ("reaction", "reaksi", "reaction"),
    ("follow", "ikuti", "follow"),
    ("support", "dukungan", "support"),
    ("attack", "serangan", "attack"),
    ("vote_appeal", "ajakan memilih", "vote appeal"),
    ("mobilise", "mobilisasi", "mobilise"),
    ("material", "materi kampanye", "material"),
    ("fundraise", "penggalangan dana", "fundraise"),
    ("office", "penggunaan jabatan", "office"),
    ("pressure", "tekanan", "pressure"),
    ("symbol", "simbol", "symbol"),
    ("none", "tidak ada", "none"),
    ("likely", "kemungkinan besar", "likely"),
    ("review", "perlu ditinjau", "review"),
    ("before", "sebelum tahapan", "before"),
    ("registration", "pendaftaran", "registration"),
    ("campaign", "masa kampanye", "campaign"),
    ("quiet", "masa tenang", "quiet"),
    ("polling", "pemungutan suara", "polling"),
    ("count", "penghitungan", "count"),
    ("runoff", "putaran kedua", "runoff"),
    (UNKNOWN, "tidak diketahui", "unknown"),
    ("role", "peran", "role"),
    ("capacity", "kapasitas", "capacity"),
    ("phase", "tahapan", "phase"),
    ("activity", "aktivitas", "activity"),
    ("parent", "unggahan asal", "parent"),
    ("jurisdiction", "wilayah hukum", "jurisdiction"),
    (BY[0], "instansi", "agency"),
    (BY[2], "sinyal", "signal"),
    (BY[4], "minggu", "week"),
    ("depends on", "bergantung pada", "depends on"),
    ("for", "memperkuat", "for"),
    ("against", "memperlemah", "against"),
    ("reasons", "alasan", "reasons"),
];

/// Text as HTML, with what would change its order or reach a terminal shown as a sign.
fn safe(text: &str) -> String {
    text.lines().map(|line| encode_text(&harmless(line)).into_owned()).collect::<Vec<_>>().join("\n")
}

fn both(indonesian: &str, english: &str) -> String {
    format!("<span lang=\"id\">{}</span><span lang=\"en\">{}</span>", safe(indonesian), safe(english))
}

fn known(word: &str) -> Option<(&'static str, &'static str)> {
    WORDS.iter().find(|(key, ..)| *key == word).map(|(_, id, en)| (*id, *en))
}

fn word(word: &str) -> String {
    known(word).map_or_else(|| safe(word), |(id, en)| both(id, en))
}

fn words(list: &[String]) -> String {
    list.iter().map(|fact| word(fact)).collect::<Vec<_>>().join(", ")
}

/// The page of a run with its items, in their order.
pub(super) fn page(facts: &Facts, summary: &Summary, items: &[Item]) -> String {
    let language = if facts.language == Language::Id { "id" } else { "en" };
    let list: Vec<String> = facts.list.iter().map(|(id, en, value)| format!("<dt>{}</dt><dd>{}</dd>", both(id, en), safe(value))).collect();
    let warnings: Vec<String> = facts.warnings.iter().map(|warning| format!("<li>{}</li>", both(&warning.id, &warning.en))).collect();
    let tables: String = summary.tables().iter().map(table).chain(std::iter::once(matrix(&summary.weeks()))).collect();
    let options = |of: &dyn Fn(&Item) -> Vec<String>| options(&items.iter().flat_map(of).collect());
    let fact = |fact: &Option<String>| vec![fact.clone().unwrap_or_else(|| UNKNOWN.to_owned())];
    let values = [
        ("lang", language.to_owned()),
        ("title", safe(&facts.title)),
        ("facts", format!("<dl>{}</dl>", list.concat())),
        ("warnings", format!("<ul>{}</ul>", warnings.concat())),
        ("tables", tables),
        ("items", items.iter().map(article).collect()),
        ("count", items.len().to_string()),
        ("agencies", options(&|item| fact(&item.known.agency))),
        ("activities", options(&|item| vec![item.activity()])),
        ("signals", options(&|item| item.netral.fired.clone())),
        ("bands", options(&|item| vec![item.netral.band.clone()])),
        ("phases", options(&|item| fact(&item.known.phase))),
    ];
    // One pass, so that no value is taken for a place to fill.
    let mut out = String::with_capacity(SHELL.len() + 2000 * items.len());
    let mut rest = SHELL;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("the shell closes what it opens");
        out.push_str(before);
        out.push_str(values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()).expect("the shell asks for what there is"));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn options(values: &BTreeSet<String>) -> String {
    let option = |value: &String| {
        let (id, en) = known(value).map_or_else(|| (harmless(value), harmless(value)), |(id, en)| (id.to_owned(), en.to_owned()));
        let shown = if id == en { id.clone() } else { format!("{id} / {en}") };
        let [value, id, en] = [value.as_str(), &id, &en].map(|text| encode_double_quoted_attribute(text).into_owned());
        format!("<option value=\"{value}\" data-id=\"{id}\" data-en=\"{en}\">{}</option>", encode_text(&shown))
    };
    values.iter().map(option).collect()
}

fn table(cells: &Cells) -> String {
    let count = |cell: &Cell| if let Shown::Count(n) = cell.items { Some(n) } else { None };
    let most = cells.cells.iter().filter_map(count).max().unwrap_or(1);
    let mut rows = String::new();
    for cell in &cells.cells {
        let (class, number) = number(cell.items);
        let bar = count(cell).map_or_else(String::new, |n| format!("<span class=\"bar\" style=\"width:{}%\"></span>", 100 * n / most));
        let _ = writeln!(rows, "<tr><th scope=\"row\">{}</th><td{class}>{number}</td><td aria-hidden=\"true\">{bar}</td></tr>", word(&cell.label));
    }
    let by = known(&cells.by).unwrap_or_default();
    let heading = both(&format!("Menurut {}", by.0), &format!("By {}", by.1));
    let caption = both("unggahan untuk ditinjau", "posts for review");
    format!("<section class=\"table\"><h3>{heading}</h3>\n<table><caption>{caption}</caption>\n{rows}</table></section>\n")
}

/// The class and the text of a cell.
fn number(items: Shown) -> (&'static str, String) {
    match items {
        Shown::Count(n) => ("", n.to_string()),
        Shown::Few => (" class=\"few\"", "&lt; 10".to_owned()),
        Shown::HeldBack => (" class=\"few\"", "…".to_owned()),
    }
}

/// The weeks of each agency beside each other.
fn matrix(agencies: &[Cells]) -> String {
    let weeks: BTreeSet<&String> = agencies.iter().flat_map(|cells| &cells.cells).map(|cell| &cell.label).collect();
    let header: Vec<String> = weeks.iter().map(|week| format!("<th scope=\"col\">{}</th>", word(week))).collect();
    let (header, mut rows) = (header.concat(), String::new());
    for agency in agencies {
        let cell = |week: &&String| match agency.cells.iter().find(|cell| cell.label == **week).map(|cell| cell.items) {
            Some(items) => {
                let (class, number) = number(items);
                format!("<td{class}>{number}</td>")
            }
            None => "<td>0</td>".to_owned(),
        };
        let _ = writeln!(rows, "<tr><th scope=\"row\">{}</th>{}</tr>", word(&agency.by), weeks.iter().map(cell).collect::<String>());
    }
    format!(
        "<section class=\"table wide\" tabindex=\"0\" aria-labelledby=\"weeks\"><h3 id=\"weeks\">{}</h3>\n<table><caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th>{header}</tr></thead>\n<tbody>{rows}</tbody></table></section>\n",
        both("Menurut instansi dan minggu", "By agency and week"),
        both("unggahan untuk ditinjau", "posts for review"),
        word(BY[0]),
    )
}

fn article(item: &Item) -> String {
    let result = &item.netral;
    let attribute = |fact: &str| encode_double_quoted_attribute(&harmless(fact)).into_owned();
    let or_unknown = |fact: &Option<String>| fact.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let (agency, phase, activity) = (or_unknown(&item.known.agency), or_unknown(&item.known.phase), item.activity());
    let day = item.post.as_ref().and_then(|post| post.time.as_deref()).and_then(|time| time.get(..10)).unwrap_or_default();
    let list = |favour: bool| {
        let reasons: Vec<String> = item.reasons(favour).map(|r| format!("<li>“<bdi>{}</bdi>” {:+.2}</li>", safe(&r.text), r.push)).collect();
        if reasons.is_empty() { "<li>–</li>".to_owned() } else { reasons.concat() }
    };
    let rule = |rule: &super::item::Rule| {
        let text = rule.text_en.as_ref().map_or_else(|| safe(&rule.text), |english| both(&rule.text, english));
        let depends = if rule.depends_on.is_empty() { String::new() } else { format!(" <i>{}: {}</i>", word("depends on"), words(&rule.depends_on)) };
        format!("<li><b>{}</b> <q>{}</q>: {text}{depends}</li>", safe(&rule.id), safe(&rule.title))
    };
    let rules = result.rules.iter().map(rule).collect::<Vec<_>>().concat();
    let rules = if rules.is_empty() {
        String::new()
    } else {
        format!("<div class=\"rules\"><h4>{}</h4><ul>{rules}</ul></div>", both("aturan yang patut diperiksa", "rules worth checking"))
    };
    format!(
        "<article class=\"item\" data-agency=\"{}\" data-activity=\"{}\" data-signals=\"{}\" data-band=\"{}\" data-phase=\"{}\">\n\
         <header><span class=\"band {}\">{}</span> <span class=\"p\">{}</span> <code>{}</code> <span>{}</span> <span>{}</span> <span>{}</span> <time>{}</time></header>\n\
         <p class=\"text\" dir=\"auto\">{}</p>\n\
         <details><summary>{}: {}</summary>\n<div class=\"reasons\"><div><h4>{}</h4><ul>{}</ul></div><div><h4>{}</h4><ul>{}</ul></div></div>\n{rules}\
         <p class=\"missing\">{}: {}</p></details>\n<p class=\"disclaimer\">{}</p>\n</article>\n",
        attribute(&agency),
        attribute(&activity),
        attribute(&result.fired.join(" ")),
        attribute(&result.band),
        attribute(&phase),
        attribute(&result.band),
        word(&result.band),
        result.partisan.map_or_else(String::new, |p| format!("{p:.2}")),
        safe(&item.id),
        safe(&item.source),
        word(&agency),
        word(&activity),
        safe(day),
        marked(item.words(), result.evidence.iter().filter(|r| r.head == "partisan")),
        word("reasons"),
        words(&result.fired),
        word("for"),
        list(true),
        word("against"),
        list(false),
        both("tidak diketahui", "unknown"),
        words(&result.missing),
        both("bukan putusan", "not a finding"),
    )
}

/// A text with its telling words marked.
fn marked<'a>(text: &str, reasons: impl Iterator<Item = &'a Reason>) -> String {
    let mut reasons: Vec<&Reason> = reasons.collect();
    reasons.sort_by_key(|reason| reason.start);
    let (mut out, mut done) = (String::new(), 0);
    let part = |from: usize, to: usize| text.chars().skip(from).take(to - from).collect::<String>();
    for reason in reasons {
        if reason.start < done {
            continue;
        }
        let class = if reason.push > 0.0 { "for" } else { "against" };
        let _ = write!(
            out,
            "{}<mark class=\"{class}\" title=\"{:+.2}\">{}</mark>",
            spaced(&part(done, reason.start)),
            reason.push,
            safe(&part(reason.start, reason.end))
        );
        done = reason.end;
    }
    out + &spaced(&part(done, text.chars().count()))
}

/// [`safe`], with a line break at the end that `lines` leaves out.
fn spaced(text: &str) -> String {
    let end = if text.ends_with('\n') { "\n" } else { "" };
    safe(text) + end
}

//! What a corpus is made of, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::corpus::{CONTEXTS, Corpus, KINDS, LENGTHS, Row, SIGNALS, Source, fill_and_tell, length_class, slots, without_slots};
use crate::error::{Error, Result};
use crate::linear::SplitMix;
use crate::pack::Packs;
use crate::table::Table;
use crate::text::words;

/// The faults of a corpus and the tables that a datasheet needs. Displays as Markdown.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What must be mended, one sentence each, harmless at a terminal.
    pub faults: Vec<String>,
    /// Figures, in order of display.
    pub tables: Vec<Table>,
}

/// Words in a row that two texts must share to count as copied.
const LEAK: usize = 8;
/// Rows that share so much of their word triples are near-duplicates, if one has at least [`SAYING`] of them: shorter ones are sayings.
const NEAR: f64 = 0.5;
const SAYING: usize = 4;
/// Rows that diversity is measured on, for each language: its measures depend on the number of rows.
const SAMPLE: usize = 500;
/// A triple that stands in more rows than this is a stock phrase and says nothing about copying.
const STOCK: usize = 200;
/// Standard errors that a contender's share of partisan rows may differ from that of all.
const SIDES: f64 = 4.0;

impl Corpus {
    /// Checks a folder or file of labelled posts: every row that cannot be read, ids given twice, one text with two labels,
    /// near-duplicates and pairs that could straddle a split, contenders named on one side of the label more than on the other, and runs of
    /// eight words shared with one of the files `against`, which must not be trained on. About two seconds for 10,000 rows.
    ///
    /// # Errors
    /// A file cannot be read at all. Faults inside are no error: they are the result.
    pub fn check(path: &Path, packs: &Packs, against: &[PathBuf]) -> Result<Check> {
        let (corpus, broken) = Self::read_all(path)?;
        let mut faults: Vec<String> = broken.iter().map(ToString::to_string).collect();
        let rows = &corpus.rows;
        let words: Vec<Vec<String>> = rows.iter().map(|r| words(&without_slots(&r.text))).collect();
        let twins = twins(rows, &words);
        faults.extend(repeated(rows, &words));
        faults.extend(twins.iter().filter(|(a, b, _)| rows[*a].group() != rows[*b].group()).map(|(a, b, share)| {
            format!("{} and {} share {:.0} % of their word triples and may stand on both sides of a split: remove one", rows[*a].id, rows[*b].id, 100.0 * share)
        }));
        faults.extend(torn_pairs(rows));
        for file in against {
            faults.extend(leaks(rows, &words, file)?);
        }
        let (sides, one_sided) = sides(&corpus, packs);
        faults.extend(one_sided);
        let mut tables = vec![
            labels(rows),
            signals(rows),
            kinds(rows),
            contexts(rows),
            sides,
            lengths(rows),
            counted(rows, "Registers", &|r| &r.register),
            counted(rows, "Platforms", &|r| &r.platform),
            diversity(rows, &words, &twins),
        ];
        tables.extend(agreement(path)?);
        Ok(Check { faults: faults.iter().map(|fault| crate::text::harmless(fault)).collect(), tables })
    }
}

fn langs(rows: &[Row]) -> Vec<&str> {
    let all: BTreeSet<&str> = rows.iter().map(|r| r.lang.as_str()).collect();
    // The largest first.
    let mut all: Vec<&str> = all.into_iter().collect();
    all.sort_by_key(|lang| std::cmp::Reverse(rows.iter().filter(|r| r.lang == *lang).count()));
    all
}

/// A table with a row for each of the `names` and a column for each language: how many rows `has` it.
fn by_language(rows: &[Row], caption: &str, names: &[&str], has: &dyn Fn(&Row, &str) -> bool) -> Table {
    let langs = langs(rows);
    let count = |lang: &str, name: &str| rows.iter().filter(|r| r.lang == lang && has(r, name)).count().to_string();
    Table {
        caption: caption.to_owned(),
        header: std::iter::once("").chain(langs.iter().copied()).map(str::to_owned).collect(),
        rows: names.iter().map(|name| std::iter::once((*name).to_owned()).chain(langs.iter().map(|lang| count(lang, name))).collect()).collect(),
    }
}

fn labels(rows: &[Row]) -> Table {
    let label = |r: &Row| r.partisan.map_or("cannot tell", |p| if p { "partisan" } else { "not" });
    by_language(rows, "Rows by label and language", &["partisan", "not", "cannot tell"], &|r, name| label(r) == name)
}

fn signals(rows: &[Row]) -> Table {
    by_language(rows, "Rows with a signal", &SIGNALS, &|r, name| r.signals.iter().any(|s| s == name))
}

fn kinds(rows: &[Row]) -> Table {
    by_language(rows, "Rows of each protected kind (GUIDE.md)", &KINDS, &|r, name| r.kind == name)
}

fn contexts(rows: &[Row]) -> Table {
    by_language(rows, "Rows of each context", &CONTEXTS, &|r, name| r.context == name)
}

fn counted(rows: &[Row], caption: &str, column: &dyn Fn(&Row) -> &str) -> Table {
    let names: BTreeSet<&str> = rows.iter().map(column).filter(|v| !v.is_empty()).collect();
    by_language(rows, caption, &names.into_iter().collect::<Vec<_>>(), &|r, name| column(r) == name)
}

fn lengths(rows: &[Row]) -> Table {
    by_language(rows, "Characters in a row, slots as they stand", &LENGTHS.map(|(_, name)| name), &|r, name| length_class(&r.text) == name)
}

/// Ids and texts that stand twice.
fn repeated(rows: &[Row], words: &[Vec<String>]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids: HashSet<&str> = HashSet::new();
    let mut texts: HashMap<String, &Row> = HashMap::new();
    for (row, words) in rows.iter().zip(words) {
        if !ids.insert(&row.id) {
            faults.push(format!("the id {} stands twice: rename one", row.id));
        }
        // Texts of slots and signs alone differ in what is no word.
        let key = if words.len() < 2 { row.text.clone() } else { format!("{} {:?}", words.join(" "), slots(&row.text).collect::<Vec<_>>()) };
        if let Some(first) = texts.insert(key, row) {
            let fault = if first.partisan == row.partisan { "one text: remove one" } else { "one text and two labels: decide" };
            faults.push(format!("{} and {} have {fault}", first.id, row.id));
        }
    }
    faults
}

/// Pairs of rows that share at least [`NEAR`] of their word triples (Jaccard), with the share.
fn twins(rows: &[Row], words: &[Vec<String>]) -> Vec<(usize, usize, f64)> {
    let triples: Vec<HashSet<&[String]>> = words.iter().map(|w| w.windows(3).collect()).collect();
    let mut stand: HashMap<&[String], Vec<usize>> = HashMap::new();
    for (i, own) in triples.iter().enumerate() {
        for triple in own {
            stand.entry(triple).or_default().push(i);
        }
    }
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for list in stand.values().filter(|l| l.len() <= STOCK) {
        for (n, &a) in list.iter().enumerate() {
            for &b in &list[n + 1..] {
                *shared.entry((a, b)).or_insert(0) += 1;
            }
        }
    }
    let jaccard = |(a, b): (usize, usize), both: usize| both as f64 / (triples[a].len() + triples[b].len() - both) as f64;
    let mut twins: Vec<(usize, usize, f64)> = shared.into_iter().map(|(pair, both)| (pair.0, pair.1, jaccard(pair, both))).filter(|t| t.2 >= NEAR).collect();
    twins.retain(|(a, b, _)| rows[*a].id != rows[*b].id && triples[*a].len().max(triples[*b].len()) >= SAYING);
    twins.sort_by_key(|t| (t.0, t.1));
    twins
}

/// Minimal pairs whose halves are of two groups.
fn torn_pairs(rows: &[Row]) -> Vec<String> {
    let mut groups: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in rows.iter().filter(|r| !r.pair.is_empty()) {
        groups.entry(&row.pair).or_default().insert(row.group());
    }
    let torn = groups.into_iter().filter(|(_, groups)| groups.len() > 1);
    torn.map(|(pair, _)| format!("the halves of pair {pair} have different themes and may straddle a split: give them one theme")).collect()
}

/// Rows that share [`LEAK`] words in a row with a file, whatever its format: each line is a text.
fn leaks(rows: &[Row], words: &[Vec<String>], file: &Path) -> Result<Vec<String>> {
    let bytes = std::fs::read(file).map_err(|e| Error::io(file, e))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut found: HashMap<Vec<String>, usize> = HashMap::new();
    for (n, line) in text.lines().enumerate() {
        // In JSON an escape such as \n is no part of a word, and a slot is none on either side.
        for run in self::words(&without_slots(&line.replace("\\n", " ").replace("\\t", " "))).windows(LEAK) {
            found.entry(run.to_vec()).or_insert(n + 1);
        }
    }
    let leak = |words: &Vec<String>| words.windows(LEAK).find_map(|run| found.get(run).map(|line| (*line, run.join(" "))));
    let leaks = rows.iter().zip(words).filter_map(|(row, words)| leak(words).map(|(line, run)| (row, line, run)));
    Ok(leaks.map(|(row, line, run)| format!("{} shares \"{run}\" with {}:{line}: remove the row", row.id, file.display())).collect())
}

/// How often contenders are named beside each label, and a fault for each that stands on one side of it too often.
fn sides(corpus: &Corpus, packs: &Packs) -> (Table, Vec<String>) {
    let mut faults = Vec::new();
    let mut table = Table {
        caption: "Rows that name a contender by a slot; the last two columns count one of them after the slots are filled from the packs".to_owned(),
        header: ["", "in favour", "against", "both or other partisan", "not partisan", "fewest rows of a contender", "most"].map(str::to_owned).to_vec(),
        rows: Vec::new(),
    };
    for lang in ["id", "en"] {
        let named = |r: &&Row| r.lang == lang && slots(&r.text).any(|s| ["cand", "ticket", "party"].contains(&s.trim_end_matches('2')));
        let own: Vec<&Row> = corpus.rows.iter().filter(named).collect();
        if own.is_empty() {
            continue;
        }
        let has = |r: &Row, s: &str| r.signals.iter().any(|x| x == s);
        let mut columns = [0usize; 4];
        for row in &own {
            let column = match (row.partisan, has(row, "support"), has(row, "attack")) {
                (Some(true), true, false) => 0,
                (Some(true), false, true) => 1,
                (Some(true), _, _) => 2,
                _ => 3,
            };
            columns[column] += 1;
        }
        let (yes, no) = (columns[0] + columns[1] + columns[2], columns[3]);
        if no * 2 < yes || yes * 2 < no {
            faults.push(format!("{lang}: {yes} partisan rows name a contender and {no} others do, so that a name alone tells: add rows of the rarer kind"));
        }
        let contenders = drawn(&own, lang, corpus, packs);
        let rate = yes as f64 / own.len() as f64;
        for (name, (yes, all)) in &contenders {
            let deviation = (*yes as f64 / *all as f64 - rate) / (rate * (1.0 - rate) / *all as f64).sqrt();
            if deviation.abs() > SIDES {
                faults.push(format!("{name} stands in {yes} partisan rows of {all}, against {:.0} % of all: name others instead", 100.0 * rate));
            }
        }
        let all = || contenders.values().map(|(_, all)| *all);
        let cells = columns.into_iter().chain([all().min().unwrap_or(0), all().max().unwrap_or(0)]);
        table.rows.push(std::iter::once(lang.to_owned()).chain(cells.map(|n| n.to_string())).collect());
    }
    (table, faults)
}

/// For each contender that the packs put into the slots of the rows: in how many partisan ones, and in how many.
fn drawn<'a>(rows: &[&Row], lang: &'a str, corpus: &Corpus, packs: &'a Packs) -> BTreeMap<&'a str, (usize, usize)> {
    let mut whose: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for contender in packs.contenders_in(lang) {
        contender.spellings().into_iter().for_each(|alias| {
            whose.entry(alias.text).or_default().insert(&contender.name);
        });
    }
    let mut contenders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in rows {
        let filled = fill_and_tell(&row.id, &row.text, lang, packs, &corpus.names, Source::Packs, 1).1;
        let names: BTreeSet<&str> = filled.values().filter_map(|value| whose.get(value)).flatten().copied().collect();
        for name in names {
            let counts = contenders.entry(name).or_insert((0, 0));
            counts.0 += usize::from(row.partisan == Some(true));
            counts.1 += 1;
        }
    }
    contenders
}

/// Distinct n-grams and self-BLEU of a sample, and near-duplicates of all rows, by language.
fn diversity(rows: &[Row], words: &[Vec<String>], twins: &[(usize, usize, f64)]) -> Table {
    let caption = format!(
        "Diversity: near-duplicates share half of their word triples; the rest on {SAMPLE} rows drawn at random. Distinct n-grams as a share of all; \
         self-BLEU is the mean BLEU-4 of a row against all others (1: each row is another's copy)"
    );
    let header = ["", "near-duplicate pairs", "distinct words", "distinct pairs", "distinct triples", "self-BLEU"].map(str::to_owned).to_vec();
    let mut table = Table { caption, header, rows: Vec::new() };
    for lang in langs(rows) {
        let near = twins.iter().filter(|(a, b, _)| rows[*a].lang == lang && rows[*b].lang == lang).count();
        let mut order: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].lang == lang && words[i].len() >= 4).collect();
        SplitMix(1).shuffle(&mut order);
        let sample: Vec<&[String]> = order.iter().take(SAMPLE).map(|&i| words[i].as_slice()).collect();
        let distinct = |n: usize| {
            let all: Vec<&[String]> = sample.iter().flat_map(|w| w.windows(n)).collect();
            let own: HashSet<&&[String]> = all.iter().collect();
            format!("{:.2}", own.len() as f64 / all.len().max(1) as f64)
        };
        table.rows.push(vec![lang.to_owned(), near.to_string(), distinct(1), distinct(2), distinct(3), format!("{:.3}", self_bleu(&sample))]);
    }
    table
}

/// Mean BLEU-4 of each text against all others (Zhu and others, "Texygen", SIGIR 2018), without brevity penalty since every length
/// occurs, and with a count of 0.1 where no n-gram matches (Chen and Cherry 2014, method 1).
fn self_bleu(sample: &[&[String]]) -> f64 {
    let mut logs = vec![0.0; sample.len()];
    for n in 1..=4 {
        let counts = |w: &[String]| {
            let mut own: HashMap<Vec<String>, usize> = HashMap::new();
            w.windows(n).for_each(|gram| *own.entry(gram.to_vec()).or_insert(0) += 1);
            own
        };
        let own: Vec<HashMap<Vec<String>, usize>> = sample.iter().map(|w| counts(w)).collect();
        // The two highest counts of a gram in any text, and whose the highest is.
        let mut most: HashMap<&[String], (usize, usize, usize)> = HashMap::new();
        for (i, grams) in own.iter().enumerate() {
            for (gram, &count) in grams {
                let best = most.entry(gram).or_insert((0, i, 0));
                if count > best.0 {
                    *best = (count, i, best.0);
                } else {
                    best.2 = best.2.max(count);
                }
            }
        }
        for (i, grams) in own.iter().enumerate() {
            let elsewhere = |gram: &[String]| most.get(gram).map_or(0, |&(first, whose, second)| if whose == i { second } else { first });
            let hits: usize = grams.iter().map(|(gram, &count)| count.min(elsewhere(gram))).sum();
            let all: usize = grams.values().sum();
            logs[i] += ((hits as f64).max(0.1) / (all as f64).max(1.0)).ln() / 4.0;
        }
    }
    logs.iter().map(|l| l.exp()).sum::<f64>() / sample.len().max(1) as f64
}

/// One row of `passes.tsv`: the labels of the two independent passes before anything was decided between them.
#[derive(Deserialize)]
struct Passes {
    partisan: String,
    signals: String,
    context: String,
    partisan2: String,
    signals2: String,
    context2: String,
}

/// Cohen's kappa between the two labelling passes in `passes.tsv` beside the rows, where there is one.
fn agreement(path: &Path) -> Result<Option<Table>> {
    let file = if path.is_dir() { path.join("passes.tsv") } else { path.with_file_name("passes.tsv") };
    if !file.exists() {
        return Ok(None);
    }
    let fault = |e: csv::Error| Error::new(format!("not a list of two passes: {e}")).at(&file);
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').quoting(false).from_path(&file).map_err(fault)?;
    let rows: Vec<Passes> = reader.deserialize().collect::<std::result::Result<_, _>>().map_err(fault)?;
    let both: Vec<&Passes> = rows.iter().filter(|r| r.partisan == "1" && r.partisan2 == "1").collect();
    let has = |list: &str, name: &str| list.split(',').any(|s| s == name);
    let row = |what: &str, pairs: Vec<(String, String)>| {
        let same = pairs.iter().filter(|(a, b)| a == b).count() as f64 / pairs.len().max(1) as f64;
        vec![what.to_owned(), pairs.len().to_string(), format!("{:.1} %", 100.0 * same), format!("{:.2}", kappa(&pairs))]
    };
    let mut table = vec![
        row("partisan, not, cannot tell", rows.iter().map(|r| (r.partisan.clone(), r.partisan2.clone())).collect()),
        row("context", rows.iter().map(|r| (r.context.clone(), r.context2.clone())).collect()),
    ];
    table.extend(SIGNALS.map(|s| row(s, both.iter().map(|r| (has(&r.signals, s).to_string(), has(&r.signals2, s).to_string())).collect())));
    Ok(Some(Table {
        caption: "Agreement of two labelling passes, both by language models; signals on rows that both call partisan".to_owned(),
        header: ["", "rows", "same", "Cohen's kappa"].map(str::to_owned).to_vec(),
        rows: table,
    }))
}

/// Agreement beyond chance (Cohen 1960).
fn kappa(pairs: &[(String, String)]) -> f64 {
    let n = pairs.len() as f64;
    let same = pairs.iter().filter(|(a, b)| a == b).count() as f64 / n;
    let values: BTreeSet<&String> = pairs.iter().flat_map(|(a, b)| [a, b]).collect();
    let share = |f: &dyn Fn(&(String, String)) -> bool| pairs.iter().filter(|p| f(p)).count() as f64 / n;
    let chance: f64 = values.into_iter().map(|v| share(&|p| p.0 == *v) * share(&|p| p.1 == *v)).sum();
    if chance >= 1.0 { 1.0 } else { (same - chance) / (1.0 - chance) }
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.tables.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_agrees_with_a_value_counted_by_hand() {
        // 20 and 15 rows agree, 5 and 10 do not: observed .7, by chance .5.
        let pairs = |a: &str, b: &str, n: usize| vec![(a.to_owned(), b.to_owned()); n];
        let all = [pairs("yes", "yes", 20), pairs("yes", "no", 5), pairs("no", "yes", 10), pairs("no", "no", 15)].concat();
        assert!((kappa(&all) - 0.4).abs() < 1e-12);
    }

    #[test]
    fn copies_have_a_self_bleu_of_one_and_strangers_nearly_none() {
        let text = |s: &str| words(s);
        let copies = [text("one two three four five"), text("one two three four five")];
        assert!((self_bleu(&copies.iter().map(Vec::as_slice).collect::<Vec<_>>()) - 1.0).abs() < 1e-12);
        let strangers = [text("one two three four five"), text("six seven eight nine ten")];
        assert!(self_bleu(&strangers.iter().map(Vec::as_slice).collect::<Vec<_>>()) < 0.05);
    }
}

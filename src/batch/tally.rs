//! Counts of a run, kept with each checkpoint, and the note on how it differs from the runs before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::config::Limits;
use super::state::Review;
use crate::output::Counts;
use crate::pack::hex;
use crate::pseudonym::Pseudonyms;
use crate::score::{Score, Status};

/// Everything that a run counts. As it is stored it holds no text but names that many accounts wrote.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    /// Rows that were scored before, in this run or an earlier one.
    pub(super) repeated: u64,
    /// Rows from before the day that the run was asked to begin with.
    pub(super) older: u64,
    pub(super) languages: BTreeMap<String, u64>,
    pub(super) words: Words,
    /// Names by their keyed hashes.
    names: BTreeMap<String, Seen>,
    /// Rows that were read of each file.
    pub(super) files: BTreeMap<String, u64>,
    /// Files that could not be read any more, each with the reason.
    pub(super) faults: Vec<String>,
}

/// How many words there were, and how many the model's subword vocabulary holds whole.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Words {
    pub(super) all: u64,
    pub(super) whole: u64,
}

/// How often a name was seen, and by which accounts as keyed hashes, up to as many as matter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Seen {
    rows: u64,
    authors: BTreeSet<String>,
    /// The name itself: in memory, and in the state once so many accounts wrote it that it is no private person's.
    name: Option<String>,
}

/// A name needs so many accounts before it is reported: what fewer write may be a private person's.
const LEAST_AUTHORS: usize = 5;
/// Names that are counted at a time.
const NAMES: usize = 2000;
/// Names that are reported.
const SHOWN: usize = 20;
/// Reviews that a statement on calibration needs.
const LEAST_REVIEWS: usize = 30;

/// A capitalised name behind a word of contests, or a hashtag.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let cues = "paslon|calon|capres|cawapres|cagub|cawagub|cabup|cawabup|cawalkot|caleg|bupati|gubernur|wali ?kota|coblos|pilih|dukung|menangkan|vote for|vote|elect|re-elect|support|candidate|for governor|for mayor";
    Regex::new(&format!(r"(?i:\b(?:{cues}))\s+(?:(?i:nomor|no|pak|bu|bapak|ibu)\.?\s+)?(?P<name>\p{{Lu}}[\p{{L}}'-]+(?:\s+\p{{Lu}}[\p{{L}}'-]+){{0,2}})|(?P<tag>#[\p{{L}}\p{{N}}_]{{4,}})"))
        .expect("a valid pattern")
});

impl Tally {
    /// The counts of a run that begins; whether most of a feed is one account's is known from its plan.
    pub(super) fn new(single_author: bool) -> Self {
        Self { counts: Counts { single_author, ..Counts::default() }, ..Self::default() }
    }

    /// Counts a scored row.
    pub(super) fn add(&mut self, score: &Score, words: Words) {
        self.counts.add(score);
        if score.status == Status::Ok || score.lang.is_some() {
            *self.languages.entry(score.lang.unwrap_or("unknown").to_owned()).or_default() += 1;
        }
        self.words.all += words.all;
        self.words.whole += words.whole;
    }

    pub(super) fn join(&mut self, other: Self) {
        self.counts.join(other.counts);
        self.repeated += other.repeated;
        self.older += other.older;
        self.words.all += other.words.all;
        self.words.whole += other.words.whole;
        other.languages.into_iter().for_each(|(lang, n)| *self.languages.entry(lang).or_default() += n);
        other.files.into_iter().for_each(|(file, n)| *self.files.entry(file).or_default() += n);
        for (name, seen) in other.names {
            let own = self.names.entry(name).or_default();
            own.rows += seen.rows;
            own.authors.extend(seen.authors);
            own.name = own.name.take().or(seen.name);
            while own.authors.len() > LEAST_AUTHORS {
                own.authors.pop_last();
            }
        }
        if self.names.len() > NAMES {
            // The rarest go; of equals the last in order.
            let mut rows: Vec<u64> = self.names.values().map(|seen| seen.rows).collect();
            rows.sort_unstable();
            let least = rows[rows.len() - NAMES / 2];
            self.names.retain(|_, seen| seen.rows >= least.max(2));
        }
    }

    /// Takes note of names in a flagged text that no pack marks; `marked` tells what packs mark in it.
    pub(super) fn name<'t>(&mut self, text: &'t str, marked: impl FnOnce() -> Vec<&'t str>, author: Option<&str>, keys: &Pseudonyms) {
        let mut found = NAME.captures_iter(text).filter_map(|found| found.name("name").or_else(|| found.name("tag"))).map(|m| m.as_str()).peekable();
        if found.peek().is_none() {
            return;
        }
        let marked = marked();
        for name in found.filter(|name| !marked.iter().any(|mark| mark.contains(name) || name.contains(mark))) {
            let name = name.to_lowercase();
            let hash = |kind: &[u8], word: &str| hex(&keys.digest(&[kind, word.as_bytes()])[..8]);
            let seen = self.names.entry(hash(b"name", &name)).or_default();
            seen.rows += 1;
            seen.authors.extend(author.map(|author| hash(b"author", author)));
            seen.name = Some(name);
        }
    }

    /// Forgets names that few accounts wrote, before anything is stored; where they occur again they are known again.
    pub(super) fn forget_rare(&mut self) {
        self.names.values_mut().filter(|seen| seen.authors.len() < LEAST_AUTHORS).for_each(|seen| seen.name = None);
    }

    /// Forgets all names, when they are reported.
    pub(super) fn forget_names(&mut self) {
        self.names.clear();
    }

    fn shares(&self) -> Shares {
        let of = |n: u64| n as f64 / self.counts.read.max(1) as f64;
        Shares {
            rows: self.counts.read,
            bands: [("likely", self.counts.likely), ("review", self.counts.review), ("unlikely", self.counts.unlikely)].map(|(band, n)| (band, of(n))).into(),
            languages: self.languages.iter().map(|(lang, n)| (lang.clone(), of(*n))).collect(),
            coverage: (self.words.all > 0).then(|| self.words.whole as f64 / self.words.all as f64),
        }
    }

    /// Names that many accounts write and no pack knows, the most frequent first.
    fn unknown_names(&self) -> Vec<(String, u64)> {
        let known = self.names.values().filter(|seen| seen.authors.len() >= LEAST_AUTHORS);
        let mut names: Vec<(String, u64)> = known.filter_map(|seen| Some((seen.name.clone()?, seen.rows))).collect();
        names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        names.truncate(SHOWN);
        names
    }
}

/// Shares of a run's rows.
#[derive(Debug, Default, Serialize)]
struct Shares {
    rows: u64,
    bands: BTreeMap<&'static str, f64>,
    languages: BTreeMap<String, f64>,
    /// Share of words that the model knows whole; a fall says that the feed speaks of something new.
    coverage: Option<f64>,
}

/// How a run differs from those before it.
#[derive(Debug, Serialize)]
pub(super) struct Drift {
    run: Shares,
    /// The same of the runs before, all rows together.
    before: Option<Shares>,
    /// Names in flagged posts that no pack knows, written by at least five accounts, with their rows: candidates for a pack.
    unknown_names: Vec<(String, u64)>,
    /// Of items that were reviewed: how many, their mean probability, and the share that reviewers found partisan.
    reviewed: Option<(usize, f64, f64)>,
    /// What moved beyond its limit, in words.
    pub(super) warnings: Vec<Warning>,
}

/// A warning in both languages of the page; where one of them stands alone it is the English one.
#[derive(Clone, Debug)]
pub(super) struct Warning {
    pub(super) id: String,
    pub(super) en: String,
}

impl Serialize for Warning {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.en)
    }
}

impl Drift {
    pub(super) fn new<'a>(run: &Tally, before: impl Iterator<Item = &'a Tally>, reviews: &[Review], limits: &Limits) -> Self {
        let mut all = Tally::default();
        before.for_each(|tally| all.join(tally.clone()));
        let (now, past) = (run.shares(), all.shares());
        let mut warnings = Vec::new();
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        if now.rows >= limits.least_rows && past.rows >= limits.least_rows {
            let mut compare = |[id, en]: [&str; 2], now: f64, past: f64, limit: f64| {
                if (now - past).abs() > limit {
                    let (now, past, limit) = (percent(now), percent(past), percent(limit));
                    warnings.push(Warning {
                        id: format!("{id}: {now} sekarang, {past} sebelumnya; selisihnya lebih dari {limit}"),
                        en: format!("{en}: {now} now, {past} in the runs before; more than {limit} apart"),
                    });
                }
            };
            for (band, share) in &now.bands {
                compare(
                    [&format!("bagian baris di `{band}`"), &format!("share of rows in `{band}`")],
                    *share,
                    past.bands.get(band).copied().unwrap_or(0.0),
                    limits.band,
                );
            }
            let langs: BTreeSet<&String> = now.languages.keys().chain(past.languages.keys()).collect();
            for lang in langs {
                let of = |shares: &Shares| shares.languages.get(lang).copied().unwrap_or(0.0);
                compare([&format!("bagian baris berbahasa `{lang}`"), &format!("share of rows in language `{lang}`")], of(&now), of(&past), limits.language);
            }
            if let (Some(now), Some(past)) = (now.coverage, past.coverage) {
                compare(["bagian kata yang dikenal utuh oleh model", "share of words that the model knows whole"], now, past, limits.coverage);
            }
        }
        let judged: Vec<(f64, bool)> = reviews
            .iter()
            .filter_map(|r| {
                let partisan = match r.outcome.as_str() {
                    "partisan" => true,
                    "not_partisan" => false,
                    _ => return None,
                };
                Some((r.probability?, partisan))
            })
            .collect();
        let reviewed = (!judged.is_empty()).then(|| {
            let n = judged.len() as f64;
            (judged.len(), judged.iter().map(|j| j.0).sum::<f64>() / n, judged.iter().filter(|j| j.1).count() as f64 / n)
        });
        if let Some((n, said, found)) = reviewed
            && n >= LEAST_REVIEWS
            && (said - found).abs() > limits.calibration
        {
            let (said, found) = (percent(said), percent(found));
            warnings.push(Warning {
                id: format!(
                    "kalibrasi: {n} unggahan yang ditinjau rata-rata berpeluang {said}, peninjau menilai {found} partisan; atur base_rate atau sesuaikan model"
                ),
                en: format!(
                    "calibration: {n} reviewed items have a mean probability of {said}, reviewers found {found} partisan; set base_rate or adapt the model"
                ),
            });
        }
        let unknown_names = run.unknown_names();
        if !unknown_names.is_empty() {
            let n = unknown_names.len();
            warnings.push(Warning {
                id: format!(
                    "{n} nama atau tagar di unggahan yang ditandai tidak ada di paket mana pun (lihat drift.json); bila ada pemilihan baru, tambahkan paketnya"
                ),
                en: format!("{n} names or hashtags in flagged posts are in no pack (see drift.json); if a contest is new, add its pack"),
            });
        }
        Self { run: now, before: (past.rows > 0).then_some(past), unknown_names, reviewed, warnings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: u64, likely: u64, whole: u64) -> Tally {
        let counts = Counts { read: rows, likely, unlikely: rows - likely, ..Counts::default() };
        Tally { counts, words: Words { all: 1000, whole }, ..Tally::default() }
    }

    #[test]
    fn a_run_like_those_before_gives_no_warning_and_another_names_what_moved() {
        let (limits, before) = (Limits::default(), [tally(1000, 10, 700), tally(1000, 30, 700)]);
        let warnings = |run: &Tally| Drift::new(run, before.iter(), &[], &limits).warnings.into_iter().map(|w| w.en).collect::<Vec<_>>();
        assert_eq!(warnings(&tally(1000, 40, 690)), Vec::<String>::new());
        assert_eq!(warnings(&tally(100, 40, 100)), Vec::<String>::new(), "too few rows to say anything");
        let moved = warnings(&tally(1000, 100, 600));
        assert_eq!(moved.len(), 3, "{moved:?}");
        assert_eq!(moved[0], "share of rows in `likely`: 10.0 % now, 2.0 % in the runs before; more than 5.0 % apart");
    }

    #[test]
    fn names_are_reported_once_many_accounts_wrote_them_and_no_pack_marks_them() {
        let mut run = Tally::default();
        let keys = Pseudonyms::new(b"a key that only tests have").unwrap();
        for author in 0..7 {
            let mut part = Tally::default();
            part.name("Ayo pilih Bu Kartika Wening #KartikaUntukKita, jangan pilih Rivera", || vec!["Rivera"], Some(&author.to_string()), &keys);
            run.join(part);
            run.forget_rare();
            let stored = serde_json::to_string(&run).unwrap();
            assert_eq!(stored.contains("kartika wening"), author >= 4, "after {} accounts", author + 1);
        }
        run.name("coblos Pak Sutrisno", Vec::new, Some("1"), &keys);
        assert_eq!(run.unknown_names(), [("#kartikauntukkita".to_owned(), 7), ("kartika wening".to_owned(), 7)]);
    }

    #[test]
    fn reviews_are_held_against_the_probabilities() {
        let review = |n: usize| Review {
            item: n.to_string(),
            run: 1,
            outcome: if n.is_multiple_of(3) { "partisan" } else { "not_partisan" }.into(),
            probability: Some(0.9),
            keep: String::new(),
            date: String::new(),
        };
        let reviews: Vec<Review> = (0..30).map(review).collect();
        let drift = Drift::new(&Tally::default(), std::iter::empty(), &reviews, &Limits::default());
        assert!(drift.warnings[0].en.starts_with("calibration: 30 reviewed items"), "{:?}", drift.warnings);
        assert!(Drift::new(&Tally::default(), std::iter::empty(), &reviews[..29], &Limits::default()).warnings.is_empty());
    }
}

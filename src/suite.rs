//! Behaviour tests: small groups of posts that probe one thing each, after Ribeiro and others, "Beyond accuracy: behavioral testing of
//! NLP models with CheckList", ACL 2020.
//!
//! Written tests are data, TOML files in `corpus/behaviour/`; from those whose posts are plainly partisan or plainly not the program makes
//! more, by changes that must not matter and by disguises that must not help.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::attack::Attack;
use crate::corpus::{KINDS, Names, Source, fill, fill_and_tell, invented_names, slots};
use crate::error::{Error, Result};
use crate::eval::predictions;
use crate::measure::THRESHOLD;
use crate::model::Model;
use crate::pack::Packs;
use crate::post::Post;
use crate::score::Scorer;
use crate::table::Table;
use crate::text::{harmless, word};

/// A set of behaviour tests, its slots filled.
#[derive(Clone, Debug)]
pub struct Suite {
    tests: Vec<Test>,
    /// Systems and their probabilities, one a text.
    others: Vec<(String, Vec<Option<f64>>)>,
}

/// Names that each case with slots is filled with, one after another.
const FILLS: u64 = 3;
/// Two probabilities that lie closer are the same reading.
const CLOSE: f64 = 0.1;

/// What is probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Capability {
    /// Plain posts are read as what they are.
    Functionality,
    /// Kinds of posts that must not be flagged.
    Protected,
    /// Changes that must not matter.
    Invariance,
    /// Changes that must move the score one way.
    Direction,
    /// Disguises.
    Robustness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expect {
    /// At or above the threshold.
    Partisan,
    /// Below it.
    Neutral,
    /// Both on the same side of the threshold, or close.
    Same,
    /// Both the same number.
    #[serde(skip)]
    Identical,
    /// The second is higher.
    Up,
    /// The second is lower.
    Down,
    /// If the first is found, so is the second.
    #[serde(skip)]
    Kept,
}

#[derive(Clone, Debug)]
struct Test {
    name: String,
    capability: Capability,
    lang: String,
    expect: Expect,
    /// One text each, or two.
    cases: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    test: Vec<WrittenTest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTest {
    name: String,
    lang: String,
    expect: Expect,
    #[serde(default)]
    kind: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Case {
    One(String),
    Two([String; 2]),
}

/// The pass rate of each test, by system.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    systems: Vec<String>,
    tests: Vec<TestOutcome>,
}

/// One test's cases and what came of them.
#[derive(Clone, Debug, Serialize)]
struct TestOutcome {
    name: String,
    capability: Capability,
    lang: String,
    /// One for each system.
    passed: Vec<Passed>,
    /// The texts of the first case in which the first system failed.
    failure: Vec<String>,
}

/// Cases that ask something of a system, and those among them that it passed.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Passed {
    cases: usize,
    passed: usize,
}

impl Suite {
    /// Reads a folder of TOML files, in order of name; the names for slots come from the shipped packs, evenly over all sides, and from
    /// `names.toml` in the folder or the one above.
    ///
    /// # Errors
    /// A file cannot be read or has a test that is not as CONTRIBUTING.md describes; the error names it.
    pub fn read(folder: &Path) -> Result<Self> {
        let beside = if folder.join("names.toml").exists() { folder } else { folder.parent().unwrap_or(folder) };
        let names = invented_names(beside)?.1;
        let packs = Packs::national();
        let listed = std::fs::read_dir(folder).map_err(|e| Error::io(folder, e))?;
        let mut files: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "toml") && path.file_name().is_some_and(|name| name != "names.toml"));
        files.sort();
        let mut written = Vec::new();
        for file in files {
            let text = std::fs::read_to_string(&file).map_err(|e| Error::io(&file, e))?;
            let own: Written = toml::from_str(&text).map_err(|e| Error::toml("a file of behaviour tests", &text, &e).at(&file))?;
            own.test.iter().try_for_each(WrittenTest::check).map_err(|e| e.at(&file))?;
            written.extend(own.test);
        }
        if written.is_empty() {
            return Err(Error::new("no behaviour tests").at(folder).remedy("name a folder of .toml files with tests"));
        }
        let reader = Scorer::new(Model::default(), packs.clone());
        let fill = |id: &str, text: &str, lang: &str, seed: u64| fill(id, text, lang, &packs, &names, Source::Packs, seed);
        let mut tests: Vec<Test> = written.iter().map(|test| test.filled(&fill)).collect();
        let mut langs: Vec<&String> = written.iter().map(|test| &test.lang).collect();
        langs.sort();
        langs.dedup();
        for lang in langs {
            let of = |capability: Capability| written.iter().filter(move |t| t.lang == *lang && t.capability() == capability);
            let made = |name: &str, capability: Capability, expect: Expect, cases: Vec<Vec<String>>| Test {
                name: name.to_owned(),
                capability,
                lang: lang.clone(),
                expect,
                cases,
            };
            for (capability, name) in
                [(Capability::Functionality, "other sides named in plain posts"), (Capability::Protected, "other sides named in protected posts")]
            {
                let swapped = of(capability).flat_map(WrittenTest::each).flat_map(|(id, case)| swaps(&id, &case[0], lang, &packs, &names, &reader)).collect();
                tests.push(made(name, Capability::Invariance, Expect::Identical, swapped));
            }
            let plain: Vec<(Expect, String)> =
                of(Capability::Functionality).flat_map(|t| t.each().map(|(id, case)| (t.expect, fill(&id, &case[0], lang, 0)))).collect();
            for (name, change) in CHANGES {
                let changed = plain.iter().map(|(_, text)| vec![text.clone(), change(text)]).collect();
                tests.push(made(name, Capability::Invariance, Expect::Same, changed));
            }
            for attack in Attack::ALL {
                let partisan = plain.iter().filter(|(expect, _)| *expect == Expect::Partisan).map(|(_, text)| text);
                let disguised = partisan.enumerate().map(|(n, text)| vec![text.clone(), attack.apply(text, n as u64)]).collect();
                tests.push(made(&format!("disguised: {}", attack.name()), Capability::Robustness, Expect::Kept, disguised));
            }
        }
        tests.retain(|test| !test.cases.is_empty());
        tests.sort_by_key(|test| test.capability);
        Ok(Self { tests, others: Vec::new() })
    }

    /// How many tests and cases there are.
    pub fn len(&self) -> (usize, usize) {
        (self.tests.len(), self.tests.iter().map(|test| test.cases.len()).sum())
    }

    /// Whether there is no test; never so for one that was read.
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// Every text once, with an id: a feed for any system.
    pub fn posts(&self) -> Vec<Post> {
        let texts = self.tests.iter().flat_map(|test| test.cases.iter().flatten());
        texts.enumerate().map(|(n, text)| Post { id: Some(format!("b{n}")), ..Post::new(text.clone()) }).collect()
    }

    /// Adds what another system says of [`Suite::posts`], in the forms that [`crate::Gold::with_predictions`] reads.
    ///
    /// # Errors
    /// As there.
    pub fn with_predictions(mut self, name: &str, files: &[PathBuf]) -> Result<Self> {
        let ids: Vec<Option<String>> = self.posts().into_iter().map(|post| post.id).collect();
        self.others.push((name.to_owned(), predictions::read(files, &ids)?));
        Ok(self)
    }

    /// Runs the tests on a model, unless there is no scorer, and on the other systems.
    pub fn run(&self, scorer: Option<&Scorer>) -> Outcome {
        let own = scorer.map(|scorer| ("netral".to_owned(), scorer.score_batch(&self.posts()).iter().map(|score| score.partisan).collect()));
        let systems: Vec<(String, Vec<Option<f64>>)> = own.into_iter().chain(self.others.iter().cloned()).collect();
        let mut said: Vec<_> = systems.iter().map(|(_, said)| said.iter().map(|p| p.unwrap_or(0.0))).collect();
        let tests = self.tests.iter().map(|test| {
            let mut outcome = TestOutcome {
                name: test.name.clone(),
                capability: test.capability,
                lang: test.lang.clone(),
                passed: vec![Passed::default(); systems.len()],
                failure: Vec::new(),
            };
            for case in &test.cases {
                for (system, said) in said.iter_mut().enumerate() {
                    let said: Vec<f64> = said.by_ref().take(case.len()).collect();
                    let Some(passed) = test.expect.holds(&said) else { continue };
                    outcome.passed[system] = outcome.passed[system] + Passed { cases: 1, passed: usize::from(passed) };
                    if !passed && system == 0 && outcome.failure.is_empty() {
                        outcome.failure.clone_from(case);
                    }
                }
            }
            outcome
        });
        Outcome { tests: tests.collect(), systems: systems.into_iter().map(|(name, _)| name).collect() }
    }
}

impl std::ops::Add for Passed {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { cases: self.cases + other.cases, passed: self.passed + other.passed }
    }
}

impl Expect {
    /// Whether it holds for the probabilities of a case; `None` where the case asks nothing.
    fn holds(self, said: &[f64]) -> Option<bool> {
        let found = |p: f64| p >= THRESHOLD;
        let (first, second) = (said[0], said[said.len() - 1]);
        match self {
            Self::Partisan => Some(found(first)),
            Self::Neutral => Some(!found(first)),
            Self::Same => Some(found(first) == found(second) || (first - second).abs() <= CLOSE),
            Self::Identical => Some(first.to_bits() == second.to_bits()),
            Self::Up => Some(second > first),
            Self::Down => Some(second < first),
            Self::Kept => found(first).then(|| found(second)),
        }
    }
}

type Change = fn(&str) -> String;

/// Changes that a reader does not heed.
const CHANGES: [(&str, Change); 5] = [
    ("an exclamation mark at the end or not", |text| match text.strip_suffix(['.', '!']) {
        Some(rest) => rest.to_owned(),
        None => format!("{text}!"),
    }),
    ("emoji that say nothing", |text| format!("{text} \u{1F60A}\u{2728}")),
    ("a retweet's prefix", |text| format!("RT @kabar_sore: {text}")),
    ("capitals throughout", |text| text.split_inclusive(char::is_whitespace).map(shout).collect()),
    ("line breaks instead of spaces after sentences", |text| text.replace(". ", ".\n\n").replace("! ", "!\n\n").replace("? ", "?\n\n")),
];

/// A word in capitals; links and handles stay.
fn shout(word: &str) -> String {
    if word.contains("://") || word.starts_with(['@', '#']) { word.to_owned() } else { word.to_uppercase() }
}

impl WrittenTest {
    fn check(&self) -> Result<()> {
        let fault = |reason: &str| Err(Error::new(format!("the test `{}` {reason}", self.name.escape_debug())));
        let pairs = matches!(self.expect, Expect::Same | Expect::Up | Expect::Down);
        match () {
            () if !self.kind.is_empty() && !KINDS.contains(&self.kind.as_str()) => fault("has a kind that is none of N1 to N15"),
            () if self.cases.is_empty() || self.cases.iter().any(|case| (case.texts().len() == 2) != pairs) => {
                fault(if pairs { "needs pairs of texts" } else { "needs single texts" })
            }
            () => Ok(()),
        }
    }

    fn capability(&self) -> Capability {
        match self.expect {
            Expect::Same => Capability::Invariance,
            Expect::Up | Expect::Down => Capability::Direction,
            _ if self.kind.is_empty() => Capability::Functionality,
            _ => Capability::Protected,
        }
    }

    /// Every case with an id.
    fn each(&self) -> impl Iterator<Item = (String, &[String])> {
        self.cases.iter().enumerate().map(|(n, case)| (format!("{}/{n}", self.name), case.texts()))
    }

    /// The test with names in its slots; a case with slots is read with several names, one after another.
    fn filled(&self, fill: &dyn Fn(&str, &str, &str, u64) -> String) -> Test {
        let fills = |case: &[String]| if case.iter().any(|text| slots(text).next().is_some()) { FILLS } else { 1 };
        let cases = self.each().flat_map(|(id, case)| (0..fills(case)).map(move |seed| case.iter().map(|text| fill(&id, text, &self.lang, seed)).collect()));
        let name = if self.kind.is_empty() { self.name.clone() } else { format!("{}: {}", self.kind, self.name) };
        Test { name, capability: self.capability(), lang: self.lang.clone(), expect: self.expect, cases: cases.collect() }
    }
}

impl Case {
    fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Two(texts) => texts,
        }
    }
}

/// A text with its contenders changed for others of their kinds, and nothing else. A name that is not marked as it stands, since it needs a
/// reason or grows with its neighbours, takes no part.
fn swaps(id: &str, text: &str, lang: &str, packs: &Packs, names: &BTreeMap<String, Names>, reader: &Scorer) -> Vec<Vec<String>> {
    const KEPT: [&str; 6] = ["region", "office", "num", "num2", "slogantag", "handle"];
    let filled = |text: &str, seed: u64| fill_and_tell(id, text, lang, packs, names, Source::Ungated, seed);
    let chosen = filled(text, 0).1;
    let kept = KEPT.iter().fold(text.to_owned(), |text, slot| match chosen.get(*slot) {
        Some(value) => text.replace(&format!("{{{slot}}}"), value),
        None => text,
    });
    let marked = |seed: u64| {
        let (text, chosen) = filled(&kept, seed);
        let marked = reader.marked(&text);
        let whole = |name: &String| {
            marked
                .iter()
                .any(|mark| mark.strip_suffix(name.as_str()).is_some_and(|article| article.trim().is_empty() || article.trim().eq_ignore_ascii_case("the")))
        };
        let whole = !chosen.is_empty() && chosen.values().all(whole);
        whole.then_some(text)
    };
    let Some(first) = marked(0) else { return Vec::new() };
    (1..=FILLS).filter_map(|seed| Some(vec![first.clone(), marked(seed)?])).collect()
}

impl Outcome {
    /// The texts of the first case that failed in each test, fit for a terminal.
    pub fn failures(&self) -> String {
        let shown = |test: &TestOutcome| {
            let texts: Vec<String> = test.failure.iter().map(|text| harmless(text)).collect();
            format!("{} ({}):\n  {}\n", test.name, test.lang, texts.join("\n  "))
        };
        self.tests.iter().filter(|test| !test.failure.is_empty()).map(shown).collect()
    }

    /// Pass rates by what is probed.
    fn short(&self) -> Table {
        let mut capabilities: Vec<Capability> = self.tests.iter().map(|test| test.capability).collect();
        capabilities.sort_unstable();
        capabilities.dedup();
        let mut table = Table::new("Behaviour, by what is probed: cases passed", self.header(["", "tests", "cases"]));
        for capability in capabilities.into_iter().map(Some).chain([None]) {
            let own: Vec<&TestOutcome> = self.tests.iter().filter(|test| capability.is_none_or(|c| c == test.capability)).collect();
            let sums: Vec<Passed> =
                (0..self.systems.len()).map(|system| own.iter().map(|test| test.passed[system]).fold(Passed::default(), |a, b| a + b)).collect();
            table.rows.push(line(vec![capability.map_or_else(|| "all".to_owned(), |c| word(&c)), own.len().to_string()], &sums));
        }
        table
    }

    /// Pass rates test by test.
    fn long(&self) -> Table {
        let mut table = Table::new("Behaviour, test by test: cases passed", self.header(["test", "probes", "lang", "cases"]));
        table.rows = self.tests.iter().map(|test| line(vec![test.name.clone(), word(&test.capability), test.lang.clone()], &test.passed)).collect();
        table
    }

    fn header<'a>(&'a self, first: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
        first.into_iter().chain(self.systems.iter().map(String::as_str))
    }

    /// The pass rates by what is probed alone, as Markdown.
    pub fn brief(&self) -> String {
        self.short().to_string()
    }
}

/// A row of a table: what it is about, the cases that ask something of the first system, and every system's share of those that ask something of it.
fn line(mut cells: Vec<String>, passed: &[Passed]) -> Vec<String> {
    let percent = |p: &Passed| if p.cases == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * p.passed as f64 / p.cases as f64) };
    cells.push(passed.first().map_or(0, |p| p.cases).to_string());
    cells.extend(passed.iter().map(percent));
    cells
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}", self.short(), self.long())
    }
}

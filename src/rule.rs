//! Rules as data: which reference is worth checking for a flagged act, never what follows from it.
//!
//! A rule file is TOML with its version, its date and its sources. What is not known about an act (who did it, in which phase) does not
//! drop a rule but is named beside it.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::pack::{Calendar, Source, hex};
use crate::post::{Activity, Post};

/// Rule files in the order in which they were named.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    files: Vec<File>,
}

/// A reference that a flagged act may touch. It is not a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// File and rule, such as `id-skb-2022/KE4`.
    pub rule: String,
    /// What the reference is called, a quotation.
    pub title: String,
    /// What it says, in the language of the file.
    pub text: String,
    /// The same in English, where the file is in another language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_en: Option<String>,
    /// What would have to be known to tell whether it applies: `activity`, `phase`, `role`, `jurisdiction`.
    pub depends_on: Vec<&'static str>,
}

/// What is known about an act beside the post itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'a> {
    /// The role group of the account.
    pub(crate) role: Option<&'a str>,
    /// A country by two letters, and perhaps a region of it: `ID` or `ID/Banten`.
    pub(crate) jurisdiction: Option<&'a str>,
}

/// Version and hash of a rule file, as manifests report it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RuleFile {
    id: String,
    version: String,
    date: String,
    hash: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    #[expect(dead_code, reason = "part of the format: a heading for people who read the file")]
    title: String,
    version: String,
    date: toml::value::Datetime,
    jurisdiction: String,
    #[expect(dead_code, reason = "part of the format: the language of the texts, for people who read the file")]
    language: String,
    #[serde(default)]
    #[expect(dead_code, reason = "part of the format: what is not certain, for people who read the file")]
    note: String,
    #[serde(rename = "source")]
    sources: Vec<Source>,
    #[serde(rename = "rule")]
    rules: Vec<Rule>,
    #[serde(skip)]
    hash: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    title: String,
    text: String,
    #[serde(default)]
    text_en: Option<String>,
    signals: Vec<String>,
    activities: Vec<Activity>,
    phases: Vec<String>,
    roles: Vec<String>,
    sources: Vec<String>,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../corpus/rules/", $name, ".toml")))),*]
    };
}

/// The rule files inside the library, by name. A new one is a file in `corpus/rules/` and a name here.
const SHIPPED: &[(&str, &str)] = shipped!["id-pp-94-2021", "id-skb-2022", "ph-csc-comelec-2016", "uk-civil-service", "us-hatch-act"];

/// Signals that a rule may name.
const SIGNALS: [&str; 9] = crate::corpus::SIGNALS;
/// Phases that a rule may name: those of packs, and the year before a contest.
const PHASES: [&str; 7] = ["before", "registration", "campaign", "quiet", "polling", "count", "runoff"];

impl Rules {
    /// Reads files, each the name of a shipped one or a path.
    pub(crate) fn read(names: &[impl AsRef<Path>]) -> Result<Self> {
        let mut files: Vec<File> = Vec::new();
        for name in names {
            let name = name.as_ref();
            let file = if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| name.as_os_str() == *shipped) {
                File::parse(text, name)?
            } else {
                let shipped: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
                let remedy = format!("shipped rule files are {}", shipped.join(", "));
                File::parse(&std::fs::read_to_string(name).map_err(|e| Error::io(name, e).remedy(remedy))?, name)?
            };
            if files.iter().any(|other| other.id == file.id) {
                return Err(Error::new(format!("rule file `{}` is given twice", file.id)).at(name).remedy("name each once"));
            }
            files.push(file);
        }
        Ok(Self { files })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(crate) fn names(&self) -> Vec<RuleFile> {
        let name = |f: &File| RuleFile { id: f.id.clone(), version: f.version.clone(), date: f.date.to_string(), hash: f.hash.clone() };
        self.files.iter().map(name).collect()
    }

    /// The references worth checking for a post in which signals fired. Rules that a known fact rules out are left out.
    pub(crate) fn references(&self, post: &Post, fired: &[&'static str], known: Known, calendar: &Calendar) -> Vec<Reference> {
        let mut found = Vec::new();
        for file in &self.files {
            let country = known.jurisdiction.map(|place| place.split('/').next().unwrap_or_default());
            if country.is_some_and(|country| !country.eq_ignore_ascii_case(&file.jurisdiction)) {
                continue;
            }
            let phase = post.day().and_then(|day| calendar.phase(known.jurisdiction.unwrap_or(&file.jurisdiction), day));
            for rule in &file.rules {
                let mut depends_on = Vec::new();
                let mut may = |fact: &'static str, any: bool, is: Option<bool>| {
                    if is.is_none() && !any {
                        depends_on.push(fact);
                    }
                    any || is.unwrap_or(true)
                };
                let activity = (post.activity != Activity::Unknown).then(|| rule.activities.contains(&post.activity));
                let within = |list: &[String], value: Option<&str>| value.map(|value| list.iter().any(|item| item == value));
                let applies = (rule.signals.is_empty() || fired.iter().any(|signal| rule.signals.iter().any(|s| s == signal)))
                    && may("activity", rule.activities.is_empty(), activity)
                    && may("phase", rule.phases.is_empty(), within(&rule.phases, phase))
                    && may("role", rule.roles.is_empty(), within(&rule.roles, known.role))
                    && may("jurisdiction", false, country.map(|_| true));
                if applies {
                    found.push(Reference {
                        rule: format!("{}/{}", file.id, rule.id),
                        title: rule.title.clone(),
                        text: rule.text.clone(),
                        text_en: rule.text_en.clone(),
                        depends_on,
                    });
                }
            }
        }
        found
    }
}

impl File {
    fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut file: Self = toml::from_str(text).map_err(|e| Error::toml("a rule file", text, &e).at(path))?;
        if let Some(fault) = file.fault() {
            return Err(Error::new(format!("the rule file contradicts itself: {fault}")).at(path).remedy("mend it or leave it out"));
        }
        hex(&Sha256::digest(text.as_bytes()))[..12].clone_into(&mut file.hash);
        Ok(file)
    }

    /// The first thing that makes it unfit to be cited.
    fn fault(&self) -> Option<String> {
        let known: BTreeSet<&str> = self.sources.iter().map(|s| s.id.as_str()).collect();
        if let Some(fault) = self.sources.iter().find_map(Source::fault) {
            return Some(fault);
        }
        let mut ids = BTreeSet::new();
        for rule in &self.rules {
            let unknown = |list: &[String], all: &[&str]| list.iter().find(|item| !all.contains(&item.as_str())).cloned();
            if !ids.insert(&rule.id) {
                return Some(format!("two rules `{}`", rule.id));
            }
            if rule.sources.is_empty() {
                return Some(format!("rule `{}` names no source", rule.id));
            }
            if let Some(source) = rule.sources.iter().find(|s| !known.contains(s.as_str())) {
                return Some(format!("source `{source}` is not defined"));
            }
            if let Some(word) = unknown(&rule.signals, &SIGNALS).or_else(|| unknown(&rule.phases, &PHASES)) {
                return Some(format!("rule `{}` has `{}`, which is no signal or phase", rule.id, word.escape_debug()));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Packs;

    #[test]
    fn shipped_files_are_valid_and_pass_no_judgement() {
        for (name, text) in SHIPPED {
            let file = File::parse(text, Path::new(name)).unwrap();
            assert_eq!(file.id, *name);
            for rule in &file.rules {
                let words = format!("{} {}", rule.text, rule.text_en.as_deref().unwrap_or_default()).to_lowercase();
                for verdict in ["violat", "guilty", "pelanggar", "sanksi", "bersalah"] {
                    assert!(!words.contains(verdict), "{name}/{} says `{verdict}`", rule.id);
                }
            }
        }
    }

    #[test]
    fn a_known_fact_rules_out_and_an_unknown_one_is_named() {
        let rules = Rules::read(&["id-skb-2022", "us-hatch-act"]).unwrap();
        let calendar = Packs::national().calendar();
        let post = Post { activity: Activity::Comment, time: Some("2024-01-20T10:00:00Z".into()), ..Post::new("x") };
        let of = |known| rules.references(&post, &["support"], known, &calendar);
        let all = of(Known::default());
        assert!(all.iter().any(|r| r.rule.starts_with("us-")) && all.iter().any(|r| r.rule.starts_with("id-")));
        assert!(all.iter().all(|r| r.depends_on.contains(&"jurisdiction")));
        let here = of(Known { role: Some("asn"), jurisdiction: Some("ID/Banten") });
        assert!(!here.is_empty() && here.iter().all(|r| r.rule.starts_with("id-") && r.depends_on.is_empty()), "{here:?}");
        assert!(of(Known { role: Some("elected_official"), jurisdiction: Some("ID") }).is_empty());
    }
}

//! Labelled posts, and how their slots for names are filled.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::feed::moment;
use crate::linear::SplitMix;
use crate::pack::{ContenderKind, Packs, hex};

/// The nine signals, in the order of their heads.
pub(crate) const SIGNALS: [&str; 9] = ["support", "attack", "vote_appeal", "mobilise", "material", "fundraise", "office", "pressure", "symbol"];
/// The eight contexts, in the order of their heads.
pub(crate) const CONTEXTS: [&str; 8] = ["campaign", "opinion", "news", "official", "voter_info", "neutrality", "everyday", "other"];
/// The protected kinds of posts that are not partisan, as GUIDE.md lists them.
pub(crate) const KINDS: [&str; 15] = ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9", "N10", "N11", "N12", "N13", "N14", "N15"];
/// The four languages, in the order of their heads.
pub(crate) const LANGS: [&str; 4] = ["id", "en", "mixed", "other"];

/// One labelled post. `text` may hold slots such as `{cand}`; GUIDE.md in `corpus/` defines the labels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) text: String,
    /// Empty where the row does not say; then it teaches nothing about languages.
    #[serde(default)]
    pub(crate) lang: String,
    #[serde(deserialize_with = "truth")]
    pub(crate) partisan: Option<bool>,
    #[serde(default)]
    pub(crate) signals: Vec<String>,
    /// Empty where the row does not say.
    #[serde(default)]
    pub(crate) context: String,
    /// The protected kind of a row that is not partisan; empty for none.
    #[serde(default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) register: String,
    #[serde(default)]
    pub(crate) platform: String,
    #[serde(default)]
    pub(crate) writer: String,
    #[serde(default)]
    pub(crate) theme: String,
    #[serde(default)]
    pub(crate) pair: String,
    /// When it was posted, as it stands in the file; only cross-validation forward in time reads it.
    #[serde(default, deserialize_with = "as_written", skip_serializing_if = "String::is_empty")]
    pub(crate) time: String,
}

/// `true`, `false`, `null`, and 0 and 1 for those who type numbers.
pub(crate) fn truth<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<bool>, D::Error> {
    match serde_json::Value::deserialize(from)? {
        serde_json::Value::Null => Ok(None),
        serde_json::Value::Bool(b) => Ok(Some(b)),
        serde_json::Value::Number(n) if n.as_u64().is_some_and(|n| n < 2) => Ok(Some(n.as_u64() == Some(1))),
        serde_json::Value::String(s) if matches!(s.as_str(), "" | "?") => Ok(None),
        other => Err(serde::de::Error::custom(format!("partisan is true, false or null, not {other}"))),
    }
}

/// Text as it stands, nothing for `null`, and what else JSON has as its own text.
fn as_written<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    })
}

/// A labelled corpus: rows in file order and the invented names for their slots.
#[derive(Clone, Debug)]
pub struct Corpus {
    pub(crate) rows: Vec<Row>,
    pub(crate) names: BTreeMap<String, Names>,
    /// SHA-256 over the files read.
    pub(crate) hash: String,
}

/// Invented names of one language, to fill slots with contenders that no pack knows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    first: Vec<String>,
    last: Vec<String>,
    party: Vec<String>,
    region: Vec<String>,
    office: Vec<String>,
    /// Hashtags with `{first}`, `{last}`, `{party}`, `{region}` and `{n}` inside.
    slogan: Vec<String>,
    tld: Vec<String>,
}

impl Corpus {
    /// Reads every `*.jsonl` of a folder in order of name, and its `names.toml`; or one JSONL file, with the names beside it.
    ///
    /// # Errors
    /// A file cannot be read or a row is not of this shape; the error names file and line.
    pub fn read(path: &Path) -> Result<Self> {
        let (corpus, faults) = Self::read_all(path)?;
        faults.into_iter().next().map_or(Ok(corpus), Err)
    }

    /// The sound rows, and an error for each other one.
    pub(crate) fn read_all(path: &Path) -> Result<(Self, Vec<Error>)> {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
        let mut files: Vec<PathBuf> = if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|e| Error::io(path, e))?;
            entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_some_and(|x| x == "jsonl")).collect()
        } else {
            vec![path.to_owned()]
        };
        files.sort();
        if files.is_empty() {
            return Err(Error::new("no .jsonl file in this folder").at(path).remedy("name a folder or file of labelled posts"));
        }
        let mut hash = Sha256::new();
        let (mut rows, mut faults) = (Vec::new(), Vec::new());
        for file in &files {
            let text = std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?;
            hash.update(text.as_bytes());
            for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
                let row = serde_json::from_str::<Row>(line).map_err(|e| Error::new(format!("not a corpus row: {e}")));
                match row.and_then(|row| row.check().map(|()| row)) {
                    Ok(row) if row.id.is_empty() => {
                        rows.push(Row { id: format!("{}-{}", file.file_stem().unwrap_or_default().to_string_lossy(), n + 1), ..row });
                    }
                    Ok(row) => rows.push(row),
                    Err(e) => faults.push(e.at(file).line(n as u64 + 1)),
                }
            }
        }
        let mut names = BTreeMap::new();
        if rows.iter().any(|r| slots(&r.text).next().is_some()) {
            let (text, read) = invented_names(folder)?;
            hash.update(text.as_bytes());
            names = read;
        }
        Ok((Self { rows, names, hash: hex(&hash.finalize()) }, faults))
    }

    /// The rows with names in their slots, as another tool can read them.
    pub fn filled(&self, packs: &Packs) -> impl Iterator<Item = impl Serialize> {
        self.rows.iter().map(|row| Row { text: fill(&row.id, &row.text, &row.lang, packs, &self.names, Source::Packs, 1), ..row.clone() })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// The invented names in `names.toml` of a folder: the file's text, and its names by language.
pub(crate) fn invented_names(folder: &Path) -> Result<(String, BTreeMap<String, Names>)> {
    let path = folder.join("names.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, e).remedy("rows with slots need a names.toml beside them"))?;
    let names = toml::from_str(&text).map_err(|e| Error::new(format!("not a list of names: {}", e.message())).at(&path))?;
    Ok((text, names))
}

impl Row {
    fn check(&self) -> Result<()> {
        let listed = |value: &str, list: &[&str], what: &str| {
            if value.is_empty() || list.contains(&value) {
                Ok(())
            } else {
                Err(Error::new(format!("`{value}` is no {what}")).remedy(format!("one of {}", list.join(" "))))
            }
        };
        listed(&self.lang, &LANGS, "lang")?;
        listed(&self.context, &CONTEXTS, "context")?;
        self.signals.iter().try_for_each(|s| listed(s, &SIGNALS, "signal"))?;
        if self.partisan == Some(false) && !self.signals.is_empty() {
            return Err(Error::new("a row that is not partisan has signals").remedy("remove the signals or mend `partisan`"));
        }
        if !self.kind.is_empty() {
            listed(&self.kind, &KINDS, "kind")?;
            if self.partisan != Some(false) {
                return Err(Error::new("a row with a protected kind is not labelled as not partisan").remedy("remove the kind or mend `partisan`"));
            }
        }
        slots(&self.text).try_for_each(|slot| listed(slot, &SLOTS, "slot"))
    }

    /// When it was posted: a time in UTC or a day alone, which sort as text. `None` where no such time can be read.
    pub(crate) fn moment(&self) -> Option<String> {
        moment(&self.time)
    }

    /// Rows of one group never stand on both sides of a split.
    pub(crate) fn group(&self) -> String {
        let theme = if self.theme.is_empty() { &self.id } else { &self.theme };
        format!("{}/{theme}", self.writer)
    }
}

/// Classes of length for tables: a bound that the number of characters stays below, and the class's name.
pub(crate) const LENGTHS: [(usize, &str); 7] =
    [(20, "under 20"), (40, "20 to 39"), (80, "40 to 79"), (160, "80 to 159"), (350, "160 to 349"), (700, "350 to 699"), (usize::MAX, "700 and more")];

/// The name of the class of a text's length.
pub(crate) fn length_class(text: &str) -> &'static str {
    let characters = text.chars().count();
    LENGTHS.iter().find(|(below, _)| characters < *below).map_or("", |(_, name)| name)
}

/// The slots that a text may hold.
pub(crate) const SLOTS: [&str; 13] =
    ["cand", "cand2", "ticket", "ticket2", "party", "party2", "num", "num2", "region", "office", "slogantag", "camplink", "handle"];

/// The names in braces in a text.
pub(crate) fn slots(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(slot, _)| slot))
        .filter(|s| s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) && !s.is_empty())
}

/// The text with its slots left out.
pub(crate) fn without_slots(text: &str) -> String {
    SLOTS.iter().fold(text.to_owned(), |text, slot| text.replace(&format!("{{{slot}}}"), " "))
}

/// Where the names in slots come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Spellings of the contenders in the packs.
    Packs,
    /// Those of them that are marked wherever they stand.
    Ungated,
    /// Invented names: the model must read the words around them.
    Invented,
}

/// Fills the slots of the text of row `id`, each slot with one name throughout. Depends on its arguments alone.
pub(crate) fn fill(id: &str, text: &str, lang: &str, packs: &Packs, names: &BTreeMap<String, Names>, source: Source, seed: u64) -> String {
    fill_and_tell(id, text, lang, packs, names, source, seed).0
}

/// As [`fill`], with what each slot was filled with.
pub(crate) fn fill_and_tell(
    id: &str,
    text: &str,
    lang: &str,
    packs: &Packs,
    names: &BTreeMap<String, Names>,
    source: Source,
    seed: u64,
) -> (String, BTreeMap<String, String>) {
    let lang = if lang == "en" { "en" } else { "id" };
    let Some(invented) = names.get(lang) else { return (text.to_owned(), BTreeMap::new()) };
    let mut random = SplitMix(seed ^ u64::from_le_bytes(Sha256::digest(id.as_bytes())[..8].try_into().expect("eight bytes")));
    let mut chosen: BTreeMap<String, String> = BTreeMap::new();
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some(slot) = slots(rest).next().filter(|s| rest[1..].starts_with(*s) && SLOTS.contains(s)) else {
            out.push('{');
            rest = &rest[1..];
            continue;
        };
        rest = &rest[slot.len() + 2..];
        let plural = slot.starts_with("party") && rest.starts_with('s') && !rest[1..].starts_with(char::is_alphanumeric);
        let key = if plural { format!("{slot}s") } else { slot.to_owned() };
        let value = chosen.get(&key).cloned().unwrap_or_else(|| {
            let taken: Vec<&String> = chosen.values().collect();
            let mut value = String::new();
            // Two slots of one kind name two sides.
            for _ in 0..8 {
                value = one(slot.trim_end_matches('2'), plural, lang, packs, invented, source, &mut random);
                if !taken.contains(&&value) {
                    break;
                }
            }
            value
        });
        if plural {
            rest = &rest[1..];
        }
        let tagged = out.rfind('#').is_some_and(|at| out[at + 1..].chars().all(|c| c.is_alphanumeric() || c == '_'));
        if tagged && !value.starts_with('#') {
            out.extend(value.split(|c: char| !c.is_alphanumeric()).flat_map(capitalised));
        } else {
            out.push_str(&value);
        }
        chosen.insert(key, value);
    }
    out.push_str(rest);
    (out, chosen)
}

fn capitalised(word: &str) -> impl Iterator<Item = char> + '_ {
    word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1))
}

fn pick<'a, T>(list: &'a [T], random: &mut SplitMix) -> Option<&'a T> {
    (!list.is_empty()).then(|| &list[random.below(list.len())])
}

/// A value for one slot.
fn one(slot: &str, plural: bool, lang: &str, packs: &Packs, names: &Names, source: Source, random: &mut SplitMix) -> String {
    if source != Source::Invented {
        let kind = match slot {
            "cand" => Some(ContenderKind::Candidate),
            "ticket" => Some(ContenderKind::Ticket),
            "party" => Some(ContenderKind::Party),
            _ => None,
        };
        let strings: Vec<String> = match (slot, kind) {
            (_, Some(kind)) => {
                let own: Vec<_> = packs.contenders_in(lang).filter(|c| c.kind == kind).collect();
                let Some(contender) = pick(&own, random) else { return one(slot, plural, lang, packs, names, Source::Invented, random) };
                let is_plural = |a: &str| a.ends_with('s') && a.chars().any(char::is_lowercase);
                let stands = |a: &crate::pack::Alias| source != Source::Ungated || !a.gated;
                let fit = |a: &&crate::pack::Alias| {
                    stands(a) && a.mark == kind.mark() && (kind != ContenderKind::Party || lang == "id" || is_plural(&a.text) == plural)
                };
                contender.spellings().iter().filter(fit).map(|a| a.text.clone()).collect()
            }
            ("slogantag", _) => packs.contenders_in(lang).flat_map(|c| &c.hashtags).map(|h| format!("#{h}")).collect(),
            ("camplink", _) => packs
                .contenders_in(lang)
                .flat_map(|c| &c.domains)
                .map(|d| format!("https://{d}/{}", pick(&["", "join", "program", "gabung", "about", "donate"], random).unwrap_or(&"")))
                .collect(),
            ("handle", _) => packs.contenders_in(lang).flat_map(|c| &c.handles).map(|h| format!("@{h}")).collect(),
            _ => Vec::new(),
        };
        if let Some(value) = pick(&strings, random) {
            return value.clone();
        }
    }
    let word = |list: &[String], random: &mut SplitMix| pick(list, random).cloned().unwrap_or_default();
    let (first, last) = (word(&names.first, random), word(&names.last, random));
    match slot {
        "cand" => match random.below(4) {
            0 => first,
            1 => last,
            _ => format!("{first} {last}"),
        },
        "ticket" => {
            let second = word(if lang == "en" { &names.last } else { &names.first }, random);
            format!("{}-{second}", if lang == "en" { last } else { first })
        }
        "party" => word(&names.party, random) + if plural { " people" } else { "" },
        "num" => ["1", "2", "3", "4", "01", "02", "03", "04", "5", "6", "7", "8"][random.below(12)].to_owned(),
        "region" => word(&names.region, random),
        "office" => word(&names.office, random),
        "handle" => format!("@{}_{}", first.to_lowercase(), last.to_lowercase()),
        "camplink" => format!("https://{}{}.{}", first.to_lowercase(), last.to_lowercase(), word(&names.tld, random)),
        _ => {
            let joint = |s: &str| s.split(|c: char| !c.is_alphanumeric()).flat_map(capitalised).collect::<String>();
            let mut tag = String::from("#");
            let pattern = word(&names.slogan, random);
            let mut rest = pattern.as_str();
            while let Some((before, after)) = rest.split_once('{') {
                let (name, after) = after.split_once('}').unwrap_or((after, ""));
                let value = match name {
                    "first" => joint(&first),
                    "last" => joint(&last),
                    "party" => joint(&word(&names.party, random)),
                    "region" => joint(&word(&names.region, random)),
                    _ => (1 + random.below(4)).to_string(),
                };
                let _ = write!(tag, "{before}{value}");
                rest = after;
            }
            tag + rest
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        serde_json::from_value(serde_json::json!({"id": "a", "text": text, "lang": "en", "partisan": 1, "context": "campaign"})).unwrap()
    }

    fn names() -> BTreeMap<String, Names> {
        let names: Names = toml::from_str("first=['Ellis']\nlast=['Okafor','Warrington']\nparty=['Harbor Party']\nregion=['Stonebridge']\noffice=['mayor']\nslogan=['{first}For{region}']\ntld=['vote']").unwrap();
        BTreeMap::from([("en".to_owned(), names)])
    }

    #[test]
    fn slots_are_filled_alike_throughout_a_row_and_squashed_in_hashtags() {
        let text = fill("a", "{party} now! #{party}Wins {slogantag} {region} {not a slot}", "en", &Packs::none(), &names(), Source::Invented, 1);
        assert_eq!(text, "Harbor Party now! #HarborPartyWins #EllisForStonebridge Stonebridge {not a slot}");
    }

    #[test]
    fn a_row_with_an_unknown_slot_or_label_is_refused() {
        assert!(row("{cand} {cnad}").check().is_err());
        let mut bad = row("x");
        bad.signals = vec!["endorse".into()];
        assert!(bad.check().is_err());
    }
}

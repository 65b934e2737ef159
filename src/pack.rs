//! Contest packs: who stands where, under which names, numbers, slogans and domains, and where each fact comes from.
//!
//! A pack is a TOML file. It makes the encoder party-blind: each name in it is read as a marker that says that a side is named,
//! never which one.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use foldhash::fast::FixedState;
use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A set of active contest packs.
///
/// [`Packs::national`] are those shipped in the library; [`Packs::read`] loads a user's own. Which packs are active never
/// depends on a post's date.
#[derive(Clone, Debug, Default)]
pub struct Packs {
    packs: Vec<Pack>,
}

/// Name and hash of one active pack, as scores report it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct PackName {
    pub(crate) name: String,
    pub(crate) hash: String,
}

/// The hash and the content of each pack in `corpus/packs/`, as the build script wrote them down: JSON is read ten times faster than TOML.
const SHIPPED: &str = include_str!(concat!(env!("OUT_DIR"), "/packs.json"));

impl Packs {
    /// No pack at all: names are read as the words they are.
    pub fn none() -> Self {
        Self::default()
    }

    /// The national packs shipped in the library.
    ///
    /// # Panics
    /// Never: a test reads and validates every shipped pack.
    pub fn national() -> Self {
        let packs: Vec<(String, Pack)> = serde_json::from_str(SHIPPED).expect("the build script writes packs");
        Self { packs: packs.into_iter().map(|(hash, pack)| Pack { hash, ..pack }).collect() }
    }

    /// The packs of these files; the shipped ones where none is given, and no pack at all for `none` alone.
    ///
    /// # Errors
    /// As [`Packs::read`].
    pub fn named(files: &[impl AsRef<Path>]) -> Result<Self> {
        if files.is_empty() {
            return Ok(Self::national());
        }
        let mut packs = Self::none();
        if files.iter().any(|file| file.as_ref() != Path::new("none")) {
            files.iter().try_for_each(|file| packs.read(file.as_ref()))?;
        }
        Ok(packs)
    }

    /// Reads and validates one TOML file and adds it.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML of this shape, or contradicts itself; the error names the file and the fault.
    pub fn read(&mut self, path: &Path) -> Result<()> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        let pack = Pack::parse(&text, path)?;
        if self.packs.iter().any(|p| p.id == pack.id) {
            return Err(Error::new(format!("pack `{}` is given twice", pack.id)).at(path).remedy("name each pack once"));
        }
        self.packs.push(pack);
        Ok(())
    }

    pub(crate) fn names(&self) -> Vec<PackName> {
        self.packs.iter().map(|p| PackName { name: p.id.clone(), hash: p.hash.clone() }).collect()
    }

    /// Campaign words that open the gate of a colliding alias, of all packs together: the gate knows no side.
    pub(crate) fn cues(&self) -> BTreeSet<&str> {
        self.packs.iter().flat_map(|p| p.cues.iter().map(String::as_str)).collect()
    }

    /// Every alias of every pack with its reading. An alias that two packs read as different kinds, or that one of them gates, is
    /// gated; of different kinds the first in [`Mark`]'s order holds.
    pub(crate) fn aliases(&self) -> HashMap<String, Alias, FixedState> {
        let mut all: HashMap<String, Alias, FixedState> = HashMap::default();
        for alias in self.packs.iter().flat_map(Pack::aliases) {
            let key = if alias.text.is_ascii() { alias.text.to_ascii_lowercase() } else { alias.text.to_lowercase() };
            match all.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(alias);
                }
                Entry::Occupied(known) => {
                    let known = known.into_mut();
                    known.gated |= alias.gated || alias.mark != known.mark;
                    known.mark = known.mark.min(alias.mark);
                }
            }
        }
        all
    }

    /// Official accounts, lower case without `@`, and what they stand for.
    pub(crate) fn handles(&self) -> BTreeMap<String, Mark> {
        self.strings(|c| c.handles.iter().map(|h| (h.to_lowercase(), c.kind.mark())).collect())
    }

    /// Campaign hashtags as they are usually written, without `#`.
    pub(crate) fn hashtags(&self) -> BTreeMap<String, Mark> {
        self.strings(|c| c.hashtags.iter().map(|h| (h.clone(), Mark::Slogan)).collect())
    }

    /// Hosts of campaigns and parties, without `www.`.
    pub(crate) fn domains(&self) -> BTreeMap<String, Mark> {
        self.strings(|c| c.domains.iter().map(|d| (d.to_lowercase(), Mark::Camplink)).collect())
    }

    fn strings(&self, of: impl Fn(&Contender) -> Vec<(String, Mark)>) -> BTreeMap<String, Mark> {
        let mut all = BTreeMap::new();
        for (text, mark) in self.contenders().flat_map(of) {
            all.entry(text).and_modify(|known: &mut Mark| *known = (*known).min(mark)).or_insert(mark);
        }
        all
    }

    pub(crate) fn contenders(&self) -> impl Iterator<Item = &Contender> {
        self.packs.iter().flat_map(|p| &p.contests).flat_map(|c| &c.contenders)
    }

    /// Contenders of packs that serve a language (`id` or `en`), to fill corpus slots.
    pub(crate) fn contenders_in<'a>(&'a self, lang: &'a str) -> impl Iterator<Item = &'a Contender> {
        let own = move |p: &&Pack| p.languages.first().is_some_and(|l| l == lang);
        self.packs.iter().filter(own).flat_map(|p| &p.contests).flat_map(|c| &c.contenders)
    }
}

/// When contests were in which phase, by country and region.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    contests: Vec<Dates>,
}

#[derive(Clone, Debug)]
struct Dates {
    country: String,
    region: String,
    national: bool,
    /// Name, first and last day, in the order of [`PHASES`].
    phases: Vec<(&'static str, Date, Date)>,
}

/// Phases, the one that matters most first where contests overlap.
const PHASES: [&str; 6] = ["polling", "quiet", "campaign", "runoff", "registration", "count"];
/// Days before the first phase of a contest that are its time before.
const BEFORE: i32 = 365;

impl Packs {
    /// The phases of all contests.
    pub(crate) fn calendar(&self) -> Calendar {
        let mut contests = Vec::new();
        for pack in &self.packs {
            for contest in &pack.contests {
                let mut phases: Vec<_> = contest.phases.iter().filter_map(Phase::days).collect();
                phases.sort_by_key(|(name, ..)| PHASES.iter().position(|p| p == name));
                // Contests of a whole country carry its code or its name as their region.
                let national = contest.region == pack.country || COUNTRIES.contains(&(&pack.country, &contest.region));
                contests.push(Dates { country: pack.country.clone(), region: contest.region.clone(), national, phases });
            }
        }
        Calendar { contests }
    }
}

/// Countries of packs, as the regions of their national contests name them.
const COUNTRIES: [(&str, &str); 6] =
    [("AU", "Australia"), ("CA", "Canada"), ("GB", "United Kingdom"), ("ID", "Indonesia"), ("PH", "Philippines"), ("US", "United States")];

impl Phase {
    /// The phase with its days, if it is one that calendars know.
    fn days(&self) -> Option<(&'static str, Date, Date)> {
        let day = |written: &toml::value::Datetime| {
            written.date.and_then(|d| Date::new(i16::try_from(d.year).ok()?, d.month.cast_signed(), d.day.cast_signed()).ok())
        };
        let name = PHASES.iter().find(|name| **name == self.name)?;
        Some((name, day(&self.from)?, day(&self.to)?))
    }
}

impl Calendar {
    /// The phase of a place (`ID`, or `ID/Banten` for a region with the contests of the country) on a day; `before` in the year before
    /// the first phase of a contest. `None` between two phases, and where no contest is known, which does not say that there is none.
    pub(crate) fn phase(&self, place: &str, day: Date) -> Option<&'static str> {
        let (country, region) = place.split_once('/').map_or((place, None), |(country, region)| (country, Some(region)));
        let here = |contest: &&Dates| {
            contest.country.eq_ignore_ascii_case(country) && (contest.national || region.is_some_and(|r| contest.region.eq_ignore_ascii_case(r)))
        };
        let mut found: Option<&'static str> = None;
        let rank = |name: &str| PHASES.iter().position(|p| *p == name).unwrap_or(PHASES.len());
        for contest in self.contests.iter().filter(here) {
            let within = contest.phases.iter().find(|(_, from, to)| (*from..=*to).contains(&day)).map(|(name, ..)| *name);
            let first = contest.phases.iter().map(|(_, from, _)| *from).min();
            let before = first.is_some_and(|first| day < first && (first - day).get_days() <= BEFORE).then_some("before");
            if let Some(phase) = within.or(before).filter(|phase| found.is_none_or(|known| rank(phase) < rank(known))) {
                found = Some(phase);
            }
        }
        found
    }
}

/// What a marked mention is read as. The order decides between packs that disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mark {
    Cand,
    Ticket,
    Party,
    Slogan,
    Camplink,
    Number,
}

impl Mark {
    pub(crate) const ALL: [Self; 6] = [Self::Cand, Self::Ticket, Self::Party, Self::Slogan, Self::Camplink, Self::Number];

    /// The marker that the model reads.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Cand => "<cand>",
            Self::Ticket => "<ticket>",
            Self::Party => "<party>",
            Self::Slogan => "<slogan>",
            Self::Camplink => "<camplink>",
            Self::Number => "<number>",
        }
    }
}

/// One way to write a contender.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alias {
    pub(crate) text: String,
    pub(crate) mark: Mark,
    /// Marked only where another mention, a ballot number or a campaign word is near, or in a hashtag.
    pub(crate) gated: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    id: String,
    #[expect(dead_code, reason = "part of the format: a heading for people who read the file")]
    title: String,
    country: String,
    languages: Vec<String>,
    cues: Vec<String>,
    #[serde(rename = "source")]
    sources: Vec<Source>,
    #[serde(rename = "contest")]
    contests: Vec<Contest>,
    #[serde(skip)]
    hash: String,
}

/// Where facts come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) id: String,
    #[expect(dead_code, reason = "part of the format: what the source is, for people who check it")]
    title: String,
    url: String,
    seen: toml::value::Datetime,
}

impl Source {
    /// What makes it unfit to be cited.
    pub(crate) fn fault(&self) -> Option<String> {
        if !self.url.starts_with("https://") {
            return Some(format!("source `{}` has no https address", self.id));
        }
        self.seen.date.is_none().then(|| format!("source `{}` does not say when it was seen", self.id))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contest {
    id: String,
    #[expect(dead_code, reason = "part of the format: a heading for people who read the file")]
    title: String,
    region: String,
    date: Option<toml::value::Datetime>,
    #[serde(default)]
    phases: Vec<Phase>,
    #[serde(rename = "contender")]
    contenders: Vec<Contender>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phase {
    name: String,
    from: toml::value::Datetime,
    to: toml::value::Datetime,
    source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contender {
    pub(crate) kind: ContenderKind,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) number: Option<u32>,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    #[serde(default)]
    pub(crate) gated: Vec<String>,
    #[serde(default)]
    pub(crate) handles: Vec<String>,
    #[serde(default)]
    pub(crate) hashtags: Vec<String>,
    #[serde(default)]
    pub(crate) slogans: Vec<String>,
    #[serde(default)]
    pub(crate) domains: Vec<String>,
    sources: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ContenderKind {
    Candidate,
    Ticket,
    Party,
}

impl ContenderKind {
    pub(crate) fn mark(self) -> Mark {
        match self {
            Self::Candidate => Mark::Cand,
            Self::Ticket => Mark::Ticket,
            Self::Party => Mark::Party,
        }
    }
}

impl Contender {
    /// Every way to write this contender, the slogans too. The official name is gated when it is listed so.
    pub(crate) fn spellings(&self) -> Vec<Alias> {
        let mark = self.kind.mark();
        let named = self.gated.iter().any(|g| g.eq_ignore_ascii_case(&self.name));
        let plain = |text: &String| Alias { text: text.clone(), mark, gated: false };
        let mut all: Vec<Alias> = if named { Vec::new() } else { vec![plain(&self.name)] };
        all.extend(self.aliases.iter().map(plain));
        all.extend(self.gated.iter().map(|text| Alias { text: text.clone(), mark, gated: true }));
        all.extend(self.slogans.iter().map(|text| Alias { text: text.clone(), mark: Mark::Slogan, gated: false }));
        all
    }
}

impl Pack {
    fn aliases(&self) -> impl Iterator<Item = Alias> {
        self.contests.iter().flat_map(|c| &c.contenders).flat_map(Contender::spellings)
    }

    fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut pack: Self = toml::from_str(text).map_err(|e| Error::toml("a contest pack", text, &e).at(path).remedy("see the format in CONTRIBUTING.md"))?;
        let faults = pack.faults();
        if !faults.is_empty() {
            let more = if faults.len() > 5 { format!("; and {} more", faults.len() - 5) } else { String::new() };
            let first: Vec<_> = faults.iter().take(5).cloned().collect();
            return Err(Error::new(format!("the pack contradicts itself: {}{more}", first.join("; ")))
                .at(path)
                .remedy("mend the pack or leave it out of --packs"));
        }
        hex(&Sha256::digest(text.as_bytes()))[..12].clone_into(&mut pack.hash);
        Ok(pack)
    }

    /// Everything that makes the pack unfit to be believed, in words.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fault = |bad: bool, words: String| {
            if bad {
                faults.push(words);
            }
        };
        fault(self.country.len() != 2, format!("country `{}` is not a two-letter code", self.country));
        fault(self.languages.is_empty(), "no language".to_owned());
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let known: BTreeSet<&str> = self.sources.iter().map(|s| s.id.as_str()).collect();
        fault(known.len() != self.sources.len(), "two sources with one id".to_owned());
        self.sources.iter().filter_map(Source::fault).for_each(|words| fault(true, words));
        let mut contests = BTreeSet::new();
        let mut kinds: HashMap<String, (Mark, bool, String)> = HashMap::new();
        for contest in &self.contests {
            fault(!contests.insert(&contest.id), format!("two contests `{}`", contest.id));
            fault(contest.contenders.is_empty(), format!("contest `{}` has no contender", contest.id));
            fault(contest.date.as_ref().is_some_and(|d| d.date.is_none()), format!("contest `{}`: the date is not a day", contest.id));
            for phase in &contest.phases {
                fault(phase.from.to_string() > phase.to.to_string(), format!("contest `{}`: phase `{}` ends before it begins", contest.id, phase.name));
                used.insert(&phase.source);
            }
            let mut numbers = BTreeSet::new();
            for contender in &contest.contenders {
                used.extend(contender.sources.iter().map(String::as_str));
                fault(contender.sources.is_empty(), format!("`{}` names no source", contender.name));
                if let Some(number) = contender.number {
                    let taken = contender.kind != ContenderKind::Candidate && !numbers.insert((contender.kind, number));
                    fault(taken, format!("contest `{}`: two contenders have number {number}", contest.id));
                }
                let mut own: BTreeMap<String, bool> = BTreeMap::new();
                for alias in contender.spellings() {
                    let key = alias.text.to_lowercase();
                    fault(key.trim().is_empty(), format!("`{}` has an empty alias", contender.name));
                    let again = own.insert(key.clone(), alias.gated);
                    fault(again == Some(!alias.gated), format!("`{}` of `{}` is both gated and not", alias.text, contender.name));
                    fault(
                        again == Some(alias.gated) && key != contender.name.to_lowercase(),
                        format!("`{}` of `{}` is listed twice", alias.text, contender.name),
                    );
                    let short = key.chars().filter(|c| c.is_alphanumeric()).count() <= 2;
                    fault(short && !alias.gated, format!("`{}` of `{}` is too short to stand ungated", alias.text, contender.name));
                    match kinds.get(&key) {
                        Some((mark, _, other)) if *mark != alias.mark => {
                            fault(true, format!("`{}` means `{}` and `{other}`, of different kinds", alias.text, contender.name));
                        }
                        Some((_, gated, other)) if *gated != alias.gated => {
                            fault(true, format!("`{}` is gated for one of `{}` and `{other}` only", alias.text, contender.name));
                        }
                        _ => {
                            kinds.insert(key, (alias.mark, alias.gated, contender.name.clone()));
                        }
                    }
                }
            }
        }
        for missing in used.difference(&known) {
            fault(true, format!("source `{missing}` is not defined"));
        }
        for idle in known.difference(&used) {
            fault(true, format!("source `{idle}` backs nothing"));
        }
        faults
    }
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

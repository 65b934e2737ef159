//! Marking: each mention of a known contender becomes a marker that says what kind of side is named, never which one.
//!
//! Aliases that collide with everyday words are *gated*. A gated alias opens, and is then marked like any other, where within
//! [`REACH`] items stands another marked mention, a ballot number or a campaign word, or where it is part of a hashtag. Open
//! mentions open others in turn, so what is marked in a text depends on where its mentions stand and never on whom they
//! name. Hence replacing one marked mention by any other marked alias of its kind changes nothing that the model reads.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::pack::{Alias, Mark, Packs};
use crate::text::Folder;
use crate::token::{Kind, Unit, scan};

/// How near a reason must stand to open a gated alias, in items (a mention of several words is one item).
const REACH: usize = 8;

/// Words after which a small number is a ballot number, and those after which `01` to `09` is not.
const BEFORE_NUMBER: &str = "nomor no nomer nmr nomber nourut urut norut paslon palon pasangan calon capres cagub cabup cawalkot caleg coblos nyoblos mencoblos tusuk \
    salam dukung menangkan pilih angka number ballot";
const NOT_A_BALLOT: &str = "rt rw tps tanggal tgl jam pukul kav blok ruang gedung kelas bulan lantai halaman hal pasal ayat bab sd smp sma smk jalan jl km";
const NUMBER_WORDS: &str = "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh siji loro telu papat limo hiji tilu opat duo tigo one two three four five six seven eight nine ten";

/// The compiled aliases of a set of packs.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    nodes: Vec<Node>,
    handles: HashMap<String, Mark>,
    hashtags: HashMap<String, Mark>,
    domains: HashMap<String, Mark>,
    cues: HashSet<String>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    next: HashMap<String, usize>,
    end: Option<(Mark, bool)>,
}

/// A stretch of units: a mention of a contender or one plain unit.
struct Item {
    from: usize,
    to: usize,
    mention: Option<(Mark, bool)>,
    open: bool,
}

impl Marker {
    /// Compiles the packs' aliases, folded and split by the same rules as posts, and teaches their words to the folder.
    pub(crate) fn new(packs: &Packs, folder: &mut Folder) -> Self {
        let aliases: Vec<Alias> = packs.aliases().into_values().collect();
        let bare = Folder::default();
        let split = |text: &str| -> Vec<String> { scan(&bare.fold(text), &bare).into_iter().map(|u| u.text).collect() };
        let mut marker = Self {
            nodes: vec![Node::default()],
            handles: packs.handles().into_iter().collect(),
            hashtags: packs.hashtags().into_iter().collect(),
            domains: packs.domains().into_iter().collect(),
            cues: packs.cues().into_iter().map(str::to_owned).collect(),
        };
        let mut squashed: BTreeMap<String, Mark> = BTreeMap::new();
        for alias in &aliases {
            let words = split(&alias.text);
            folder.add_names(words.iter().filter(|w| w.chars().count() >= 3).cloned());
            let joint = words.concat();
            if !alias.gated && joint.chars().count() >= 5 {
                squashed.entry(joint.clone()).and_modify(|m| *m = (*m).min(alias.mark)).or_insert(alias.mark);
                if words.len() > 1 {
                    marker.insert(&[joint], alias.mark, false);
                }
            }
            marker.insert(&words, alias.mark, alias.gated);
        }
        for (joint, mark) in squashed {
            marker.handles.entry(joint).or_insert(mark);
        }
        marker
    }

    fn insert(&mut self, words: &[String], mark: Mark, gated: bool) {
        if words.is_empty() {
            return;
        }
        let mut at = 0;
        for word in words {
            at = if let Some(&next) = self.nodes[at].next.get(word) {
                next
            } else {
                self.nodes.push(Node::default());
                let next = self.nodes.len() - 1;
                self.nodes[at].next.insert(word.clone(), next);
                next
            };
        }
        let end = &mut self.nodes[at].end;
        *end = Some(match *end {
            Some((known, was)) => (known.min(mark), was || gated || known != mark),
            None => (mark, gated),
        });
    }

    /// Writes markers over the mentions in a post's units. Near-linear in their number.
    pub(crate) fn mark(&self, mut units: Vec<Unit>) -> Vec<Unit> {
        mark_numbers(&mut units);
        let mut items = self.items(&units);
        self.open(&units, &mut items);
        let mut out = Vec::with_capacity(units.len());
        for item in items {
            match item.mention.filter(|_| item.open) {
                Some((mark, _)) => out.push(Unit {
                    kind: Kind::Marker,
                    text: mark.symbol().to_owned(),
                    span: units[item.from].span.start..units[item.to - 1].span.end,
                    capital: false,
                    tag: units[item.from].tag,
                }),
                None => out.extend(units[item.from..item.to].iter().cloned()),
            }
        }
        out
    }

    /// The longest aliases from left to right; what is between them stays as it is.
    fn items(&self, units: &[Unit]) -> Vec<Item> {
        let mut items = Vec::with_capacity(units.len());
        let mut i = 0;
        while i < units.len() {
            let unit = &units[i];
            let (to, mention) = match unit.kind {
                Kind::Handle => (i + 1, self.handle(&unit.text).map(|m| (m, false))),
                Kind::Link => (i + 1, self.domain(&unit.text).map(|m| (m, false))),
                Kind::Marker => (i + 1, Some((Mark::Number, false))),
                // The sign of a known campaign hashtag stays; its words are one mention.
                Kind::Tag if self.hashtags.contains_key(&unit.text) && units.get(i + 1).is_some_and(|u| u.tag == unit.tag) => {
                    items.push(Item { from: i, to: i + 1, mention: None, open: false });
                    let to = (i + 1..units.len()).find(|&k| units[k].tag != unit.tag).unwrap_or(units.len());
                    i += 1;
                    (to, Some((self.hashtags[&unit.text], false)))
                }
                Kind::Word | Kind::Number => self.longest(units, i).map_or((i + 1, None), |(to, m)| (to, Some(m))),
                _ => (i + 1, None),
            };
            items.push(Item { from: i, to, mention, open: false });
            i = to;
        }
        items
    }

    fn longest(&self, units: &[Unit], start: usize) -> Option<(usize, (Mark, bool))> {
        let tag = units[start].tag;
        let mut best = None;
        let mut at = 0;
        for (k, unit) in units.iter().enumerate().skip(start) {
            if !matches!(unit.kind, Kind::Word | Kind::Number) || unit.tag != tag {
                break;
            }
            let next = self.nodes[at].next.get(&unit.text);
            let end = next.and_then(|&n| self.nodes[n].end).or_else(|| {
                let stem = ["nya", "lah", "kah", "pun"].iter().find_map(|s| unit.text.strip_suffix(s)).filter(|s| s.len() >= 4)?;
                self.nodes[at].next.get(stem).and_then(|&n| self.nodes[n].end)
            });
            if let Some(end) = end {
                best = Some((k + 1, end));
            }
            let Some(&next) = next else { break };
            at = next;
        }
        best
    }

    fn handle(&self, name: &str) -> Option<Mark> {
        let squashed: String = name.chars().filter(|c| c.is_alphabetic()).collect();
        self.handles.get(name).or_else(|| self.handles.get(&squashed)).copied()
    }

    fn domain(&self, host: &str) -> Option<Mark> {
        let mut rest = host;
        loop {
            if let Some(mark) = self.domains.get(rest) {
                return Some(*mark);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    /// Opens mentions from those that need no reason outwards.
    fn open(&self, units: &[Unit], items: &mut [Item]) {
        let mut reasons: Vec<usize> = Vec::new();
        for k in 0..items.len() {
            let first = &units[items[k].from];
            match items[k].mention {
                Some((_, gated)) => {
                    items[k].open = !gated || first.tag > 0;
                    if items[k].open {
                        reasons.push(k);
                    }
                }
                None if first.kind == Kind::Word && self.cues.contains(&first.text) => reasons.push(k),
                None => {}
            }
        }
        while let Some(k) = reasons.pop() {
            for near in k.saturating_sub(REACH)..(k + REACH + 1).min(items.len()) {
                if items[near].mention.is_some() && !items[near].open {
                    items[near].open = true;
                    reasons.push(near);
                }
            }
        }
    }
}

/// Marks ballot numbers: small numbers after a word that announces one, `01` to `09` on their own, and fingers (`dua jari`). The
/// rule knows no contest, so no number is better known than another.
fn mark_numbers(units: &mut [Unit]) {
    let word = |list: &str, w: &str| list.split_whitespace().any(|l| l == w);
    for i in 0..units.len() {
        let unit = &units[i];
        let text = unit.text.as_str();
        let digits = unit.kind == Kind::Number && text.len() <= 2 && text.parse::<u32>().is_ok_and(|n| (1..=30).contains(&n))
            || unit.kind == Kind::Sign && text == "<keycap>";
        let spelled = unit.kind == Kind::Word && word(NUMBER_WORDS, text);
        if !digits && !spelled {
            continue;
        }
        let before = units[..i].iter().rev().find(|u| !matches!(u.text.as_str(), ":" | "(" | "\""));
        let before = before.filter(|u| matches!(u.kind, Kind::Word | Kind::Tag)).map_or("", |u| u.text.as_str());
        let after = units.get(i + 1).filter(|u| u.kind == Kind::Word).map_or("", |u| u.text.as_str());
        let announced = word(BEFORE_NUMBER, before) && (digits || !matches!(before, "pilih" | "dukung" | "calon" | "no"));
        let lone = digits
            && text.starts_with('0')
            && !word(NOT_A_BALLOT, before)
            && !matches!(
                after,
                "januari" | "februari" | "maret" | "april" | "mei" | "juni" | "juli" | "agustus" | "september" | "oktober" | "november" | "desember"
            );
        if (announced || lone || after == "jari") && after != "tahun" {
            units[i].kind = Kind::Marker;
            Mark::Number.symbol().clone_into(&mut units[i].text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use rayon::prelude::*;

    use super::*;
    use crate::corpus::{Corpus, slots};
    use crate::encode::{Encoder, reading};
    use crate::model::Model;
    use crate::pack::{Contender, ContenderKind};
    use crate::post::Post;
    use crate::score::Scorer;

    fn encoder() -> Encoder {
        Model::default().encoder(&Packs::national())
    }

    fn marked(text: &str) -> String {
        Encoder::marked(&encoder().units(text).1)
    }

    #[test]
    fn names_slogans_handles_and_domains_become_markers() {
        assert_eq!(marked("Pak Prabowo Subianto lawan Ganjar"), "pak <cand> lawan <cand>");
        assert_eq!(marked("#GanjarPresiden2024"), "<tag> <slogan>");
        assert_eq!(marked("@jokowi gerindra.id/x"), "<cand> <camplink>");
        assert_eq!(marked("Democrats and Tories"), "<party> and <party>");
        assert_eq!(marked("jokowi-nya Prabowo-Gibran"), "<cand> nya <ticket>");
    }

    #[test]
    fn a_colliding_name_needs_a_reason_that_names_no_side() {
        assert!(!marked("bayar PKB sebelum akhir bulan").contains("<party>"));
        assert!(marked("coblos PKB besok").contains("<party>"));
        assert!(marked("PKB dan Gerindra").starts_with("<party> dan <party>"));
        assert!(!marked("labour costs went up").contains("<party>"));
        assert!(marked("the candidate for Labour").contains("<party>"));
    }

    #[test]
    fn small_numbers_are_ballot_numbers_where_one_is_announced() {
        assert_eq!(marked("coblos nomor 2"), "coblos nomor <number>");
        assert_eq!(marked("nomer loro, salam dua jari"), "nomer <number> salam <number> jari");
        assert!(!marked("rumah RT 02 RW 05").contains("<number>"));
        assert!(!marked("UU No. 2 Tahun 2020").contains("<number>"));
    }

    /// Ways to write other sides of the same kind as a mention: what the mention could be replaced by.
    fn replacements(packs: &Packs) -> impl Fn(&str, &str) -> Vec<String> + use<> {
        let aliases: Vec<(Mark, String)> = packs.aliases().into_values().map(|a| (a.mark, a.text)).collect();
        let handles: Vec<(Mark, String)> = packs.handles().into_iter().map(|(h, m)| (m, format!("@{h}"))).collect();
        let hashtags: Vec<(Mark, String)> = packs.hashtags().into_iter().map(|(h, m)| (m, h)).collect();
        let domains: Vec<(Mark, String)> = packs.domains().into_iter().map(|(d, m)| (m, format!("https://{d}/"))).collect();
        move |symbol, quote| {
            let list = match quote.chars().next() {
                Some('@') => &handles,
                _ if symbol == "<camplink>" => &domains,
                _ if symbol == "<slogan>" && !quote.contains(' ') => &hashtags,
                _ => &aliases,
            };
            list.iter().filter(|(mark, _)| mark.symbol() == symbol).map(|(_, text)| text.clone()).collect()
        }
    }

    /// The theorem of the module's head, over every shipped alias and every row of the quality list.
    #[test]
    fn replacing_a_marked_mention_by_another_of_its_kind_changes_nothing() {
        let packs = Packs::national();
        let others = replacements(&packs);
        let encoder = encoder();
        let scorer = Scorer::new(Model::default(), packs);
        let list = crate::Gold::read(std::path::Path::new("corpus/quality.tsv")).unwrap();
        let mut cases: Vec<(String, std::ops::Range<usize>, String, Vec<String>)> = Vec::new();
        for text in list.posts().into_iter().map(|post| post.text) {
            for unit in encoder.units(&text).1 {
                if unit.kind == Kind::Marker && unit.text != "<number>" {
                    let quote = &text[unit.span.clone()];
                    cases.push((text.clone(), unit.span.clone(), unit.text.clone(), others(&unit.text, quote)));
                }
            }
        }
        assert!(cases.len() > 200, "only {} mentions in the quality list", cases.len());
        let compared: usize = cases
            .par_iter()
            .map(|(text, span, symbol, others)| {
                let readings = |units: &[Unit]| units.iter().map(|u| reading(u).to_owned()).collect::<Vec<_>>();
                let before = readings(&encoder.units(text).1);
                let score = scorer.score(&Post::new(text.clone()));
                let mut compared = 0;
                for (n, other) in others.iter().enumerate() {
                    let swapped = format!("{}{other}{}", &text[..span.start], &text[span.end..]);
                    let units = encoder.units(&swapped).1;
                    // Only a marked mention takes part: gated names without a reason stay words, and some names grow with their neighbours.
                    let same = |u: &&Unit| u.kind == Kind::Marker && u.text == *symbol && u.span == (span.start..span.start + other.len());
                    if !units.iter().any(|u| same(&u)) {
                        continue;
                    }
                    compared += 1;
                    assert_eq!(readings(&units), before, "{text}\n{swapped}");
                    if n % 97 == 0 {
                        let other = scorer.score(&Post::new(swapped));
                        assert_eq!(
                            (other.partisan, other.band, &other.signals, &other.fired, &other.context),
                            (score.partisan, score.band, &score.signals, &score.fired, &score.context)
                        );
                    }
                }
                compared
            })
            .sum();
        assert!(compared > 100_000, "only {compared} swaps were compared");
    }

    /// Share of true mentions of each party that gating leaves unmarked: every spelling of the party in every corpus row of its
    /// language that has a slot for one.
    fn gating() -> Vec<(String, f64, usize)> {
        let packs = Packs::national();
        let encoder = encoder();
        let corpus = Corpus::read(std::path::Path::new("corpus")).unwrap();
        let mut parties: BTreeMap<String, (&str, Vec<String>)> = BTreeMap::new();
        for lang in ["id", "en"] {
            for party in packs.contenders_in(lang).filter(|c: &&Contender| c.kind == ContenderKind::Party) {
                let spellings = party.spellings().into_iter().filter(|a| a.mark == Mark::Party).map(|a| a.text);
                parties.entry(party.name.clone()).or_insert((lang, Vec::new())).1.extend(spellings);
            }
        }
        let rows = |lang: &str| -> Vec<&str> {
            let own = corpus.rows.iter().filter(|r| {
                r.lang == lang
                    && r.partisan == Some(true)
                    && slots(&r.text).any(|s| s == "party")
                    && !r.text.contains("{party}s")
                    && !r.text.contains("#{party")
            });
            own.map(|r| r.text.as_str()).take(60).collect()
        };
        let (id, en) = (rows("id"), rows("en"));
        parties
            .into_par_iter()
            .map(|(name, (lang, mut spellings))| {
                spellings.sort();
                spellings.dedup();
                let (mut missed, mut all) = (0, 0);
                for row in if lang == "id" { &id } else { &en } {
                    for spelling in &spellings {
                        let text = crate::corpus::without_slots(&row.replace("{party}", spelling));
                        all += 1;
                        missed += usize::from(!encoder.units(&text).1.iter().any(|u| u.text == "<party>"));
                    }
                }
                (name, missed as f64 / all as f64, spellings.len())
            })
            .collect()
    }

    #[test]
    fn gating_costs_no_party_much_more_than_the_median_and_the_datasheet_says_what_it_costs() {
        let table = gating();
        let mut shares: Vec<f64> = table.iter().map(|(_, s, _)| *s).collect();
        shares.sort_by(f64::total_cmp);
        let median = shares[shares.len() / 2];
        let mut markdown = String::from("| party | spellings | mentions left unmarked |\n|---|---|---|\n");
        for (name, share, spellings) in &table {
            let _ = writeln!(markdown, "| {name} | {spellings} | {:.1} % |", 100.0 * share);
        }
        let _ = writeln!(markdown, "\nMedian: {:.1} %.", 100.0 * median);
        let worst: Vec<_> = table.iter().filter(|(_, s, _)| *s > median + 0.10).collect();
        assert!(worst.is_empty(), "median {median:.3}: {worst:?}");
        let sheet = std::fs::read_to_string("corpus/DATASHEET.md").unwrap();
        assert!(sheet.contains(&markdown), "the datasheet should hold this table:\n{markdown}");
    }
}

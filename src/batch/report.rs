//! What a run has to say when all rows are scored: summary, page, review file, drift note, manifest, and a line in the audit log.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs::{self, File};
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::config::Identities;
use super::item::{self, Item};
use super::page::{self, Facts};
use super::review::Sheet;
use super::state::{Run, Stage, State};
use super::summary::Summary;
use super::tally::{Drift, Warning};
use super::{Done, Night, audit, hash_of, now, write_whole};
use crate::error::{Error, Result};
use crate::pack::hex;

/// Runs that a drift note looks back on.
const LOOK_BACK: usize = 10;

impl Night<'_> {
    /// Writes what a run has to say, gives its folder its name, and takes note of it in the audit log. Each step can be done again.
    pub(super) fn report(&self, state: &State, run: &mut Run) -> Result<Done> {
        let (partial, folder) = (self.batch.partial(run), self.batch.folder(run));
        let before = state.ended(LOOK_BACK)?;
        let drift = Drift::new(&run.tally, before.iter().map(|run| &run.tally), &state.reviews()?, &self.batch.config.limits);
        let mut warnings = drift.warnings.clone();
        warnings.extend(run.plan.faults.iter().map(|fault| Warning { id: fault.clone(), en: fault.clone() }));
        if run.tally.counts.error > 0 {
            let n = run.tally.counts.error;
            warnings.push(Warning {
                id: format!("{n} baris tidak terbaca; alasannya ada di items.jsonl"),
                en: format!("{n} rows could not be read; items.jsonl has them with their reasons"),
            });
        }
        if partial.exists() {
            let (summary, shown, sheet) = self.collect(run, &partial.join("items.jsonl"))?;
            let facts = Facts {
                language: self.batch.config.language,
                title: format!("{}, {}", self.batch.config.name, run.name()),
                list: self.facts(run, shown.len() as u64),
                warnings: &warnings,
            };
            let mut outputs = Vec::new();
            let mut write = |name: &str, bytes: &[u8]| {
                outputs.push(json!({"file": name, "bytes": bytes.len(), "sha256": hex(&Sha256::digest(bytes))}));
                write_whole(&partial.join(name), bytes)
            };
            write("summary.json", summary.json().as_bytes())?;
            write("summary.csv", &summary.csv())?;
            write("summary.html", page::page(&facts, &summary, &shown).as_bytes())?;
            write("review.csv", &sheet)?;
            write("drift.json", serde_json::to_string_pretty(&drift).expect("a note can be written").as_bytes())?;
            let (bytes, hash) = hash_of(&partial.join("items.jsonl"))?;
            outputs.push(json!({"file": "items.jsonl", "bytes": bytes, "sha256": hash}));
            let manifest = self.manifest(run, &warnings, &outputs);
            write_whole(&partial.join("manifest.json"), serde_json::to_string_pretty(&manifest).expect("a manifest can be written").as_bytes())?;
            fs::rename(&partial, &folder).and_then(|()| File::open(&self.batch.config.output)?.sync_all()).map_err(|e| Error::io(&folder, e))?;
        }
        let log = self.batch.audit_log();
        let at = run.logged.map_or_else(|| audit::length(&log), Ok)?;
        run.logged = Some(at);
        state.start()?;
        state.checkpoint(run)?;
        let counts = run.tally.counts;
        let (_, manifest) = hash_of(&folder.join("manifest.json"))?;
        let facts = json!({"run": run.name(), "manifest": manifest, "counts": counts, "repeated": run.tally.repeated, "resumed": run.resumed});
        audit::append(&log, at, "run", &facts)?;
        run.stage = Stage::Done;
        state.start()?;
        state.checkpoint(run)?;
        let has_errors = counts.error > 0 || !run.plan.faults.is_empty();
        Ok(Done { folder, counts, repeated: run.tally.repeated, has_errors, warnings: warnings.into_iter().map(|w| w.en).collect(), resumed: run.resumed > 0 })
    }

    /// Goes through the items of a run: their summary, those for the page, and the review file.
    fn collect(&self, run: &Run, path: &Path) -> Result<(Summary, Vec<Item>, Vec<u8>)> {
        let (mut summary, mut sheet, name) = (Summary::default(), Sheet::new(), run.name());
        // The most probable items, of equals the first.
        let mut best: BinaryHeap<Reverse<(u64, Reverse<usize>)>> = BinaryHeap::new();
        for (n, item) in item::read(path)?.enumerate() {
            let (item, _) = item?;
            summary.add(&item);
            if !item.is_flagged() {
                continue;
            }
            sheet.add(&name, &item);
            best.push(Reverse(((item.netral.partisan.unwrap_or(0.0) * 1e6) as u64, Reverse(n))));
            if best.len() > self.batch.config.page_items {
                best.pop();
            }
        }
        let mut chosen: Vec<(u64, usize)> = best.into_iter().map(|Reverse((p, Reverse(n)))| (p, n)).collect();
        chosen.sort_unstable_by_key(|(p, n)| (Reverse(*p), *n));
        let mut shown: Vec<Option<Item>> = chosen.iter().map(|_| None).collect();
        let place: HashMap<usize, usize> = chosen.iter().enumerate().map(|(place, (_, n))| (*n, place)).collect();
        for (n, item) in item::read(path)?.enumerate() {
            if let Some(place) = place.get(&n) {
                shown[*place] = Some(item?.0);
            }
        }
        Ok((summary, shown.into_iter().flatten().collect(), sheet.bytes()))
    }

    fn facts(&self, run: &Run, shown: u64) -> Vec<(&'static str, &'static str, String)> {
        let (about, counts) = (self.scorer.about(), run.tally.counts);
        let packs: Vec<&str> = about.packs.iter().map(|pack| pack.name.as_str()).collect();
        let flagged = counts.likely + counts.review;
        let (review, _) = self.scorer.precision(0.01);
        let mut facts = vec![
            ("Tanggal", "Date", run.date.clone()),
            ("Berkas", "Files", run.plan.files.len().to_string()),
            ("Baris baru dibaca", "New rows read", counts.read.to_string()),
            ("Untuk ditinjau", "For review", flagged.to_string()),
            ("Tidak terbaca", "Not readable", counts.error.to_string()),
            (
                "Bila 1 % unggahan partisan, bagian daftar ini yang memang partisan",
                "If 1 % of posts are partisan, share of this list that is",
                format!("{:.0} %", 100.0 * review),
            ),
            ("Model", "Model", format!("{} {}", about.model.name, about.model.hash)),
            ("Paket", "Packs", packs.join(", ")),
            ("DPIA", "DPIA", self.batch.config.dpia.clone()),
        ];
        if shown < flagged {
            facts.insert(4, ("Ditampilkan di halaman ini", "Shown on this page", shown.to_string()));
        }
        facts
    }

    fn manifest(&self, run: &Run, warnings: &[Warning], outputs: &[Value]) -> Value {
        let about = self.scorer.about();
        let identities = match self.batch.config.identities {
            Identities::Pseudonyms => json!("pseudonyms"),
            Identities::Clear => json!({"clear": self.batch.config.identities_reason}),
        };
        let allowed: Vec<Value> =
            self.batch.config.inputs.iter().filter_map(|input| Some(json!({"source": input.source, "reason": input.allow_single_author.as_ref()?}))).collect();
        let inputs: Vec<Value> = run
            .plan
            .files
            .iter()
            .map(|file| {
                let read = run.tally.files.get(&file.path).copied().unwrap_or(0);
                json!({"source": file.source, "path": file.path, "bytes": file.bytes, "sha256": file.sha256, "news": file.news, "rows_read": read})
            })
            .collect();
        let seconds = run.started.parse::<Timestamp>().map_or(0, |started| (Timestamp::now() - started).total(jiff::Unit::Second).unwrap_or(0.0) as i64);
        json!({
            "run": run.name(), "batch": self.batch.config.name, "disclaimer": "bukan putusan / not a finding",
            "started": run.started, "finished": now(), "seconds": seconds, "resumed": run.resumed, "since": run.plan.since,
            "netral": env!("CARGO_PKG_VERSION"), "model": about.model, "packs": about.packs, "rules": self.scorer.rules().names(),
            "base_rate": self.scorer.base_rate(), "roster": self.roster.hash(), "config": self.batch.config.hash, "dpia": self.batch.config.dpia,
            "identities": identities, "single_author_allowed": allowed,
            "inputs": inputs, "counts": run.tally.counts, "repeated": run.tally.repeated, "before_since": run.tally.older,
            "languages": run.tally.languages, "outputs": outputs, "warnings": warnings,
        })
    }
}

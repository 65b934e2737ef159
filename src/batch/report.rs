//! What a run has to say when all rows are scored: summary, page, review file, drift note, manifest, and a line in the audit log.

use std::fs::{self, File};
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::config::Identities;
use super::item::{self, Item};
use super::page::{self, Facts};
use super::review::Sheet;
use super::state::{Run, Stage, State};
use super::summary::Summary;
use super::tally::{Drift, Warning};
use super::{Done, Night, audit, hash_of, now, write_whole};
use crate::error::{Error, Result};

/// What a run writes beside its manifest.
const OUTPUTS: [&str; 6] = ["items.jsonl", "review.csv", "summary.csv", "summary.html", "summary.json", "drift.json"];
/// Runs that a drift note looks back on.
const LOOK_BACK: usize = 10;

impl Night<'_> {
    /// Writes what a run has to say, gives its folder its name, and takes note of it in the audit log. Each step can be done again.
    pub(super) fn report(&self, state: &State, run: &mut Run) -> Result<Done> {
        let (partial, folder) = (self.batch.partial(run), self.batch.folder(run));
        let before = state.ended(LOOK_BACK)?;
        let drift = Drift::new(&run.tally, before.iter().map(|run| &run.tally), &state.reviews()?, &self.batch.config.limits);
        let mut warnings = drift.warnings.clone();
        warnings.extend(run.plan.faults.iter().chain(&run.tally.faults).map(|fault| Warning { id: fault.clone(), en: fault.clone() }));
        if run.tally.counts.error > 0 {
            let n = run.tally.counts.error;
            warnings.push(Warning {
                id: format!("{n} baris tidak terbaca; alasannya ada di items.jsonl"),
                en: format!("{n} rows could not be read; items.jsonl has them with their reasons"),
            });
        }
        if partial.exists() {
            let (summary, shown) = self.collect(run, &partial)?;
            let facts = Facts {
                language: self.batch.config.language,
                title: format!("{}, {}", self.batch.config.name, run.name()),
                list: self.facts(run, shown.len() as u64),
                warnings: &warnings,
            };
            write_whole(&partial.join("summary.json"), summary.json().as_bytes())?;
            write_whole(&partial.join("summary.csv"), &summary.csv())?;
            write_whole(&partial.join("summary.html"), page::page(&facts, &summary, &shown).as_bytes())?;
            write_whole(&partial.join("drift.json"), serde_json::to_string_pretty(&drift).expect("a note can be written").as_bytes())?;
            let output = |name: &str| hash_of(&partial.join(name)).map(|(bytes, sha256)| json!({"file": name, "bytes": bytes, "sha256": sha256}));
            let outputs = OUTPUTS.into_iter().map(output).collect::<Result<Vec<_>>>()?;
            let manifest = self.manifest(run, &warnings, &outputs);
            write_whole(&partial.join("manifest.json"), serde_json::to_string_pretty(&manifest).expect("a manifest can be written").as_bytes())?;
            fs::rename(&partial, &folder).and_then(|()| File::open(&self.batch.config.output)?.sync_all()).map_err(|e| Error::io(&folder, e))?;
        }
        // A kill may have come between the line and the note that it is written.
        let logged =
            audit::verify(&self.batch.audit_log()).is_ok_and(|lines| lines.iter().any(|line| line.event == "run" && line.facts["run"] == run.name().as_str()));
        let counts = run.tally.counts;
        if !logged {
            let (_, manifest) = hash_of(&folder.join("manifest.json"))?;
            let facts = json!({"run": run.name(), "manifest": manifest, "counts": counts, "repeated": run.tally.repeated, "resumed": run.resumed});
            self.batch.log(state, "run", &facts)?;
        }
        run.tally.forget_names();
        run.stage = Stage::Done;
        state.start()?;
        state.checkpoint(run)?;
        let has_errors = counts.error > 0 || !run.plan.faults.is_empty() || !run.tally.faults.is_empty();
        Ok(Done { folder, counts, repeated: run.tally.repeated, has_errors, warnings: warnings.into_iter().map(|w| w.en).collect(), resumed: run.resumed > 0 })
    }

    /// Goes through the items of a run: writes the review file, and gives their summary and those for the page, the most probable first.
    fn collect(&self, run: &Run, folder: &Path) -> Result<(Summary, Vec<Item>)> {
        let (mut summary, name) = (Summary::default(), run.name());
        let mut sheet = Sheet::create(folder.join("review.csv"))?;
        let mut shown: Vec<Item> = Vec::new();
        let most = self.batch.config.page_items;
        // Sorting keeps the order of equals.
        let settle = |shown: &mut Vec<Item>| {
            shown.sort_by(|a, b| b.netral.partisan.unwrap_or(0.0).total_cmp(&a.netral.partisan.unwrap_or(0.0)));
            shown.truncate(most);
        };
        for item in item::read(&folder.join("items.jsonl"))? {
            let (item, _) = item?;
            if item.is_flagged() {
                summary.add(&item);
                sheet.add(&name, &item)?;
                shown.push(item);
                if shown.len() > 2 * most {
                    settle(&mut shown);
                }
            }
        }
        settle(&mut shown);
        sheet.finish()?;
        Ok((summary, shown))
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

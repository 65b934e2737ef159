//! The configuration of a batch: what is read, with what, where results go, and on what grounds.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::feed::Options;
use crate::pack::hex;
use crate::score::Scorer;

/// A configuration as its file has it; paths count from the folder of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// Whose batch it is, as reports name it.
    pub(super) name: String,
    /// The reference of the data protection impact assessment.
    pub(super) dpia: String,
    /// The folder that gets a folder for each run.
    pub(super) output: PathBuf,
    /// The folder of the state, the lock and the audit log.
    pub(super) state: PathBuf,
    /// The file with the key of pseudonyms and hashes.
    pub(super) key: PathBuf,
    #[serde(default)]
    pub(super) identities: Identities,
    /// Why identities are clear.
    #[serde(default)]
    pub(super) identities_reason: String,
    #[serde(default)]
    model: Option<PathBuf>,
    #[serde(default)]
    packs: Vec<PathBuf>,
    #[serde(default)]
    rules: Vec<PathBuf>,
    #[serde(default)]
    pub(super) roster: Option<PathBuf>,
    #[serde(default)]
    base_rate: Option<f64>,
    #[serde(default)]
    pub(super) language: Language,
    /// Days after which a row may be scored again as if it were new.
    #[serde(default = "state_days")]
    pub(super) state_days: u32,
    /// Days after which flagged rows go, unless a review keeps them.
    #[serde(default = "retention_days")]
    pub(super) retention_days: u32,
    /// Items on the page of a run; the review file has all.
    #[serde(default = "page_items")]
    pub(super) page_items: usize,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(rename = "input")]
    pub(super) inputs: Vec<Input>,
    #[serde(skip)]
    folder: PathBuf,
    #[serde(skip)]
    pub(super) hash: String,
}

/// How people appear in what a run writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Identities {
    #[default]
    Pseudonyms,
    Clear,
}

/// The language in which a page opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Language {
    #[default]
    Id,
    En,
}

/// Feeds of one source: rows with the same id in two of them are the same row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    pub(super) source: String,
    /// A file, a folder of which all files are read, or a pattern such as `drop/**/*.jsonl`.
    path: String,
    /// Why a feed may be one account's.
    #[serde(default)]
    pub(super) allow_single_author: Option<String>,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    text_column: Option<String>,
    #[serde(default)]
    id_column: Option<String>,
    #[serde(default)]
    author_column: Option<String>,
    #[serde(default)]
    time_column: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    delimiter: Option<char>,
    #[serde(default)]
    fix_encoding: bool,
}

/// How far a run may move from the runs before it before its note warns.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Limits {
    /// Share of rows in a band.
    pub(super) band: f64,
    /// Share of rows in a language.
    pub(super) language: f64,
    /// Share of words that the model knows whole.
    pub(super) coverage: f64,
    /// Mean probability of reviewed items against the share that reviewers found partisan.
    pub(super) calibration: f64,
    /// Rows that a comparison needs on both sides.
    pub(super) least_rows: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { band: 0.05, language: 0.1, coverage: 0.05, calibration: 0.15, least_rows: 500 }
    }
}

fn state_days() -> u32 {
    400
}

fn retention_days() -> u32 {
    30
}

fn page_items() -> usize {
    1000
}

impl Config {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        let mut config: Self =
            toml::from_str(&text).map_err(|e| Error::toml("a configuration", &text, &e).at(path).remedy("docs/nightly.md explains the fields"))?;
        let refuse = |reason: &str, remedy: &str| Err(Error::new(reason).at(path).remedy(remedy));
        if config.dpia.trim().is_empty() {
            return refuse("`dpia` is empty", "name your data protection impact assessment; docs/dpia-template.md is one to fill in");
        }
        if config.identities == Identities::Clear && config.identities_reason.trim().is_empty() {
            return refuse("clear identities need a reason", "set identities_reason, or leave identities out for pseudonyms");
        }
        if config.inputs.is_empty() {
            return refuse("there is no [[input]]", "name at least one with `source` and `path`");
        }
        if let Some(empty) =
            config.inputs.iter().find_map(|input| input.allow_single_author.as_ref().filter(|why| why.trim().is_empty()).map(|_| &input.source))
        {
            return refuse(&format!("allow_single_author of `{}` gives no reason", empty.escape_debug()), "say why one account may be read");
        }
        path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).clone_into(&mut config.folder);
        config.hash = hex(&Sha256::digest(text.as_bytes()));
        for own in [&mut config.output, &mut config.state, &mut config.key].into_iter().chain(config.roster.as_mut()) {
            *own = config.folder.join(&*own);
        }
        Ok(config)
    }

    /// The engine that the configuration asks for.
    pub(super) fn scorer(&self) -> Result<Scorer> {
        let model = self.model.as_ref().map(|path| self.folder.join(path));
        let packs: Vec<PathBuf> = self.packs.iter().map(|path| self.folder.join(path)).collect();
        // A rule file of the configuration's folder, or else a shipped one.
        let rules = self.rules.iter().map(|name| Some(self.folder.join(name)).filter(|path| path.exists()).unwrap_or_else(|| name.clone()));
        let scorer = Scorer::load(model.as_deref(), &packs)?.with_rules(&rules.collect::<Vec<_>>())?;
        match self.base_rate {
            Some(rate) => scorer.with_base_rate(rate),
            None => Ok(scorer),
        }
    }

    /// A file of an input as runs name it: from the folder of the configuration, if it is in there.
    pub(super) fn named(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).display().to_string()
    }

    /// The file of a name.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The files of an input in a fixed order, without those that are being written and what runs write; and what cannot be looked at, with the
    /// reason.
    pub(super) fn files(&self, input: &Input) -> Result<(Vec<PathBuf>, Vec<String>)> {
        let path = self.folder.join(&input.path);
        if path.is_file() {
            return Ok((vec![path], Vec::new()));
        }
        let (mut files, mut faults) = (Vec::new(), Vec::new());
        if path.is_dir() {
            for entry in std::fs::read_dir(&path).map_err(|e| Error::io(&path, e))? {
                files.push(entry.map_err(|e| Error::io(&path, e))?.path());
            }
        } else {
            let folder = glob::Pattern::escape(&self.folder.to_string_lossy());
            let pattern = if Path::new(&input.path).is_absolute() { input.path.clone() } else { format!("{folder}/{}", input.path) };
            let found = glob::glob(&pattern)
                .map_err(|e| Error::new(format!("the path of an input is no pattern: {}", e.msg)).at(&path).remedy("see docs/nightly.md"))?;
            for file in found {
                match file {
                    Ok(file) => files.push(file),
                    Err(e) => faults.push(Error::io(e.path(), std::io::Error::from(e.error().kind())).to_string()),
                }
            }
        }
        files.retain(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let unfinished = name.starts_with('.') || [".partial", ".part", ".tmp", ".crdownload"].iter().any(|end| name.ends_with(end));
            let own = file.starts_with(&self.output) || file.starts_with(&self.state);
            !unfinished && !own && (file.is_file() || !file.exists())
        });
        files.sort();
        Ok((files, faults))
    }
}

impl Input {
    /// How its feeds are read.
    pub(super) fn options(&self) -> Options {
        Options {
            format: self.format.clone(),
            text_column: self.text_column.clone(),
            id_column: self.id_column.clone(),
            author_column: self.author_column.clone(),
            time_column: self.time_column.clone(),
            encoding: self.encoding.clone(),
            delimiter: self.delimiter.and_then(|c| u8::try_from(c).ok()),
            fix_encoding: self.fix_encoding,
        }
    }
}

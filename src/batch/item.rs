//! An item: a flagged row, or one that could not be read, as the list of a run has it.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::post::{Activity, Post};
use crate::score::Score;

/// A line of `items.jsonl` as it is written.
#[derive(Serialize)]
pub(super) struct Written<'a> {
    #[serde(rename = "item")]
    pub(super) id: &'a str,
    pub(super) source: &'a str,
    pub(super) file: &'a str,
    pub(super) line: u64,
    #[serde(flatten)]
    pub(super) known: &'a Known,
    pub(super) post: Option<&'a Post>,
    pub(super) netral: &'a Score,
}

/// What is known about the act beside the post.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) agency: Option<String>,
    pub(super) role: Option<String>,
    pub(super) jurisdiction: Option<String>,
    pub(super) phase: Option<String>,
    /// The week by ISO 8601, such as `2024-W03`.
    pub(super) week: Option<String>,
}

/// Of an item what reports need.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    #[serde(rename = "item")]
    pub(super) id: String,
    pub(super) source: String,
    #[serde(flatten)]
    pub(super) known: Known,
    #[serde(default)]
    pub(super) post: Option<Words>,
    pub(super) netral: Said,
}

#[derive(Debug, Deserialize)]
pub(super) struct Words {
    text: String,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    pub(super) time: Option<String>,
    #[serde(default)]
    activity: Activity,
}

/// Of a score what reports need.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) status: String,
    #[serde(default)]
    pub(super) partisan: Option<f64>,
    pub(super) band: String,
    #[serde(default)]
    pub(super) fired: Vec<String>,
    #[serde(default)]
    pub(super) scored: Option<String>,
    #[serde(default)]
    pub(super) evidence: Vec<Reason>,
    #[serde(default)]
    pub(super) missing: Vec<String>,
    #[serde(default)]
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
    pub(super) push: f64,
    pub(super) head: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    #[serde(rename = "rule")]
    pub(super) id: String,
    pub(super) title: String,
    pub(super) text: String,
    #[serde(default)]
    pub(super) text_en: Option<String>,
    pub(super) depends_on: Vec<String>,
}

impl Item {
    /// Whether it was flagged, and not merely unreadable.
    pub(super) fn is_flagged(&self) -> bool {
        self.netral.status != "error"
    }

    pub(super) fn activity(&self) -> String {
        crate::text::word(&self.post.as_ref().map_or(Activity::Unknown, |post| post.activity))
    }

    /// The words that were scored.
    pub(super) fn words(&self) -> &str {
        let Some(post) = &self.post else { return "" };
        match (&self.netral.scored, &post.parent) {
            (Some(_), Some(parent)) if post.text.trim().is_empty() => parent,
            _ => &post.text,
        }
    }

    /// Reasons for (`true`) or against, without those of the signals.
    pub(super) fn reasons(&self, favour: bool) -> impl Iterator<Item = &Reason> {
        self.netral.evidence.iter().filter(move |r| r.head == "partisan" && (r.push > 0.0) == favour)
    }
}

/// The items of a list, one by one, each with the line that holds it.
pub(super) fn read(path: &Path) -> Result<impl Iterator<Item = Result<(Item, String)>>> {
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    let path = path.to_owned();
    Ok(BufReader::new(file).lines().enumerate().map(move |(n, line)| {
        let damaged = |reason: Cow<str>| Error::new(reason).at(&path).line(n as u64 + 1).remedy("restore the list of items from a backup");
        let line = line.map_err(|e| damaged(e.to_string().into()))?;
        let item = serde_json::from_str(&line).map_err(|_| damaged("not an item of a run".into()))?;
        Ok((item, line))
    }))
}

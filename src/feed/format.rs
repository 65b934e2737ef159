//! The known formats. A new one is a file in `src/feed/format/` and a row in [`FORMATS`].

mod apify;
mod bluesky;
mod brandwatch;
mod crowdtangle;
mod discord;
mod facebook;
mod fourcat;
mod gazouilloire;
mod instagram;
mod mastodon;
mod meltwater;
mod messenger;
mod meta_content_library;
mod minet;
mod reddit;
mod snscrape;
mod tcat;
mod telegram;
mod threads;
mod tiktok;
mod twarc;
mod tweet_harvest;
mod web_exporter;
mod x_archive;
mod x_v1;
mod youtube;
mod zeeschuimer;

use super::document::Outline;
use super::map::Map;
use super::plain_name;

/// What is known of an export: how to tell it and where it keeps what.
pub(super) struct Format {
    /// The name for `--format`.
    pub(super) name: &'static str,
    /// What users call it.
    pub(super) title: &'static str,
    pub(super) shape: Shape,
    /// Fields that together are found in no other format; of alternatives between `|` any, and `field=value` for short values.
    pub(super) marks: &'static [&'static str],
    pub(super) map: Map,
    /// Whether it is somebody's own download or chat, which is private.
    pub(super) private: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A table with a header; `backslash` where quotation marks are escaped by one.
    Table { backslash: bool },
    /// JSON, with the places that posts can be at: the empty place is an object by itself (one a line or the whole file), `[]` an array,
    /// `a.b[]` an array inside. `kept` where rows are written as they are.
    Json { places: &'static [&'static str], kept: bool, unfold: Option<Unfold> },
}

/// Turns an object that is a page of posts into its posts; `None` where it is a post itself.
pub(super) type Unfold = fn(&str) -> Option<Vec<String>>;

impl Shape {
    pub(super) const TABLE: Self = Self::Table { backslash: false };
    /// One object a line or the items of one array.
    pub(super) const OBJECTS: Self = Self::Json { places: &["", "[]"], kept: true, unfold: None };

    /// An archive or page: its posts come out as posts.
    pub(super) const fn within(places: &'static [&'static str]) -> Self {
        Self::Json { places, kept: false, unfold: None }
    }
}

/// All of them; where two could be meant, the more particular one stands first.
const FORMATS: [&[Format]; 27] = [
    zeeschuimer::FORMATS,
    twarc::FORMATS,
    x_v1::FORMATS,
    x_archive::FORMATS,
    snscrape::FORMATS,
    gazouilloire::FORMATS,
    bluesky::FORMATS,
    mastodon::FORMATS,
    reddit::FORMATS,
    telegram::FORMATS,
    messenger::FORMATS,
    discord::FORMATS,
    facebook::FORMATS,
    instagram::FORMATS,
    threads::FORMATS,
    tiktok::FORMATS,
    youtube::FORMATS,
    tweet_harvest::FORMATS,
    web_exporter::FORMATS,
    minet::FORMATS,
    tcat::FORMATS,
    fourcat::FORMATS,
    crowdtangle::FORMATS,
    meta_content_library::FORMATS,
    apify::FORMATS,
    meltwater::FORMATS,
    brandwatch::FORMATS,
];

pub(super) fn all() -> impl Iterator<Item = &'static Format> {
    FORMATS.into_iter().flatten()
}

/// A sentence on the format that a file comes nearest to, where one comes near.
pub(super) fn nearest(has: impl Fn(&str) -> bool) -> String {
    let found = |format: &Format| format.marks.iter().filter(|mark| mark.split('|').any(&has)).count();
    match all().filter(|f| f.marks.len() > 1).max_by_key(|f| (100 * found(f) / f.marks.len(), found(f))).filter(|f| found(f) > 0) {
        Some(format) => {
            let missing: Vec<String> =
                format.marks.iter().filter(|mark| !mark.split('|').any(&has)).map(|m| format!("`{}`", m.replace('|', "` or `"))).collect();
            format!("it comes nearest to {} (--format {}), but has no {}; ", format.title, format.name, missing.join(", no "))
        }
        None => String::new(),
    }
}

impl Format {
    /// The places of posts in a piece of JSON, if it is in this format.
    pub(super) fn places(&self, outline: &Outline) -> Vec<&'static str> {
        let Shape::Json { places, .. } = self.shape else { return Vec::new() };
        places.iter().copied().filter(|place| self.marks.iter().all(|mark| outline.has(place, mark))).collect()
    }

    /// Whether a table with these columns is in this format.
    pub(super) fn has_columns(&self, plain: &[String]) -> bool {
        let has = |mark: &str| mark.split('|').map(plain_name).any(|name| plain.contains(&name));
        matches!(self.shape, Shape::Table { .. }) && self.marks.iter().all(|mark| has(mark))
    }
}

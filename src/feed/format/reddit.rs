//! Reddit: dumps and the API.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "reddit",
    title: "Reddit",
    shape: Shape::Json { places: &["", "[]", "data[]"], kept: true, unfold: None },
    marks: &["created_utc", "subreddit|subreddit_id|link_id", "body|selftext|title"],
    map: Map {
        text: &["title!entities&selftext!entities", "body!entities"],
        id: &["name", "id"],
        author: &["author"],
        time: &["created_utc"],
        parent_id: &["parent_id"],
        links: &["url_overridden_by_dest", "url"],
        activity: &[("parent_id", Activity::Comment), ("body", Activity::Comment), ("", Activity::Post)],
        ..Map::NONE
    },
    private: false,
}];

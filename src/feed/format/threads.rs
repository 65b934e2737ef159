//! What Threads gives its users of their own account.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "threads",
    title: "Threads download",
    shape: Shape::within(&["text_post_app_text_posts[]"]),
    marks: &["media[].creation_timestamp|media[].title"],
    map: Map {
        text: &["title", "media[].title"],
        time: &["creation_timestamp", "media[].creation_timestamp"],
        activity: &[("media[].text_app_post.is_reply", Activity::Reply), ("", Activity::Post)],
        textless: true,
        bytes_escaped: true,
        ..Map::NONE
    },
    private: true,
}];

//! What Facebook gives its users of their own account.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "facebook-comments",
        title: "Facebook download (comments)",
        shape: Shape::within(&["comments_v2[]", "group_comments_v2[]"]),
        marks: &["timestamp", "data|title"],
        map: Map {
            text: &["data[].comment.comment"],
            author: &["data[].comment.author"],
            time: &["timestamp"],
            links: &["attachments[].data[].external_context.url"],
            activity: &[("", Activity::Comment)],
            textless: true,
            bytes_escaped: true,
            ..Map::NONE
        },
        private: true,
    },
    Format {
        name: "facebook-posts",
        title: "Facebook download (posts)",
        shape: Shape::within(&["[]", "group_posts_v2[]"]),
        marks: &["timestamp", "data[].post|data[].update_timestamp"],
        map: Map {
            text: &["data[].post"],
            time: &["timestamp"],
            links: &["attachments[].data[].external_context.url"],
            activity: &[("", Activity::Post)],
            textless: true,
            bytes_escaped: true,
            ..Map::NONE
        },
        private: true,
    },
];

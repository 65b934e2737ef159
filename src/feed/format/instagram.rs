//! What Instagram gives its users of their own account.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "instagram-posts",
        title: "Instagram download (posts)",
        shape: Shape::within(&["[]", "ig_other_media[]"]),
        marks: &["media[].creation_timestamp"],
        map: Map {
            text: &["title", "media[].title"],
            time: &["creation_timestamp", "media[].creation_timestamp"],
            activity: &[("", Activity::Post)],
            textless: true,
            bytes_escaped: true,
            ..Map::NONE
        },
        private: true,
    },
    Format {
        name: "instagram-comments",
        title: "Instagram download (comments)",
        shape: Shape::within(&["[]", "comments_media_comments[]", "comments_reels_comments[]"]),
        marks: &["string_map_data"],
        map: Map {
            text: &["string_map_data.Comment.value", "string_map_data.Komentar.value"],
            time: &["string_map_data.Time.timestamp", "string_map_data.Waktu.timestamp"],
            activity: &[("", Activity::Comment)],
            textless: true,
            bytes_escaped: true,
            ..Map::NONE
        },
        private: true,
    },
];

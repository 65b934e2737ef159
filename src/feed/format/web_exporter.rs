//! twitter-web-exporter, an extension of the browser.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

const MAP: Map = Map {
    text: &["full_text!newlines"],
    id: &["id"],
    author: &["screen_name", "name", "user_id"],
    time: &["created_at"],
    url: &["url"],
    parent_id: &["retweeted_status", "quoted_status", "in_reply_to"],
    activity: &[
        ("retweeted_status", Activity::Share),
        ("full_text^RT @", Activity::Share),
        ("quoted_status", Activity::Quote),
        ("in_reply_to", Activity::Reply),
        ("", Activity::Post),
    ],
    ..Map::NONE
};
const MARKS: &[&str] = &["id", "full_text", "screen_name", "in_reply_to|quoted_status|profile_image_url|user_id"];

pub(super) const FORMATS: &[Format] = &[
    Format { name: "web-exporter", title: "twitter-web-exporter table", shape: Shape::TABLE, marks: MARKS, map: MAP, private: false },
    Format { name: "web-exporter-json", title: "twitter-web-exporter JSON", shape: Shape::OBJECTS, marks: MARKS, map: MAP, private: false },
];

//! Dumps of gazouilloire's index.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "gazouilloire",
    title: "gazouilloire dump (X)",
    shape: Shape::OBJECTS,
    marks: &["_source.text", "_source.user_screen_name|_source.timestamp_utc"],
    map: Map {
        text: &["_source.text"],
        id: &["_id", "_source.id"],
        author: &["_source.user_screen_name", "_source.user_id"],
        time: &["_source.timestamp_utc"],
        lang: &["_source.lang"],
        parent_id: &["_source.retweeted_id", "_source.quoted_id", "_source.to_tweetid"],
        links: &["_source.links[]"],
        activity: &[
            ("_source.retweeted_id", Activity::Share),
            ("_source.quoted_id", Activity::Quote),
            ("_source.to_tweetid", Activity::Reply),
            ("", Activity::Post),
        ],
        utc: true,
        ..Map::NONE
    },
    private: false,
}];

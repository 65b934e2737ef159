//! Tables of minet and gazouilloire.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "minet",
        title: "minet or gazouilloire table (X)",
        shape: Shape::TABLE,
        marks: &["timestamp_utc", "user_screen_name", "text"],
        map: Map {
            text: &["text"],
            id: &["id"],
            author: &["user_screen_name", "user_id"],
            time: &["timestamp_utc", "local_time"],
            lang: &["lang"],
            url: &["url"],
            parent_id: &["retweeted_id", "quoted_id", "to_tweetid"],
            links: &["links"],
            activity: &[("retweeted_id", Activity::Share), ("quoted_id", Activity::Quote), ("to_tweetid", Activity::Reply), ("", Activity::Post)],
            utc: true,
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "minet-bluesky",
        title: "minet table (Bluesky)",
        shape: Shape::TABLE,
        marks: &["did", "uri", "text", "timestamp_utc"],
        map: Map {
            text: &["text"],
            id: &["uri"],
            author: &["user_handle", "user_did"],
            time: &["timestamp_utc"],
            lang: &["lang"],
            parent_id: &["quoted_uri", "to_post_uri"],
            links: &["links"],
            activity: &[("quoted_uri", Activity::Quote), ("to_post_uri", Activity::Reply), ("", Activity::Post)],
            ..Map::NONE
        },
        private: false,
    },
];

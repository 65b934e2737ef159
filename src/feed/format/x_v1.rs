//! X API v1.1.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "x-v1",
    title: "X API v1.1",
    shape: Shape::OBJECTS,
    marks: &["id_str", "user.screen_name|user.id_str", "full_text|text|extended_tweet"],
    map: Map {
        text: &["extended_tweet.full_text!entities", "full_text!entities", "text!entities"],
        id: &["id_str", "id"],
        author: &["user.screen_name", "user.name", "user.id_str"],
        time: &["created_at"],
        lang: &["lang"],
        parent: &[
            "retweeted_status.extended_tweet.full_text!entities",
            "retweeted_status.full_text!entities",
            "retweeted_status.text!entities",
            "quoted_status.extended_tweet.full_text!entities",
            "quoted_status.full_text!entities",
            "quoted_status.text!entities",
        ],
        parent_id: &["retweeted_status.id_str", "quoted_status.id_str", "quoted_status_id_str", "in_reply_to_status_id_str"],
        links: &["entities.urls[].expanded_url", "extended_tweet.entities.urls[].expanded_url"],
        activity: &[
            ("retweeted_status", Activity::Share),
            ("full_text^RT @", Activity::Share),
            ("text^RT @", Activity::Share),
            ("quoted_status", Activity::Quote),
            ("is_quote_status", Activity::Quote),
            ("in_reply_to_status_id_str", Activity::Reply),
            ("", Activity::Post),
        ],
        ..Map::NONE
    },
    private: false,
}];

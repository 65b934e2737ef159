//! tweet-harvest, the tool that most public Indonesian collections of X were made with.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "tweet-harvest",
    title: "tweet-harvest table",
    shape: Shape::TABLE,
    marks: &["full_text", "id_str", "tweet_url|conversation_id_str"],
    map: Map {
        text: &["full_text!entities"],
        id: &["id_str"],
        author: &["username", "user_id_str"],
        time: &["created_at"],
        lang: &["lang"],
        url: &["tweet_url"],
        activity: &[("full_text^RT @", Activity::Share), ("in_reply_to_screen_name", Activity::Reply), ("", Activity::Post)],
        utc: true,
        ..Map::NONE
    },
    private: false,
}];

//! Tables of 4CAT.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "4cat",
    title: "4CAT table",
    shape: Shape::TABLE,
    marks: &["thread_id", "body", "author", "timestamp"],
    map: Map {
        text: &["body"],
        id: &["id"],
        author: &["author", "author_fullname", "author_id"],
        time: &["unix_timestamp", "timestamp"],
        lang: &["language_guess"],
        url: &["link", "url"],
        links: &["urls"],
        activity: &[("is_retweet=yes", Activity::Share), ("is_quote_tweet=yes", Activity::Quote), ("is_reply=yes", Activity::Reply), ("", Activity::Post)],
        utc: true,
        ..Map::NONE
    },
    private: false,
}];

//! Tables of Brandwatch.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "brandwatch",
    title: "Brandwatch table",
    shape: Shape::TABLE,
    marks: &["Query Id", "Snippet|Full Text", "Url"],
    map: Map {
        text: &["Full Text", "Snippet", "Title"],
        id: &["Mention Id", "Resource Id", "Url"],
        author: &["Author", "Full Name"],
        time: &["Date"],
        lang: &["Language"],
        url: &["Url"],
        activity: &[
            ("Thread Entry Type=post", Activity::Post),
            ("Thread Entry Type=reply", Activity::Reply),
            ("Thread Entry Type=comment", Activity::Comment),
            ("Thread Entry Type=retweet", Activity::Share),
            ("Thread Entry Type=share", Activity::Share),
            ("Thread Entry Type=quote", Activity::Quote),
        ],
        ..Map::NONE
    },
    private: false,
}];

//! Tables of Apify, which join nested names with `/`.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "apify",
    title: "Apify table",
    shape: Shape::TABLE,
    marks: &["text", "authorMeta/name|authorMeta/id|createTimeISO"],
    map: Map {
        text: &["text"],
        id: &["id", "webVideoUrl"],
        author: &["authorMeta/name", "authorMeta/id"],
        time: &["createTimeISO", "createTime"],
        lang: &["textLanguage"],
        url: &["webVideoUrl"],
        activity: &[("", Activity::Post)],
        ..Map::NONE
    },
    private: false,
}];

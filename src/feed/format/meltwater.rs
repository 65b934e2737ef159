//! Tables of Meltwater.

use super::{Format, Shape};
use crate::feed::map::Map;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "meltwater",
    title: "Meltwater table",
    shape: Shape::TABLE,
    marks: &["Headline", "Hit Sentence|Opening Text", "Influencer|Source"],
    map: Map {
        text: &["Hit Sentence", "Opening Text", "Headline"],
        id: &["Document ID", "URL"],
        author: &["Influencer", "Source"],
        time: &["Date"],
        lang: &["Language"],
        url: &["URL"],
        ..Map::NONE
    },
    private: false,
}];

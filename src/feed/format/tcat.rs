//! DMI-TCAT.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "tcat",
    title: "DMI-TCAT table (X)",
    shape: Shape::TABLE,
    marks: &["from_user_name", "text", "id"],
    map: Map {
        text: &["text!entities"],
        id: &["id"],
        author: &["from_user_name", "from_user_id"],
        time: &["created_at", "time"],
        lang: &["lang"],
        parent_id: &["quoted_status_id", "in_reply_to_status_id"],
        links: &["urls_expanded"],
        activity: &[("text^RT @", Activity::Share), ("quoted_status_id", Activity::Quote), ("in_reply_to_status_id", Activity::Reply), ("", Activity::Post)],
        utc: true,
        ..Map::NONE
    },
    private: false,
}];

//! The Meta Content Library.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "meta-content-library",
    title: "Meta Content Library table",
    shape: Shape::TABLE,
    marks: &["post_owner.id|post_owner.name|post_owner.username", "creation_time"],
    map: Map {
        text: &["text"],
        id: &["id"],
        author: &["post_owner.username", "post_owner.name", "post_owner.id"],
        time: &["creation_time"],
        lang: &["lang"],
        parent_id: &["shared_post_id"],
        links: &["link_attachment.link"],
        activity: &[("shared_post_id", Activity::Quote), ("", Activity::Post)],
        utc: true,
        ..Map::NONE
    },
    private: false,
}];

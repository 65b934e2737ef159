//! Chats in the downloads of Facebook and Instagram.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "messenger",
    title: "Messenger or Instagram chat (message_1.json)",
    shape: Shape::within(&["messages[]"]),
    marks: &["sender_name", "timestamp_ms"],
    map: Map {
        text: &["content"],
        author: &["sender_name"],
        time: &["timestamp_ms"],
        links: &["share.link"],
        activity: &[("", Activity::Post)],
        textless: true,
        bytes_escaped: true,
        ..Map::NONE
    },
    private: true,
}];

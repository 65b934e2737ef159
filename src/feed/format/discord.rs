//! Chats of Discord, by DiscordChatExporter.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "discord",
    title: "Discord chat (DiscordChatExporter)",
    shape: Shape::within(&["messages[]"]),
    marks: &["id", "timestamp", "author.name", "type=Default|type=Reply|isPinned"],
    map: Map {
        text: &["content"],
        id: &["id"],
        author: &["author.name", "author.id"],
        time: &["timestamp"],
        parent_id: &["reference.messageId"],
        activity: &[("type=Reply", Activity::Reply), ("type=Default", Activity::Post)],
        textless: true,
        ..Map::NONE
    },
    private: true,
}];

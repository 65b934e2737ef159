//! Exports of Telegram Desktop.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[Format {
    name: "telegram",
    title: "Telegram Desktop export (result.json)",
    shape: Shape::within(&["messages[]", "chats.list[].messages[]", "left_chats.list[].messages[]"]),
    marks: &["date|date_unixtime", "type=message|type=service", "text|actor|from"],
    map: Map {
        text: &["text+text[]+text[].text", "poll.question&poll.answers[].text"],
        id: &["id"],
        author: &["from", "author", "from_id"],
        time: &["date_unixtime", "date"],
        parent_id: &["reply_to_message_id"],
        links: &["text[].href", "text[].text", "text_entities[].href"],
        activity: &[("forwarded_from", Activity::Forward), ("reply_to_message_id", Activity::Reply), ("type=message", Activity::Post)],
        textless: true,
        ..Map::NONE
    },
    private: true,
}];

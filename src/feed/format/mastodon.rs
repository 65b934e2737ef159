//! Mastodon: the outbox of an account's download, and statuses of the API.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "mastodon-outbox",
        title: "Mastodon account download (outbox.json)",
        shape: Shape::within(&["orderedItems[]"]),
        marks: &["type", "actor|object"],
        map: Map {
            text: &["object.summary!html&object.content!html"],
            id: &["object.id", "id"],
            author: &["actor"],
            time: &["object.published", "published"],
            parent_id: &["object.inReplyTo", "object"],
            activity: &[("type=Announce", Activity::Share), ("object.inReplyTo", Activity::Reply), ("type=Create", Activity::Post)],
            textless: true,
            ..Map::NONE
        },
        private: true,
    },
    Format {
        name: "mastodon",
        title: "Mastodon or Truth Social API",
        shape: Shape::OBJECTS,
        marks: &["account.acct|account.username", "content", "created_at"],
        map: Map {
            text: &["spoiler_text!html&content!html"],
            id: &["id"],
            author: &["account.acct", "account.username"],
            time: &["created_at"],
            lang: &["language"],
            parent: &["reblog.content!html", "quote.quoted_status.content!html"],
            parent_id: &["reblog.id", "quote.quoted_status.id", "in_reply_to_id"],
            links: &["card.url"],
            activity: &[("reblog", Activity::Share), ("quote", Activity::Quote), ("in_reply_to_id", Activity::Reply), ("", Activity::Post)],
            ..Map::NONE
        },
        private: false,
    },
];

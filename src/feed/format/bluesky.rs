//! Bluesky: the event streams Jetstream (two versions) and tap, and views of the API.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

/// An event of a stream: what is told of the account stands under one name, what is told of the record under another.
macro_rules! event {
    ($account:literal, $record:literal, $action:literal, $time:literal) => {
        Map {
            text: &[concat!($record, "record.text")],
            id: &[concat!("at:", $account, "did/", $record, "collection/", $record, "rkey")],
            author: &[concat!($account, "did")],
            time: &[concat!($record, "record.createdAt"), $time],
            lang: &[concat!($record, "record.langs[]")],
            parent_id: &[
                concat!($record, "record.reply.parent.uri"),
                concat!($record, "record.embed.record.uri"),
                concat!($record, "record.embed.record.record.uri"),
                concat!($record, "record.subject.uri"),
                concat!($record, "record.subject"),
            ],
            links: &[concat!($record, "record.facets[].features[].uri"), concat!($record, "record.embed.external.uri")],
            activity: &[
                (concat!($record, $action, "=delete"), Activity::Unknown),
                (concat!($record, "collection=app.bsky.feed.like"), Activity::Like),
                (concat!($record, "collection=app.bsky.feed.repost"), Activity::Share),
                (concat!($record, "collection=app.bsky.graph.follow"), Activity::Follow),
                (concat!($record, "record.embed.record"), Activity::Quote),
                (concat!($record, "record.reply"), Activity::Reply),
                (concat!($record, "collection=app.bsky.feed.post"), Activity::Post),
            ],
            textless: true,
            ..Map::NONE
        }
    };
}

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "jetstream",
        title: "Bluesky Jetstream",
        shape: Shape::OBJECTS,
        marks: &["did", "time_us", "kind|commit"],
        map: event!("", "commit.", "operation", "time_us"),
        private: false,
    },
    Format {
        name: "jetstream-v2",
        title: "Bluesky Jetstream, version 2",
        shape: Shape::OBJECTS,
        marks: &["payload.did", "payload.collection|payload.record|payload.operation|payload.time"],
        map: event!("payload.", "payload.", "operation", "payload.time"),
        private: false,
    },
    Format {
        name: "bluesky-tap",
        title: "Bluesky tap",
        shape: Shape::OBJECTS,
        marks: &["record.did", "record.collection"],
        map: event!("record.", "record.", "action", "record.time"),
        private: false,
    },
    Format {
        name: "bluesky",
        title: "Bluesky API views",
        shape: Shape::Json { places: &["", "[]", "posts[]"], kept: true, unfold: None },
        marks: &["uri", "author.handle|author.did", "record.text"],
        map: Map {
            text: &["record.text"],
            id: &["uri"],
            author: &["author.handle", "author.did"],
            time: &["record.createdAt", "indexedAt"],
            lang: &["record.langs[]"],
            parent: &["embed.record.value.text", "embed.record.record.value.text"],
            parent_id: &["record.reply.parent.uri", "record.embed.record.uri", "record.embed.record.record.uri"],
            links: &["record.facets[].features[].uri", "record.embed.external.uri"],
            activity: &[("record.embed.record", Activity::Quote), ("record.reply", Activity::Reply), ("", Activity::Post)],
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "bluesky-feed",
        title: "Bluesky API feed",
        shape: Shape::within(&["feed[]", "", "[]"]),
        marks: &["post.uri", "post.record.text"],
        map: Map {
            text: &["post.record.text"],
            id: &["post.uri"],
            author: &["post.author.handle", "post.author.did"],
            time: &["post.record.createdAt", "post.indexedAt"],
            lang: &["post.record.langs[]"],
            parent: &["reply.parent.record.text"],
            parent_id: &["post.record.reply.parent.uri"],
            links: &["post.record.facets[].features[].uri", "post.record.embed.external.uri"],
            activity: &[("post.record.reply", Activity::Reply), ("", Activity::Post)],
            ..Map::NONE
        },
        private: false,
    },
];

//! Bluesky: the event streams Jetstream (two versions) and tap, and views of the API.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "jetstream",
        title: "Bluesky Jetstream",
        shape: Shape::OBJECTS,
        marks: &["did", "time_us", "kind|commit"],
        map: Map {
            text: &["commit.record.text"],
            id: &["at:did/commit.collection/commit.rkey"],
            author: &["did"],
            time: &["commit.record.createdAt", "time_us"],
            lang: &["commit.record.langs[]"],
            parent_id: &[
                "commit.record.reply.parent.uri",
                "commit.record.embed.record.uri",
                "commit.record.embed.record.record.uri",
                "commit.record.subject.uri",
                "commit.record.subject",
            ],
            links: &["commit.record.facets[].features[].uri", "commit.record.embed.external.uri"],
            activity: &[
                ("commit.operation=delete", Activity::Unknown),
                ("commit.collection=app.bsky.feed.like", Activity::Like),
                ("commit.collection=app.bsky.feed.repost", Activity::Share),
                ("commit.collection=app.bsky.graph.follow", Activity::Follow),
                ("commit.record.embed.record", Activity::Quote),
                ("commit.record.reply", Activity::Reply),
                ("commit.collection=app.bsky.feed.post", Activity::Post),
            ],
            textless: true,
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "jetstream-v2",
        title: "Bluesky Jetstream, version 2",
        shape: Shape::OBJECTS,
        marks: &["payload.did", "payload.collection|payload.record|payload.operation|payload.time"],
        map: Map {
            text: &["payload.record.text"],
            id: &["at:payload.did/payload.collection/payload.rkey"],
            author: &["payload.did"],
            time: &["payload.record.createdAt", "payload.time"],
            lang: &["payload.record.langs[]"],
            parent_id: &[
                "payload.record.reply.parent.uri",
                "payload.record.embed.record.uri",
                "payload.record.embed.record.record.uri",
                "payload.record.subject.uri",
                "payload.record.subject",
            ],
            links: &["payload.record.facets[].features[].uri", "payload.record.embed.external.uri"],
            activity: &[
                ("payload.operation=delete", Activity::Unknown),
                ("payload.collection=app.bsky.feed.like", Activity::Like),
                ("payload.collection=app.bsky.feed.repost", Activity::Share),
                ("payload.collection=app.bsky.graph.follow", Activity::Follow),
                ("payload.record.embed.record", Activity::Quote),
                ("payload.record.reply", Activity::Reply),
                ("payload.collection=app.bsky.feed.post", Activity::Post),
            ],
            textless: true,
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "bluesky-tap",
        title: "Bluesky tap",
        shape: Shape::OBJECTS,
        marks: &["record.did", "record.collection"],
        map: Map {
            text: &["record.record.text"],
            id: &["at:record.did/record.collection/record.rkey"],
            author: &["record.did"],
            time: &["record.record.createdAt"],
            lang: &["record.record.langs[]"],
            parent_id: &[
                "record.record.reply.parent.uri",
                "record.record.embed.record.uri",
                "record.record.embed.record.record.uri",
                "record.record.subject.uri",
                "record.record.subject",
            ],
            links: &["record.record.facets[].features[].uri", "record.record.embed.external.uri"],
            activity: &[
                ("record.action=delete", Activity::Unknown),
                ("record.collection=app.bsky.feed.like", Activity::Like),
                ("record.collection=app.bsky.feed.repost", Activity::Share),
                ("record.collection=app.bsky.graph.follow", Activity::Follow),
                ("record.record.embed.record", Activity::Quote),
                ("record.record.reply", Activity::Reply),
                ("record.collection=app.bsky.feed.post", Activity::Post),
            ],
            textless: true,
            ..Map::NONE
        },
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

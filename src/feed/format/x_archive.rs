//! The archive that X gives its users of their own account.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

const PLACES: Shape = Shape::within(&["[]"]);

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "x-archive",
        title: "X account archive (tweets.js)",
        shape: PLACES,
        marks: &["tweet.full_text|tweet.id_str"],
        map: Map {
            text: &["tweet.full_text!entities", "tweet.text!entities"],
            id: &["tweet.id_str", "tweet.id"],
            time: &["tweet.created_at"],
            lang: &["tweet.lang"],
            parent_id: &["tweet.in_reply_to_status_id_str", "tweet.in_reply_to_status_id"],
            links: &["tweet.entities.urls[].expanded_url"],
            activity: &[
                ("tweet.full_text^RT @", Activity::Share),
                ("tweet.in_reply_to_status_id_str", Activity::Reply),
                ("tweet.in_reply_to_status_id", Activity::Reply),
                ("", Activity::Post),
            ],
            ..Map::NONE
        },
        private: true,
    },
    Format {
        name: "x-archive-likes",
        title: "X account archive (like.js)",
        shape: PLACES,
        marks: &["like.tweetId"],
        map: Map { parent: &["like.fullText!entities"], parent_id: &["like.tweetId"], activity: &[("", Activity::Like)], textless: true, ..Map::NONE },
        private: true,
    },
    Format {
        name: "x-archive-notes",
        title: "X account archive (note-tweet.js)",
        shape: PLACES,
        marks: &["noteTweet.core"],
        map: Map {
            text: &["noteTweet.core.text"],
            id: &["noteTweet.noteTweetId"],
            time: &["noteTweet.createdAt"],
            links: &["noteTweet.core.urls[].expandedUrl"],
            activity: &[("", Activity::Post)],
            ..Map::NONE
        },
        private: true,
    },
];

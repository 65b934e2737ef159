//! Captures of Zeeschuimer, in its own envelope and as 4CAT stores them.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

/// A post of X as its pages load it, below `data.` in Zeeschuimer's envelope and bare in 4CAT's.
macro_rules! x {
    ($at:literal) => {
        Map {
            text: &[concat!($at, "note_tweet.note_tweet_results.result.text"), concat!($at, "legacy.full_text!entities")],
            id: &[concat!($at, "rest_id")],
            author: &[
                concat!($at, "core.user_results.result.core.screen_name"),
                concat!($at, "core.user_results.result.legacy.screen_name"),
                concat!($at, "core.user_results.result.rest_id"),
                concat!($at, "legacy.user_id_str"),
            ],
            time: &[concat!($at, "legacy.created_at")],
            lang: &[concat!($at, "legacy.lang")],
            parent: &[
                concat!($at, "legacy.retweeted_status_result.result.note_tweet.note_tweet_results.result.text"),
                concat!($at, "legacy.retweeted_status_result.result.tweet.legacy.full_text!entities"),
                concat!($at, "legacy.retweeted_status_result.result.legacy.full_text!entities"),
                concat!($at, "quoted_status_result.result.note_tweet.note_tweet_results.result.text"),
                concat!($at, "quoted_status_result.result.tweet.legacy.full_text!entities"),
                concat!($at, "quoted_status_result.result.legacy.full_text!entities"),
            ],
            parent_id: &[
                concat!($at, "legacy.retweeted_status_result.result.rest_id"),
                concat!($at, "legacy.retweeted_status_result.result.tweet.rest_id"),
                concat!($at, "quoted_status_result.result.rest_id"),
                concat!($at, "quoted_status_result.result.tweet.rest_id"),
                concat!($at, "legacy.quoted_status_id_str"),
                concat!($at, "legacy.in_reply_to_status_id_str"),
            ],
            links: &[concat!($at, "legacy.entities.urls[].expanded_url"), concat!($at, "note_tweet.note_tweet_results.result.entity_set.urls[].expanded_url")],
            activity: &[
                (concat!($at, "legacy.retweeted_status_result"), Activity::Share),
                (concat!($at, "legacy.full_text^RT @"), Activity::Share),
                (concat!($at, "quoted_status_result"), Activity::Quote),
                (concat!($at, "legacy.is_quote_status"), Activity::Quote),
                (concat!($at, "legacy.in_reply_to_status_id_str"), Activity::Reply),
                (concat!($at, "legacy.in_reply_to_screen_name"), Activity::Reply),
                ("", Activity::Post),
            ],
            ..Map::NONE
        }
    };
}

pub(super) const FORMATS: &[Format] = &[
    Format { name: "zeeschuimer-x", title: "Zeeschuimer capture (X)", shape: Shape::OBJECTS, marks: &["data.rest_id"], map: x!("data."), private: false },
    Format { name: "4cat-x", title: "4CAT capture (X)", shape: Shape::OBJECTS, marks: &["rest_id", "__import_meta|legacy|core"], map: x!(""), private: false },
    Format {
        name: "zeeschuimer-threads",
        title: "Zeeschuimer or 4CAT capture (Threads)",
        shape: Shape::OBJECTS,
        marks: &["data.text_post_app_info|text_post_app_info"],
        map: Map {
            text: &["data.caption.text", "caption.text"],
            id: &["data.code", "code", "data.id"],
            author: &["data.user.username", "user.username"],
            time: &["data.taken_at", "taken_at"],
            links: &["data.text_post_app_info.link_preview_attachment.url", "text_post_app_info.link_preview_attachment.url"],
            parent: &["data.text_post_app_info.share_info.quoted_post.caption.text", "text_post_app_info.share_info.quoted_post.caption.text"],
            parent_id: &["data.text_post_app_info.share_info.quoted_post.code", "text_post_app_info.share_info.quoted_post.code"],
            activity: &[
                ("data.text_post_app_info.share_info.quoted_post", Activity::Quote),
                ("text_post_app_info.share_info.quoted_post", Activity::Quote),
                ("data.text_post_app_info.is_reply", Activity::Reply),
                ("text_post_app_info.is_reply", Activity::Reply),
                ("", Activity::Post),
            ],
            textless: true,
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "zeeschuimer-instagram",
        title: "Zeeschuimer or 4CAT capture (Instagram)",
        shape: Shape::OBJECTS,
        marks: &[
            "data.code|data.shortcode|code|shortcode",
            "data.taken_at|data.taken_at_timestamp|taken_at|taken_at_timestamp",
            "data.user|data.owner|user|owner",
        ],
        map: Map {
            text: &["data.caption.text", "caption.text", "data.edge_media_to_caption.edges[].node.text", "edge_media_to_caption.edges[].node.text"],
            id: &["data.code", "code", "data.shortcode", "shortcode"],
            author: &["data.user.username", "user.username", "data.owner.username", "owner.username", "data.user.id", "user.id", "data.owner.id", "owner.id"],
            time: &["data.taken_at", "taken_at", "data.taken_at_timestamp", "taken_at_timestamp"],
            activity: &[("", Activity::Post)],
            textless: true,
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "zeeschuimer-tiktok-comments",
        title: "Zeeschuimer or 4CAT capture (TikTok comments)",
        shape: Shape::OBJECTS,
        marks: &["data.cid|cid", "data.aweme_id|aweme_id"],
        map: Map {
            text: &["data.text", "text"],
            id: &["data.cid", "cid"],
            author: &["data.user.unique_id", "user.unique_id", "data.user.nickname"],
            time: &["data.create_time", "create_time"],
            lang: &["data.comment_language", "comment_language"],
            parent_id: &["data.reply_id", "reply_id", "data.aweme_id", "aweme_id"],
            activity: &[("data.reply_id", Activity::Reply), ("reply_id", Activity::Reply), ("", Activity::Comment)],
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "zeeschuimer-tiktok",
        title: "Zeeschuimer or 4CAT capture (TikTok)",
        shape: Shape::OBJECTS,
        marks: &["data.desc|desc", "data.createTime|createTime"],
        map: Map {
            text: &["data.desc", "desc"],
            id: &["data.id", "id"],
            author: &["data.author.uniqueId", "author.uniqueId", "data.author", "author"],
            time: &["data.createTime", "createTime"],
            lang: &["data.textLanguage", "textLanguage"],
            activity: &[("", Activity::Post)],
            ..Map::NONE
        },
        private: false,
    },
];

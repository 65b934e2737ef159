//! Captures of Zeeschuimer, in its own envelope and as 4CAT stores them.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "zeeschuimer-x",
        title: "Zeeschuimer capture (X)",
        shape: Shape::OBJECTS,
        marks: &["data.rest_id"],
        map: Map {
            text: &["data.note_tweet.note_tweet_results.result.text", "data.legacy.full_text!entities"],
            id: &["data.rest_id"],
            author: &[
                "data.core.user_results.result.core.screen_name",
                "data.core.user_results.result.legacy.screen_name",
                "data.core.user_results.result.rest_id",
                "data.legacy.user_id_str",
            ],
            time: &["data.legacy.created_at"],
            lang: &["data.legacy.lang"],
            parent: &[
                "data.legacy.retweeted_status_result.result.note_tweet.note_tweet_results.result.text",
                "data.legacy.retweeted_status_result.result.tweet.legacy.full_text!entities",
                "data.legacy.retweeted_status_result.result.legacy.full_text!entities",
                "data.quoted_status_result.result.note_tweet.note_tweet_results.result.text",
                "data.quoted_status_result.result.tweet.legacy.full_text!entities",
                "data.quoted_status_result.result.legacy.full_text!entities",
            ],
            parent_id: &[
                "data.legacy.retweeted_status_result.result.rest_id",
                "data.legacy.retweeted_status_result.result.tweet.rest_id",
                "data.quoted_status_result.result.rest_id",
                "data.quoted_status_result.result.tweet.rest_id",
                "data.legacy.quoted_status_id_str",
                "data.legacy.in_reply_to_status_id_str",
            ],
            links: &["data.legacy.entities.urls[].expanded_url", "data.note_tweet.note_tweet_results.result.entity_set.urls[].expanded_url"],
            activity: &[
                ("data.legacy.retweeted_status_result", Activity::Share),
                ("data.legacy.full_text^RT @", Activity::Share),
                ("data.quoted_status_result", Activity::Quote),
                ("data.legacy.is_quote_status", Activity::Quote),
                ("data.legacy.in_reply_to_status_id_str", Activity::Reply),
                ("data.legacy.in_reply_to_screen_name", Activity::Reply),
                ("", Activity::Post),
            ],
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "4cat-x",
        title: "4CAT capture (X)",
        shape: Shape::OBJECTS,
        marks: &["rest_id", "__import_meta|legacy|core"],
        map: Map {
            text: &["note_tweet.note_tweet_results.result.text", "legacy.full_text!entities"],
            id: &["rest_id"],
            author: &[
                "core.user_results.result.core.screen_name",
                "core.user_results.result.legacy.screen_name",
                "core.user_results.result.rest_id",
                "legacy.user_id_str",
            ],
            time: &["legacy.created_at"],
            lang: &["legacy.lang"],
            parent: &[
                "legacy.retweeted_status_result.result.note_tweet.note_tweet_results.result.text",
                "legacy.retweeted_status_result.result.tweet.legacy.full_text!entities",
                "legacy.retweeted_status_result.result.legacy.full_text!entities",
                "quoted_status_result.result.note_tweet.note_tweet_results.result.text",
                "quoted_status_result.result.tweet.legacy.full_text!entities",
                "quoted_status_result.result.legacy.full_text!entities",
            ],
            parent_id: &[
                "legacy.retweeted_status_result.result.rest_id",
                "legacy.retweeted_status_result.result.tweet.rest_id",
                "quoted_status_result.result.rest_id",
                "quoted_status_result.result.tweet.rest_id",
                "legacy.quoted_status_id_str",
                "legacy.in_reply_to_status_id_str",
            ],
            links: &["legacy.entities.urls[].expanded_url", "note_tweet.note_tweet_results.result.entity_set.urls[].expanded_url"],
            activity: &[
                ("legacy.retweeted_status_result", Activity::Share),
                ("legacy.full_text^RT @", Activity::Share),
                ("quoted_status_result", Activity::Quote),
                ("legacy.is_quote_status", Activity::Quote),
                ("legacy.in_reply_to_status_id_str", Activity::Reply),
                ("legacy.in_reply_to_screen_name", Activity::Reply),
                ("", Activity::Post),
            ],
            ..Map::NONE
        },
        private: false,
    },
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
        marks: &["data.code|data.shortcode|code|shortcode", "data.taken_at|data.taken_at_timestamp|taken_at|taken_at_timestamp"],
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

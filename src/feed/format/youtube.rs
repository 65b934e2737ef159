//! Comments of YouTube, by several tools.

use serde_json::Value;

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

const COMMENT: Map = Map {
    text: &["snippet.textOriginal", "snippet.textDisplay!html"],
    id: &["id"],
    author: &["snippet.authorDisplayName", "snippet.authorChannelId.value"],
    time: &["snippet.publishedAt"],
    parent_id: &["snippet.parentId", "snippet.videoId"],
    activity: &[("snippet.parentId", Activity::Reply), ("", Activity::Comment)],
    ..Map::NONE
};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "youtube-data-tools",
        title: "YouTube Data Tools (comments)",
        shape: Shape::Table { backslash: true },
        marks: &["authorChannelId", "isReply", "text"],
        map: Map {
            text: &["text"],
            id: &["id"],
            author: &["authorName", "authorChannelId"],
            time: &["publishedAt"],
            parent_id: &["isReplyTo"],
            activity: &[("isReply=1", Activity::Reply), ("isReply=true", Activity::Reply), ("", Activity::Comment)],
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "youtube",
        title: "YouTube API (comment threads)",
        shape: Shape::Json { places: &["items[]", "[].items[]", "", "[]"], kept: false, unfold: Some(comments) },
        marks: &["snippet.topLevelComment.snippet"],
        map: COMMENT,
        private: false,
    },
    Format {
        name: "youtube-comments",
        title: "YouTube API (comments)",
        shape: Shape::within(&["items[]", "", "[]"]),
        marks: &["snippet.textDisplay|snippet.textOriginal", "snippet.authorDisplayName"],
        map: COMMENT,
        private: false,
    },
    Format {
        name: "youtube-downloader",
        title: "youtube-comment-downloader",
        shape: Shape::OBJECTS,
        marks: &["cid", "text", "time_parsed|votes|channel"],
        map: Map {
            text: &["text"],
            id: &["cid"],
            author: &["author", "channel"],
            time: &["time_parsed"],
            activity: &[("reply", Activity::Reply), ("", Activity::Comment)],
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "minet-youtube",
        title: "minet table (YouTube comments)",
        shape: Shape::TABLE,
        marks: &["video_id", "comment_id", "author_name", "text"],
        map: Map {
            text: &["text"],
            id: &["comment_id"],
            author: &["author_name", "author_channel_id"],
            time: &["published_at"],
            parent_id: &["parent_comment_id"],
            activity: &[("parent_comment_id", Activity::Reply), ("", Activity::Comment)],
            ..Map::NONE
        },
        private: false,
    },
];

/// The comment that begins a thread, and the answers to it that came with it.
fn comments(thread: &str) -> Option<Vec<String>> {
    let mut thread: Value = serde_json::from_str(thread).ok()?;
    let first = thread.pointer_mut("/snippet/topLevelComment")?.take();
    let answers = thread.pointer_mut("/replies/comments").map(Value::take);
    let answers = answers.as_ref().and_then(Value::as_array).into_iter().flatten();
    Some(std::iter::once(&first).chain(answers).map(Value::to_string).collect())
}

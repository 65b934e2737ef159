//! TikTok: the Research API and what TikTok gives its users of their own account.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "tiktok-research",
        title: "TikTok Research API (videos)",
        shape: Shape::Json { places: &["data.videos[]", "[].data.videos[]", "", "[]"], kept: false, unfold: None },
        marks: &["video_description", "create_time"],
        map: Map {
            text: &["video_description"],
            id: &["id", "video_id"],
            author: &["username"],
            time: &["create_time"],
            activity: &[("", Activity::Post)],
            textless: true,
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "tiktok-research-comments",
        title: "TikTok Research API (comments)",
        shape: Shape::Json { places: &["data.comments[]", "[].data.comments[]", "", "[]"], kept: false, unfold: None },
        marks: &["video_id", "text", "create_time", "parent_comment_id"],
        map: Map {
            text: &["text"],
            id: &["id"],
            time: &["create_time"],
            parent_id: &["parent_comment_id", "video_id"],
            activity: &[("", Activity::Comment)],
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "tiktok-download",
        title: "TikTok download (comments)",
        shape: Shape::within(&["Comment.Comments.CommentsList[]", "Activity.Comment.Comments.CommentsList[]"]),
        marks: &["comment|Comment", "date|Date"],
        map: Map { text: &["comment", "Comment"], time: &["date", "Date"], activity: &[("", Activity::Comment)], ..Map::NONE },
        private: true,
    },
    Format {
        name: "tiktok-download-posts",
        title: "TikTok download (posts)",
        shape: Shape::within(&["Post.Posts.VideoList[]", "Video.Videos.VideoList[]"]),
        marks: &["Date", "Link|Title"],
        map: Map { text: &["Title"], time: &["Date"], activity: &[("", Activity::Post)], textless: true, ..Map::NONE },
        private: true,
    },
];

//! Files of snscrape, whichever platform they are from.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "snscrape",
        title: "snscrape (X)",
        shape: Shape::OBJECTS,
        marks: &["user.username", "rawContent|content|renderedContent", "date"],
        map: Map {
            text: &["rawContent", "content", "renderedContent"],
            id: &["id"],
            author: &["user.username", "username"],
            time: &["date"],
            lang: &["lang"],
            url: &["url"],
            parent: &["retweetedTweet.rawContent", "retweetedTweet.content", "quotedTweet.rawContent", "quotedTweet.content"],
            parent_id: &["retweetedTweet.id", "quotedTweet.id", "inReplyToTweetId"],
            links: &["links[].url", "outlinks[]"],
            activity: &[("retweetedTweet", Activity::Share), ("quotedTweet", Activity::Quote), ("inReplyToTweetId", Activity::Reply), ("", Activity::Post)],
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "snscrape-other",
        title: "snscrape (Telegram, Facebook, Instagram, Reddit)",
        shape: Shape::OBJECTS,
        marks: &[concat!(
            "_type=snscrape.modules.telegram.TelegramPost|_type=snscrape.modules.facebook.FacebookPost|_type=snscrape.modules.instagram.InstagramPost|",
            "_type=snscrape.modules.reddit.Submission|_type=snscrape.modules.reddit.Comment|_type=snscrape.modules.mastodon.Toot"
        )],
        map: Map {
            text: &["rawContent", "content", "title&selftext", "body"],
            id: &["id", "url"],
            author: &["username", "author", "channel.username"],
            time: &["date"],
            url: &["url"],
            links: &["outlinks[]"],
            activity: &[("body", Activity::Comment), ("", Activity::Post)],
            textless: true,
            ..Map::NONE
        },
        private: false,
    },
];

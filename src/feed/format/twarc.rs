//! X API v2, as twarc2 stores it: pages of a response or one post a line, and the table made of them.

use std::collections::HashMap;

use serde_json::{Map as Object, Value};

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

const TWEET: Map = Map {
    text: &["note_tweet.text", "text"],
    id: &["id"],
    author: &["author.username", "author_id"],
    time: &["created_at"],
    lang: &["lang"],
    parent: &["referenced_tweets[].note_tweet.text", "referenced_tweets[].text"],
    parent_id: &["referenced_tweets[].id"],
    links: &["entities.urls[].expanded_url", "note_tweet.entities.urls[].expanded_url"],
    activity: &[
        ("referenced_tweets[].type=retweeted", Activity::Share),
        ("referenced_tweets[].type=quoted", Activity::Quote),
        ("referenced_tweets[].type=replied_to", Activity::Reply),
        ("", Activity::Post),
    ],
    utc: true,
    ..Map::NONE
};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "twarc2",
        title: "X API v2 (twarc2 pages)",
        shape: Shape::Json { places: &[""], kept: true, unfold: Some(posts) },
        marks: &["data|data[]", "includes|meta|data.id|data[].id", "data.text|data[].text"],
        map: TWEET,
        private: false,
    },
    Format {
        name: "twarc2-flat",
        title: "X API v2 (one post a line)",
        shape: Shape::Json { places: &["", "[]"], kept: true, unfold: Some(posts) },
        marks: &["id", "text", "author_id", "edit_history_tweet_ids|conversation_id|public_metrics|referenced_tweets|created_at"],
        map: TWEET,
        private: false,
    },
    Format {
        name: "twarc-csv",
        title: "X API v2 (twarc-csv table)",
        shape: Shape::TABLE,
        marks: &["author_id", "author.username", "text"],
        map: Map {
            text: &["text!newlines"],
            id: &["id"],
            author: &["author.username", "author_id"],
            time: &["created_at"],
            lang: &["lang"],
            parent_id: &["referenced_tweets.retweeted.id", "referenced_tweets.quoted.id", "referenced_tweets.replied_to.id"],
            links: &["entities.urls"],
            activity: &[
                ("referenced_tweets.retweeted.id", Activity::Share),
                ("referenced_tweets.quoted.id", Activity::Quote),
                ("referenced_tweets.replied_to.id", Activity::Reply),
                ("", Activity::Post),
            ],
            utc: true,
            ..Map::NONE
        },
        private: false,
    },
];

/// The posts of a response page, each with its author and the posts that it refers to, which the page keeps apart.
fn posts(page: &str) -> Option<Vec<String>> {
    let mut page: Object<String, Value> = serde_json::from_str(page).ok()?;
    let posts = match page.remove("data")? {
        Value::Array(list) => list,
        Value::Object(one) => vec![Value::Object(one)],
        _ => return None,
    };
    let by_id = |kind: &str| -> HashMap<String, &Value> {
        let list = page.get("includes").and_then(|i| i.get(kind)).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|entry| Some((entry.get("id")?.as_str()?.to_owned(), entry))).collect()
    };
    let (users, originals) = (by_id("users"), by_id("tweets"));
    // Only what the map asks for is copied: a page may have one long biography and a thousand posts.
    let some = |of: &Value, keys: &[&str]| keys.iter().filter_map(|&key| Some((key.to_owned(), of.get(key)?.clone()))).collect::<Object<_, _>>();
    let complete = |mut post: Value| {
        if let Some(user) = post.get("author_id").and_then(Value::as_str).and_then(|id| users.get(id)) {
            post["author"] = Value::Object(some(user, &["id", "username"]));
        }
        for reference in post.get_mut("referenced_tweets").and_then(Value::as_array_mut).into_iter().flatten() {
            let original = reference.get("id").and_then(Value::as_str).and_then(|id| originals.get(id));
            if let (Some(original), Some(reference)) = (original, reference.as_object_mut()) {
                reference.extend(some(original, &["text", "note_tweet"]));
            }
        }
        post.to_string()
    };
    Some(posts.into_iter().map(complete).collect())
}

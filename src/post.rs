//! What a feed said about one post, and nothing derived from it.

use serde::{Deserialize, Serialize};

/// A longer text, in bytes, is no post; scoring it would take hundreds of megabytes.
const LONGEST_TEXT: usize = 1 << 20;

/// One item of a feed: somebody's own words and what the source told about the act of posting them.
///
/// Only `text` is needed; every unknown is `None` and makes the score say what is missing. The author is carried for output
/// and is never read by the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Post {
    /// The source's id, kept as text.
    pub id: Option<String>,
    /// The words to score, exactly as the source has them.
    pub text: String,
    /// What was done: posted, commented, shared and so on.
    pub activity: Activity,
    /// The text that this one answers or quotes, where the source gives it.
    pub parent: Option<String>,
}

impl Post {
    /// A post of which only the words are known.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Why it cannot be scored, if its text is too long.
    pub(crate) fn too_long(&self) -> Option<String> {
        (self.text.len() > LONGEST_TEXT).then(|| format!("the text is longer than {} MiB", LONGEST_TEXT >> 20))
    }
}

/// The act by which an item came about, as far as the source tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// A post of its own.
    Post,
    /// A comment under somebody's post.
    Comment,
    /// An answer to a post or comment.
    Reply,
    /// Somebody else's post passed on without words of one's own.
    Share,
    /// Somebody else's post passed on with words of one's own.
    Quote,
    /// A message passed on in a chat.
    Forward,
    /// A like.
    Like,
    /// Any other reaction.
    Reaction,
    /// Following an account or joining a group.
    Follow,
    /// The source does not tell.
    #[default]
    Unknown,
}

impl Activity {
    /// Reads the words that exports use in their activity or type column; anything else is [`Activity::Unknown`].
    pub fn parse(word: &str) -> Self {
        match word.trim().to_lowercase().as_str() {
            "post" | "tweet" | "status" | "original" | "posting" | "unggahan" => Self::Post,
            "comment" | "komentar" => Self::Comment,
            "reply" | "replied_to" | "balasan" => Self::Reply,
            "share" | "retweet" | "retweeted" | "repost" | "bagikan" => Self::Share,
            "quote" | "quoted" | "quote_tweet" => Self::Quote,
            "forward" | "forwarded" | "terusan" => Self::Forward,
            "like" | "favorite" | "suka" => Self::Like,
            "reaction" | "reaksi" => Self::Reaction,
            "follow" | "join" | "ikuti" => Self::Follow,
            _ => Self::Unknown,
        }
    }
}

//! What a feed said about one post, and nothing derived from it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A longer text, in bytes, is no post; scoring it would take hundreds of megabytes.
const LONGEST_TEXT: usize = 1 << 20;

/// One item of a feed: somebody's own words and what the source told about the act of posting them.
///
/// Only `text` is needed; every unknown is `None` and makes the score say what is missing. The author is carried for output
/// and is never read by the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Post {
    /// The source's id, kept as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The account's handle; its name or id where the source has no handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The author's own words. Empty where something was only passed on or liked.
    pub text: String,
    /// When, by RFC 3339: in UTC (`…Z`) where the source tells the zone, without a zone where it does not, and as the source has it
    /// where it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// What was done: posted, commented, shared and so on.
    pub activity: Activity,
    /// The text that this one answers, quotes, passes on or likes, where the source gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The id of that post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Addresses that the source lists beside the text, short ones resolved where the source did so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// The language that the source claims, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

impl Post {
    /// A post of which only the words are known.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The words that the act is about: one's own, or those passed on or liked.
    pub fn words(&self) -> &str {
        match &self.parent {
            Some(parent) if self.activity.is_bare() && self.text.trim().is_empty() => parent,
            _ => &self.text,
        }
    }

    /// The day on which it was written, as far as its time tells.
    pub(crate) fn day(&self) -> Option<Date> {
        self.time.as_deref()?.get(..10)?.parse().ok()
    }

    /// Why it cannot be scored, if its text is too long.
    pub(crate) fn too_long(&self) -> Option<String> {
        let longest = self.text.len().max(self.parent.as_ref().map_or(0, String::len));
        (longest > LONGEST_TEXT).then(|| format!("the text is longer than {} MiB", LONGEST_TEXT >> 20))
    }
}

/// The act by which an item came about, as far as the source tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

    /// Whether the act has no words of its own: passing on, liking, reacting.
    pub fn is_bare(self) -> bool {
        matches!(self, Self::Share | Self::Forward) || self.is_mere_reaction()
    }

    /// Whether it is a like or another reaction, the weakest acts.
    pub fn is_mere_reaction(self) -> bool {
        matches!(self, Self::Like | Self::Reaction)
    }
}

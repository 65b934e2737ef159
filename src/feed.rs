//! Feeds: files of posts, row by row, in bounded memory and without losing one.
//!
//! A new format is a file in `src/feed/` and an arm in [`Feed::open`].

mod jsonl;
pub(crate) use jsonl::Fields;
mod lines;
mod table;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::error::{Error, Result};
use crate::post::{Activity, Post};
use lines::{Line, Lines};

/// An open feed: an iterator over its rows in order.
///
/// CSV, TSV and JSON lines are recognised by what is in them, `.gz` and `.zst` are unpacked on the way. Memory does not
/// grow with the length of the feed. A row that cannot be read is an item like any other, with its reason.
pub struct Feed {
    source: Source,
    parser: Parser,
    layout: Layout,
    mapping: Vec<String>,
}

/// Cuts a feed into rows, one after another.
pub(crate) enum Source {
    Jsonl(jsonl::Source),
    Table(table::Source),
}

/// Makes rows of what a source cut off. Rows do not depend on each other, so any number of threads can share a parser.
pub(crate) enum Parser {
    Jsonl(jsonl::Parser),
    Table(table::Parser),
}

/// A row as it was cut off.
pub(crate) enum Cut {
    Line(u64, Line),
    Record(table::Record),
}

/// How the rows of a feed are laid out, so that an output can keep to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Jsonl,
    Table { header: Vec<Vec<u8>>, delimiter: u8, bom: bool },
}

/// One row of a feed: what it says as a post, and its bytes to pass through.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line of the file that the row begins on, counted from 1.
    pub line: u64,
    /// The post, or in words why the row could not be read.
    pub post: std::result::Result<Post, String>,
    pub(crate) raw: Raw,
}

/// The bytes of a row as the feed has them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw {
    /// A line of JSON that is an object: without a key `netral` if it is `plain`, without any if it is `empty`.
    Json {
        object: String,
        plain: bool,
        empty: bool,
    },
    Cells {
        cells: Vec<Vec<u8>>,
        bytes: Vec<u8>,
    },
    /// A row that could not be taken apart.
    Bad(Vec<u8>),
}

/// Names under which exports keep the text, the best first; case, spaces, `_` and `-` do not matter.
const TEXT: [&str; 26] = [
    "text",
    "fulltext",
    "tweettext",
    "posttext",
    "content",
    "body",
    "message",
    "caption",
    "tweet",
    "teks",
    "isi",
    "isipesan",
    "isikomentar",
    "pesan",
    "komentar",
    "comment",
    "commenttext",
    "konten",
    "unggahan",
    "postmessage",
    "status",
    "selftext",
    "description",
    "rawtext",
    "judul",
    "title",
];
const ID: [&str; 9] = ["id", "idstr", "tweetid", "postid", "commentid", "messageid", "uri", "url", "link"];
const ACTIVITY: [&str; 6] = ["activity", "activitytype", "type", "posttype", "jenis", "aktivitas"];
const PARENT: [&str; 5] = ["parenttext", "parent", "inreplytotext", "quotedtext", "originaltext"];
/// Rows that are looked at to find the text where no column has a known name.
const LOOK_AHEAD: usize = 50;

impl Row {
    /// The row as the feed has it, to be kept where it could not be read.
    pub fn raw_bytes(&self) -> &[u8] {
        match &self.raw {
            Raw::Json { object, .. } => object.as_bytes(),
            Raw::Cells { bytes, .. } | Raw::Bad(bytes) => bytes,
        }
    }
}

impl Feed {
    /// Opens a file, or standard input for `-`. `text_column` names the text, with dots into nested JSON.
    ///
    /// # Errors
    /// The file cannot be read, is in no known format, or has no text column; the error says what there is instead.
    pub fn open(path: &Path, text_column: Option<&str>) -> Result<Self> {
        let input: Box<dyn Read + Send> =
            if path == Path::new("-") { Box::new(std::io::stdin()) } else { Box::new(File::open(path).map_err(|e| Error::io(path, e))?) };
        Self::from_reader(input, path, text_column)
    }

    /// The same from any reader; `path` is its name in messages.
    ///
    /// # Errors
    /// As [`Feed::open`].
    pub fn from_reader(input: impl Read + Send + 'static, path: &Path, text_column: Option<&str>) -> Result<Self> {
        let mut lines = Lines::new(unpacked(Box::new(input)).map_err(|e| Error::io(path, e))?);
        let start = lines.peek().map_err(|e| Error::io(path, e))?;
        let bom = start.starts_with(b"\xEF\xBB\xBF");
        let seen = &start[if bom { 3 } else { 0 }..];
        if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
            return Err(Error::new("this file is UTF-16").at(path).remedy("save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 FILE"));
        }
        let first = seen.iter().find(|b| !b.is_ascii_whitespace()).copied();
        let feed = match first {
            Some(b'{') => jsonl::open(lines, text_column, bom),
            Some(b'[') => return Err(Error::new("this is a JSON array, not one object a line").at(path).remedy("jq -c '.[]' FILE turns it into JSON lines")),
            None => {
                return Ok(Self {
                    source: Source::Jsonl(jsonl::Source::empty(lines)),
                    parser: Parser::Jsonl(jsonl::Parser::empty()),
                    layout: Layout::Jsonl,
                    mapping: vec!["the file is empty".to_owned()],
                });
            }
            Some(_) => table::open(lines, text_column, bom),
        };
        feed.map_err(|e| e.at(path))
    }

    /// What was taken for what, in words for the user.
    pub fn mapping(&self) -> &[String] {
        &self.mapping
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Feed {
    /// The two halves of a feed: one that must run in order, one that need not.
    pub(crate) fn split(self) -> (Source, Parser) {
        (self.source, self.parser)
    }
}

impl Iterator for Feed {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        self.source.next().map(|cut| self.parser.row(cut))
    }
}

impl Iterator for Source {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        match self {
            Self::Jsonl(source) => source.next().map(|(number, line)| Cut::Line(number, line)),
            Self::Table(source) => source.next().map(Cut::Record),
        }
    }
}

impl Cut {
    /// How many bytes it holds.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Line(_, Line::Whole(bytes) | Line::TooLong(bytes)) => bytes.len(),
            Self::Line(..) => 0,
            Self::Record(record) => record.len(),
        }
    }
}

impl Parser {
    pub(crate) fn row(&self, cut: Cut) -> Row {
        let mut row = match (self, cut) {
            (Self::Jsonl(parser), Cut::Line(number, line)) => parser.row(number, line),
            (Self::Table(parser), Cut::Record(record)) => parser.row(record),
            _ => unreachable!("a feed's parser gets what its source cut off"),
        };
        if let Some(reason) = row.post.as_ref().ok().and_then(Post::too_long) {
            row.post = Err(reason);
        }
        row
    }
}

/// Unpacks gzip (also several members in a row) and Zstandard by their first bytes.
fn unpacked(input: Box<dyn Read + Send>) -> std::io::Result<Box<dyn BufRead + Send>> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let start = input.fill_buf()?;
    Ok(if start.starts_with(&[0x1F, 0x8B]) {
        Box::new(BufReader::with_capacity(1 << 16, flate2::bufread::MultiGzDecoder::new(input)))
    } else if start.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        let decoder = ruzstd::decoding::StreamingDecoder::new(input).map_err(|e| std::io::Error::new(std::io::ErrorKind::InvalidData, e.to_string()))?;
        Box::new(BufReader::with_capacity(1 << 16, decoder))
    } else {
        Box::new(input)
    })
}

/// A column name without case, spaces and joining signs.
fn plain_name(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The best of the given columns by a list of known names.
fn find(columns: &[String], known: &[&str]) -> Option<usize> {
    let plain: Vec<String> = columns.iter().map(|c| plain_name(c)).collect();
    known.iter().find_map(|k| plain.iter().position(|p| p == k))
}

fn post(text: String, id: Option<String>, activity: Option<&str>, parent: Option<String>) -> Post {
    Post { id, text, activity: activity.map_or(Activity::Unknown, Activity::parse), parent: parent.filter(|p| !p.is_empty()) }
}

//! Feeds: files of posts, row by row, in bounded memory and without losing one.
//!
//! ```text
//!  file ──► input ──────► lines, document, table … ──► Cut ──► Parse ──► Row (Post + the bytes to pass through)
//!           unpack,       cut into rows, in order             on any number of threads
//!           decode                                            by the map of a known format, or of telling names
//! ```
//!
//! A new format is a file in `src/feed/format/` and a row in its table; only one that is neither JSON nor a table needs code.

mod archive;
mod clean;
mod document;
mod format;
mod input;
mod json;
mod lines;
mod longer;
mod map;
mod object;
pub(crate) use object::Fields;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(any(feature = "parquet", feature = "xlsx"))]
mod rows;
#[cfg(feature = "xlsx")]
mod sheet;
mod table;
mod time;
pub(crate) use time::moment;
mod whatsapp;

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::leader::Leader;
use crate::post::Post;
use format::Format;
use input::Input;
use map::{Mapping, Part};

/// An open feed: an iterator over its rows in order.
///
/// The format is recognised by what is in the file: tables (CSV, TSV), JSON lines, JSON arrays and documents, chats, archives of
/// accounts. `.gz` and `.zst` are unpacked on the way. Memory does not grow with the length of the feed. A row that cannot be
/// read is an item like any other, with its reason.
pub struct Feed {
    source: Box<dyn Iterator<Item = Cut> + Send>,
    parser: Box<dyn Parse>,
    layout: Layout,
    about: Vec<(&'static str, String)>,
    private: bool,
    /// Whether the format is a known one.
    known: bool,
    waiting: VecDeque<Row>,
}

/// How to read a feed, where the user knows better than what is found. The default finds everything by itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of a known format, as `netral sniff` shows it.
    pub format: Option<String>,
    /// The column, or dotted path of a JSON field, that holds the text.
    pub text_column: Option<String>,
    /// The one that holds the id.
    pub id_column: Option<String>,
    /// The one that holds the author.
    pub author_column: Option<String>,
    /// The one that holds the time.
    pub time_column: Option<String>,
    /// The encoding, by its name on the web, such as `windows-1252`.
    pub encoding: Option<String>,
    /// What stands between the cells of a table.
    pub delimiter: Option<u8>,
    /// Whether text that was UTF-8, read as Windows-1252 and written again is made whole before it is scored.
    pub fix_encoding: bool,
}

/// A row as it was cut off.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) line: u64,
    pub(crate) bytes: Vec<u8>,
    /// Why it could not even be cut off whole.
    pub(crate) fault: Option<String>,
    /// The file inside an archive that it is from.
    pub(crate) file: usize,
}

/// Makes rows of what was cut off. Cuts do not depend on each other, so any number of threads can share one.
pub(crate) trait Parse: Send + Sync {
    /// Hands on the rows of a cut: one, unless it is a page of many.
    fn rows(&self, cut: Cut, rows: &mut dyn FnMut(Row));

    /// Says whose download it is, for rows that name no author.
    fn owned_by(&mut self, _owner: Option<&str>) {}
}

/// How the rows of a feed are laid out, so that an output can keep to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One object a line.
    Jsonl,
    /// No rows of its own: posts out of an archive, a chat, a page.
    Posts,
    Table {
        header: Vec<Vec<u8>>,
        delimiter: u8,
        bom: bool,
    },
}

/// One row of a feed: what it says as a post, and its bytes to pass through.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line of the file that the row begins on, counted from 1.
    pub line: u64,
    /// The post, or in words why the row could not be read.
    pub post: std::result::Result<Post, String>,
    /// What had to be done to read it, or is wrong with it.
    pub(crate) notes: Vec<Note>,
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
    /// A post inside something larger.
    Item(Vec<u8>),
    /// A row that could not be taken apart.
    Bad(Vec<u8>),
}

/// What had to be done to read a row, or is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Note {
    /// The text was cleaned of escapes or markup; offsets count in the cleaned text.
    Cleaned,
    /// The id was rounded, and found whole in the post's address.
    IdRecovered,
    /// The id was rounded and is lost.
    IdRounded,
    /// The source cut the text.
    Cut,
    /// The text looks like UTF-8 that was read as Windows-1252.
    DoubleEncoded,
    /// It did, and was made whole.
    EncodingFixed,
    /// The text stands in two files, cut in one: it is scored whole, once.
    Joined,
    /// The JSON was not valid and was mended.
    JsonRepaired,
}

/// Rows that are looked at before reading begins.
const LOOK_AHEAD: usize = 50;

impl Row {
    fn bad(line: u64, reason: String, bytes: Vec<u8>) -> Self {
        Self { line, post: Err(reason), notes: Vec::new(), raw: Raw::Bad(bytes) }
    }

    /// Whether the text that is scored is not the one that the row has, letter for letter.
    pub(crate) fn is_changed(&self) -> bool {
        self.notes.iter().any(|note| matches!(note, Note::Cleaned | Note::EncodingFixed))
    }

    /// The row, or the reason why its text is too much to be scored.
    pub(crate) fn checked(mut self) -> Self {
        if let Some(reason) = self.post.as_ref().ok().and_then(Post::too_long) {
            self.post = Err(reason);
        }
        self
    }

    /// What stands for the author, if one is told.
    pub(crate) fn author(&self) -> Option<u64> {
        self.post.as_ref().ok()?.author.as_deref().map(Leader::author)
    }

    /// The row as the feed has it, to be kept where it could not be read.
    pub fn raw_bytes(&self) -> &[u8] {
        match &self.raw {
            Raw::Json { object, .. } => object.as_bytes(),
            Raw::Cells { bytes, .. } | Raw::Item(bytes) | Raw::Bad(bytes) => bytes,
        }
    }
}

impl Cut {
    fn whole(line: u64, bytes: Vec<u8>) -> Self {
        Self { line, bytes, fault: None, file: 0 }
    }

    fn bad(line: u64, bytes: Vec<u8>, fault: impl Into<String>) -> Self {
        Self { line, bytes, fault: Some(fault.into()), file: 0 }
    }
}

impl Options {
    /// The column that the user named for a part.
    fn column(&self, part: Part) -> Option<&str> {
        self.columns().find(|(named, _)| *named == part).map(|(_, name)| name)
    }

    fn columns(&self) -> impl Iterator<Item = (Part, &str)> {
        let all = [(Part::Text, &self.text_column), (Part::Id, &self.id_column), (Part::Author, &self.author_column), (Part::Time, &self.time_column)];
        all.into_iter().filter_map(|(part, name)| Some((part, name.as_deref()?)))
    }

    /// The format that the user named, or the first that fits.
    fn known(&self, fits: impl Fn(&Format) -> bool) -> Result<Option<&'static Format>> {
        match &self.format {
            Some(name) => match format::all().find(|f| f.name == name) {
                Some(format) => Ok(Some(format)),
                None if name == "generic" => Ok(None),
                None => {
                    let names: Vec<&str> = format::all().map(|f| f.name).collect();
                    Err(Error::new(format!("no format `{}`", name.escape_debug())).remedy(format!("there are generic, {}", names.join(", "))))
                }
            },
            None => Ok(format::all().find(|f| fits(f))),
        }
    }
}

impl Feed {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// The file cannot be read, is in no known format, or has no text column; the error says what there is instead.
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        if path == Path::new("-") {
            return Self::from_reader(std::io::stdin(), path, options);
        }
        let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
        match &archive::start(&mut file).map_err(|e| Error::io(path, e))? {
            b"PK\x03\x04" => return archive::open(path, options).map_err(|e| e.at(path)),
            #[cfg(feature = "parquet")]
            b"PAR1" => return parquet::open(path, options).map_err(|e| e.at(path)),
            _ => {}
        }
        Self::from_reader(file, path, options)
    }

    /// The same from any reader; `path` is its name in messages.
    ///
    /// # Errors
    /// As [`Feed::open`].
    pub fn from_reader(input: impl Read + Send + 'static, path: &Path, options: &Options) -> Result<Self> {
        Self::read(Box::new(input), options).map_err(|e| e.at(path))
    }

    fn read(input: Box<dyn Read + Send>, options: &Options) -> Result<Self> {
        let input = Input::new(input, options)?;
        refuse(&input.start)?;
        // X's archives are scripts that set a variable to an array.
        let script = input.start.starts_with(b"window.");
        match input.start.iter().find(|b| !b.is_ascii_whitespace()) {
            _ if whatsapp::is_chat(&input.start) => whatsapp::open(input, options),
            None => Ok(Self::new(
                std::iter::empty(),
                object::Parser::new(Mapping::guessed(&[], None, options), None, true),
                Layout::Jsonl,
                vec![("layout", "the file is empty".to_owned())],
                None,
            )),
            Some(b'{' | b'[') => json::open(input, options),
            Some(_) if script => json::open(input, options),
            Some(_) => table::open(input, options),
        }
    }

    fn new(
        source: impl Iterator<Item = Cut> + Send + 'static,
        parser: impl Parse + 'static,
        layout: Layout,
        mut about: Vec<(&'static str, String)>,
        format: Option<&'static Format>,
    ) -> Self {
        about.insert(0, ("format", format.map_or_else(|| "by the names of its fields".to_owned(), |f| format!("{} ({})", f.title, f.name))));
        let private = format.is_some_and(|f| f.private);
        Self { source: Box::new(source), parser: Box::new(parser), layout, about, private, known: format.is_some(), waiting: VecDeque::new() }
    }

    /// The feed without its source, which is opened again.
    fn closed(self) -> Self {
        Self { source: Box::new(std::iter::empty()), ..self }
    }

    /// A format that stands in no table.
    fn called(mut self, title: &str, private: bool) -> Self {
        title.clone_into(&mut self.about[0].1);
        self.private = private;
        self.known = true;
        self
    }

    /// What was found and what was taken for what, in words for the user.
    pub fn about(&self) -> &[(&'static str, String)] {
        &self.about
    }

    /// Whether this is somebody's own download or chat, to be read only on a lawful basis.
    pub fn is_private(&self) -> bool {
        self.private
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The two halves of a feed: one that must run in order, one that need not.
    pub(crate) fn split(self) -> (Box<dyn Iterator<Item = Cut> + Send>, Box<dyn Parse>) {
        (self.source, self.parser)
    }
}

impl Iterator for Feed {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while self.waiting.is_empty() {
            let cut = self.source.next()?;
            self.parser.rows(cut, &mut |row| self.waiting.push_back(row.checked()));
        }
        self.waiting.pop_front()
    }
}

/// Refuses what is no text at all, with a way to make it readable.
fn refuse(start: &[u8]) -> Result<()> {
    const KNOWN: [(&[u8], &str, &str); 9] = [
        (b"PK\x03\x04", "a ZIP archive or an Excel workbook on standard input", "give it as a file"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook", "save it as CSV UTF-8"),
        (
            b"PAR1",
            "a Parquet file",
            "build netral with --features parquet and give it as a file, or turn it into JSON lines: duckdb -c \"copy 'FILE' to 'feed.jsonl'\"",
        ),
        (b"%PDF", "a PDF", "posts must come as a table, JSON or a chat export"),
        (b"SQLite format 3", "an SQLite database", "sqlite3 -csv -header FILE 'select * from TABLE' makes a table of it"),
        (b"\x3A\xA2\x65\x72\x6F\x6F\x74\x73", "a repository of Bluesky (CAR)", "export the posts as JSON, for instance with goat repo unpack"),
        (b"<!DOCTYPE", "a web page", "ask the tool for JSON or CSV instead of HTML"),
        (b"<html", "a web page", "ask the tool for JSON or CSV instead of HTML"),
        (b"<?xml", "XML", "turn it into CSV or JSON lines"),
    ];
    match KNOWN.iter().find(|(mark, ..)| start.len() >= mark.len() && start[..mark.len()].eq_ignore_ascii_case(mark)) {
        Some((_, what, remedy)) => Err(Error::new(format!("this is {what}")).remedy(*remedy)),
        None => Ok(()),
    }
}

/// A column name without case, spaces and joining signs.
fn plain_name(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

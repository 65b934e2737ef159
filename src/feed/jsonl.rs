//! JSON lines: one object a line.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::lines::{Line, Lines, not_utf8, too_long};
use super::{ACTIVITY, Feed, ID, LOOK_AHEAD, Layout, PARENT, Raw, Row, TEXT, find, plain_name, post};
use crate::error::{Error, Result};

/// Places of the text in exports that nest it, tried where no field at the top has a known name.
const NESTED: [&str; 10] = [
    "record.text",
    "commit.record.text",
    "post.text",
    "data.text",
    "tweet.full_text",
    "legacy.full_text",
    "extended_tweet.full_text",
    "message.text",
    "snippet.textDisplay",
    "_source.text",
];

/// Reads lines; blank ones are no rows.
pub(crate) struct Source {
    lines: Lines,
    ahead: VecDeque<(u64, Line)>,
}

/// Takes lines apart, each on its own.
pub(crate) struct Parser {
    /// Paths of the text, the best first.
    text: Vec<String>,
    /// What the fields of the first rows are, so that their names need no second look.
    roles: HashMap<String, Role>,
}

/// What a field at the top of an object may hold. Of two fields with one use the one with the lower rank counts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Role {
    text: u8,
    id: u8,
    activity: u8,
    parent: u8,
    /// Whether a path of the text leads into it.
    nested: bool,
    /// Whether it is the result of an earlier run.
    result: bool,
}

/// The rank of a field that has not this use.
const UNUSED: u8 = u8::MAX;

/// The fields of an object in their order, values unparsed.
pub(crate) struct Fields<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Pairs<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Pairs<'a> {
            type Value = Fields<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<Fields<'a>, M::Error> {
                let mut fields = Vec::with_capacity(map.size_hint().unwrap_or(8));
                while let Some(Key(key)) = map.next_key()? {
                    fields.push((key, map.next_value()?));
                }
                Ok(Fields(fields))
            }
        }
        from.deserialize_map(Pairs(std::marker::PhantomData))
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl Fields<'_> {
    fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| *value)
    }

    /// A string (or number, for ids) at a dotted path.
    fn string(&self, path: &str) -> Option<String> {
        if let Some(value) = self.get(path) {
            return string(&serde_json::from_str(value.get()).ok()?);
        }
        let (first, rest) = path.split_once('.')?;
        let value: serde_json::Value = serde_json::from_str(self.get(first)?.get()).ok()?;
        string(rest.split('.').try_fold(&value, |v, key| v.get(key))?)
    }
}

pub(super) fn open(mut lines: Lines, text_column: Option<&str>, bom: bool) -> Result<Feed> {
    if bom {
        lines.skip(3);
    }
    let mut ahead = VecDeque::new();
    while ahead.len() < LOOK_AHEAD {
        let number = lines.next_line;
        match lines.next() {
            Line::End => break,
            line => ahead.push_back((number, line)),
        }
    }
    let texts: Vec<&str> = ahead.iter().filter_map(|(_, l)| if let Line::Whole(bytes) = l { std::str::from_utf8(bytes).ok() } else { None }).collect();
    let objects: Vec<Fields> = texts.iter().filter_map(|t| serde_json::from_str(t).ok()).collect();
    if objects.is_empty() && ahead.len() > 1 {
        return Err(Error::new("no line of this file is a JSON object").remedy("there must be one object a line; jq -c . FILE makes it so"));
    }
    let mut columns: Vec<String> = Vec::new();
    for (key, _) in objects.iter().flat_map(|o| &o.0) {
        if key != "netral" && !columns.iter().any(|c| c == key) {
            columns.push(key.clone().into_owned());
        }
    }
    let holds = |path: &str| objects.iter().any(|o| o.string(path).is_some_and(|s| !s.trim().is_empty()));
    let text = match text_column {
        Some(path) if objects.is_empty() || holds(path) || columns.iter().any(|c| c == path) => path.to_owned(),
        Some(path) => {
            return Err(Error::new(format!("no field `{}` with text", path.escape_debug())).remedy(format!("the fields here are: {}", list(&columns))));
        }
        None => {
            let named: Vec<&str> = TEXT.iter().filter_map(|t| columns.iter().find(|c| plain_name(c) == *t).map(String::as_str)).collect();
            let found = named.into_iter().chain(NESTED).find(|path| holds(path));
            match found.map(str::to_owned).or_else(|| longest(&columns, &objects)) {
                Some(path) => path,
                None if objects.is_empty() => "text".to_owned(),
                None => {
                    return Err(Error::new("no field looks like the text of a post")
                        .remedy(format!("name it with --text-column; the fields here are: {}", list(&columns))));
                }
            }
        }
    };
    let mut mapping = vec![format!("JSON lines; text: `{}`", text.escape_debug())];
    let column = |names: &[&str]| find(&columns, names).map(|i| columns[i].clone());
    for (what, names) in [("id", &ID[..]), ("activity", &ACTIVITY[..]), ("parent", &PARENT[..])] {
        mapping.extend(column(names).map(|c| format!("{what}: `{}`", c.escape_debug())));
    }
    // Rows may keep their text elsewhere than the first ones do.
    let mut paths = vec![text];
    if text_column.is_none() {
        paths.extend(TEXT.into_iter().take(8).chain(NESTED).map(str::to_owned));
        paths.push("full_text".to_owned());
    }
    drop(objects);
    let roles = columns.iter().map(|c| (c.clone(), role(c, &paths))).collect();
    Ok(Feed {
        source: super::Source::Jsonl(Source { lines, ahead }),
        parser: super::Parser::Jsonl(Parser { text: paths, roles }),
        layout: Layout::Jsonl,
        mapping,
    })
}

/// What a field may hold, by its name.
fn role(name: &str, paths: &[String]) -> Role {
    let rank = |at: Option<usize>| at.map_or(UNUSED, |at| at as u8);
    let plain = plain_name(name);
    let known = |names: &[&str]| rank(names.iter().position(|n| *n == plain));
    Role {
        text: rank(paths.iter().position(|p| p == name)),
        id: known(&ID),
        activity: known(&ACTIVITY),
        parent: known(&PARENT),
        nested: paths.iter().any(|p| p.split_once('.').is_some_and(|(first, _)| first == name)),
        result: name == "netral",
    }
}

/// The field with the longest text on average, if it reads like prose.
fn longest(columns: &[String], objects: &[Fields]) -> Option<String> {
    let mean =
        |c: &String| objects.iter().filter_map(|o| o.string(c)).filter(|s| s.trim().contains(' ')).map(|s| s.len()).sum::<usize>() / objects.len().max(1);
    columns.iter().map(|c| (mean(c), c)).filter(|(n, _)| *n >= 10).max_by_key(|(n, _)| *n).map(|(_, c)| c.clone())
}

fn list(columns: &[String]) -> String {
    if columns.is_empty() { "none".to_owned() } else { columns.iter().take(40).map(|c| c.escape_debug().to_string()).collect::<Vec<_>>().join(", ") }
}

impl Source {
    pub(super) fn empty(lines: Lines) -> Self {
        Self { lines, ahead: VecDeque::new() }
    }

    pub(super) fn next(&mut self) -> Option<(u64, Line)> {
        loop {
            let (number, line) = self.ahead.pop_front().unwrap_or_else(|| (self.lines.next_line, self.lines.next()));
            match line {
                Line::End => return None,
                Line::Whole(bytes) if bytes.trim_ascii_start().is_empty() => {}
                line => return Some((number, line)),
            }
        }
    }
}

impl Parser {
    pub(super) fn empty() -> Self {
        Self { text: Vec::new(), roles: HashMap::new() }
    }

    pub(super) fn row(&self, line: u64, found: Line) -> Row {
        let bad = |reason: String, bytes: Vec<u8>| Row { line, post: Err(reason), raw: Raw::Bad(bytes) };
        let bytes = match found {
            Line::End => Vec::new(),
            Line::TooLong(bytes) => return bad(too_long(), bytes),
            Line::Broken(reason) => return bad(reason, Vec::new()),
            Line::Whole(bytes) => bytes,
        };
        let mut text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => return bad(not_utf8(e.utf8_error()), e.into_bytes()),
        };
        let mut found = Found::new(self);
        match Object(&mut found).parse(&text) {
            Ok(()) => {
                let post = found.post();
                let (plain, empty) = (!found.result, found.fields == 0);
                text.truncate(text.trim_end_matches(['\n', '\r']).len());
                Row { line, post: Ok(post), raw: Raw::Json { object: text, plain, empty } }
            }
            // serde_json's own line number is always 1 here.
            Err(e) => {
                let reason = format!("not a JSON object: {} (column {})", e.to_string().split(" at line").next().unwrap_or_default(), e.column());
                bad(reason, text.into_bytes())
            }
        }
    }
}

/// What one pass over an object finds: the best value for each use, with its rank.
struct Found<'p> {
    parser: &'p Parser,
    text: (u8, String),
    id: (u8, String),
    activity: (u8, String),
    parent: (u8, String),
    fields: usize,
    result: bool,
}

impl<'p> Found<'p> {
    fn new(parser: &'p Parser) -> Self {
        let none = || (UNUSED, String::new());
        Self { parser, text: none(), id: none(), activity: none(), parent: none(), fields: 0, result: false }
    }

    /// Takes a string, or a number as it is written.
    fn take(&mut self, role: Role, value: &str) {
        for (rank, best) in [(role.text, &mut self.text), (role.id, &mut self.id), (role.activity, &mut self.activity), (role.parent, &mut self.parent)] {
            if rank < best.0 {
                best.0 = rank;
                best.1.clear();
                best.1.push_str(value);
            }
        }
    }

    /// Follows the paths of the text that lead into a field.
    fn take_nested(&mut self, name: &str, value: &serde_json::Value) {
        for (rank, path) in self.parser.text.iter().enumerate() {
            let rest = path.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            let found = rest.and_then(|rest| rest.split('.').try_fold(value, |v, key| v.get(key))).and_then(string);
            if let Some(text) = found.filter(|_| (rank as u8) < self.text.0) {
                self.text = (rank as u8, text);
            }
        }
    }

    fn post(&mut self) -> crate::post::Post {
        let taken = |found: &mut (u8, String)| (found.0 != UNUSED).then(|| std::mem::take(&mut found.1));
        let text = taken(&mut self.text).unwrap_or_default();
        let activity = taken(&mut self.activity);
        post(text, taken(&mut self.id), activity.as_deref(), taken(&mut self.parent))
    }
}

/// Reads an object into [`Found`], parsing only the values of fields that have a use.
struct Object<'f, 'p>(&'f mut Found<'p>);

impl Object<'_, '_> {
    fn parse(self, text: &str) -> std::result::Result<(), serde_json::Error> {
        let mut parser = serde_json::Deserializer::from_str(text);
        (&mut parser).deserialize_map(self)?;
        parser.end()
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<(), M::Error> {
        let found = self.0;
        while let Some(Key(name)) = map.next_key()? {
            found.fields += 1;
            let role = found.parser.roles.get(name.as_ref()).copied().unwrap_or_else(|| role(&name, &found.parser.text));
            found.result |= role.result;
            let used = [role.text, role.id, role.activity, role.parent].iter().any(|&rank| rank != UNUSED);
            if role.nested {
                let value: serde_json::Value = map.next_value()?;
                if let Some(text) = string(&value) {
                    found.take(role, &text);
                }
                found.take_nested(&name, &value);
            } else if used {
                map.next_value_seed(Scalar(found, role))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Reads a value that may be a string or a number; any other has no use.
struct Scalar<'f, 'p>(&'f mut Found<'p>, Role);

impl<'de> DeserializeSeed<'de> for Scalar<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<(), E> {
        self.0.take(self.1, text);
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> std::result::Result<(), E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> std::result::Result<(), E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> std::result::Result<(), E> {
        self.visit_str(&serde_json::Value::from(number).to_string())
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> std::result::Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> std::result::Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> std::result::Result<(), S::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<(), M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// A string, or a number as it is written.
fn string(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

//! JSON lines: one object a line.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::lines::{Line, Lines, not_utf8, too_long};
use super::{ACTIVITY, Feed, ID, LOOK_AHEAD, Layout, PARENT, Raw, Row, Rows, TEXT, find, plain_name, post};
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

/// Reads objects line by line.
pub(super) struct Reader {
    lines: Lines,
    ahead: VecDeque<(u64, Line)>,
    text: Vec<String>,
}

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
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(s) => Some(s.clone()),
            serde_json::Value::Number(n) => Some(n.to_string()),
            _ => None,
        };
        if let Some(value) = self.get(path) {
            return text(&serde_json::from_str(value.get()).ok()?);
        }
        let (first, rest) = path.split_once('.')?;
        let value: serde_json::Value = serde_json::from_str(self.get(first)?.get()).ok()?;
        text(rest.split('.').try_fold(&value, |v, key| v.get(key))?)
    }

    fn known(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.0.iter().find(|(key, _)| plain_name(key) == *name).and_then(|(key, _)| self.string(key)))
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
    Ok(Feed { rows: Rows::Jsonl(Reader { lines, ahead, text: paths }), layout: Layout::Jsonl, mapping })
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

impl Reader {
    pub(super) fn empty(lines: Lines) -> Self {
        Self { lines, ahead: VecDeque::new(), text: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Option<Row> {
        loop {
            let (line, found) = self.ahead.pop_front().unwrap_or_else(|| (self.lines.next_line, self.lines.next()));
            let bad = |reason: String, bytes: Vec<u8>| Some(Row { line, post: Err(reason), raw: Raw::Bad(bytes) });
            match found {
                Line::End => return None,
                Line::TooLong(bytes) => return bad(too_long(), bytes),
                Line::Broken(reason) => return bad(reason, Vec::new()),
                Line::Whole(bytes) if bytes.trim_ascii().is_empty() => {}
                Line::Whole(bytes) => {
                    let text = match String::from_utf8(bytes) {
                        Ok(text) => text,
                        Err(e) => {
                            let reason = not_utf8(e.utf8_error());
                            return bad(reason, e.into_bytes());
                        }
                    };
                    let found = match serde_json::from_str::<Fields>(&text) {
                        Ok(fields) => Ok(self.post(&fields)),
                        // serde_json's own line number is always 1 here.
                        Err(e) => Err(format!("not a JSON object: {} (column {})", e.to_string().split(" at line").next().unwrap_or_default(), e.column())),
                    };
                    return match found {
                        Ok(post) => Some(Row { line, post: Ok(post), raw: Raw::Json(text.trim_end_matches(['\n', '\r']).to_owned()) }),
                        Err(reason) => bad(reason, text.into_bytes()),
                    };
                }
            }
        }
    }

    fn post(&self, fields: &Fields) -> crate::post::Post {
        let text = self.text.iter().find_map(|path| fields.string(path)).unwrap_or_default();
        post(text, fields.known(&ID), fields.known(&ACTIVITY).as_deref(), fields.known(&PARENT))
    }
}

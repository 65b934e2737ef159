//! Posts out of JSON objects: one pass that parses only what a mapping wants.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::format::Unfold;
use super::map::{Found, Mapping, Want};
use super::{Cut, Note, Parse, Raw, Row};

/// Takes objects apart, each on its own.
pub(super) struct Parser {
    mapping: Mapping,
    paths: Node,
    /// Turns a page of many posts into its posts.
    unfold: Option<Unfold>,
    /// Whether rows are written as they are, with their result.
    kept: bool,
}

/// What is wanted at a place of an object and below it.
#[derive(Default)]
struct Node {
    fields: HashMap<String, Self, foldhash::fast::FixedState>,
    items: Option<Box<Self>>,
    wants: Vec<usize>,
}

impl Node {
    fn add(&mut self, path: &str, want: usize) {
        if path.is_empty() {
            self.wants.push(want);
        } else if let Some(rest) = path.strip_prefix("[]") {
            self.items.get_or_insert_default().add(rest.trim_start_matches('.'), want);
        } else {
            let end = path.find(['.', '[']).unwrap_or(path.len());
            self.fields.entry(path[..end].to_owned()).or_default().add(path[end..].trim_start_matches('.'), want);
        }
    }
}

impl Parser {
    pub(super) fn new(mapping: Mapping, unfold: Option<Unfold>, kept: bool) -> Self {
        let mut paths = Node::default();
        for (number, (path, want)) in mapping.wants.iter().enumerate() {
            paths.add(path, number);
            // A key may itself hold dots.
            if path.contains(['.', '[']) && matches!(want, Want::Value { .. }) {
                paths.fields.entry(path.clone()).or_default().wants.push(number);
            }
        }
        Self { mapping, paths, unfold, kept }
    }

    /// The row of one object, which is all of `text`.
    fn row(&self, line: u64, text: String) -> Row {
        let mut found = self.mapping.found();
        let (text, repair) = match read(&self.paths, &mut found, &text) {
            Ok(()) => (text, None),
            Err(strict) => match repaired(&text).and_then(|(mended, repair)| {
                found = self.mapping.found();
                read(&self.paths, &mut found, &mended).ok().map(|()| (mended, repair))
            }) {
                // Halves of characters are valid JSON, so such rows stay as they are.
                Some((_, Repair::Characters)) => (text, Some(Repair::Characters)),
                Some((mended, Repair::Escapes)) => (mended, Some(Repair::Escapes)),
                None => {
                    // serde_json quotes what it found, and its line number is of no use here.
                    let why = match strict.classify() {
                        Category::Eof => "the row is cut off".to_owned(),
                        Category::Syntax => strict.to_string().split(" at line").next().unwrap_or_default().to_owned(),
                        Category::Data | Category::Io => "something else".to_owned(),
                    };
                    let reason = format!("not a JSON object: {why} (column {})", strict.column());
                    return Row::bad(line, reason, text.into_bytes());
                }
            },
        };
        let (plain, empty) = (!found.result, found.fields == 0);
        let (post, mut notes) = found.post();
        let post = post.ok_or_else(|| {
            let keys = keys(&text);
            format!("{} has no text where it usually is; the fields here are: {keys}; --text-column names it", self.mapping.title)
        });
        notes.extend(repair.map(|_| Note::JsonRepaired));
        let raw = if self.kept { Raw::Json { object: text, plain, empty } } else { Raw::Item(text.into_bytes()) };
        Row { line, post, notes, raw }
    }
}

impl Parse for Parser {
    fn rows(&self, cut: Cut, rows: &mut dyn FnMut(Row)) {
        if let Some(fault) = cut.fault {
            return rows(Row::bad(cut.line, fault, cut.bytes));
        }
        let mut text = match String::from_utf8(cut.bytes) {
            Ok(text) => text,
            Err(e) => return rows(Row::bad(cut.line, super::lines::not_utf8(e.utf8_error()), e.into_bytes())),
        };
        text.truncate(text.trim_end_matches(['\n', '\r']).len());
        match self.unfold.and_then(|unfold| unfold(&text)) {
            // A page of one post has room for its result.
            Some(mut items) if items.len() == 1 && self.kept => {
                let row = self.row(cut.line, items.remove(0));
                rows(match row.raw {
                    Raw::Json { .. } => Row { raw: Raw::Json { plain: !text.contains("\"netral\""), object: text, empty: false }, ..row },
                    _ => row,
                });
            }
            Some(items) => items.into_iter().for_each(|item| {
                let row = self.row(cut.line, item);
                rows(match row.raw {
                    Raw::Json { object, .. } => Row { raw: Raw::Item(object.into_bytes()), ..row },
                    _ => row,
                });
            }),
            None => rows(self.row(cut.line, text)),
        }
    }

    fn owned_by(&mut self, owner: Option<&str>) {
        self.mapping.owner = owner.map(str::to_owned);
    }
}

fn read(paths: &Node, found: &mut Found, text: &str) -> Result<(), serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_str(text);
    (&mut parser).deserialize_map(Object { node: paths, found, root: true })?;
    parser.end()
}

enum Repair {
    Characters,
    Escapes,
}

/// The text with faults mended that exports are known for: bytes escaped as `\x01`, halves of characters escaped alone, numbers that are none.
fn repaired(text: &str) -> Option<(String, Repair)> {
    let bytes = text.as_bytes();
    let (mut out, mut repair) = (String::with_capacity(text.len()), None);
    let (mut from, mut at, mut inside) = (0, 0, false);
    let half = |at: usize| -> Option<u32> {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    while at < bytes.len() {
        match bytes[at] {
            b'"' => inside = !inside,
            b'\\' if inside && bytes.get(at + 1) == Some(&b'x') && bytes.get(at + 2..at + 4).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) => {
                out.push_str(&text[from..at]);
                out.push_str("\\u00");
                from = at + 2;
                repair = Some(Repair::Escapes);
                at += 1;
            }
            b'\\' if inside => {
                match half(at) {
                    Some(0xD800..=0xDBFF) if matches!(half(at + 6), Some(0xDC00..=0xDFFF)) => at += 10,
                    Some(0xD800..=0xDFFF) => {
                        out.push_str(&text[from..at]);
                        out.push_str("\\ufffd");
                        from = at + 6;
                        repair.get_or_insert(Repair::Characters);
                        at += 4;
                    }
                    _ => {}
                }
                at += 1;
            }
            b'N' if !inside && bytes[at..].starts_with(b"NaN") => {
                out.push_str(&text[from..at]);
                out.push_str("null");
                from = at + 3;
                repair = Some(Repair::Escapes);
                at += 2;
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(text.get(from..)?);
    repair.map(|repair| (out, repair))
}

/// The names of an object's fields.
fn keys(object: &str) -> String {
    let fields = serde_json::from_str::<Fields>(object).map(|f| f.0).unwrap_or_default();
    fields.iter().take(20).map(|(key, _)| key.escape_debug().to_string()).collect::<Vec<_>>().join(", ")
}

/// The fields of an object in their order, values unparsed.
pub(crate) struct Fields<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Pairs<'a> {
            type Value = Fields<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields<'a>, M::Error> {
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

/// Reads a value of any kind into what is found.
struct Object<'n, 'f, 'm> {
    node: &'n Node,
    found: &'f mut Found<'m>,
    root: bool,
}

impl Object<'_, '_, '_> {
    fn take(self, value: &str) {
        let mapping = self.found.mapping;
        for &want in &self.node.wants {
            self.found.take(&mapping.wants[want].1, value);
        }
    }

    fn take_presence(&mut self) {
        let mapping = self.found.mapping;
        for &want in &self.node.wants {
            self.found.take_presence(&mapping.wants[want].1);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
        let mut fields = 0;
        while let Some(Key(name)) = map.next_key()? {
            fields += 1;
            self.found.result |= self.root && name == "netral";
            match self.node.fields.get(name.as_ref()) {
                Some(node) => map.next_value_seed(Object { node, found: self.found, root: false })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if self.root {
            self.found.fields = fields;
        } else if fields > 0 {
            self.take_presence();
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(mut self, mut list: S) -> Result<(), S::Error> {
        let mut some = false;
        match &self.node.items {
            Some(node) => {
                while list.next_element_seed(Object { node, found: self.found, root: false })?.is_some() {
                    some = true;
                }
            }
            None => {
                while list.next_element::<IgnoredAny>()?.is_some() {
                    some = true;
                }
            }
        }
        if some {
            self.take_presence();
        }
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.take(text);
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.take(&number.to_string());
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.take(&number.to_string());
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.take(&serde_json::Value::from(number).to_string());
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(mut self, truth: bool) -> Result<(), E> {
        if truth {
            self.take_presence();
        }
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        // A field that holds nothing is still a field for it.
        self.take("");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_faults_of_exports_are_mended_and_nothing_else() {
        assert_eq!(repaired(r#"{"a":"\x01b","c":NaN}"#).unwrap().0, r#"{"a":"\u0001b","c":null}"#);
        assert_eq!(repaired(r#"{"a":"\ud83d b \ud83d\ude00 \ude00"}"#).unwrap().0, r#"{"a":"\ufffd b \ud83d\ude00 \ufffd"}"#);
        assert!(repaired(r#"{"a":"\\x01 NaN"}"#).is_none());
        assert!(repaired("{\"a\":\"\\").is_none());
    }
}

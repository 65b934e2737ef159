//! JSON files: one object a line, an array, or a document with posts somewhere inside.

use std::collections::VecDeque;
use std::io::Read;

use super::document::{Cutter, Outline};
use super::format::{self, Format, Shape};
use super::input::Input;
use super::lines::Lines;
use super::map::{Mapping, Part};
use super::object::{Fields, Parser};
use super::{Cut, Feed, LOOK_AHEAD, Layout, Options, plain_name};
use crate::error::{Error, Result};

/// What Telegram says of a chat that anybody can read.
const PUBLIC: &str = "type=public_channel|type=public_supergroup";

/// Opens JSON: one object a line, an array, or a document with posts somewhere inside.
pub(super) fn open(input: Input, options: &Options) -> Result<Feed> {
    let Input { mut reader, start, encoding, .. } = input;
    let mut start = start.as_slice();
    if start.starts_with(b"window.") {
        let at = start.iter().position(|&b| b == b'=').ok_or_else(|| Error::new("a script without data").remedy("is this from the archive of an account?"))?;
        let mut head = vec![0; at + 1];
        reader.read_exact(&mut head).map_err(|e| Error::new(e.to_string()))?;
        start = &start[at + 1..];
    }
    if is_lines(start) {
        return json_lines(Lines::new(reader, start), encoding, options);
    }
    let outline = Outline::read(start);
    let format = options.known(|format| !format.places(&outline).is_empty())?;
    let mut about = vec![("layout", format!("JSON document, {encoding}"))];
    let (places, mapping, kept, unfold) = if let Some(Format { shape: Shape::Json { places, kept, unfold }, title, map, .. }) = format {
        // An archive may have all of its places, and some of them far behind.
        let itself = format.is_some_and(|f| f.places(&outline) == [""]);
        let places = places.iter().filter(|place| place.is_empty() == itself).map(|&place| place.to_owned());
        (places.collect(), Mapping::new(title, map, options), *kept, *unfold)
    } else {
        let array = start.trim_ascii_start().starts_with(b"[");
        let list = || outline.wordiest_list().filter(|_| !has_text(&outline));
        let place = if array { "[]".to_owned() } else { list().unwrap_or_default() };
        let mapping = guessed(&outline, &place, options)?;
        let kept = array || place.is_empty();
        (vec![place], mapping, kept, None)
    };
    let shown: Vec<String> = places.iter().map(|p| if p.is_empty() { "the document itself".to_owned() } else { format!("`{}`", p.escape_debug()) }).collect();
    about.push(("posts at", shown.join(", ")));
    about.extend(mapped(&mapping, |path| places.iter().any(|place| outline.has(place, path))));
    let layout = if kept { Layout::Jsonl } else { Layout::Posts };
    let mut feed = Feed::new(Cutter::new(reader, places), Parser::new(mapping, unfold, kept), layout, about, format);
    feed.private &= !outline.has("", PUBLIC);
    Ok(feed)
}

/// Whether JSON is one object a line: its first line is whole, or a second begins like one.
fn is_lines(start: &[u8]) -> bool {
    if !start.trim_ascii_start().starts_with(b"{") {
        return false;
    }
    let mut lines = start.trim_ascii_start().split_inclusive(|&b| b == b'\n');
    let first = lines.next().unwrap_or_default();
    let whole = serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok();
    let second = lines.find(|l| !l.trim_ascii().is_empty()).map(<[u8]>::trim_ascii_start);
    let document = |line: &[u8]| {
        let outline = Outline::read(line);
        format::all().any(|f| f.places(&outline).iter().any(|place| !place.is_empty())) || guessed_places(&outline)
    };
    match second {
        // A document of one line, or the first line of a long one.
        None => !document(first),
        Some(_) if whole => true,
        // A damaged first line, not the beginning of a document that has its posts on lines of their own.
        Some(second) => !first.trim_ascii().ends_with(b"[") && serde_json::from_slice::<Fields>(second).is_ok(),
    }
}

/// Whether an object has text of its own.
fn has_text(outline: &Outline) -> bool {
    outline.fields("").iter().any(|field| Part::Text.names().contains(&plain_name(field).as_str()) && outline.has_prose("", field))
}

/// Whether an object by itself is only there for the array of objects that it holds.
fn guessed_places(outline: &Outline) -> bool {
    let own = outline.fields("");
    let text = own.iter().any(|f| Part::Text.names().contains(&plain_name(f).as_str()) || f == "data");
    let inside = |list: &String| outline.fields(list).iter().any(|f| Part::Text.names().contains(&plain_name(f).as_str()));
    !text && !format::all().any(|f| f.places(outline).contains(&"")) && outline.lists.iter().any(|list| list.matches("[]").count() == 1 && inside(list))
}

fn json_lines(mut lines: Lines, encoding: &str, options: &Options) -> Result<Feed> {
    let ahead: VecDeque<Cut> = std::iter::from_fn(|| lines.next_row()).take(LOOK_AHEAD).collect();
    let whole: Vec<&Cut> = ahead.iter().filter(|c| serde_json::from_slice::<Fields>(&c.bytes).is_ok()).collect();
    if whole.is_empty() && ahead.len() > 1 {
        return Err(Error::new("no line of this file is a JSON object").remedy("there must be one object a line; jq -c . FILE makes it so"));
    }
    let outlines: Vec<Outline> = whole.iter().map(|c| Outline::read(&c.bytes)).collect();
    let format = options.known(|format| outlines.iter().any(|o| format.places(o).contains(&"")))?;
    let mut about = vec![("layout", format!("JSON lines, {encoding}"))];
    let (mapping, kept, unfold) = if let Some(Format { shape: Shape::Json { kept, unfold, .. }, title, map, .. }) = format {
        // A line that is a post is written as it is.
        (Mapping::new(title, map, options), *kept || unfold.is_none(), *unfold)
    } else {
        let whole: Vec<&[u8]> = whole.iter().map(|c| c.bytes.trim_ascii()).collect();
        let outline = Outline::read(&[b"[".as_slice(), &whole.join(&b","[..]), b"]"].concat());
        (guessed(&outline, "[]", options)?, true, None)
    };
    about.extend(mapped(&mapping, |path| outlines.iter().any(|o| o.has("", path) || o.has("data", path) || o.has("data[]", path))));
    let source = Objects { ahead, lines };
    let layout = if kept { Layout::Jsonl } else { Layout::Posts };
    Ok(Feed::new(source, Parser::new(mapping, unfold, kept), layout, about, format))
}

/// Objects one a line: those that were looked at, then the others.
struct Objects {
    ahead: VecDeque<Cut>,
    lines: Lines,
}

impl Iterator for Objects {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        self.ahead.pop_front().or_else(|| self.lines.next_row())
    }

    fn nth(&mut self, count: usize) -> Option<Cut> {
        let ahead = count.min(self.ahead.len());
        self.ahead.drain(..ahead);
        self.lines.skip_rows(count - ahead);
        self.next()
    }
}

/// The map of a file in no known format: by the names of its fields, else the one with the most prose.
fn guessed(outline: &Outline, place: &str, options: &Options) -> Result<Mapping> {
    let fields = outline.fields(place);
    let shown = || {
        let list: Vec<String> = fields.iter().take(40).map(|f| f.escape_debug().to_string()).collect();
        if list.is_empty() { "none".to_owned() } else { list.join(", ") }
    };
    for (_, name) in options.columns() {
        if !fields.is_empty() && !fields.iter().any(|f| f == name) {
            return Err(Error::new(format!("no field `{}` with text", name.escape_debug())).remedy(format!("the fields here are: {}", shown())));
        }
    }
    let known = |name: &str| Part::Text.names().contains(&plain_name(name).as_str());
    let named = fields.iter().any(|f| !f.contains('.') && known(f) && outline.has_prose(place, f));
    let nested = || fields.iter().filter(|f| f.rsplit('.').next().is_some_and(known) && outline.has_prose(place, f)).min_by_key(|f| f.matches('.').count());
    let text = if named || options.text_column.is_some() { None } else { nested().cloned().or_else(|| outline.longest_prose(place)) };
    if !named && text.is_none() && options.text_column.is_none() && !fields.is_empty() && !fields.iter().any(|f| known(f)) {
        let near = format::nearest(|mark| outline.has(place, mark));
        return Err(Error::new("no field looks like the text of a post").remedy(format!("{near}name it with --text-column; the fields here are: {}", shown())));
    }
    Ok(Mapping::guessed(&fields, text.as_deref(), options).textless())
}

/// Which field is what, of those that are there.
fn mapped(mapping: &Mapping, there: impl Fn(&str) -> bool) -> Vec<(&'static str, String)> {
    let first = |part: Part| mapping.paths(part).find(|path| there(path)).map(|path| format!("`{}`", path.escape_debug()));
    Part::SHOWN.into_iter().filter_map(|(part, what)| Some((what, first(part)?))).collect()
}

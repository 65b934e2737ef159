//! JSON documents that hold many posts: an outline of what is where, and a cutter that takes the posts out one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use super::Cut;
use super::lines::{LONGEST_LINE, too_long};

/// Deeper nesting is an attack, not an export.
const DEEPEST: usize = 256;
/// Places that an outline takes note of.
const MOST_PLACES: usize = 20_000;
/// Longer paths are no fields of an export.
const LONGEST_PLACE: usize = 300;
/// Longer strings are no telling values.
const LONGEST_VALUE: usize = 60;

/// Which fields the first part of some JSON has: paths with `[]` for items, and `path=value` for short strings.
#[derive(Debug, Default)]
pub(super) struct Outline {
    places: BTreeSet<String>,
    /// Arrays that hold objects, in the order in which they begin.
    pub(super) lists: Vec<String>,
    /// How many bytes of text of more than one word each place has.
    prose: BTreeMap<String, usize>,
}

impl Outline {
    /// Reads as far as the text goes; what is cut off or wrong ends it.
    pub(super) fn read(json: &[u8]) -> Self {
        let mut outline = Self::default();
        let mut reader = Reader { json, at: 0 };
        reader.value(&mut String::new(), 0, &mut outline);
        outline
    }

    /// Whether a format's mark is there, below a place; of alternatives between `|` any.
    pub(super) fn has(&self, place: &str, mark: &str) -> bool {
        mark.split('|').any(|mark| self.places.contains(&below(place, mark)))
    }

    /// The fields of the objects at a place.
    pub(super) fn fields(&self, place: &str) -> Vec<String> {
        let start = below(place, "");
        let fields = self.places.iter().filter_map(|p| p.strip_prefix(&start)).filter(|p| !p.is_empty() && !p.contains(['=', '[']));
        fields.filter(|p| p != &"netral" && !p.starts_with("netral.")).map(str::to_owned).collect()
    }

    /// Whether a field holds text of more than one word, or any at all where no field does.
    pub(super) fn has_prose(&self, place: &str, field: &str) -> bool {
        self.prose.is_empty() || self.prose.contains_key(&below(place, field))
    }

    /// The field with the most text, if it is more than a name.
    pub(super) fn longest_prose(&self, place: &str) -> Option<String> {
        let start = below(place, "");
        let fields = self.prose.iter().filter_map(|(path, bytes)| Some((path.strip_prefix(&start)?, *bytes)));
        let (field, bytes) = fields.filter(|(field, _)| !field.contains('[')).max_by_key(|(_, bytes)| *bytes)?;
        (bytes >= 10).then(|| field.to_owned())
    }

    /// The array whose objects hold the most text; of those with none, the first.
    pub(super) fn wordiest_list(&self) -> Option<String> {
        let prose = |list: &String| -> usize {
            let start = below(list, "");
            self.prose.iter().filter(|(path, _)| path.strip_prefix(&start).is_some_and(|field| !field.contains('['))).map(|(_, bytes)| bytes).sum()
        };
        self.lists.iter().rev().max_by_key(|list| prose(list)).cloned()
    }

    fn add(&mut self, path: &str) {
        if path.len() <= LONGEST_PLACE && self.places.len() < MOST_PLACES {
            self.places.insert(path.to_owned());
        }
    }
}

/// The path of a field of the objects at a place.
fn below(place: &str, field: &str) -> String {
    if place.is_empty() { field.to_owned() } else { format!("{place}.{field}") }
}

struct Reader<'a> {
    json: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.json.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.json.get(self.at).copied()
    }

    /// A string without its quotation marks and as it is escaped.
    fn string(&mut self) -> Option<&[u8]> {
        let start = self.at + 1;
        let mut at = start;
        while *self.json.get(at)? != b'"' {
            at += if self.json[at] == b'\\' { 2 } else { 1 };
        }
        self.at = at + 1;
        Some(&self.json[start..at])
    }

    /// Reads one value; `None` where the text ends or is wrong.
    fn value(&mut self, path: &mut String, depth: usize, outline: &mut Outline) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let length = path.len();
        match self.peek()? {
            b'{' => {
                self.at += 1;
                if path.ends_with("[]") && !outline.lists.contains(path) && outline.lists.len() < 100 {
                    outline.lists.push(path.clone());
                }
                loop {
                    match self.peek()? {
                        b'}' => break self.at += 1,
                        b',' => self.at += 1,
                        b'"' => {
                            let name = String::from_utf8_lossy(self.string()?).into_owned();
                            if self.peek()? != b':' {
                                return None;
                            }
                            self.at += 1;
                            if length > 0 {
                                path.push('.');
                            }
                            path.push_str(&name);
                            outline.add(path);
                            self.value(path, depth + 1, outline)?;
                            path.truncate(length);
                        }
                        _ => return None,
                    }
                }
            }
            b'[' => {
                self.at += 1;
                path.push_str("[]");
                loop {
                    match self.peek()? {
                        b']' => break self.at += 1,
                        b',' => self.at += 1,
                        _ => self.value(path, depth + 1, outline)?,
                    }
                }
                path.truncate(length);
            }
            b'"' => {
                let text = self.string()?;
                if text.trim_ascii().contains(&b' ') && path.len() <= LONGEST_PLACE && outline.prose.len() < MOST_PLACES {
                    *outline.prose.entry(path.clone()).or_default() += text.len();
                }
                if text.len() <= LONGEST_VALUE && path.len() <= LONGEST_PLACE {
                    let place = format!("{path}={}", String::from_utf8_lossy(text));
                    outline.add(&place);
                }
            }
            _ => {
                let rest = &self.json[self.at..];
                let length = rest.iter().position(|b| matches!(b, b',' | b'}' | b']') || b.is_ascii_whitespace()).filter(|&n| n > 0)?;
                self.at += length;
            }
        }
        Some(())
    }
}

/// Cuts the items at given places out of a document of any length. It keeps one item in memory.
pub(super) struct Cutter {
    input: Box<dyn BufRead + Send>,
    /// Places of arrays whose items are wanted, such as `messages[]`; the empty place is the whole document.
    places: Vec<String>,
    line: u64,
    stack: Vec<Open>,
    /// The place that is being read.
    path: String,
    state: State,
    ended: bool,
}

/// An array or object that has begun.
struct Open {
    list: bool,
    /// How long the path is without it.
    path: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value or a key may begin.
    Between,
    /// Inside a string that is a key or a value outside all items.
    Text { escaped: bool },
}

impl Cutter {
    pub(super) fn new(input: Box<dyn BufRead + Send>, places: Vec<String>) -> Self {
        Self { input, places, line: 1, stack: Vec::new(), path: String::new(), state: State::Between, ended: false }
    }

    fn byte(&mut self) -> std::io::Result<Option<u8>> {
        let byte = self.input.fill_buf()?.first().copied();
        if let Some(byte) = byte {
            self.input.consume(1);
            self.line += u64::from(byte == b'\n');
        }
        Ok(byte)
    }

    fn fault(&mut self, line: u64, bytes: Vec<u8>, fault: impl Into<String>) -> Cut {
        self.ended = true;
        Cut::bad(line, bytes, fault)
    }

    /// Reads a line of something between documents.
    fn stray(&mut self, first: u8) -> Cut {
        let (line, mut bytes) = (self.line, vec![first]);
        while let Ok(Some(byte)) = self.byte() {
            if byte == b'\n' {
                break;
            }
            if bytes.len() < LONGEST_LINE {
                bytes.push(byte);
            }
        }
        Cut::bad(line, bytes, "this is no JSON")
    }

    /// Reads an item that is neither object nor array; no row is lost for being odd.
    fn scalar(&mut self, first: u8) -> Cut {
        let (mut bytes, mut escaped, mut closed) = (vec![first], false, false);
        loop {
            let next = self.input.fill_buf().ok().and_then(|buffer| buffer.first().copied());
            let ends = |next: u8| if first == b'"' { closed } else { matches!(next, b',' | b']' | b'}') || next.is_ascii_whitespace() };
            let Some(next) = next.filter(|&next| !ends(next) && bytes.len() < LONGEST_LINE) else {
                return Cut::bad(self.line, bytes, "not a JSON object but a bare value");
            };
            closed = next == b'"' && !escaped;
            escaped = next == b'\\' && !escaped;
            bytes.push(next);
            self.input.consume(1);
        }
    }

    /// Reads the item that begins with `first`, up to its end.
    fn item(&mut self, first: u8) -> Cut {
        let start = self.line;
        let (mut bytes, mut depth, mut inside, mut escaped) = (vec![first], 1_usize, false, false);
        let mut long = false;
        loop {
            let byte = match self.byte() {
                Ok(Some(byte)) => byte,
                Ok(None) => return self.fault(start, bytes, "the file is cut off in this post; get it again"),
                Err(e) => return self.fault(start, bytes, format!("the file breaks off here: {e}; get it again")),
            };
            if bytes.len() < LONGEST_LINE {
                bytes.push(byte);
            } else {
                long = true;
            }
            if inside {
                inside = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
                continue;
            }
            match byte {
                b'"' => inside = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
        }
        if long {
            bytes.truncate(200);
            return Cut::bad(start, bytes, too_long());
        }
        Cut::whole(start, one_line(&bytes))
    }
}

impl Iterator for Cutter {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        if self.ended {
            return None;
        }
        let mut text: Vec<u8> = Vec::new();
        loop {
            let byte = match self.byte() {
                Ok(Some(byte)) => byte,
                Ok(None) if self.stack.is_empty() => return None,
                Ok(None) => {
                    let line = self.line;
                    return Some(self.fault(line, Vec::new(), "the file is cut off here; get it again"));
                }
                Err(e) => {
                    let line = self.line;
                    return Some(self.fault(line, Vec::new(), format!("the file breaks off here: {e}; get it again")));
                }
            };
            if let State::Text { escaped } = self.state {
                self.state = match byte {
                    b'"' if !escaped => State::Between,
                    b'\\' => State::Text { escaped: !escaped },
                    _ => State::Text { escaped: false },
                };
                if self.state != State::Between && text.len() < 200 {
                    text.push(byte);
                }
                continue;
            }
            let base = self.stack.last().map_or(0, |open| open.path);
            let listed = self.stack.last().is_none_or(|open| open.list) && self.places.contains(&self.path);
            if self.stack.is_empty() && !matches!(byte, b'{' | b'[' | b',' | b';') && !byte.is_ascii_whitespace() {
                return Some(self.stray(byte));
            }
            match byte {
                b',' | b' ' | b'\t' | b'\r' | b'\n' if listed => {}
                b'{' if listed => return Some(self.item(byte)),
                _ if listed && byte != b']' && !self.stack.is_empty() => return Some(if byte == b'[' { self.item(byte) } else { self.scalar(byte) }),
                b'"' => {
                    text.clear();
                    self.state = State::Text { escaped: false };
                }
                // What stood before a colon was a key.
                b':' if self.stack.last().is_some_and(|open| !open.list) => {
                    self.path.truncate(base);
                    if base > 0 {
                        self.path.push('.');
                    }
                    self.path.push_str(&String::from_utf8_lossy(&text));
                }
                b'{' | b'[' => {
                    if self.stack.len() >= DEEPEST {
                        let line = self.line;
                        return Some(self.fault(line, Vec::new(), format!("nested more than {DEEPEST} deep: this is no export of posts")));
                    }
                    if byte == b'[' {
                        self.path.push_str("[]");
                    }
                    self.stack.push(Open { list: byte == b'[', path: self.path.len() });
                }
                b'}' | b']' => {
                    self.stack.pop();
                    self.path.truncate(self.stack.last().map_or(0, |open| open.path));
                }
                _ => {}
            }
        }
    }
}

/// JSON on one line: line breaks between its parts go with the indentation around them, all else stays.
fn one_line(json: &[u8]) -> Vec<u8> {
    if !json.contains(&b'\n') && !json.contains(&b'\r') {
        return json.to_vec();
    }
    let mut out = Vec::with_capacity(json.len());
    let (mut inside, mut escaped, mut at) = (false, false, 0);
    while at < json.len() {
        let byte = json[at];
        if inside {
            inside = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            let end = json[at..].iter().position(|b| !b.is_ascii_whitespace()).map_or(json.len(), |n| at + n);
            let gap = &json[at..end];
            if !gap.contains(&b'\n') && !gap.contains(&b'\r') {
                out.extend_from_slice(gap);
            }
            at = end;
            continue;
        } else {
            inside = byte == b'"';
        }
        // A raw line break in a string is a fault that the parser reports; it must not break the line.
        out.push(if byte == b'\n' || byte == b'\r' { b' ' } else { byte });
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(json: &str, places: &[&str]) -> Vec<(u64, String, bool)> {
        let input = Box::new(std::io::Cursor::new(json.as_bytes().to_vec()));
        let cutter = Cutter::new(input, places.iter().map(|&p| p.to_owned()).collect());
        cutter.map(|c| (c.line, String::from_utf8(c.bytes).unwrap(), c.fault.is_some())).collect()
    }

    #[test]
    fn items_are_found_at_their_places_only() {
        let json = "{\"a\":{\"messages\":[{\"no\":1}]},\n \"messages\": [\n {\"x\":\n  \"}]\\\"\"}, {\"y\":[{}]}],\"z\":[{}]}";
        assert_eq!(cut(json, &["messages[]"]), [(3, "{\"x\":\"}]\\\"\"}".to_owned(), false), (4, "{\"y\":[{}]}".to_owned(), false)]);
        assert_eq!(cut("{\"chats\":{\"list\":[{\"messages\":[{\"a\":1}]},{\"messages\":[{\"b\":2}]}]}}", &["chats.list[].messages[]"]).len(), 2);
        assert_eq!(cut("[{\"a\":1},{\"b\":", &["[]"]), [(1, "{\"a\":1}".to_owned(), false), (1, "{\"b\":".to_owned(), true)]);
        assert_eq!(cut(" {\"a\" : 1}\n", &[""]), [(1, "{\"a\" : 1}".to_owned(), false)]);
        assert_eq!(cut("[1, \"a,]\\\"\",[2],{\"b\":3}]", &["[]"]).iter().map(|c| c.1.as_str()).collect::<Vec<_>>(), ["1", "\"a,]\\\"\"", "[2]", "{\"b\":3}"]);
        assert!(cut(&"[".repeat(100_000), &["x[]"]).pop().unwrap().2);
    }

    #[test]
    fn an_outline_goes_as_far_as_the_text() {
        let outline = Outline::read(b"{\"meta\":{\"n\":1},\"results\":[{\"id\":1,\"user\":{\"name\":\"a\"}},{\"text\":\"b\",\"cu");
        assert_eq!(outline.lists, ["results[]"]);
        assert!(outline.has("results[]", "nothing|user.name=a") && !outline.has("", "user"));
        let lists = Outline::read(b"{\"authors\":[{\"name\":\"a b\"}],\"found\":[{\"say\":\"much more than that\"}],\"x\":[{}]}");
        assert_eq!(lists.wordiest_list().as_deref(), Some("found[]"));
        assert_eq!(outline.fields("results[]"), ["id", "text", "user", "user.name"]);
        Outline::read("[".repeat(1_000_000).as_bytes());
    }
}

//! Text as its author wrote it, out of what exports make of it.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

/// What a field needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clean {
    Nothing,
    /// Undo `&amp;` and the like.
    Entities,
    /// Undo tags, then entities.
    Html,
    /// A line break is written as `\n`.
    Newlines,
}

impl Clean {
    /// The path before `!` and what the word behind it stands for.
    pub(super) fn named(path: &str) -> (&str, Self) {
        match path.split_once('!') {
            Some((path, "entities")) => (path, Self::Entities),
            Some((path, "html")) => (path, Self::Html),
            Some((path, "newlines")) => (path, Self::Newlines),
            _ => (path, Self::Nothing),
        }
    }

    pub(super) fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Nothing => Cow::Borrowed(text),
            Self::Entities => html_escape::decode_html_entities(text),
            Self::Html if text.contains(['<', '&']) => Cow::Owned(html_escape::decode_html_entities(&without_tags(text)).trim().to_owned()),
            Self::Html => Cow::Borrowed(text),
            Self::Newlines if text.contains("\\n") => Cow::Owned(text.replace("\\n", "\n")),
            Self::Newlines => Cow::Borrowed(text),
        }
    }
}

/// Tags out; line breaks and ends of paragraphs become line breaks.
fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at + 1..];
        // A sign that opens no tag stands for itself.
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') {
            out.push('<');
            rest = tag;
            continue;
        }
        // Where none ends, none of those that follow does.
        let Some(end) = tag.find('>') else {
            rest = &rest[at..];
            break;
        };
        let name = tag[..end].trim_end_matches('/').split_ascii_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if matches!(name.as_str(), "br" | "/p" | "/div" | "/li") {
            out.push('\n');
        }
        rest = &tag[end + 1..];
    }
    out.push_str(rest);
    out
}

/// A string in which every byte of UTF-8 was written as a character of its own, as in downloads from Meta; `None` where it
/// was not.
pub(super) fn fix_escaped_bytes(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

/// A string that was UTF-8, read as Windows-1252 and written again; `None` where it was not.
pub(super) fn fix_double_encoding(text: &str) -> Option<String> {
    // Lead bytes of UTF-8 read as Windows-1252, with what follows them.
    if !text.contains(['\u{C2}', '\u{C3}', '\u{E2}', '\u{F0}']) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        // The five bytes that Windows-1252 leaves undefined pass as control characters.
        if let code @ (0..=0x7F | 0x81 | 0x8D | 0x8F | 0x90 | 0x9D) = u32::from(c) {
            bytes.push(code as u8);
            continue;
        }
        let mut buffer = [0; 4];
        let (encoded, _, lossy) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
        if lossy {
            return None;
        }
        bytes.extend_from_slice(&encoded);
    }
    String::from_utf8(bytes).ok().filter(|fixed| fixed != text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_the_words_stay() {
        assert_eq!(Clean::Html.apply("<p>Ayo <a href=\"x\">coblos</a> &amp; menang</p><p>2 &lt; 3<br/>ya</p>"), "Ayo coblos & menang\n2 < 3\nya");
        assert_eq!(Clean::Html.apply("I <3 you & me"), "I <3 you & me");
        assert_eq!(Clean::Entities.apply("A &amp;amp; B"), "A &amp; B");
        assert_eq!(Clean::Newlines.apply("a\\nb"), "a\nb");
    }

    #[test]
    fn wrong_encodings_are_undone_only_where_they_are() {
        let twice: String = "caf\u{e9} \u{201C}ya\u{201D}".bytes().map(char::from).collect();
        assert_eq!(fix_escaped_bytes(&twice).as_deref(), Some("caf\u{e9} \u{201C}ya\u{201D}"));
        assert_eq!(fix_escaped_bytes("caf\u{e9}"), None);
        let (read, ..) = WINDOWS_1252.decode("caf\u{e9} \u{1F600}".as_bytes());
        assert_eq!(fix_double_encoding(&read).as_deref(), Some("caf\u{e9} \u{1F600}"));
        assert_eq!(fix_double_encoding("\u{c2}ge d'or, caf\u{e9}"), None);
    }
}

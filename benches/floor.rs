//! The least that a program can do with a feed of JSON lines: parse each row with `serde_json` as far as to borrow its text, and write it back.
//!
//! usage: floor < feed.jsonl > copy.jsonl

use std::borrow::Cow;
use std::io::{BufRead, BufReader, BufWriter, Write};

#[derive(serde::Deserialize)]
struct Post<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

fn main() -> std::io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let mut output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let (mut line, mut rows, mut bytes) = (String::new(), 0u64, 0);
    while input.read_line(&mut line)? > 0 {
        let post: Post = serde_json::from_str(&line)?;
        bytes += post.text.len();
        rows += 1;
        output.write_all(line.as_bytes())?;
        line.clear();
    }
    eprintln!("{rows} rows, {bytes} bytes of text");
    output.flush()
}

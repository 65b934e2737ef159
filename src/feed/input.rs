//! The bytes of a feed: unpacked and in UTF-8, with a look at the first of them.

use std::io::{BufRead, BufReader, Cursor, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::Options;
use crate::error::{Error, Result};

/// Bytes that are looked at before reading begins.
const PEEK: usize = 1 << 18;

/// An opened input.
pub(super) struct Input {
    pub(super) reader: Box<dyn BufRead + Send>,
    /// The first bytes, which the reader still holds: all of them if the input is not longer than this.
    pub(super) start: Vec<u8>,
    /// What was decoded.
    pub(super) encoding: &'static str,
    /// Whether there was a mark of UTF-8 at the start; it is gone.
    pub(super) bom: bool,
}

impl Input {
    pub(super) fn new(input: Box<dyn Read + Send>, options: &Options) -> Result<Self> {
        let failed = |e: std::io::Error| Error::new(e.to_string());
        let (start, reader) = peek(unpacked(input).map_err(failed)?).map_err(failed)?;
        let encoding = match &options.encoding {
            Some(label) => Encoding::for_label(label.as_bytes())
                .ok_or_else(|| Error::new(format!("no encoding `{}`", label.escape_debug())).remedy("utf-8, utf-16le and windows-1252 are some"))?,
            None => guess(&start),
        };
        let bom = start.starts_with(b"\xEF\xBB\xBF");
        let mut reader = reader;
        if encoding == UTF_8 {
            if bom {
                let buffered = reader.fill_buf().map_err(failed)?.len();
                reader.consume(buffered.min(3));
            }
            return Ok(Self { reader, start: start[if bom { 3 } else { 0 }..].to_vec(), encoding: "UTF-8", bom });
        }
        let decoded = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_sniffing(true).strip_bom(true).build(reader);
        let (start, reader) = peek(decoded).map_err(failed)?;
        Ok(Self { reader, start, encoding: encoding.name(), bom: false })
    }
}

/// The first bytes, and a reader of all of them. What breaks off while looking breaks off at the same place when read.
fn peek(mut reader: impl Read + Send + 'static) -> std::io::Result<(Vec<u8>, Box<dyn BufRead + Send>)> {
    let mut start = Vec::new();
    let fault = match (&mut reader).take(PEEK as u64).read_to_end(&mut start) {
        Err(fault) if start.is_empty() => return Err(fault),
        Err(fault) => Some(fault),
        Ok(_) => None,
    };
    let all = Cursor::new(start.clone()).chain(Broken(fault)).chain(reader);
    Ok((start, Box::new(BufReader::with_capacity(1 << 16, all))))
}

/// Fails once, if at all.
struct Broken(Option<std::io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The encoding by its mark, by the zeros of UTF-16, or because nothing in it is valid UTF-8 but ASCII.
fn guess(start: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return encoding;
    }
    let zeros = |odd: usize| start.iter().take(400).skip(odd).step_by(2).filter(|b| **b == 0).count();
    if start.len() >= 8 && zeros(0) + zeros(1) > start.len().min(400) / 4 {
        return if zeros(1) > zeros(0) { UTF_16LE } else { UTF_16BE };
    }
    let json = start.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| matches!(b, b'{' | b'['));
    // The look may end within a character.
    let whole = &start[..if start.len() < PEEK { start.len() } else { start.len() - 4 }];
    let valid = whole.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    let invalid = whole.utf8_chunks().any(|chunk| !chunk.invalid().is_empty());
    if invalid && !valid && !json { WINDOWS_1252 } else { UTF_8 }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let utf16: Vec<u8> = "Tanggal\tIsi\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(guess(&utf16), UTF_16LE);
        assert_eq!(guess(&[b"\xFE\xFF".as_slice(), &utf16].concat()), UTF_16BE);
        assert_eq!(guess(b"id,text\n1,caf\xE9 \x93ya\x94\n"), WINDOWS_1252);
        assert_eq!(guess("id,text\n1,café\n".as_bytes()), UTF_8);
        assert_eq!(guess(b"id,text\n1,caf\xC3\xA9 and caf\xE9\n"), UTF_8);
        assert_eq!(guess(b"{\"text\":\"caf\xE9\"}\n"), UTF_8);
        assert_eq!(guess(b""), UTF_8);
    }
}

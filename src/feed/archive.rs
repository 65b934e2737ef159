//! ZIP archives: the files in them that are feeds, one after another.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use flate2::Crc;
use zip::{CompressionMethod, ZipArchive};

use super::longer::{self, Longer};
use super::{Cut, Feed, Layout, Options, Parse, Raw, Row};
use crate::error::{Error, Result};

/// More files than any export has.
const MOST_FILES: usize = 100_000;

/// The parsers of the files, by their numbers, and what stands in two of them.
struct Parsers {
    files: Vec<(String, Box<dyn Parse>)>,
    longer: Longer,
}

impl Parse for Parsers {
    fn rows(&self, cut: Cut, rows: &mut dyn FnMut(Row)) {
        let (name, parser) = &self.files[cut.file];
        parser.rows(cut, &mut |row| {
            // A table among other files has no columns of the output.
            let raw = if let Raw::Cells { bytes, .. } = row.raw { Raw::Item(bytes) } else { row.raw };
            rows(self.longer.join(Row { post: row.post.map_err(|reason| format!("{name}: {reason}")), raw, ..row }));
        });
    }
}

/// The first bytes of a file, which stay unread; of a pipe, which cannot be rewound, none.
pub(super) fn start(file: &mut fs::File) -> std::io::Result<[u8; 4]> {
    let mut start = [0; 4];
    if file.metadata()?.is_file() {
        let _ = file.read(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
    }
    Ok(start)
}

#[cfg(feature = "xlsx")]
fn workbook(path: &Path, options: &Options) -> Result<Feed> {
    super::sheet::open(path, options)
}

#[cfg(not(feature = "xlsx"))]
fn workbook(_: &Path, _: &Options) -> Result<Feed> {
    Err(Error::new("this is an Excel workbook").remedy("save it as CSV UTF-8, or build netral with --features xlsx"))
}

/// The name of a file inside; some are in no encoding.
fn name(archive: &ZipArchive<fs::File>, number: usize) -> String {
    let name = archive.name_for_index(number).and_then(std::result::Result::ok);
    name.map_or_else(|| format!("file {number}"), std::borrow::Cow::into_owned)
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn damaged(e: zip::result::ZipError) -> Error {
    Error::new(format!("a damaged ZIP archive: {e}")).remedy("get it again")
}

/// A compressed file inside an archive, read without holding the archive.
pub(super) fn entry(archive: &mut ZipArchive<fs::File>, path: &Path, number: usize) -> Result<Option<(String, Box<dyn Read + Send>)>> {
    let inside = archive.by_index_raw(number).map_err(damaged)?;
    if inside.is_dir() || inside.encrypted() {
        return Ok(None);
    }
    let (start, length, method, check) = (inside.data_start(), inside.compressed_size(), inside.compression(), inside.crc32());
    drop(inside);
    let (Some(start), name) = (start, name(archive, number)) else { return Ok(None) };
    let mut file = fs::File::open(path).map_err(|e| Error::io(path, e))?;
    file.seek(SeekFrom::Start(start)).map_err(|e| Error::io(path, e))?;
    let packed = file.take(length);
    Ok(match method {
        CompressionMethod::Stored => Some((name, Box::new(Checked { inner: packed, crc: Crc::new(), check }))),
        CompressionMethod::Deflated => Some((name, Box::new(Checked { inner: flate2::read::DeflateDecoder::new(packed), crc: Crc::new(), check }))),
        _ => None,
    })
}

/// Fails at the end where the bytes are not those that were packed.
struct Checked<R> {
    inner: R,
    crc: Crc,
    check: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.crc.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.crc.sum() != self.check {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "its bytes are damaged"));
        }
        Ok(read)
    }
}

/// Opens every file of an archive that is in a known format, and where there is none, the only one that can be read at all.
pub(super) fn open(path: &Path, options: &Options) -> Result<Feed> {
    let mut archive = ZipArchive::new(fs::File::open(path).map_err(|e| Error::io(path, e))?).map_err(damaged)?;
    if archive.len() > MOST_FILES {
        return Err(Error::new(format!("an archive of {} files", archive.len())).remedy("unpack it and give the feed itself"));
    }
    if (0..archive.len()).any(|n| name(&archive, n) == "xl/workbook.xml") {
        return workbook(path, options);
    }
    let owner = owner(&mut archive, path);
    let mut names: Vec<(String, usize)> = (0..archive.len()).map(|n| (name(&archive, n), n)).collect();
    names.sort();
    let (mut known, mut others, mut left) = (Vec::new(), Vec::new(), 0);
    for (name, number) in names {
        let extension = Path::new(&name).extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
        let readable = ["js", "json", "jsonl", "ndjson", "csv", "tsv", "txt"].contains(&extension.as_str()) && !name.starts_with("__MACOSX");
        let feed = if readable { entry(&mut archive, path, number)?.map(|(_, input)| Feed::read(input, options)) } else { None };
        match feed {
            Some(Ok(feed)) if feed.known => known.push(File { name, number, feed: feed.closed() }),
            Some(Ok(feed)) if others.is_empty() => others.push(File { name, number, feed: feed.closed() }),
            _ => left += 1,
        }
    }
    if known.is_empty() && left == 0 {
        known = others;
    } else {
        left += others.len();
    }
    if known.is_empty() {
        return Err(Error::new("no file in this archive is a feed in a known format").remedy("unpack it and give the one that is"));
    }
    let longer = longer(&mut archive, path, options, &known)?;
    let mut about = vec![("format", format!("ZIP archive, {} of its files read, {left} not", known.len()))];
    let (mut parsers, mut numbers, mut private) = (Vec::new(), Vec::new(), false);
    for File { name, number, mut feed } in known {
        about.push(("file", format!("{}: {}", name.escape_debug(), feed.about[0].1)));
        private |= feed.private;
        feed.parser.owned_by(owner.as_deref());
        numbers.push(number);
        parsers.push((name, feed.parser));
    }
    if longer.count() > 0 {
        about.push(("joined", format!("{} cut tweets with their whole texts", longer.count())));
    }
    // Each file is opened when its turn comes: an archive may have more of them than a process may open.
    let (path, options) = (path.to_owned(), options.clone());
    let source = numbers.into_iter().enumerate().flat_map(move |(file, number)| {
        let opened = entry(&mut archive, &path, number).and_then(|found| match found {
            Some((_, input)) => Feed::read(input, &options),
            None => Err(Error::new("it cannot be unpacked")),
        });
        let cuts: Box<dyn Iterator<Item = Cut> + Send> = match opened {
            Ok(feed) => feed.source,
            Err(e) => Box::new(std::iter::once(Cut::bad(1, Vec::new(), e.to_string()))),
        };
        cuts.map(move |cut| Cut { file, ..cut })
    });
    let mut feed = Feed::new(source, Parsers { files: parsers, longer }, Layout::Posts, Vec::new(), None);
    feed.about = about;
    feed.private = private;
    Ok(feed)
}

/// The whole texts of cut tweets; where there are none, nothing is read for it.
fn longer(archive: &mut ZipArchive<fs::File>, path: &Path, options: &Options, files: &[File]) -> Result<Longer> {
    let mut found = Longer::default();
    if files.iter().any(|file| longer::is_notes(&file.name)) {
        let mut each = |of: fn(&str) -> bool, take: fn(&mut Longer, Feed)| -> Result<()> {
            for file in files.iter().filter(|file| of(&file.name)) {
                if let Some((_, input)) = entry(archive, path, file.number)? {
                    take(&mut found, Feed::read(input, options)?);
                }
            }
            Ok(())
        };
        each(longer::is_notes, Longer::notes)?;
        each(longer::is_tweets, Longer::tweets)?;
    }
    Ok(found)
}

/// A file of an archive that is a feed.
struct File {
    name: String,
    number: usize,
    feed: Feed,
}

/// Whose archive it is, where a file of it tells.
fn owner(archive: &mut ZipArchive<fs::File>, path: &Path) -> Option<String> {
    let number = (0..archive.len()).find(|&n| name(archive, n).ends_with("account.js"))?;
    let (_, input) = entry(archive, path, number).ok()??;
    let mut text = String::new();
    input.take(1 << 20).read_to_string(&mut text).ok()?;
    let data: serde_json::Value = serde_json::from_str(text.split_once('=')?.1).ok()?;
    let account = &data[0]["account"];
    account["username"].as_str().or_else(|| account["accountId"].as_str()).map(str::to_owned)
}

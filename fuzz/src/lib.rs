//! What must hold of any bytes that are read as a feed.

use std::io::{Cursor, Write};
use std::path::Path;

use netral::{Feed, Options};

/// Reads bytes as if they came through a pipe. No row may be longer than the file, and there are never more rows than bytes.
pub fn read(bytes: &[u8], options: &Options) {
    let Ok(feed) = Feed::from_reader(Cursor::new(bytes.to_vec()), Path::new("fuzz"), options) else { return };
    drain(feed, bytes.len());
}

/// Reads bytes as a file, which archives and workbooks must be.
pub fn read_file(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    if let Ok(feed) = Feed::open(file.path(), &Options::default()) {
        drain(feed, usize::MAX);
    }
}

fn drain(feed: Feed, most: usize) {
    let mut rows = 0;
    for row in feed {
        rows += 1;
        assert!(rows <= most.max(1), "more rows than bytes");
        if let Ok(post) = row.post {
            assert!(post.text.len() <= 1 << 20);
        }
    }
}

//! Rows that a library reads out of a file of its own kind, as lines of a table with commas, read while it is written.

use std::io::{Cursor, Error as IoError, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::input::Input;
use super::{Feed, Options, table};
use crate::error::Result;

/// Rows that wait to be read.
const WAITING: usize = 256;

/// Where a thread sends rows.
pub(super) struct Sender(SyncSender<Sent>);

/// A row, the end of all rows, or why there are no more.
type Sent = std::io::Result<Option<Vec<u8>>>;

impl Sender {
    /// Sends a row; whether more are wanted.
    pub(super) fn send(&self, cells: &[String]) -> bool {
        let mut line = Vec::new();
        let mut writer = csv::WriterBuilder::new().from_writer(&mut line);
        let written = writer.write_record(cells).is_ok() && writer.flush().is_ok();
        drop(writer);
        written && self.0.send(Ok(Some(line))).is_ok()
    }
}

/// Opens the table that `send` makes on a thread of its own. Where it fails, the feed breaks off with the reason.
pub(super) fn open<E: std::fmt::Display>(send: impl FnOnce(&Sender) -> std::result::Result<(), E> + Send + 'static, options: &Options) -> Result<Feed> {
    let (to, rows) = sync_channel(WAITING);
    std::thread::spawn(move || {
        let sender = Sender(to);
        let end = send(&sender).map(|()| None).map_err(|fault| IoError::other(fault.to_string()));
        let _ = sender.0.send(end);
    });
    let options = Options { encoding: Some("utf-8".to_owned()), delimiter: Some(b','), ..options.clone() };
    table::open(Input::new(Box::new(Rows { from: rows, row: Cursor::default(), ended: false }), &options)?, &options)
}

struct Rows {
    from: Receiver<Sent>,
    row: Cursor<Vec<u8>>,
    ended: bool,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while !self.ended && self.row.position() == self.row.get_ref().len() as u64 {
            // Without a word on the end, the thread that read the file gave up.
            match self.from.recv().unwrap_or_else(|_| Err(IoError::other("its rows end unexpectedly")))? {
                Some(row) => self.row = Cursor::new(row),
                None => self.ended = true,
            }
        }
        self.row.read(buffer)
    }
}

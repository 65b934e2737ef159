//! What can go wrong, said so that a user can act on it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::text::harmless;

/// A failure with its place and its remedy: which file, which line, what is wrong, what to do.
///
/// `Display` prints `file:line: reason (remedy)`, leaving out what is not known. A reason never contains raw post text, so
/// an error can be printed to a terminal as it is.
#[derive(Debug)]
pub struct Error {
    path: Option<PathBuf>,
    line: Option<u64>,
    reason: String,
    remedy: Option<String>,
    source: Option<std::io::Error>,
}

/// The result type of this crate.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { path: None, line: None, reason: reason.into(), remedy: None, source: None }
    }

    /// A file that cannot be read or written.
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        let mut error = Self::new(source.to_string()).at(path);
        error.source = Some(source);
        error
    }

    /// A text that is no TOML of the shape of `what`, with the line at fault.
    pub(crate) fn toml(what: &str, text: &str, fault: &toml::de::Error) -> Self {
        let error = Self::new(format!("not {what}: {}", fault.message()));
        match fault.span() {
            Some(span) => error.line(text[..span.start.min(text.len())].matches('\n').count() as u64 + 1),
            None => error,
        }
    }

    pub(crate) fn at(mut self, path: &Path) -> Self {
        self.path.get_or_insert_with(|| path.to_owned());
        self
    }

    pub(crate) fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The line of the file at fault, counted from 1, where one is known.
    pub fn line_number(&self) -> Option<u64> {
        self.line
    }

    /// Whether the reader of our output closed it, which is a success.
    pub fn is_broken_pipe(&self) -> bool {
        self.source.as_ref().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}:", harmless(&path.display().to_string()))?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        } else if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.reason)?;
        if let Some(remedy) = &self.remedy {
            write!(f, " ({remedy})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|e| e as _)
    }
}

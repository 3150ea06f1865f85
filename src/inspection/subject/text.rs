//! A text file of the project, with its name in findings.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};

/// A text file of the project.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    /// Its name in findings: its path below the project's folder, with slashes.
    pub(crate) name: String,
    /// Its path in the file system.
    pub(crate) path: PathBuf,
    /// Its text, without a byte order mark. Bytes that are not UTF-8 are replaced.
    pub(crate) text: String,
}

impl TextFile {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read. A pipe or a device is not read: that may wait forever.
    pub(crate) fn read(name: impl Into<String>, path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        if !fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        Ok(Self::of(name, path.clone(), &fs::read(path)?))
    }

    /// Makes a file of its bytes.
    pub(crate) fn of(name: impl Into<String>, path: PathBuf, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        Self { name: name.into(), path, text }
    }

    /// Returns the line around a byte offset of the text.
    pub(crate) fn excerpt(&self, offset: usize) -> Excerpt {
        Excerpt::at(&self.text, offset)
    }

    /// Makes an error at a byte offset of the text.
    pub(crate) fn error(
        &self,
        code: Code,
        offset: usize,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(code, &self.name, message).with_excerpt(self.excerpt(offset))
    }

    /// Makes a warning at a byte offset of the text.
    pub(crate) fn warning(
        &self,
        code: Code,
        offset: usize,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::warning(code, &self.name, message).with_excerpt(self.excerpt(offset))
    }

    /// Makes a note at a byte offset of the text.
    pub(crate) fn note(&self, code: Code, offset: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::note(code, &self.name, message).with_excerpt(self.excerpt(offset))
    }
}

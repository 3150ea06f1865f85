//! A file of the site while it is surveyed: read at most once, and only if something about it is new.

use crate::asset::digest::ContentHash;
use crate::ingest::SourceFile;

/// A file of the site while it is surveyed.
pub(super) struct Reading<'f> {
    pub(super) file: &'f SourceFile,
    hash: Option<ContentHash>,
    bytes: Option<Vec<u8>>,
}

impl<'f> Reading<'f> {
    /// Begins with the hash from an earlier run, if it is known.
    pub(super) fn new(file: &'f SourceFile, hash: Option<ContentHash>) -> Self {
        Self { file, hash, bytes: None }
    }

    /// Returns the bytes, unless they cannot be read. The next stage reports that.
    pub(super) fn bytes(&mut self) -> Option<&[u8]> {
        if self.bytes.is_none() {
            let bytes = self.file.content.read().ok()?;
            // The file may have changed since the earlier run.
            self.hash = Some(ContentHash::of(&bytes));
            self.bytes = Some(bytes);
        }
        self.bytes.as_deref()
    }

    /// Returns the hash of the bytes.
    pub(super) fn hash(&mut self) -> Option<ContentHash> {
        if self.hash.is_none() {
            self.bytes()?;
        }
        self.hash
    }

    /// Returns the hash, if it is known so far.
    pub(super) fn known_hash(&self) -> Option<ContentHash> {
        self.hash
    }
}

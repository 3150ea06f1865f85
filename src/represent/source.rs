//! A packed file that is read only when its bytes are needed.

use std::io;
use std::sync::Arc;

use super::cached::Extent;
use crate::asset::blob::{Blob, BodyFile};
use crate::asset::digest::ContentHash;
use crate::ingest::{FileType, SourceFile};

/// A packed file that is read at most once.
pub(super) struct Source<'s> {
    file: &'s SourceFile,
    /// The hash of the bytes, if they have been read or an earlier run stored it.
    hash: Option<ContentHash>,
    bytes: Option<Vec<u8>>,
}

impl<'s> Source<'s> {
    pub(super) fn new(file: &'s SourceFile, hash: Option<ContentHash>) -> Self {
        Self { file, hash, bytes: None }
    }

    /// Returns the bytes, and keeps them.
    pub(super) fn bytes(&mut self) -> io::Result<&[u8]> {
        match &mut self.bytes {
            Some(bytes) => Ok(bytes),
            none => Ok(none.insert(self.file.content.read()?)),
        }
    }

    /// Returns the media type. The file is read only if its name does not tell the type.
    pub(super) fn media_type(&self) -> io::Result<FileType> {
        match &self.bytes {
            Some(bytes) => self.file.media_type(|| Ok(bytes)),
            None => self.file.media_type(|| self.file.head()),
        }
    }

    /// Returns the hash of the bytes.
    pub(super) fn hash(&mut self) -> io::Result<ContentHash> {
        if let Some(hash) = self.hash {
            return Ok(hash);
        }
        let hash = ContentHash::of(self.bytes()?);
        self.hash = Some(hash);
        Ok(hash)
    }

    /// Returns the hash of the bytes without holding them in memory, unless they are already. A file
    /// that is served as it is may be larger than memory.
    pub(super) fn hash_of_file(&mut self) -> io::Result<ContentHash> {
        if self.hash.is_some() || self.bytes.is_some() {
            return self.hash();
        }
        Ok(ContentHash::of_reader(self.file.content.open()?)?.0)
    }

    /// Returns the bytes.
    pub(super) fn into_bytes(mut self) -> io::Result<Vec<u8>> {
        self.bytes()?;
        Ok(self.bytes.unwrap_or_default())
    }
}

/// Returns the packed file itself as a body.
pub(super) fn as_packed(file: &SourceFile, Extent { hash, len }: Extent) -> Blob {
    Blob::in_file(hash, len, Arc::new(BodyFile::packed(file.content.clone())), 0)
}

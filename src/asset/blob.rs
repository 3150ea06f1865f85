//! Bodies of representations, identified by their hash and read only when they are needed.
//!
//! A site may be larger than memory, so a pack holds only references to bodies. A body is hashed
//! again whenever it is read, and any difference is an error.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use crate::asset::digest::ContentHash;
use crate::coding::decode_brotli;
use crate::disk::FileIn;
use crate::feedback::error::PackError;

/// A reference to bytes, with their hash and length. Two blobs are equal if their hashes are.
#[derive(Clone)]
pub struct Blob {
    hash: ContentHash,
    len: usize,
    place: Place,
}

/// The place of a blob's bytes.
#[derive(Clone)]
enum Place {
    /// In memory.
    Memory(Arc<[u8]>),
    /// In a file, from this offset in bytes.
    File(Arc<BodyFile>, u64),
    /// In the decoded form of this Brotli body.
    Decoded(Arc<Blob>),
}

/// A file that contains bodies.
#[derive(Debug)]
pub(crate) struct BodyFile {
    file: FileIn,
    /// A shared lock that protects a cache file from being removed.
    _lock: Option<Arc<File>>,
}

impl BodyFile {
    /// Returns a file of the site, whose bytes are a single body.
    pub(crate) fn packed(file: FileIn) -> Self {
        Self { file, _lock: None }
    }

    /// Returns a file of the cache, which exists as long as `lock` is held.
    pub(crate) fn cached(file: FileIn, lock: Arc<File>) -> Self {
        Self { file, _lock: Some(lock) }
    }

    fn open(&self) -> io::Result<File> {
        self.file.open()
    }
}

impl Blob {
    /// Creates a blob of bytes in memory.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self { hash: ContentHash::of(&bytes), len: bytes.len(), place: Place::Memory(bytes) }
    }

    /// Creates a blob of the bytes from offset `start` of a file.
    pub(crate) fn in_file(hash: ContentHash, len: usize, file: Arc<BodyFile>, start: u64) -> Self {
        Self { hash, len, place: Place::File(file, start) }
    }

    /// Creates a blob of the bytes that a Brotli body decodes to.
    pub(crate) fn decoded_from(hash: ContentHash, len: usize, brotli: &Self) -> Self {
        Self { hash, len, place: Place::Decoded(Arc::new(brotli.clone())) }
    }

    /// Returns the hash of the bytes.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the bytes.
    ///
    /// # Errors
    /// If they are in a file that cannot be read, or that has changed since it was packed.
    pub fn read(&self) -> Result<Arc<[u8]>, PackError> {
        match &self.place {
            Place::Memory(bytes) => Ok(Arc::clone(bytes)),
            Place::File(file, start) => {
                let bytes = read_part(file, *start, self.len);
                let bytes = bytes.map_err(|source| self.lost(source))?;
                self.checked(bytes).ok_or_else(|| self.lost(io::ErrorKind::InvalidData.into()))
            }
            Place::Decoded(brotli) => {
                let bytes = decode_brotli(&brotli.read()?, self.len);
                bytes
                    .and_then(|bytes| self.checked(bytes))
                    .ok_or_else(|| self.lost(io::ErrorKind::InvalidData.into()))
            }
        }
    }

    /// Opens the file that contains the bytes as they are. Returns it with their offset in it, or none
    /// if they are not in a file.
    pub(crate) fn open_file(&self) -> Option<io::Result<(File, u64)>> {
        match &self.place {
            Place::File(file, start) => Some(file.open().map(|opened| (opened, *start))),
            Place::Memory(_) | Place::Decoded(_) => None,
        }
    }

    /// Describes a failure to read the bytes.
    pub(crate) fn lost(&self, source: io::Error) -> PackError {
        match &self.place {
            Place::Memory(_) => PackError::BodyLost { path: PathBuf::new(), source },
            Place::File(file, _) => PackError::BodyLost { path: file.file.path(), source },
            Place::Decoded(brotli) => brotli.lost(source),
        }
    }

    /// Returns bytes if they have the blob's hash.
    fn checked(&self, bytes: Vec<u8>) -> Option<Arc<[u8]>> {
        (ContentHash::of(&bytes) == self.hash).then(|| bytes.into())
    }
}

fn read_part(file: &BodyFile, start: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut file = file.open()?;
    // Most files are read from the start, where seeking would be a wasted system call.
    if start > 0 {
        file.seek(SeekFrom::Start(start))?;
    }
    let mut bytes = Vec::with_capacity(len);
    file.take(len as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Blob {}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({}, {} bytes)", self.hash, self.len)
    }
}

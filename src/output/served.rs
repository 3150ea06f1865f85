//! The target [`Target::Memory`](super::Target::Memory): a table to answer requests from in this
//! process. Large bodies stay on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use worker_pack_runtime::Table;
use worker_pack_runtime::packer::{BinaryTable, Modules};

use super::routed::first_of_server;
use super::table_binary::render_with_bodies;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::cache::{FileState, now};
use crate::feedback::error::PackError;
use crate::ingest::Site;
use crate::tabulate::AssetTable;

/// The number of bytes that a table holds in memory at most, the smallest bodies first. A site of that
/// size is still served while its folder is emptied and built again.
const HELD: usize = 64 * 1024 * 1024;

/// The size in bytes up to which a body is read as a whole.
const WHOLE: usize = 256 * 1024;

/// A table in the runtime's format, with references to its bodies.
///
/// Bodies of 64 MiB in all are held in memory, the smallest first. The others are read from the site or
/// the cache for each reply. A reply with other bytes than those that were packed is an error, unless they
/// change within the resolution of the file system's clock while they are read.
#[derive(Debug)]
pub struct ServedTable {
    bytes: Vec<u8>,
    bodies: Vec<ServedBody>,
}

/// A body of a [`ServedTable`].
#[derive(Debug)]
pub struct ServedBody {
    blob: Blob,
    /// The bytes, if the table holds them.
    held: Option<Arc<[u8]>>,
    /// A state of the file in which it contains the body for certain.
    known: Mutex<Option<FileState>>,
}

/// A body that is open for reading.
#[derive(Debug)]
pub struct OpenBody {
    blob: Blob,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Held(Arc<[u8]>),
    /// A file that contains the body from `start` as long as it has this state.
    File {
        file: File,
        start: u64,
        state: FileState,
    },
}

impl ServedTable {
    /// Makes the table. Bodies that an earlier table holds are shared and not read again.
    pub(crate) fn new(
        table: &AssetTable,
        site: &Site,
        earlier: Option<&Self>,
    ) -> Result<Self, PackError> {
        Self::holding(HELD, table, site, earlier)
    }

    fn holding(
        limit: usize,
        table: &AssetTable,
        site: &Site,
        earlier: Option<&Self>,
    ) -> Result<Self, PackError> {
        let (bytes, blobs) = render_with_bodies(table);
        let held = smallest(&blobs, limit);
        let states = settled_states(table, site);
        let earlier: BTreeMap<ContentHash, &ServedBody> = earlier
            .map(|table| table.bodies.iter().map(|body| (body.blob.hash(), body)).collect())
            .unwrap_or_default();
        let body = |blob: &Blob| {
            let (hash, earlier) = (blob.hash(), earlier.get(&blob.hash()));
            let held = match earlier.and_then(|earlier| earlier.held.as_ref()) {
                _ if !held.contains(&hash) => None,
                Some(bytes) => Some(Arc::clone(bytes)),
                None => Some(blob.read()?),
            };
            let known = states.get(&hash).copied();
            let known = known.or_else(|| earlier.and_then(|earlier| earlier.known()));
            Ok(ServedBody { blob: blob.clone(), held, known: Mutex::new(known) })
        };
        let bodies = blobs.into_iter().map(body).collect::<Result<_, PackError>>()?;
        Ok(Self { bytes, bodies })
    }

    /// Returns the table. The body of a reply is an index into [`ServedTable::bodies`] and a range of
    /// that body.
    pub fn table(&self) -> Table<'_> {
        let binary = BinaryTable::read(&self.bytes, Modules::Host);
        Table::from_binary(binary.expect("it was rendered as a binary table"))
    }

    /// Returns the path of the first asset that is left to the site's server.
    pub fn first_of_server(&self) -> Option<String> {
        first_of_server(&self.table()).map(|asset| asset.path().to_owned())
    }

    /// Returns the table in its binary format.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bodies.
    pub fn bodies(&self) -> &[ServedBody] {
        &self.bodies
    }
}

/// Chooses the smallest bodies that have at most `limit` bytes together.
fn smallest(blobs: &[&Blob], limit: usize) -> BTreeSet<ContentHash> {
    let mut sizes: Vec<_> = blobs.iter().map(|blob| (blob.len(), blob.hash())).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut total = 0_usize;
    let fits = |(len, _): &(usize, ContentHash)| {
        total = total.saturating_add(*len);
        total <= limit
    };
    sizes.into_iter().take_while(fits).map(|(_, hash)| hash).collect()
}

/// Returns the states of the site's files by the hashes of their bodies, unless a later change might
/// have left the state the same.
fn settled_states(table: &AssetTable, site: &Site) -> BTreeMap<ContentHash, FileState> {
    let is_settled = |state: &FileState| state.is_settled(site.looked_at);
    let files = site.files.iter().map(|file| (&*file.name, file.state));
    let states: BTreeMap<&str, FileState> = files.filter(|(_, state)| is_settled(state)).collect();
    let state = |name: &str| states.get(name).copied();
    table
        .entries()
        .iter()
        .filter_map(|entry| Some((entry.identity.hash(), state(&entry.name)?)))
        .collect()
}

impl ServedBody {
    /// Returns the reference to the body.
    pub fn blob(&self) -> &Blob {
        &self.blob
    }

    /// Opens the body. It is compared with its hash, unless its file is known to be unchanged.
    ///
    /// # Errors
    /// If its file cannot be read, or has changed since it was packed.
    pub fn open(&self) -> Result<OpenBody, PackError> {
        let large = || if self.blob.len() > WHOLE { self.blob.open_file() } else { None };
        let source = if let Some(bytes) = &self.held {
            Source::Held(Arc::clone(bytes))
        } else if let Some(opened) = large() {
            let checked = opened.and_then(|(file, start)| self.checked(file, start));
            checked.map_err(|source| self.blob.lost(source))?
        } else {
            Source::Held(self.blob.read()?)
        };
        Ok(OpenBody { blob: self.blob.clone(), source })
    }

    fn checked(&self, file: File, start: u64) -> io::Result<Source> {
        let looked_at = now();
        let state = state_of(&file)?;
        if self.known() != Some(state) {
            let mut reader = &file;
            reader.seek(SeekFrom::Start(start))?;
            let (hash, _) = ContentHash::of_reader(reader.take(self.blob.len() as u64))?;
            if hash != self.blob.hash() || state_of(&file)? != state {
                return Err(changed());
            }
            if state.is_settled(looked_at) {
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
            }
        }
        Ok(Source::File { file, start, state })
    }

    fn known(&self) -> Option<FileState> {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenBody {
    /// Returns all bytes, if they are in memory.
    pub fn held(&self) -> Option<&Arc<[u8]>> {
        match &self.source {
            Source::Held(bytes) => Some(bytes),
            Source::File { .. } => None,
        }
    }

    /// Reads a part of the body, which must lie within it.
    ///
    /// # Errors
    /// If its file cannot be read, or has changed since it was packed.
    pub fn read(&self, part: Range<usize>) -> Result<Vec<u8>, PackError> {
        self.read_part(part).map_err(|source| self.blob.lost(source))
    }

    fn read_part(&self, part: Range<usize>) -> io::Result<Vec<u8>> {
        let (file, start, state) = match &self.source {
            Source::Held(bytes) => {
                return bytes.get(part).map(<[u8]>::to_vec).ok_or_else(changed);
            }
            Source::File { file, start, state } => (file, start, state),
        };
        let mut reader = file;
        reader.seek(SeekFrom::Start(start + part.start as u64))?;
        let mut bytes = vec![0; part.len()];
        reader.read_exact(&mut bytes)?;
        // Asked after reading, since a change may come at any moment before.
        if state_of(file)? == *state { Ok(bytes) } else { Err(changed()) }
    }
}

fn state_of(file: &File) -> io::Result<FileState> {
    Ok(FileState::of(&file.metadata()?))
}

fn changed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests;

//! The cache of results from earlier runs, each under the hash of everything it depends on.
//!
//! Many processes can use a cache at once. A result is written to a temporary file and renamed. Each
//! process holds a shared lock on the cache while it uses it; removing results takes an exclusive one.
//!
//! A cache is not trusted, since it may have been restored from elsewhere. A result is checked against
//! what is known about it, and counts as missing if it is damaged, forged or too large. The folder
//! belongs to the user alone, and no link in it is followed.

mod entry;
mod folder;
mod key;
mod known_files;
mod location;
mod seal;
mod state;
mod sweep;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use bytesize::ByteSize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::printable::PrintablePath;
pub(crate) use entry::Entry;
use folder::Store;
pub(crate) use key::CacheKey;
pub(crate) use known_files::KnownFiles;
pub use location::CacheLocation;
pub(crate) use seal::{seal, unseal};
pub(crate) use state::{FileState, now};
pub use sweep::{CacheStats, clean, stats};

/// Default maximum size of a cache.
pub(crate) const DEFAULT_SIZE: ByteSize = ByteSize::gb(1);

/// Maximum size of the metadata of a result, and of a memory, in bytes.
const MAX_META_LEN: usize = 1024 * 1024;
const MAX_MEMORY_LEN: usize = 512 * 1024 * 1024;

/// An open cache, which may be unusable or absent: then it stores nothing.
#[derive(Debug)]
pub(crate) struct Cache {
    store: Option<Store>,
    /// The message of the first failure.
    failure: OnceLock<String>,
    /// The number of bytes written by this run.
    written: AtomicU64,
    /// The number of damaged results found by this run.
    damaged: AtomicUsize,
    /// True while everything in the cache counts as missing.
    is_distrusted: AtomicBool,
}

impl Cache {
    /// Opens the cache in a folder, which is created if it is missing. Without a folder, or if it
    /// cannot be used, the cache stores nothing; [`Cache::diagnostics`] reports a failure.
    ///
    /// If the cache is larger than `size`, the least recently used results are removed first.
    pub(crate) fn open(folder: Option<&Path>, size: ByteSize) -> Self {
        let mut cache = Self {
            store: None,
            failure: OnceLock::new(),
            written: AtomicU64::new(0),
            damaged: AtomicUsize::new(0),
            is_distrusted: AtomicBool::new(false),
        };
        match folder.map(|folder| Store::open(folder, size)).transpose() {
            Ok(store) => cache.store = store,
            Err(error) => {
                let folder = PrintablePath(folder.unwrap_or(Path::new("")));
                cache.fail(format!("cannot use `{folder}`: {error}"));
            }
        }
        cache
    }

    /// Returns a result that passes a check of its metadata and its bodies. `max_len` is the greatest
    /// possible size of the bodies and of what the metadata quotes, in bytes.
    ///
    /// A result that does not pass counts as missing. The caller makes it anew and stores it in its
    /// place.
    pub(crate) fn get<M: DeserializeOwned>(
        &self,
        key: CacheKey,
        max_len: usize,
        is_valid: impl FnOnce(&M, &[u8]) -> bool,
    ) -> Option<Entry<M>> {
        let store = self.readable()?;
        let path = key.path();
        let file = store.open_result(&path)?;
        let entry = read_limited(&file, max_len.saturating_add(MAX_META_LEN)).and_then(|bytes| {
            let (meta, len, bodies) = entry::decode::<M>(key, &bytes)?;
            is_valid(&meta, bodies).then(|| Entry::new(meta, store.body_file(&path), len))
        });
        match &entry {
            Some(_) => store.mark_used(&path, &file),
            None => drop(self.damaged.fetch_add(1, Ordering::Relaxed)),
        }
        entry
    }

    /// Returns a result that consists of metadata only.
    pub(crate) fn get_meta<M: DeserializeOwned>(
        &self,
        key: CacheKey,
        max_len: usize,
        is_valid: impl FnOnce(&M) -> bool,
    ) -> Option<M> {
        let is_valid = |meta: &M, bodies: &[u8]| bodies.is_empty() && is_valid(meta);
        self.get(key, max_len, is_valid).map(|entry| entry.meta)
    }

    /// Stores a result, and returns it as [`Cache::get`] would.
    ///
    /// # Errors
    /// Returns `meta` if the cache stores nothing.
    pub(crate) fn put<M: Serialize>(
        &self,
        key: CacheKey,
        meta: M,
        bodies: &[&[u8]],
    ) -> Result<Entry<M>, M> {
        let Some(store) = self.usable() else { return Err(meta) };
        let (bytes, len) = entry::encode(key, &meta, bodies);
        if !self.write(store, key, &[&bytes]) {
            return Err(meta);
        }
        Ok(Entry::new(meta, store.body_file(&key.path()), len))
    }

    /// Returns bytes stored by [`Cache::put_bytes`] under this key. They are not checked for damage.
    pub(crate) fn get_bytes(&self, key: CacheKey) -> Option<Vec<u8>> {
        let store = self.readable()?;
        let mut bytes = read_limited(&store.open_result(&key.path())?, MAX_MEMORY_LEN)?;
        if !bytes.starts_with(key.as_bytes()) {
            return None;
        }
        Some(bytes.split_off(key.as_bytes().len()))
    }

    /// Stores bytes after their key, without a hash. The caller must be able to detect damage.
    pub(crate) fn put_bytes(&self, key: CacheKey, bytes: &[u8]) {
        if let Some(store) = self.usable() {
            self.write(store, key, &[key.as_bytes(), bytes]);
        }
    }

    /// Returns whether results are kept from one run to the next.
    pub(crate) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Returns whether a file is one of the cache.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.store.as_ref().is_some_and(|store| path.starts_with(store.path()))
    }

    /// Does something while everything in the cache counts as missing, and is replaced.
    pub(crate) fn without_results<T>(&self, action: impl FnOnce() -> T) -> T {
        self.is_distrusted.store(true, Ordering::Relaxed);
        let result = action();
        self.is_distrusted.store(false, Ordering::Relaxed);
        result
    }

    /// Returns the folder, unless what it contains is not to be used.
    fn readable(&self) -> Option<&Store> {
        self.store.as_ref().filter(|_| !self.is_distrusted.load(Ordering::Relaxed))
    }

    /// Returns the folder, unless writing to it has failed before.
    fn usable(&self) -> Option<&Store> {
        self.store.as_ref().filter(|_| self.failure.get().is_none())
    }

    /// Writes a file, and returns whether that succeeded. A failure is recorded.
    fn write(&self, store: &Store, key: CacheKey, parts: &[&[u8]]) -> bool {
        match store.write(&key.path(), parts) {
            Ok(()) => {
                let len: usize = parts.iter().map(|part| part.len()).sum();
                self.written.fetch_add(len as u64, Ordering::Relaxed);
                true
            }
            Err(error) => {
                let folder = PrintablePath(store.path());
                self.fail(format!("cannot write to `{folder}`: {error}"));
                false
            }
        }
    }

    fn fail(&self, message: String) {
        // Only the first failure is reported, because the others follow from it.
        let _ = self.failure.set(message);
    }

    /// Returns notes about failures and damaged results. Neither fails a pack: its output is the same
    /// without a cache.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        let note = |code, message: String| Diagnostic::note(code, "cache", message);
        let failure = self.failure.get().map(|message| {
            note(Code::CacheUnusable, message.clone()).with_help(
                "the pack is complete, but takes more time and memory; set `cache-dir` to another \
                 folder",
            )
        });
        let damaged = match self.damaged.load(Ordering::Relaxed) {
            0 => None,
            1 => Some("rebuilt 1 damaged cache entry".to_owned()),
            count => Some(format!("rebuilt {count} damaged cache entries")),
        };
        let damaged = damaged.map(|message| note(Code::CacheDamagedResults, message));
        failure.into_iter().chain(damaged).collect()
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        // Once a run, so that writing a result costs no second write.
        if let Some(store) = &self.store {
            sweep::add_to_size(store.folder(), *self.written.get_mut());
        }
    }
}

/// Reads a file of at most `max_len` bytes.
fn read_limited(mut file: &File, max_len: usize) -> Option<Vec<u8>> {
    let len = usize::try_from(file.metadata().ok()?.len()).ok().filter(|len| *len <= max_len)?;
    let mut bytes = Vec::with_capacity(len);
    // It may grow meanwhile.
    file.by_ref().take(len as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

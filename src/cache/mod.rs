//! The cache of results from earlier runs, each under the hash of everything it depends on.
//!
//! Many processes can use a cache at once. A result is written to a temporary file and renamed. It
//! contains a hash of itself, and a damaged one counts as missing. Each process holds a shared lock
//! on the cache while it uses it; removing results takes an exclusive one.

mod entry;
mod key;
mod known_files;
mod location;
mod state;
mod sweep;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use bytesize::ByteSize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::asset::blob::BodyFile;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
pub(crate) use entry::Entry;
pub(crate) use key::CacheKey;
pub(crate) use known_files::KnownFiles;
pub use location::CacheLocation;
pub(crate) use state::{FileState, now};
pub use sweep::{CacheStats, clean, stats};

/// Subfolder of this version of the folder's layout, which contains all files below.
const VERSION: &str = "v1";

/// The file that processes lock while they use the cache.
const LOCK: &str = "lock";

/// Subfolder of the results.
const RESULTS: &str = "results";

/// The file with the estimated size of all results, in bytes.
const SIZE: &str = "size";

/// Prefix of unfinished files.
const UNFINISHED_PREFIX: &str = ".";

/// Name and content of a file by which backup programs recognise caches.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of worker-pack: `worker-pack cache clean` empties it.\n",
);

/// Default maximum size of a cache.
pub(crate) const DEFAULT_SIZE: ByteSize = ByteSize::gb(1);

/// Minimum time between two updates of a result's last use. Updating it at every use would cost more
/// than it gains.
const USE_INTERVAL: Duration = Duration::from_hours(24);

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
}

/// The folder of a cache in use.
#[derive(Debug)]
struct Store {
    folder: PathBuf,
    lock: Arc<File>,
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
        };
        match folder.map(|folder| Store::open(folder, size)).transpose() {
            Ok(store) => cache.store = store,
            Err(error) => {
                let folder = folder.unwrap_or(Path::new("")).display();
                cache.fail(format!("cannot use `{folder}`: {error}"));
            }
        }
        cache
    }

    /// Returns a result, without reading its bodies.
    pub(crate) fn get<M: DeserializeOwned>(&self, key: CacheKey) -> Option<Entry<M>> {
        let store = self.store.as_ref()?;
        let path = store.path(key);
        let bytes = fs::read(&path).ok()?;
        let Some((meta, len)) = entry::decode(&bytes) else {
            self.damaged.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        mark_used(&path);
        Some(Entry::new(meta, store.body_file(path), len))
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
        let (bytes, len) = entry::encode(&meta, bodies);
        if !self.write(store, key, &bytes) {
            return Err(meta);
        }
        Ok(Entry::new(meta, store.body_file(store.path(key)), len))
    }

    /// Returns bytes stored by [`Cache::put_bytes`]. They are not checked for damage.
    pub(crate) fn get_bytes(&self, key: CacheKey) -> Option<Vec<u8>> {
        fs::read(self.store.as_ref()?.path(key)).ok()
    }

    /// Stores bytes as they are, without a hash. The caller must be able to detect damage.
    pub(crate) fn put_bytes(&self, key: CacheKey, bytes: &[u8]) {
        if let Some(store) = self.usable() {
            self.write(store, key, bytes);
        }
    }

    /// Returns the folder, unless writing to it has failed before.
    fn usable(&self) -> Option<&Store> {
        self.store.as_ref().filter(|_| self.failure.get().is_none())
    }

    /// Writes a file, and returns whether that succeeded. A failure is recorded.
    fn write(&self, store: &Store, key: CacheKey, bytes: &[u8]) -> bool {
        match store.write(key, bytes) {
            Ok(()) => {
                self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                true
            }
            Err(error) => {
                let folder = store.folder.display();
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
            sweep::add_to_size(&store.folder, *self.written.get_mut());
        }
    }
}

impl Store {
    /// Creates or opens the folder, sweeps it if that is due, and locks it.
    fn open(folder: &Path, size: ByteSize) -> io::Result<Self> {
        let own = folder.join(VERSION);
        fs::create_dir_all(own.join(RESULTS))?;
        let (tag, text) = TAG;
        if !folder.join(tag).exists() {
            fs::write(folder.join(tag), text)?;
        }
        let lock = lock_file(&own)?;
        // If another process uses the cache, a later run sweeps.
        if sweep::is_due(&own, size) && lock.try_lock().is_ok() {
            sweep::sweep(&own, size)?;
            lock.unlock()?;
        }
        // Another process may sweep in between, which is harmless: no result is in use yet.
        lock.lock_shared()?;
        Ok(Self { folder: own, lock: Arc::new(lock) })
    }

    /// Returns the path of a result's file.
    fn path(&self, key: CacheKey) -> PathBuf {
        self.folder.join(RESULTS).join(key.path())
    }

    fn body_file(&self, path: PathBuf) -> Arc<BodyFile> {
        Arc::new(BodyFile::cached(path, Arc::clone(&self.lock)))
    }

    /// Writes a file so that other processes see all of it or nothing.
    fn write(&self, key: CacheKey, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&path);
        let mut options = tempfile::Builder::new();
        options.prefix(UNFINISHED_PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Temporary files are private by default, but results get the usual permissions.
            options.permissions(fs::Permissions::from_mode(0o666));
        }
        // In the folder of the result itself, because Linux locks the whole file system to rename a
        // file from one folder to another.
        let mut file = options.tempfile_in(folder).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                options.tempfile_in(folder)
            }
            _ => Err(error),
        })?;
        file.write_all(bytes)?;
        file.persist(&path).map(drop).map_err(|failed| failed.error)
    }
}

/// Opens the lock file of a cache, and creates it if it is missing.
fn lock_file(own: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).open(own.join(LOCK))
}

/// Updates the last use of a result for [`sweep`], by setting the modification time of its file.
fn mark_used(path: &Path) {
    let now = now();
    let is_recent = |used: SystemTime| now.duration_since(used).is_ok_and(|age| age < USE_INTERVAL);
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    if !modified.is_ok_and(is_recent) {
        // If this fails, the result may only be swept earlier.
        let _ = File::options().write(true).open(path).and_then(|file| file.set_modified(now));
    }
}

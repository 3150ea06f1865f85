//! Results that are kept from one run to the next, under the hash of all that they are made of.
//!
//! The cache may be used by many processes at once. A result is written beside its place and renamed
//! into it, and carries a hash of itself; what is damaged counts as missing. Who uses a cache holds a
//! shared lock of it, and only who has it to itself removes anything.

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
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::stage::Stage;
pub(crate) use entry::Entry;
pub(crate) use key::CacheKey;
pub(crate) use known_files::KnownFiles;
pub use location::CacheLocation;
pub(crate) use state::{FileState, now};
pub use sweep::{CacheStats, clean, stats};

/// The version of the layout of the folder.
const VERSION: &str = "v1";

/// Held, shared, by whoever uses the cache.
const LOCK: &str = "lock";

/// What [`VERSION`] has: results, and how large they are by estimate.
const RESULTS: &str = "results";
const SIZE: &str = "size";

/// What the names of files begin with that are being written.
const UNFINISHED: &str = ".";

/// Tells programs that make backups what the folder is.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of worker-pack: `worker-pack cache clean` empties it.\n",
);

/// How large a cache may become if nobody says.
pub(crate) const DEFAULT_SIZE: ByteSize = ByteSize::gb(1);

/// How long a result counts as used just now: not every use is worth a write.
const RECENT: Duration = Duration::from_hours(24);

/// The results of earlier runs, and where those of this one go.
#[derive(Debug)]
pub(crate) struct Cache {
    store: Option<Store>,
    /// What went wrong first.
    failure: OnceLock<String>,
    written: AtomicU64,
    /// Results that were found damaged.
    damaged: AtomicUsize,
}

/// The folder of a cache, in use.
#[derive(Debug)]
struct Store {
    folder: PathBuf,
    lock: Arc<File>,
}

impl Cache {
    /// Opens a cache, and makes its folder if need be. One that cannot be used keeps nothing, and
    /// [`Cache::diagnostic`] says why.
    ///
    /// If there is more in it than `size`, what was not used for the longest time is removed first.
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
                cache.fail(format!("`{folder}` cannot be used: {error}"));
            }
        }
        cache
    }

    /// Returns a result and where its bodies are.
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

    /// Keeps a result. Returns it as [`Cache::get`] will, or gives it back where nothing is kept.
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

    /// Returns bytes that have no bodies, and are not checked.
    pub(crate) fn get_bytes(&self, key: CacheKey) -> Option<Vec<u8>> {
        fs::read(self.store.as_ref()?.path(key)).ok()
    }

    pub(crate) fn put_bytes(&self, key: CacheKey, bytes: &[u8]) {
        if let Some(store) = self.usable() {
            self.write(store, key, bytes);
        }
    }

    /// Returns the folder, unless it has turned out not to take anything.
    fn usable(&self) -> Option<&Store> {
        self.store.as_ref().filter(|_| self.failure.get().is_none())
    }

    fn write(&self, store: &Store, key: CacheKey, bytes: &[u8]) -> bool {
        match store.write(key, bytes) {
            Ok(()) => {
                self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                true
            }
            Err(error) => {
                let folder = store.folder.display();
                self.fail(format!("`{folder}` cannot be written: {error}"));
                false
            }
        }
    }

    fn fail(&self, message: String) {
        // The first failure is what led to the others.
        let _ = self.failure.set(message);
    }

    /// Returns what there is to say about the cache. A pack without one is as good, and slower.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        let note = |message: String| Diagnostic::note(Stage::Check, "cache", message);
        let failure = self.failure.get().map(|message| {
            note(message.clone()).with_help(
                "nothing is lost but time and memory; `--cache-dir` names another folder",
            )
        });
        let damaged = self.damaged.load(Ordering::Relaxed);
        let damaged =
            (damaged > 0).then(|| note(format!("{damaged} results were damaged, and made anew")));
        failure.into_iter().chain(damaged).collect()
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        if let Some(store) = &self.store {
            sweep::add_to_size(&store.folder, *self.written.get_mut());
        }
    }
}

impl Store {
    fn open(folder: &Path, size: ByteSize) -> io::Result<Self> {
        let own = folder.join(VERSION);
        fs::create_dir_all(own.join(RESULTS))?;
        let (tag, text) = TAG;
        if !folder.join(tag).exists() {
            fs::write(folder.join(tag), text)?;
        }
        let lock = lock_file(&own)?;
        if sweep::is_due(&own, size) && lock.try_lock().is_ok() {
            sweep::sweep(&own, size)?;
            lock.unlock()?;
        }
        lock.lock_shared()?;
        Ok(Self { folder: own, lock: Arc::new(lock) })
    }

    fn path(&self, key: CacheKey) -> PathBuf {
        self.folder.join(RESULTS).join(key.path())
    }

    fn body_file(&self, path: PathBuf) -> Arc<BodyFile> {
        Arc::new(BodyFile::kept(path, Arc::clone(&self.lock)))
    }

    fn write(&self, key: CacheKey, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&path);
        let mut options = tempfile::Builder::new();
        options.prefix(UNFINISHED);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As usual, and not as for secrets.
            options.permissions(fs::Permissions::from_mode(0o666));
        }
        // In the same folder, since renaming within one is cheaper for all who do.
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

fn lock_file(own: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).open(own.join(LOCK))
}

/// Notes that a result was used, for [`sweep`]. That it cannot be noted does no harm.
fn mark_used(path: &Path) {
    let now = now();
    let is_recent = |used: SystemTime| now.duration_since(used).is_ok_and(|age| age < RECENT);
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    if !modified.is_ok_and(is_recent) {
        let _ = File::options().write(true).open(path).and_then(|file| file.set_modified(now));
    }
}

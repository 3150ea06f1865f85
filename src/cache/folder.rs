//! The folder of a cache: who may use it, and its files.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytesize::ByteSize;

use super::{now, sweep};
use crate::asset::blob::BodyFile;
use crate::disk::{Access, FileIn, Folder};
use crate::feedback::printable::PrintablePath;

/// Subfolder of this version of the folder's layout, which contains all files below.
const VERSION: &str = "v1";

/// The file that processes lock while they use the cache.
const LOCK: &str = "lock";

/// Subfolder of the results.
pub(super) const RESULTS: &str = "results";

/// Name and content of a file by which backup programs recognise caches.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of worker-pack: `worker-pack cache clean` empties it.\n",
);

/// Minimum time between two updates of a result's last use. Updating it at every use would cost more
/// than it gains.
const USE_INTERVAL: Duration = Duration::from_hours(24);

/// The folder of a cache in use.
#[derive(Debug)]
pub(super) struct Store {
    folder: Arc<Folder>,
    lock: Arc<File>,
}

impl Store {
    /// Creates or opens the folder, sweeps it if that is due, and locks it.
    pub(super) fn open(folder: &Path, size: ByteSize) -> io::Result<Self> {
        let own = create(folder)?;
        own.create_folder(RESULTS, Access::Private)?;
        let lock = lock_file(&own)?;
        // If another process uses the cache, a later run sweeps.
        if sweep::is_due(&own, size) && lock.try_lock().is_ok() {
            sweep::sweep(&own, size)?;
            lock.unlock()?;
        }
        // Another process may sweep in between, which is harmless: no result is in use yet.
        lock.lock_shared()?;
        Ok(Self { folder: Arc::new(own), lock: Arc::new(lock) })
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the file of a result. `path` is that of a key.
    pub(super) fn open_result(&self, path: &str) -> Option<File> {
        self.folder.file(below(path)).ok()
    }

    pub(super) fn body_file(&self, path: &str) -> Arc<BodyFile> {
        let file = FileIn::new(&self.folder, below(path));
        Arc::new(BodyFile::cached(file, Arc::clone(&self.lock)))
    }

    /// Writes a file so that other processes see all of it or nothing.
    pub(super) fn write(&self, path: &str, parts: &[&[u8]]) -> io::Result<()> {
        self.folder.write_whole(&below(path), parts, Access::Private)
    }

    /// Updates the last use of a result for [`sweep`], by setting the modification time of its file.
    pub(super) fn mark_used(&self, path: &str, file: &File) {
        let now = now();
        let is_recent =
            |used: SystemTime| now.duration_since(used).is_ok_and(|age| age < USE_INTERVAL);
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        if !modified.is_ok_and(is_recent) {
            // If this fails, the result may only be swept earlier.
            let writable = self.folder.file_to_write(below(path));
            let _ = writable.and_then(|file| file.set_modified(now));
        }
    }
}

/// Returns the path of a result's file below the folder of the cache.
fn below(path: &str) -> String {
    format!("{RESULTS}/{path}")
}

/// Opens a cache's folder of this version, unless it is missing.
pub(super) fn open_existing(folder: &Path) -> io::Result<Option<Folder>> {
    match Folder::open(folder).and_then(|folder| folder.folder(VERSION)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        own => own.map(Some),
    }
}

/// Opens a cache's folder of this version, and creates it if it is missing. Other users can neither
/// read nor write it.
fn create(folder: &Path) -> io::Result<Folder> {
    if !folder.exists()
        && let (Some(parent), Some(name)) = (folder.parent(), folder.file_name())
    {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        fs::create_dir_all(parent)?;
        Folder::open(parent)?.create_folder(name, Access::Private)?;
    }
    let named = Folder::open(folder)?;
    refuse_foreign(&named)?;
    let (tag, text) = TAG;
    if named.kind(tag)?.is_none() {
        named.create(tag, Access::Usual)?.write_all(text.as_bytes())?;
    }
    named.create_folder(VERSION, Access::Private)?;
    let own = named.folder(VERSION)?;
    refuse_foreign(&own)?;
    own.make_private()?;
    Ok(own)
}

/// Refuses a folder of another user, who could exchange its files at any time.
fn refuse_foreign(folder: &Folder) -> io::Result<()> {
    let Some(owner) = folder.other_owner()? else { return Ok(()) };
    let folder = PrintablePath(folder.path());
    let message = format!(
        "`{folder}` belongs to user {owner}; let this user own it, or set `cache-dir` to another folder"
    );
    Err(io::Error::new(ErrorKind::PermissionDenied, message))
}

/// Opens the lock file of a cache, and creates it if it is missing.
pub(super) fn lock_file(own: &Folder) -> io::Result<File> {
    own.open_or_create(LOCK, Access::Private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_has_just_gone_is_not_created_by_its_use() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), ByteSize::gb(1)).unwrap();
        store.write("aa/bb", &[b"result"]).unwrap();
        let path = folder.path().join(VERSION).join(below("aa/bb"));
        let long_ago = SystemTime::UNIX_EPOCH;
        File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        let file = store.open_result("aa/bb").unwrap();
        store.mark_used("aa/bb", &file);
        assert_ne!(file.metadata().unwrap().modified().unwrap(), long_ago);

        file.set_modified(long_ago).unwrap();
        fs::remove_file(&path).unwrap();
        store.mark_used("aa/bb", &file);
        assert!(!path.exists());
    }
}

//! The folder of a store: `index.json`, and in `bodies/` a file for each body, named by its SHA-256.
//!
//! Files are written beside their places and renamed, the index last. A lock keeps a run from removing
//! bodies that another one reads.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::index::{History, NotRead};
use super::trouble;
use crate::asset::digest::ContentHash;
use crate::disk::{Access, Folder, UNFINISHED_PREFIX};
use crate::feedback::diagnostic::Diagnostic;

const INDEX: &str = "index.json";
const BODIES: &str = "bodies";
const LOCK: &str = "lock";

/// Keeps git from committing the store.
const IGNORED: (&str, &[u8]) = (".gitignore", b"*\n");

/// Maximum size of an index, in bytes.
const MAX_INDEX: u64 = 256 * 1024 * 1024;

/// An open store.
#[derive(Debug)]
pub(super) struct Store {
    folder: Folder,
    /// Held as long as the store is open. A store that cannot be written to has none.
    _lock: Option<File>,
}

/// A store as it was found.
pub(super) enum Found {
    Missing,
    /// Its index is not whole. A new one takes its place.
    Damaged(Diagnostic),
    /// It is not one that may be changed.
    Unusable(Diagnostic),
    Builds(History),
}

/// The reason why a body is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    Missing,
    Unreadable,
    Damaged,
}

impl Store {
    /// Opens a store to read it, if it exists.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, Diagnostic> {
        let folder = match Folder::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(trouble::unusable(path, "read", &error)),
            Ok(folder) => folder,
        };
        // A folder without an index may be one of something else.
        let is_store = folder.kind(INDEX).is_ok_and(|kind| kind.is_some());
        let lock = if is_store { folder.open_or_create(LOCK, Access::Usual).ok() } else { None };
        let lock = lock.filter(|lock| lock.lock_shared().is_ok());
        Ok(Some(Self { folder, _lock: lock }))
    }

    /// Creates or opens a store, to change it. No other process uses it meanwhile.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let folder = Folder::open(path)?;
        let lock = folder.open_or_create(LOCK, Access::Usual)?;
        lock.lock()?;
        Ok(Self { folder, _lock: Some(lock) })
    }

    /// Reads the index.
    pub(super) fn read(&self, site: &str) -> Found {
        let path = self.folder.path().join(INDEX);
        let bytes = match self.folder.file(INDEX).and_then(|file| read_index(&file)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return match self.is_of_something_else() {
                    Ok(false) => Found::Missing,
                    Ok(true) => Found::Unusable(trouble::foreign_folder(self.folder.path())),
                    Err(error) => {
                        Found::Unusable(trouble::unusable(self.folder.path(), "read", &error))
                    }
                };
            }
            Err(error) => return Found::Unusable(trouble::unusable(&path, "read", &error)),
            Ok(bytes) => bytes,
        };
        match History::parse(&bytes) {
            Ok(found) if found.site != site => {
                Found::Unusable(trouble::other_site(&path, &found.site, site))
            }
            Ok(found) => Found::Builds(found),
            Err(NotRead::Damaged) => Found::Damaged(trouble::damaged_index(&path)),
            Err(NotRead::Newer(version)) => Found::Unusable(trouble::newer(&path, version)),
            Err(NotRead::Foreign) => Found::Unusable(trouble::foreign(&path)),
        }
    }

    /// Returns whether a folder without an index has files that no store has.
    fn is_of_something_else(&self) -> io::Result<bool> {
        let own = [BODIES, LOCK, IGNORED.0];
        let is_own = |name: &OsString| {
            name.to_str().is_some_and(|name| own.contains(&name) || is_unfinished(name))
        };
        Ok(!self.folder.entries()?.iter().all(is_own))
    }

    /// Returns the path of a body's file, for messages.
    pub(super) fn body_path(&self, hash: ContentHash) -> PathBuf {
        self.folder.path().join(body_name(hash))
    }

    /// Reads a body of a known length.
    pub(super) fn body(&self, hash: ContentHash, len: usize) -> Result<Vec<u8>, Loss> {
        let opened = self.folder.file(body_name(hash)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Loss::Missing,
            _ => Loss::Unreadable,
        })?;
        let mut bytes = Vec::new();
        let limit = (len as u64).saturating_add(1);
        opened.take(limit).read_to_end(&mut bytes).map_err(|_| Loss::Unreadable)?;
        if bytes.len() != len || ContentHash::of(&bytes) != hash {
            return Err(Loss::Damaged);
        }
        Ok(bytes)
    }

    /// Writes a body.
    pub(super) fn write_body(&self, hash: ContentHash, bytes: &[u8]) -> io::Result<()> {
        self.folder.write_whole(&body_name(hash), &[bytes], Access::Usual)
    }

    /// Writes the index, and removes all bodies that it does not name.
    pub(super) fn write_index(&self, builds: &History) -> io::Result<()> {
        let (name, text) = IGNORED;
        if self.folder.kind(name)?.is_none() {
            self.folder.write_whole(name, &[text], Access::Usual)?;
        }
        self.folder.write_whole(INDEX, &[&builds.render()], Access::Usual)?;
        let files = builds.builds.iter().flat_map(|build| &build.files).map(|file| file.sha256);
        let dictionaries = builds.dictionaries.iter().map(|dictionary| dictionary.sha256);
        let named: BTreeSet<String> =
            files.chain(dictionaries).map(|hash| hash.to_string()).collect();
        let bodies = match self.folder.folder(BODIES) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            bodies => bodies?,
        };
        for entry in bodies.entries()? {
            if entry.to_str().is_none_or(|name| !named.contains(name)) {
                // One that stays is removed by a later run.
                let _ = bodies.remove_file(entry);
            }
        }
        Ok(())
    }
}

/// Returns whether a name is that of a file that a killed process has begun to write.
fn is_unfinished(name: &str) -> bool {
    let rest = name.strip_prefix(UNFINISHED_PREFIX);
    rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

fn body_name(hash: ContentHash) -> String {
    format!("{BODIES}/{hash}")
}

fn read_index(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_INDEX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

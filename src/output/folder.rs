//! The output folder: written the way that leaves it whole whenever the process ends.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::content::Content;
use super::{Emitted, OutputFiles};
use crate::asset::digest::ContentHash;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;

/// The folder of the files that `assets.rs` includes, below the output folder.
pub(crate) const INCLUDED: &str = "bodies";

/// The extension of files of bodies.
pub(crate) const SHARD: &str = ".bin";

/// The extension of binary tables.
pub(crate) const TABLE: &str = ".table";

/// The lock of the process that writes. The file stays: a lock on a removed file excludes no other
/// process.
const LOCK: &str = ".worker-pack.lock";

/// The folder of new files that are not renamed into place yet.
pub(crate) const STAGING: &str = ".worker-pack.staging";

/// An output folder that is being written.
pub(crate) struct OutputFolder {
    path: PathBuf,
    included: BTreeSet<String>,
    written: usize,
    unchanged: usize,
    /// Locked until the folder is dropped.
    _lock: File,
}

/// The change of a file.
#[derive(Clone, Copy)]
enum Change {
    /// It has these bytes already.
    None,
    Written,
}

impl OutputFolder {
    /// Opens an output folder, and holds its lock.
    pub(crate) fn open(path: &Path) -> Result<Self, PackError> {
        let lock = lock(path)?;
        create_folder(&path.join(INCLUDED))?;
        let path = path.to_owned();
        Ok(Self { path, included: BTreeSet::new(), written: 0, unchanged: 0, _lock: lock })
    }

    /// Writes the files that `assets.rs` includes, directly to their final paths. Their names are
    /// hashes: no file refers to them until all are written, and a later run detects unfinished ones.
    ///
    /// They are not synced to the disk, which is slow for many files. After a crash of the machine, the
    /// next run detects other bytes and rewrites them.
    pub(crate) fn add_included(
        &mut self,
        files: &[(&str, Content<'_>)],
        known: &OutputFiles,
    ) -> Result<(), PackError> {
        let added = files.par_iter().map(|(name, content)| self.add(name, *content, known));
        for change in added.collect::<Result<Vec<_>, _>>()? {
            self.count(change);
        }
        self.included.extend(files.iter().map(|(name, _)| (*name).to_owned()));
        Ok(())
    }

    fn add(
        &self,
        name: &str,
        content: Content<'_>,
        known: &OutputFiles,
    ) -> Result<Change, PackError> {
        let target = self.path.join(INCLUDED).join(name);
        if known.has(&format!("{INCLUDED}/{name}"), &self.path) || content.is_in(&target) {
            return Ok(Change::None);
        }
        content.write(&target)?;
        Ok(Change::Written)
    }

    /// Writes files that belong together: all are synced to the disk before the first is renamed. They
    /// are rendered one after the other, since each is as large as the table.
    pub(crate) fn put_together(
        &mut self,
        files: &[(&str, &dyn Fn() -> String)],
    ) -> Result<(), PackError> {
        let mut staged = Vec::new();
        for (name, render) in files {
            let text = render();
            let (content, target) = (Content::Bytes(text.as_bytes()), self.path.join(name));
            if content.is_in(&target) {
                self.count(Change::None);
            } else {
                let (path, file) = self.stage(name, content)?;
                file.sync_data().map_err(PackError::io(Stage::Output, "write", &path))?;
                staged.push((path, target));
            }
        }
        for (path, target) in staged {
            rename(&path, &target)?;
            self.count(Change::Written);
        }
        Ok(())
    }

    /// Writes a file into the staging folder.
    fn stage(&self, name: &str, content: Content<'_>) -> Result<(PathBuf, File), PackError> {
        let staging = self.path.join(STAGING);
        create_folder(&staging)?;
        let path = staging.join(name);
        let file = content.write(&path)?;
        Ok((path, file))
    }

    fn count(&mut self, change: Change) {
        match change {
            Change::None => self.unchanged += 1,
            Change::Written => self.written += 1,
        }
    }

    /// Removes the files that only an earlier output contains.
    pub(crate) fn finish(self) -> Result<Emitted, PackError> {
        let staging = self.path.join(STAGING);
        if staging.exists() {
            fs::remove_dir(&staging).map_err(PackError::io(Stage::Output, "remove", &staging))?;
        }
        let folder = self.path.join(INCLUDED);
        let read = || PackError::io(Stage::Output, "read", &folder);
        let mut removed = 0;
        for entry in fs::read_dir(&folder).map_err(read())? {
            let path = entry.map_err(read())?.path();
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            if is_included_name(&name) && !self.included.contains(&*name) {
                fs::remove_file(&path).map_err(PackError::io(Stage::Output, "remove", &path))?;
                removed += 1;
            }
        }
        let Self { path, written, unchanged, .. } = self;
        Ok(Emitted { folder: path, written, unchanged, removed })
    }
}

/// Creates an output folder if it is missing, and waits for its lock. Leftovers of an interrupted
/// run are removed.
pub(crate) fn lock(folder: &Path) -> Result<File, PackError> {
    if folder.exists() && !folder.is_dir() {
        let message = "it is not a folder; choose another output folder";
        return Err(PackError::OutputInTheWay { path: folder.to_owned(), message });
    }
    create_folder(folder)?;
    let path = folder.join(LOCK);
    // Not truncated: an unchanged output keeps its times.
    let lock = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(PackError::io(Stage::Output, "lock", path))?;
    let staging = folder.join(STAGING);
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(PackError::io(Stage::Output, "remove", &staging))?;
    }
    Ok(lock)
}

/// Refuses to overwrite files that worker-pack did not write. Each name comes with the beginning that
/// identifies such a file. If the first file that exists is identified, so is the folder.
pub(crate) fn refuse_foreign(folder: &Path, files: &[(&str, &str)]) -> Result<(), PackError> {
    for (name, mark) in files {
        let path = folder.join(name);
        let begin = File::open(&path).and_then(|file| {
            let mut begin = Vec::new();
            file.take(mark.len() as u64).read_to_end(&mut begin).map(|_| begin)
        });
        match begin {
            Ok(begin) if begin == mark.as_bytes() => return Ok(()),
            Ok(_) => {
                let message =
                    "worker-pack did not write it; remove it, or choose another output folder";
                return Err(PackError::OutputInTheWay { path, message });
            }
            Err(_) => {}
        }
    }
    Ok(())
}

fn create_folder(path: &Path) -> Result<(), PackError> {
    fs::create_dir_all(path).map_err(PackError::io(Stage::Output, "create", path))
}

fn rename(staged: &Path, target: &Path) -> Result<(), PackError> {
    fs::rename(staged, target).map_err(PackError::io(Stage::Output, "write", target))
}

/// Returns whether worker-pack gives such names to included files. Other files in the folder are left
/// alone.
fn is_included_name(name: &str) -> bool {
    let hash = [SHARD, TABLE].iter().find_map(|extension| name.strip_suffix(extension));
    hash.is_some_and(|hash| {
        hash.len() == 2 * ContentHash::LEN && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

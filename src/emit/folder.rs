//! The output folder: written the way that leaves it whole whenever the process ends.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Emitted;
use crate::diagnostic::Stage;
use crate::error::PackError;

/// The folder of the bodies below the output folder.
pub(super) const BODIES: &str = "bodies";

/// Held by the one process that writes. It stays, since a lock on a removed file locks nobody out.
const LOCK: &str = ".worker-pack.lock";

/// Where new files are written before they are renamed into place.
pub(super) const STAGING: &str = ".worker-pack.staging";

/// An output folder that is being written.
pub(super) struct OutputFolder {
    path: PathBuf,
    bodies: BTreeSet<String>,
    written: usize,
    unchanged: usize,
    /// Locked until the folder is dropped.
    _lock: File,
}

/// A file that was to be written into the staging folder.
struct Staged {
    path: PathBuf,
    write: io::Result<File>,
}

impl OutputFolder {
    /// Opens a folder, as [`lock`] does.
    pub(super) fn open(path: &Path) -> Result<Self, PackError> {
        let lock = lock(path)?;
        create_folder(&path.join(BODIES))?;
        let path = path.to_owned();
        Ok(Self { path, bodies: BTreeSet::new(), written: 0, unchanged: 0, _lock: lock })
    }

    /// Puts a body, which is named by its hash.
    ///
    /// It is not forced onto the disk, which is slow for many: should the machine crash, the next
    /// run finds other bytes and writes it anew.
    pub(super) fn add_body(&mut self, name: &str, bytes: &[u8]) -> Result<(), PackError> {
        let path = format!("{BODIES}/{name}");
        if !self.is_unchanged(&path, bytes) {
            let staged = self.stage(name, bytes)?;
            staged.write.map_err(PackError::io(Stage::Emit, "write", &staged.path))?;
            self.rename(&staged.path, &path)?;
        }
        self.bodies.insert(name.to_owned());
        Ok(())
    }

    /// Puts files that belong together: all are on the disk before the first is renamed.
    pub(super) fn put_together(&mut self, files: &[(&str, &[u8])]) -> Result<(), PackError> {
        let mut staged = Vec::new();
        for (name, bytes) in files {
            if !self.is_unchanged(name, bytes) {
                let file = self.stage(name, bytes)?;
                file.write.and_then(|file| file.sync_data()).map_err(PackError::io(
                    Stage::Emit,
                    "write",
                    &file.path,
                ))?;
                staged.push((file.path, *name));
            }
        }
        staged.into_iter().try_for_each(|(path, name)| self.rename(&path, name))
    }

    fn is_unchanged(&mut self, name: &str, bytes: &[u8]) -> bool {
        let unchanged = has_bytes(&self.path.join(name), bytes);
        self.unchanged += usize::from(unchanged);
        unchanged
    }

    /// Writes a file that is not in its place yet.
    fn stage(&self, name: &str, bytes: &[u8]) -> Result<Staged, PackError> {
        let staging = self.path.join(STAGING);
        create_folder(&staging)?;
        let path = staging.join(name);
        let write = File::create(&path).and_then(|mut file| file.write_all(bytes).map(|()| file));
        Ok(Staged { path, write })
    }

    fn rename(&mut self, staged: &Path, name: &str) -> Result<(), PackError> {
        let target = self.path.join(name);
        fs::rename(staged, &target).map_err(PackError::io(Stage::Emit, "write", &target))?;
        self.written += 1;
        Ok(())
    }

    /// Removes what only an earlier output had.
    pub(super) fn finish(self) -> Result<Emitted, PackError> {
        let staging = self.path.join(STAGING);
        if staging.exists() {
            fs::remove_dir(&staging).map_err(PackError::io(Stage::Emit, "remove", &staging))?;
        }
        let folder = self.path.join(BODIES);
        let read = || PackError::io(Stage::Emit, "read", &folder);
        let mut removed = 0;
        for entry in fs::read_dir(&folder).map_err(read())? {
            let path = entry.map_err(read())?.path();
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            if is_body_name(&name) && !self.bodies.contains(&*name) {
                fs::remove_file(&path).map_err(PackError::io(Stage::Emit, "remove", &path))?;
                removed += 1;
            }
        }
        let Self { path, written, unchanged, .. } = self;
        Ok(Emitted { folder: path, written, unchanged, removed })
    }
}

/// Makes an output folder if need be, and waits for another process that writes it. What a run that
/// was ended may have left is removed.
pub(super) fn lock(folder: &Path) -> Result<File, PackError> {
    if folder.exists() && !folder.is_dir() {
        let message = "it is not a folder";
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
        .map_err(PackError::io(Stage::Emit, "lock", path))?;
    let staging = folder.join(STAGING);
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(PackError::io(Stage::Emit, "remove", &staging))?;
    }
    Ok(lock)
}

/// Refuses to write over files that this crate did not write. They are given with what they begin
/// with if it did; where the first is its own, so is the folder.
pub(super) fn refuse_foreign(folder: &Path, files: &[(&str, &str)]) -> Result<(), PackError> {
    for (name, mark) in files {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) if bytes.starts_with(mark.as_bytes()) => return Ok(()),
            Ok(_) => {
                let message = "worker-pack did not write it; remove it, or give another folder";
                return Err(PackError::OutputInTheWay { path, message });
            }
            Err(_) => {}
        }
    }
    Ok(())
}

fn create_folder(path: &Path) -> Result<(), PackError> {
    fs::create_dir_all(path).map_err(PackError::io(Stage::Emit, "create", path))
}

pub(super) fn has_bytes(path: &Path, bytes: &[u8]) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|present| present == bytes)
}

/// Returns whether this crate gives bodies such names. Other files in the folder are not ours.
fn is_body_name(name: &str) -> bool {
    let (hash, coding) = name.split_once('.').unwrap_or((name, ""));
    hash.len() == 64
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        && ["", "br", "gzip"].contains(&coding)
}

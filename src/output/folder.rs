//! The output folder: written the way that leaves it whole whenever the process ends.
//!
//! No symbolic link in it is followed or replaced, and no file is removed that an earlier output does not
//! name. The path of the folder itself may contain links, since the user has named it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::content::Content;
use super::staging::{STAGING, Staging, remove_if_present};
use super::{Emitted, OutputFiles};
use crate::asset::digest::ContentHash;
use crate::disk::{Access, Folder, Kind, Refused};
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

/// The messages about entries that are not ours.
pub(super) const IN_THE_WAY: &str =
    "worker-pack did not write it; remove it, or choose another output folder";
pub(super) const LINK: &str =
    "it is a symbolic link, which is not followed; remove it, or choose another output folder";

/// An output folder that this process has locked, until this is dropped.
pub(crate) struct LockedFolder {
    pub(super) folder: Folder,
    pub(super) staging: Staging,
    /// Included files that an interrupted run may have left behind.
    leftover: BTreeSet<String>,
    _lock: File,
}

/// The output folder of a Rust module.
pub(crate) struct OutputFolder {
    locked: LockedFolder,
    /// The included files of the earlier output and of interrupted runs that are no longer needed.
    stale: BTreeSet<String>,
    is_new: bool,
    written: usize,
    unchanged: usize,
}

impl LockedFolder {
    /// Creates an output folder if it is missing, and waits for its lock. Leftovers of an interrupted
    /// run are removed.
    pub(crate) fn open(path: &Path) -> Result<Self, PackError> {
        if path.exists() && !path.is_dir() {
            let message = "it is not a folder; choose another output folder";
            return Err(in_the_way(path, message));
        }
        fs::create_dir_all(path).map_err(failed("create", path))?;
        let folder = Folder::open(path).map_err(failed("read", path))?;
        let lock_path = path.join(LOCK);
        // Not truncated: an unchanged output keeps its times.
        let lock = folder
            .open_or_create(LOCK, Access::Usual)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(failed("lock", &lock_path))?;
        let (staging, leftover) = Staging::recover(&folder)?;
        Ok(Self { folder, staging, leftover, _lock: lock })
    }

    /// Writes a new file, in the place of an earlier one.
    pub(super) fn write(&self, name: &str, content: Content<'_>) -> Result<File, PackError> {
        let path = self.path(name);
        if let Some((above, _)) = name.rsplit_once('/') {
            self.folder.create_folder(above, Access::Usual).map_err(failed("create", &path))?;
        }
        // Never written in place, since an earlier file may have other names.
        let mut file = self.folder.create(name, Access::Usual).or_else(|error| {
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(failed("write", &path)(error));
            }
            let kind = self.folder.kind(name).map_err(failed("read", &path))?;
            match kind {
                Some(Kind::Link) => return Err(in_the_way(&path, LINK)),
                Some(Kind::Folder | Kind::Other) => return Err(in_the_way(&path, IN_THE_WAY)),
                Some(Kind::File) | None => {}
            }
            remove_if_present(&self.folder, name).map_err(failed("remove", &path))?;
            self.folder.create(name, Access::Usual).map_err(failed("write", &path))
        })?;
        content.write(&mut file, &path)?;
        Ok(file)
    }

    /// Moves a staged file into its place.
    pub(super) fn put(&self, name: &str) -> Result<(), PackError> {
        let path = self.path(name);
        refuse_link(&self.folder, name)?;
        self.folder.rename(format!("{STAGING}/{name}"), name).map_err(failed("write", &path))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl OutputFolder {
    /// Opens an output folder, and holds its lock. `named` are the included files of the earlier output.
    pub(crate) fn open(
        path: &Path,
        named: impl FnOnce(&Folder) -> BTreeSet<String>,
    ) -> Result<Self, PackError> {
        let locked = LockedFolder::open(path)?;
        let included = path.join(INCLUDED);
        let kind = locked.folder.kind(INCLUDED).map_err(failed("read", &included))?;
        match kind {
            None => {
                let created = locked.folder.create_folder(INCLUDED, Access::Usual);
                created.map_err(failed("create", &included))?;
            }
            Some(Kind::Folder) => {}
            Some(Kind::Link) => return Err(in_the_way(&included, LINK)),
            Some(_) => return Err(in_the_way(&included, IN_THE_WAY)),
        }
        let mut stale = named(&locked.folder);
        let is_new = stale.is_empty();
        stale.extend(locked.leftover.iter().cloned());
        stale.retain(|name| is_included_name(name));
        Ok(Self { locked, stale, is_new, written: 0, unchanged: 0 })
    }

    /// Writes the files that `assets.rs` includes, directly to their final paths. Their names are
    /// hashes: no file refers to them until all are written, and a later run detects unfinished ones.
    /// `staged` are the files that are put together afterwards.
    ///
    /// They are not synced to the disk, which is slow for many files. After a crash of the machine, the
    /// next run detects other bytes and rewrites them.
    pub(crate) fn add_included(
        &mut self,
        files: &[(&str, Content<'_>)],
        known: &OutputFiles,
        staged: &[&str],
    ) -> Result<(), PackError> {
        let out = &self.locked.folder;
        let is_missing = |(name, content): &&(&str, Content<'_>)| {
            let name = format!("{INCLUDED}/{name}");
            !known.has(&name, out.path()) && !content.is_in(out, &name)
        };
        let missing: Vec<_> = files.par_iter().filter(is_missing).collect();
        self.written += missing.len();
        self.unchanged += files.len() - missing.len();
        for (name, _) in files {
            self.stale.remove(*name);
        }
        if !missing.is_empty() || !self.stale.is_empty() {
            let staged = staged.iter().map(|name| (*name).to_owned()).collect();
            let new = missing.iter().map(|(name, _)| (*name).to_owned());
            let included = self.stale.iter().cloned().chain(new).collect();
            self.locked.staging.begin(&self.locked.folder, staged, included)?;
        }
        let (locked, missing) = (&self.locked, &missing);
        missing.par_iter().try_for_each(|(name, content)| {
            locked.write(&format!("{INCLUDED}/{name}"), *content).map(drop)
        })
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
            let content = Content::Bytes(text.as_bytes());
            if content.is_in(&self.locked.folder, name) {
                self.unchanged += 1;
                continue;
            }
            if !self.locked.staging.has_begun() {
                let names = files.iter().map(|(name, _)| (*name).to_owned()).collect();
                self.locked.staging.begin(&self.locked.folder, names, BTreeSet::new())?;
            }
            let path = format!("{STAGING}/{name}");
            let file = self.locked.write(&path, content)?;
            file.sync_data().map_err(failed("write", &self.locked.path(&path)))?;
            staged.push(*name);
        }
        for name in staged {
            self.locked.put(name)?;
            self.written += 1;
        }
        Ok(())
    }

    /// Removes the files that only an earlier output contains.
    pub(crate) fn finish(mut self) -> Result<Emitted, PackError> {
        let mut removed = 0;
        for name in &self.stale {
            let name = format!("{INCLUDED}/{name}");
            let out = &self.locked.folder;
            if out.kind(&name).ok().flatten() == Some(Kind::File) {
                let path = self.locked.path(&name);
                remove_if_present(out, &name).map_err(failed("remove", &path))?;
                removed += 1;
            }
        }
        self.locked.staging.finish(&self.locked.folder)?;
        let Self { locked, is_new, written, unchanged, .. } = self;
        let folder = locked.folder.path().to_owned();
        Ok(Emitted { folder, is_new, written, unchanged, removed })
    }
}

/// Refuses to overwrite files that worker-pack did not write. Each name comes with the beginning that
/// identifies such a file.
pub(crate) fn refuse_foreign(folder: &Path, files: &[(&str, &str)]) -> Result<(), PackError> {
    // A missing folder contains no file of another origin, and one that cannot be read fails later.
    let Ok(folder) = Folder::open(folder) else { return Ok(()) };
    for (name, _) in files {
        refuse_link(&folder, name)?;
    }
    for (name, mark) in files {
        let begin = folder.file(name).and_then(|file| {
            let mut begin = Vec::new();
            file.take(mark.len() as u64).read_to_end(&mut begin).map(|_| begin)
        });
        match begin {
            Ok(begin) if begin != mark.as_bytes() => {
                return Err(in_the_way(&folder.path().join(name), IN_THE_WAY));
            }
            // One that cannot be read fails later.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Refuses a link in the place of a file.
pub(crate) fn refuse_link(folder: &Folder, name: &str) -> Result<(), PackError> {
    match folder.kind(name) {
        Ok(Some(Kind::Link)) => Err(in_the_way(&folder.path().join(name), LINK)),
        _ => Ok(()),
    }
}

pub(super) fn in_the_way(path: &Path, message: &'static str) -> PackError {
    PackError::OutputInTheWay { path: path.to_owned(), message }
}

/// Wraps an error about a file of the output.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PackError {
    let path = path.to_owned();
    move |error| match Refused::of(&error) {
        Some(Refused::Link) => in_the_way(&path, LINK),
        Some(_) => in_the_way(&path, IN_THE_WAY),
        None => PackError::io(Stage::Output, action, path)(error),
    }
}

/// Returns whether worker-pack gives such names to included files.
fn is_included_name(name: &str) -> bool {
    let hash = [SHARD, TABLE].iter().find_map(|extension| name.strip_suffix(extension));
    hash.is_some_and(|hash| {
        hash.len() == 2 * ContentHash::LEN && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

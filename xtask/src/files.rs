//! Folders, read and written as a whole.

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use fs_err as fs;
use walkdir::WalkDir;

/// The files below a folder, by their paths in it.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Returns a path in the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of it").join(path)
}

/// Returns the folder that Cargo compiles into.
pub(crate) fn target() -> PathBuf {
    let program = env::current_exe().ok();
    let target = program.as_deref().and_then(|program| program.ancestors().nth(2));
    target.map_or_else(|| repository("target"), Path::to_owned)
}

/// Returns the path of a file or folder that is kept between runs.
pub(crate) fn scratch(name: &str) -> PathBuf {
    target().join("xtask").join(name)
}

/// Locks the scratch file of a name, after waiting for other processes, until the lock is dropped.
pub(crate) fn lock(name: &str) -> Result<File> {
    let path = scratch(name).with_extension("lock");
    fs::create_dir_all(scratch(""))?;
    let file = File::create(&path).and_then(|file| file.lock().map(|()| file));
    file.with_context(|| format!("cannot lock `{}`", path.display()))
}

/// Reads a folder, except for some names at its top.
pub(crate) fn read(folder: &Path, except: &[&str]) -> Result<Files> {
    let mut files = Files::new();
    let entries = WalkDir::new(folder).into_iter().filter_entry(|entry| {
        entry.depth() != 1 || !except.iter().any(|name| entry.file_name() == *name)
    });
    for entry in entries {
        let path = entry?.into_path();
        if path.is_file() {
            files.insert(path.strip_prefix(folder)?.to_owned(), fs::read(&path)?);
        }
    }
    Ok(files)
}

/// Writes files into a folder and removes all others, except for some names at its top, which are
/// left unchanged.
pub(crate) fn write(files: &Files, folder: &Path, except: &[&str]) -> Result<()> {
    fs::create_dir_all(folder)?;
    for path in entries(folder)? {
        if !except.iter().any(|name| path.ends_with(name)) {
            remove(&path)?;
        }
    }
    for (name, bytes) in files {
        put(&folder.join(name), bytes)?;
    }
    Ok(())
}

/// Writes a file, in a folder that is created if it is missing.
pub(crate) fn put(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    Ok(fs::write(path, bytes)?)
}

/// Copies the files of a folder one by one, so that few of their bytes are in memory. Returns their
/// names.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in WalkDir::new(from).sort_by_file_name() {
        let path = entry?.into_path();
        let name = path.strip_prefix(from)?.to_owned();
        if path.is_dir() {
            fs::create_dir_all(to.join(name))?;
        } else {
            fs::copy(&path, to.join(&name))?;
            names.push(name);
        }
    }
    Ok(names)
}

/// Removes a file or folder, if it exists.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Returns the paths of what lies directly in a folder.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    Ok(entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_folders_contain_only_the_files_and_exceptions() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path();
        for (name, text) in [("dist/kept", "1"), ("src/dist/gone", "2"), ("gone", "3")] {
            put(&folder.join(name), text).unwrap();
        }
        let files = Files::from([("src/dist/new".into(), b"4".to_vec())]);
        write(&files, folder, &["dist"]).unwrap();
        assert_eq!(read(folder, &["dist"]).unwrap(), files);
        assert_eq!(fs::read(folder.join("dist/kept")).unwrap(), b"1");
        assert_eq!(
            copy(&folder.join("src"), &folder.join("copy")).unwrap(),
            [Path::new("dist/new")]
        );
        assert_eq!(fs::read(folder.join("copy/dist/new")).unwrap(), b"4");
    }

    #[test]
    fn removing_a_missing_path_succeeds() {
        let folder = tempfile::tempdir().unwrap();
        remove(&folder.path().join("missing")).unwrap();
    }
}

//! Folders, read and written as a whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The files below a folder, by their paths in it.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Reads a folder, but for what has one of some names at its top.
pub(crate) fn read(folder: &Path, without: &[&str]) -> Result<Files, String> {
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in entries(&next)? {
            let name = path.strip_prefix(folder).unwrap_or(&path);
            if without.iter().any(|without| name == Path::new(without)) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).map_err(|error| failed("read", &path, &error))?;
                files.insert(name.to_owned(), bytes);
            }
        }
    }
    Ok(files)
}

/// Gives a folder these files and no others, and leaves alone what has one of some names at its
/// top.
pub(crate) fn write(files: &Files, folder: &Path, without: &[&str]) -> Result<(), String> {
    for path in entries(folder)? {
        if !without.iter().any(|name| path.ends_with(name)) {
            remove(&path)?;
        }
    }
    for (name, bytes) in files {
        let path = folder.join(name);
        create_folder(path.parent().unwrap_or(folder))?;
        fs::write(&path, bytes).map_err(|error| failed("write", &path, &error))?;
    }
    Ok(())
}

/// Returns the files that lie in a folder itself.
pub(crate) fn files_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut paths = entries(folder)?;
    paths.retain(|path| path.is_file());
    Ok(paths)
}

/// Makes a folder and those above it, where they are missing.
pub(crate) fn create_folder(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| failed("create", folder, &error))
}

/// Waits until no other process holds a file, and holds it.
pub(crate) fn lock(path: &Path) -> Result<File, String> {
    create_folder(path.parent().unwrap_or(path))?;
    let lock = File::create(path).and_then(|file| file.lock().map(|()| file));
    lock.map_err(|error| failed("lock", path, &error))
}

/// Removes a file or a folder, if there is one.
pub(crate) fn remove(path: &Path) -> Result<(), String> {
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("remove", path, &error))
        }
        _ => Ok(()),
    }
}

/// Says what could not be done with a file, and why.
pub(crate) fn failed(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {what} `{}`: {error}", path.display())
}

/// Returns the paths of what lies in a folder itself.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error: io::Error| failed("read", folder, &error);
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(unreadable)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_becomes_what_another_is_and_keeps_what_is_excepted() {
        let folder = std::env::temp_dir().join(format!("xtask-tree-{}", std::process::id()));
        for (name, text) in [("dist/kept", "1"), ("src/dist/gone", "2"), ("gone", "3")] {
            create_folder(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
        let files = Files::from([("src/dist/new".into(), b"4".to_vec())]);
        write(&files, &folder, &["dist"]).unwrap();
        assert_eq!(read(&folder, &["dist"]).unwrap(), files);
        assert_eq!(fs::read(folder.join("dist/kept")).unwrap(), b"1");
        remove(&folder).unwrap();
        remove(&folder).unwrap();
    }
}

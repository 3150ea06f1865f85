//! Writes the files of a plan: all of them are written beside their places first, and then renamed.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::error::MigrationError;
use super::plan::FileEdit;

/// A file that is written, but not yet in its place.
struct Staged<'e> {
    edit: &'e FileEdit,
    path: PathBuf,
    file: NamedTempFile,
}

/// Writes all files, or none.
pub(super) fn write(root: &Path, edits: &[FileEdit]) -> Result<(), MigrationError> {
    for edit in edits {
        refuse_changed(root, edit)?;
    }
    let mut folders = Vec::new();
    let mut staged = Vec::new();
    for edit in edits {
        match stage(root, edit, &mut folders) {
            Ok(file) => staged.push(file),
            Err(source) => {
                drop(staged);
                remove(&folders);
                return Err(MigrationError::Write { path: edit.path.clone(), source });
            }
        }
    }
    let mut written = Vec::new();
    for Staged { edit, path, file } in staged {
        if let Err(error) = file.persist(&path) {
            let source = error.error;
            let lost = restore(root, &written);
            remove(&folders);
            let path = edit.path.clone();
            return Err(if lost.is_empty() {
                MigrationError::Write { path, source }
            } else {
                MigrationError::HalfWritten { path, written: lost, source }
            });
        }
        written.push(edit);
    }
    Ok(())
}

/// Fails if a file is not as it was when the plan was made.
fn refuse_changed(root: &Path, edit: &FileEdit) -> Result<(), MigrationError> {
    let now = match fs::read(root.join(&edit.path)) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(MigrationError::Read { path: edit.path.clone(), source }),
    };
    if now.as_deref() == edit.before.as_deref().map(str::as_bytes) {
        return Ok(());
    }
    let message = "has changed meanwhile; run `init` again";
    Err(MigrationError::Protected { path: edit.path.clone(), message })
}

/// Writes a file beside its place. Adds the folders that it creates to a list.
fn stage<'e>(
    root: &Path,
    edit: &'e FileEdit,
    folders: &mut Vec<PathBuf>,
) -> io::Result<Staged<'e>> {
    let path = root.join(&edit.path);
    let folder = path.parent().unwrap_or(root).to_owned();
    let missing: Vec<&Path> = folder.ancestors().take_while(|it| !it.exists()).collect();
    for new in missing.into_iter().rev() {
        fs::create_dir(new)?;
        folders.push(new.to_owned());
    }
    let mut builder = Builder::new();
    builder.prefix(".worker-pack-");
    let permissions = match fs::metadata(&path) {
        Ok(metadata) => Some(metadata.permissions()),
        Err(_) => None,
    };
    #[cfg(unix)]
    let new = new_file();
    #[cfg(unix)]
    if permissions.is_none() {
        builder.permissions(new);
    }
    let mut file = builder.tempfile_in(&folder)?;
    file.write_all(edit.after.as_bytes())?;
    file.as_file().sync_all()?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(Staged { edit, path, file })
}

/// Returns the permissions of a new file, which the system's mask reduces. A temporary file is private.
#[cfg(unix)]
fn new_file() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(0o666)
}

/// Restores files that were written. Returns those that could not be restored.
fn restore(root: &Path, written: &[&FileEdit]) -> Vec<PathBuf> {
    let failed = written.iter().rev().filter(|edit| {
        let path = root.join(&edit.path);
        let restored = match &edit.before {
            Some(before) => fs::write(path, before),
            None => fs::remove_file(path),
        };
        restored.is_err()
    });
    failed.map(|edit| edit.path.clone()).collect()
}

/// Removes folders that were created, the innermost first.
fn remove(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
}

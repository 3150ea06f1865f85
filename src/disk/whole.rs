//! Files that other processes see as a whole or not at all.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Access, Folder};

/// Prefix of unfinished files.
pub(crate) const UNFINISHED_PREFIX: &str = ".";

/// The number of files that this process has written, for the names of unfinished ones.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

impl Folder {
    /// Writes a file beside its place, and renames it. Folders above it are created if they are missing.
    pub(crate) fn write_whole(
        &self,
        path: &str,
        parts: &[&[u8]],
        access: Access,
    ) -> io::Result<()> {
        let beside = path.rfind('/').map_or("", |slash| &path[..=slash]);
        // In the folder of the file itself, because Linux locks the whole file system to rename a file from
        // one folder to another.
        let (name, mut file) = loop {
            let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
            let name = format!("{beside}{UNFINISHED_PREFIX}{}-{number}", std::process::id());
            match self.create(&name, access) {
                Ok(file) => break (name, file),
                Err(error) if error.kind() == ErrorKind::NotFound && !beside.is_empty() => {
                    self.create_folder(beside, access)?;
                }
                // That of a killed process, or of one in another container.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        };
        let written = parts.iter().try_for_each(|part| file.write_all(part));
        written.and_then(|()| self.rename(&name, path)).inspect_err(|_| {
            // A full disk has room again.
            let _ = self.remove_file(&name);
        })
    }
}

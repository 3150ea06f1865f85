//! The content of an output file: bytes in memory, or bodies that are read one by one.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::disk::Folder;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;

#[derive(Clone, Copy)]
pub(crate) enum Content<'c> {
    Bytes(&'c [u8]),
    Bodies(&'c [Blob]),
}

impl Content<'_> {
    fn len(self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Bodies(bodies) => bodies.iter().map(Blob::len).sum(),
        }
    }

    /// Returns whether a file has these bytes. Bodies are not read for that, since their hashes are
    /// known.
    pub(crate) fn is_in(self, folder: &Folder, name: &str) -> bool {
        let Ok(mut file) = folder.file(name) else { return false };
        if !file.metadata().is_ok_and(|found| found.len() == self.len() as u64) {
            return false;
        }
        let mut part = Vec::new();
        let mut next_is = |len: usize, is_expected: &dyn Fn(&[u8]) -> bool| {
            part.resize(len, 0);
            file.read_exact(&mut part).is_ok() && is_expected(&part)
        };
        match self {
            Self::Bytes(bytes) => next_is(bytes.len(), &|part| part == bytes),
            Self::Bodies(bodies) => bodies
                .iter()
                .all(|body| next_is(body.len(), &|part| ContentHash::of(part) == body.hash())),
        }
    }

    /// Writes the bytes into a new file. `path` is its path in messages.
    pub(crate) fn write(self, file: &mut File, path: &Path) -> Result<(), PackError> {
        let failed = || PackError::io(Stage::Output, "write", path);
        match self {
            Self::Bytes(bytes) => file.write_all(bytes).map_err(failed())?,
            Self::Bodies(bodies) => {
                for body in bodies {
                    file.write_all(&body.read()?).map_err(failed())?;
                }
            }
        }
        Ok(())
    }
}

//! The content of an output file: bytes in memory, or bodies that are read one by one.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::asset::blob::Blob;
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

    /// Calls `each` with the bytes in parts, until it returns an error.
    fn try_for_each_part(
        self,
        mut each: impl FnMut(&[u8]) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        match self {
            Self::Bytes(bytes) => each(bytes),
            Self::Bodies(bodies) => bodies.iter().try_for_each(|body| each(&body.read()?)),
        }
    }

    /// Returns whether a file has these bytes.
    pub(crate) fn is_in(self, path: &Path) -> Result<bool, PackError> {
        let has_len = fs::metadata(path).is_ok_and(|found| found.len() == self.len() as u64);
        let (true, Ok(mut file)) = (has_len, File::open(path)) else { return Ok(false) };
        let mut is_same = true;
        let mut present = Vec::new();
        self.try_for_each_part(|part| {
            if is_same {
                present.resize(part.len(), 0);
                is_same = file.read_exact(&mut present).is_ok() && present == part;
            }
            Ok(())
        })?;
        Ok(is_same)
    }

    /// Writes the bytes into a new file.
    pub(crate) fn write(self, path: &Path) -> Result<File, PackError> {
        use std::io::Write;
        let failed = || PackError::io(Stage::Output, "write", path);
        let mut file = File::create(path).map_err(failed())?;
        self.try_for_each_part(|part| file.write_all(part).map_err(failed()))?;
        Ok(file)
    }
}

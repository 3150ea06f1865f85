//! The engine: the runtime as a WebAssembly module.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;

/// The beginning of a WebAssembly module of version 1.
const MAGIC: &[u8] = b"\0asm\x01\0\0\0";

/// The engine, which answers the requests to a Worker for JavaScript hosts.
#[derive(Clone, Debug)]
pub struct Engine(Arc<[u8]>);

impl Engine {
    /// Returns the engine that is embedded in this crate: the file that the environment variable
    /// `WORKER_PACK_ENGINE` named at compile time. Returns `None` if the variable was not set.
    pub fn embedded() -> Option<Self> {
        const EMBEDDED: Option<&[u8]> = include!(concat!(env!("OUT_DIR"), "/engine.rs"));
        EMBEDDED.map(|bytes| Self(bytes.into()))
    }

    /// Reads the engine from a file.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a WebAssembly module.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PackError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(PackError::io(Stage::Output, "read", path))?;
        if !bytes.starts_with(MAGIC) {
            return Err(PackError::NotAnEngine { path: PathBuf::from(path) });
        }
        Ok(Self(bytes.into()))
    }

    /// Returns an engine that answers nothing, for a Worker that is assembled and not run.
    pub fn stand_in() -> Self {
        Self(MAGIC.into())
    }

    /// Returns whether it answers nothing.
    #[cfg(feature = "cli")]
    pub(crate) fn is_stand_in(&self) -> bool {
        &*self.0 == MAGIC
    }

    pub(crate) fn bytes(&self) -> &Arc<[u8]> {
        &self.0
    }
}

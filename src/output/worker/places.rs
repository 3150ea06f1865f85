//! The folders of a packed Worker.

use std::path::PathBuf;

use super::WRANGLER_CONFIG;

/// The folders of a packed Worker.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The output folder.
    pub(crate) out: PathBuf,
    /// The folder of the configuration for wrangler.
    pub(crate) config: PathBuf,
}

impl Places {
    /// Returns the path of the configuration, as seen from the output folder.
    pub(super) fn config_from_out(&self) -> String {
        if self.out == self.config {
            WRANGLER_CONFIG.to_owned()
        } else {
            format!("../{WRANGLER_CONFIG}")
        }
    }
}

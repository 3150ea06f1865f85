//! Facts that a project states about itself: its layout and its configuration for wrangler.

pub(crate) mod layout;
pub(crate) mod wrangler;

use std::path::{Path, PathBuf};

use crate::feedback::error::PackError;
use layout::Layout;
use wrangler::WranglerConfig;

/// The project around a packed folder, read once for each run.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The packed folder, as the user named it.
    pub(crate) dist: PathBuf,
    /// The packed folder without symbolic links in its path.
    pub(crate) folder: PathBuf,
    /// The layout of the packed folder.
    pub(crate) layout: Layout,
    /// The configuration that the site is deployed with. A missing one has no values.
    pub(crate) config: WranglerConfig,
}

impl Project {
    /// Reads the project around a packed folder.
    ///
    /// # Errors
    /// If the folder does not exist, its layout is ambiguous, or the configuration is invalid.
    pub(crate) fn read(dist: &Path) -> Result<Self, PackError> {
        let not_found = || PackError::DistNotFound { path: dist.to_owned() };
        let folder = dist.canonicalize().map_err(|_| not_found())?;
        if !folder.is_dir() {
            return Err(not_found());
        }
        let layout = Layout::detect(&folder)?;
        // The packed folder may be a link: the project is where the link is.
        let config = WranglerConfig::of_site(dist, layout)?;
        Ok(Self { dist: dist.to_owned(), folder, layout, config })
    }

    /// Returns the folder whose files are public, without symbolic links in its path.
    pub(crate) fn asset_root(&self) -> PathBuf {
        self.layout.asset_root(&self.folder)
    }

    /// Returns the name of the folder that contains the packed one, if it has a name.
    pub(crate) fn name(&self) -> Option<String> {
        let absolute = std::path::absolute(&self.dist).unwrap_or_else(|_| self.dist.clone());
        let folder = absolute.parent()?.file_name()?;
        Some(folder.to_string_lossy().into_owned())
    }
}

//! Facts that a project states about itself: its layout and its configuration for wrangler.

#[cfg(feature = "cli")]
pub(crate) mod astro_adapter;
pub(crate) mod astro_routes;
pub(crate) mod bindings;
pub(crate) mod deploy_config;
pub(crate) mod environment;
pub(crate) mod layout;
#[cfg(feature = "cli")]
pub(crate) mod npm_package;
pub(crate) mod path;
pub(crate) mod server_code;
pub(crate) mod wrangler;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{FileIn, Folder, Refused};
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use layout::Layout;
use wrangler::WranglerConfig;

/// The project around a packed folder, read once for each run.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The packed folder, as the user named it.
    pub(crate) dist: PathBuf,
    /// The packed folder without symbolic links in its path.
    pub(crate) folder: PathBuf,
    /// The same folder, held open.
    pub(crate) held: Arc<Folder>,
    /// The layout of the packed folder.
    pub(crate) layout: Layout,
    /// The configuration that the site is deployed with. A missing one has no values.
    pub(crate) config: WranglerConfig,
    /// The configuration that the user wrote, if the adapter made another one of it.
    pub(crate) user_config: Option<WranglerConfig>,
}

impl Project {
    /// The name of the folder beside the packed one in which Pages finds its Functions.
    pub(crate) const FUNCTIONS: &str = "functions";

    /// Reads the project around a packed folder.
    ///
    /// # Errors
    /// If the folder does not exist, its layout is ambiguous, or the configuration is invalid.
    pub(crate) fn read(dist: &Path) -> Result<Self, PackError> {
        let project = Self::without_config(dist)?;
        let config = WranglerConfig::of_site(&project)?;
        let user_config = config.of_user(&project);
        Ok(Self { config, user_config, ..project })
    }

    /// Reads the project around a packed folder as if it had no configuration.
    ///
    /// # Errors
    /// If the folder does not exist, or its layout is ambiguous.
    pub(crate) fn without_config(dist: &Path) -> Result<Self, PackError> {
        let not_found = || PackError::DistNotFound { path: dist.to_owned() };
        let folder = dist.canonicalize().map_err(|_| not_found())?;
        if !folder.is_dir() {
            return Err(not_found());
        }
        let held = Folder::open(&folder).map_err(PackError::io(Stage::Ingest, "read", &folder))?;
        let layout = Layout::detect(&folder)?;
        let dist = dist.to_owned();
        let config = WranglerConfig::default();
        let held = Arc::new(held);
        Ok(Self { dist, folder, held, layout, config, user_config: None })
    }

    /// Returns the files and folders around a packed folder that a pack of it depends on, whether they
    /// exist or not.
    pub(crate) fn inputs_around(dist: &Path) -> impl Iterator<Item = PathBuf> {
        let folders = dist.ancestors().skip(1).take(WranglerConfig::MAX_ABOVE);
        let names = || WranglerConfig::NAMES.into_iter().chain([Self::FUNCTIONS]);
        folders.flat_map(move |folder| names().map(move |name| folder.join(name)))
    }

    /// Returns a file of the packed folder that is not an asset. `name` is relative to the folder.
    ///
    /// Links to it are followed now, and only within the folder. The file is opened without following
    /// any, so that it cannot be exchanged for one elsewhere.
    ///
    /// # Errors
    /// If it is missing, or a link leads out of the packed folder.
    pub(crate) fn file(&self, name: &Path) -> io::Result<FileIn> {
        let target = self.folder.join(name).canonicalize()?;
        let target = target.strip_prefix(&self.folder).map_err(|_| Refused::Outside)?;
        Ok(FileIn::new(&self.held, target))
    }

    /// Returns a file that lies directly below the public folder.
    pub(crate) fn asset_file(&self, name: &str) -> io::Result<FileIn> {
        self.file(&self.layout.asset_prefix().join(name))
    }

    /// Returns the folder whose files are public, without symbolic links in its path.
    pub(crate) fn asset_root(&self) -> PathBuf {
        self.layout.asset_root(&self.folder)
    }

    /// Returns whether the project has a folder of Pages Functions.
    pub(crate) fn has_functions(&self) -> bool {
        self.root().is_some_and(|root| root.join(Self::FUNCTIONS).is_dir())
    }

    /// Returns the project's folder: the one that contains the packed folder.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        let absolute = std::path::absolute(&self.dist).unwrap_or_else(|_| self.dist.clone());
        // A path that ends in `..` has no name.
        let named = absolute.file_name().map(|_| &absolute);
        named.unwrap_or(&self.folder).parent().map(Path::to_owned)
    }

    /// Returns whether a folder is the project's.
    pub(crate) fn is_in(&self, folder: &Path) -> bool {
        let own = self.root().and_then(|root| root.canonicalize().ok());
        own.is_some() && own == folder.canonicalize().ok()
    }

    /// Returns the name of the project's folder, if it has a name.
    pub(crate) fn name(&self) -> Option<String> {
        Some(self.root()?.file_name()?.to_string_lossy().into_owned())
    }
}

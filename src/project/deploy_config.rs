//! `.wrangler/deploy/config.json`: the file by which adapters tell wrangler where the configuration of a
//! build is. Commands of wrangler without `--config` obey it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::path::{between, normalised, slashes};
use crate::disk::{Access, Folder};

/// The folder of the file, in the project's folder.
const FOLDER: &str = ".wrangler/deploy";

/// The name of the file in its folder.
const FILE: &str = "config.json";

/// The name that a new version of the file has until it is complete.
const STAGED: &str = "config.json.worker-pack";

/// The key of the path to the configuration, relative to [`FOLDER`].
const KEY: &str = "configPath";

/// The file that leads wrangler to the configuration of a build.
#[derive(Clone, Debug)]
pub(crate) struct DeployConfig {
    /// The folder that contains `.wrangler`.
    root: PathBuf,
    values: Map<String, Value>,
}

impl DeployConfig {
    /// The path of the file, from the project's folder.
    pub(crate) const NAME: &str = ".wrangler/deploy/config.json";

    /// Finds the file as wrangler does: in the project's folder, or else in the nearest folder above.
    pub(crate) fn find(root: &Path) -> Option<Self> {
        let root = root.ancestors().find(|folder| folder.join(Self::NAME).is_file())?;
        let values = serde_json::from_slice(&fs::read(root.join(Self::NAME)).ok()?).ok()?;
        Some(Self { root: root.to_owned(), values })
    }

    /// Returns the paths at which it may be.
    pub(crate) fn paths(root: &Path) -> impl Iterator<Item = PathBuf> {
        root.ancestors().map(|folder| folder.join(Self::NAME))
    }

    /// Returns the file of a project: this one, or one that is written later. That of a folder above
    /// belongs to another project, and wrangler takes the nearest one.
    pub(crate) fn of_project(found: Option<Self>, root: &Path) -> Self {
        let missing = || Self { root: root.to_owned(), values: Map::new() };
        found.filter(|found| found.root == root).unwrap_or_else(missing)
    }

    /// Returns the path of the configuration that it names.
    pub(crate) fn target(&self) -> Option<PathBuf> {
        Some(self.root.join(FOLDER).join(self.values.get(KEY)?.as_str()?))
    }

    /// Returns the target from the project's folder, for messages.
    pub(crate) fn shown_target(&self) -> String {
        let target = self.target().map(|target| normalised(&target)).unwrap_or_default();
        let shown = target.strip_prefix(&self.root).unwrap_or(&target);
        shown.to_string_lossy().into_owned()
    }

    /// Returns whether it names a configuration, by any path.
    pub(crate) fn leads_to(&self, config: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().ok();
        let target = self.target().and_then(|target| real(&target));
        target.is_some() && target == real(config)
    }

    /// Makes it name another configuration, and writes it. No link is followed.
    ///
    /// # Errors
    /// Among others, if the configuration does not exist.
    pub(crate) fn lead_to(mut self, config: &Path) -> io::Result<()> {
        let root = self.root.canonicalize()?;
        let config = config.canonicalize()?;
        // On another drive there is no relative path.
        let path = between(&root.join(FOLDER), &config).unwrap_or(config);
        self.values.insert(KEY.to_owned(), json!(slashes(&path)));
        let root = Folder::open(&root)?;
        root.create_folder(FOLDER, Access::Usual)?;
        let folder = root.folder(FOLDER)?;
        // An interrupted run may have left one.
        drop(folder.remove_file(STAGED));
        let mut staged = folder.create(STAGED, Access::Usual)?;
        staged.write_all(Value::Object(self.values).to_string().as_bytes())?;
        folder.rename(STAGED, FILE)
    }
}

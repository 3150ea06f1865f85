//! The package manager of a project, by its lock file.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A package manager of JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageManager {
    /// npm.
    Npm,
    /// pnpm.
    Pnpm,
    /// Yarn, of any version.
    Yarn,
    /// Bun.
    Bun,
}

/// The lock files, in the order in which they count if a folder has several.
const LOCK_FILES: [(&str, PackageManager); 6] = [
    ("pnpm-lock.yaml", PackageManager::Pnpm),
    ("bun.lock", PackageManager::Bun),
    ("bun.lockb", PackageManager::Bun),
    ("yarn.lock", PackageManager::Yarn),
    ("package-lock.json", PackageManager::Npm),
    ("npm-shrinkwrap.json", PackageManager::Npm),
];

impl PackageManager {
    /// Returns the command that installs all packages.
    pub fn install(self) -> String {
        format!("{self} install")
    }

    /// Returns the command that runs a script.
    pub fn run(self, script: &str) -> String {
        // `yarn check` is a command of Yarn 1.
        format!("{self} run {script}")
    }

    /// Returns the command that runs the program of a package that the project does not have.
    pub fn download(self, program: &str) -> String {
        let runner = match self {
            // Yarn 1 cannot do that.
            Self::Npm | Self::Yarn => "npx",
            Self::Pnpm => "pnpm dlx",
            Self::Bun => "bunx",
        };
        format!("{runner} {program}")
    }

    /// Returns the command that runs the program of an installed package.
    pub fn execute(self, program: &str) -> String {
        let runner = match self {
            Self::Npm => "npx",
            Self::Pnpm => "pnpm exec",
            Self::Yarn => "yarn",
            Self::Bun => "bunx",
        };
        format!("{runner} {program}")
    }
}

impl fmt::Display for PackageManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Bun => "bun",
        })
    }
}

/// The package manager with its lock file.
#[derive(Clone, Debug)]
pub(crate) struct Manager {
    pub(crate) kind: PackageManager,
    /// The lock file, which may be in a folder above. `None` if there is none.
    pub(crate) lock: Option<PathBuf>,
}

impl Manager {
    /// Finds the package manager of a project: by the nearest lock file in its folder or above, else by
    /// `packageManager` in `package.json`, else npm.
    pub(crate) fn of(root: &Path, package: &Value) -> Self {
        for folder in root.ancestors() {
            let found = LOCK_FILES.iter().find(|(name, _)| folder.join(name).is_file());
            if let Some((name, kind)) = found {
                return Self { kind: *kind, lock: Some(folder.join(name)) };
            }
            // Above a repository are other projects.
            if folder.join(".git").exists() {
                break;
            }
        }
        let named = package.get("packageManager").and_then(Value::as_str).unwrap_or_default();
        let kind = match named.split('@').next() {
            Some("pnpm") => PackageManager::Pnpm,
            Some("yarn") => PackageManager::Yarn,
            Some("bun") => PackageManager::Bun,
            _ => PackageManager::Npm,
        };
        Self { kind, lock: None }
    }

    /// Returns the text of the lock file, if it is a text.
    pub(crate) fn lock_text(&self) -> Option<String> {
        fs::read_to_string(self.lock.as_ref()?).ok()
    }
}

//! The npm packages of a project: what `package.json` asks for, and what is installed.

use std::path::PathBuf;

use serde_json::Value;

use super::version::Version;
use crate::inspection::subject::data::DataFile;
use crate::inspection::subject::{Data, Subject};
use crate::project::astro_adapter::ADAPTER;
use crate::project::npm_package::{self, GROUPS};

/// An npm package of a project.
#[derive(Clone, Debug)]
pub(super) struct Package {
    /// Its folder, if it is installed.
    pub(super) folder: Option<PathBuf>,
    /// Its `package.json`, if it is installed.
    installed: Option<DataFile>,
    /// The version that is installed, else the least one that `package.json` accepts.
    pub(super) version: Option<Version>,
}

impl Package {
    /// Finds a package that a project uses.
    pub(super) fn of(subject: &Subject, name: &str) -> Option<Self> {
        let wanted = range(subject, name);
        let folder = npm_package::folder(&subject.root, name);
        if wanted.is_none() && folder.is_none() {
            return None;
        }
        let installed = folder.as_ref().and_then(|folder| {
            let data = subject.data(&folder.join("package.json"))?;
            data.parsed.ok()
        });
        let version = installed.as_ref().and_then(|it| Version::of(it.get("version")?.as_str()?));
        let wanted = wanted.and_then(|range| Version::least_of(&range));
        Some(Self { folder, installed, version: version.or(wanted) })
    }

    /// Finds the adapter for Cloudflare, if the project uses it: `package.json` asks for it, or
    /// Astro's configuration imports it.
    pub(super) fn adapter(subject: &Subject) -> Option<Self> {
        let is_called = subject
            .astro_config()
            .is_some_and(|config| config.module.calls.iter().any(|call| call.module == ADAPTER));
        let is_used = is_called || range(subject, ADAPTER).is_some();
        is_used.then(|| Self::of(subject, ADAPTER)).flatten()
    }

    /// Returns whether it is of at least a major version. An unknown version is not.
    pub(super) fn is_from(&self, major: u64) -> bool {
        self.version.is_some_and(|version| version.major >= major)
    }

    /// Returns the range of versions of another package that it needs, if it is installed.
    pub(super) fn peer(&self, name: &str) -> Option<&str> {
        self.installed.as_ref()?.get("peerDependencies")?.get(name)?.as_str()
    }

    /// Returns whether it is installed.
    pub(super) fn is_installed(&self) -> bool {
        self.installed.is_some()
    }
}

/// Returns the range of versions that `package.json` asks for.
fn range(subject: &Subject, name: &str) -> Option<String> {
    let package = Data::values(subject.package.as_ref())?;
    let of = |group: &&str| package.get(group)?.get(name).and_then(Value::as_str);
    GROUPS.iter().find_map(of).map(str::to_owned)
}

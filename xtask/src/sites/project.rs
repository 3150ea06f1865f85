//! Astro projects, built by the real Astro in copies outside the repository.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use fs_err as fs;

use crate::command::run;
use crate::files::{self, Files, lock, remove, repository, scratch};
use crate::tools::node::{Node, QUIET};

/// The folders beside the sources.
const NOT_SOURCES: [&str; 4] = ["dist", "node_modules", ".astro", ".wrangler"];

/// Results of an earlier build, without which a build starts from nothing.
const LEFTOVERS: [&str; 5] =
    ["dist", ".astro", ".wrangler", "node_modules/.astro", "node_modules/.vite"];

/// The occasions on which a copy is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rebuild {
    Always,
    /// If the last build was made from other sources.
    IfChanged,
}

/// A folder with an Astro project.
pub(crate) struct Project {
    name: String,
    folder: PathBuf,
    /// Keeps other processes from using a copy at the same time.
    _lock: Option<File>,
}

impl Project {
    /// Returns the project in a folder of `examples/`.
    pub(crate) fn example(name: &str) -> Self {
        Self::new(name, repository("examples").join(name))
    }

    /// Returns the project in a folder. Copies have the name.
    pub(crate) fn new(name: &str, folder: PathBuf) -> Self {
        Self { name: name.to_owned(), folder, _lock: None }
    }

    /// Reads the files that the project is built from, except for its modules.
    pub(crate) fn sources(&self) -> Result<Files> {
        files::read(&self.folder, &NOT_SOURCES)
    }

    /// Returns the folder into which Astro writes the site.
    pub(crate) fn dist(&self) -> PathBuf {
        self.folder.join("dist")
    }

    /// Builds a copy.
    pub(crate) fn build_copy(&self, rebuild: Rebuild) -> Result<Self> {
        self.build_copy_of(&self.sources()?, rebuild)
    }

    /// Builds a copy with other sources.
    pub(crate) fn build_copy_of(&self, sources: &Files, rebuild: Rebuild) -> Result<Self> {
        let copy = Self {
            name: self.name.clone(),
            folder: scratch(&self.name),
            _lock: Some(lock(&self.name)?),
        };
        // The record says how a copy was built; its sources are in the copy.
        let record = scratch(&self.name).with_extension("built");
        let how = format!("{QUIET:?}\n");
        let is_built = fs::read_to_string(&record).is_ok_and(|record| record == how)
            && copy.dist().is_dir()
            && copy.sources()? == *sources;
        if is_built && rebuild == Rebuild::IfChanged {
            eprintln!("`{}` is unchanged since it was built", self.name);
            return Ok(copy);
        }
        remove(&record)?;
        files::write(sources, &copy.folder, &NOT_SOURCES)?;
        copy.build().with_context(|| format!("cannot build `{}`", self.name))?;
        fs::write(&record, how)?;
        Ok(copy)
    }

    /// Builds the project from its sources and the modules in its lock file, and nothing else.
    fn build(&self) -> Result<()> {
        let node = Node::find()?;
        node.install(&self.folder)?;
        for name in LEFTOVERS {
            remove(&self.folder.join(name))?;
        }
        run(node.command("npm", &self.folder).args(["run", "--silent", "build"]))
    }
}

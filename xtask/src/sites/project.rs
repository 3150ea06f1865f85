//! The Astro projects among the examples, built by the real Astro.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::files::{self as tree, Files};
use crate::say;
use crate::tools::node::{Node, QUIET, run};

/// What a project has at its top beside its sources.
const NOT_SOURCES: [&str; 4] = ["dist", "node_modules", ".astro", ".wrangler"];

/// What an earlier build may have left, and a build from nothing has not.
const LEFTOVERS: [&str; 5] =
    ["dist", ".astro", ".wrangler", "node_modules/.astro", "node_modules/.vite"];

/// A folder with an Astro project.
pub(crate) struct Project {
    name: String,
    folder: PathBuf,
    /// Keeps other processes off a copy, for as long as it is used.
    _lock: Option<File>,
}

impl Project {
    /// The project in a folder of `examples/`.
    pub(crate) fn example(name: &str) -> Self {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
        Self::new(name, examples.join(name))
    }

    pub(crate) fn new(name: &str, folder: PathBuf) -> Self {
        Self { name: name.to_owned(), folder, _lock: None }
    }

    /// Reads what the project is built from, but for its modules.
    pub(crate) fn sources(&self) -> Result<Files, String> {
        tree::read(&self.folder, &NOT_SOURCES)
    }

    /// Where Astro writes the site.
    pub(crate) fn dist(&self) -> PathBuf {
        self.folder.join("dist")
    }

    /// Builds the project from nothing but its sources, and the modules in its lock file.
    pub(crate) fn build(&self) -> Result<(), String> {
        let node = Node::find(&scratch())?;
        node.install(&self.folder)?;
        for name in LEFTOVERS {
            tree::remove(&self.folder.join(name))?;
        }
        let mut astro = node.command("npm", &self.folder);
        astro.args(["run", "--silent", "build"]);
        run(&mut astro).map_err(|error| format!("cannot build `{}`: {error}", self.name))
    }

    /// Copies the sources to a folder that outlives a run, beside the modules that were installed
    /// there.
    pub(crate) fn copy(&self) -> Result<Self, String> {
        let copy = self.take_copy()?;
        copy.fill(&self.sources()?)?;
        Ok(copy)
    }

    /// Builds a copy, unless the one that was built last has the same sources.
    pub(crate) fn build_copy(&self) -> Result<Self, String> {
        self.build_copy_of(&self.sources()?)
    }

    /// Builds a copy with other sources, unless the one that was built last has the same.
    pub(crate) fn build_copy_of(&self, sources: &Files) -> Result<Self, String> {
        let copy = self.take_copy()?;
        let how = format!("{QUIET:?}\n");
        let is_built = fs::read_to_string(copy.record()).is_ok_and(|record| record == how);
        if is_built && copy.dist().is_dir() && copy.sources()? == *sources {
            say(&format!("`{}` is as it was when it was built\n", self.name));
            return Ok(copy);
        }
        copy.fill(sources)?;
        copy.build()?;
        let record = copy.record();
        fs::write(&record, how).map_err(|error| tree::failed("write", &record, &error))?;
        Ok(copy)
    }

    /// Gives a copy its sources. It does not count as built any more.
    fn fill(&self, sources: &Files) -> Result<(), String> {
        tree::remove(&self.record())?;
        tree::write(sources, &self.folder, &NOT_SOURCES)
    }

    /// Waits until no other process uses the copy of this project, and takes it as it is.
    fn take_copy(&self) -> Result<Self, String> {
        let folder = scratch().join(&self.name);
        tree::create_folder(&folder)?;
        let lock = tree::lock(&scratch().join(format!("{}.lock", self.name)))?;
        Ok(Self { name: self.name.clone(), folder, _lock: Some(lock) })
    }

    /// The file that says that a copy was built, and how. What it was built from is in the copy.
    fn record(&self) -> PathBuf {
        scratch().join(format!("{}.built", self.name))
    }
}

/// A folder that outlives a run, beside Cargo's own.
pub(crate) fn scratch() -> PathBuf {
    let target = std::env::current_exe().ok();
    let target = target.as_deref().and_then(|program| program.ancestors().nth(2));
    target.unwrap_or(Path::new("target")).join("xtask")
}

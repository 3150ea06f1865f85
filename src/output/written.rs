//! The state of output files after they were written, to detect changes before the next run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cache::FileState;

/// The state of each output file, by its path below the output folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutputFiles(BTreeMap<String, FileState>);

impl OutputFiles {
    /// Looks up the state of files that were just written.
    pub(super) fn look(out: &Path, names: impl Iterator<Item = String>) -> Self {
        let state = |name: String| {
            let metadata = fs::symlink_metadata(out.join(&name)).ok()?;
            Some((name, FileState::of(&metadata)))
        };
        Self(names.filter_map(state).collect())
    }

    /// Returns the files below a folder, with their paths in it.
    pub(super) fn below(&self, folder: &str) -> Self {
        let inside = |(name, state): (&String, &FileState)| {
            Some((name.strip_prefix(folder)?.strip_prefix('/')?.to_owned(), *state))
        };
        Self(self.0.iter().filter_map(inside).collect())
    }

    /// Adds the files of a folder.
    pub(super) fn add_below(&mut self, folder: &str, files: Self) {
        self.0.extend(files.0.into_iter().map(|(name, state)| (format!("{folder}/{name}"), state)));
    }

    pub(crate) fn from_states(states: impl Iterator<Item = (String, FileState)>) -> Self {
        Self(states.collect())
    }

    pub(crate) fn states(&self) -> impl ExactSizeIterator<Item = (&String, &FileState)> {
        self.0.iter()
    }

    /// Returns whether a file has not changed since it was written. Its bytes are not read, so the
    /// name has to contain their hash.
    pub(super) fn has(&self, name: &str, out: &Path) -> bool {
        self.0.get(name).is_some_and(|state| {
            let metadata = fs::symlink_metadata(out.join(name));
            metadata.is_ok_and(|metadata| FileState::of(&metadata) == *state)
        })
    }
}

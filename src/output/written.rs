//! The files of an output as they were when they had been written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cache::FileState;

/// What the file system said of the files of an output, by their paths below its folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutputFiles(BTreeMap<String, FileState>);

impl OutputFiles {
    /// Looks at the files that were written.
    pub(super) fn look(out: &Path, names: impl Iterator<Item = String>) -> Self {
        let looked_at = |name: String| {
            let metadata = fs::metadata(out.join(&name)).ok()?;
            Some((name, FileState::of(&metadata)))
        };
        Self(names.filter_map(looked_at).collect())
    }

    pub(crate) fn from_states(states: impl Iterator<Item = (String, FileState)>) -> Self {
        Self(states.collect())
    }

    pub(crate) fn states(&self) -> impl ExactSizeIterator<Item = (&String, &FileState)> {
        self.0.iter()
    }

    /// Returns whether a file of a name, which tells its content, is as it was written.
    pub(super) fn has(&self, name: &str, out: &Path) -> bool {
        self.0.get(name).is_some_and(|state| {
            let found = fs::metadata(out.join(name));
            found.is_ok_and(|found| FileState::of(&found) == *state)
        })
    }
}

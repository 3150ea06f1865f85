//! The record of a build in the store, after its output was written.

use std::collections::BTreeMap;
use std::io;

use super::Retention;
use super::index::{Build, Builds, RecordedFile};
use super::selection::select;
use super::store::{Found, Store};
use super::trouble;
use crate::asset::blob::Blob;
use crate::feedback::diagnostic::Diagnostic;
use crate::tabulate::AssetTable;

impl Retention {
    /// Adds this build to the store, and removes what is no longer kept. A build that is repeated is not
    /// added again. `table` is the table of this build, without the kept files.
    ///
    /// Returns a warning if that fails: the output is written, and complete.
    pub(crate) fn record(&self, table: &AssetTable) -> Option<Diagnostic> {
        let known = self.builds.as_ref()?;
        if known.is_empty() && self.current.is_empty() {
            return None;
        }
        match self.try_to_record(table) {
            Ok(refused) => refused,
            Err(error) => Some(trouble::unusable(&self.place, "write to", &error)),
        }
    }

    fn try_to_record(&self, table: &AssetTable) -> io::Result<Option<Diagnostic>> {
        // Another process may have added a build since this one read the store.
        let store = Store::create(&self.place)?;
        let before = match store.read(&self.site) {
            Found::Unusable(warning) => return Ok(Some(warning)),
            Found::Missing | Found::Damaged(_) => Vec::new(),
            Found::Builds(builds) => builds,
        };
        let after = self.after(&before);
        self.write_bodies(&store, table)?;
        if after != before {
            store.write_index(&Builds { site: self.site.clone(), builds: after })?;
        }
        Ok(None)
    }

    /// Returns the builds of the store after this one.
    fn after(&self, before: &[Build]) -> Vec<Build> {
        let mut builds = before.to_vec();
        for build in &mut builds {
            build.files.retain(|file| !self.lost.contains(&file.sha256));
        }
        if builds.last().is_none_or(|last| last.files != self.current) {
            builds.push(Build { time: self.now, files: self.current.clone() });
        }
        let selected = select(&builds, &self.current, &self.bounds, self.now);
        let last = builds.len() - 1;
        let is_needed = |position: &usize| {
            *position == last || selected.iter().any(|selected| selected.position == *position)
        };
        let builds = builds.into_iter().enumerate();
        builds.filter(|(position, _)| is_needed(position)).map(|(_, build)| build).collect()
    }

    fn write_bodies(&self, store: &Store, table: &AssetTable) -> io::Result<()> {
        let bodies: BTreeMap<&str, &Blob> =
            table.entries().iter().map(|entry| (entry.route.as_str(), &entry.identity)).collect();
        // One that is damaged is replaced as long as its bytes are known.
        let is_missing = |file: &&RecordedFile| store.body(file).is_err();
        for file in self.current.iter().filter(is_missing) {
            let Some(body) = bodies.get(&*file.route) else { continue };
            let bytes = body.read().map_err(io::Error::other)?;
            store.write_body(file.sha256, &bytes)?;
        }
        Ok(())
    }
}

//! The record of a build in the store, after its output was written.

use std::collections::BTreeMap;
use std::io;

use super::Retention;
use super::index::{Build, History};
use super::selection::select;
use super::store::{Found, Store};
use super::trouble;
use crate::asset::blob::Blob;
use crate::feedback::diagnostic::Diagnostic;
use crate::tabulate::AssetTable;

impl Retention {
    /// Adds this build to the store, and removes what is no longer kept. A build that is repeated is not
    /// added again. `table` has the bodies of this build's files.
    ///
    /// Returns a warning if that fails: the output is written, and complete.
    pub(crate) fn record(&self, table: &AssetTable) -> Option<Diagnostic> {
        let known = self.known.as_ref()?;
        let has_nothing = self.current.is_empty() && self.announced.is_empty();
        if known.builds.is_empty() && has_nothing {
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
            Found::Missing | Found::Damaged(_) => History::of(&self.site),
            Found::Builds(known) => known,
        };
        let after = self.after(&before);
        self.write_bodies(&store, table)?;
        if after != before {
            store.write_index(&after)?;
        }
        Ok(None)
    }

    /// Returns the contents of the store after this build.
    fn after(&self, before: &History) -> History {
        let mut builds = before.builds.clone();
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
        let dropped = self.lost.union(&self.withdrawn).copied().collect();
        let dictionaries =
            self.within(&builds).after(&before.dictionaries, &self.announced, &dropped);
        let builds = builds.into_iter().enumerate();
        let builds = builds.filter(|(position, _)| is_needed(position)).map(|(_, build)| build);
        History { site: self.site.clone(), builds: builds.collect(), dictionaries }
    }

    fn write_bodies(&self, store: &Store, table: &AssetTable) -> io::Result<()> {
        let bodies: BTreeMap<&str, &Blob> =
            table.entries().iter().map(|entry| (entry.route.as_str(), &entry.identity)).collect();
        let files = self.current.iter();
        let files = files.filter_map(|file| bodies.get(&*file.route).copied());
        let dictionaries = self.announced.iter().map(|dictionary| &dictionary.identity);
        for body in files.chain(dictionaries) {
            // One that is damaged is replaced as long as its bytes are known.
            if store.body(body.hash(), body.len()).is_err() {
                let bytes = body.read().map_err(io::Error::other)?;
                store.write_body(body.hash(), &bytes)?;
            }
        }
        Ok(())
    }
}

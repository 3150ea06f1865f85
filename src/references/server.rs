//! The modules of a server that name public files. The server writes these names into the pages that it renders.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::locate::{Address, Locator, Spot};
use super::names::Rewriting;
use super::parsers::Parsers;
use crate::asset::digest::ContentHash;
use crate::ingest::{ServerModulesAre, Site};
use crate::project::layout::ServerEntry;
use crate::survey::OtherText;
use crate::transform::javascript::without_map_comment;
use crate::transform::reference::References;
use crate::transform::rewrite::Insertion;

/// A module of a server that names public files.
#[derive(Debug)]
pub(super) struct ServerText {
    /// The hash of its bytes, without a comment that names its source map.
    pub(super) hash: ContentHash,
    pub(super) references: References,
    /// The places of the names, in the order of the text.
    pub(super) spots: Vec<Spot>,
}

/// The fingerprints that the modules of a server get, by the paths of the modules below the packed folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerNames(pub(super) BTreeMap<String, Rewriting>);

impl ServerNames {
    /// Returns the fingerprints for a module, without a comment that names its source map. Returns `None` if it has
    /// changed since its names were planned.
    pub(crate) fn of(&self, name: &str, module: &str) -> Option<&[Insertion]> {
        let Some(rewriting) = self.0.get(name) else { return Some(&[]) };
        let is_same = rewriting.hash == ContentHash::of(module.as_bytes());
        is_same.then_some(&rewriting.insertions)
    }
}

/// The names of the modules of a server that are JavaScript. No browser runs them.
pub(super) struct ServerModules(BTreeSet<String>);

impl ServerModules {
    pub(super) fn of(site: &Site) -> Self {
        let folder = &site.project.folder;
        let server = site.project.layout.server_entry(folder);
        let paths = server.iter().flat_map(ServerEntry::modules);
        let names = paths.filter_map(|path| {
            let below = path.strip_prefix(folder).ok()?;
            let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
            Some(names.join("/"))
        });
        Self(names.collect())
    }

    pub(super) fn has(&self, text: &OtherText) -> bool {
        self.0.contains(&text.name)
    }
}

impl ServerText {
    /// Reads the modules of a server that is a part of the output, by their names. `texts` are those of the build that
    /// are not public files.
    pub(super) fn of_site(
        site: &Site,
        texts: &[OtherText],
        parsers: Parsers<'_>,
    ) -> BTreeMap<String, Self> {
        if site.server == ServerModulesAre::LeftOut {
            return BTreeMap::new();
        }
        let locator = Locator::new(site);
        let modules = ServerModules::of(site);
        let read = |text: &OtherText| {
            let source = str::from_utf8(&text.bytes).ok().filter(|_| modules.has(text))?;
            Some((text.name.clone(), Self::of_module(&locator, source, parsers)?))
        };
        texts.par_iter().filter_map(read).collect()
    }

    fn of_module(locator: &Locator<'_>, text: &str, parsers: Parsers<'_>) -> Option<Self> {
        // Nothing but comments follows the comment, so that all places stay.
        let references = parsers.server_references(text)?;
        let address = Address::of_site();
        let found = references.all.iter();
        let spots = found.filter_map(|one| locator.find(text, &references, one, &address));
        let spots = spots.collect();
        let hash = ContentHash::of(without_map_comment(text).as_bytes());
        Some(Self { hash, references, spots })
    }
}

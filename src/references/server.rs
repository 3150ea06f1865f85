//! The modules of a server that name public files. The server writes these names into the pages that it renders.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::locate::{Address, Locator, Spot};
use super::parsers::Parsers;
use super::text::{Allowance, Contents};
use crate::asset::digest::ContentHash;
use crate::ingest::{ServerModulesAre, Site};
use crate::survey::OtherText;
use crate::transform::javascript::without_map_comment;
use crate::transform::rewrite::Insertion;

/// A module of a server that names public files.
#[derive(Debug)]
pub(super) struct ServerText {
    /// The hash of its bytes, without a comment that names its source map.
    pub(super) hash: ContentHash,
    pub(super) contents: Contents,
    /// The places of the names, in the order of the text.
    pub(super) spots: Vec<Spot>,
}

/// The fingerprints that a module of a server gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerRewriting {
    /// The hash of the bytes that it is for.
    pub(crate) hash: ContentHash,
    /// The fingerprints, in the order of the text.
    pub(crate) insertions: Vec<Insertion>,
}

/// The fingerprints that the modules of a server get, by the paths of the modules below the packed folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerNames(pub(super) BTreeMap<String, ServerRewriting>);

impl ServerNames {
    /// Returns the fingerprints for a module, without a comment that names its source map.
    pub(crate) fn of(&self, name: &str, module: &str) -> &[Insertion] {
        let rewriting = self.0.get(name);
        let rewriting = rewriting.filter(|it| it.hash == ContentHash::of(module.as_bytes()));
        rewriting.map_or(&[], |rewriting| &rewriting.insertions)
    }
}

/// The folder of a server's modules below the packed folder, if the build has a server.
pub(super) struct ServerFolder(Option<PathBuf>);

impl ServerFolder {
    pub(super) fn of(site: &Site) -> Self {
        let folder = &site.project.folder;
        let server = site.project.layout.server_entry(folder);
        Self(server.and_then(|it| Some(it.folder.strip_prefix(folder).ok()?.to_owned())))
    }

    /// Returns whether a text is of the server: no browser runs it.
    pub(super) fn has(&self, text: &OtherText) -> bool {
        self.0.as_ref().is_some_and(|folder| Path::new(&text.name).starts_with(folder))
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
        let folder = ServerFolder::of(site);
        let modules = texts.iter().filter(|text| folder.has(text));
        let read = |text: &OtherText| {
            let source = str::from_utf8(&text.bytes).ok()?;
            Some((text.name.clone(), Self::of_module(&locator, source, parsers)?))
        };
        modules.filter_map(read).collect()
    }

    /// Returns the places of what no program compares with a URL.
    pub(super) fn inert(&self) -> &[Range<usize>] {
        match &self.contents {
            Contents::Read { references, .. } => &references.inert,
            Contents::Inert | Contents::Opaque => &[],
        }
    }

    fn of_module(locator: &Locator<'_>, text: &str, parsers: Parsers<'_>) -> Option<Self> {
        let source = without_map_comment(text);
        let references = parsers.server_references(&source)?;
        let address = Address::unknown();
        let spots = references.all.iter();
        let spots = spots.filter_map(|one| locator.find(&source, &references, one, &address));
        let spots = spots.collect();
        let hash = ContentHash::of(source.as_bytes());
        Some(Self {
            hash,
            contents: Contents::Read { references, allowance: Allowance::All },
            spots,
        })
    }
}

//! The modules whose hashes are in the import maps of pages: those that the code of a page imports, and those that these
//! import.

use std::collections::BTreeMap;

use rayon::prelude::*;
use worker_pack_runtime::packer::path::encode;

use super::page::Page;
use crate::ingest::Site;
use crate::references::locate::dot;
use crate::references::module_graph::{ModuleGraph, path_of};
use crate::references::plan::is_script;
use crate::references::text::Allowance;
use crate::transform::html::MapPlace;
use crate::transform::html::shipped::Shipped;

/// The scripts of a site. It is empty without the option.
#[derive(Debug, Default)]
pub(super) struct Modules {
    graph: ModuleGraph,
    /// The indices of the scripts, by their paths, percent-decoded.
    files: BTreeMap<String, usize>,
}

/// The modules that the import map of a page lists.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) place: MapPlace,
    /// The modules by their URLs, from their paths on, as browsers write them.
    pub(super) modules: BTreeMap<String, Module>,
}

/// A module that an import map lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// Its index in the site.
    pub(super) target: usize,
    /// The place in its URL where a fingerprint goes, in bytes.
    dot: Option<usize>,
}

impl Module {
    /// Returns the URL with a fingerprint.
    pub(super) fn named(self, url: &str, fingerprint: &str) -> Option<String> {
        let (before, after) = url.split_at(self.dot?);
        Some(format!("{before}{fingerprint}{after}"))
    }
}

impl Listed {
    /// Returns the indices of the modules in the site.
    pub(super) fn targets(&self) -> impl Iterator<Item = usize> {
        self.modules.values().map(|module| module.target)
    }
}

impl Modules {
    pub(super) fn of_site(site: &Site) -> Self {
        let behaviour = site.rules.behaviour;
        let scripts = site.files.iter().enumerate().filter(|(_, file)| is_script(file));
        let paths = scripts.map(|(index, file)| (file.route.url_path_in(behaviour), index));
        let files: BTreeMap<String, usize> =
            paths.map(|(path, index)| (path.into_owned(), index)).collect();
        let graph = files.par_iter().map(|(path, index)| {
            let bytes = site.files[*index].content.read().unwrap_or_default();
            ModuleGraph::of_script(&encode(path), &bytes)
        });
        let graph = graph.reduce(ModuleGraph::default, ModuleGraph::merged);
        Self { graph, files }
    }

    /// Finds the modules of a page. Returns `None` if its import map cannot have hashes, or its policy may block it, or
    /// if it imports none.
    pub(super) fn of_page(
        &self,
        site: &Site,
        index: usize,
        source: &str,
        allowance: Allowance,
    ) -> Option<Listed> {
        if self.files.is_empty() {
            return None;
        }
        let path = encode(&site.files[index].route.url_path_in(site.rules.behaviour));
        // A policy may block an import map, and Firefox reads none after a module that `Link` preloads.
        let is_against_maps = |name: &str| {
            let name = name.to_ascii_lowercase();
            name == "link" || name.starts_with("content-security-policy")
        };
        let shipped = Shipped::of(source).ok()?;
        if shipped.has_policy || site.rules.decide_on(&path, is_against_maps) {
            return None;
        }
        let place = MapPlace::of(source).ok()??;
        if allowance != Allowance::All && !matches!(place, MapPlace::Before(_)) {
            return None;
        }
        let reach = self.graph.reach(&shipped, &path);
        if reach.excludes_map {
            return None;
        }
        let modules = reach.imported.into_iter().filter_map(|url| {
            let target = self.files.get(&path_of(&url)?).copied()?;
            let dot = dot(&url, site.files[target].route.file_name());
            Some((url, Module { target, dot }))
        });
        let modules: BTreeMap<String, Module> = modules.collect();
        (!modules.is_empty()).then_some(Listed { place, modules })
    }
}

/// Lets each page with Astro's `ClientRouter` list the modules of all of them: its code runs in the page that was
/// loaded first, with the import map of that one.
pub(super) fn share_among_routed<'p>(pages: impl Iterator<Item = &'p mut Page>) {
    let routed = pages.filter(|page| page.is_routed);
    let mut listed: Vec<&mut Listed> = routed.filter_map(|page| page.listed.as_mut()).collect();
    let all: BTreeMap<String, Module> = listed.iter().flat_map(|one| one.modules.clone()).collect();
    for one in &mut listed {
        one.modules.clone_from(&all);
    }
}

//! The modules whose hashes are in the import maps of pages: those that the code of a page imports, and those that these
//! import.

use std::collections::BTreeMap;

use rayon::prelude::*;
use worker_pack_runtime::packer::path::encode;

use super::page::Page;
use crate::ingest::Site;
use crate::references::module_graph::ModuleGraph;
use crate::references::plan::is_script;
use crate::references::text::Allowance;
use crate::transform::html::MapPlace;
use crate::transform::html::shipped::Shipped;

/// The scripts of a site. It is empty without the option.
#[derive(Debug, Default)]
pub(super) struct Modules {
    graph: ModuleGraph,
    /// The indices of the scripts, by their paths.
    files: BTreeMap<String, usize>,
}

/// The modules that the import map of a page lists.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) place: MapPlace,
    /// The path of each module, by its index in the site.
    pub(super) modules: BTreeMap<usize, String>,
}

impl Modules {
    pub(super) fn of_site(site: &Site) -> Self {
        let behaviour = site.rules.behaviour;
        let scripts = site.files.iter().enumerate().filter(|(_, file)| is_script(file));
        let files: BTreeMap<String, usize> = scripts
            .map(|(index, file)| (encode(&file.route.url_path_in(behaviour)), index))
            .collect();
        let graph = files.par_iter().map(|(path, index)| {
            let bytes = site.files[*index].content.read().unwrap_or_default();
            let mut graph = ModuleGraph::default();
            graph.add(path, &String::from_utf8_lossy(&bytes));
            graph
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
        let is_policy =
            |name: &str| name.to_ascii_lowercase().starts_with("content-security-policy");
        let shipped = Shipped::of(source).ok()?;
        if shipped.has_policy || site.rules.decide_on(&path, is_policy) {
            return None;
        }
        let place = MapPlace::of(source).ok()??;
        if allowance != Allowance::All && !matches!(place, MapPlace::Before(_)) {
            return None;
        }
        let imported = self.graph.reach(&shipped, &path).imported;
        let modules = imported.into_iter().filter_map(|path| {
            let index = self.files.get(&path).copied()?;
            Some((index, path))
        });
        let modules: BTreeMap<usize, String> = modules.collect();
        (!modules.is_empty()).then_some(Listed { place, modules })
    }
}

/// Lets each page with Astro's `ClientRouter` list the modules of all of them: its code runs in the page that was
/// loaded first, with the import map of that one.
pub(super) fn share_among_routed<'p>(pages: impl Iterator<Item = &'p mut Page>) {
    let routed = pages.filter(|page| page.is_routed);
    let mut listed: Vec<&mut Listed> = routed.filter_map(|page| page.listed.as_mut()).collect();
    let all: BTreeMap<usize, String> = listed.iter().flat_map(|one| one.modules.clone()).collect();
    listed.iter_mut().for_each(|one| one.modules.clone_from(&all));
}

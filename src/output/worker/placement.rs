//! Where each body goes: into a Data module, to Workers Static Assets, or nowhere, since another
//! body decodes to it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use worker_pack_runtime::{Body, Coding, Stored};

use super::BODIES;
use crate::asset::blob::Blob;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::digest::ContentHash;
use crate::options::Identity;
use crate::options::WorkerOptions;
use crate::output::table_binary::{self, len_u32};
use crate::tabulate::{AssetEntry, AssetTable};

/// The size from which on a Data module gets no more bodies, in bytes. A few large modules load
/// faster than many small ones.
const FULL_MODULE: usize = 8 * 1024 * 1024;

/// The bodies of a site in their places, and the table that says where they are.
#[derive(Debug)]
pub(crate) struct Placement {
    /// The Data modules, each of some bodies.
    pub(crate) modules: Vec<BodyModule>,
    /// What goes to Workers Static Assets, by the name of its file.
    pub(crate) spilled: BTreeMap<String, Spilled>,
    /// The image of the table.
    pub(crate) table: Vec<u8>,
    /// How clients that take no coding are served.
    pub(crate) identity: Identity,
    /// The bodies in the Data modules.
    in_modules: BTreeSet<ContentHash>,
}

impl Placement {
    /// Returns whether a body is in a Data module.
    pub(crate) fn has_in_module(&self, blob: &Blob) -> bool {
        self.in_modules.contains(&blob.hash())
    }
}

/// A Data module: bodies, one behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyModule {
    pub(crate) bodies: Vec<Blob>,
    /// Its size in bytes.
    pub(crate) len: usize,
}

impl BodyModule {
    fn add(&mut self, body: &Blob) {
        self.len += body.len();
        self.bodies.push(body.clone());
    }

    /// Returns its name: by what is in it, so that nobody has an old one.
    pub(crate) fn name(&self) -> String {
        let hashes: Vec<u8> = self.bodies.iter().flat_map(|body| *body.hash().as_bytes()).collect();
        format!("{BODIES}/{}.bin", &ContentHash::of(&hashes).to_string()[..16])
    }
}

/// A body in Workers Static Assets.
#[derive(Debug)]
pub(crate) struct Spilled {
    /// The file that it is of.
    pub(crate) file: String,
    /// Its bytes.
    pub(crate) blob: Blob,
}

/// A body that has to be somewhere, and what speaks for which place.
struct Candidate<'t> {
    entry: &'t AssetEntry,
    blob: &'t Blob,
    rank: Rank,
}

/// What goes to Workers Static Assets first, the greatest first: what browsers keep for good, so
/// that the detour is rare; what is compressed by nature; what is large.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_immutable: bool,
    is_incompressible: bool,
    len: usize,
}

/// Finds the place of each body. `budget` is what the Worker has room for, in bytes.
pub(crate) fn place(
    table: &AssetTable,
    options: &WorkerOptions,
    identity: Identity,
    budget: usize,
) -> Placement {
    let candidates = candidates(table, identity);
    let spilled = spilled(&candidates, options, budget);
    let mut places = BTreeMap::new();
    let mut modules: Vec<BodyModule> = Vec::new();
    for candidate in &candidates {
        let hash = candidate.blob.hash();
        let len = len_u32(candidate.blob.len());
        if spilled.contains(&hash) {
            places.insert(hash, Stored::StaticAsset { name: hash.etag(), len });
            continue;
        }
        if modules.last().is_none_or(|module| module.len >= FULL_MODULE) {
            modules.push(BodyModule::default());
        }
        let index = len_u32(modules.len() - 1);
        let module = modules.last_mut().expect("there is one");
        places.insert(hash, Stored::Module { index, start: len_u32(module.len), len });
        module.add(candidate.blob);
    }
    let table = table_binary::render(table, |entry, coding, blob| {
        match (coding, entry.decoded_from(identity)) {
            (Coding::Identity, Some(brotli)) => Body::decoded(places[&brotli.hash()], blob.len()),
            _ => Body::new(places[&blob.hash()]),
        }
    });
    let is_spilled = |candidate: &&Candidate<'_>| spilled.contains(&candidate.blob.hash());
    let spilled = candidates
        .iter()
        .filter(is_spilled)
        .map(|candidate| {
            let name = static_asset_name(candidate.blob);
            let file = candidate.entry.name.clone();
            (name, Spilled { file, blob: candidate.blob.clone() })
        })
        .collect();
    let in_modules = places
        .into_iter()
        .filter(|(_, place)| matches!(place, Stored::Module { .. }))
        .map(|(hash, _)| hash)
        .collect();
    Placement { modules, spilled, table, identity, in_modules }
}

/// Returns the name of a body's file among the static assets: its entity tag.
fn static_asset_name(blob: &Blob) -> String {
    blob.hash().etag().to_string().trim_matches('"').to_owned()
}

/// Returns every body once that has to be somewhere, in the order of the table.
fn candidates(table: &AssetTable, identity: Identity) -> Vec<Candidate<'_>> {
    let mut seen = BTreeSet::<ContentHash>::new();
    let mut candidates = Vec::new();
    for entry in table.entries() {
        for (_, blob) in entry.required_bodies(identity) {
            if seen.insert(blob.hash()) {
                let rank = Rank {
                    is_immutable: entry.cache_policy == CachePolicy::Immutable,
                    is_incompressible: !entry.media_type.is_compressible(),
                    len: blob.len(),
                };
                candidates.push(Candidate { entry, blob, rank });
            }
        }
    }
    candidates
}

fn spilled(
    candidates: &[Candidate<'_>],
    options: &WorkerOptions,
    budget: usize,
) -> BTreeSet<ContentHash> {
    let largest = options.spill_above.map_or(u64::MAX, |size| size.as_u64());
    let (mut spilled, mut within) = (BTreeSet::new(), Vec::new());
    for candidate in candidates {
        if candidate.blob.len() as u64 >= largest {
            spilled.insert(candidate.blob.hash());
        } else {
            within.push(candidate);
        }
    }
    let mut total: usize = within.iter().map(|candidate| candidate.blob.len()).sum();
    within.sort_by_key(|candidate| (Reverse(candidate.rank), candidate.blob.hash()));
    for candidate in within {
        if total <= budget {
            break;
        }
        total -= candidate.blob.len();
        spilled.insert(candidate.blob.hash());
    }
    spilled
}

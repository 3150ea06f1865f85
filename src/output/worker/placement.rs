//! The place of each body: in a Data module, in Workers Static Assets, in R2, or nowhere if another
//! body decodes to it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use worker_pack_runtime::Stored;

use super::BODIES;
use crate::asset::blob::Blob;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::digest::ContentHash;
use crate::options::{Identity, SpillTo, WorkerOptions};
use crate::output::table_binary::{self, len_u32};
use crate::tabulate::{AssetEntry, AssetTable};
use crate::weight::StaticAsset;

/// Size in bytes at which a Data module is full. A few large modules load faster than many small
/// ones.
const FULL_MODULE: usize = 8 * 1024 * 1024;

/// The places of a site's bodies, and the table that refers to them.
#[derive(Debug)]
pub(crate) struct Placement {
    /// The Data modules with their bodies.
    pub(crate) modules: Vec<BodyModule>,
    /// The bodies in Workers Static Assets, by file name.
    pub(crate) static_assets: BTreeMap<String, Spilled>,
    /// The bodies in R2, by key.
    pub(crate) r2_objects: BTreeMap<String, Spilled>,
    /// The table in its binary format.
    pub(crate) table: Vec<u8>,
    /// The source of bodies for clients that accept no content coding.
    pub(crate) identity: Identity,
    /// The hashes of the bodies in Data modules.
    in_modules: BTreeSet<ContentHash>,
    /// The bodies in Data modules, in the order in which a smaller budget would move them.
    pub(crate) movable: Vec<Blob>,
}

impl Placement {
    /// Returns the bodies outside of the Worker, with their places.
    pub(crate) fn elsewhere(&self) -> BTreeMap<ContentHash, Stored<'static>> {
        let hash = |spilled: &Spilled| (spilled.blob.hash(), len_u32(spilled.blob.len()));
        let static_assets = self.static_assets.values().map(hash);
        let static_assets =
            static_assets.map(|(hash, len)| (hash, Stored::StaticAsset { name: hash.etag(), len }));
        let r2_objects = self.r2_objects.values().map(hash);
        let r2_objects =
            r2_objects.map(|(hash, len)| (hash, Stored::R2Object { name: hash.etag(), len }));
        static_assets.chain(r2_objects).collect()
    }

    /// Returns whether a body is in a Data module.
    pub(crate) fn has_in_module(&self, blob: &Blob) -> bool {
        self.in_modules.contains(&blob.hash())
    }

    /// Returns the files in Workers Static Assets, to weigh them.
    pub(super) fn weighed_static_assets(&self) -> Vec<StaticAsset> {
        let spilled = self.static_assets.values();
        let asset = |one: &Spilled| StaticAsset { file: one.file.clone(), size: one.blob.len() };
        spilled.map(asset).collect()
    }
}

/// A Data module: bodies, one after another.
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

    /// Returns its name, a hash of its content: another module never has the same name.
    pub(crate) fn name(&self) -> String {
        let hashes: Vec<u8> = self.bodies.iter().flat_map(|body| *body.hash().as_bytes()).collect();
        format!("{BODIES}/{}.bin", &ContentHash::of(&hashes).to_string()[..16])
    }
}

/// A body outside of the Worker.
#[derive(Debug)]
pub(crate) struct Spilled {
    /// The file of the site.
    pub(crate) file: String,
    /// The bytes.
    pub(crate) blob: Blob,
}

/// Returns the files of the site to which some bodies belong, sorted.
pub(super) fn files(bodies: &BTreeMap<String, Spilled>) -> Vec<String> {
    let files: BTreeSet<&String> = bodies.values().map(|spilled| &spilled.file).collect();
    files.into_iter().cloned().collect()
}

/// A body to place.
struct Candidate<'t> {
    entry: &'t AssetEntry,
    blob: &'t Blob,
    priority: SpillPriority,
}

/// The order in which bodies move out of the Worker, the greatest first. Immutable ones
/// lead, since browsers cache them for good and so rarely cause the detour. Then come those that
/// cannot be compressed, and then the largest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SpillPriority {
    is_immutable: bool,
    is_incompressible: bool,
    len: usize,
}

/// Chooses the place of each body. `budget` is the room for bodies in the Worker, in bytes.
pub(crate) fn place(
    table: &AssetTable,
    options: &WorkerOptions,
    identity: Identity,
    budget: usize,
) -> Placement {
    let candidates = candidates(table, identity);
    let mut by_priority: Vec<&Candidate<'_>> = candidates.iter().collect();
    by_priority.sort_by_key(|candidate| (Reverse(candidate.priority), candidate.blob.hash()));
    let spilled = spilled(&by_priority, options, budget);
    let movable = by_priority.iter().map(|candidate| candidate.blob);
    let movable = movable.filter(|blob| !spilled.contains(&blob.hash())).cloned().collect();
    let mut places = BTreeMap::new();
    let mut modules: Vec<BodyModule> = Vec::new();
    for candidate in &candidates {
        let hash = candidate.blob.hash();
        let len = len_u32(candidate.blob.len());
        if spilled.contains(&hash) {
            let name = hash.etag();
            let place = match spill_store(candidate.blob, options) {
                SpillStore::StaticAssets => Stored::StaticAsset { name, len },
                SpillStore::R2 => Stored::R2Object { name, len },
            };
            places.insert(hash, place);
            continue;
        }
        if modules.last().is_none_or(|module| module.len >= FULL_MODULE) {
            modules.push(BodyModule::default());
        }
        let index = len_u32(modules.len() - 1);
        let module = modules.last_mut().expect("the list is not empty");
        places.insert(hash, Stored::Module { index, start: len_u32(module.len), len });
        module.add(candidate.blob);
    }
    let table = table_binary::render(table, identity, |blob| places[&blob.hash()]);
    let (mut static_assets, mut r2_objects) = (BTreeMap::new(), BTreeMap::new());
    for Candidate { entry, blob, .. } in &candidates {
        let store = match places[&blob.hash()] {
            Stored::StaticAsset { .. } => &mut static_assets,
            Stored::R2Object { .. } => &mut r2_objects,
            Stored::Memory(_) | Stored::Module { .. } => continue,
        };
        store.insert(
            spilled_name(blob),
            Spilled { file: entry.name.clone(), blob: (*blob).clone() },
        );
    }
    let in_modules = places
        .into_iter()
        .filter(|(_, place)| matches!(place, Stored::Module { .. }))
        .map(|(hash, _)| hash)
        .collect();
    Placement { modules, static_assets, r2_objects, table, identity, in_modules, movable }
}

/// A store of bodies outside of the Worker.
enum SpillStore {
    StaticAssets,
    R2,
}

/// Chooses the store of a body that moves out of the Worker.
fn spill_store(blob: &Blob, options: &WorkerOptions) -> SpillStore {
    let is_too_large = || blob.len() as u64 > options.limits.static_asset.as_u64();
    match options.spill_to {
        SpillTo::R2 => SpillStore::R2,
        SpillTo::Both if is_too_large() => SpillStore::R2,
        SpillTo::StaticAssets | SpillTo::Both => SpillStore::StaticAssets,
    }
}

/// Returns the name of a body outside of the Worker: its entity tag.
fn spilled_name(blob: &Blob) -> String {
    blob.hash().etag().to_string().trim_matches('"').to_owned()
}

/// Returns each body that has to be stored, in the order of the table. Equal ones are listed once.
fn candidates(table: &AssetTable, identity: Identity) -> Vec<Candidate<'_>> {
    let mut seen = BTreeSet::<ContentHash>::new();
    let mut candidates = Vec::new();
    for entry in table.entries() {
        for (_, blob) in entry.required_bodies(identity) {
            if seen.insert(blob.hash()) {
                let priority = SpillPriority {
                    is_immutable: entry.cache_policy == CachePolicy::Immutable,
                    is_incompressible: !entry.media_type.is_compressible(),
                    len: blob.len(),
                };
                candidates.push(Candidate { entry, blob, priority });
            }
        }
    }
    candidates
}

/// Chooses the bodies that move out of the Worker: the ones of at least `spill_above`, and then by
/// priority until the rest fits into the budget.
fn spilled(
    by_priority: &[&Candidate<'_>],
    options: &WorkerOptions,
    budget: usize,
) -> BTreeSet<ContentHash> {
    let spill_above = options.spill_above.map_or(u64::MAX, |size| size.as_u64());
    let blobs = || by_priority.iter().map(|candidate| candidate.blob);
    let is_above = |blob: &&Blob| blob.len() as u64 >= spill_above;
    let mut spilled: BTreeSet<_> = blobs().filter(is_above).map(Blob::hash).collect();
    let rest = || blobs().filter(|blob| !is_above(blob));
    let mut total: usize = rest().map(Blob::len).sum();
    for blob in rest() {
        if total <= budget {
            break;
        }
        total -= blob.len();
        spilled.insert(blob.hash());
    }
    spilled
}

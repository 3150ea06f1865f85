//! Deltas: hashed files that are sent as their difference to the same file of an earlier build, which a browser
//! has in its cache.
//!
//! The pattern by which a browser offers the earlier file contains a star in the place of the hash. If several
//! files of a build have the same name but for the hash, a browser would offer the one that it fetched last,
//! whichever that is, so such files are left as they are.

use std::collections::BTreeMap;

use super::encoding::Encoder;
use super::serving::{Serving, obstacle};
use super::variant;
use crate::asset::blob::Blob;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::fingerprint;
use crate::cache::Cache;
use crate::coding::Effort;
use crate::feedback::error::PackError;
use crate::parallel;
use crate::tabulate::{AssetEntry, AssetTable};
use worker_pack_runtime::Coding;

/// The number of earlier files with which a file is encoded. Visitors who come back later get it in Brotli.
const PREDECESSORS: usize = 3;

/// The size in Brotli from which a file can have deltas, in bytes. A smaller one has nothing to save.
const MIN_LEN: usize = 256;

/// A file with those of earlier builds that have the same name but for the hash.
struct Lineage<'t> {
    /// The value of `Use-As-Dictionary`.
    offer: String,
    file: &'t AssetEntry,
    brotli: &'t Blob,
    /// The newest first.
    predecessors: Vec<&'t AssetEntry>,
}

/// Adds bodies to the hashed files of a table that are encoded with files of earlier builds, and says in both that
/// browsers can use them as dictionaries. `builds` are the earlier builds, the newest first, whose files the table
/// contains.
///
/// # Errors
/// If a body cannot be read, because the site or the cache has changed.
pub(crate) fn for_hashed_files(
    table: &AssetTable,
    builds: &[Vec<AssetEntry>],
    effort: Effort,
    cache: &Cache,
) -> Result<AssetTable, PackError> {
    let lineages = lineages(table, builds);
    let offers: BTreeMap<&str, &str> = lineages
        .iter()
        .flat_map(|lineage| {
            let files = [lineage.file].into_iter().chain(lineage.predecessors.iter().copied());
            files.map(|file| (file.route.as_str(), &*lineage.offer))
        })
        .collect();
    let mut entries = table.entries().to_vec();
    for entry in &mut entries {
        entry.use_as_dictionary = match offers.get(entry.route.as_str()) {
            Some(offer) => Some((*offer).to_owned()),
            None => entry.use_as_dictionary.take(),
        };
    }
    // A rule of the site may take away what browsers need to keep a dictionary.
    let offering = AssetTable::new(entries, table.rules().clone());
    let serving = Serving::of(&offering);
    let asked = serving.table();
    let mut entries = offering.entries().to_vec();
    for entry in &mut entries {
        if offers.contains_key(entry.route.as_str()) && obstacle(&asked, entry).is_some() {
            entry.use_as_dictionary = None;
        }
    }
    let is_offered = |file: &AssetEntry| {
        let place = entries.binary_search_by(|entry| entry.route.cmp(&file.route));
        place.is_ok_and(|place| entries[place].use_as_dictionary.is_some())
    };
    let mut pairs = Vec::new();
    for lineage in &lineages {
        let offered = lineage.predecessors.iter().filter(|file| is_offered(file));
        pairs.extend(offered.map(|predecessor| (lineage, *predecessor)));
    }
    let encoded = parallel::map_largest_first(
        pairs,
        |(lineage, _)| lineage.file.identity.len(),
        |(lineage, predecessor)| {
            let bytes = predecessor.identity.read()?;
            let Some(encoder) = Encoder::new(&bytes, effort, cache) else { return Ok(None) };
            let body = encoder.encode_body(&lineage.file.identity, lineage.brotli)?;
            Ok(body.map(|body| (lineage.file.route.clone(), variant(&predecessor.identity, &body))))
        },
    );
    for body in encoded {
        let Some((route, variant)) = body? else { continue };
        let place = entries.binary_search_by(|entry| entry.route.cmp(&route));
        entries[place.expect("it is a file of the table")].variants.push(variant);
    }
    Ok(AssetTable::new(entries, table.rules().clone()))
}

/// Finds the files that can have deltas, in the order of their routes.
fn lineages<'t>(table: &'t AssetTable, builds: &'t [Vec<AssetEntry>]) -> Vec<Lineage<'t>> {
    let own = table.entries().iter().filter(|entry| !entry.is_of_earlier_build());
    let earlier: Vec<BTreeMap<String, &AssetEntry>> =
        builds.iter().map(|build| alone(build.iter())).collect();
    let lineage = |(stem, file): (String, &'t AssetEntry)| {
        let (_, brotli) = file.encoded.iter().find(|(coding, _)| *coding == Coding::Brotli)?;
        // Another file may already be a dictionary by what it is for.
        if brotli.len() < MIN_LEN || file.use_as_dictionary.is_some() || !is_plain(&stem) {
            return None;
        }
        let mut predecessors: Vec<&AssetEntry> = Vec::new();
        for before in earlier.iter().filter_map(|build| build.get(&stem)) {
            let is_new = predecessors.iter().all(|other| other.identity != before.identity);
            if is_new && before.identity != file.identity && predecessors.len() < PREDECESSORS {
                predecessors.push(before);
            }
        }
        let offer = format!("match=\"{stem}\"");
        Some(Lineage { offer, file, brotli, predecessors })
    };
    alone(own).into_iter().filter_map(lineage).collect()
}

/// Returns the hashed files of a build that no other one is named like, by their paths with a star in the place of
/// the hash.
fn alone<'t>(files: impl Iterator<Item = &'t AssetEntry>) -> BTreeMap<String, &'t AssetEntry> {
    let mut stems = BTreeMap::<String, Vec<&AssetEntry>>::new();
    for file in files.filter(|file| file.cache_policy == CachePolicy::Immutable) {
        let stem = fingerprint::starred(file.route.as_str());
        if stem != file.route.as_str() {
            stems.entry(stem).or_default().push(file);
        }
    }
    let only = |(stem, files): (String, Vec<&'t AssetEntry>)| match files[..] {
        [file] => Some((stem, file)),
        _ => None,
    };
    stems.into_iter().filter_map(only).collect()
}

/// Returns whether all characters of a path but the star of the hash mean themselves in a URL pattern and in a
/// string of Structured Fields.
fn is_plain(stem: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~*".contains(&byte);
    stem.bytes().all(is_plain) && stem.matches('*').count() == 1
}

//! The files of bodies that an emitted module includes.

use std::collections::{BTreeMap, BTreeSet};

use worker_pack_runtime::Stored;

use super::folder::SHARD;
use super::table_binary::len_u32;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::options::Identity;
use crate::tabulate::AssetTable;

/// The size above which a shard is split, in bytes.
///
/// For a moment, the compiler needs 16 times the size of an included file. A change of a page rewrites
/// the shard that contains its bodies.
const FULL: usize = 1024 * 1024;

/// The bodies of a table, spread over files.
///
/// The path of an asset decides on its shard, not the order or the bytes of the bodies. So a change of
/// a page leaves all other shards as they are.
#[derive(Debug)]
pub(crate) struct Shards {
    shards: Vec<Shard>,
    places: BTreeMap<ContentHash, Place>,
}

/// A file of bodies, one behind the other.
#[derive(Debug)]
pub(crate) struct Shard {
    /// The name of the file: a hash of the bodies.
    pub(crate) name: String,
    pub(crate) bodies: Vec<Blob>,
    /// The size in bytes.
    pub(crate) len: usize,
}

/// The place of a body.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The index of the shard.
    shard: usize,
    /// The offset in the shard, in bytes.
    start: usize,
}

/// The bodies of an asset that no asset before it has.
struct Group {
    /// The hash of the asset's path.
    path: ContentHash,
    bodies: Vec<Blob>,
}

impl Shards {
    /// Spreads the bodies that are stored in files. `is_included` leaves out those that are elsewhere.
    pub(crate) fn new(
        table: &AssetTable,
        identity: Identity,
        is_included: impl Fn(&Blob) -> bool,
    ) -> Self {
        Self::with_limit(table, identity, is_included, FULL)
    }

    /// Spreads the bodies over files of at most `full` bytes, unless an asset has more.
    fn with_limit(
        table: &AssetTable,
        identity: Identity,
        is_included: impl Fn(&Blob) -> bool,
        full: usize,
    ) -> Self {
        let mut seen = BTreeSet::new();
        let mut shards = Vec::new();
        let mut groups = Vec::new();
        for entry in table.entries() {
            let mut bodies = Vec::new();
            for (_, blob) in entry.required_bodies(identity) {
                if !is_included(blob) || !seen.insert(blob.hash()) {
                    continue;
                }
                if blob.len() >= full {
                    shards.push(Shard::new(vec![blob.clone()]));
                } else {
                    bodies.push(blob.clone());
                }
            }
            let path = ContentHash::of(entry.route.as_str().as_bytes());
            groups.push(Group { path, bodies });
        }
        groups.sort_by_key(|group| group.path);
        split(&groups, 0, full, &mut shards);
        let places = places(&shards);
        Self { shards, places }
    }

    /// Returns the shards, in the order of their indices in the table.
    pub(crate) fn all(&self) -> &[Shard] {
        &self.shards
    }

    /// Returns where a body is stored.
    pub(crate) fn stored(&self, blob: &Blob) -> Stored<'static> {
        let Place { shard, start } = self.places[&blob.hash()];
        Stored::Module { index: len_u32(shard), start: len_u32(start), len: len_u32(blob.len()) }
    }

    /// Returns the shard that contains a body, and the offset in it. None if the body is not stored,
    /// since another one decodes to it.
    pub(crate) fn find(&self, blob: &Blob) -> Option<(&Shard, usize)> {
        let place = self.places.get(&blob.hash())?;
        Some((&self.shards[place.shard], place.start))
    }
}

impl Shard {
    fn new(bodies: Vec<Blob>) -> Self {
        let hashes: Vec<u8> = bodies.iter().flat_map(|body| *body.hash().as_bytes()).collect();
        let name = format!("{}{SHARD}", ContentHash::of(&hashes));
        let len = bodies.iter().map(Blob::len).sum();
        Self { name, bodies, len }
    }
}

/// Makes a shard of groups that are sorted by path, or splits them in two by a bit of the path.
fn split(groups: &[Group], bit: usize, full: usize, shards: &mut Vec<Shard>) {
    let bodies = || groups.iter().flat_map(|group| &group.bodies);
    let len: usize = bodies().map(Blob::len).sum();
    if len > full && groups.len() > 1 {
        let middle = groups.partition_point(|group| !has_bit(group.path, bit));
        split(&groups[..middle], bit + 1, full, shards);
        split(&groups[middle..], bit + 1, full, shards);
    } else if bodies().next().is_some() {
        shards.push(Shard::new(bodies().cloned().collect()));
    }
}

/// Returns a bit of a hash, counted from the one that weighs most when hashes are compared.
fn has_bit(hash: ContentHash, bit: usize) -> bool {
    hash.as_bytes()[bit / 8] & (0x80 >> (bit % 8)) != 0
}

fn places(shards: &[Shard]) -> BTreeMap<ContentHash, Place> {
    let mut places = BTreeMap::new();
    for (shard, bodies) in shards.iter().map(|shard| &shard.bodies).enumerate() {
        let mut start = 0;
        for body in bodies {
            places.insert(body.hash(), Place { shard, start });
            start += body.len();
        }
    }
    places
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use worker_pack_runtime::packer::{BinaryTable, Modules};
    use worker_pack_runtime::{Coding, Table};

    use super::*;
    use crate::asset::cache_policy::CachePolicy;
    use crate::asset::media_type::MediaType;
    use crate::asset::route::RoutePath;
    use crate::output::table_binary;
    use crate::rules::SiteRules;
    use crate::tabulate::AssetEntry;
    use crate::transform::Outcome;

    pub(crate) fn entry(name: &str, body: &[u8]) -> AssetEntry {
        AssetEntry {
            route: RoutePath::from_relative(name.as_ref()).expect("a plain name"),
            name: name.to_owned(),
            media_type: MediaType::essence("text/plain"),
            content_type: "text/plain".to_owned(),
            cache_policy: CachePolicy::Revalidate,
            source_len: 0,
            outcome: Outcome::NotMinifiable,
            rules: Vec::new(),
            link: None,
            named_by: None,
            identity: Blob::new(body),
            encoded: Vec::new(),
            variants: Vec::new(),
            use_as_dictionary: None,
            content_security_policy: None,
            fingerprint_of: None,
        }
    }

    pub(crate) fn table(entries: Vec<AssetEntry>) -> AssetTable {
        AssetTable::new(entries, SiteRules::default())
    }

    /// A limit that small bodies reach.
    const LIMIT: usize = 1000;

    fn shards(table: &AssetTable, identity: Identity) -> Shards {
        Shards::with_limit(table, identity, |_| true, LIMIT)
    }

    /// Returns bytes that differ between numbers.
    fn body(number: usize, len: usize) -> Vec<u8> {
        number.to_le_bytes().into_iter().cycle().take(len).collect()
    }

    /// Returns the contents of the files.
    fn files(shards: &Shards) -> Vec<Vec<u8>> {
        let read = |blob: &Blob| blob.read().expect("it is in memory").to_vec();
        shards.all().iter().map(|shard| shard.bodies.iter().flat_map(read).collect()).collect()
    }

    fn names(shards: &Shards) -> BTreeSet<&str> {
        shards.all().iter().map(|shard| &*shard.name).collect()
    }

    proptest! {
        #[test]
        fn every_body_is_read_from_its_place(
            lens in prop::collection::vec(prop_oneof![0..9_usize, 0..400_usize, LIMIT..LIMIT + 2], 0..12),
            identity in prop_oneof![Just(Identity::Stored), Just(Identity::Decoded)],
        ) {
            let encoded = |number, len| (len > 2).then(|| (Coding::Brotli, Blob::new(body(number, len / 2))));
            let entries = lens.iter().enumerate().map(|(number, len)| AssetEntry {
                encoded: encoded(number + 100, *len).into_iter().collect(),
                ..entry(&format!("{number}"), &body(number % 7, *len))
            });
            let table = table(entries.collect());
            let shards = Shards::with_limit(&table, identity, |_| true, LIMIT);
            let files = files(&shards);
            prop_assert!(files.iter().zip(shards.all()).all(|(file, shard)| file.len() == shard.len));
            let files: Vec<&[u8]> = files.iter().map(|file| &**file).collect();
            let bytes = table_binary::render(&table, identity, |blob| shards.stored(blob));
            let binary = BinaryTable::read(&bytes, Modules::Linked(&files)).expect("a table");
            let binary = Table::from_binary(binary);
            prop_assert_eq!(binary.len(), table.entries().len());
            for (asset, entry) in binary.assets().zip(table.entries()) {
                let expected = |blob: &Blob| blob.read().expect("it is in memory");
                let stored = asset.identity().body();
                if entry.decoded_from(identity).is_some() {
                    prop_assert_eq!(stored.decoded_len(), Some(entry.identity.len()));
                } else {
                    prop_assert_eq!(stored.bytes(), Some(&*expected(&entry.identity)));
                }
                for (one, (coding, blob)) in asset.encoded().zip(&entry.encoded) {
                    prop_assert_eq!(one.coding(), *coding);
                    prop_assert_eq!(one.body().bytes(), Some(&*expected(blob)));
                }
            }
        }
    }

    #[test]
    fn a_changed_page_changes_one_shard() {
        let page = |number: usize, version: usize| {
            entry(&format!("{number}.html"), &body(number + version * 1_000, 50))
        };
        let spread = |changed: usize| {
            let versions = (0..100).map(|number| page(number, usize::from(number == changed)));
            shards(&table(versions.collect()), Identity::Stored)
        };
        let before = spread(100);
        assert!((5..20).contains(&before.all().len()), "{}", before.all().len());
        assert!(before.all().iter().all(|shard| shard.len <= LIMIT));
        for changed in 0..100 {
            let after = spread(changed);
            assert_eq!(names(&after).difference(&names(&before)).count(), 1, "{changed}");
            assert_eq!(before.all().len(), after.all().len());
        }
    }

    #[test]
    fn large_bodies_have_files_of_their_own() {
        let large = (0..3).map(|number| entry(&format!("{number}.mp4"), &body(number, LIMIT)));
        let small = (3..6).map(|number| entry(&format!("{number}.txt"), &body(number, 9)));
        let table = table(large.chain(small).collect());
        let lens: Vec<usize> =
            shards(&table, Identity::Stored).all().iter().map(|shard| shard.len).collect();
        assert_eq!(lens, [LIMIT, LIMIT, LIMIT, 27]);
    }
}

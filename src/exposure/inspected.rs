//! The memory of files without findings, which need not be read again while they are unchanged.

use std::collections::BTreeSet;
use std::path::Path;

use crate::asset::digest::ContentHash;
use crate::asset::route::RoutePath;
use crate::cache::{Cache, CacheKey};
use crate::project::environment::SecretValue;

/// Files by a hash of their route and content. Both matter: code at one route may be the entry of a
/// server, and a script of a page at another.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Inspected(BTreeSet<[u8; ContentHash::LEN]>);

/// The hash of what was looked for, and where.
#[derive(Clone, Debug)]
pub(super) struct Fingerprint(Vec<u8>);

impl Fingerprint {
    pub(super) fn of(folder: &Path, secrets: &[SecretValue]) -> Self {
        let mut bytes = folder.as_os_str().as_encoded_bytes().to_vec();
        for SecretValue { name, value, .. } in secrets {
            for text in [name, value] {
                bytes.push(0);
                bytes.extend(text.as_bytes());
            }
        }
        Self(ContentHash::of(&bytes).as_bytes().to_vec())
    }

    fn key(&self) -> CacheKey {
        CacheKey::new("inspected", &[&self.0])
    }
}

impl Inspected {
    /// Reads the memory. It is empty if it is damaged.
    pub(super) fn read(cache: &Cache, fingerprint: &Fingerprint) -> Self {
        let bytes = cache.get_bytes(fingerprint.key()).unwrap_or_default();
        Self::decode(&bytes).unwrap_or_default()
    }

    pub(super) fn contains(&self, route: &RoutePath, hash: ContentHash) -> bool {
        !self.0.is_empty() && self.0.contains(&entry(route, hash))
    }

    pub(super) fn add(&mut self, route: &RoutePath, hash: ContentHash) {
        self.0.insert(entry(route, hash));
    }

    /// Stores the memory: a hash of all that follows, then the files.
    pub(super) fn store(&self, cache: &Cache, fingerprint: &Fingerprint) {
        let rest = self.0.iter().flatten().copied().collect::<Vec<u8>>();
        let bytes = [&ContentHash::of(&rest).as_bytes()[..], &rest].concat();
        cache.put_bytes(fingerprint.key(), &bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (hash, rest) = bytes.split_first_chunk::<{ ContentHash::LEN }>()?;
        let (files, rest_of_file) = rest.as_chunks::<{ ContentHash::LEN }>();
        let is_whole = rest_of_file.is_empty() && ContentHash::of(rest).as_bytes() == hash;
        is_whole.then(|| Self(files.iter().copied().collect()))
    }
}

fn entry(route: &RoutePath, hash: ContentHash) -> [u8; ContentHash::LEN] {
    *ContentHash::of(&[route.as_str().as_bytes(), hash.as_bytes()].concat()).as_bytes()
}

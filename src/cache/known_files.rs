//! The hashes of files that have not changed since they were read.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use super::{Cache, CacheKey, FileState};
use crate::asset::digest::ContentHash;

/// The files of a folder as they were when they were hashed, by their paths below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownFiles(BTreeMap<String, KnownFile>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KnownFile {
    state: FileState,
    hash: ContentHash,
}

impl KnownFiles {
    /// Reads what the last run knew of a folder.
    pub(crate) fn read(cache: &Cache, folder: &Path) -> Self {
        let bytes = cache.get_bytes(key(folder)).unwrap_or_default();
        Self::decode(&bytes).unwrap_or_default()
    }

    /// Returns the hash of a file, if it has not changed since it was known.
    pub(crate) fn hash(&self, name: &str, state: &FileState) -> Option<ContentHash> {
        self.0.get(name).filter(|known| known.state == *state).map(|known| known.hash)
    }

    /// Notes the hash of a file whose state was read before its bytes, at `read`. It is not noted if a
    /// change since then might not show.
    pub(crate) fn add(
        &mut self,
        name: &str,
        state: FileState,
        read: SystemTime,
        hash: ContentHash,
    ) {
        if state.is_settled(read) {
            self.0.insert(name.to_owned(), KnownFile { state, hash });
        }
    }

    /// Stores the hashes for the next run, unless they are stored already.
    pub(crate) fn store(&self, cache: &Cache, folder: &Path) {
        let (key, bytes) = (key(folder), self.encode());
        if cache.get_bytes(key).is_none_or(|stored| stored != bytes) {
            cache.put_bytes(key, &bytes);
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut rest = Vec::new();
        for (name, KnownFile { state, hash }) in &self.0 {
            rest.extend(u32::try_from(name.len()).unwrap_or(u32::MAX).to_le_bytes());
            rest.extend(name.as_bytes());
            rest.extend(state.to_bytes());
            rest.extend(hash.as_bytes());
        }
        let mut bytes = ContentHash::of(&rest).as_bytes().to_vec();
        bytes.append(&mut rest);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (hash, mut rest) = bytes.split_first_chunk::<{ ContentHash::LEN }>()?;
        if ContentHash::of(rest).as_bytes() != hash {
            return None;
        }
        let mut files = BTreeMap::new();
        while !rest.is_empty() {
            let (len, after) = rest.split_first_chunk::<4>()?;
            let (name, after) = after.split_at_checked(u32::from_le_bytes(*len) as usize)?;
            let (state, after) = after.split_first_chunk::<{ FileState::LEN }>()?;
            let (hash, after) = after.split_first_chunk::<{ ContentHash::LEN }>()?;
            let state = FileState::from_bytes(state);
            let known = KnownFile { state, hash: ContentHash::from_bytes(*hash) };
            files.insert(std::str::from_utf8(name).ok()?.to_owned(), known);
            rest = after;
        }
        Some(Self(files))
    }
}

fn key(folder: &Path) -> CacheKey {
    CacheKey::new("known files", &[folder.as_os_str().as_encoded_bytes()])
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::super::now;
    use super::*;

    #[test]
    fn a_file_that_changed_just_before_it_was_read_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        fs::write(&path, "page").unwrap();
        let (state, hash) =
            (FileState::of(&fs::metadata(&path).unwrap()), ContentHash::of(b"page"));
        let mut known = KnownFiles::default();
        known.add("page.html", state, now(), hash);
        assert_eq!(known, KnownFiles::default(), "another change might have the same time");
        known.add("page.html", state, now() + Duration::from_secs(3), hash);
        assert_eq!(known.hash("page.html", &state), Some(hash));
        fs::write(&path, "gape").unwrap();
        let changed = FileState::of(&fs::metadata(&path).unwrap());
        assert!(changed == state || known.hash("page.html", &changed).is_none());

        let bytes = known.encode();
        assert_eq!(KnownFiles::decode(&bytes), Some(known));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(KnownFiles::decode(&damaged), None);
        }
    }
}

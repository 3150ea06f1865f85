//! Hashes of files from earlier runs, which need not be read again while they are unchanged.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use super::{Cache, CacheKey, FileState, seal, unseal};
use crate::asset::digest::ContentHash;

/// Hashes of the files in a folder, by their paths below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownFiles(BTreeMap<String, KnownFile>);

/// The hash of a file, and the state it had when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KnownFile {
    state: FileState,
    hash: ContentHash,
}

impl KnownFiles {
    /// Reads the hashes that the last run stored for a folder. There are none if they are damaged.
    pub(crate) fn read(cache: &Cache, folder: &Path) -> Self {
        let bytes = cache.get_bytes(key(folder)).unwrap_or_default();
        Self::decode(&bytes).unwrap_or_default()
    }

    /// Returns the hash of a file, if its state is the same as when it was read.
    pub(crate) fn hash(&self, name: &str, state: &FileState) -> Option<ContentHash> {
        self.0.get(name).filter(|known| known.state == *state).map(|known| known.hash)
    }

    /// Adds the hash of a file whose state was read before its bytes, at the time `read`. The file is
    /// skipped if a later change might leave its state the same.
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
        // No hashes are stored as no file.
        let stored = cache.get_bytes(key).unwrap_or_else(|| Self::default().encode());
        if stored != bytes {
            cache.put_bytes(key, &bytes);
        }
    }

    /// Encodes the files: a hash of all that follows, then for each file the length of its name in 4
    /// bytes, the name, the state and the hash.
    fn encode(&self) -> Vec<u8> {
        let mut rest = Vec::new();
        for (name, KnownFile { state, hash }) in &self.0 {
            rest.extend(u32::try_from(name.len()).unwrap_or(u32::MAX).to_le_bytes());
            rest.extend(name.as_bytes());
            rest.extend(state.to_bytes());
            rest.extend(hash.as_bytes());
        }
        seal(rest)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = unseal(bytes)?;
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
    fn files_changed_just_before_reading_are_not_known() {
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

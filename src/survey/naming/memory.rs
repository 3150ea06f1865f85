//! The memory of texts, which need not be searched again while they are unchanged.

use std::collections::BTreeMap;
use std::path::Path;

use super::Evidence;
use crate::asset::checksum::{Algorithm, Checksum, Checksums};
use crate::asset::digest::ContentHash;
use crate::cache::{Cache, CacheKey, seal, unseal};

/// The evidence found in texts, by the hashes of their bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory(BTreeMap<ContentHash, Evidence>);

impl Memory {
    /// Reads the memory of a folder. It is empty if it is damaged.
    pub(crate) fn read(cache: &Cache, folder: &Path) -> Self {
        let bytes = cache.get_bytes(key(folder)).unwrap_or_default();
        Self::decode(&bytes).unwrap_or_default()
    }

    pub(crate) fn get(&self, hash: ContentHash) -> Option<&Evidence> {
        self.0.get(&hash)
    }

    pub(crate) fn add(&mut self, hash: ContentHash, evidence: Evidence) {
        self.0.insert(hash, evidence);
    }

    /// Stores the memory for the next run, unless it is the one that was read.
    pub(crate) fn store(&self, cache: &Cache, folder: &Path, earlier: &Self) {
        if self != earlier {
            cache.put_bytes(key(folder), &self.encode());
        }
    }

    /// Encodes the memory: a hash of all that follows, then for each text its hash, its checksums, and
    /// for each algorithm the number of candidates in 4 bytes, and the candidates, and the patterns with the
    /// length of all in 4 bytes.
    fn encode(&self) -> Vec<u8> {
        let mut rest = Vec::new();
        for (hash, Evidence { own, named, fetched }) in &self.0 {
            rest.extend(hash.as_bytes());
            rest.extend(own.heads().iter().flat_map(|head| head.to_le_bytes()));
            for algorithm in Algorithm::ALL {
                let of_it = || named.iter().filter(|one| one.algorithm == algorithm);
                rest.extend(u32::try_from(of_it().count()).unwrap_or(u32::MAX).to_le_bytes());
                rest.extend(of_it().flat_map(|one| one.head.to_le_bytes()));
            }
            // No pattern contains a line break.
            let fetched = fetched.join("\n");
            rest.extend(u32::try_from(fetched.len()).unwrap_or(u32::MAX).to_le_bytes());
            rest.extend(fetched.as_bytes());
        }
        seal(rest)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = unseal(bytes)?;
        let mut texts = BTreeMap::new();
        while !rest.is_empty() {
            let (hash, after) = rest.split_first_chunk::<{ ContentHash::LEN }>()?;
            rest = after;
            let mut own = [0; Checksums::LEN];
            for head in &mut own {
                *head = next_head(&mut rest)?;
            }
            let mut named = Vec::new();
            for algorithm in Algorithm::ALL {
                let (count, after) = rest.split_first_chunk::<4>()?;
                rest = after;
                for _ in 0..u32::from_le_bytes(*count) {
                    named.push(Checksum { algorithm, head: next_head(&mut rest)? });
                }
            }
            let (len, after) = rest.split_first_chunk::<4>()?;
            let (fetched, after) = after.split_at_checked(u32::from_le_bytes(*len) as usize)?;
            rest = after;
            let fetched = str::from_utf8(fetched).ok()?.lines().map(str::to_owned).collect();
            let evidence = Evidence { own: Checksums::from_heads(own), named, fetched };
            texts.insert(ContentHash::from_bytes(*hash), evidence);
        }
        Some(Self(texts))
    }
}

fn next_head(rest: &mut &[u8]) -> Option<u64> {
    let (head, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_le_bytes(*head))
}

fn key(folder: &Path) -> CacheKey {
    CacheKey::new("naming", &[folder.as_os_str().as_encoded_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_memory_counts_as_missing() {
        let mut memory = Memory::default();
        for text in
            ["a", "0123456789abcdef0123456789ABCDEF 0123456789abcdef0123456789abcdef01234567"]
        {
            memory.add(ContentHash::of(text.as_bytes()), Evidence::of(text.as_bytes()));
        }
        let bytes = memory.encode();
        assert_eq!(Memory::decode(&bytes), Some(memory));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Memory::decode(&damaged), None);
            assert_eq!(Memory::decode(&bytes[..at]), None);
        }
    }
}

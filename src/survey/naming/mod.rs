//! The bytes that a text of the build names by their checksum: an `integrity` hash that a server or a
//! loader sets, a content security policy, the list of a service worker, `SHA256SUMS`.
//!
//! No format is understood. Whatever looks like a checksum is compared with those of all files and of all
//! inline code, so that a format nobody thought of counts too.

mod candidate;
mod escape;
pub(super) mod fetched;
mod memory;
mod texts;

use std::collections::HashMap;

use super::reading::Reading;
use crate::asset::checksum::{Checksum, Checksums};
use crate::asset::digest::ContentHash;
pub(super) use memory::Memory;
pub(crate) use texts::{OtherText, is_read, other_texts};

/// The checksums of a text, what it contains that may be the checksum of another, and what it fetches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evidence {
    pub(super) own: Checksums,
    /// Sorted, each once.
    pub(super) named: Vec<Checksum>,
    /// Patterns of the paths that the text fetches as data, sorted, each once.
    pub(super) fetched: Vec<String>,
}

impl Evidence {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut named = Vec::new();
        let mut collect = |text: &[u8]| {
            candidate::collect(text, &mut named);
            if let Some(plain) = escape::unescaped(text) {
                candidate::collect(&plain, &mut named);
            }
        };
        collect(bytes);
        if let Some(text) = escape::narrowed(bytes) {
            collect(&text);
        }
        named.sort_unstable();
        named.dedup();
        let mut fetched = Vec::new();
        fetched::collect(bytes, &mut fetched);
        fetched.sort_unstable();
        fetched.dedup();
        Self { own: Checksums::of(bytes), named, fetched }
    }
}

/// Returns the evidence of a public file. Returns `None` if it cannot be read.
pub(super) fn evidence(reading: &mut Reading<'_>, memory: &Memory) -> Option<Evidence> {
    let known = memory.get(reading.hash()?);
    Some(match known {
        Some(known) => known.clone(),
        None => Evidence::of(reading.bytes()?),
    })
}

impl OtherText {
    /// Returns the hash of the text, and its evidence.
    pub(super) fn evidence(&self, memory: &Memory) -> (ContentHash, Evidence) {
        let hash = ContentHash::of(&self.bytes);
        let evidence = memory.get(hash).cloned().unwrap_or_else(|| Evidence::of(&self.bytes));
        (hash, evidence)
    }
}

/// The checksums that the texts of a build contain, each with the name of the first text that does.
#[derive(Debug, Default)]
pub(super) struct Naming {
    names: Vec<String>,
    named: HashMap<Checksum, usize>,
}

impl Naming {
    /// Adds a text. Of several, the first one is remembered.
    pub(super) fn add(&mut self, name: &str, named: &[Checksum]) {
        if named.is_empty() {
            return;
        }
        let index = self.names.len();
        self.names.push(name.to_owned());
        for checksum in named {
            self.named.entry(*checksum).or_insert(index);
        }
    }

    /// Returns the name of a text that contains one of these checksums.
    pub(super) fn by(&self, checksums: &Checksums) -> Option<&str> {
        let first = checksums.iter().filter_map(|checksum| self.named.get(&checksum)).min()?;
        Some(&self.names[*first])
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha384};

    use super::*;

    #[test]
    fn a_checksum_is_found_behind_escapes_and_in_other_encodings() {
        // Its SHA-384 contains both of the digits that texts escape.
        let files = (0..).map(|number| format!("file {number}"));
        let mut digests = files.map(|file| (BASE64_STANDARD.encode(Sha384::digest(&file)), file));
        let (digest, file) =
            digests.find(|(digest, _)| digest.contains('+') && digest.contains('/')).unwrap();
        let spellings = [
            format!("sha384-{digest}"),
            digest.replace('+', "\\u002b").replace('/', "\\/"),
            digest.replace('+', "%2B").replace('/', "%2F"),
            digest.replace('+', "&#43;").replace('/', "&#x2F;"),
        ];
        for text in spellings {
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [text.as_bytes(), &wide, &[b"\xfe\xff", &*wide].concat()] {
                let mut naming = Naming::default();
                naming.add("a", &Evidence::of(b"sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/").named);
                naming.add("b", &Evidence::of(bytes).named);
                assert_eq!(naming.by(&Checksums::of(file.as_bytes())), Some("b"), "{text}");
                assert_eq!(naming.by(&Checksums::of(b"another file")), None);
            }
        }
    }
}

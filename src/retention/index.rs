//! The index of a store: the hashed files of each build, and the dictionaries for pages, as JSON with a checksum.
//!
//! The checksum is over everything else in it. So a flipped bit can neither move a body to another route
//! nor give it another type.

use serde::{Deserialize, Serialize};

use crate::asset::cache_policy::CachePolicy;
use crate::asset::content_type::ContentType;
use crate::asset::digest::ContentHash;
use crate::output::GENERATOR;

/// The version of the format. It changes when an older version would read the index wrongly.
///
/// Version 2 adds dictionaries. Version 1 is read too.
pub(super) const VERSION: u32 = 2;

/// The builds of a site in a store, the oldest first, and their dictionaries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct History {
    /// The name of the site that they are builds of.
    pub(super) site: String,
    pub(super) builds: Vec<Build>,
    /// Sorted by route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) dictionaries: Vec<RecordedDictionary>,
}

/// The hashed files of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Build {
    /// The time of the build, in seconds since 1970.
    pub(super) time: u64,
    /// Sorted by route.
    pub(super) files: Vec<RecordedFile>,
}

/// A hashed file as it was served.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordedFile {
    pub(super) route: String,
    pub(super) content_type: ContentType,
    pub(super) cache_control: CachePolicy,
    /// The hash of the bytes without a content coding, and the name of the body's file.
    pub(super) sha256: ContentHash,
    pub(super) bytes: usize,
}

/// A dictionary for pages as it was served.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordedDictionary {
    pub(super) route: String,
    /// The value of `Use-As-Dictionary`, with the pattern of the pages that it is for.
    pub(super) use_as_dictionary: String,
    /// The route of the page that it is a copy of.
    pub(super) page: String,
    /// The hash of the bytes without a content coding, and the name of the body's file.
    pub(super) sha256: ContentHash,
    pub(super) bytes: usize,
    /// The time of the first build whose pages did not announce it, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replaced: Option<u64>,
}

/// The file: the builds with what tells that they are whole.
#[derive(Serialize, Deserialize)]
struct Index {
    generator: String,
    version: u32,
    checksum: ContentHash,
    site: String,
    builds: Vec<Build>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dictionaries: Vec<RecordedDictionary>,
}

/// The part that every version has.
#[derive(Deserialize)]
struct Head {
    generator: String,
    version: u32,
}

/// The reason why an index is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotRead {
    /// worker-pack wrote it, and it is not whole.
    Damaged,
    /// A newer worker-pack wrote it.
    Newer(u32),
    /// Another program wrote it.
    Foreign,
}

impl History {
    /// Returns the history of a site without any build.
    pub(super) fn of(site: &str) -> Self {
        Self { site: site.to_owned(), builds: Vec::new(), dictionaries: Vec::new() }
    }

    /// Parses an index.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NotRead> {
        let Ok(head) = serde_json::from_slice::<Head>(bytes) else {
            return Err(if begins_like_an_index(bytes) {
                NotRead::Damaged
            } else {
                NotRead::Foreign
            });
        };
        if head.generator != GENERATOR {
            return Err(NotRead::Foreign);
        }
        if head.version > VERSION {
            return Err(NotRead::Newer(head.version));
        }
        let index: Index = serde_json::from_slice(bytes).map_err(|_| NotRead::Damaged)?;
        let Index { checksum, site, builds, dictionaries, .. } = index;
        let builds = Self { site, builds, dictionaries };
        if checksum != builds.checksum() {
            return Err(NotRead::Damaged);
        }
        Ok(builds)
    }

    /// Renders the index.
    pub(super) fn render(&self) -> Vec<u8> {
        let index = Index {
            generator: GENERATOR.to_owned(),
            version: VERSION,
            checksum: self.checksum(),
            site: self.site.clone(),
            builds: self.builds.clone(),
            dictionaries: self.dictionaries.clone(),
        };
        let mut text = serde_json::to_vec_pretty(&index).expect("an index is plain data");
        text.push(b'\n');
        text
    }

    fn checksum(&self) -> ContentHash {
        ContentHash::of(&serde_json::to_vec(self).expect("an index is plain data"))
    }
}

/// Returns whether the bytes are the beginning of an index, or an empty file, which a full disk leaves.
fn begins_like_an_index(bytes: &[u8]) -> bool {
    let mark = format!("{{\n  \"generator\": \"{GENERATOR}\",");
    let len = bytes.len().min(mark.len());
    bytes[..len] == mark.as_bytes()[..len]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn builds() -> History {
        let file = RecordedFile {
            route: "/_astro/a.D4f5G6h7.js".to_owned(),
            content_type: "text/javascript; charset=utf-8".parse().unwrap(),
            cache_control: CachePolicy::Immutable,
            sha256: ContentHash::of(b"a"),
            bytes: 1,
        };
        let dictionary = RecordedDictionary {
            route: "/_worker-pack/dictionary.0123456789abcdef.dat".to_owned(),
            use_as_dictionary: "match=\"/*\"".to_owned(),
            page: "/index.html".to_owned(),
            sha256: ContentHash::of(b"page"),
            bytes: 4,
            replaced: Some(7),
        };
        History {
            site: "blog".to_owned(),
            builds: vec![Build { time: 7, files: vec![file] }],
            dictionaries: vec![dictionary],
        }
    }

    #[test]
    fn an_index_is_read_as_it_was_written() {
        assert_eq!(History::parse(&builds().render()), Ok(builds()));
    }

    #[test]
    fn an_index_of_the_version_before_dictionaries_is_read() {
        let builds = History { dictionaries: Vec::new(), ..builds() };
        let text = String::from_utf8(builds.render()).unwrap();
        let older = text.replace("\"version\": 2", "\"version\": 1");
        assert!(!older.contains("dictionaries") && older != text);
        assert_eq!(History::parse(older.as_bytes()), Ok(builds));
    }

    #[test]
    fn indexes_of_newer_versions_and_of_other_programs_are_told_apart() {
        let text = String::from_utf8(builds().render()).unwrap();
        let newer = text.replace("\"version\": 2", "\"version\": 3");
        assert_eq!(History::parse(newer.as_bytes()), Err(NotRead::Newer(3)));
        for foreign in ["{}", "[]", "hello", "{\"generator\": \"other\", \"version\": 1}"] {
            assert_eq!(History::parse(foreign.as_bytes()), Err(NotRead::Foreign), "{foreign}");
        }
        assert_eq!(History::parse(b""), Err(NotRead::Damaged));
    }

    proptest! {
        #[test]
        fn a_damaged_index_is_never_read_as_another(at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let mut bytes = builds().render();
            let at = at.index(bytes.len() - 1);
            prop_assert!(History::parse(&bytes[..at]).is_err());
            bytes[at] ^= flip;
            prop_assert!(History::parse(&bytes).is_err_and(|_| true) || History::parse(&bytes) == Ok(builds()));
        }
    }
}

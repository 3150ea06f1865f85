//! The weight of pages, as data.

use serde::{Deserialize, Serialize};

use crate::named::named;

/// The weight of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageWeight {
    /// The path of its URL, percent-encoded.
    pub url: String,
    /// Its file, relative to the packed folder.
    pub file: String,
    /// A visit with an empty cache.
    pub first: Traffic,
    /// A visit after one of the entry page; of the entry page, a second one. A file that is fresh in the
    /// browser's cache is not requested, and one that is stale is answered without a body. If the site has
    /// dictionaries, that of a browser that knows them (Chrome and Edge from version 130 on).
    pub second: Traffic,
    /// The files that it loads later or perhaps: see [`LoadTime`].
    pub later: Traffic,
    /// The files that it loads, in the order in which they are found.
    pub loads: Vec<Load>,
    /// The URLs of other hosts and of the site's server that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<String>,
    /// The URLs of this site that it names, and that no file answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// The traffic of a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Number of requests.
    pub requests: usize,
    /// Sum of the bodies.
    pub bytes: usize,
}

impl Traffic {
    pub(super) fn add(&mut self, bytes: usize) {
        self.requests += 1;
        self.bytes += bytes;
    }
}

/// A file that a page loads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The path and the query of its URL, percent-encoded.
    pub url: String,
    /// The kind of file that it is loaded as.
    pub kind: LoadKind,
    /// When it is loaded.
    pub time: LoadTime,
    /// The length of its body as sent.
    pub bytes: usize,
    /// Its content coding, or `identity`.
    pub coding: String,
    /// Its treatment by the browser's cache.
    pub freshness: Freshness,
}

named! {
    /// A kind of file, as which one is loaded.
    pub enum LoadKind {
        /// The page itself, or a page in a frame.
        Document = "document",
        /// A style sheet.
        Style = "style",
        /// A script, or a module.
        Script = "script",
        /// A font.
        Font = "font",
        /// An image.
        Image = "image",
        /// Audio, video or a track of texts.
        Media = "media",
        /// A dictionary for the pages of the site (RFC 9842), which browsers that know them load after the page.
        Dictionary = "dictionary",
        /// Data, an icon, a manifest, or anything else.
        Other = "other",
    }
}

named! {
    /// When a file is loaded, in the order of certainty.
    pub enum LoadTime {
        /// While the page loads.
        First = "first",
        /// For the tab or the installed app: icons and the manifest. Not every browser loads them, and tools
        /// for developers do not show them.
        Tab = "tab",
        /// When it comes into view, or when the user does something: `loading="lazy"`, `client:visible`,
        /// `import()`, `prefetch`.
        Later = "later",
        /// If an element needs it: images of style sheets, parts of audio and video.
        Perhaps = "perhaps",
    }
}

named! {
    /// The treatment of a file by a browser's cache at the next visit.
    pub enum Freshness {
        /// It is used without a request.
        Fresh = "fresh",
        /// It is requested, and answered by 304 without a body.
        Revalidated = "revalidated",
        /// It is not stored.
        NotStored = "not-stored",
    }
}

impl Freshness {
    /// Reads the header fields of a reply (RFC 9111 §4.2, §5.2.2).
    pub(super) fn of(cache_control: Option<&str>, etag: Option<&str>) -> Self {
        let text = cache_control.unwrap_or_default().to_ascii_lowercase();
        let directives: Vec<&str> = text.split(',').map(str::trim).collect();
        let age = directives.iter().find_map(|directive| directive.strip_prefix("max-age="));
        let age = age.and_then(|age| age.trim_matches('"').parse::<u64>().ok()).unwrap_or(0);
        if directives.contains(&"no-store") {
            Self::NotStored
        } else if age > 0 && !directives.contains(&"no-cache") {
            Self::Fresh
        } else if etag.is_some() {
            Self::Revalidated
        } else {
            // It is sent again as a whole.
            Self::NotStored
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_fresh_by_its_cache_control() {
        let tag = Some("\"a\"");
        for (value, expected) in [
            ("public, max-age=31536000, immutable", Freshness::Fresh),
            ("public, max-age=2592000", Freshness::Fresh),
            ("public, max-age=0, must-revalidate", Freshness::Revalidated),
            ("max-age=60, no-cache", Freshness::Revalidated),
            ("no-store", Freshness::NotStored),
            ("", Freshness::Revalidated),
        ] {
            assert_eq!(Freshness::of(Some(value), tag), expected, "{value}");
        }
        assert_eq!(Freshness::of(None, None), Freshness::NotStored);
    }
}

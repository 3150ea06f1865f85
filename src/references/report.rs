//! What is told about the name of each file that could have a fingerprint.

use serde::{Deserialize, Serialize};

use crate::feedback::diagnostic::Excerpt;
use crate::named::named;

/// A file that pages or other texts load, with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FingerprintReport {
    /// The route of the file.
    pub route: String,
    /// The second route of the file, with the hash of its bytes. `None` if it keeps its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprinted: Option<String>,
    /// The reason why it keeps its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<NameReason>,
    /// The place that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<TextPlace>,
}

/// A place in a text of the build.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextPlace {
    /// The text, relative to the packed folder.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

impl TextPlace {
    /// Returns the place of a byte of a text.
    pub(super) fn of(file: &str, bytes: &[u8], offset: usize) -> Self {
        // Bytes that are not UTF-8 before the place only change the column.
        let before = String::from_utf8_lossy(&bytes[..offset]);
        let Excerpt { line, column, .. } = Excerpt::at(&before, before.len());
        Self { file: file.to_owned(), line, column }
    }
}

/// A script or style sheet that pages load, with the hash by which they do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrityReport {
    /// The route of the file.
    pub route: String,
    /// The value of the attribute that was added: the hash of the bytes that are served, and perhaps that of those
    /// that are served without the option. `None` if no page got one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<String>,
    /// The reason why a page loads it without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<IntegrityReason>,
    /// The first place that loads it without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<TextPlace>,
}

impl IntegrityReport {
    pub(super) fn new(route: &str) -> Self {
        Self { route: route.to_owned(), integrity: None, reason: None, place: None }
    }
}

named! {
    /// The reason why a page loads a file without the hash of its bytes.
    pub enum IntegrityReason {
        /// Its URL is revalidated, so that the next deployment may answer with other bytes.
        Revalidated = "revalidated",
        /// A redirect, a rule of `_headers` or the server answers its URL.
        AnsweredOtherwise = "answered-otherwise",
        /// It is a style sheet of pages with Astro's `ClientRouter`, which preloads it without a hash.
        Routed = "routed",
    }
}

impl IntegrityReason {
    /// Returns the reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Revalidated => "its URL may get other bytes",
            Self::AnsweredOtherwise => "a redirect or the server answers its URL",
            Self::Routed => "`ClientRouter` preloads style sheets without it",
        }
    }

    /// Returns what to do for a hash, as a sentence without its end.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Revalidated => {
                "let the build name it by its bytes: import it in place of loading it from `public/`; or set `fingerprints = \"public\"`"
            }
            Self::AnsweredOtherwise => "let the path of the file lead to the file",
            Self::Routed => "nothing is to be done: the page works as before",
        }
    }
}

named! {
    /// The reason why a file keeps its name.
    pub enum NameReason {
        /// Its name occurs outside of a reference, such as in a script.
        Mentioned = "mentioned",
        /// Programs ask for it by its name.
        WellKnown = "well-known",
        /// A page offers to save it under its name.
        Downloaded = "downloaded",
        /// A rule by path decides on its cache policy.
        ByRule = "by-rule",
        /// A redirect, a rule of `_headers` or the server would answer the new path otherwise.
        AnsweredOtherwise = "answered-otherwise",
        /// Another file has the new path, perhaps in other case.
        Taken = "taken",
        /// A file loads it whose own URL never expires, so that its bytes have to stay.
        LoadedByFixed = "loaded-by-fixed",
        /// It is a script that reads its own URL.
        ReadsOwnUrl = "reads-own-url",
        /// It is a script, and code may find it by a URL that is made up.
        ComputedUrl = "computed-url",
        /// It is a script, and the slots of a server island may name it, which Astro has encrypted.
        Encrypted = "encrypted",
    }
}

impl NameReason {
    /// Returns the reason in words, which follow the word for the files.
    pub fn text(self) -> &'static str {
        match self {
            Self::Mentioned => "named outside of references",
            Self::WellKnown => "asked for by programs",
            Self::Downloaded => "saved by visitors",
            Self::ByRule => "cached by a rule by path",
            Self::AnsweredOtherwise => "answered otherwise at the new path, by a rule of the site",
            Self::Taken => "with the new path of another file",
            Self::LoadedByFixed => "loaded by a file whose URL never expires",
            Self::ReadsOwnUrl => "with code that looks for its own URL",
            Self::Encrypted => "that encrypted slots of a server island may name",
            Self::ComputedUrl => {
                "within reach of code that makes up URLs of scripts, or looks for parts of them"
            }
        }
    }
}

//! References: the URLs in a text, as a parser of its language finds them, each with its place.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A URL in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The place of the URL as it is written, in bytes.
    pub(crate) range: Range<usize>,
    pub(crate) role: Role,
}

/// The use of a reference, which decides whether it may name another URL of the same file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// A browser loads the file together with the text.
    Loaded,
    /// The same, in a style or a module within a page, whose hash a content security policy may list.
    LoadedByCode,
    /// The same, for a drawing whose elements become those of the text (`<use>`). Browsers differ in what its
    /// relative URLs are relative to there.
    Used,
    /// A module of Vite loads the file before another module. The URL is relative to the base of the build.
    Preloaded,
    /// A module resolves the URL, for a use that its text does not show (`new URL`). That of a script may be
    /// the one of a service worker, which has to stay.
    Resolved,
    /// A web app manifest. Its URL stays, since browsers look for a new one there.
    Manifest,
    /// Its URL stays as it is written: visitors and other sites keep it, or a script compares it.
    Stays,
}

/// The references of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct References {
    pub(crate) base: Base,
    /// Sorted by their places.
    pub(crate) all: Vec<Reference>,
    /// The places of what no program compares with a URL, such as the words of a page. Sorted.
    pub(crate) inert: Vec<Range<usize>>,
}

/// The URL that the references of a text are relative to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Base {
    /// That of the text.
    #[default]
    Own,
    /// The one that `<base>` names. What is before it may be relative to either.
    Written { href: String, at: usize },
    /// One that is written with character references.
    Unknown,
}

impl References {
    /// Returns whether a place lies within a reference, or in what is inert.
    pub(crate) fn explain(&self, place: &Range<usize>) -> bool {
        let reference = self.all.partition_point(|one| one.range.start <= place.start);
        reference.checked_sub(1).is_some_and(|at| holds(&self.all[at].range, place))
            || self.is_inert(place)
    }

    /// Returns whether a place lies in what no program compares with a URL.
    pub(crate) fn is_inert(&self, place: &Range<usize>) -> bool {
        let inert = self.inert.partition_point(|range| range.start <= place.start);
        inert.checked_sub(1).is_some_and(|at| holds(&self.inert[at], place))
    }

    /// Sorts what a parser has found, which may be in the order of its events.
    pub(crate) fn sorted(mut self) -> Self {
        self.all.sort_by_key(|one| (one.range.start, one.range.end));
        self.inert.sort_by_key(|range| (range.start, range.end));
        self
    }
}

fn holds(range: &Range<usize>, place: &Range<usize>) -> bool {
    range.start <= place.start && place.end <= range.end
}

//! The bytes of a dictionary: those of a page, or those of a dictionary of an earlier build, which browsers have.

use worker_pack_runtime::Coding;

use super::page::{Page, Sharing};
use super::scope::Scope;
use crate::asset::blob::Blob;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::MediaType;
use crate::retention::EarlierDictionary;
use crate::tabulate::AssetEntry;
use crate::transform::{Outcome, UntouchedReason};

/// A dictionary of an earlier build whose page is still public.
#[derive(Clone, Copy, Debug)]
pub(super) struct Survivor<'p, 't> {
    pub(super) dictionary: &'p EarlierDictionary,
    /// Its Brotli body.
    brotli: &'p Blob,
    /// The page that it was copied from, as it is now.
    page: &'p Page<'t>,
}

impl<'p, 't> Survivor<'p, 't> {
    /// Finds the page of a dictionary. Returns `None` if that is missing, or is not public any more: the dictionary
    /// must not be either.
    pub(super) fn find(dictionary: &'p EarlierDictionary, pages: &'p [Page<'t>]) -> Option<Self> {
        let is_its_page = |page: &&Page<'_>| {
            page.entry.route == dictionary.page && page.sharing == Sharing::Public
        };
        let page = pages.iter().find(is_its_page)?;
        let is_brotli = |(coding, _): &&(Coding, Blob)| *coding == Coding::Brotli;
        let (_, brotli) = dictionary.encoded.iter().find(is_brotli)?;
        Some(Self { dictionary, brotli, page })
    }

    pub(super) fn hash(&self) -> ContentHash {
        self.dictionary.identity.hash()
    }

    /// Returns whether the dictionary is for the pages of a scope.
    pub(super) fn is_of(&self, scope: &Scope) -> bool {
        let Self { dictionary, .. } = self;
        scope.route(self.hash()) == dictionary.route
            && scope.use_as_dictionary() == dictionary.use_as_dictionary
    }
}

/// The bytes of a dictionary.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'p, 't> {
    Page(&'p Page<'t>),
    Earlier(Survivor<'p, 't>),
}

impl<'p, 't> Source<'p, 't> {
    /// Returns the source of a dictionary of an earlier build: the public page with the same bytes, if there is one,
    /// since its bodies are stored anyway.
    pub(super) fn of_earlier(survivor: Survivor<'p, 't>, pages: &[&'p Page<'t>]) -> Self {
        let is_same = |page: &&&Page<'_>| {
            page.entry.identity == survivor.dictionary.identity && page.sharing == Sharing::Public
        };
        pages.iter().find(is_same).map_or(Self::Earlier(survivor), |page| Self::Page(page))
    }

    /// Returns the page that the dictionary is, or was, a copy of.
    pub(super) fn page(&self) -> &'p Page<'t> {
        match self {
            Self::Page(page) | Self::Earlier(Survivor { page, .. }) => page,
        }
    }

    pub(super) fn identity(&self) -> &'p Blob {
        match self {
            Self::Page(page) => &page.entry.identity,
            Self::Earlier(survivor) => &survivor.dictionary.identity,
        }
    }

    pub(super) fn hash(&self) -> ContentHash {
        self.identity().hash()
    }

    /// Returns the Brotli body.
    pub(super) fn brotli(&self) -> &'p Blob {
        match self {
            Self::Page(page) => page.brotli,
            Self::Earlier(survivor) => survivor.brotli,
        }
    }

    /// Makes the asset of the dictionary. It shares the bodies of a page of this build.
    pub(super) fn entry(&self, scope: &Scope, outcome: Outcome) -> AssetEntry {
        let media_type = MediaType::essence("application/octet-stream");
        let route = scope.route(self.hash());
        let encoded = match self {
            Self::Page(page) => &page.entry.encoded,
            Self::Earlier(survivor) => &survivor.dictionary.encoded,
        };
        AssetEntry {
            name: route.as_str()[1..].to_owned(),
            route,
            content_type: media_type.to_string(),
            media_type,
            cache_policy: CachePolicy::Immutable,
            source_len: self.identity().len(),
            outcome,
            rules: Vec::new(),
            link: None,
            named_by: None,
            identity: self.identity().clone(),
            encoded: encoded.clone(),
            variants: Vec::new(),
            use_as_dictionary: Some(scope.use_as_dictionary()),
            content_security_policy: None,
            fingerprint_of: None,
        }
    }
}

/// The outcome of a dictionary that pages announce.
pub(super) const ANNOUNCED: Outcome = Outcome::NotMinifiable;

/// The outcome of one that they no longer announce.
pub(super) const REPLACED: Outcome = Outcome::Untouched(UntouchedReason::EarlierBuild);

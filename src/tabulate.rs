//! Stage 4: builds the table, in which each asset has its route and headers.

use std::collections::BTreeMap;

use worker_pack_runtime::behaviour::Behaviour;
use worker_pack_runtime::{Coding, ETag};

use crate::asset::blob::Blob;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::content_type::ContentType;
use crate::asset::media_type::MediaType;
use crate::asset::route::RoutePath;
use crate::asset::variant::Variant;
use crate::ingest::SourceFile;
use crate::options::Identity;
use crate::represent::{Represented, RepresentedFile};
use crate::rules::{Policy, SiteRules};
use crate::transform::{Outcome, UntouchedReason};

/// Every asset of a site, sorted by route, each route once.
#[derive(Clone, Debug)]
pub struct AssetTable {
    entries: Vec<AssetEntry>,
    rules: SiteRules,
}

/// An asset with its headers.
#[derive(Clone, Debug)]
pub struct AssetEntry {
    /// Its route, by which requests find it.
    pub route: RoutePath,
    /// The file it comes from, relative to the packed folder.
    pub name: String,
    /// Its media type.
    pub media_type: MediaType,
    /// The value of `Content-Type`.
    pub content_type: String,
    /// The value of `Cache-Control`.
    pub cache_policy: CachePolicy,
    /// The size of the file in bytes, before the transform.
    pub source_len: usize,
    /// The result of the transform.
    pub outcome: Outcome,
    /// The rules by path that match it, by their numbers in the options.
    pub rules: Vec<usize>,
    /// The value of its `Link` field, if it has one.
    pub link: Option<String>,
    /// The file because of which it keeps its bytes, such as one that contains its hash.
    pub named_by: Option<String>,
    /// The bytes without a content coding.
    pub identity: Blob,
    /// The encoded bytes, the preferred coding first.
    pub encoded: Vec<(Coding, Blob)>,
    /// The variants, the preferred one first.
    pub variants: Vec<Variant>,
    /// The value of its `Use-As-Dictionary` field, if clients can use it as one.
    pub use_as_dictionary: Option<String>,
    /// The value of its `Content-Security-Policy` field, if it is a page with a computed policy.
    pub content_security_policy: Option<String>,
    /// The route of the asset that has the same bytes under its own name, if the name of this one has a
    /// fingerprint ([`Options::fingerprints`](crate::Options::fingerprints)).
    pub fingerprint_of: Option<RoutePath>,
}

/// A file of an earlier build.
#[derive(Clone, Debug)]
pub(crate) struct EarlierFile {
    pub(crate) route: RoutePath,
    /// Its path in the packed folder, if it were there.
    pub(crate) name: String,
    pub(crate) content_type: ContentType,
    pub(crate) cache_policy: CachePolicy,
    /// The rules by path that match it, by their numbers in the options.
    pub(crate) rules: Vec<usize>,
    pub(crate) identity: Blob,
    pub(crate) encoded: Vec<(Coding, Blob)>,
}

/// Builds the table.
pub(crate) fn tabulate(represented: &Represented, rules: &SiteRules) -> AssetTable {
    let entries = represented.files.iter().flat_map(|file| {
        let entry = AssetEntry::new(file, rules.behaviour);
        let with_fingerprint = file.fingerprinted.as_ref().map(|route| entry.fingerprinted(route));
        [entry].into_iter().chain(with_fingerprint)
    });
    AssetTable::new(entries.collect(), rules.clone())
}

impl AssetEntry {
    fn new(file: &RepresentedFile, behaviour: Behaviour) -> Self {
        let SourceFile { route, name, state, settings, .. } = &file.source;
        let content_type = file.media_type.sent_as(file.charset, route, behaviour);
        let content_type = settings.content_type.as_ref().map_or(content_type, ToString::to_string);
        let cache_policy = match &file.fingerprinted {
            // A bundler's hash in its own name does not know of the fingerprints in its text.
            Some(_) => CachePolicy::Revalidate,
            None => file.source.cache_policy(behaviour.fidelity),
        };
        Self {
            route: route.clone(),
            name: name.clone(),
            media_type: file.media_type.clone(),
            content_type,
            cache_policy,
            source_len: usize::try_from(state.len()).unwrap_or(usize::MAX),
            outcome: file.outcome,
            rules: settings.rules.clone(),
            link: file.link.clone(),
            named_by: file.named_by.clone(),
            identity: file.identity.clone(),
            encoded: file.encoded.clone(),
            variants: file.variants.clone(),
            use_as_dictionary: None,
            content_security_policy: None,
            fingerprint_of: None,
        }
    }

    /// Returns the same asset at another route, whose name has the hash of its bytes.
    fn fingerprinted(&self, route: &RoutePath) -> Self {
        Self {
            route: route.clone(),
            cache_policy: CachePolicy::Immutable,
            fingerprint_of: Some(self.route.clone()),
            ..self.clone()
        }
    }

    /// Makes an asset of a file of an earlier build, with the bytes and the header fields that it had.
    pub(crate) fn of_earlier_build(file: EarlierFile) -> Self {
        let EarlierFile { route, name, content_type, cache_policy, rules, identity, encoded } =
            file;
        Self {
            route,
            name,
            media_type: content_type.media_type(),
            content_type: content_type.to_string(),
            cache_policy,
            source_len: identity.len(),
            outcome: Outcome::Untouched(UntouchedReason::EarlierBuild),
            rules,
            link: None,
            named_by: None,
            identity,
            encoded,
            variants: Vec::new(),
            use_as_dictionary: None,
            content_security_policy: None,
            fingerprint_of: None,
        }
    }

    /// Returns the entity tag of one of its bodies.
    pub(crate) fn etag(&self, body: &Blob) -> ETag {
        body.hash().etag_with(self.content_security_policy.as_deref())
    }

    /// Returns whether this is a file of an earlier build.
    pub fn is_of_earlier_build(&self) -> bool {
        self.outcome == Outcome::Untouched(UntouchedReason::EarlierBuild)
    }

    /// Returns the Brotli body that the identity body is decoded from, if it is decoded.
    pub(crate) fn decoded_from(&self, identity: Identity) -> Option<&Blob> {
        let is_brotli = |(coding, _): &&(Coding, Blob)| *coding == Coding::Brotli;
        match identity {
            Identity::Decoded => self.encoded.iter().find(is_brotli).map(|(_, blob)| blob),
            Identity::Stored => None,
        }
    }

    /// Returns the bodies that the target has to store, each with its coding.
    pub(crate) fn required_bodies(
        &self,
        identity: Identity,
    ) -> impl Iterator<Item = (Coding, &Blob)> {
        let encoded = self.encoded.iter().map(|(coding, blob)| (*coding, blob));
        let own = self.decoded_from(identity).is_none();
        let variants = self.variants.iter().map(|variant| (variant.coding, &variant.body));
        encoded.chain(own.then_some((Coding::Identity, &self.identity))).chain(variants)
    }

    /// Returns the body that most clients receive.
    pub fn preferred(&self) -> &Blob {
        self.encoded.first().map_or(&self.identity, |(_, blob)| blob)
    }
}

impl AssetTable {
    pub(crate) fn new(mut entries: Vec<AssetEntry>, rules: SiteRules) -> Self {
        entries.sort_by(|a, b| a.route.cmp(&b.route));
        Self { entries, rules }
    }

    /// Returns the assets, sorted by route.
    pub fn entries(&self) -> &[AssetEntry] {
        &self.entries
    }

    /// Returns the rules for URLs and header fields.
    pub(crate) fn rules(&self) -> &SiteRules {
        &self.rules
    }

    /// Returns the same table with more entries, whose routes it does not have.
    pub(crate) fn with_entries(&self, more: impl IntoIterator<Item = AssetEntry>) -> Self {
        let entries = self.entries.iter().cloned().chain(more).collect();
        Self::new(entries, self.rules.clone())
    }

    /// Returns the same table with policies for responses of the server that have none.
    pub(crate) fn with_policies(&self, policies: Vec<Policy>) -> Self {
        let rules = SiteRules { policies, ..self.rules.clone() };
        Self { entries: self.entries.clone(), rules }
    }

    /// Returns the same table without the content security policies that were made for pages.
    #[cfg(feature = "cli")]
    pub(crate) fn without_made_policies(&self) -> Self {
        let without =
            |entry: &AssetEntry| AssetEntry { content_security_policy: None, ..entry.clone() };
        let entries = self.entries.iter().map(without).collect();
        Self { entries, rules: self.rules.clone() }
    }

    /// Returns each body with its coding, sorted by hash. Equal bodies are listed once.
    pub fn bodies(&self) -> Vec<(Coding, &Blob)> {
        self.required_bodies(Identity::Stored)
    }

    /// Returns each body that the target has to store, with its coding, sorted by hash. Equal
    /// bodies are listed once.
    pub(crate) fn required_bodies(&self, identity: Identity) -> Vec<(Coding, &Blob)> {
        let all = self.entries.iter().flat_map(|entry| entry.required_bodies(identity));
        let unique: BTreeMap<_, _> =
            all.map(|(coding, blob)| ((blob.hash(), coding), blob)).collect();
        unique.into_iter().map(|((_, coding), blob)| (coding, blob)).collect()
    }
}

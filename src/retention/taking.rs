//! What is taken of a store: the files and dictionaries that the site would publish today, with their bodies.

use std::path::Path;

use super::answers::Answers;
use super::dictionaries::EarlierDictionary;
use super::encoding;
use super::index::{RecordedDictionary, RecordedFile};
use super::store::{Loss, Store};
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Language, MediaType};
use crate::asset::route::RoutePath;
use crate::cache::Cache;
use crate::exposure::{Inspector, PublicFile};
use crate::ingest::{EarlierFiles, Site};
use crate::options::Options;
use crate::tabulate::{AssetEntry, EarlierFile};

/// The rules and the state that decide about each file of an earlier build.
pub(super) struct Keeping<'k> {
    pub(super) site: &'k Site,
    pub(super) options: &'k Options,
    pub(super) cache: &'k Cache,
    pub(super) answers: &'k Answers<'k>,
    pub(super) public: EarlierFiles<'k>,
    pub(super) inspector: Inspector,
}

/// A file or a dictionary of an earlier build, or the reason why it is not kept.
pub(super) enum Taken<T> {
    Kept(Box<T>),
    /// The site would not publish it today, or answers its path in another way.
    NotPublic,
    /// It holds what looks like a secret.
    Secret,
    Lost(Loss),
}

impl Keeping<'_> {
    /// Takes a hashed file that the site would publish today.
    pub(super) fn take(&self, store: &Store, file: &RecordedFile) -> Taken<AssetEntry> {
        let Some(route) = route(&file.route) else { return Taken::NotPublic };
        let media_type = file.content_type.media_type();
        if media_type.language() == Some(Language::Html) || !self.answers.is_free(&route) {
            return Taken::NotPublic;
        }
        let Some(settings) = self.public.settings(self.site, &route) else {
            return Taken::NotPublic;
        };
        let bytes = match store.body(file.sha256, file.bytes) {
            Ok(bytes) => bytes,
            Err(loss) => return Taken::Lost(loss),
        };
        let name = self.site.project.layout.asset_name(route.as_str().trim_start_matches('/'));
        let public =
            PublicFile { name: &name, route: &route, media_type: &media_type, bytes: &bytes };
        if media_type.is_compressible() && self.has_secret(public, file.sha256) {
            return Taken::Secret;
        }
        let codings = &settings.encodings;
        let encoded = if media_type.is_compressible() {
            encoding::encode(&bytes, file.sha256, codings, self.options.effort(), self.cache)
        } else {
            Vec::new()
        };
        let content_type = settings.content_type.clone();
        Taken::Kept(Box::new(AssetEntry::of_earlier_build(EarlierFile {
            route,
            name,
            content_type: content_type.unwrap_or_else(|| file.content_type.clone()),
            cache_policy: settings.cache.clone().unwrap_or_else(|| file.cache_control.clone()),
            rules: settings.rules.clone(),
            identity: Blob::new(bytes),
            encoded,
        })))
    }

    /// Takes a dictionary, a copy of a page that the site would publish today. Whether it still does, only its table
    /// can tell.
    pub(super) fn take_dictionary(
        &self,
        store: &Store,
        recorded: &RecordedDictionary,
    ) -> Taken<EarlierDictionary> {
        let (Some(route), Some(page)) = (route(&recorded.route), route(&recorded.page)) else {
            return Taken::NotPublic;
        };
        let Some(settings) = self.public.settings(self.site, &page) else {
            return Taken::NotPublic;
        };
        let hash = recorded.sha256;
        let bytes = match store.body(hash, recorded.bytes) {
            Ok(bytes) => bytes,
            Err(loss) => return Taken::Lost(loss),
        };
        let name = self.site.project.layout.asset_name(page.as_str().trim_start_matches('/'));
        let media_type = MediaType::essence("text/html");
        let public =
            PublicFile { name: &name, route: &page, media_type: &media_type, bytes: &bytes };
        if self.has_secret(public, hash) {
            return Taken::Secret;
        }
        let (codings, effort) = (&settings.encodings, self.options.effort());
        let encoded = encoding::encode(&bytes, hash, codings, effort, self.cache);
        let use_as_dictionary = recorded.use_as_dictionary.clone();
        let identity = Blob::new(bytes);
        Taken::Kept(Box::new(EarlierDictionary {
            route,
            use_as_dictionary,
            page,
            identity,
            encoded,
        }))
    }

    fn has_secret(&self, file: PublicFile<'_>, hash: ContentHash) -> bool {
        !self.inspector.is_clean(file.route, hash) && !self.inspector.inspect(file, hash).is_empty()
    }
}

/// Reads a recorded route.
fn route(text: &str) -> Option<RoutePath> {
    let route = RoutePath::from_relative(Path::new(text.trim_start_matches('/')));
    route.filter(|route| route.as_str() == text)
}

//! Stage 4: the table as it is going to be served.

use std::collections::BTreeMap;

use worker_pack_runtime::Coding;
use worker_pack_runtime::behaviour::{Behaviour, Fidelity};

use crate::asset::blob::Blob;
use crate::asset::cache_policy::{CachePolicy, CacheRule};
use crate::asset::media_type::MediaType;
use crate::asset::route::RoutePath;
use crate::feedback::diagnostic::{Diagnostic, Stage};
use crate::feedback::error::PackError;
use crate::ingest::{Site, SourceFile};
use crate::options::{IdentityBodies, Options};
use crate::output::table_binary::TableImage;
use crate::represent::RepresentedFile;
use crate::rules::SiteRules;
use crate::survey::Survey;
use crate::transform::Outcome;

/// Every asset of a site, sorted by route, each route once.
#[derive(Clone, Debug)]
pub struct AssetTable {
    entries: Vec<AssetEntry>,
    rules: SiteRules,
}

/// An asset with its headers.
#[derive(Clone, Debug)]
pub struct AssetEntry {
    /// Where the table has it.
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
    /// What the transform came to.
    pub outcome: Outcome,
    /// The value of its `Link` field, if it has one.
    pub link: Option<String>,
    /// The bytes without a content coding.
    pub identity: Blob,
    /// The encoded bytes, the coding to prefer first.
    pub encoded: Vec<(Coding, Blob)>,
}

/// A table, and what there is to say about it.
#[derive(Debug)]
pub(crate) struct Tabulated {
    /// The table.
    pub(crate) table: AssetTable,
    /// What there is to say about it.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Builds the table. Every file of the site has its representations.
pub(crate) fn tabulate(
    site: &Site,
    survey: &Survey,
    represented: &BTreeMap<usize, RepresentedFile>,
    options: &Options,
) -> Tabulated {
    let behaviour = site.rules.behaviour;
    let links = survey.files.iter().map(|file| file.early_links.field.clone());
    let entries: Vec<AssetEntry> = site
        .files
        .iter()
        .zip(links)
        .zip(represented.values().cloned())
        .map(|((file, link), represented)| {
            AssetEntry::new(file, link, represented, behaviour, options)
        })
        .collect();
    let diagnostics = idle_rules(&entries, options);
    Tabulated { table: AssetTable::new(entries, site.rules.clone()), diagnostics }
}

/// Finds cache rules that match no file: they are most often misspelt.
fn idle_rules(entries: &[AssetEntry], options: &Options) -> Vec<Diagnostic> {
    let is_idle = |rule: &&CacheRule| !entries.iter().any(|entry| rule.paths.matches(&entry.route));
    let warning = |rule: &CacheRule| {
        let message = "this cache rule matches no file";
        Diagnostic::warning(Stage::Tabulate, rule.paths.to_string(), message)
            .with_help("it is matched against the paths of files and of their URLs")
    };
    options.cache.iter().filter(is_idle).map(warning).collect()
}

impl AssetEntry {
    fn new(
        file: &SourceFile,
        link: Option<String>,
        represented: RepresentedFile,
        behaviour: Behaviour,
        options: &Options,
    ) -> Self {
        let RepresentedFile { media_type, charset, outcome, identity, encoded } = represented;
        let (route, name) = (file.route.clone(), file.name.clone());
        let source_len = usize::try_from(file.state.len()).unwrap_or(usize::MAX);
        let (content_type, cache_policy) = match behaviour.fidelity {
            Fidelity::Improved => {
                (media_type.content_type(charset), CachePolicy::of(&route, &options.cache))
            }
            Fidelity::Strict => (
                MediaType::content_type_of(behaviour.compat, &route),
                CachePolicy::by_rules(&route, &options.cache).unwrap_or(CachePolicy::Revalidate),
            ),
        };
        Self {
            route,
            name,
            media_type,
            content_type,
            cache_policy,
            source_len,
            outcome,
            link,
            identity,
            encoded,
        }
    }

    /// Returns the Brotli body that the identity body is decoded from, if that is how it is served.
    pub(crate) fn decoded_from(&self, identity: IdentityBodies) -> Option<&Blob> {
        let is_brotli = |(coding, _): &&(Coding, Blob)| *coding == Coding::Brotli;
        match identity {
            IdentityBodies::Decoded => self.encoded.iter().find(is_brotli).map(|(_, blob)| blob),
            IdentityBodies::Auto | IdentityBodies::Stored => None,
        }
    }

    /// Returns the bodies that have to be kept, each with its coding.
    pub(crate) fn kept(&self, identity: IdentityBodies) -> impl Iterator<Item = (Coding, &Blob)> {
        let encoded = self.encoded.iter().map(|(coding, blob)| (*coding, blob));
        let own = self.decoded_from(identity).is_none();
        encoded.chain(own.then_some((Coding::Identity, &self.identity)))
    }

    /// Returns the body that most clients are sent.
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

    /// Returns the table in the runtime's format, to answer requests from right away.
    ///
    /// # Errors
    /// If a body cannot be read any more.
    pub fn to_image(&self) -> Result<TableImage, PackError> {
        TableImage::new(self, None)
    }

    /// Like [`AssetTable::to_image`], and shares the bodies that an earlier image has.
    ///
    /// # Errors
    /// If a body cannot be read any more.
    pub fn to_image_after(&self, earlier: &TableImage) -> Result<TableImage, PackError> {
        TableImage::new(self, Some(earlier))
    }

    /// Returns every body once, with its coding, sorted by hash.
    pub fn bodies(&self) -> Vec<(Coding, &Blob)> {
        self.kept_bodies(IdentityBodies::Stored)
    }

    /// Returns every body once that has to be kept, with its coding, sorted by hash.
    pub(crate) fn kept_bodies(&self, identity: IdentityBodies) -> Vec<(Coding, &Blob)> {
        let all = self.entries.iter().flat_map(|entry| entry.kept(identity));
        let unique: BTreeMap<_, _> =
            all.map(|(coding, blob)| ((blob.hash(), coding), blob)).collect();
        unique.into_iter().map(|((_, coding), blob)| (coding, blob)).collect()
    }
}

//! The answers of a site, by which its hashed files are found, and paths that nothing answers.
//!
//! The runtime itself answers, so that the packer needs no rules of its own.

use std::sync::OnceLock;

use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::resolve::{Resolution, resolve};
use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::{Answer, Method, Reply, Request, ServerReason, Table};

use super::index::RecordedFile;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::fingerprint;
use crate::asset::media_type::Language;
use crate::asset::route::RoutePath;
use crate::output::table_binary::render_with_bodies;
use crate::project::Project;
use crate::project::astro_routes::{ServerRoute, of_server};
use crate::project::layout::ServerEntry;
use crate::tabulate::{AssetEntry, AssetTable};

/// The table of a build, to be asked.
pub(super) struct Answers<'t> {
    table: &'t AssetTable,
    /// The table in the runtime's format.
    bytes: Vec<u8>,
    /// The rules of the site without its assets.
    rules: Vec<u8>,
    server: Option<ServerEntry>,
    /// The routes of the server, if it is Astro's. They are read once they are needed.
    routes: OnceLock<Vec<ServerRoute>>,
}

impl<'t> Answers<'t> {
    /// Prepares to ask the table of a build.
    pub(super) fn of(table: &'t AssetTable, project: &Project) -> Self {
        let (bytes, _) = render_with_bodies(table);
        let (rules, _) = render_with_bodies(&AssetTable::new(Vec::new(), table.rules().clone()));
        let server = project.layout.server_entry(&project.folder);
        Self { table, bytes, rules, server, routes: OnceLock::new() }
    }

    /// Returns the hashed files: those with a fingerprint in their name, which are answered at their own
    /// path with an immutable policy. Pages are never among them. They are sorted by route.
    pub(super) fn hashed_files(&self) -> Vec<RecordedFile> {
        let table = read(&self.bytes);
        let is_hashed = |entry: &&AssetEntry| {
            // Only pages of this build name a dictionary for pages.
            !entry.route.is_made_by_packer()
                && is_fingerprinted(&entry.route)
                && entry.media_type.language() != Some(Language::Html)
                && is_immutable(&table, &entry.route)
        };
        let recorded = |entry: &AssetEntry| {
            Some(RecordedFile {
                route: entry.route.as_str().to_owned(),
                content_type: entry.content_type.parse().ok()?,
                cache_control: entry.cache_policy.clone(),
                sha256: entry.identity.hash(),
                bytes: entry.identity.len(),
            })
        };
        self.table.entries().iter().filter(is_hashed).filter_map(recorded).collect()
    }

    /// Returns whether neither a file, nor a redirect, nor the routing of the site, nor a route that claims it
    /// answers at the path of a file. Other routes of the server would answer it too, and do not count: those
    /// for any path would hide all files.
    pub(super) fn is_free(&self, route: &RoutePath) -> bool {
        let path = encode(route.as_str());
        let request = Request::new(Method::Get, &path);
        let is_without_rule = match read(&self.rules).answer(&request) {
            Answer::Reply(reply) => reply.status() == 404,
            Answer::Server { reason, .. } => {
                let is_claimed = || self.routes().iter().any(|route| route.claims(&path));
                reason == ServerReason::NoAsset && !is_claimed()
            }
        };
        is_without_rule
            && matches!(resolve(&read(&self.bytes), route.as_str()), Resolution::Nothing)
    }

    fn routes(&self) -> &[ServerRoute] {
        self.routes.get_or_init(|| self.server.as_ref().map(of_server).unwrap_or_default())
    }
}

fn read(bytes: &[u8]) -> Table<'_> {
    let binary = BinaryTable::read(bytes, Modules::Host);
    Table::from_binary(binary.expect("it was rendered as a binary table"))
}

fn is_fingerprinted(route: &RoutePath) -> bool {
    // The fonts of Astro are called by their hash alone.
    CachePolicy::of(route) == CachePolicy::Immutable
        || fingerprint::starred(route.as_str()) != route.as_str()
}

/// Returns whether a file is answered at its own path with an immutable policy, by whatever rule.
fn is_immutable(table: &Table<'_>, route: &RoutePath) -> bool {
    let path = encode(route.as_str());
    let has_policy = |reply: &Reply<'_>| {
        let policy = reply.headers().get("cache-control").unwrap_or_default();
        reply.status() == 200
            && policy.split(',').any(|one| one.trim().eq_ignore_ascii_case("immutable"))
    };
    match table.answer(&Request::new(Method::Get, &path)) {
        Answer::Reply(reply) => has_policy(&reply),
        Answer::Server { .. } => false,
    }
}

//! Policies with `'strict-dynamic'` (CSP3 §8.2). With it, neither `'self'` nor a host allows a script: a browser runs
//! those whose hashes the policy lists, and what these add to the page. A module that is imported has its hash in the
//! import map of the page.

use std::collections::BTreeSet;

use rayon::prelude::*;
use worker_pack_runtime::packer::path::encode;

use super::page::PagePolicy;
use super::source::STRICT_DYNAMIC;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::feedback::error::PackError;
use crate::options::{Csp, CspDirective, Options};
use crate::references::{ModuleGraph, OpenImport, mapped_hashes, path_of};
use crate::tabulate::{AssetEntry, AssetTable};
use crate::transform::html::shipped::{LoadKind, MapOrder, Shipped};

/// The way in which the policy of a page allows scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// By their hosts, as the option says, or since there are none.
    Hosts,
    /// By their hashes, which are these.
    Hashes(BTreeSet<String>),
    /// By their hosts, for a reason.
    Loose(Loose),
}

/// A reason why the scripts of a page cannot run by their hashes alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loose {
    /// The page loads a script of this URL without `integrity`.
    NoIntegrity(String),
    /// The page imports a module of this URL, whose hash its import map lacks.
    NotListed(String),
    /// The page imports this URL, which is that of no file: a redirect or the server may answer it with a module.
    Unknown(String),
    /// An import map of the page comes after code that may import modules.
    LateMap,
    /// The options allow scripts of a host, which would not count.
    Added(String),
    /// The page has Astro's `ClientRouter`, which may show a page whose modules are not known.
    Routed,
    /// The script of this URL, or the page itself, may import modules that are not known.
    Open(Option<String>, OpenImport),
    /// The policy would not fit into a response.
    TooLong,
}

impl Strictness {
    /// Finds the way for a page that is served at a path.
    pub(super) fn of(page: &Shipped, path: &str, site: Option<&SiteModules>) -> Self {
        let Some(site) = site.filter(|_| page.has_scripts()) else { return Self::Hosts };
        if let Some(host) = &site.added {
            return Self::Loose(Loose::Added(host.clone()));
        }
        let mut hashes = BTreeSet::new();
        for load in page.loads.iter().filter(|load| load.kind == LoadKind::Script) {
            let own = load.integrity.as_deref().map(sources).unwrap_or_default();
            if own.is_empty() {
                return Self::Loose(Loose::NoIntegrity(load.url.clone()));
            }
            hashes.extend(own);
        }
        let mapped = mapped_hashes(page, path);
        let reach = site.graph.reach(page, path);
        for url in &reach.imported {
            if !site.has_file(url) {
                return Self::Loose(Loose::Unknown(url.clone()));
            }
            if site.graph.has(url) && !mapped.contains_key(url) {
                return Self::Loose(Loose::NotListed(url.clone()));
            }
        }
        if page.map_order == MapOrder::AfterImports {
            return Self::Loose(Loose::LateMap);
        }
        if let Some((url, open)) = reach.open {
            return Self::Loose(Loose::Open(url, open));
        }
        hashes.extend(mapped.values().flat_map(|hashes| sources(hashes)));
        Self::Hashes(hashes)
    }

    /// Returns the way for code that may run in either of two pages.
    pub(super) fn merged(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Loose(loose), _) => Self::Loose(loose),
            (_, Self::Loose(loose)) => Self::Loose(loose.clone()),
            (Self::Hashes(one), Self::Hashes(other)) => {
                Self::Hashes(one.union(other).cloned().collect())
            }
            (Self::Hosts, other) => other.clone(),
            (one, Self::Hosts) => one,
        }
    }
}

impl PagePolicy {
    /// Returns the policy in which scripts run by these hashes. Browsers that do not know `'strict-dynamic'` follow the
    /// other sources.
    pub(super) fn strict(&self, hashes: &BTreeSet<String>) -> Self {
        let mut policy = self.clone();
        policy.scripts.extend(hashes.iter().cloned());
        policy.scripts.insert(STRICT_DYNAMIC.to_owned());
        policy
    }
}

/// The scripts of a site, and what else policies by their hashes depend on.
#[derive(Debug, Default)]
pub(super) struct SiteModules {
    graph: ModuleGraph,
    /// The paths of all files, percent-decoded.
    files: BTreeSet<String>,
    /// A host that the options add to the scripts of pages.
    added: Option<String>,
}

impl SiteModules {
    fn has_file(&self, url: &str) -> bool {
        path_of(url).is_some_and(|path| self.files.contains(&path))
    }
}

/// Reads the scripts of a table, if the options ask for such policies.
///
/// # Errors
/// If a body cannot be read, because the site or the cache has changed.
pub(super) fn modules(
    table: &AssetTable,
    options: &Options,
) -> Result<Option<SiteModules>, PackError> {
    if options.csp != Csp::StrictDynamic {
        return Ok(None);
    }
    let is_script = |entry: &&AssetEntry| {
        entry.media_type.language() == Some(Language::Code(CodeLanguage::JavaScript))
    };
    let read = |entry: &AssetEntry| -> Result<ModuleGraph, PackError> {
        let path = encode(&entry.route.url_path_in(table.rules().behaviour));
        Ok(ModuleGraph::of_script(&path, &entry.identity.read()?))
    };
    let all = table.entries().par_iter().filter(is_script).map(read);
    let all: Vec<ModuleGraph> = all.collect::<Result<_, _>>()?;
    let graph = all.into_iter().fold(ModuleGraph::default(), ModuleGraph::merged);
    let path = |entry: &AssetEntry| entry.route.url_path_in(table.rules().behaviour).into_owned();
    let files = table.entries().iter().map(path).collect();
    let for_scripts =
        options.csp_add.iter().filter(|one| matches!(one.name(), "script-src" | "script-src-elem"));
    let added = for_scripts.flat_map(CspDirective::sources).find(|it| !it.starts_with('\''));
    Ok(Some(SiteModules { graph, files, added: added.map(str::to_owned) }))
}

/// Returns the sources for the hashes of an attribute `integrity` (SRI §3.3.3). A browser runs a script only if all of
/// them are in the policy.
fn sources(integrity: &str) -> Vec<String> {
    let hashes = integrity.split_ascii_whitespace().filter_map(|hash| hash.split('?').next());
    let is_known =
        |hash: &&str| ["sha256-", "sha384-", "sha512-"].iter().any(|it| hash.starts_with(it));
    hashes.filter(is_known).map(|hash| format!("'{hash}'")).collect()
}

impl Loose {
    /// Returns the reason in words.
    pub(super) fn text(&self) -> String {
        match self {
            Self::NoIntegrity(url) => format!("it loads `{url}` without `integrity`"),
            Self::NotListed(url) => {
                format!("its import map has no hash of the module `{url}`, which its code imports")
            }
            Self::Unknown(url) => format!("its code imports `{url}`, which is no file of the site"),
            Self::LateMap => "its import map comes after code that may import modules".to_owned(),
            Self::Added(host) => {
                format!("`csp-add` allows scripts of `{host}`, which would not count beside it")
            }
            Self::Routed => {
                "its `ClientRouter` may show a page whose modules are not known".to_owned()
            }
            Self::Open(url, open) => {
                let place = url.as_ref().map_or("its code".to_owned(), |url| format!("`{url}`"));
                match open {
                    OpenImport::Computed => format!("{place} imports a URL that it computes"),
                    OpenImport::Prefix(folder) => {
                        format!("its import map leads names to the folder `{folder}`")
                    }
                    OpenImport::Unread => format!("{place} does not parse, and may import others"),
                    OpenImport::OtherHost(url) => format!("{place} imports `{url}`"),
                    OpenImport::Unseen(url) => {
                        format!("nobody knows which modules `{url}` imports")
                    }
                    OpenImport::Written => {
                        format!("{place} writes scripts into the page (`document.write`, `srcdoc`)")
                    }
                    OpenImport::ServerIsland => {
                        format!("{place} gets HTML from a server island, which may import others")
                    }
                    OpenImport::InnerPage => "a page within it (`srcdoc`) runs scripts".to_owned(),
                }
            }
            Self::TooLong => "it would not fit into a response".to_owned(),
        }
    }

    /// Returns what a person can do about it.
    pub(super) fn remedy(&self) -> &'static str {
        match self {
            Self::NoIntegrity(url) if url.contains("//") => {
                "let an inline script add the element to the page"
            }
            Self::Open(_, OpenImport::Unseen(_)) => {
                "let an inline script add the element to the page"
            }
            Self::Open(_, OpenImport::Written) => "add scripts by `document.createElement`",
            Self::LateMap => "move the import map before all scripts",
            Self::Added(_) => {
                "let an inline script add the scripts of that host, without `csp-add`"
            }
            Self::Unknown(_) => "import files of the site",
            Self::NoIntegrity(_) | Self::NotListed(_) => {
                "set `integrity = \"modules\"` and `fingerprints = \"all\"`; the report says why a file keeps its name, and then its next bytes have that name too"
            }
            Self::Open(_, OpenImport::Computed | OpenImport::Prefix(_) | OpenImport::Unread) => {
                "import each module by its URL as a literal text"
            }
            Self::Open(_, OpenImport::OtherHost(_)) => {
                "install the package, so that it becomes a part of the build"
            }
            Self::Routed | Self::Open(..) => NOTHING,
            Self::TooLong => "let pages import fewer modules: each takes 73 bytes",
        }
    }
}

/// The remedy where there is none.
const NOTHING: &str = "nothing is to be done: the page has the policy of `csp = \"hashes\"`";

#[cfg(test)]
mod tests {
    use super::*;

    fn strictness(page: &str) -> Strictness {
        let graph = ModuleGraph::of_script("/a.js", b"import './b.js'");
        let graph = graph.merged(ModuleGraph::of_script("/b.js", b"export default 1"));
        let files = ["/a.js", "/b.js", "/c.json"].map(str::to_owned).into();
        let site = SiteModules { graph, files, added: None };
        Strictness::of(&Shipped::of(page).unwrap(), "/", Some(&site))
    }

    #[test]
    fn all_hashes_of_elements_and_of_the_import_map_are_listed() {
        let page = "<script type=importmap>{\"integrity\":{\"/b.js\":\"sha384-b sha256-B\"}}</script>\
            <script type=module src=/a.js integrity='sha512-a?x md5-A'></script>\
            <link rel=modulepreload href=/b.js integrity=sha384-b>\
            <script>import('/c.json', { with: { type: 'json' } })</script>";
        let hashes = ["'sha256-B'", "'sha384-b'", "'sha512-a'"];
        let hashes = hashes.map(str::to_owned).into_iter().collect();
        assert_eq!(strictness(page), Strictness::Hashes(hashes));
        assert_eq!(strictness("<script>a()</script>"), Strictness::Hashes(BTreeSet::new()));
        assert_eq!(strictness("<p>a"), Strictness::Hosts);
    }

    #[test]
    fn a_script_without_a_known_hash_is_a_reason() {
        let no_integrity = |url: &str| Loose::NoIntegrity(url.to_owned());
        for (page, expected) in [
            ("<script src=/b.js></script>", no_integrity("/b.js")),
            ("<script src=/b.js integrity=md5-b></script>", no_integrity("/b.js")),
            ("<link rel=modulepreload href=/b.js>", no_integrity("/b.js")),
            ("<svg><script href=/b.js integrity=sha384-b></script></svg>", no_integrity("/b.js")),
            (
                "<script type=module src=/a.js integrity=sha384-a></script>",
                Loose::NotListed("/b.js".to_owned()),
            ),
            ("<astro-island component-url=/b.js>", Loose::NotListed("/b.js".to_owned())),
            ("<script>import(a)</script>", Loose::Open(None, OpenImport::Computed)),
            ("<script>import('/api/d')</script>", Loose::Unknown("/api/d".to_owned())),
            (
                "<script>import('/b.js')</script>\
                 <script type=importmap>{\"integrity\":{\"/b.js\":\"sha384-b\"}}</script>",
                Loose::LateMap,
            ),
            (
                "<template><script type=importmap>{\"integrity\":{\"/b.js\":\"sha384-b\"}}</script></template>\
                 <script>import('/b.js')</script>",
                Loose::LateMap,
            ),
        ] {
            assert_eq!(strictness(page), Strictness::Loose(expected), "{page}");
        }
    }
}

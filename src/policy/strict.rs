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
use crate::options::{Csp, Options};
use crate::references::{ModuleGraph, OpenImport, mapped_hashes};
use crate::tabulate::{AssetEntry, AssetTable};
use crate::transform::html::shipped::{LoadKind, Shipped};

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
    /// The script of this URL, or the page itself, may import modules that are not known.
    Open(Option<String>, OpenImport),
    /// The policy would not fit into a response.
    TooLong,
}

impl Strictness {
    /// Finds the way for a page that is served at a path.
    pub(super) fn of(page: &Shipped, path: &str, graph: Option<&ModuleGraph>) -> Self {
        let Some(graph) = graph.filter(|_| page.has_scripts()) else { return Self::Hosts };
        let mut hashes = BTreeSet::new();
        for load in page.loads.iter().filter(|load| load.kind == LoadKind::Script) {
            let own = load.integrity.as_deref().map(sources).unwrap_or_default();
            if own.is_empty() {
                return Self::Loose(Loose::NoIntegrity(load.url.clone()));
            }
            hashes.extend(own);
        }
        let mapped = mapped_hashes(page, path);
        let reach = graph.reach(page, path);
        let mut imported = reach.imported.into_iter().filter(|url| graph.has(url));
        if let Some(url) = imported.find(|url| !mapped.contains_key(url)) {
            return Self::Loose(Loose::NotListed(url));
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

/// Reads the scripts of a table, if the options ask for such policies.
///
/// # Errors
/// If a body cannot be read, because the site or the cache has changed.
pub(super) fn modules(
    table: &AssetTable,
    options: &Options,
) -> Result<Option<ModuleGraph>, PackError> {
    if options.csp != Csp::StrictDynamic {
        return Ok(None);
    }
    let is_script = |entry: &&AssetEntry| {
        entry.media_type.language() == Some(Language::Code(CodeLanguage::JavaScript))
    };
    let read = |entry: &AssetEntry| -> Result<ModuleGraph, PackError> {
        let path = encode(&entry.route.url_path_in(table.rules().behaviour));
        let mut graph = ModuleGraph::default();
        graph.add(&path, &String::from_utf8_lossy(&entry.identity.read()?));
        Ok(graph)
    };
    let all = table.entries().par_iter().filter(is_script).map(read);
    let all: Vec<ModuleGraph> = all.collect::<Result<_, _>>()?;
    Ok(Some(all.into_iter().fold(ModuleGraph::default(), ModuleGraph::merged)))
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
            Self::Open(url, open) => {
                let place = url.as_ref().map_or("its code".to_owned(), |url| format!("`{url}`"));
                match open {
                    OpenImport::Computed => format!("{place} imports a URL that is made up"),
                    OpenImport::Unread => format!("{place} does not parse, and may import others"),
                    OpenImport::OtherHost(url) => format!("{place} imports `{url}`"),
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
                "give the element `integrity`, or let an inline script add it to the page"
            }
            Self::NoIntegrity(_) | Self::NotListed(_) => {
                "set `integrity = \"modules\"` and `fingerprints = \"all\"`; the report says why a file keeps its name, which its next bytes have too"
            }
            Self::Open(_, OpenImport::Computed | OpenImport::Unread) => {
                "import each module by its URL as a literal text"
            }
            Self::Open(_, OpenImport::OtherHost(_)) => {
                "install the package, so that it becomes a part of the build"
            }
            Self::Open(..) => {
                "nothing is to be done: the page has the policy of `csp = \"hashes\"`"
            }
            Self::TooLong => "let pages import fewer modules: each takes 73 bytes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strictness(page: &str) -> Strictness {
        let mut graph = ModuleGraph::default();
        graph.add("/a.js", "import './b.js'");
        graph.add("/b.js", "export default 1");
        Strictness::of(&Shipped::of(page).unwrap(), "/", Some(&graph))
    }

    #[test]
    fn all_hashes_of_elements_and_of_the_import_map_are_listed() {
        let page = "<script type=importmap>{\"integrity\":{\"/b.js\":\"sha384-b sha256-B\"}}</script>\
            <script type=module src=/a.js integrity='sha512-a?x md5-A'></script>\
            <link rel=modulepreload href=/b.js integrity=sha384-b>\
            <script src=https://cdn.example/c.js integrity=sha384-c crossorigin></script>";
        let hashes = ["'sha256-B'", "'sha384-b'", "'sha384-c'", "'sha512-a'"];
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
        ] {
            assert_eq!(strictness(page), Strictness::Loose(expected), "{page}");
        }
    }
}

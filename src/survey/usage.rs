//! The ways in which the pages of a site use its files.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use url::Url;

use crate::asset::route::RoutePath;
use crate::ingest::SourceFile;
use crate::transform::ScriptKind;
use crate::transform::html::{Load, PageFacts, Reference};

/// The ways in which some pages load the files of their site.
#[derive(Clone, Debug, Default, Hash)]
pub(crate) struct Usage {
    /// The files that are loaded as scripts.
    scripts: BTreeMap<RoutePath, ScriptKind>,
    /// The files that are loaded with an `integrity` hash, each with the first page that does.
    checked: BTreeMap<RoutePath, String>,
    /// The files that are loaded by a page that is not understood for certain, each with the first one.
    doubted: BTreeMap<RoutePath, String>,
    /// The code that a page links to, so that people read it, each with the first page that does.
    linked: BTreeMap<RoutePath, String>,
    /// The files that a page offers to save.
    downloaded: BTreeSet<RoutePath>,
    /// The first page that cannot be read, so that it may load any file with a hash.
    unreadable: Option<String>,
}

impl Usage {
    /// Returns the usage of a single page. `routes` are all files of the site.
    pub(super) fn of_page(
        file: &SourceFile,
        page: &PageFacts,
        routes: &BTreeSet<&RoutePath>,
    ) -> Self {
        let name = || file.name.clone();
        let unreadable = page.unreadable.as_ref().map(|_| name());
        let mut usage = Self { unreadable, ..Self::default() };
        for reference in &page.references {
            let Some(file) = FileMatch::of(&file.route, reference, routes) else { continue };
            match (reference.load, file) {
                // In doubt a file keeps its bytes: that is always safe.
                (Load::Checked, FileMatch::Exact(route) | FileMatch::Likely(route)) => {
                    usage.checked.insert(route, name());
                }
                (Load::InDoubt, FileMatch::Exact(route) | FileMatch::Likely(route)) => {
                    usage.doubted.insert(route, name());
                }
                (Load::Shown, FileMatch::Exact(route) | FileMatch::Likely(route)) => {
                    usage.linked.insert(route, name());
                }
                (Load::Downloaded, FileMatch::Exact(route) | FileMatch::Likely(route)) => {
                    usage.downloaded.insert(route);
                }
                // In doubt a script is not taken for a module, because its globals would be lost.
                (Load::Script(ScriptKind::Module), FileMatch::Likely(_)) => {}
                (Load::Script(kind), FileMatch::Exact(route) | FileMatch::Likely(route)) => {
                    usage.add_script(route, kind);
                }
            }
        }
        usage
    }

    /// Returns a fingerprint, comparable only within this process.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// Merges the usages of two sets of pages.
    pub(super) fn merge(mut self, other: Self) -> Self {
        for (route, kind) in other.scripts {
            self.add_script(route, kind);
        }
        for (route, page) in other.checked {
            self.checked.entry(route).or_insert(page);
        }
        for (route, page) in other.linked {
            self.linked.entry(route).or_insert(page);
        }
        for (route, page) in other.doubted {
            self.doubted.entry(route).or_insert(page);
        }
        self.downloaded.extend(other.downloaded);
        self.unreadable = self.unreadable.or(other.unreadable);
        self
    }

    /// Adds a script. One that is loaded both as a module and as a classic script must work as both,
    /// so its kind becomes unknown and its globals are preserved.
    fn add_script(&mut self, route: RoutePath, kind: ScriptKind) {
        let known = self.scripts.entry(route).or_insert(kind);
        if *known != kind {
            *known = ScriptKind::Unknown;
        }
    }

    /// Returns the kind of a script, from the pages that load it or else from its extension.
    pub(crate) fn script_kind(&self, route: &RoutePath) -> ScriptKind {
        match (self.scripts.get(route), route.extension().as_deref()) {
            (Some(kind), _) => *kind,
            (None, Some("mjs")) => ScriptKind::Module,
            (None, _) => ScriptKind::Unknown,
        }
    }

    /// Returns the name of a page that loads the file with an `integrity` hash, or may do so.
    pub(super) fn checked_by(&self, route: &RoutePath) -> Option<&str> {
        self.checked.get(route).or(self.unreadable.as_ref()).map(String::as_str)
    }

    /// Returns the name of a page that links to the file, which is code.
    pub(super) fn linked_by(&self, route: &RoutePath) -> Option<&str> {
        self.linked.get(route).map(String::as_str)
    }

    /// Returns whether a page offers to save the file.
    pub(super) fn is_downloaded(&self, route: &RoutePath) -> bool {
        self.downloaded.contains(route)
    }

    /// Returns the name of a page that loads the file, and is not understood for certain.
    pub(super) fn doubted_by(&self, route: &RoutePath) -> Option<&str> {
        self.doubted.get(route).map(String::as_str)
    }
}

/// A match of a URL in a page with a file of the site.
enum FileMatch {
    /// The file at the path of the URL, on the same host.
    Exact(RoutePath),
    /// A file at the end of the path, on another host (`site`, `build.assetsPrefix`) or below folders
    /// that the build does not contain (`base`). The URL may refer to a file of another site.
    Likely(RoutePath),
}

impl FileMatch {
    fn of(
        page_route: &RoutePath,
        reference: &Reference,
        routes: &BTreeSet<&RoutePath>,
    ) -> Option<Self> {
        // The host of the site is unknown, so a reserved name stands in for it (RFC 2606 §2).
        let site = Url::parse("https://site.invalid").ok()?;
        let own = site.join(page_route.as_str()).ok()?;
        let bases = reference.bases.iter();
        let base = bases.fold(own, |outer, base| outer.join(base).unwrap_or(outer));
        let url = base.join(&reference.url).ok()?;
        let path = worker_pack_runtime::packer::path::decode(url.path()).ok()?.into_owned();
        // Leading segments are dropped one by one until the rest is the path of a file.
        let mut rest = path.as_str();
        loop {
            let candidate = RoutePath::from_relative(rest.trim_start_matches('/').as_ref())?;
            if routes.contains(&candidate) {
                let exact = url.host() == site.host() && rest.len() == path.len();
                return Some(if exact { Self::Exact(candidate) } else { Self::Likely(candidate) });
            }
            let next = rest[1..].find('/')?;
            rest = &rest[next + 1..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(base: Option<&str>, url: &str) -> Option<(RoutePath, bool)> {
        let all: [RoutePath; 2] = ["/a/b c.js".into(), "/x.js".into()];
        let routes = all.iter().collect();
        let reference = Reference {
            url: url.to_owned(),
            bases: base.map(str::to_owned).into_iter().collect(),
            load: Load::Checked,
        };
        match FileMatch::of(&"/a/page.html".into(), &reference, &routes)? {
            FileMatch::Exact(route) => Some((route, true)),
            FileMatch::Likely(route) => Some((route, false)),
        }
    }

    #[test]
    fn urls_are_resolved_to_the_file_at_their_path() {
        for url in ["b%20c.js", "./b c.js?v=1", "/a/b%20c.js", "../a/b c.js#x"] {
            assert_eq!(resolved(None, url), Some(("/a/b c.js".into(), true)), "{url}");
        }
        assert_eq!(resolved(Some("/"), "x.js"), Some(("/x.js".into(), true)));
        assert_eq!(resolved(Some("../a/deep/"), "../b c.js"), Some(("/a/b c.js".into(), true)));
        assert_eq!(resolved(None, "/y.js"), None);
        assert_eq!(resolved(None, "data:text/javascript,1"), None);
    }

    #[test]
    fn urls_on_other_hosts_or_below_a_base_are_likely_matches() {
        for url in ["https://cdn.example/x.js", "/docs/x.js", "//cdn.example/base/x.js"] {
            assert_eq!(resolved(None, url), Some(("/x.js".into(), false)), "{url}");
        }
    }
}

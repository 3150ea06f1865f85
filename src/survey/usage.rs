//! How the pages of a site use its files.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use url::Url;

use crate::asset::route::RoutePath;
use crate::transform::ScriptKind;
use crate::transform::html::{Load, PageFacts, Reference};

/// How files are loaded, as far as the pages tell.
#[derive(Clone, Debug, Default, Hash)]
pub(crate) struct Usage {
    scripts: BTreeMap<RoutePath, ScriptKind>,
    checked: BTreeSet<RoutePath>,
}

impl Usage {
    /// Says what a page loads. `routes` are the site's files.
    pub(super) fn of_page(
        page_route: &RoutePath,
        page: &PageFacts,
        routes: &BTreeSet<&RoutePath>,
    ) -> Self {
        let mut usage = Self::default();
        for Reference { url, load } in &page.references {
            let Some(target) = Target::of(page_route, page, url, routes) else { continue };
            match (*load, target) {
                (Load::Checked, Target::Exact(route) | Target::Likely(route)) => {
                    usage.checked.insert(route);
                }
                // A file that only might be meant is not worth the risk of taking a script for a
                // module.
                (Load::Script(ScriptKind::Module), Target::Likely(_)) => {}
                (Load::Script(kind), Target::Exact(route) | Target::Likely(route)) => {
                    usage.add_script(route, kind);
                }
            }
        }
        usage
    }

    /// Returns a number that is another for another usage, as long as this process runs.
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Hash::hash(self, &mut hasher);
        hasher.finish()
    }

    /// Says what two parts of a site load together.
    pub(super) fn and(mut self, other: Self) -> Self {
        for (route, kind) in other.scripts {
            self.add_script(route, kind);
        }
        self.checked.extend(other.checked);
        self
    }

    /// A script that is loaded in both ways has to work in both: its globals are kept.
    fn add_script(&mut self, route: RoutePath, kind: ScriptKind) {
        let known = self.scripts.entry(route).or_insert(kind);
        if *known != kind {
            *known = ScriptKind::Unknown;
        }
    }

    /// Returns how a script is run.
    pub(crate) fn script_kind(&self, route: &RoutePath) -> ScriptKind {
        match (self.scripts.get(route), route.extension().as_deref()) {
            (Some(kind), _) => *kind,
            (None, Some("mjs")) => ScriptKind::Module,
            (None, _) => ScriptKind::Unknown,
        }
    }

    /// Returns whether a page knows the file by the hash of its bytes.
    pub(crate) fn is_checked(&self, route: &RoutePath) -> bool {
        self.checked.contains(route)
    }
}

/// The site's file that a URL in a page means.
enum Target {
    /// The file of that path.
    Exact(RoutePath),
    /// A file of the same name, on another host (`site`, `build.assetsPrefix`) or without the
    /// leading segments that the build does not have (`base`). It may be another's.
    Likely(RoutePath),
}

impl Target {
    fn of(
        page_route: &RoutePath,
        page: &PageFacts,
        url: &str,
        routes: &BTreeSet<&RoutePath>,
    ) -> Option<Self> {
        let site = Url::parse("https://site.invalid").ok()?;
        let own = site.join(page_route.as_str()).ok()?;
        let base = page.base.as_deref().and_then(|base| own.join(base).ok()).unwrap_or(own);
        let url = base.join(url).ok()?;
        let path = worker_pack_runtime::packer::path::decode(url.path()).ok()?.into_owned();
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
        let page = PageFacts { base: base.map(str::to_owned), ..PageFacts::default() };
        match Target::of(&"/a/page.html".into(), &page, url, &routes)? {
            Target::Exact(route) => Some((route, true)),
            Target::Likely(route) => Some((route, false)),
        }
    }

    #[test]
    fn a_url_means_the_file_of_its_path() {
        for url in ["b%20c.js", "./b c.js?v=1", "/a/b%20c.js", "../a/b c.js#x"] {
            assert_eq!(resolved(None, url), Some(("/a/b c.js".into(), true)), "{url}");
        }
        assert_eq!(resolved(Some("/"), "x.js"), Some(("/x.js".into(), true)));
        assert_eq!(resolved(Some("../a/deep/"), "../b c.js"), Some(("/a/b c.js".into(), true)));
        assert_eq!(resolved(None, "/y.js"), None);
        assert_eq!(resolved(None, "data:text/javascript,1"), None);
    }

    #[test]
    fn a_url_elsewhere_may_mean_a_file_of_that_name() {
        for url in ["https://cdn.example/x.js", "/docs/x.js", "//cdn.example/base/x.js"] {
            assert_eq!(resolved(None, url), Some(("/x.js".into(), false)), "{url}");
        }
    }
}

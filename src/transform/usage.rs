//! How the pages of a site use its files.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::html::{Load, Page, Reference};
use super::javascript::ScriptKind;
use crate::path::RoutePath;

/// How files are loaded, as far as the pages tell.
#[derive(Debug, Default)]
pub(super) struct Usage {
    scripts: BTreeMap<RoutePath, ScriptKind>,
    checked: BTreeSet<RoutePath>,
}

impl Usage {
    /// Notes what a page loads. `routes` are the site's files.
    pub(super) fn add(
        &mut self,
        page_route: &RoutePath,
        page: &Page,
        routes: &BTreeSet<RoutePath>,
    ) {
        for Reference { url, load } in &page.references {
            let Some(route) = resolve(page_route, url, routes) else { continue };
            match *load {
                Load::Checked => {
                    self.checked.insert(route);
                }
                Load::Script(kind) => {
                    // Loaded in both ways, it has to work in both: its globals are kept.
                    self.scripts
                        .entry(route)
                        .and_modify(|known| {
                            if *known != kind {
                                *known = ScriptKind::Unknown;
                            }
                        })
                        .or_insert(kind);
                }
            }
        }
    }

    /// Returns how a script is run.
    pub(super) fn script_kind(&self, route: &RoutePath) -> ScriptKind {
        match (self.scripts.get(route), route.extension().as_deref()) {
            (Some(kind), _) => *kind,
            (None, Some("mjs")) => ScriptKind::Module,
            (None, _) => ScriptKind::Unknown,
        }
    }

    /// Returns whether a page knows the file by the hash of its bytes.
    pub(super) fn is_checked(&self, route: &RoutePath) -> bool {
        self.checked.contains(route)
    }
}

/// Returns the site's file that a URL in a page means.
///
/// The host does not matter (`site`, `build.assetsPrefix`), and neither do leading segments that
/// the build does not have (`base`).
fn resolve(page: &RoutePath, url: &str, routes: &BTreeSet<RoutePath>) -> Option<RoutePath> {
    let base = Url::parse("https://site.invalid").ok()?.join(page.as_str()).ok()?;
    let url = base.join(url).ok()?;
    let path = worker_pack_runtime::path::decode(url.path()).ok()?.into_owned();
    let mut rest = path.as_str();
    loop {
        let candidate = RoutePath::from_relative(rest.trim_start_matches('/').as_ref())?;
        if routes.contains(&candidate) {
            return Some(candidate);
        }
        let next = rest[1..].find('/')?;
        rest = &rest[next + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_finds_its_file_whatever_the_host_and_the_base() {
        let routes: BTreeSet<RoutePath> = ["/a/b c.js".into(), "/x.js".into()].into();
        let resolved = |url: &str| {
            resolve(&"/a/page.html".into(), url, &routes).map(|route| route.to_string())
        };
        for url in
            ["b%20c.js", "./b c.js?v=1", "/a/b%20c.js", "https://cdn.example/base/a/b%20c.js"]
        {
            assert_eq!(resolved(url).as_deref(), Some("/a/b c.js"), "{url}");
        }
        assert_eq!(resolved("../x.js#y").as_deref(), Some("/x.js"));
        assert_eq!(resolved("/docs/x.js").as_deref(), Some("/x.js"));
        assert_eq!(resolved("/y.js"), None);
        assert_eq!(resolved("data:text/javascript,1"), None);
    }
}

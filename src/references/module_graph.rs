//! The scripts of a site with the modules that they import, and those that the code of a page leads to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use url::{Position, Url};
use worker_pack_runtime::packer::path::decode;

use super::encrypted::ISLANDS;
use super::locate::HOST;
use super::watched::computed_import;
use crate::transform::html::shipped::{LoadKind, Shipped, ShippedKind};
use crate::transform::javascript::Imports;

/// The scripts of a site by their paths, percent-decoded, with what they import.
#[derive(Debug, Default)]
pub(crate) struct ModuleGraph {
    scripts: BTreeMap<String, Imported>,
}

/// The imports of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Imported {
    /// The URLs of modules of the site, from their paths on, as browsers write them.
    urls: BTreeSet<String>,
    /// The first reason why it may import others.
    open: Option<OpenImport>,
    /// True if it names import maps, and so may add one to the page, or finds the first script of the page.
    excludes_map: bool,
}

/// The first reason why a text may import other modules than those that are known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OpenImport {
    /// It imports a URL that it computes.
    Computed,
    /// An import map leads names to this folder.
    Prefix(String),
    /// It does not parse, and has the word `import`.
    Unread,
    /// It imports a module of another host.
    OtherHost(String),
    /// It loads a script of another host, which may import modules or write scripts into the page.
    Unseen(String),
    /// It writes scripts into the page for the parser (`document.write`).
    Written,
    /// It gets HTML from a server island.
    ServerIsland,
    /// A page within the page runs scripts (`srcdoc`).
    InnerPage,
}

/// The scripts that the code of a page leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The URLs of the modules of the site that are imported, by code of the page or by another module: from their paths
    /// on, as browsers write them. Import maps are compared with these, letter by letter.
    pub(crate) imported: BTreeSet<String>,
    /// The first reason why others may be imported, with the URL of the script, or `None` for the page itself.
    pub(crate) open: Option<(Option<String>, OpenImport)>,
    /// True if a script may add an import map to the page, of which some browsers read only the first one, or would find
    /// one that is inserted.
    pub(crate) excludes_map: bool,
}

impl ModuleGraph {
    /// Reads a script, whose path is percent-encoded.
    pub(crate) fn of_script(path: &str, script: &[u8]) -> Self {
        let script = String::from_utf8_lossy(script);
        let read = site_url(path).map(|url| Imported::of(&script, &url));
        Self { scripts: path_of(path).zip(read).into_iter().collect() }
    }

    /// Adds the scripts of another graph.
    pub(crate) fn merged(mut self, other: Self) -> Self {
        self.scripts.extend(other.scripts);
        self
    }

    /// Returns whether a URL is that of a script.
    pub(crate) fn has(&self, url: &str) -> bool {
        self.script(url).is_some()
    }

    fn script(&self, url: &str) -> Option<&Imported> {
        self.scripts.get(&path_of(url)?)
    }

    /// Finds what the code of a page leads to that is served at a path.
    pub(crate) fn reach(&self, page: &Shipped, path: &str) -> Reach {
        let mut reach = Reach::default();
        let Some(base) = base_of(page, path) else { return reach };
        if page.has_inner_scripts {
            reach.open = Some((None, OpenImport::InnerPage));
        }
        let mut next = Vec::new();
        for load in &page.loads {
            let Ok(url) = base.join(&load.url) else { continue };
            let Some(url) = of_site(&url) else {
                let open = match load.kind {
                    LoadKind::Script => OpenImport::Unseen(load.url.clone()),
                    LoadKind::Import => OpenImport::OtherHost(load.url.clone()),
                    LoadKind::Style | LoadKind::Object => continue,
                };
                reach.open = reach.open.or(Some((None, open)));
                continue;
            };
            match load.kind {
                LoadKind::Script => next.push(url),
                LoadKind::Import => reach.add(url, &mut next),
                LoadKind::Style | LoadKind::Object => {}
            }
        }
        for code in &page.code {
            let imported = match code.kind {
                ShippedKind::Script | ShippedKind::Handler | ShippedKind::ScriptUrl => {
                    Imported::of(&code.text, &base)
                }
                ShippedKind::ScriptData => Imported::of_map(&code.text, &base),
                ShippedKind::Style | ShippedKind::StyleAttribute => continue,
            };
            reach.open = reach.open.or(imported.open.map(|open| (None, open)));
            reach.excludes_map |= imported.excludes_map;
            imported.urls.into_iter().for_each(|url| reach.add(url, &mut next));
        }
        let mut seen = BTreeSet::new();
        while let Some(url) = next.pop() {
            if !seen.insert(url.clone()) {
                continue;
            }
            let Some(script) = self.script(&url) else { continue };
            let open = script.open.clone().map(|open| (Some(url), open));
            reach.open = reach.open.or(open);
            reach.excludes_map |= script.excludes_map;
            script.urls.iter().for_each(|url| reach.add(url.clone(), &mut next));
        }
        reach
    }
}

impl Reach {
    fn add(&mut self, url: String, next: &mut Vec<String>) {
        next.push(url.clone());
        self.imported.insert(url);
    }
}

/// The texts by which code adds import maps, or finds the first script of a page.
const FINDERS: [&str; 5] = [
    "importmap",
    "document.scripts",
    "querySelector('script')",
    "querySelector(\"script\")",
    "querySelector(`script`)",
];

impl Imported {
    /// Reads a script whose URL, or that of its page, is `base`.
    fn of(script: &str, base: &Url) -> Self {
        let excludes_map = FINDERS.iter().any(|finder| script.contains(finder));
        let mut all = Self { excludes_map, ..Self::default() };
        let writes = [".write", "srcdoc"].iter().any(|word| script.contains(word));
        if script.contains(ISLANDS) {
            all.open = Some(OpenImport::ServerIsland);
        } else if script.contains("document.write") || script.contains("<script") && writes {
            all.open = Some(OpenImport::Written);
        }
        if !script.contains("import") && !script.contains("export") {
            return all;
        }
        let Ok(imports) = Imports::of(script) else {
            all.open = Some(OpenImport::Unread);
            return all;
        };
        if imports.computed > 0 && computed_import(script).is_some() {
            all.open = all.open.or(Some(OpenImport::Computed));
        }
        imports.specifiers.iter().for_each(|specifier| all.add(specifier, base));
        all
    }

    /// Reads an import map: whatever a name leads to may be imported (HTML §8.1.6.2).
    fn of_map(map: &str, base: &Url) -> Self {
        let mut all = Self::default();
        let map: Map<String, Value> = serde_json::from_str(map).unwrap_or_default();
        let scopes = map.get("scopes").and_then(Value::as_object).into_iter().flat_map(Map::values);
        let names = map.get("imports").into_iter().chain(scopes).filter_map(Value::as_object);
        let urls = names.flat_map(Map::values).filter_map(Value::as_str);
        for url in urls {
            // A name that begins so may lead to any file below.
            if url.ends_with('/') {
                all.open = all.open.or(Some(OpenImport::Prefix(url.to_owned())));
            } else {
                all.add(url, base);
            }
        }
        all
    }

    fn add(&mut self, specifier: &str, base: &Url) {
        let is_path = ["/", "./", "../"].iter().any(|start| specifier.starts_with(start));
        // Any other one is a name, which only an import map leads anywhere.
        let url = if is_path { base.join(specifier) } else { Url::parse(specifier) };
        let Ok(url) = url else { return };
        if let Some(url) = of_site(&url) {
            self.urls.insert(url);
        } else if self.open.is_none() {
            self.open = Some(OpenImport::OtherHost(url.to_string()));
        }
    }
}

/// Returns the hashes in the import maps of a page, by the URLs of the modules from their paths on (HTML §8.1.6.2).
pub(crate) fn mapped_hashes(page: &Shipped, path: &str) -> BTreeMap<String, String> {
    let base = base_of(page, path);
    let maps = page.code.iter().filter(|code| code.kind == ShippedKind::ScriptData);
    let maps = maps.filter_map(|code| serde_json::from_str::<Map<String, Value>>(&code.text).ok());
    let hashes = maps.filter_map(|map| map.get("integrity")?.as_object().cloned()).flatten();
    let mut all = BTreeMap::new();
    for (url, hash) in hashes {
        let url = base.as_ref().and_then(|base| base.join(&url).ok());
        if let (Some(url), Some(hash)) = (url.and_then(|url| of_site(&url)), hash.as_str()) {
            // The first one counts.
            all.entry(url).or_insert_with(|| hash.to_owned());
        }
    }
    all
}

/// Returns the URL that the references of a page are relative to.
fn base_of(page: &Shipped, path: &str) -> Option<Url> {
    let url = site_url(path)?;
    Some(page.base.as_ref().and_then(|href| url.join(href).ok()).unwrap_or(url))
}

fn site_url(path: &str) -> Option<Url> {
    Url::parse(HOST).ok()?.join(path).ok()
}

/// Returns a URL of the site from its path on.
fn of_site(url: &Url) -> Option<String> {
    let is_own = site_url("/")?.origin() == url.origin();
    is_own.then(|| url[Position::BeforePath..].to_owned())
}

/// Returns the path of a URL that begins with its path, percent-decoded.
pub(crate) fn path_of(url: &str) -> Option<String> {
    decode(url.split(['?', '#']).next()?).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> ModuleGraph {
        let scripts = [
            ("/a.js", "import './b/b.js'; import('/c.js')"),
            ("/b/b.js", "export * from '../d.js'; import 'bare'"),
            ("/c.js", "import './a.js'"),
            ("/d.js", "export default 1"),
            ("/computed.js", "import(name)"),
            ("/other.js", "import 'https://cdn.example/e.js'"),
            ("/unread.js", "import ("),
        ];
        let graphs = scripts.map(|(path, it)| ModuleGraph::of_script(path, it.as_bytes()));
        graphs.into_iter().fold(ModuleGraph::default(), ModuleGraph::merged)
    }

    fn reach(page: &str) -> Reach {
        graph().reach(&Shipped::of(page).unwrap(), "/folder/")
    }

    #[test]
    fn modules_are_followed_from_scripts_islands_and_code_of_the_page() {
        for (page, expected) in [
            ("<script type=module src=/a.js></script>", "/a.js /b/b.js /c.js /d.js"),
            ("<script type=module src=/d.js></script>", ""),
            ("<script type=module>import '../b/b.js'</script>", "/b/b.js /d.js"),
            ("<script>f(() => import('/d.js'))</script>", "/d.js"),
            ("<script>import('/b/%62.js?c#d')</script>", "/b/%62.js?c#d /d.js"),
            ("<p onclick=\"import('/d.js')\">", "/d.js"),
            ("<base href=/b/><script type=module>import './b.js'</script>", "/b/b.js /d.js"),
            (
                "<template><base href=/x/></template><script type=module>import '../d.js'</script>",
                "/d.js",
            ),
            ("<astro-island component-url=/b/b.js renderer-url=/d.js>", "/b/b.js /d.js"),
            (
                "<script type=importmap>{\"imports\":{\"x\":\"/d.js\"},\"scopes\":{\"/\":{\"y\":\"/b/b.js\"}}}</script>",
                "/b/b.js /d.js",
            ),
        ] {
            let Reach { imported, open, .. } = reach(page);
            let imported: Vec<String> = imported.into_iter().collect();
            assert_eq!((&*imported.join(" "), open), (expected, None), "{page}");
        }
    }

    #[test]
    fn what_else_may_be_imported_is_known_with_its_place() {
        let script = |name: &str| format!("<script type=module src=/{name}.js></script>");
        let other = || OpenImport::OtherHost("https://cdn.example/e.js".to_owned());
        let named = |name: &str| Some(format!("/{name}.js"));
        for (page, expected) in [
            (script("computed"), (named("computed"), OpenImport::Computed)),
            (script("other"), (named("other"), other())),
            (script("unread"), (named("unread"), OpenImport::Unread)),
            ("<script>import(a)</script>".to_owned(), (None, OpenImport::Computed)),
            ("<astro-island component-url=https://cdn.example/e.js>".to_owned(), (None, other())),
            (
                "<script src=https://cdn.example/e.js></script>".to_owned(),
                (None, OpenImport::Unseen("https://cdn.example/e.js".to_owned())),
            ),
            (
                "<script type=importmap>{\"imports\":{\"a/\":\"/b/\"}}</script>".to_owned(),
                (None, OpenImport::Prefix("/b/".to_owned())),
            ),
            (
                "<script>a || document.write('<script src=/d.js><\\/script>')</script>".to_owned(),
                (None, OpenImport::Written),
            ),
            (
                "<script>frame.srcdoc = '<script src=/d.js>'</script>".to_owned(),
                (None, OpenImport::Written),
            ),
            (
                "<script>fetch('/_server-islands/A')</script>".to_owned(),
                (None, OpenImport::ServerIsland),
            ),
            (
                "<iframe srcdoc='<script>a()</script>'></iframe>".to_owned(),
                (None, OpenImport::InnerPage),
            ),
        ] {
            assert_eq!(reach(&page).open, Some(expected), "{page}");
        }
        let islands = "<script>e=>import(e.getAttribute('component-url'))</script>";
        assert_eq!(reach(islands).open, None);
    }

    #[test]
    fn hashes_of_import_maps_are_by_path() {
        let page = "<base href=/b/><script type=importmap>{\"integrity\":{\"c.js\":\"sha384-a\",\"/d.js\":\"sha384-b\",
            \"https://cdn.example/e.js\":\"sha384-c\"}}</script>";
        let hashes = mapped_hashes(&Shipped::of(page).unwrap(), "/");
        let hashes: Vec<(&str, &str)> = hashes.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(hashes, [("/b/c.js", "sha384-a"), ("/d.js", "sha384-b")]);
    }
}

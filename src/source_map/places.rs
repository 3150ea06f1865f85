//! The files that maps are about: the maps of the build, and the names of sources, which lead to no folder of
//! this machine.

use std::path::Path;

use swc_sourcemap::{DecodedMap, SourceMap, decode_data_url, decode_slice};

use crate::project::Project;

/// What stands for the project's folder.
const NEUTRAL: &str = "/astro";

/// The folder of installed packages.
const PACKAGES: &str = "node_modules";

/// The folders of a project.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The project's folder, as it may be written.
    roots: Vec<String>,
    /// The name of the packed folder.
    dist: String,
}

impl Places {
    pub(crate) fn of(project: &Project) -> Self {
        let written = project.root();
        let canonical = project.folder.parent().map(Path::to_owned);
        let text = |path: &Path| path.to_str().map(|path| path.replace('\\', "/"));
        let roots = [written, canonical].into_iter().flatten().filter_map(|path| text(&path));
        let mut roots: Vec<String> = roots.filter(|root| root.len() > 1).collect();
        roots.dedup();
        let dist = project.folder.file_name().map(|name| name.to_string_lossy().into_owned());
        Self { roots, dist: dist.unwrap_or_default() }
    }

    /// Adds the folder that the server was built in.
    pub(crate) fn with_root(mut self, root: Option<&str>) -> Self {
        self.roots.extend(root.map(str::to_owned));
        self
    }

    /// Finds the map that the build wrote of a script: the one that its last line names or contains, else the one
    /// beside it. Returns `None` if there is none that can be read.
    pub(super) fn map_of(project: &Project, path: &str, source: &str) -> Option<SourceMap> {
        let url = map_url(source);
        let contained = url.filter(|url| url.starts_with("data:"));
        // The decoder knows no other charset, and JSON has none.
        let contained = contained.map(|url| url.replacen(";charset=utf-8", "", 1));
        let contained = contained.and_then(|url| whole(decode_data_url(&url).ok()?));
        let named = url.filter(|url| !url.contains(':'));
        let named = named.and_then(|name| joined(folder_of(path), name));
        let beside = format!("{path}.map");
        let read = |name: &str| {
            let bytes = project.file(Path::new(name)).ok()?.read().ok()?;
            whole(decode_slice(&bytes).ok()?)
        };
        contained.or_else(|| named.as_deref().and_then(read)).or_else(|| read(&beside))
    }

    /// Returns the path in the project of a file of the packed folder.
    pub(super) fn in_project(&self, path: &str) -> String {
        format!("{}/{path}", self.dist)
    }

    /// Returns the names of the sources of a map of the build, as paths in the project.
    pub(super) fn sources(&self, path: &str, built: &SourceMap) -> Vec<String> {
        let folder = self.in_project(folder_of(path));
        built.sources().map(|source| self.source(&folder, source)).collect()
    }

    fn source(&self, folder: &str, source: &str) -> String {
        let plain = source.strip_prefix("file://").unwrap_or(source).replace('\\', "/");
        if let Some(rest) = self.roots.iter().find_map(|root| below(&plain, root)) {
            return rest.to_owned();
        }
        let is_absolute = plain.starts_with('/') || plain.get(1..3) == Some(":/");
        if is_absolute {
            let package = plain.rfind(&format!("/{PACKAGES}/")).map(|at| &plain[at + 1..]);
            let name = plain.rsplit('/').next().unwrap_or_default();
            return package.unwrap_or(name).to_owned();
        }
        // Names such as `virtual:a` and `webpack://b` are no paths.
        if plain.contains(':') || plain.starts_with('\0') {
            return plain;
        }
        relative(folder, &plain)
    }

    /// Returns a text of a source without the project's folder.
    pub(super) fn cleaned(&self, text: &str) -> String {
        let is_in = |root: &&String| root.matches('/').count() >= 2 && text.contains(root.as_str());
        match self.roots.iter().find(is_in) {
            Some(root) => text.replace(root.as_str(), NEUTRAL),
            None => text.to_owned(),
        }
    }
}

/// Returns one map of a decoded one, which may have sections (ECMA-426 §10).
fn whole(map: DecodedMap) -> Option<SourceMap> {
    match map {
        DecodedMap::Regular(map) => Some(map),
        DecodedMap::Index(sections) => sections.flatten().ok(),
        DecodedMap::Hermes(_) => None,
    }
}

/// Returns the URL of the map that the last line of a script has.
fn map_url(source: &str) -> Option<&str> {
    let last = source.trim_end().rsplit('\n').next()?;
    last.trim_start().strip_prefix("//# sourceMappingURL=")
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// Joins a folder and a relative URL. Returns `None` if that leads out of the packed folder.
fn joined(folder: &str, name: &str) -> Option<String> {
    let name = name.split(['?', '#']).next()?;
    if name.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Joins a folder of the project and a relative path. One that leads out of the project is shortened.
fn relative(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_named_by_their_paths_in_the_project() {
        let places = Places { roots: vec!["/home/me/site".to_owned()], dist: "dist".to_owned() };
        for (source, name) in [
            ("../../../src/a.ts?astro&type=script", "src/a.ts?astro&type=script"),
            ("../../../../../elsewhere/b.ts", "elsewhere/b.ts"),
            ("/home/me/site/src/c.ts", "src/c.ts"),
            ("file:///home/me/site/src/d.ts", "src/d.ts"),
            ("/opt/pnpm/node_modules/e/index.js", "node_modules/e/index.js"),
            ("C:\\Users\\me\\f.ts", "f.ts"),
            ("\0virtual:g", "\0virtual:g"),
        ] {
            assert_eq!(places.source("dist/client/_astro", source), name, "{source}");
        }
        assert_eq!(places.cleaned("at /home/me/site/x"), "at /astro/x");
    }

    #[test]
    fn a_map_is_only_looked_for_in_the_packed_folder() {
        assert_eq!(joined("client/_astro", "a.js.map").as_deref(), Some("client/_astro/a.js.map"));
        assert_eq!(joined("client", "../../a.js.map"), None);
        assert_eq!(map_url("f();\n//# sourceMappingURL=a.js.map\n"), Some("a.js.map"));
        assert_eq!(map_url("//# sourceMappingURL=a.js.map\nf();"), None);
    }
}

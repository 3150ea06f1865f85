//! Scopes: the URLs for which a dictionary is used.

use std::path::Path;

use crate::asset::digest::ContentHash;
use crate::asset::route::RoutePath;

/// The number of hexadecimal digits of a dictionary's hash in its name.
const DIGITS: usize = 16;

/// The pages below a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    /// The path of the folder without its last slash. Empty for a whole site.
    folder: String,
}

impl Scope {
    /// Returns the scope of the folder that contains all of some paths. A folder counts only if its name means
    /// itself in a pattern.
    pub(super) fn around<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let mut paths = paths.into_iter();
        let first = paths.next().unwrap_or_default();
        let mut folder = first.rfind('/').map_or("", |slash| &first[..slash]);
        for path in paths {
            while !is_below(path, folder) {
                folder = folder.rfind('/').map_or("", |slash| &folder[..slash]);
            }
        }
        let mut scope = Self { folder: String::new() };
        for name in folder.split('/').skip(1) {
            match scope.child(name) {
                Some(child) => scope = child,
                None => break,
            }
        }
        scope
    }

    /// Returns the scope of a folder within this one, if its name means itself in a pattern.
    pub(super) fn child(&self, name: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_plain = !name.is_empty() && name.bytes().all(is_plain);
        is_plain.then(|| Self { folder: format!("{}/{name}", self.folder) })
    }

    /// Returns the name of the folder directly in this scope that contains a path.
    pub(super) fn folder_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(&*self.folder)?.strip_prefix('/')?;
        rest.split_once('/').map(|(name, _)| name)
    }

    /// Returns the URL pattern of the pages.
    pub(super) fn pattern(&self) -> String {
        format!("{}/*", self.folder)
    }

    /// Returns the value of `Use-As-Dictionary` (RFC 9842 §2.1). The destination of a `fetch()` and of a prefetch,
    /// by which pages are loaded ahead, is empty.
    pub(super) fn use_as_dictionary(&self) -> String {
        format!("match=\"{}\", match-dest=(\"document\" \"\")", self.pattern())
    }

    /// Returns the route of a dictionary. It lies in the folder of its pages, so that it is served wherever they
    /// are, also where a Worker has only a part of a domain.
    pub(super) fn route(&self, hash: ContentHash) -> RoutePath {
        let digits = &hash.to_string()[..DIGITS];
        let path = format!("{}/{}/dictionary.{digits}.dat", self.folder, RoutePath::OWN_FOLDER);
        RoutePath::from_relative(Path::new(&path[1..])).expect("its segments are plain names")
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_the_innermost_plain_folder_around_all_paths() {
        for (paths, pattern) in [
            (&["/", "/a/"] as &[&str], "/*"),
            (&["/docs/", "/docs/a/"], "/docs/*"),
            (&["/docs", "/docs/a/"], "/*"),
            (&["/docs/a/b", "/docs/ab"], "/docs/*"),
            (&["/docs/%E4/", "/docs/%E4/b"], "/docs/*"),
            (&["/a*b/c", "/a*b/d"], "/*"),
            (&[], "/*"),
        ] {
            assert_eq!(Scope::around(paths.iter().copied()).pattern(), pattern, "{paths:?}");
        }
    }

    #[test]
    fn a_dictionary_lies_in_the_folder_of_its_pages_under_its_hash() {
        let scope = Scope::around(["/de/", "/de/a/"]);
        let route = scope.route(ContentHash::of(b"page"));
        assert!(route.as_str().starts_with("/de/_worker-pack/dictionary."), "{route}");
        assert!(route.as_str().contains(&ContentHash::of(b"page").to_string()[..DIGITS]));
        assert_eq!(scope.use_as_dictionary(), "match=\"/de/*\", match-dest=(\"document\" \"\")");
    }

    #[test]
    fn folders_within_a_scope_are_those_of_the_next_segment() {
        let scope = Scope::around(["/docs/", "/docs/a/"]);
        assert_eq!(scope.folder_of("/docs/de/x/"), Some("de"));
        assert_eq!(scope.folder_of("/docs/de"), None);
        assert_eq!(scope.folder_of("/other/de/"), None);
        assert_eq!(scope.child("d(e"), None);
    }
}

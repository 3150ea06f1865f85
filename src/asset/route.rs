//! Routes: the paths of assets in the table.

use std::borrow::Cow;
use std::fmt;
use std::path::{Component, Path};

use serde::Serialize;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::packer::resolve;

/// The decoded path of a file below the site's root. It begins with a slash, and its segments are
/// separated by slashes and never empty, `.` or `..`.
///
/// Routes are ordered by their bytes, as in the emitted table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RoutePath(String);

impl RoutePath {
    /// The name of the folder for files that the packer makes itself.
    pub(crate) const OWN_FOLDER: &str = "_worker-pack";

    /// Returns the route of a path relative to the site's root, with the separators of the
    /// platform. Returns `None` if the path is empty, or a component is not a plain name or not
    /// UTF-8.
    ///
    /// ```
    /// use worker_pack::table::RoutePath;
    /// let route = RoutePath::from_relative("about/index.html".as_ref()).unwrap();
    /// assert_eq!(route.as_str(), "/about/index.html");
    /// assert_eq!(route.url_path(), "/about/");
    /// ```
    pub fn from_relative(path: &Path) -> Option<Self> {
        let mut route = String::new();
        for component in path.components() {
            let Component::Normal(name) = component else { return None };
            route.push('/');
            route.push_str(name.to_str()?);
        }
        (!route.is_empty()).then_some(Self(route))
    }

    /// Returns the route as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path at which the file is served by default: `/about/` for `/about/index.html`.
    pub fn url_path(&self) -> &str {
        resolve::canonical_page_path(&self.0).unwrap_or(&self.0)
    }

    /// Returns the path at which a table with the given behaviour serves the file.
    pub fn url_path_in(&self, behaviour: Behaviour) -> Cow<'_, str> {
        resolve::page_path(&self.0, behaviour)
    }

    /// Returns the route of the file that a source map describes, if this is the route of a map.
    pub(crate) fn of_map(&self) -> Option<Self> {
        self.0.strip_suffix(".map").map(|described| Self(described.to_owned()))
    }

    /// Returns whether the packer has made the file, which is in a folder for such files.
    pub(crate) fn is_made_by_packer(&self) -> bool {
        self.0.rsplit('/').nth(1) == Some(Self::OWN_FOLDER)
    }

    /// Returns the last segment.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.as_str(), |(_, name)| name)
    }

    /// Returns the extension of the file name in lower case. A hidden file such as `.htaccess` does
    /// not have one.
    pub fn extension(&self) -> Option<String> {
        let (stem, extension) = self.file_name().rsplit_once('.')?;
        (!stem.is_empty()).then(|| extension.to_ascii_lowercase())
    }
}

impl fmt::Display for RoutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
impl From<&str> for RoutePath {
    fn from(path: &str) -> Self {
        assert!(path.starts_with('/'), "{path}");
        Self(path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_consist_of_plain_names_only() {
        let route = |path: &str| RoutePath::from_relative(path.as_ref()).map(|route| route.0);
        assert_eq!(route("a b/ü.html").as_deref(), Some("/a b/ü.html"));
        assert_eq!(route("./a"), None);
        assert_eq!(route("../a"), None);
        assert_eq!(route("/a"), None);
        assert_eq!(route(""), None);
    }

    #[test]
    fn extensions_are_in_lower_case_and_never_the_whole_name() {
        assert_eq!(RoutePath::from("/x/PHOTO.JPG").extension().as_deref(), Some("jpg"));
        assert_eq!(RoutePath::from("/.hidden").extension(), None);
        assert_eq!(RoutePath::from("/v1.2/readme").extension(), None);
    }
}

//! `html_handling` of Workers Static Assets: four ways to give pages URLs.
//!
//! A spelling of a page redirects to the page's own path, unless a file has that name or the redirect
//! would lead to another file.

use super::{HtmlHandling, Resolution};
use crate::table::{Asset, Table};

pub(super) fn resolve<'a>(table: &Table<'a>, path: &str, handling: HtmlHandling) -> Resolution<'a> {
    Lookup { table, handling }.resolve(path)
}

struct Lookup<'t, 'a> {
    table: &'t Table<'a>,
    handling: HtmlHandling,
}

/// A page by its path, and the path to redirect to if that serves the page.
type Spelling = (String, String);

impl<'a> Lookup<'_, 'a> {
    fn resolve(&self, path: &str) -> Resolution<'a> {
        let exact = self.file(path);
        let mut own = self.own(path, exact.as_ref());
        if own.is_none()
            && let Some(to) = self.redirect(path)
        {
            return Resolution::Redirect(to);
        }
        own = own.or(exact).or_else(|| self.otherwise(path));
        match own {
            Some(asset) => Resolution::Asset(asset),
            None => self.last_redirect(path).map_or(Resolution::Nothing, Resolution::Redirect),
        }
    }

    /// Returns the file at a path. None ends with a slash, which saves a lookup for most pages.
    fn file(&self, path: &str) -> Option<Asset<'a>> {
        if path.ends_with('/') { None } else { self.table.asset(path) }
    }

    /// Returns what is served at a path before any redirect is thought of.
    fn own(&self, path: &str, exact: Option<&Asset<'a>>) -> Option<Asset<'a>> {
        use HtmlHandling::{
            AutoTrailingSlash, DropTrailingSlash, ForceTrailingSlash, None as AsNamed,
        };
        match self.handling {
            AsNamed => exact.copied(),
            _ if path.ends_with("/index") => exact.copied(),
            AutoTrailingSlash if path.ends_with('/') => self.page(path, "index.html"),
            ForceTrailingSlash if path.ends_with('/') => self
                .page(path, "index.html")
                .or_else(|| self.page(&path[..path.len() - 1], ".html")),
            DropTrailingSlash if path == "/" => self.page(path, "index.html"),
            _ => None,
        }
    }

    /// Returns where a spelling of a page redirects to, the first way that is free.
    fn redirect(&self, path: &str) -> Option<String> {
        let spellings = match self.handling {
            HtmlHandling::AutoTrailingSlash => auto(path),
            HtmlHandling::ForceTrailingSlash => force(path),
            HtmlHandling::DropTrailingSlash => drop(path),
            HtmlHandling::None => Vec::new(),
        };
        // A file that has its own name anyway comes before the second way.
        let with_file = without(path, ".html").is_some() && self.file(path).is_some();
        for (index, (file, to)) in spellings.into_iter().enumerate() {
            let own_name = index > 0 && with_file && !self.prefers_redirect(path);
            if !own_name && self.leads_to(&to, &file) {
                return Some(to);
            }
        }
        None
    }

    /// Returns whether a page that is there under its own name redirects to another one with the
    /// same content all the same.
    fn prefers_redirect(&self, path: &str) -> bool {
        match self.handling {
            HtmlHandling::AutoTrailingSlash => true,
            HtmlHandling::ForceTrailingSlash => path.ends_with("/index.html"),
            HtmlHandling::DropTrailingSlash => !path.ends_with("/index.html"),
            HtmlHandling::None => false,
        }
    }

    /// Returns the page at a path that no file has.
    fn otherwise(&self, path: &str) -> Option<Asset<'a>> {
        match self.handling {
            HtmlHandling::AutoTrailingSlash => self.page(path, ".html"),
            HtmlHandling::DropTrailingSlash => {
                self.page(path, ".html").or_else(|| self.page(path, "/index.html"))
            }
            HtmlHandling::ForceTrailingSlash | HtmlHandling::None => None,
        }
    }

    /// Returns where a path redirects to that nothing is at.
    fn last_redirect(&self, path: &str) -> Option<String> {
        let files: &[&str] = match self.handling {
            HtmlHandling::AutoTrailingSlash => &["/index.html"],
            HtmlHandling::ForceTrailingSlash => &[".html", "/index.html"],
            HtmlHandling::DropTrailingSlash | HtmlHandling::None => &[],
        };
        let to = [path, "/"].concat();
        files.iter().any(|file| self.leads_to(&to, &[path, file].concat())).then_some(to)
    }

    /// Returns whether a path serves a file, or one with the same bytes, and has no file's name.
    fn leads_to(&self, path: &str, file: &str) -> bool {
        let Some(file) = self.table.asset(file) else { return false };
        if self.file(path).is_some() {
            return false;
        }
        let served = self.own(path, None).or_else(|| self.otherwise(path));
        served.is_some_and(|served| served.identity().etag() == file.identity().etag())
    }

    fn page(&self, stem: &str, suffix: &str) -> Option<Asset<'a>> {
        self.table.asset(&[stem, suffix].concat())
    }
}

/// Returns a path without an ending, if it has that.
fn without<'p>(path: &'p str, ending: &str) -> Option<&'p str> {
    path.strip_suffix(ending)
}

fn spelling(stem: &str, file: &str, to: &str) -> Spelling {
    ([stem, file].concat(), [stem, to].concat())
}

fn auto(path: &str) -> Vec<Spelling> {
    if let Some(stem) = without(path, "/index").or_else(|| without(path, "/index.html")) {
        vec![spelling(stem, "/index.html", "/"), spelling(stem, ".html", "")]
    } else if let Some(stem) = without(path, "/") {
        vec![spelling(stem, ".html", "")]
    } else if let Some(stem) = without(path, ".html") {
        vec![spelling(stem, ".html", ""), spelling(stem, "/index.html", "/")]
    } else {
        Vec::new()
    }
}

fn force(path: &str) -> Vec<Spelling> {
    if let Some(stem) = without(path, "/index").or_else(|| without(path, "/index.html")) {
        vec![spelling(stem, "/index.html", "/"), spelling(stem, ".html", "/")]
    } else if let Some(stem) = without(path, ".html") {
        vec![spelling(stem, ".html", "/"), spelling(stem, "/index.html", "/")]
    } else {
        Vec::new()
    }
}

fn drop(path: &str) -> Vec<Spelling> {
    if matches!(path, "/index" | "/index.html") {
        vec![("/index.html".to_owned(), "/".to_owned())]
    } else if let Some(stem) = without(path, "/index") {
        vec![spelling(stem, ".html", ""), spelling(stem, "/index.html", "")]
    } else if let Some(stem) = without(path, "/index.html") {
        vec![spelling(stem, "/index.html", ""), spelling(stem, ".html", "")]
    } else if let Some(stem) = without(path, "/").or_else(|| without(path, ".html")) {
        vec![spelling(stem, ".html", ""), spelling(stem, "/index.html", "")]
    } else {
        Vec::new()
    }
}

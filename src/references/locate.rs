//! The file that a reference leads to, and the place in its URL where a fingerprint goes.

use std::collections::BTreeMap;
use std::ops::Range;

use url::Url;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::{Compat, NotFoundHandling};
use worker_pack_runtime::packer::path::{decode, encode};

use crate::ingest::Site;
use crate::transform::reference::{Base, Reference, References, Role};

/// Stands in for the host of the site, which is unknown at build time (RFC 2606 §2).
pub(super) const HOST: &str = "https://site.invalid";

/// The place where the fingerprint of a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The place in the text, in bytes: before the dot of the extension.
    pub(super) at: usize,
    /// The file, by its index in the site.
    pub(super) target: usize,
}

/// The files of a site by their routes.
pub(super) struct Locator<'s> {
    site: &'s Site,
    routes: BTreeMap<&'s str, usize>,
    /// True if a rewrite may serve a page at another URL.
    has_rewrites: bool,
}

/// The URLs that a text may be served at.
#[derive(Clone, Debug)]
pub(super) struct Address {
    url: Url,
    /// True if it is served at no other.
    is_only: bool,
}

impl Address {
    /// Returns the address for a text that is not served: only URLs from the root of the site lead somewhere.
    pub(super) fn of_site() -> Self {
        Self { url: Url::parse(HOST).expect("it is a URL"), is_only: false }
    }
}

impl<'s> Locator<'s> {
    pub(super) fn new(site: &'s Site) -> Self {
        let routes = site.files.iter().zip(0..).map(|(file, index)| (file.route.as_str(), index));
        let redirects = &site.rules.redirects;
        let has_rewrites =
            redirects.fixed.iter().chain(&redirects.dynamic).any(|redirect| redirect.status == 200);
        Self { site, routes: routes.collect(), has_rewrites }
    }

    /// Returns the address of a file.
    pub(super) fn address(&self, index: usize) -> Option<Address> {
        let route = &self.site.files[index].route;
        let behaviour = self.site.rules.behaviour;
        let url = Url::parse(HOST).ok()?.join(&encode(&route.url_path_in(behaviour))).ok()?;
        let Behaviour { compat, not_found_handling, .. } = behaviour;
        let home_is_fallback = compat == Compat::Pages
            || not_found_handling == NotFoundHandling::SinglePageApplication;
        let is_fallback =
            route.file_name() == "404.html" || home_is_fallback && route.as_str() == "/index.html";
        Some(Address { url, is_only: !is_fallback && !self.has_rewrites })
    }

    /// Returns the file that a reference leads to for certain, and where its fingerprint goes.
    pub(super) fn find(
        &self,
        source: &str,
        references: &References,
        reference: &Reference,
        address: &Address,
    ) -> Option<Spot> {
        let written = source.get(reference.range.clone())?;
        let start = reference.range.start + (written.len() - written.trim_ascii_start().len());
        let written = written.trim_ascii();
        let found = match reference.role {
            Role::Preloaded => {
                self.resolve(written, address, Some(&base_of_build(written, address)?))
            }
            _ => self.target(written, reference.range.start, &references.base, address),
        }?;
        let name = self.site.files[found].route.file_name();
        Some(Spot { at: start + dot(written, name)?, target: found })
    }

    /// Returns the file that a URL leads to for certain. `at` is its place in the text.
    pub(super) fn target(
        &self,
        written: &str,
        at: usize,
        base: &Base,
        address: &Address,
    ) -> Option<usize> {
        let own = self.resolve(written, address, None);
        match base {
            Base::Own => own,
            Base::Unknown => None,
            Base::Written { href, at: base } => {
                let based = self.resolve(written, address, Some(href));
                // What is before `<base>` may have been loaded before it was read.
                if at > *base || based == own { based } else { None }
            }
        }
    }

    fn resolve(&self, written: &str, address: &Address, base: Option<&str>) -> Option<usize> {
        let is_absolute = |url: &str| url.starts_with('/');
        if !is_absolute(written) && !base.is_some_and(is_absolute) && !address.is_only {
            return None;
        }
        let base = base.map_or(Ok(address.url.clone()), |base| address.url.join(base)).ok()?;
        let url = base.join(written).ok()?;
        if url.origin() != address.url.origin() {
            return None;
        }
        let route = decode(url.path()).ok()?;
        self.routes.get(&*route).copied()
    }
}

/// Returns the path that a URL in the list of a module's preloaded files is relative to. The URL and that of the module
/// have their first folder in common.
fn base_of_build(written: &str, address: &Address) -> Option<String> {
    let (folder, _) = written.split_once('/')?;
    let folder = format!("/{folder}/");
    let path = address.url.path();
    let at = path.find(&folder)?;
    (path.rfind(&folder) == Some(at)).then(|| path[..=at].to_owned())
}

/// Returns the place of the last dot in the name of a file that ends the path of a URL, if the name is written
/// without escapes other than percent-encoding.
pub(super) fn dot(written: &str, name: &str) -> Option<usize> {
    let Range { start, end } = last_segment(written);
    let segment = &written[start..end];
    let is_plain =
        !written[..end].contains(['&', '\\']) && !segment.to_ascii_lowercase().contains("%2e");
    let decoded = format!("/{segment}");
    let is_name = decode(&decoded).is_ok_and(|decoded| decoded[1..] == *name);
    let dot = segment.rfind('.').filter(|dot| *dot > 0)?;
    (is_plain && is_name).then_some(start + dot)
}

/// Returns the place of the last segment of a URL's path.
fn last_segment(written: &str) -> Range<usize> {
    let end = written.find(['?', '#']).unwrap_or(written.len());
    let start = written[..end].rfind('/').map_or(0, |slash| slash + 1);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_go_before_the_extension_of_a_name_without_escapes() {
        for (written, name, expected) in [
            ("/a/b.png?c.d#e", "b.png", Some("/a/b")),
            ("b%20c.tar.gz", "b c.tar.gz", Some("b%20c.tar")),
            ("ü.png", "ü.png", Some("ü")),
            ("b&period;png", "b.png", None),
            ("b%2epng", "b.png", None),
            ("b.png&quest;c", "b.png", None),
            (".png", ".png", None),
            ("b.png", "c.png", None),
        ] {
            let found = dot(written, name).map(|at| &written[..at]);
            assert_eq!(found, expected, "{written}");
        }
    }
}

//! The pages of a table that may have a dictionary.

use std::collections::BTreeMap;

use worker_pack_runtime::{Coding, Table};

use super::serving::{path_of, reply};
use crate::asset::blob::Blob;
use crate::asset::media_type::Language;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::tabulate::AssetEntry;
use crate::transform::html::head::PageHead;
use crate::transform::html::policy::{Directive, Policy};

/// The size of a page's Brotli body below which a dictionary can hardly save anything, in bytes: redirects by
/// `<meta>` are smaller.
const MIN_LEN: usize = 512;

/// The names of pages for errors, which are no part of a visit.
const ERROR_PAGES: [&str; 2] = ["404.html", "500.html"];

/// A page.
#[derive(Debug)]
pub(super) struct Page<'t> {
    /// Its number in the table.
    pub(super) index: usize,
    pub(super) entry: &'t AssetEntry,
    /// The path of its URL, percent-encoded.
    pub(super) path: String,
    /// Its Brotli body.
    pub(super) brotli: &'t Blob,
    pub(super) language: Option<String>,
    pub(super) sharing: Sharing,
    pub(super) announcement: Announcement,
}

/// The right of all visitors to read a page, as far as its cache policy tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Caches may share it.
    Public,
    /// Caches must not share it (`private`), or not store it: so no other page may contain it.
    Private,
}

/// The announcement of a dictionary by a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Announcement {
    Allowed,
    /// The browser would not fetch the dictionary, and report an error.
    Blocked(Block),
}

/// A directive that blocks the dictionary.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    /// The directive with its sources.
    directive: String,
    remedy: String,
}

impl<'t> Page<'t> {
    /// Reads a page. Returns `None` for other files, and for pages that have no use for a dictionary: those of the
    /// server, for errors, and small ones.
    pub(super) fn read(
        index: usize,
        entry: &'t AssetEntry,
        table: &Table<'_>,
    ) -> Result<Option<Self>, PackError> {
        let is_brotli = |(coding, _): &&(Coding, Blob)| *coding == Coding::Brotli;
        let brotli = entry.encoded.iter().find(is_brotli).map(|(_, body)| body);
        let Some(brotli) = brotli.filter(|body| body.len() >= MIN_LEN) else { return Ok(None) };
        let is_page = entry.media_type.language() == Some(Language::Html);
        if !is_page || ERROR_PAGES.contains(&entry.route.file_name()) {
            return Ok(None);
        }
        let path = path_of(entry, table);
        let Some(reply) = reply(table, &path).filter(|reply| reply.status() == 200) else {
            return Ok(None);
        };
        let head = PageHead::of(&String::from_utf8_lossy(&entry.identity.read()?));
        let value = |name: &str| reply.headers().get(name).unwrap_or_default();
        let of_response = value("Content-Security-Policy").split(',').map(str::to_owned);
        let block = of_response.chain(head.policies).find_map(|policy| Block::of(&policy));
        Ok(Some(Self {
            index,
            entry,
            path,
            brotli,
            language: head.language,
            sharing: Sharing::of(value("Cache-Control")),
            announcement: block.map_or(Announcement::Allowed, Announcement::Blocked),
        }))
    }
}

impl Sharing {
    fn of(cache_control: &str) -> Self {
        let directives = cache_control.split([',', '=']).map(str::trim);
        let is_private = |directive: &str| {
            directive.eq_ignore_ascii_case("private") || directive.eq_ignore_ascii_case("no-store")
        };
        if directives.into_iter().any(is_private) { Self::Private } else { Self::Public }
    }
}

impl Block {
    /// Finds the directive of a policy that blocks a dictionary of the same site: it is fetched as by `fetch()`
    /// (RFC 9842 §3).
    fn of(policy: &str) -> Option<Self> {
        let policy = Policy::parse(policy);
        let (names, sources) = policy.sources(Directive::Connect)?;
        // The host of the site is unknown: a source with a host may be it.
        let is_own = |source: &str| {
            source.eq_ignore_ascii_case("'self'") || !source.is_empty() && !is_elsewhere(source)
        };
        if sources.split_ascii_whitespace().any(is_own) {
            return None;
        }
        let directive = format!("{} {}", names.decides, sources.trim()).trim().to_owned();
        Some(Self { directive, remedy: names.remedy("'self'") })
    }
}

/// Returns whether a source of a policy cannot be the site: a keyword, or another scheme.
fn is_elsewhere(source: &str) -> bool {
    let scheme = source.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_scheme = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    source.starts_with('\'')
        || scheme.is_some_and(|scheme| {
            // `example.com:8080` has a port.
            is_scheme(&scheme)
                && !source.ends_with(|last: char| last.is_ascii_digit())
                && !matches!(&*scheme, "http" | "https")
        })
}

/// Reports the policies that block dictionaries, each once.
pub(super) fn blocked(pages: &[Page<'_>]) -> Vec<Diagnostic> {
    let mut blocks = BTreeMap::<&Block, Vec<&str>>::new();
    for page in pages {
        if let Announcement::Blocked(block) = &page.announcement {
            blocks.entry(block).or_default().push(&page.entry.name);
        }
    }
    blocks.into_iter().map(|(block, names)| block.diagnostic(&names)).collect()
}

impl Block {
    fn diagnostic(&self, pages: &[&str]) -> Diagnostic {
        let on = match pages.len() {
            1 => "its policy".to_owned(),
            2 => "its policy, and that of 1 other page,".to_owned(),
            count => format!("its policy, and that of {} other pages,", count - 1),
        };
        let message = format!("{on} blocks dictionaries: `{}`", self.directive);
        let help =
            format!("{}; until then no browser fetches a dictionary from there", self.remedy);
        let first = pages.first().copied().unwrap_or_default();
        Diagnostic::warning(Code::DictionaryBlocked, first, message).with_help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(policy: &str) -> Option<String> {
        Block::of(policy).map(|block| block.directive)
    }

    #[test]
    fn a_policy_blocks_dictionaries_if_no_source_can_be_the_site() {
        for policy in [
            "connect-src 'none'",
            "connect-src",
            "default-src 'none'; script-src 'self'",
            "connect-src wss: data:",
            "default-src 'self'; connect-src 'unsafe-inline' blob:",
        ] {
            assert!(blocks(policy).is_some(), "{policy}");
        }
        for policy in [
            "",
            "script-src 'none'",
            "connect-src 'self'",
            "connect-src 'SELF' wss:",
            "default-src 'none'; connect-src *",
            "connect-src https:",
            "connect-src https://example.com",
            "connect-src example.com:8080",
            "connect-src example.com",
        ] {
            assert_eq!(blocks(policy), None, "{policy}");
        }
        assert_eq!(blocks("default-src  'none' ;").as_deref(), Some("default-src 'none'"));
    }

    #[test]
    fn private_pages_are_known_by_their_cache_policy() {
        for (policy, expected) in [
            ("public, max-age=0, must-revalidate", Sharing::Public),
            ("max-age=60", Sharing::Public),
            ("", Sharing::Public),
            ("Private, max-age=60", Sharing::Private),
            ("private=\"x\"", Sharing::Private),
            ("no-store", Sharing::Private),
        ] {
            assert_eq!(Sharing::of(policy), expected, "{policy}");
        }
    }
}

//! Resources that a browser can fetch before it parses a page: the `Link` field (RFC 8288) that
//! Cloudflare sends ahead as Early Hints (RFC 8297). Cloudflare Pages collects the links when a page
//! is first requested; here they are collected at build time.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use url::Url;

use super::document::Element;

/// Link relations that browsers honour in Early Hints.
const EARLY_RELATIONS: [&str; 3] = ["preconnect", "preload", "modulepreload"];

/// Attributes of `<link>` that can be parameters of `Link`. A link with any other attribute is left
/// out, since it may not apply to every client: it has a `media` query, or a choice of images.
const PARAMETERS: [&str; 4] = ["as", "crossorigin", "type", "fetchpriority"];

/// Maximum number of links in a page's field. Early Hints should only name what is needed first.
const MAX_LINKS: usize = 16;

/// Maximum length of the field, in bytes.
const MAX_FIELD_LEN: usize = 4096;

/// A link of a page that a browser can act on early.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hint {
    href: String,
    rel: Cow<'static, str>,
    parameters: Vec<(Cow<'static, str>, String)>,
}

impl Hint {
    /// Reads a `<link>`. Returns `None` if browsers cannot act on it early, or only some of them should.
    pub(super) fn of(element: &Element) -> Option<Self> {
        let rel = element.attribute("rel")?.to_ascii_lowercase();
        let rel = EARLY_RELATIONS
            .into_iter()
            .find(|early| rel.split_whitespace().any(|word| word == *early))?;
        // A `data:` URL needs no request.
        let href = element.attribute("href").filter(|href| !href.starts_with("data:"))?.to_owned();
        let mut parameters = Vec::new();
        for own in &element.attributes {
            let name = &*own.name.local;
            match PARAMETERS.into_iter().find(|parameter| *parameter == name) {
                Some(parameter) => {
                    let value = own.value.trim();
                    parameters.push((Cow::Borrowed(parameter), value.to_ascii_lowercase()));
                }
                None if name == "rel" || name == "href" => {}
                None => return None,
            }
        }
        // Equal links must have equal values, whatever the order of their attributes.
        parameters.sort_by_key(|(name, _)| PARAMETERS.iter().position(|known| known == name));
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic() && c != '"');
        parameters.iter().all(|(_, value)| is_plain(value)).then_some(Self {
            href,
            rel: rel.into(),
            parameters,
        })
    }

    /// Returns whether the link loads a module.
    fn loads_module(&self) -> bool {
        self.rel == "modulepreload"
    }

    /// Returns the link as a value of `Link` (RFC 8288 §3), with its target resolved against `base`
    /// if there is one. Returns `None` if the target cannot be written as a URI.
    fn value(&self, base: Option<&Url>) -> Option<String> {
        let target = match base {
            None => self.href.clone(),
            Some(base) => {
                let url = base.join(&self.href).ok()?;
                // A target on this site is written as a path, since the site's host is unknown.
                let is_own =
                    url.origin() == base.origin() && url.host_str() == Some(PLACEHOLDER_HOST);
                if is_own { url[url::Position::BeforePath..].to_owned() } else { url.to_string() }
            }
        };
        let is_uri = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"');
        if !target.chars().all(is_uri) {
            return None;
        }
        let mut value = format!("<{target}>; rel=\"{}\"", self.rel);
        for (name, text) in &self.parameters {
            let _ = match text.as_str() {
                "" => write!(value, "; {name}"),
                text if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
                    write!(value, "; {name}={text}")
                }
                text => write!(value, "; {name}=\"{text}\""),
            };
        }
        Some(value)
    }
}

/// Stands in for the host of the site, which is unknown at build time.
const PLACEHOLDER_HOST: &str = "site.invalid";

/// The early links of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct EarlyLinks {
    /// The value of `Link`, unless the page has no early links.
    pub(crate) field: Option<String>,
    /// The number of links beyond the limits.
    pub(crate) left_out: usize,
}

/// The modules among the links that a browser gets before the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EarlyModules {
    #[default]
    Listed,
    /// The page has an import map, and Firefox 153 reads none after it has begun to load a module.
    LeftToPage,
}

/// Builds the `Link` field of a page that is served at `path`. `base` is the `href` of its `<base>`.
pub(crate) fn early_links(
    hints: &[Hint],
    modules: EarlyModules,
    base: Option<&str>,
    path: &str,
) -> EarlyLinks {
    let own = Url::parse(&format!("https://{PLACEHOLDER_HOST}{path}")).ok();
    // Without `<base>`, links in the field and in the page are relative to the same URL, so they can
    // stay as they are.
    let base = base.and_then(|base| own?.join(base).ok());
    let mut values: Vec<String> = Vec::new();
    let mut left_out = 0;
    let early = hints.iter().filter(|hint| modules == EarlyModules::Listed || !hint.loads_module());
    for value in early.filter_map(|hint| hint.value(base.as_ref())) {
        let len: usize = values.iter().map(|value| value.len() + 2).sum();
        if values.contains(&value) {
            continue;
        }
        if values.len() < MAX_LINKS && len + value.len() <= MAX_FIELD_LEN {
            values.push(value);
        } else {
            left_out += 1;
        }
    }
    let field = (!values.is_empty()).then(|| values.join(", "));
    EarlyLinks { field, left_out }
}

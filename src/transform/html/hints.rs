//! What a browser may fetch before it has read a page: the `Link` field (RFC 8288) that Cloudflare
//! sends ahead as Early Hints (RFC 8297). Pages learns it from the first request; here it is known
//! before that.

use std::borrow::Cow;
use std::fmt::Write as _;

use lol_html::html_content::Element;
use serde::{Deserialize, Serialize};
use url::Url;

use super::scan::attribute;

/// Kinds of links that can be acted on early.
const EARLY: [&str; 3] = ["preconnect", "preload", "modulepreload"];

/// Attributes that say all the same in a header field. A link with any other is not for everybody:
/// it has a `media` query, or a choice of images.
const PARAMETERS: [&str; 4] = ["as", "crossorigin", "type", "fetchpriority"];

/// How many links a page may send ahead, and how long they may be together, in bytes: what comes
/// early should be what counts.
const MOST: usize = 16;
const LONGEST: usize = 4096;

/// A link of a page that can be acted on early.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hint {
    href: String,
    rel: Cow<'static, str>,
    parameters: Vec<(Cow<'static, str>, String)>,
}

impl Hint {
    /// Reads a `<link>`, if it is one to act on early.
    pub(super) fn of(element: &Element<'_, '_>) -> Option<Self> {
        let rel = attribute(element, "rel")?.to_ascii_lowercase();
        let rel =
            EARLY.into_iter().find(|early| rel.split_whitespace().any(|word| word == *early))?;
        let href = attribute(element, "href").filter(|href| !href.starts_with("data:"))?;
        let mut parameters = Vec::new();
        for own in element.attributes() {
            let name = own.name();
            match PARAMETERS.into_iter().find(|parameter| *parameter == name) {
                Some(parameter) => {
                    let value = attribute(element, parameter).unwrap_or_default();
                    parameters.push((Cow::Borrowed(parameter), value.to_ascii_lowercase()));
                }
                None if name == "rel" || name == "href" => {}
                None => return None,
            }
        }
        parameters.sort_by_key(|(name, _)| PARAMETERS.iter().position(|known| known == name));
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic() && c != '"');
        parameters.iter().all(|(_, value)| is_plain(value)).then_some(Self {
            href,
            rel: rel.into(),
            parameters,
        })
    }

    /// Writes the link as a value of `Link`. With a base, the target is relative to that.
    fn value(&self, base: Option<&Url>) -> Option<String> {
        let target = match base {
            None => self.href.clone(),
            Some(base) => {
                let url = base.join(&self.href).ok()?;
                let own = url.origin() == base.origin() && url.host_str() == Some(NOWHERE);
                if own { url[url::Position::BeforePath..].to_owned() } else { url.to_string() }
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

/// The host of sites whose host nobody knows yet.
const NOWHERE: &str = "site.invalid";

/// What a page sends ahead.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct EarlyLinks {
    /// The value of `Link`.
    pub(crate) field: Option<String>,
    /// How many links are too many.
    pub(crate) left_out: usize,
}

/// Writes the `Link` field of a page that is served at a path.
pub(crate) fn early_links(hints: &[Hint], base: Option<&str>, path: &str) -> EarlyLinks {
    let own = Url::parse(&format!("https://{NOWHERE}{path}")).ok();
    // Without a base, a field's links are relative to the same URL as the page's.
    let base = base.and_then(|base| own?.join(base).ok());
    let mut values: Vec<String> = Vec::new();
    let mut left_out = 0;
    for value in hints.iter().filter_map(|hint| hint.value(base.as_ref())) {
        let len: usize = values.iter().map(|value| value.len() + 2).sum();
        if values.contains(&value) {
            continue;
        }
        if values.len() < MOST && len + value.len() <= LONGEST {
            values.push(value);
        } else {
            left_out += 1;
        }
    }
    let field = (!values.is_empty()).then(|| values.join(", "));
    EarlyLinks { field, left_out }
}

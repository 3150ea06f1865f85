//! What a site says of its own URLs and header fields: `_redirects`, `_headers`, and whose rules are
//! followed where it says nothing.

mod behaviour;
#[cfg(test)]
mod conformance;
mod headers;
mod lint;
mod redirects;

use std::borrow::Cow;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use url::Url;
use worker_pack_runtime::Behaviour;

pub(crate) use headers::{HeaderRule, HeaderRules};
pub(crate) use redirects::{Redirect, Redirects};

use crate::feedback::diagnostic::{Diagnostic, Excerpt, Stage};
use crate::feedback::error::PackError;
use crate::options::Options;
use crate::project::layout::Layout;
use crate::project::wrangler::WranglerConfig;

/// The rules of a site.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteRules {
    pub(crate) behaviour: Behaviour,
    pub(crate) headers: Vec<HeaderRule>,
    pub(crate) redirects: Redirects,
}

impl SiteRules {
    /// The file with the rules for header fields.
    const HEADERS: &str = "_headers";
    /// The file with the redirects.
    const REDIRECTS: &str = "_redirects";

    /// Reads the rules of a site, and says what is wrong with them.
    pub(crate) fn read(
        dist: &Path,
        layout: Layout,
        options: &Options,
    ) -> Result<(Self, Vec<Diagnostic>), PackError> {
        let config = WranglerConfig::of_site(dist, layout)?;
        let mut found = Vec::new();
        let behaviour = behaviour::of_site(layout, options, &config)?;
        let root = layout.asset_root(dist);
        let mut text = |file: &str| read(&root.join(file), &name(layout, file), &mut found);
        let (headers, redirects) = (text(Self::HEADERS), text(Self::REDIRECTS));
        let headers = HeaderRules::parse(&headers, &name(layout, Self::HEADERS));
        let redirects = Redirects::parse(&redirects, &name(layout, Self::REDIRECTS), behaviour);
        found.extend(headers.diagnostics);
        found.extend(redirects.diagnostics);
        let (headers, redirects) = (headers.rules, redirects.redirects);
        Ok((Self { behaviour, headers, redirects }, found))
    }
}

/// Returns how a file of the site's root is called in messages.
fn name(layout: Layout, file: &str) -> String {
    match layout {
        Layout::ClientAndServer => format!("client/{file}"),
        Layout::Static | Layout::PagesWorker => file.to_owned(),
    }
}

/// Reads a file of rules, if it is there.
fn read(path: &Path, name: &str, found: &mut Vec<Diagnostic>) -> String {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => {
            let message = format!("cannot be read: {error}");
            found.push(Diagnostic::error(Stage::Ingest, name, message));
            String::new()
        }
    }
}

/// Why a line of rules is not taken.
#[derive(Clone, Debug)]
struct Rejected {
    message: Cow<'static, str>,
    help: Option<&'static str>,
}

impl Rejected {
    fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn with_help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }

    /// Makes a warning of it, for a place in a file.
    fn warning(&self, file: &str, source: &str, at: usize) -> Diagnostic {
        let warning = Diagnostic::warning(Stage::Ingest, file, self.message.clone());
        let warning = match self.help {
            Some(help) => warning.with_help(help),
            None => warning,
        };
        warning.with_excerpt(Excerpt::at(source, at))
    }
}

/// The longest line that Cloudflare takes, in characters.
const LONGEST_LINE: usize = 2000;

/// A line of a file of rules that says something.
struct Line<'s> {
    /// Counted from 1.
    number: u32,
    /// Where it begins, in bytes.
    at: usize,
    /// Without what surrounds it.
    text: &'s str,
}

/// Returns the lines of a file of rules that say something.
fn lines(source: &str) -> impl Iterator<Item = Line<'_>> {
    let mut offset = 0;
    source.split_inclusive('\n').zip(1..).filter_map(move |(line, number)| {
        let at = offset;
        offset += line.len();
        let text = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        (!text.is_empty() && !text.starts_with('#')).then_some(Line { number, at, text })
    })
}

/// Returns the path of a path, a query and a fragment as a URL has it: percent-encoded, and without
/// dot segments. `*` and `:name` stay as they are.
fn pathname(path: &str) -> Result<String, Rejected> {
    Ok(relative(path)?.path().to_owned())
}

/// Parses a path, a query and a fragment. The scheme is none of those that give a host a meaning, so
/// that two slashes are two slashes.
fn relative(path: &str) -> Result<Url, Rejected> {
    let path =
        if path.starts_with('/') { Cow::Borrowed(path) } else { Cow::Owned(format!("/{path}")) };
    Url::parse(&format!("relative://{path}")).map_err(|_| Rejected::new("is no valid path"))
}

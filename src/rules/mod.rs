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

use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::options::Options;
use crate::project::Project;
use crate::transform::html::csp::has_code_hash;

/// The rules of a site.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteRules {
    pub(crate) behaviour: Behaviour,
    pub(crate) headers: Vec<HeaderRule>,
    pub(crate) redirects: Redirects,
    /// Code with a hash in a header must not be minified: the hash would not match any more.
    pub(crate) inline_hashes: InlineHashes,
}

/// Whether a site's response headers name inline code by its hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum InlineHashes {
    /// A content security policy for all pages lists hashes.
    InHeaders,
    /// No header lists hashes; a page's own `<meta>` may.
    #[default]
    NotInHeaders,
}

impl SiteRules {
    /// The file with the rules for header fields.
    const HEADERS: &str = "_headers";
    /// The file with the redirects.
    const REDIRECTS: &str = "_redirects";

    /// Reads the rules of a site, and says what is wrong with them.
    pub(crate) fn read(
        project: &Project,
        options: &Options,
    ) -> Result<(Self, Vec<Diagnostic>), PackError> {
        let mut found = Vec::new();
        let behaviour = behaviour::of_site(project, options)?;
        let (layout, root) = (project.layout, project.asset_root());
        let mut text = |file: &str| read(&root.join(file), &layout.asset_name(file), &mut found);
        let (headers, redirects) = (text(Self::HEADERS), text(Self::REDIRECTS));
        let headers = HeaderRules::parse(&headers, &layout.asset_name(Self::HEADERS));
        let redirects =
            Redirects::parse(&redirects, &layout.asset_name(Self::REDIRECTS), behaviour);
        found.extend(headers.diagnostics);
        found.extend(redirects.diagnostics);
        let (headers, redirects) = (headers.rules, redirects.redirects);
        let mut values = headers.iter().flat_map(|rule: &HeaderRule| &rule.set);
        let inline_hashes = if values.any(|(_, value)| has_code_hash(value)) {
            InlineHashes::InHeaders
        } else {
            InlineHashes::NotInHeaders
        };
        Ok((Self { behaviour, headers, redirects, inline_hashes }, found))
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

//! The rules of a site for its URLs and header fields: `_redirects`, `_headers`, the division of paths
//! between assets and server, and the behaviour of the Cloudflare server that it follows.

mod behaviour;
#[cfg(test)]
mod conformance;
mod headers;
mod host;
mod lint;
mod redirects;
mod routing;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::ErrorKind;

use url::Url;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::Fidelity;
use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::pattern::{SCHEME, matches};

pub(crate) use behaviour::Reason;
pub(crate) use headers::{HeaderRule, HeaderRules};
pub(crate) use redirects::{Redirect, Redirects};
pub(crate) use routing::Routing;

use crate::asset::route::RoutePath;
use crate::asset::sniff::Sniffing;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt, Severity};
use crate::feedback::error::PackError;
use crate::options::Options;
use crate::project::Project;
use crate::transform::html::has_code_hash;
use redirects::ParsedRedirects;

/// The rules of a site.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteRules {
    pub(crate) behaviour: Behaviour,
    /// The reason why the behaviour follows its server.
    pub(crate) reason: Reason,
    pub(crate) routing: Routing,
    pub(crate) headers: Vec<HeaderRule>,
    pub(crate) redirects: Redirects,
    /// The policies of responses of the server that have none.
    pub(crate) policies: Vec<Policy>,
    /// Code whose hash is in a header field must not be minified, since the hash would not match.
    pub(crate) inline_hashes: InlineHashes,
}

/// The value of `Cache-Control` for responses of the server at some paths, if they have none.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// The pattern of the paths.
    pub(crate) pattern: String,
    /// The value.
    pub(crate) value: String,
}

/// The presence of hashes of inline code in the header fields of a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum InlineHashes {
    /// A content security policy in `_headers` lists hashes.
    InHeaders,
    /// No policy in `_headers` lists hashes. A page's own `<meta>` still may.
    #[default]
    NotInHeaders,
}

impl SiteRules {
    /// The name of the file with rules for header fields.
    const HEADERS: &str = "_headers";
    /// The name of the file with redirects.
    pub(crate) const REDIRECTS: &str = "_redirects";

    /// Reads the rules of a site, and returns with them the problems found in their files.
    ///
    /// # Errors
    /// If the site's configuration for wrangler sets an option to an unknown value, or the patterns of
    /// the server's paths are invalid.
    pub(crate) fn read(
        project: &Project,
        options: &Options,
    ) -> Result<(Self, Vec<Diagnostic>), PackError> {
        let mut diagnostics = Vec::new();
        let (behaviour, reason) = behaviour::of_site(project, options)?;
        let routing = Routing::of_site(project, behaviour)?;
        let layout = project.layout;
        let mut text = |file: &str| read(project, file, &mut diagnostics);
        let (headers, redirects) = (text(Self::HEADERS), text(Self::REDIRECTS));
        let headers = HeaderRules::parse(&headers, &layout.asset_name(Self::HEADERS));
        diagnostics.extend(headers.diagnostics);
        let (redirects, redirect_diagnostics) =
            parse_redirects(&redirects, &layout.asset_name(Self::REDIRECTS), behaviour);
        diagnostics.extend(redirect_diagnostics);
        let headers = headers.rules;
        let mut values = headers.iter().flat_map(|rule: &HeaderRule| &rule.set);
        let inline_hashes = if values.any(|(_, value)| has_code_hash(value)) {
            InlineHashes::InHeaders
        } else {
            InlineHashes::NotInHeaders
        };
        let policies = Vec::new();
        let rules =
            Self { behaviour, reason, routing, headers, redirects, policies, inline_hashes };
        Ok((rules, diagnostics))
    }

    /// Returns whether a rule for this site sets or removes a header field of the response for a path. `is_it` compares
    /// names of fields. A rule for a host may be for another one, and does not count.
    pub(crate) fn decide_on(&self, path: &str, is_it: impl Fn(&str) -> bool) -> bool {
        let decides = |rule: &&HeaderRule| {
            rule.set.iter().any(|(name, _)| is_it(name)) || rule.remove.iter().any(|it| is_it(it))
        };
        let mut own = self.headers.iter().filter(decides);
        own.any(|rule| !rule.pattern.starts_with(SCHEME) && matches(&rule.pattern, path).is_some())
    }

    /// Returns whether a rule sets or removes the type of a file.
    pub(crate) fn change_types(&self) -> bool {
        let is_type = |name: &str| name.eq_ignore_ascii_case("content-type");
        self.headers.iter().any(|rule| {
            rule.set.iter().any(|(name, _)| is_type(name))
                || rule.remove.iter().any(|name| is_type(name))
        })
    }
}

impl SiteRules {
    /// Returns the media types that a browser would find in the bytes of a file, if its response names
    /// none. `nosniff` in `_headers` forbids those with scripts.
    pub(crate) fn sniffing(&self, route: &RoutePath) -> Sniffing {
        if self.headers.is_empty() {
            return Sniffing::Full;
        }
        let url = encode(&route.url_path_in(self.behaviour));
        // In doubt, a rule for a host is one for this host.
        let path = |pattern: &str| match pattern.strip_prefix(SCHEME) {
            Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]).to_owned(),
            None => pattern.to_owned(),
        };
        let mut is_forbidden = false;
        for rule in &self.headers {
            if matches(&path(&rule.pattern), &url).is_none() {
                continue;
            }
            let is_option = |name: &str| name.eq_ignore_ascii_case("x-content-type-options");
            is_forbidden &= !rule.remove.iter().any(|name| is_option(name));
            let mut set = rule.set.iter().filter(|(name, _)| is_option(name));
            is_forbidden |= set.any(|(_, value)| value.trim().eq_ignore_ascii_case("nosniff"));
        }
        if is_forbidden { Sniffing::WithoutScripts } else { Sniffing::Full }
    }
}

/// Parses a `_redirects` file, and warns of redirects that have no effect or never end.
pub(crate) fn parse_redirects(
    text: &str,
    file: &str,
    behaviour: Behaviour,
) -> (Redirects, Vec<Diagnostic>) {
    let ParsedRedirects { mut rules, mut diagnostics } = redirects::parse(text, file, behaviour);
    let mut rejected = lint::circles(&rules);
    // Cloudflare sends clients round in circles, and so does the strict behaviour.
    if behaviour.fidelity == Fidelity::Improved {
        rules.retain(|rule| !rejected.iter().any(|(line, _)| *line == rule.line));
    }
    let redirects = Redirects::new(rules);
    rejected.extend(lint::shadowed(&redirects.dynamic));
    rejected.extend(lint::endless(&redirects.fixed, &redirects.dynamic));
    let offsets: BTreeMap<u32, usize> = lines(text).map(|line| (line.number, line.at)).collect();
    diagnostics.extend(rejected.into_iter().map(|(line, rejected)| {
        rejected.diagnostic(file, text, offsets.get(&line).copied().unwrap_or_default())
    }));
    diagnostics.sort_by_key(|warning| warning.excerpt.as_ref().map(|excerpt| excerpt.line));
    (redirects, diagnostics)
}

/// Reads a file of rules. A missing one has no rules.
fn read(project: &Project, file: &str, diagnostics: &mut Vec<Diagnostic>) -> String {
    match project.asset_file(file).and_then(|file| file.read()) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => {
            diagnostics.push(Diagnostic::unreadable(project.layout.asset_name(file), &error));
            String::new()
        }
    }
}

/// The reason why a line of rules is rejected.
#[derive(Clone, Debug)]
struct Rejected {
    code: Code,
    severity: Severity,
    message: Cow<'static, str>,
    help: Option<&'static str>,
}

impl Rejected {
    fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, severity: Severity::Warning, message: message.into(), help: None }
    }

    /// Rejects a line without which the site is the same.
    fn harmless(code: Code, message: String) -> Self {
        Self { severity: Severity::Note, ..Self::new(code, message) }
    }

    /// Rejects a line that Cloudflare would not read.
    fn too_long() -> Self {
        let message = "line is longer than 2,000 characters: it is ignored, as on Cloudflare";
        Self::new(Code::RulesLineTooLong, message)
    }

    fn with_help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }

    /// Converts the reason into a diagnostic about the line that contains the byte offset `at`.
    fn diagnostic(&self, file: &str, source: &str, at: usize) -> Diagnostic {
        let diagnostic = match self.severity {
            Severity::Note => Diagnostic::note(self.code, file, self.message.clone()),
            _ => Diagnostic::warning(self.code, file, self.message.clone()),
        };
        let diagnostic = match self.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        };
        diagnostic.with_excerpt(Excerpt::at(source, at))
    }
}

/// Cloudflare's limit for the length of a line, in characters.
const MAX_LINE_LEN: usize = 2000;

/// A line in a file of rules that is neither empty nor a comment.
struct Line<'s> {
    /// The number of the line, counted from 1.
    number: u32,
    /// The offset of the line in the file, in bytes.
    at: usize,
    /// The line without surrounding white space.
    text: &'s str,
}

/// Returns the lines of a file of rules, without empty lines and comments.
fn lines(source: &str) -> impl Iterator<Item = Line<'_>> {
    let mut offset = 0;
    source.split_inclusive('\n').zip(1..).filter_map(move |(line, number)| {
        let at = offset;
        offset += line.len();
        // Cloudflare trims with JavaScript's `trim`, which removes byte order marks as well.
        let text = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        (!text.is_empty() && !text.starts_with('#')).then_some(Line { number, at, text })
    })
}

/// Returns the path of a relative URL, percent-encoded and without dot segments. `*` and `:name`
/// stay as they are.
fn pathname(path: &str) -> String {
    relative(path).path().to_owned()
}

/// Parses a relative URL: a path with an optional query and fragment.
///
/// It is resolved with a scheme that the URL standard does not know. With `https`, a path that
/// begins with two slashes would be a host.
fn relative(path: &str) -> Url {
    let path =
        if path.starts_with('/') { Cow::Borrowed(path) } else { Cow::Owned(format!("/{path}")) };
    Url::parse(&format!("relative://{path}")).expect("any path follows an empty host")
}

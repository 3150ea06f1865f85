//! `_redirects`, read as Cloudflare reads it, at build time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::{Compat, Fidelity, HtmlHandling};
use worker_pack_runtime::packer::pattern::{self, Wildcards};

use super::{Line, MAX_LINE_LEN, Rejected, lines, pathname, relative};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// Cloudflare's limit for redirects without wildcards, which it calls static.
const MAX_FIXED: usize = 2000;

/// Cloudflare's limit for all other redirects, which it calls dynamic.
const MAX_DYNAMIC: usize = 100;

/// The statuses that a redirect may have.
const PERMITTED: [u16; 6] = [200, 301, 302, 303, 307, 308];

/// A redirect, or with status 200 a rewrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// The source path, percent-encoded, with `*` and `:name` as wildcards.
    pub(crate) from: String,
    /// The target: a path or a URL, with `:name` for the text that a wildcard matched.
    pub(crate) to: String,
    /// The status of the response. With 200 the target is served at the source path.
    pub(crate) status: u16,
    /// The line in `_redirects`, counted from 1.
    pub(crate) line: u32,
}

/// The redirects of a site, in the order in which the runtime looks them up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redirects {
    /// The redirects before the first one with wildcards, sorted by source path.
    pub(crate) fixed: Vec<Redirect>,
    /// The first redirect with wildcards and all after it, in the order of the file.
    pub(crate) dynamic: Vec<Redirect>,
}

/// The redirects of a file, and the problems found in it.
#[derive(Clone, Debug, Default)]
pub(super) struct ParsedRedirects {
    /// The accepted redirects, in the order of the file.
    pub(super) rules: Vec<Redirect>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Parses a `_redirects` file. A line with a problem is skipped with a warning, and all others
/// count.
pub(super) fn parse(text: &str, file: &str, behaviour: Behaviour) -> ParsedRedirects {
    let mut parser = Parser { behaviour, ..Parser::default() };
    let mut diagnostics = Vec::new();
    for Line { number, at, text: line } in lines(text) {
        if let Err(rejected) = parser.add(line, number) {
            diagnostics.push(rejected.diagnostic(file, text, at));
        }
        if parser.is_full {
            break;
        }
    }
    ParsedRedirects { rules: parser.rules, diagnostics }
}

impl Redirects {
    /// Divides rules, given in the order of their file, and sorts them for their lookup.
    pub(super) fn new(mut rules: Vec<Redirect>) -> Self {
        let first_dynamic = rules
            .iter()
            .position(|rule| pattern::wildcards(&rule.from) != Wildcards::None)
            .unwrap_or(rules.len());
        let dynamic = rules.split_off(first_dynamic);
        rules.sort_by(|a, b| a.from.cmp(&b.from));
        Self { fixed: rules, dynamic }
    }
}

/// The state of parsing a file.
#[derive(Default)]
struct Parser {
    behaviour: Behaviour,
    rules: Vec<Redirect>,
    /// The first redirect from each source path, including those that are rejected later.
    seen: BTreeMap<String, Redirect>,
    /// The number of redirects before the first one with wildcards, including rejected ones.
    fixed: usize,
    /// The number of redirects from the first one with wildcards on, including rejected ones.
    dynamic: usize,
    /// True once there are too many redirects, so that no further line is read.
    is_full: bool,
}

impl Parser {
    /// Adds a line. Like Cloudflare, it counts a redirect as soon as its source path is valid, even
    /// if the rest of the line is not.
    fn add(&mut self, line: &str, number: u32) -> Result<(), Rejected> {
        if line.chars().count() > MAX_LINE_LEN {
            return Err(Rejected::too_long());
        }
        // A `#` within a word is the fragment of a URL.
        let mut marks = line.match_indices('#').map(|(at, _)| at);
        let comment = marks.find(|&at| line[..at].ends_with(char::is_whitespace));
        let words: Vec<&str> = line[..comment.unwrap_or(line.len())].split_whitespace().collect();
        let (from, to, status) = match *words.as_slice() {
            [from, to] => (from, to, "302"),
            [from, to, status] => (from, to, status),
            _ => {
                let count = words.len();
                let message = match count {
                    1 => "expected `FROM TO [STATUS]`, found 1 word".to_owned(),
                    _ => format!("expected `FROM TO [STATUS]`, found {count} words"),
                };
                return Err(Rejected::new(Code::RulesRedirectSyntax, message)
                    .with_help("write a space in a path as %20"));
            }
        };
        let from = source(from)?;
        self.count(&from)?;
        let to = destination(to)?;
        let status =
            status.parse().ok().filter(|status| PERMITTED.contains(status)).ok_or_else(|| {
                let message = format!("`{status}` is not a supported status");
                Rejected::new(Code::RulesRedirectStatus, message)
                    .with_help("use 200, 301, 302, 303, 307 or 308")
            })?;
        self.reject_loop(&from, &to, status)?;
        let rule = Redirect { from, to, status, line: number };
        match self.seen.entry(rule.from.clone()) {
            Entry::Vacant(vacant) => drop(vacant.insert(rule.clone())),
            Entry::Occupied(first) => return Err(repeated(first.get(), &rule)),
        }
        if status == 200 && is_absolute(&rule.to) {
            let message = "status 200 cannot serve another site";
            return Err(Rejected::new(Code::RulesRewriteElsewhere, message)
                .with_help("redirect with status 301 or 302, or name a path of this site"));
        }
        if pattern::wildcards(&rule.from) == Wildcards::Ambiguous {
            let message = "source repeats a wildcard, so it never matches";
            return Err(Rejected::new(Code::RulesRepeatedWildcard, message)
                .with_help("use `*` at most once, and each `:name` at most once"));
        }
        self.rules.push(rule);
        Ok(())
    }

    /// Counts a redirect towards Cloudflare's limits.
    fn count(&mut self, from: &str) -> Result<(), Rejected> {
        // Like Cloudflare, counts all redirects after the first one with wildcards as dynamic.
        if self.dynamic == 0 && pattern::wildcards(from) == Wildcards::None {
            self.fixed += 1;
            if self.fixed > MAX_FIXED {
                let message =
                    "more than the 2,000 redirects without wildcards that Cloudflare reads";
                return Err(Rejected::new(Code::RulesTooManyRedirects, message)
                    .with_help("it is ignored; replace several redirects by one with a wildcard"));
            }
        } else {
            self.dynamic += 1;
            if self.dynamic > MAX_DYNAMIC {
                self.is_full = true;
                let message = "more than the 100 redirects with wildcards that Cloudflare reads";
                return Err(Rejected::new(Code::RulesTooManyRedirects, message).with_help(
                    "this line and all below are ignored; every redirect below the first one with \
                     a wildcard counts, so move those without wildcards up",
                ));
            }
        }
        Ok(())
    }

    /// Rejects a redirect that leads back to itself.
    ///
    /// Cloudflare rejects only loops through its own redirect from `/index.html` to `/`. All others
    /// are accepted at [`Fidelity::Strict`], since Cloudflare accepts them.
    fn reject_loop(&self, from: &str, to: &str, status: u16) -> Result<(), Rejected> {
        if is_absolute(to) {
            return Ok(());
        }
        let to_index = to.ends_with("/index") || to.ends_with("/index.html");
        let is_handled = self.behaviour.html_handling != HtmlHandling::None;
        if to_index && (from.ends_with("/*") || from.ends_with('/') && is_handled) {
            let message = "redirect loop: Cloudflare redirects `/index` to `/`";
            let is_app = from == "/*" && self.behaviour.compat == Compat::Workers;
            return Err(Rejected::new(Code::RulesRedirectToIndex, message).with_help(if is_app {
                "for a single-page application, set `not-found-handling` to \
                 `single-page-application` instead"
            } else {
                "name the folder as the target, with a slash at its end"
            }));
        }
        let target = to.split(['?', '#']).next().unwrap_or_default();
        let is_same = status != 200 && from.replace('*', ":splat") == target;
        if self.behaviour.fidelity == Fidelity::Improved && is_same {
            let message = "redirect loop: its target is its source";
            return Err(Rejected::new(Code::RulesRedirectLoop, message));
        }
        Ok(())
    }
}

/// Rejects a redirect whose source path already has one.
///
/// Astro's adapter adds the redirects of Astro's configuration to those of the file, so a site may have
/// some of them twice. If both lead to the same target, nothing is lost.
fn repeated(first: &Redirect, second: &Redirect) -> Rejected {
    let Redirect { from, line, .. } = first;
    if (&first.to, first.status) == (&second.to, second.status) {
        let message = format!("`{from}` is already redirected like this in line {line}");
        return Rejected::harmless(Code::RulesDuplicateRedirect, message);
    }
    let message = format!(
        "`{from}` is redirected again: only the redirect in line {line} applies, to `{}` with {}",
        first.to, first.status
    );
    Rejected::new(Code::RulesDuplicateRedirect, message).with_help("remove one of them")
}

/// Parses the source of a redirect, a path. Its query and fragment are ignored.
fn source(word: &str) -> Result<String, Rejected> {
    if is_absolute(word) {
        let message = "source of a redirect has a host";
        return Err(Rejected::new(Code::RulesRedirectFromHost, message)
            .with_help("write the path alone; a redirect applies to every host of the site"));
    }
    Ok(pathname(word))
}

/// Parses the target of a redirect: a path, or a URL with `https`.
fn destination(word: &str) -> Result<String, Rejected> {
    if let Some(rest) = word.strip_prefix(pattern::SCHEME) {
        // URL parsers skip extra slashes before the host.
        let rest = rest.trim_start_matches('/');
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = super::host::host(host).map_err(|problem| {
            let message = format!("the host of `{word}` {problem}");
            Rejected::new(Code::RulesRedirectTarget, message)
        })?;
        return Ok(format!("https://{host}{}", relative_target(path)));
    }
    if word.starts_with('/') {
        return Ok(relative_target(word));
    }
    let message = format!("`{word}` is neither a path nor a URL with https://");
    Err(Rejected::new(Code::RulesRedirectTarget, message))
}

/// Parses a target on the same site: a path with an optional query and fragment.
fn relative_target(text: &str) -> String {
    let url = relative(text);
    let mut path = url.path().to_owned();
    for (mark, part) in [('?', url.query()), ('#', url.fragment())] {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            path.push(mark);
            path.push_str(part);
        }
    }
    path
}

/// Returns whether a target is an absolute URL.
fn is_absolute(url: &str) -> bool {
    url.starts_with(pattern::SCHEME)
}

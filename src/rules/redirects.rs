//! `_redirects`, read as Cloudflare reads it, at build time.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::{Fidelity, HtmlHandling};
use worker_pack_runtime::packer::pattern::{self, Wildcards};

use super::{LONGEST_LINE, Line, Rejected, lines, lint, pathname, relative};
use crate::feedback::diagnostic::Diagnostic;

/// How many redirects without wildcards Cloudflare takes.
const MOST_STATIC: usize = 2000;

/// How many others it takes.
const MOST_DYNAMIC: usize = 100;

const PERMITTED: [u16; 6] = [200, 301, 302, 303, 307, 308];

/// A redirect, or with status 200 a rewrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// The path, with `*` and `:name`, percent-encoded.
    pub(crate) from: String,
    /// A path or a URL, with `:name`.
    pub(crate) to: String,
    pub(crate) status: u16,
    /// Counted from 1.
    pub(crate) line: u32,
}

/// The redirects of a site, as the runtime looks them up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redirects {
    /// Those without wildcards, sorted by where they are from.
    pub(crate) fixed: Vec<Redirect>,
    /// All from the first one with wildcards on, in order.
    pub(crate) dynamic: Vec<Redirect>,
}

/// The redirects of a file, and what is wrong with others.
#[derive(Clone, Debug, Default)]
pub(crate) struct ParsedRedirects {
    pub(crate) redirects: Redirects,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Redirects {
    /// Reads a file. What is wrong with it is a warning with its line, and the rest counts.
    pub(crate) fn parse(text: &str, file: &str, behaviour: Behaviour) -> ParsedRedirects {
        let mut parser = Parser { behaviour, ..Parser::default() };
        let mut found = Vec::new();
        let mut places = BTreeMap::new();
        for Line { number, at, text: line } in lines(text) {
            places.insert(number, at);
            if let Err(rejected) = parser.add(line, number) {
                found.push(rejected.warning(file, text, at));
            }
            if parser.is_full {
                break;
            }
        }
        let (redirects, rejected) = parser.finish();
        found.extend(rejected.into_iter().map(|(line, rejected)| {
            rejected.warning(file, text, places.get(&line).copied().unwrap_or_default())
        }));
        found.sort_by_key(|warning| warning.excerpt.as_ref().map(|excerpt| excerpt.line));
        ParsedRedirects { redirects, diagnostics: found }
    }
}

#[derive(Default)]
struct Parser {
    behaviour: Behaviour,
    rules: Vec<Redirect>,
    seen: BTreeSet<String>,
    fixed: usize,
    dynamic: usize,
    /// Whether there are so many that nothing after them is read.
    is_full: bool,
}

impl Parser {
    /// Reads a line. What it is counted as is decided before all of it is read, as Cloudflare does.
    fn add(&mut self, line: &str, number: u32) -> Result<(), Rejected> {
        if line.chars().count() > LONGEST_LINE {
            return Err(Rejected::new("is longer than 2,000 characters"));
        }
        let mut marks = line.match_indices('#').map(|(at, _)| at);
        let comment = marks.find(|&at| line[..at].ends_with(char::is_whitespace));
        let words: Vec<&str> = line[..comment.unwrap_or(line.len())].split_whitespace().collect();
        let (from, to, status) = match *words.as_slice() {
            [from, to] => (from, to, "302"),
            [from, to, status] => (from, to, status),
            _ => {
                let message = format!("has {} words, and a redirect has two or three", words.len());
                return Err(Rejected::new(message)
                    .with_help("FROM TO [STATUS], with a space in a path written as %20"));
            }
        };
        let from = source(from)?;
        self.count(&from)?;
        let to = destination(to)?;
        let status =
            status.parse().ok().filter(|status| PERMITTED.contains(status)).ok_or_else(|| {
                Rejected::new(format!("has the status {status}"))
                    .with_help("200, 301, 302, 303, 307 and 308 are possible")
            })?;
        self.keep_out_of_loops(&from, &to, status)?;
        if !self.seen.insert(from.clone()) {
            return Err(Rejected::new(format!(
                "redirects `{from}` a second time: the first counts"
            )));
        }
        if status == 200 && is_elsewhere(&to) {
            return Err(Rejected::new("rewrites to another site")
                .with_help("only files of this site can be answered with status 200"));
        }
        let wildcards = pattern::wildcards(&from);
        if wildcards == Wildcards::Ambiguous {
            return Err(Rejected::new("can never match: a wildcard is there twice")
                .with_help("one `*`, and each `:name` once"));
        }
        self.rules.push(Redirect { from, to, status, line: number });
        Ok(())
    }

    fn count(&mut self, from: &str) -> Result<(), Rejected> {
        if self.dynamic == 0 && pattern::wildcards(from) == Wildcards::None {
            self.fixed += 1;
            if self.fixed > MOST_STATIC {
                return Err(Rejected::new(
                    "is beyond the 2,000 redirects without wildcards that Cloudflare takes",
                ));
            }
        } else {
            self.dynamic += 1;
            if self.dynamic > MOST_DYNAMIC {
                self.is_full = true;
                return Err(Rejected::new(
                    "is beyond the 100 redirects with wildcards that Cloudflare takes",
                )
                .with_help(
                    "from the first one with wildcards on all count; this and what follows is left out",
                ));
            }
        }
        Ok(())
    }

    /// Cloudflare refuses what its own redirect from `/index.html` to `/` would send round in
    /// circles; the rest of what leads back to itself is refused here, but for the strict rules.
    fn keep_out_of_loops(&self, from: &str, to: &str, status: u16) -> Result<(), Rejected> {
        if is_elsewhere(to) {
            return Ok(());
        }
        let to_index = to.ends_with("/index") || to.ends_with("/index.html");
        let is_handled = self.behaviour.html_handling != HtmlHandling::None;
        if to_index && (from.ends_with("/*") || from.ends_with('/') && is_handled) {
            return Err(Rejected::new("leads back to itself: `/index` is redirected to `/`"));
        }
        let target = to.split(['?', '#']).next().unwrap_or_default();
        let is_same = status != 200 && from.replace('*', ":splat") == target;
        if self.behaviour.fidelity == Fidelity::Improved && is_same {
            return Err(Rejected::new("leads back to itself"));
        }
        Ok(())
    }

    /// Sorts the rules for their lookup. Returns with them those that have no effect, by line.
    fn finish(mut self) -> (Redirects, Vec<(u32, Rejected)>) {
        let mut found = lint::circles(&self.rules);
        if self.behaviour.fidelity == Fidelity::Improved {
            self.rules.retain(|rule| !found.iter().any(|(line, _)| *line == rule.line));
        }
        let first_dynamic = self
            .rules
            .iter()
            .position(|rule| pattern::wildcards(&rule.from) != Wildcards::None)
            .unwrap_or(self.rules.len());
        let dynamic = self.rules.split_off(first_dynamic);
        let mut fixed = self.rules;
        fixed.sort_by(|a, b| a.from.cmp(&b.from));
        found.extend(lint::shadowed(&dynamic));
        found.extend(lint::endless(&fixed, &dynamic));
        (Redirects { fixed, dynamic }, found)
    }
}

/// Reads where a redirect is from: a path. What follows it is not looked at.
fn source(word: &str) -> Result<String, Rejected> {
    if is_elsewhere(word) {
        return Err(Rejected::new("is from another site")
            .with_help("a redirect is from a path, for every host"));
    }
    pathname(word)
}

/// Reads where a redirect leads to: a path, or a URL with `https`.
fn destination(word: &str) -> Result<String, Rejected> {
    if let Some(rest) = word.strip_prefix(pattern::SCHEME) {
        let rest = rest.trim_start_matches('/');
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let known = pattern::wildcards(host) == Wildcards::None;
        if host.is_empty() || known && Url::parse(&format!("https://{host}")).is_err() {
            return Err(Rejected::new("leads to no valid host"));
        }
        return Ok(format!("https://{host}{}", path_and_more(path)?));
    }
    if word.starts_with('/') {
        return path_and_more(word);
    }
    Err(Rejected::new("leads neither to a path nor to a URL with https://"))
}

fn path_and_more(text: &str) -> Result<String, Rejected> {
    let url = relative(text)?;
    let mut path = url.path().to_owned();
    for (mark, part) in [('?', url.query()), ('#', url.fragment())] {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            path.push(mark);
            path.push_str(part);
        }
    }
    Ok(path)
}

fn is_elsewhere(url: &str) -> bool {
    url.starts_with(pattern::SCHEME)
}

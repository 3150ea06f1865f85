//! A site and requests to it, as text that people and mutations can write.
//!
//! Each line is a word and its arguments:
//!
//! ```text
//! behaviour workers strict none        values of its options
//! asset /a.html br gzip                a file, with encoded representations
//! redirect /a/* /b/:splat 301
//! headers /a/*                         a rule for header fields …
//! set x-name value                     … and what it does
//! remove x-name
//! server /api/*                        paths of the server …
//! except /api/open
//! others assets
//! GET /a?query                         a request …
//! field accept-encoding br             … and its fields
//! ```

use worker_pack_runtime::packer::pattern::{SCHEME, Wildcards, wildcards};
use worker_pack_runtime::request::RequestField;
use worker_pack_runtime::routing::OtherPaths;
use worker_pack_runtime::{
    Asset, Behaviour, Coding, ETag, HeaderOperation, HeaderRule, Method, Redirect, Representation,
    Request, Routing, Table,
};

/// The origin of all requests.
pub(crate) const ORIGIN: &str = "http://a.example";

/// Maximum number of rules of each kind, so that an input takes little time.
const MAX_RULES: usize = 50;

#[derive(Default)]
pub(crate) struct Site<'d> {
    pub(crate) behaviour: Behaviour,
    /// Paths with their encoded representations, sorted.
    assets: Vec<(&'d str, Vec<Coding>)>,
    pub(crate) redirects: Vec<(&'d str, &'d str, u16)>,
    headers: Vec<(&'d str, Vec<HeaderOperation<'d>>)>,
    server: Vec<&'d str>,
    except: Vec<&'d str>,
    others: Option<OtherPaths>,
    pub(crate) requests: Vec<Asked<'d>>,
}

/// A request of an input.
pub(crate) struct Asked<'d> {
    pub(crate) method: Method,
    pub(crate) target: &'d str,
    pub(crate) fields: Vec<(RequestField, &'d str)>,
}

impl<'d> Site<'d> {
    /// Reads a site. Lines that the packer would reject are ignored.
    pub(crate) fn read(text: &'d str) -> Self {
        let mut site = Self::default();
        for line in text.lines() {
            site.read_line(line);
        }
        site.assets.sort();
        site.assets.dedup_by(|a, b| a.0 == b.0);
        site
    }

    fn read_line(&mut self, line: &'d str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut words = rest.split_ascii_whitespace();
        match word {
            "behaviour" => words.for_each(|word| set_behaviour(&mut self.behaviour, word)),
            "asset" => {
                if let Some(path) = words.next().filter(|path| is_route(path)) {
                    self.assets.push((path, words.filter_map(Coding::from_token).collect()));
                }
            }
            "redirect" => {
                let (Some(from), Some(to)) = (words.next(), words.next()) else { return };
                let status = words.next().and_then(|status| status.parse().ok()).unwrap_or(302);
                let is_known = [200, 301, 302, 303, 307, 308].contains(&status);
                if is_known && is_pattern(from) && is_pattern(to) {
                    push(&mut self.redirects, (from, to, status));
                }
            }
            "headers" => {
                if let Some(pattern) = words.next().filter(|pattern| is_pattern(pattern)) {
                    push(&mut self.headers, (pattern, Vec::new()));
                }
            }
            "set" => {
                let Some((name, value)) = rest.split_once(' ') else { return };
                if is_name(name) && !value.contains(|c: char| c.is_control() && c != '\t') {
                    self.add(HeaderOperation::Set(name, value.trim()));
                }
            }
            "remove" if is_name(rest) => self.add(HeaderOperation::Remove(rest)),
            "server" => words.for_each(|pattern| push(&mut self.server, pattern)),
            "except" => words.for_each(|pattern| push(&mut self.except, pattern)),
            "others" => self.others = rest.parse().ok(),
            "field" => {
                let Some((name, value)) = rest.split_once(' ') else { return };
                if let (Some(request), Ok(field)) = (self.requests.last_mut(), name.parse()) {
                    request.fields.push((field, value));
                }
            }
            "GET" | "HEAD" | "OPTIONS" | "POST" => {
                let method = Method::from_token(word);
                push(&mut self.requests, Asked { method, target: rest, fields: Vec::new() });
            }
            _ => {}
        }
    }

    fn add(&mut self, operation: HeaderOperation<'d>) {
        if let Some((_, operations)) = self.headers.last_mut() {
            push(operations, operation);
        }
    }

    /// Returns whether a header rule sets a field.
    pub(crate) fn sets(&self, name: &str) -> bool {
        let mut operations = self.headers.iter().flat_map(|(_, operations)| operations);
        operations.any(|one| matches!(one, HeaderOperation::Set(set, _) if *set == name))
    }

    /// Passes the table of the site.
    pub(crate) fn with_table(&self, action: impl FnOnce(&Table<'_>)) {
        let (mut fixed, mut dynamic) = (Vec::new(), Vec::new());
        for ((from, to, status), line) in self.redirects.iter().zip(1..) {
            let rule = (*from, Redirect::new(from, to, *status, line));
            // As the packer does: the first rule with wildcards ends the static ones.
            if dynamic.is_empty() && wildcards(from) == Wildcards::None {
                fixed.push(rule);
            } else {
                dynamic.push(rule.1);
            }
        }
        fixed.sort_by_key(|(from, _)| *from);
        fixed.dedup_by(|a, b| a.0 == b.0);
        let fixed: Vec<Redirect<'_>> = fixed.into_iter().map(|(_, rule)| rule).collect();
        let assets: Vec<Asset<'_>> = self.assets.iter().zip(0..).map(asset).collect();
        let rules = self.headers.iter().map(|(pattern, all)| HeaderRule::new(pattern, all));
        let rules: Vec<HeaderRule<'_>> = rules.collect();
        let others = self.others.unwrap_or(OtherPaths::AssetsThenServer);
        let routing = Routing { server: &self.server, except: &self.except, others };
        let table = Table::new(&assets)
            .with_header_rules(&rules)
            .with_redirects(&fixed, &dynamic)
            .with_routing(routing)
            .with_behaviour(self.behaviour);
        action(&table);
    }
}

impl<'d> Asked<'d> {
    /// Makes the request for a URL.
    pub(crate) fn request<'r>(&self, url: &'r str) -> Request<'r>
    where
        'd: 'r,
    {
        let mut request = Request::from_url(self.method, url);
        for (field, value) in &self.fields {
            request.set_field(*field, value);
        }
        request
    }

    pub(crate) fn field(&self, field: RequestField) -> Option<&'d str> {
        self.fields.iter().rev().find(|(one, _)| *one == field).map(|(_, value)| *value)
    }
}

/// The identity body of every asset.
pub(crate) const BODY: &[u8] = b"0123456789 abcdefghijklmnopqrstuvwxyz";

fn asset<'s>(((path, codings), number): (&'s (&str, Vec<Coding>), u128)) -> Asset<'s> {
    let content_type = if path.contains(".html") { "text/html" } else { "text/plain" };
    let tag = |coding: Coding| ETag::new(number << 8 | u128::from(coding as u8));
    let identity = Representation::identity(tag(Coding::Identity), BODY);
    let encoded = codings.iter().filter(|coding| **coding != Coding::Identity);
    encoded.fold(
        Asset::new(path, content_type, "public, max-age=0", identity).with_link("</a.css>"),
        |asset, coding| {
            let body = worker_pack_runtime::Body::memory(coding.token().as_bytes());
            asset.with_encoded(Representation::new(*coding, tag(*coding), body))
        },
    )
}

fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MAX_RULES {
        list.push(item);
    }
}

fn set_behaviour(behaviour: &mut Behaviour, word: &str) {
    if let Ok(compat) = word.parse() {
        behaviour.compat = compat;
    }
    if let Ok(fidelity) = word.parse() {
        behaviour.fidelity = fidelity;
    }
    if let Ok(html_handling) = word.parse() {
        behaviour.html_handling = html_handling;
    }
    if let Ok(not_found_handling) = word.parse() {
        behaviour.not_found_handling = not_found_handling;
    }
}

/// Returns whether a file of a site can have this path.
fn is_route(path: &str) -> bool {
    let is_name = |name: &str| !["", ".", ".."].contains(&name) && !name.contains('\0');
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_name))
}

/// Returns whether the packer accepts a pattern or a destination as it is.
fn is_pattern(pattern: &str) -> bool {
    let is_of_site = pattern.starts_with('/') && !pattern.starts_with("//");
    let after = pattern.strip_prefix(SCHEME);
    let has_host = after.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric()));
    (is_of_site || has_host) && pattern.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

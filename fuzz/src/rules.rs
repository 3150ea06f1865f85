//! `_redirects` and `_headers`: whatever they contain, the rules are ones that the runtime can use.

use url::Url;
use worker_pack::fuzz;
use worker_pack::report::Diagnostic;
use worker_pack_runtime::behaviour::{Compat, Fidelity};
use worker_pack_runtime::packer::pattern::{SCHEME, Wildcards, wildcards};
use worker_pack_runtime::{Behaviour, Method, Redirect, Request, Table};

/// The numbers of rules that Cloudflare reads.
const MAX_STATIC: usize = 2000;
const MAX_DYNAMIC: usize = 100;
const MAX_HEADER_RULES: usize = 101;

/// Cloudflare's limit for the length of a line, in characters.
const MAX_LINE: usize = 2000;

/// Parses a `_redirects` file, and requests the paths that it names.
pub(crate) fn redirects(data: &[u8]) {
    let text = crate::text(data);
    for compat in Compat::ALL {
        for fidelity in Fidelity::ALL {
            let behaviour = Behaviour { compat, fidelity, ..Behaviour::DEFAULT };
            let ([fixed, dynamic], diagnostics) = fuzz::redirects(&text, behaviour);
            check_places(&diagnostics, &text);
            assert!(fixed.len() <= MAX_STATIC && dynamic.len() <= MAX_DYNAMIC);
            assert!(fixed.is_sorted_by(|a, b| a.0 < b.0), "lookups need sorted rules");
            for (from, to, status, _) in fixed.iter().chain(&dynamic) {
                check_pattern(from);
                assert!(
                    to.starts_with('/') || to.starts_with(SCHEME) || to.contains("://"),
                    "{to:?}"
                );
                assert!(!to.contains(|c: char| c.is_control()), "{to:?}");
                assert!([200, 301, 302, 303, 307, 308].contains(status));
            }
            let rules = [&fixed, &dynamic]
                .map(|rules| rules.iter().map(in_table).collect::<Vec<Redirect<'_>>>());
            let table =
                Table::new(&[]).with_redirects(&rules[0], &rules[1]).with_behaviour(behaviour);
            let all: Vec<&str> = fixed.iter().chain(&dynamic).map(|rule| &*rule.1).collect();
            for (from, ..) in fixed.iter().chain(&dynamic) {
                request(&table, from, &all);
            }
            for path in ["/", "//b.example/", "/a//b", "/\\b", "/a/b/c", "/.//b.example", "/é?x=1"]
            {
                request(&table, path, &all);
            }
            assert!(fixed.iter().all(|rule| wildcards(&rule.0) == Wildcards::None));
        }
    }
}

fn in_table((from, to, status, line): &fuzz::RedirectRule) -> Redirect<'_> {
    Redirect::new(from, to, *status, *line)
}

/// Requests a path. A redirect to one of some destinations within the site stays there.
fn request(table: &Table<'_>, path: &str, destinations: &[&str]) {
    let url = ["https://a.example", path].concat();
    let url = if path.starts_with(SCHEME) { path } else { &url };
    let request = Request::from_url(Method::Get, url);
    let reply = table.respond_to_server(&request);
    let Some(location) = reply.headers().get("Location") else { return };
    assert!(!location.contains(|c: char| c.is_control()), "{location:?}");
    let is_of_site = |to: &&str| to.starts_with('/');
    let Behaviour { compat, fidelity, .. } = table.behaviour();
    if (compat, fidelity) != (Compat::Pages, Fidelity::Strict)
        && destinations.iter().all(is_of_site)
    {
        let base = Url::parse("https://a.example").expect("it is a URL");
        let to = base.join(location).expect("a location is a URL");
        assert_eq!(to.origin(), base.origin(), "{location:?} leaves the site");
    }
}

/// Parses a `_headers` file.
pub(crate) fn headers(data: &[u8]) {
    let text = crate::text(data);
    let (rules, diagnostics) = fuzz::headers(&text);
    check_places(&diagnostics, &text);
    assert!(rules.len() <= MAX_HEADER_RULES);
    let mut lines = Vec::new();
    for (pattern, remove, set) in &rules {
        check_pattern(pattern);
        assert!(!remove.is_empty() || !set.is_empty(), "{pattern:?} does nothing");
        let is_token =
            |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && byte != b':';
        for name in remove.iter().chain(set.iter().map(|(name, _)| name)) {
            assert!(!name.is_empty() && name.bytes().all(is_token), "{name:?}");
        }
        lines.push(pattern.clone());
        lines.extend(remove.iter().map(|name| format!("! {name}")));
        for (name, value) in set {
            assert!(!value.contains(|c: char| c.is_control() && c != '\t'), "{name}: {value:?}");
            lines.push(format!("{name}: {value}"));
        }
    }
    if lines.iter().all(|line| line.chars().count() <= MAX_LINE) {
        assert_eq!(
            fuzz::headers(&lines.join("\n")).0,
            rules,
            "the rules are other ones when they are written again"
        );
    }
}

/// Checks that a pattern is one of paths, or of a host and paths.
fn check_pattern(pattern: &str) {
    assert!(pattern.starts_with('/') || pattern.starts_with(SCHEME), "{pattern:?}");
    assert!(!pattern.contains(|c: char| c.is_control() || c.is_whitespace()), "{pattern:?}");
}

/// Checks that diagnostics point into the file.
fn check_places(diagnostics: &[Diagnostic], text: &str) {
    let lines = text.split('\n').count();
    for diagnostic in diagnostics {
        if let Some(excerpt) = &diagnostic.excerpt {
            assert!((1..=lines).contains(&excerpt.line), "{diagnostic:?}");
            assert!(excerpt.text.chars().count() >= excerpt.offset.min(1), "{diagnostic:?}");
        }
    }
}

//! The paths to ask for: files, other spellings of pages, redirects, an unknown path.

use std::collections::{BTreeMap, BTreeSet};

use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::pattern::{SCHEME, Wildcards, wildcards};
use worker_pack_runtime::packer::resolve::canonical_page_path;

use super::asking::Asking;
use super::{
    BodyIs, Expectation, Sample, StatusIs, Subject, SubjectKind, UNKNOWN_PATH, has_header_rules,
};
use crate::output::manifest::{Asset, Manifest, OwnCode};
use crate::probe::question::{Question, UNKNOWN_DICTIONARY};

/// Number of pages whose other spellings are asked for, and of redirects.
const MAX_REDIRECTS: usize = 100;

/// The last byte of the part that is asked for, if the body is that long.
const LAST_OF_PART: usize = 99;

/// The text in place of a wildcard of a redirect.
const CAPTURED: &str = "probe";

/// Plans the questions about a file.
pub(super) fn asset(asking: &Asking<'_>, asset: &Asset, manifest: &Manifest) -> Subject {
    let target = asset.url.clone();
    let Some(usual) = asking.expect(&target, Question::Usual, None) else {
        return server(asking, target, manifest.own_code());
    };
    if usual.status != StatusIs::Exactly(200) {
        // A redirect of the user precedes the file.
        let questions = vec![(Question::Usual, usual)];
        return Subject { target, kind: SubjectKind::Redirect, questions };
    }
    let len = asset.representations.last().map_or(0, |identity| identity.bytes);
    let tag = usual.field("etag").map(str::to_owned);
    let mut questions = vec![Question::Identity, Question::Gzip, Question::Head];
    if tag.is_some() {
        questions.push(Question::Unchanged);
    }
    if asset.variants.iter().any(|variant| variant.content_type.is_some()) {
        questions.push(Question::Pictures);
    }
    // One that the deployment has, and one that it cannot have.
    if let Some(dictionary) = asset.variants.iter().find_map(|variant| variant.dictionary) {
        let both = [dictionary, UNKNOWN_DICTIONARY];
        questions.extend(both.map(|dictionary| Question::WithDictionary { dictionary }));
    }
    if len > 1 {
        questions.push(Question::Part { last: (len - 2).min(LAST_OF_PART) });
        questions.push(Question::Beyond { len });
    }
    let expected = |question| Some((question, asking.expect(&target, question, tag.as_deref())?));
    let mut all = vec![(Question::Usual, usual)];
    all.extend(questions.into_iter().filter_map(expected));
    Subject { target, kind: SubjectKind::Asset, questions: all }
}

/// Plans a question about each other spelling of the pages' URLs, such as `/about` for `/about/`.
pub(super) fn spellings(
    asking: &Asking<'_>,
    assets: &[&Asset],
    manifest: &Manifest,
) -> Vec<Subject> {
    let urls: BTreeSet<&String> = manifest.assets.values().map(|asset| &asset.url).collect();
    let routes = manifest.assets.iter().map(|(route, asset)| (&asset.url, encode(route)));
    let routes: BTreeMap<&String, String> = routes.collect();
    let mut targets = BTreeSet::new();
    for asset in assets {
        let route = &routes[&asset.url];
        if canonical_page_path(route).is_none() {
            continue;
        }
        let other = match asset.url.strip_suffix('/') {
            Some(stem) => stem.to_owned(),
            None => format!("{}/", asset.url),
        };
        let spellings = [route.clone(), other].into_iter();
        targets.extend(spellings.filter(|it| !it.is_empty() && !urls.contains(it)));
        if targets.len() >= MAX_REDIRECTS {
            break;
        }
    }
    let is_redirect = |subject: &Subject| {
        subject.questions.iter().all(|(_, expected)| {
            matches!(expected.status, StatusIs::Exactly(status) if (300..400).contains(&status))
        })
    };
    let subjects = targets.into_iter().filter_map(|target| redirect(asking, target));
    subjects.filter(is_redirect).collect()
}

/// Plans a question about each redirect and rewrite, up to a number.
pub(super) fn redirects(
    asking: &Asking<'_>,
    Sample(most): Sample,
    manifest: &Manifest,
) -> Vec<Subject> {
    let Some(rules) = &manifest.rules else { return Vec::new() };
    let mut targets = BTreeSet::new();
    for rule in rules.redirects.iter().take(MAX_REDIRECTS.min(most)) {
        let from = match rule.from.strip_prefix(SCHEME) {
            None => rule.from.clone(),
            Some(with_host) => match with_host.split_once('/') {
                Some((host, path)) if host == asking.host => format!("/{path}"),
                _ => continue,
            },
        };
        match wildcards(&from) {
            Wildcards::Ambiguous => {}
            Wildcards::None => drop(targets.insert(from)),
            Wildcards::Some => drop(targets.insert(filled(&from))),
        }
    }
    let urls: BTreeSet<&String> = manifest.assets.values().map(|asset| &asset.url).collect();
    let targets = targets.into_iter().filter(|target| !urls.contains(target));
    targets.filter_map(|target| redirect(asking, target)).collect()
}

/// Replaces the wildcards of a pattern.
fn filled(pattern: &str) -> String {
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['*', ':']) {
        filled.push_str(&rest[..at]);
        let is_star = rest[at..].starts_with('*');
        rest = &rest[at + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        match (is_star, name) {
            (true, _) => filled.push_str(CAPTURED),
            // A colon alone is a colon.
            (false, 0) => filled.push(':'),
            (false, name) => {
                filled.push_str(CAPTURED);
                rest = &rest[name..];
            }
        }
    }
    filled + rest
}

fn redirect(asking: &Asking<'_>, target: String) -> Option<Subject> {
    let expected = asking.expect(&target, Question::Usual, None)?;
    let questions = vec![(Question::Usual, expected)];
    Some(Subject { target, kind: SubjectKind::Redirect, questions })
}

/// Plans the question about an unknown path.
pub(super) fn missing(asking: &Asking<'_>, own_code: OwnCode) -> Subject {
    let target = UNKNOWN_PATH.to_owned();
    let of_table = asking.expect(&target, Question::Usual, None);
    let expected = match (of_table, own_code) {
        (Some(expected), _) => expected,
        (None, OwnCode::Missing | OwnCode::Unknown) => {
            asking.expect_missing(&target, Question::Usual)
        }
        (None, OwnCode::Present(_)) => Expectation {
            status: StatusIs::Exactly(404),
            fields: fields_of_server(asking, &target, 404, own_code),
            removed: Vec::new(),
            body: BodyIs::Any,
        },
    };
    Subject { target, kind: SubjectKind::Missing, questions: vec![(Question::Usual, expected)] }
}

/// Plans the question about a path that the user names.
pub(super) fn further(asking: &Asking<'_>, target: &str, manifest: &Manifest) -> Subject {
    let target = target.to_owned();
    match asking.expect(&target, Question::Usual, None) {
        Some(expected) => {
            let questions = vec![(Question::Usual, expected)];
            Subject { target, kind: SubjectKind::Redirect, questions }
        }
        None => server(asking, target, manifest.own_code()),
    }
}

/// Plans the question about a path of the Worker's own code.
fn server(asking: &Asking<'_>, target: String, own_code: OwnCode) -> Subject {
    let expected = Expectation {
        status: StatusIs::NoServerError,
        fields: fields_of_server(asking, &target, 200, own_code),
        removed: Vec::new(),
        body: BodyIs::Any,
    };
    Subject { target, kind: SubjectKind::Server, questions: vec![(Question::Usual, expected)] }
}

fn fields_of_server(
    asking: &Asking<'_>,
    target: &str,
    status: u16,
    own_code: OwnCode,
) -> Vec<(String, String)> {
    if has_header_rules(own_code) { asking.fields_of_server(target, status) } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn wildcards_are_replaced_by_a_text() {
        for (pattern, expected) in [
            ("/blog/*", "/blog/probe"),
            ("/:year/:month/a", "/probe/probe/a"),
            ("/a:", "/a:"),
            ("/a", "/a"),
            ("/:slug*", "/probeprobe"),
        ] {
            assert_eq!(filled(pattern), expected);
        }
    }
}

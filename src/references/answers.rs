//! The answers of the site to the paths of files, with and without a fingerprint.
//!
//! The runtime itself answers, so that there are no rules of its own here.

use std::collections::BTreeSet;

use worker_pack_runtime::packer::path::{encode, encode_segments};
use worker_pack_runtime::{
    Answer, Asset, ETag, HeaderOperation, HeaderRule, Method, Redirect, Representation, Request,
    Routing, Table,
};

use super::given::with_fingerprint;
use crate::ingest::Site;
use crate::rules;

/// Stands in for a fingerprint that is not known yet.
pub(super) const PLACEHOLDER: &str = ".0000000000000000";

/// Returns those files that the site would answer alike with a fingerprint in their names, by their indices.
pub(super) fn answered_alike(site: &Site, files: &BTreeSet<usize>) -> BTreeSet<usize> {
    let named = |index: &usize| {
        let route = site.files[*index].route.as_str();
        Some((*index, route, with_fingerprint(route, PLACEHOLDER)?))
    };
    let named: Vec<(usize, &str, String)> = files.iter().filter_map(named).collect();
    let new = named.iter().map(|(.., new)| new.as_str());
    with_table(site, new, |table| {
        let is_alike = |(_, old, new): &&(usize, &str, String)| {
            let (old, new) = (answer(table, old), answer(table, new));
            old.is_some() && old == new
        };
        named.iter().filter(is_alike).map(|(index, ..)| *index).collect()
    })
}

/// Returns those files that the site answers their own paths with, by their indices.
pub(super) fn answered(site: &Site, files: &BTreeSet<usize>) -> BTreeSet<usize> {
    with_table(site, [], |table| {
        let is_answered =
            |index: &usize| answer(table, site.files[*index].route.as_str()).is_some();
        files.iter().copied().filter(is_answered).collect()
    })
}

/// Returns those files that a rule of the site sends as immutable, by their indices.
pub(super) fn immutable_by_rule(
    site: &Site,
    files: impl IntoIterator<Item = usize>,
) -> BTreeSet<usize> {
    let is_immutable = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("cache-control")
            && value.to_ascii_lowercase().contains("immutable")
    };
    with_table(site, [], |table| {
        let is_set = |index: &usize| {
            let path = site.files[*index].route.url_path_in(site.rules.behaviour);
            let fields = answer(table, &path);
            fields.is_some_and(|fields| fields.iter().any(is_immutable))
        };
        files.into_iter().filter(is_set).collect()
    })
}

/// Calls a function with a table of the site's files, of some other paths, and of the site's rules.
fn with_table<'p, T>(
    site: &'p Site,
    others: impl IntoIterator<Item = &'p str>,
    ask: impl FnOnce(&Table<'_>) -> T,
) -> T {
    let own = site.files.iter().map(|file| file.route.as_str());
    let paths: BTreeSet<&str> = own.chain(others).collect();
    // Only the paths and the rules matter, so the assets are equal.
    let asset = |path| Asset::new(path, "", "", Representation::identity(ETag::new(1), b""));
    let assets: Vec<Asset<'_>> = paths.iter().map(|path| asset(path)).collect();
    let operations: Vec<Vec<HeaderOperation<'_>>> =
        site.rules.headers.iter().map(operations).collect();
    let headers: Vec<HeaderRule<'_>> = site
        .rules
        .headers
        .iter()
        .zip(&operations)
        .map(|(rule, operations)| HeaderRule::new(&rule.pattern, operations))
        .collect();
    let rules::Redirects { fixed, dynamic } = &site.rules.redirects;
    let (fixed, dynamic) = (redirects(fixed), redirects(dynamic));
    let rules::Routing { server, except, others } = &site.rules.routing;
    let server: Vec<&str> = server.iter().map(String::as_str).collect();
    let except: Vec<&str> = except.iter().map(String::as_str).collect();
    let table = Table::new(&assets)
        .with_header_rules(&headers)
        .with_redirects(&fixed, &dynamic)
        .with_routing(Routing { server: &server, except: &except, others: *others })
        .with_behaviour(site.rules.behaviour);
    ask(&table)
}

/// Returns the header fields with which the site answers a path, if it answers with the file.
fn answer(table: &Table<'_>, path: &str) -> Option<Vec<(String, String)>> {
    // Another spelling than the site's own is redirected to it.
    let spellings = [encode(path), encode_segments(path)];
    spellings.iter().find_map(|path| match table.answer(&Request::new(Method::Get, path)) {
        Answer::Reply(reply) if reply.status() == 200 => {
            let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            Some(reply.headers().iter().map(own).collect())
        }
        _ => None,
    })
}

fn redirects(rules: &[rules::Redirect]) -> Vec<Redirect<'_>> {
    rules.iter().map(|it| Redirect::new(&it.from, &it.to, it.status, it.line)).collect()
}

/// Returns the operations of a rule. Removals come first, so that a rule can remove a field and set it again.
fn operations(rule: &rules::HeaderRule) -> Vec<HeaderOperation<'_>> {
    let removed = rule.remove.iter().map(|name| HeaderOperation::Remove(name));
    let set = rule.set.iter().map(|(name, value)| HeaderOperation::Set(name, value));
    removed.chain(set).collect()
}

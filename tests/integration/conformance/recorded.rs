//! What Cloudflare's own servers answer, as it was recorded and as they answer today: with the strict
//! rules, worker-pack answers the same.
//!
//! The recorded answers lie beside the repository. Where they are not, their tests say so and pass.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use worker_pack_runtime::behaviour::{Compat, Fidelity, HtmlHandling, NotFoundHandling};
use worker_pack_runtime::pattern;
use worker_pack_runtime::request::Authorization;
use worker_pack_runtime::{
    Asset, Behaviour, ETag, HeaderOperation, HeaderRule, Method, Redirect, Reply, Representation,
    Request, Table,
};

/// Reads a file of answers, if they are there.
pub(crate) fn recorded(name: &str) -> Option<Value> {
    let folder = std::env::var_os("WORKER_PACK_CONFORMANCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if let Ok(bytes) = std::fs::read(&path) {
        return Some(serde_json::from_slice(&bytes).unwrap());
    }
    let message = format!("SKIPPED: there is no {}\n", path.display());
    std::io::stderr().write_all(message.as_bytes()).unwrap();
    None
}

const REVALIDATE: &str = "public, max-age=0, must-revalidate";

/// A site as the recorded cases describe it.
#[derive(Default)]
struct Site {
    /// Paths and validators; files with the same validator are the same file twice.
    files: BTreeMap<String, String>,
    content_types: BTreeMap<String, String>,
    headers: Vec<Header>,
    redirects: Vec<Rule>,
    dynamic: Vec<Rule>,
    behaviour: Behaviour,
}

struct Header {
    pattern: String,
    operations: Vec<(Option<String>, String)>,
}

#[derive(Clone)]
struct Rule {
    from: String,
    to: String,
    status: u16,
    line: u32,
}

impl Site {
    fn new(compat: Compat) -> Self {
        let behaviour = Behaviour { compat, fidelity: Fidelity::Strict, ..Behaviour::DEFAULT };
        Self { behaviour, ..Self::default() }
    }

    fn with_files<'f>(mut self, files: impl IntoIterator<Item = &'f str>) -> Self {
        self.files = files.into_iter().map(|file| (file.to_owned(), file.to_owned())).collect();
        self
    }

    fn tag(&self, validator: &str) -> ETag {
        let known: Vec<&String> = self.files.values().collect();
        let index = known.iter().position(|one| *one == validator).map_or(0, |index| index + 1);
        // Fields of headers are compared as texts, so the tags have to be found again.
        ETag::new(u128::try_from(index).unwrap())
    }

    /// Puts our validators in the place of Cloudflare's.
    fn translate(&self, text: &str) -> String {
        self.files.values().fold(text.to_owned(), |text, validator| {
            text.replace(&format!("\"{validator}\""), &self.tag(validator).to_string())
        })
    }

    /// Answers a request: with an asset, else with what stands for nothing.
    fn answer(&self, asked: &Asked) -> Answer {
        let assets: Vec<Asset<'_>> = self
            .files
            .iter()
            .map(|(path, validator)| {
                let usual = || "text/html".to_owned();
                let content_type = self.content_types.get(validator);
                let content_type = content_type.cloned().unwrap_or_else(usual).leak();
                let body: &'static [u8] = path.clone().into_bytes().leak();
                let identity = Representation::identity(self.tag(validator), body);
                Asset::new(path, content_type, REVALIDATE, identity)
            })
            .collect();
        let operations: Vec<Vec<HeaderOperation<'_>>> = self
            .headers
            .iter()
            .map(|rule| {
                let operation = |(name, value): &(Option<String>, String)| match name {
                    Some(name) => HeaderOperation::Set(name.clone().leak(), value.clone().leak()),
                    None => HeaderOperation::Remove(value.clone().leak()),
                };
                rule.operations.iter().map(operation).collect()
            })
            .collect();
        let rules = self.headers.iter().zip(&operations);
        let headers: Vec<HeaderRule<'_>> =
            rules.map(|(rule, operations)| HeaderRule::new(&rule.pattern, operations)).collect();
        let redirect = |rule: &Rule| {
            let (from, to) = (rule.from.clone().leak(), rule.to.clone().leak());
            Redirect::new(from, to, rule.status, rule.line)
        };
        let mut sorted = self.redirects.clone();
        sorted.sort_by(|a, b| a.from.cmp(&b.from));
        let fixed: Vec<Redirect<'_>> = sorted.iter().map(redirect).collect();
        let dynamic: Vec<Redirect<'_>> = self.dynamic.iter().map(redirect).collect();
        let table = Table::new(&assets)
            .with_header_rules(&headers)
            .with_redirects(&fixed, &dynamic)
            .with_behaviour(self.behaviour);

        let fields: BTreeMap<String, String> = asked
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), self.translate(value)))
            .collect();
        let field = |name: &str| fields.get(name).map(String::as_str);
        let request = Request {
            if_none_match: field("if-none-match"),
            range: field("range"),
            authorization: match field("authorization") {
                Some(_) => Authorization::Given,
                None => Authorization::Missing,
            },
            ..Request::from_url(Method::from_token(&asked.method), &asked.url)
        };
        let reply = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
        Answer::new(&reply)
    }
}

/// A recorded request.
struct Asked {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
}

impl Asked {
    fn read(request: &Value) -> Self {
        let url = match (&request["url"], &request["path"]) {
            (Value::String(url), _) => url.clone(),
            (_, Value::String(path)) => format!("http://example.com{path}"),
            _ => panic!("{request}"),
        };
        let pair = |name: &Value, value: &Value| (text(name), text(value));
        let headers = match &request["headers"] {
            Value::Array(pairs) => pairs.iter().map(|it| pair(&it[0], &it[1])).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), text(value))).collect()
            }
            _ => Vec::new(),
        };
        Self { method: text(&request["method"]), url, headers }
    }

    fn get(path: &str) -> Self {
        let url = format!("http://example.com{path}");
        Self { method: "GET".to_owned(), url, headers: Vec::new() }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What is compared of an answer.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// The file that is served, by its body.
    served: Option<String>,
    headers: BTreeMap<String, String>,
}

impl Answer {
    fn new(reply: &Reply<'_>) -> Self {
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in reply.headers().iter() {
            let name = name.to_ascii_lowercase();
            let joined = headers.get(&name).map(|before| format!("{before}, {value}"));
            headers.insert(name, joined.unwrap_or_else(|| value.to_owned()));
        }
        let body = reply.body().bytes().filter(|body| !body.is_empty());
        let served = body.map(|body| String::from_utf8(body.to_vec()).unwrap());
        Self { status: reply.status(), served, headers }
    }

    fn location(&self) -> Option<String> {
        self.headers.get("location").cloned()
    }
}

/// Counts what differs, and fails with the first few.
#[derive(Default)]
struct Comparison {
    cases: usize,
    differ: Vec<String>,
}

impl Comparison {
    fn check(&mut self, same: bool, describe: impl FnOnce() -> String) {
        self.cases += 1;
        if !same {
            self.differ.push(describe());
        }
    }

    #[track_caller]
    fn finish(self, expected_cases: usize) {
        assert_eq!(self.cases, expected_cases, "not all cases were replayed");
        let count = self.differ.len();
        let first: Vec<String> = self.differ.into_iter().take(12).collect();
        assert!(count == 0, "{count} of {} differ:\n{}", self.cases, first.join("\n"));
    }
}

#[derive(Deserialize)]
struct Grid {
    manifests: Vec<Vec<String>>,
    rows: Vec<Vec<Value>>,
}

/// Pages writes the path of a `Location` as it decoded it, and this is no way to write a header field.
fn decoded(location: &str) -> String {
    percent_encoding::percent_decode_str(location).decode_utf8_lossy().into_owned()
}

#[test]
fn every_path_of_the_grid_is_answered_as_workers_static_assets_do() {
    let Some(mut grid) = recorded("grid.json") else { return };
    let Grid { manifests, rows } = serde_json::from_value(grid["workers"].take()).unwrap();
    let mut comparison = Comparison::default();
    for row in &rows {
        let manifest = &manifests[usize::try_from(row[0].as_u64().unwrap()).unwrap()];
        let mut site = Site::new(Compat::Workers).with_files(manifest.iter().map(String::as_str));
        site.behaviour.html_handling = text(&row[1]).parse::<HtmlHandling>().unwrap();
        site.behaviour.not_found_handling = text(&row[2]).parse::<NotFoundHandling>().unwrap();
        let answer = site.answer(&Asked::get(&text(&row[3])));
        let found = (u64::from(answer.status), answer.location(), answer.served.clone());
        let expected = (
            row[4].as_u64().unwrap(),
            row[5].as_str().map(str::to_owned),
            row[6].as_str().map(str::to_owned),
        );
        comparison.check(found == expected, || format!("{row:?} of {manifest:?}: {found:?}"));
    }
    comparison.finish(10_584);
}

#[test]
fn every_path_of_the_grid_is_answered_as_pages_does() {
    let Some(mut grid) = recorded("grid.json") else { return };
    let Grid { manifests, rows } = serde_json::from_value(grid["pages"].take()).unwrap();
    let mut comparison = Comparison::default();
    for row in &rows {
        let manifest = &manifests[usize::try_from(row[0].as_u64().unwrap()).unwrap()];
        let site = Site::new(Compat::Pages).with_files(manifest.iter().map(String::as_str));
        let answer = site.answer(&Asked::get(&text(&row[1])));
        let location = answer.location().map(|location| decoded(&location));
        let found = (u64::from(answer.status), location, answer.served.clone());
        let expected = (
            row[2].as_u64().unwrap(),
            row[3].as_str().map(decoded),
            row[4].as_str().map(str::to_owned),
        );
        comparison.check(found == expected, || format!("{row:?} of {manifest:?}: {found:?}"));
    }
    comparison.finish(882);
}

#[test]
fn each_way_to_handle_pages_leads_where_cloudflare_leads() {
    let Some(recorded) = recorded("html-handling.json") else { return };
    let mut comparison = Comparison::default();
    for case in recorded["cases"].as_array().unwrap() {
        let files = case["files"].as_array().unwrap().iter().filter_map(Value::as_str);
        let mut site = Site::new(Compat::Workers).with_files(files);
        site.behaviour.html_handling = text(&case["html_handling"]).parse().unwrap();
        site.behaviour.not_found_handling = text(&case["not_found_handling"]).parse().unwrap();
        let answer = site.answer(&Asked::read(&case["request"]));
        let hop = &case["first_hop"];
        let found = (u64::from(answer.status), answer.location(), answer.served.clone());
        let expected = (
            hop["status"].as_u64().unwrap(),
            hop["location"].as_str().map(str::to_owned),
            hop["served"].as_str().map(str::to_owned),
        );
        comparison
            .check(found == expected, || format!("{}: {found:?}, not {expected:?}", case["id"]));
    }
    comparison.finish(196);
}

/// Compares the fields that are recorded, with our validators in them.
fn same_fields(site: &Site, answer: &Answer, expected: &Value, served: Option<&str>) -> bool {
    /// What the platform adds, or what is sent with every body.
    const IGNORED: [&str; 4] =
        ["cf-cache-status", "x-server-env", "content-length", "content-encoding"];
    let mut ours = answer.headers.clone();
    ours.retain(|name, _| !IGNORED.contains(&name.as_str()));
    let mut theirs = BTreeMap::<String, String>::new();
    let mut add = |name: &str, value: &str| {
        if IGNORED.contains(&name) {
            return;
        }
        let value = match served {
            Some(file) => value
                .replace(&format!("{{{{etag:{file}}}}}"), &site.tag(file).to_string())
                .replace(&format!("{{{{content-type:{file}}}}}"), "text/html"),
            None => value.to_owned(),
        };
        let value = site.translate(&value);
        let joined = theirs.get(name).map(|before| format!("{before}, {value}"));
        theirs.insert(name.to_owned(), joined.unwrap_or(value));
    };
    match expected {
        Value::Array(pairs) => {
            for pair in pairs {
                add(&text(&pair[0]), &text(&pair[1]));
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                add(name, &text(value));
            }
        }
        _ => {}
    }
    if site.behaviour.compat == Compat::Pages {
        for fields in [&mut ours, &mut theirs] {
            fields
                .entry("location".to_owned())
                .and_modify(|location| *location = decoded(location));
        }
    }
    // The recording has no content types for Workers.
    if !theirs.contains_key("content-type") && site.behaviour.compat == Compat::Workers {
        ours.remove("content-type");
    }
    ours == theirs
}

#[test]
fn methods_and_conditional_requests_are_answered_as_cloudflare_does() {
    let Some(recorded) = recorded("methods-and-conditionals.json") else { return };
    let mut comparison = Comparison::default();
    for case in recorded["cases"].as_array().unwrap() {
        let files = case["files"].as_array().unwrap().iter().filter_map(Value::as_str);
        let mut site = match case["engine"].as_str() {
            Some("pages") => Site::new(Compat::Pages),
            _ => Site::new(Compat::Workers),
        }
        .with_files(files);
        if let Some(handling) = case["config"]["not_found_handling"].as_str() {
            site.behaviour.not_found_handling = handling.parse().unwrap();
        }
        compare(&mut comparison, &site, case);
    }
    comparison.finish(188);
}

fn compare(comparison: &mut Comparison, site: &Site, case: &Value) {
    let answer = site.answer(&Asked::read(&case["request"]));
    let expected = &case["expect"];
    let served = expected["served"].as_str();
    let is_get = case["request"]["method"] == "GET";
    let same = u64::from(answer.status) == expected["status"].as_u64().unwrap()
        && answer.location().map(|it| decoded(&it)) == expected["location"].as_str().map(decoded)
        && (!is_get || answer.status == 304 || answer.served.as_deref() == served)
        && same_fields(site, &answer, &expected["headers"], served);
    comparison.check(same, || format!("{}\n  {expected}\n  {answer:?}", case["request"]));
}

#[test]
fn rules_lead_to_what_they_lead_to_at_cloudflare() {
    let Some(recorded) = recorded("rules.json") else { return };
    let input = &recorded["input"];
    let mut comparison = Comparison::default();
    for case in recorded["cases"].as_array().unwrap() {
        let compat = match case["engine"].as_str() {
            Some("pages") => Compat::Pages,
            _ => Compat::Workers,
        };
        let files = input["files"].as_array().unwrap().iter().filter_map(Value::as_str);
        let mut site = Site::new(compat).with_files(files);
        for rule in input["parsed_redirects"]["rules"].as_array().unwrap() {
            site.add_redirect(rule["from"].as_str().unwrap(), rule);
        }
        for rule in input["parsed_headers"]["rules"].as_array().unwrap() {
            let path = text(&rule["path"]);
            site.add_headers(&path, &rule["headers"], &rule["unsetHeaders"]);
        }
        compare(&mut comparison, &site, case);
    }
    comparison.finish(392);
}

impl Site {
    fn add_redirect(&mut self, from: &str, rule: &Value) {
        let is_dynamic = from.contains('*') || from.replace("https://", "").contains(':');
        let status = u16::try_from(rule["status"].as_u64().unwrap()).unwrap();
        let line = rule["lineNumber"].as_u64().map_or(0, |line| u32::try_from(line).unwrap());
        let rule = Rule { from: from.to_owned(), to: text(&rule["to"]), status, line };
        if is_dynamic || !self.dynamic.is_empty() {
            self.dynamic.push(rule);
        } else {
            self.redirects.push(rule);
        }
    }

    fn add_headers(&mut self, pattern: &str, set: &Value, unset: &Value) {
        let removed = unset.as_array().into_iter().flatten();
        let mut operations: Vec<(Option<String>, String)> =
            removed.map(|name| (None, text(name).to_ascii_lowercase())).collect();
        for (name, value) in set.as_object().into_iter().flatten() {
            operations.push((Some(name.to_ascii_lowercase()), text(value)));
        }
        self.headers.push(Header { pattern: pattern.to_owned(), operations });
    }
}

#[test]
fn patterns_match_and_stand_for_what_they_do_at_cloudflare() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let mut comparison = Comparison::default();
    for case in recorded["tests"]["rules.match"].as_array().unwrap() {
        // The value of a rule is a number or a text to put captures into.
        let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let rules: Vec<(&String, String)> =
            case["rules"].as_object().unwrap().iter().map(|(from, to)| (from, value(to))).collect();
        let url = case["url"].as_str().unwrap();
        let request = Request::from_url(Method::Get, url);
        let with_host = format!("https://{}{}", request.host.unwrap(), request.path);
        let found: Vec<String> = rules
            .iter()
            .filter_map(|(from, to)| {
                let text =
                    if from.starts_with(pattern::SCHEME) { &with_host } else { request.path };
                let captures = pattern::matches(from, text)?;
                Some(pattern::substitute(to, &captures).into_owned())
            })
            .collect();
        let expected: Vec<String> = case["result"].as_array().unwrap().iter().map(value).collect();
        comparison.check(found == expected, || format!("{}: {found:?}", case["id"]));
    }
    comparison.finish(14);

    let mut comparison = Comparison::default();
    for case in recorded["tests"]["replacer"].as_array().unwrap() {
        let captures = case["replacements"].as_object().unwrap();
        let captures: pattern::Captures<'_> =
            captures.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let found = pattern::substitute(case["input"].as_str().unwrap(), &captures);
        comparison.check(case["result"] == *found, || format!("{}: {found}", case["id"]));
    }
    comparison.finish(14);
}

/// Groups of the upstream tests that are not replayed, and why.
const NOT_REPLAYED: [(&str, usize, &str); 2] = [
    (
        "asset.canFetch",
        450,
        "whether a navigation is for the assets, by flags of the platform: here the assets are asked first, always",
    ),
    (
        "router.fetch",
        51,
        "what the platform does around both: its image guards, `/cdn-cgi`, limits of the free plan",
    ),
];

#[test]
fn each_group_of_the_upstream_tests_is_replayed_or_left_out_by_name() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let replayed = [
        "asset.handleRequest",
        "pages.generateHandler",
        "rules.match",
        "replacer",
        // In the units of the parsers.
        "parseRedirects",
        "parseHeaders",
        "parseStaticRouting",
        // In those of Workers.
        "static_routing.match",
    ];
    for (group, cases) in recorded["tests"].as_object().unwrap() {
        let count = cases.as_array().unwrap().len();
        let is_left_out =
            NOT_REPLAYED.iter().any(|(name, cases, _)| name == group && *cases == count);
        assert!(is_left_out || replayed.contains(&group.as_str()), "{group}, {count} cases");
    }
}

/// Cases of the upstream tests that are left out, by a part of their names, and why.
const LEFT_OUT: [(&str, &str); 4] = [
    (
        "early hints should cache link headers",
        "Pages learns them from earlier requests; here they are made at build time",
    ),
    ("should serve deleted assets from preservation cache", "there is no cache of deleted assets"),
    ("500 skips headers", "a body that cannot be read is the host's error, not the table's"),
    ("should emit header when Web Analytics Token is injected", "Cloudflare's own analytics"),
];

fn is_left_out(case: &Value) -> bool {
    let name = case["test"].as_str().unwrap();
    // No file has a path that ends with a slash.
    case["on_disk"] == Value::Bool(false) || LEFT_OUT.iter().any(|(part, _)| name.contains(part))
}

/// Replays cases of the upstream tests. Returns how many were left out.
fn replay(cases: &Value, compat: Compat, comparison: &mut Comparison) -> usize {
    let mut left_out = 0;
    for case in cases.as_array().unwrap() {
        if is_left_out(case) {
            left_out += 1;
            continue;
        }
        let mut site = Site::new(compat);
        for (path, validator) in case["manifest"].as_object().unwrap() {
            match validator {
                Value::String(tag) => drop(site.files.insert(path.clone(), tag.clone())),
                Value::Bool(true) => drop(site.files.insert(path.clone(), path.clone())),
                _ => {}
            }
        }
        for (validator, asset) in case["assets"].as_object().into_iter().flatten() {
            site.content_types.insert(validator.clone(), text(&asset["contentType"]));
        }
        let rules = if compat == Compat::Pages { &case["metadata"] } else { &case["config"] };
        for name in ["html_handling", "not_found_handling"] {
            let Some(value) = rules[name].as_str() else { continue };
            match name {
                "html_handling" => site.behaviour.html_handling = value.parse().unwrap(),
                _ => site.behaviour.not_found_handling = value.parse().unwrap(),
            }
        }
        let redirects = &rules["redirects"];
        for (from, rule) in redirects["staticRules"].as_object().into_iter().flatten() {
            site.add_redirect(from, rule);
        }
        for (from, rule) in redirects["rules"].as_object().into_iter().flatten() {
            let status = u16::try_from(rule["status"].as_u64().unwrap()).unwrap();
            let rule = Rule { from: from.clone(), to: text(&rule["to"]), status, line: 0 };
            site.dynamic.push(rule);
        }
        for (pattern, rule) in rules["headers"]["rules"].as_object().into_iter().flatten() {
            site.add_headers(pattern, &rule["set"], &rule["unset"]);
        }
        let answer = site.answer(&Asked::read(&case["request"]));
        let expected = &case["response"];
        let same = u64::from(answer.status) == expected["status"].as_u64().unwrap()
            && same_fields(&site, &answer, &expected["headers"], None);
        comparison.check(same, || format!("{}\n  {expected}\n  {answer:?}", case["id"]));
    }
    left_out
}

#[test]
fn the_upstream_tests_of_workers_static_assets_hold() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let mut comparison = Comparison::default();
    let cases = &recorded["tests"]["asset.handleRequest"];
    let left_out = replay(cases, Compat::Workers, &mut comparison);
    comparison.finish(44 - left_out);
}

#[test]
fn the_upstream_tests_of_pages_hold() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let mut comparison = Comparison::default();
    let cases = &recorded["tests"]["pages.generateHandler"];
    let left_out = replay(cases, Compat::Pages, &mut comparison);
    comparison.finish(62 - left_out);
}

/// Cloudflare's servers from npm, asked here and now. A longer run is a matter of `--rounds`.
#[test]
fn cloudflares_servers_and_serve_answer_the_same() {
    let binary = env!("CARGO_BIN_EXE_worker-pack");
    let options = ["--binary", binary, "--rounds", "3", "--requests", "250", "--seed", "7"];
    let (printed, _) = crate::support::xtask::run(&[&["oracle"], &options[..]].concat());
    assert!(printed.ends_with("1500 answers are the same\n"), "{printed}");
}

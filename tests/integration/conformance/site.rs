//! Sites, requests and responses of the recorded cases.

use std::collections::BTreeMap;

use serde_json::Value;
use worker_pack_runtime::behaviour::{Compat, Fidelity};
use worker_pack_runtime::request::Authorization;
use worker_pack_runtime::{
    Asset, Behaviour, ETag, HeaderOperation, HeaderRule, Method, Redirect, Reply, Representation,
    Request, Table,
};

const REVALIDATE: &str = "public, max-age=0, must-revalidate";

/// A site of the recorded cases.
#[derive(Default)]
pub(super) struct Site {
    /// Validators by path; files with equal validators are equal files.
    pub(super) files: BTreeMap<String, String>,
    pub(super) content_types: BTreeMap<String, String>,
    pub(super) headers: Vec<Header>,
    pub(super) redirects: Vec<Rule>,
    pub(super) dynamic: Vec<Rule>,
    pub(super) behaviour: Behaviour,
}

pub(super) struct Header {
    pattern: String,
    operations: Vec<(Option<String>, String)>,
}

#[derive(Clone)]
pub(super) struct Rule {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) status: u16,
    pub(super) line: u32,
}

impl Site {
    pub(super) fn new(compat: Compat) -> Self {
        let behaviour = Behaviour { compat, fidelity: Fidelity::Strict, ..Behaviour::DEFAULT };
        Self { behaviour, ..Self::default() }
    }

    pub(super) fn with_files<'f>(mut self, files: impl IntoIterator<Item = &'f str>) -> Self {
        self.files = files.into_iter().map(|file| (file.to_owned(), file.to_owned())).collect();
        self
    }

    pub(super) fn tag(&self, validator: &str) -> ETag {
        let known: Vec<&String> = self.files.values().collect();
        let index = known.iter().position(|one| *one == validator).map_or(0, |index| index + 1);
        // A number per validator, since header fields are compared as text.
        ETag::new(u128::try_from(index).unwrap())
    }

    /// Replaces Cloudflare's validators by ours.
    pub(super) fn translate(&self, text: &str) -> String {
        self.files.values().fold(text.to_owned(), |text, validator| {
            text.replace(&format!("\"{validator}\""), &self.tag(validator).to_string())
        })
    }

    /// Answers a request: with an asset, or as the site answers missing files.
    pub(super) fn answer(&self, asked: &Asked) -> Answer {
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

impl Site {
    pub(super) fn add_redirect(&mut self, from: &str, rule: &Value) {
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

    pub(super) fn add_headers(&mut self, pattern: &str, set: &Value, unset: &Value) {
        let removed = unset.as_array().into_iter().flatten();
        let mut operations: Vec<(Option<String>, String)> =
            removed.map(|name| (None, text(name).to_ascii_lowercase())).collect();
        for (name, value) in set.as_object().into_iter().flatten() {
            operations.push((Some(name.to_ascii_lowercase()), text(value)));
        }
        self.headers.push(Header { pattern: pattern.to_owned(), operations });
    }
}

/// A recorded request.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Asked {
    pub(super) fn read(request: &Value) -> Self {
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

    pub(super) fn get(path: &str) -> Self {
        let url = format!("http://example.com{path}");
        Self { method: "GET".to_owned(), url, headers: Vec::new() }
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The compared parts of a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The served file, identified by its body.
    pub(super) served: Option<String>,
    pub(super) headers: BTreeMap<String, String>,
}

impl Answer {
    pub(super) fn new(reply: &Reply<'_>) -> Self {
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

    pub(super) fn location(&self) -> Option<String> {
        self.headers.get("location").cloned()
    }
}

/// Decodes a `Location`. Pages writes it decoded, which a header field must not be.
pub(super) fn decoded(location: &str) -> String {
    percent_encoding::percent_decode_str(location).decode_utf8_lossy().into_owned()
}

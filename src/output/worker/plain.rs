//! Plain replies: the replies to the requests that are asked most, which the runtime decides here, so
//! that the host answers these requests without the engine.
//!
//! A plain request is a `GET` of a path alone. It has no query, one of a few usual values of
//! `Accept-Encoding`, any `Accept`, and none of the other fields that replies depend on. So an asset in several
//! media types has no plain reply. `host/plain.js` reads the
//! index, and tests compare what it answers with `worker-pack serve`.
//!
//! The index consists of 32-bit little-endian words, then texts:
//!
//! | words | meaning |
//! | --- | --- |
//! | 1 | the offset of the texts in the index, in bytes |
//! | 1 | the number of slots, a power of two |
//! | 1 for each slot | the word at which a record begins, or 0. A record is in the first free slot from that of its path's hash on (FNV-1a) |
//! | 5 for each record | lengths of path and values; their offset in the texts; template and module; offset and length of the body in the module |
//!
//! The two numbers in one word have 16 bits, the first the lower ones. The text of a record is its path,
//! then the values of its own fields, one a line. All texts are ASCII.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;
use worker_pack_runtime::packer::path::{encode, encode_segments};
use worker_pack_runtime::packer::pattern::SCHEME;
use worker_pack_runtime::packer::{BinaryTable, Modules, resolve};
use worker_pack_runtime::request::NAVIGATION;
use worker_pack_runtime::{Answer, Method, Reply, Request, Stored, Table};

use crate::output::table_binary::len_u32;
use crate::rules::SiteRules;

/// The values of `Accept-Encoding` of plain requests: those of browsers, of crawlers, of `fetch`, and
/// that of Cloudflare's edge.
const CODINGS: [&str; 5] =
    ["gzip, deflate, br, zstd", "gzip, deflate, br", "gzip, br", "br, gzip", "br, gzip, deflate"];

/// The fields whose values differ between most replies.
const OWN_FIELDS: [&str; 4] = ["content-length", "etag", "link", "use-as-dictionary"];

/// The number of templates, which are part of a script. Header rules with wildcards in their values may
/// make one for each path.
const MAX_TEMPLATES: usize = 100;

/// The longest path and the longest values, in bytes. So no URL is longer than the runtime allows.
const MAX_TEXT: usize = 4096;

/// The number of words before the slots.
const HEAD_WORDS: usize = 2;

/// The number of words in a record.
const RECORD_WORDS: usize = 5;

/// The plain replies of a table.
#[derive(Debug, Default)]
pub(crate) struct PlainReplies {
    templates: Vec<Template>,
    /// The index in the bytes of a module.
    pub(crate) index: Vec<u8>,
}

/// The part of a reply that is the same for many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Template {
    /// Header fields, in order. Those without a value here have another one in each reply.
    fields: Vec<(String, Option<String>)>,
}

/// A plain reply, whose status is 200.
struct PlainReply {
    template: Template,
    /// The values of its own fields, one a line.
    values: String,
    module: u16,
    start: u32,
    len: u32,
}

impl PlainReplies {
    /// Asks the runtime for the plain replies of a binary table.
    pub(crate) fn of(table: &[u8], rules: &SiteRules) -> Self {
        let mut replies = BTreeMap::new();
        if !depends_on_hosts(rules) {
            let table = BinaryTable::read(table, Modules::Host).map(Table::from_binary);
            let table = table.expect("the packer has made the table");
            let accepts = accepts(&table);
            for asset in table.assets() {
                let path = resolve::page_path(asset.path(), table.behaviour());
                for spelling in [encode_segments(&path), encode(&path)] {
                    if let Some(reply) = plain_reply(&table, &spelling, &accepts) {
                        replies.insert(spelling, reply);
                    }
                }
            }
        }
        let templates = most_used(replies.values().map(|reply| &reply.template));
        let numbers: BTreeMap<&Template, u16> = templates.iter().zip(0..).collect();
        let records: Vec<_> = replies
            .iter()
            .filter_map(|(path, reply)| Some((&**path, *numbers.get(&reply.template)?, reply)))
            .collect();
        let index = render(&records);
        Self { templates, index }
    }

    /// Renders the expression of what the index refers to.
    pub(crate) fn script(&self) -> String {
        let templates: String = self.templates.iter().map(Template::script).collect();
        let codings = json!(CODINGS);
        format!(
            "{{\n    index: plain,\n    codings: {codings},\n    templates: [\n{templates}    ],\n  }}"
        )
    }
}

impl Template {
    /// Renders a function that makes the header fields. An object in the form of a literal is made faster
    /// than any other.
    fn script(&self) -> String {
        let mut script = String::from("      (own) => ({ ");
        let mut own = 0..;
        for (name, value) in &self.fields {
            // A computed name costs more, but a plain `__proto__` is not a field.
            let name = match &**name {
                "__proto__" => "['__proto__']".to_owned(),
                name => json!(name).to_string(),
            };
            let _ = match value {
                Some(value) => write!(script, "{name}: {}, ", json!(value)),
                None => write!(script, "{name}: own[{}], ", own.next().unwrap_or(0)),
            };
        }
        script + "}),\n"
    }
}

/// Returns whether a rule of the site is for one host. The host of a request is unknown here.
fn depends_on_hosts(rules: &SiteRules) -> bool {
    let redirects = rules.redirects.fixed.iter().chain(&rules.redirects.dynamic);
    let headers = rules.headers.iter().map(|rule| &rule.pattern);
    redirects.map(|rule| &rule.from).chain(headers).any(|pattern| pattern.starts_with(SCHEME))
}

/// Returns the values of `Accept` that may get different replies from a table: none, and one that names the media
/// types of its variants. The host does not read the field of a plain request.
fn accepts(table: &Table<'_>) -> Vec<Option<String>> {
    let variants = table.assets().flat_map(|asset| asset.variants());
    let types: BTreeSet<&str> = variants.filter_map(|variant| variant.content_type()).collect();
    let named = types.into_iter().collect::<Vec<_>>().join(", ");
    if named.is_empty() { vec![None] } else { vec![None, Some(named)] }
}

/// Returns the reply to all plain requests for a path, if they get the same.
fn plain_reply(table: &Table<'_>, path: &str, accepts: &[Option<String>]) -> Option<PlainReply> {
    let is_text = |len: usize| (1..=MAX_TEXT).contains(&len);
    if !is_text(path.len()) || !path.is_ascii() || path.contains(['?', '#', '\\']) {
        return None;
    }
    let get = Request::new(Method::Get, path);
    let requests = CODINGS.iter().flat_map(|&codings| {
        [None, Some(NAVIGATION)].into_iter().flat_map(move |sec_fetch_mode| {
            accepts.iter().map(move |accept| Request {
                accept_encoding: Some(codings),
                accept: accept.as_deref(),
                sec_fetch_mode,
                ..get
            })
        })
    });
    let mut replies = requests.map(|request| match table.answer(&request) {
        Answer::Reply(reply) => read(&reply),
        Answer::Server { .. } => None,
    });
    let first = replies.next()??;
    let is_same = |reply: Option<PlainReply>| {
        reply.is_some_and(|reply| {
            let place = |one: &PlainReply| (one.module, one.start, one.len);
            reply.template == first.template
                && reply.values == first.values
                && place(&reply) == place(&first)
        })
    };
    (is_text(first.values.len()) && replies.all(is_same)).then_some(first)
}

/// Reads a reply, if it is the whole of a body that a module stores as it is sent.
fn read(reply: &Reply<'_>) -> Option<PlainReply> {
    let body = reply.body();
    let Stored::Module { index, start, len } = body.stored() else { return None };
    let is_as_stored = body.decoded_len().is_none() && body.range() == (0..len as usize);
    if reply.status() != 200 || !is_as_stored || len == 0 {
        return None;
    }
    let (mut fields, mut values, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (name, value) in reply.headers().iter() {
        let lower = name.to_ascii_lowercase();
        let is_own = OWN_FIELDS.contains(&&*lower);
        fields.push((name.to_owned(), (!is_own).then(|| value.to_owned())));
        values.extend(is_own.then_some(value));
        names.push(lower);
    }
    // An object cannot contain a name twice.
    names.sort();
    let is_unique = names.windows(2).all(|pair| pair[0] != pair[1]);
    let values = values.join("\n");
    let module = u16::try_from(index).ok()?;
    let template = Template { fields };
    (is_unique && values.is_ascii()).then_some(PlainReply { template, values, module, start, len })
}

/// Returns the templates of most replies.
fn most_used<'r>(all: impl Iterator<Item = &'r Template>) -> Vec<Template> {
    let mut uses = BTreeMap::<&Template, usize>::new();
    for template in all {
        *uses.entry(template).or_default() += 1;
    }
    let mut templates: Vec<_> = uses.into_iter().collect();
    // The sort is stable, so that the same table gives the same order.
    templates.sort_by_key(|(_, uses)| std::cmp::Reverse(*uses));
    templates.into_iter().take(MAX_TEMPLATES).map(|(template, _)| template.clone()).collect()
}

/// Renders the index of paths with the numbers of their templates and their replies.
fn render(replies: &[(&str, u16, &PlainReply)]) -> Vec<u8> {
    // At least a third of the slots is free, so that most lookups end at the first or second slot.
    let slots = (replies.len() + replies.len() / 2 + 1).next_power_of_two();
    let texts = (HEAD_WORDS + slots + replies.len() * RECORD_WORDS) * size_of::<u32>();
    let mut words = vec![0; HEAD_WORDS + slots];
    words[..HEAD_WORDS].copy_from_slice(&[len_u32(texts), len_u32(slots)]);
    let mut text = String::new();
    for (path, template, reply) in replies {
        let first = hash(path) as usize;
        let mut tried = (first..first + slots).map(|at| HEAD_WORDS + at % slots);
        let free = tried.find(|&at| words[at] == 0);
        words[free.expect("a slot is free")] = len_u32(words.len());
        words.extend([
            len_u32(path.len()) | len_u32(reply.values.len()) << 16,
            len_u32(text.len()),
            u32::from(*template) | u32::from(reply.module) << 16,
            reply.start,
            reply.len,
        ]);
        text.push_str(path);
        text.push_str(&reply.values);
    }
    let mut bytes: Vec<u8> = words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// FNV-1a, which a script computes as fast.
fn hash(path: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    path.bytes().fold(0x811c_9dc5, step)
}

//! Limits and sessions in stores that lose what they count.
//!
//! KV is consistent only after a minute, and a value that is read and written back loses the counts in
//! between. Each isolate has its own memory, and many of them answer.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::Value;

use super::functions::{Body, Deeds, Functions};
use super::origin::Origin;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;

/// The status of a reply to too many requests (RFC 6585 §4).
const TOO_MANY_REQUESTS: u64 = 429;

/// Words in the names of limits.
const LIMITS: [&str; 5] = [
    // `rateLimit`, `RATE_LIMIT`, `limiter`, `MAX_LIMIT`
    "limit",
    "throttle",
    "attempts",
    "too many requests",
    "quota",
];

/// Texts with which a module makes a store in memory.
const CONTAINERS: [&str; 4] = ["new Map", "= {}", "={}", "Object.create(null)"];

/// Words in the names of stores of sessions.
const SESSIONS: [&str; 2] = ["sessionstore", "sessions"];

/// Folders whose scripts run in browsers.
const IN_BROWSERS: [&str; 3] = ["src/client/", "src/components/", "src/scripts/"];

/// Finds the stores in the sources, else in the modules of the server.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let bindings = kv_bindings(subject);
    let is_code = |file: &&TextFile| {
        let extension = file.path.extension().unwrap_or_default();
        let is_of_server = ["src/", "functions/"].iter().any(|it| file.name.starts_with(it))
            && !IN_BROWSERS.iter().any(|folder| file.name.starts_with(folder));
        is_of_server
            && ["ts", "js", "mjs", "mts", "tsx", "jsx", "astro"].iter().any(|one| extension == *one)
    };
    if subject.server().is_empty() {
        // Without a server, the sources run in the build and in browsers.
        return Vec::new();
    }
    let sources: Vec<&TextFile> = subject.sources().iter().filter(is_code).collect();
    // In a bundle, code of packages cannot always be told from that of the project.
    let files = if sources.is_empty() { subject.server().iter().collect() } else { sources };
    files.par_iter().flat_map_iter(|file| faults(file, &bindings)).collect()
}

/// Returns the names of the bindings to KV.
fn kv_bindings(subject: &Subject) -> BTreeSet<String> {
    let configs = [&subject.config, &subject.adapter_config].into_iter().flatten();
    let parsed = configs.filter_map(|data| data.parsed.as_ref().ok());
    let lists = parsed.filter_map(|data| data.get("kv_namespaces")?.as_array());
    let name = |binding: &Value| Some(binding.get("binding")?.as_str()?.to_owned());
    lists.flatten().filter_map(name).collect()
}

fn faults(file: &TextFile, bindings: &BTreeSet<String>) -> Vec<Diagnostic> {
    // Most modules contain neither, and need not be parsed.
    if !file.text.contains(".put(") && !CONTAINERS.iter().any(|text| file.text.contains(text)) {
        return Vec::new();
    }
    let functions = if file.path.extension().is_some_and(|extension| extension == "astro") {
        Functions::of(&frontmatter(&file.text), Body::Component)
    } else {
        Functions::of(&file.text, Body::Module)
    };
    let mut found = Vec::new();
    for deeds in &functions.all {
        found.extend(in_kv(file, deeds, bindings));
    }
    for (name, offset) in &functions.maps {
        if !matches!(Origin::of(&file.text, *offset), Origin::Package(_)) {
            found.extend(in_memory(file, name, *offset, &functions.all));
        }
    }
    found
}

/// Returns the script of a component, with blanks before it so that offsets stay the same.
fn frontmatter(text: &str) -> String {
    let Some((before, rest)) = text.split_once("---") else { return String::new() };
    let code = rest.split_once("---").map_or("", |(code, _)| code);
    format!("{}{code}", " ".repeat(before.len() + "---".len()))
}

fn in_kv(file: &TextFile, deeds: &Deeds, bindings: &BTreeSet<String>) -> Option<Diagnostic> {
    let is_store = |object: &str| {
        bindings.contains(object) || object.to_lowercase().split('_').any(|word| word == "kv")
    };
    let put = deeds.calls.iter().find(|call| {
        let is_read =
            || deeds.calls.iter().any(|one| one.method == "get" && one.object == call.object);
        call.method == "put" && is_store(&call.object) && is_read()
    })?;
    if !deeds.counts_in(&put.object) || !is_limit(deeds, &put.object) {
        return None;
    }
    let message =
        format!("counts in KV (`{}`), where counts of other requests are lost", put.object);
    Some(file.warning(Code::ServerKvCounter, put.offset, message).with_help(
        "count with a rate-limiting binding (`ratelimits`) or in a Durable Object: KV shows a value \
         elsewhere up to a minute later, and takes one write a second for a key",
    ))
}

fn in_memory(file: &TextFile, name: &str, offset: usize, all: &[Deeds]) -> Option<Diagnostic> {
    let writes = |deeds: &&Deeds| {
        deeds.calls.iter().any(|call| call.object == *name && call.method == "set")
    };
    let writers: Vec<&Deeds> = all.iter().filter(writes).collect();
    if writers.is_empty() {
        return None;
    }
    let lower = name.to_lowercase();
    let is_session = SESSIONS.iter().any(|word| lower.contains(word));
    let is_limit = writers.iter().any(|deeds| deeds.counts_in(name) && is_limit(deeds, name));
    if !is_session && !is_limit {
        return None;
    }
    let what = if is_limit { "counts" } else { "keeps sessions" };
    let message = format!("{what} in the memory of an isolate (`{name}`), of which there are many");
    Some(file.warning(Code::ServerMemoryCounter, offset, message).with_help(
        "count with a rate-limiting binding (`ratelimits`) or in a Durable Object, and keep sessions \
         in KV or in a Durable Object: isolates share no memory, and end at any time",
    ))
}

/// Returns whether a function limits something by what it counts in a store.
fn is_limit(deeds: &Deeds, store: &str) -> bool {
    let has = |text: &str| LIMITS.iter().any(|word| text.contains(word));
    deeds.numbers.contains(&TOO_MANY_REQUESTS)
        || has(&store.to_lowercase())
        || deeds.words.iter().any(|word| has(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_limit(source: &str, store: &str) -> bool {
        let functions = Functions::of(source, Body::Module);
        functions.all.iter().any(|deeds| deeds.counts_in(store) && is_limit(deeds, store))
    }

    #[test]
    fn a_limit_stores_what_it_has_counted() {
        for source in [
            "f = async (ip, limit) => { const n = await env.KV.get(ip); const next = Number(n) + 1; const all = { next }; await env.KV.put(ip, JSON.stringify(all)); }",
            "f = async (ip, limit) => { const it = await env.KV.get(ip, 'json'); it.count++; await env.KV.put(ip, JSON.stringify(it)); }",
            "f = async (ip, limit) => { let n = await env.KV.get(ip); n += 1; await env.KV.put(ip, `${n}`); }",
        ] {
            assert!(has_limit(source, "KV"), "{source}");
        }
        let got = "function f(ip) { const it = seen.get(ip); if (it) it.n++; else seen.set(ip, { n: 1 }); return limit; }";
        assert!(has_limit(got, "seen"));
    }

    #[test]
    fn a_cache_is_no_limit() {
        for source in [
            "f = async (page, limit = 20) => { const key = `p${page + 1}`; const hit = await env.KV.get(key); if (hit) return hit; for (let i = 0; i < limit; i++) add(i); await env.KV.put(key, text); }",
            "f = async (key, limit) => { await env.KV.put(key, JSON.stringify({ value, ends: Date.now() + 60000 })); hits++; }",
        ] {
            assert!(!has_limit(source, "KV"), "{source}");
        }
    }
}

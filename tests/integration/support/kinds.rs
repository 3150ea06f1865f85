//! Requests of every kind: all fields, methods and spellings that a reply may depend on.

use super::client::{Request, ask};

/// Methods without a reply of their own, and those with one.
const METHODS: [&str; 10] =
    ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PURGE", "PROPFIND", "COPY"];

/// Values of `Accept-Encoding`.
const CODINGS: [&str; 16] = [
    "gzip, deflate, br, zstd",
    "br",
    "BR",
    "gzip;q=1.0, br;q=0.5",
    "br;q=0, *",
    "br;q=0.000, gzip;q=0.001",
    "br;q=1.1",
    "x-gzip",
    "*",
    "*;q=0",
    "br, *;q=0",
    "identity",
    "identity;q=0",
    "identity;q=0, br;q=0, gzip;q=0",
    "zstd",
    ",, br ;q=1 ,",
];

/// Values of `Accept`.
const TYPES: [&str; 5] = [
    "image/avif,image/webp,image/apng,*/*;q=0.8",
    "image/webp",
    "image/webp;q=0.5, image/png",
    "image/webp;q=0",
    "image/*",
];

/// Values of `Available-Dictionary`, of dictionaries that no site has.
const DICTIONARIES: [&str; 3] = [":AAAA:", "AAAA", ":AAAA:, :BBBB:"];

/// Values of `Range`.
const RANGES: [&str; 14] = [
    "bytes=0-0",
    "bytes=2-4",
    "bytes=7-",
    "bytes=-3",
    "bytes=-0",
    "bytes=8-99",
    "bytes=99999999-",
    "bytes=0-1,3-4",
    "bytes=5-2",
    "BYTES=0-1",
    "bytes= 0-1",
    "items=0-1",
    "bytes=x",
    "bytes=18446744073709551616-",
];

/// Values of `Host`.
const HOSTS: [&str; 4] = ["other.example", "OTHER.example", "example.org:8080", "[::1]:80"];

/// Returns requests of every kind for some targets. `reference` is a server with their entity tags.
pub(crate) fn requests_of_every_kind(targets: &[String], reference: &str) -> Vec<Request> {
    let mut requests = Vec::new();
    for target in targets {
        let get = || Request::new("GET", target);
        requests.extend(METHODS.map(|method| Request::new(method, target)));
        requests.extend(
            METHODS.map(|method| Request::new(method, target).with("Authorization", "Basic eDp5")),
        );
        requests.push(get());
        for codings in CODINGS {
            requests.push(get().with("Accept-Encoding", codings));
            requests.push(get().with("Accept-Encoding", codings).with("Range", "bytes=1-2"));
            requests.push(Request::new("HEAD", target).with("Accept-Encoding", codings));
        }
        requests.push(get().with("Accept-Encoding", "gzip").with("Accept-Encoding", "br"));
        for types in TYPES {
            let get = || get().with("Accept", types);
            requests.push(get());
            requests.push(get().with("Accept-Encoding", "br").with("Sec-Fetch-Mode", "no-cors"));
            requests.push(get().with("Range", "bytes=1-2"));
            requests.extend(conditional(&get, ask(reference, &get()).field("etag")));
        }
        for dictionary in DICTIONARIES {
            let get = || get().with("Available-Dictionary", dictionary);
            requests.push(get().with("Accept-Encoding", "gzip, br, dcb"));
            requests.push(get().with("Accept-Encoding", "dcb;q=0, *"));
        }
        for range in RANGES {
            requests.push(get().with("Range", range));
            requests.push(Request::new("HEAD", target).with("Range", range));
        }
        requests.push(get().with("Range", "bytes=0-1").with("Range", "bytes=2-3"));
        for codings in ["br", "gzip", "identity"] {
            let get = || get().with("Accept-Encoding", codings);
            requests.extend(conditional(&get, ask(reference, &get()).field("etag")));
        }
        requests.extend(HOSTS.map(|host| get().with("Host", host)));
        for mode in ["navigate", "no-cors", "cors", "Navigate"] {
            requests.push(get().with("Sec-Fetch-Mode", mode).with("Accept-Encoding", "br"));
            requests.push(Request::new("HEAD", target).with("Sec-Fetch-Mode", mode));
        }
        let long = "a".repeat(3000);
        for query in
            ["?", "?a=b&c", "?a=%20b+c", "?x=%22%3C%3E", "??", "?/../x", &format!("?{long}")]
        {
            requests.push(Request::new("GET", format!("{target}{query}")));
        }
        for end in ["/", "//", ".html", "/index.html", "/index", "/.", "/..", &format!("/{long}")] {
            requests.push(Request::new("GET", format!("{target}{end}")));
            requests.push(Request::new("POST", format!("{target}{end}?x")));
        }
    }
    requests
}

/// Returns conditional requests, with the right tag and with others.
fn conditional(get: &dyn Fn() -> Request, tag: Option<&str>) -> Vec<Request> {
    let tag = tag.unwrap_or("\"none\"");
    let weak = format!("W/{tag}");
    let listed = format!("\"x\" ,{tag}");
    let mut requests = Vec::new();
    for field in ["If-Match", "If-None-Match"] {
        for value in [tag, &weak, &listed, "\"x\"", "*", tag.trim_matches('"')] {
            requests.push(get().with(field, value));
            requests.push(get().with(field, value).with("Range", "bytes=1-2"));
        }
        requests.push(get().with(field, "\"x\"").with(field, tag));
    }
    requests.push(get().with("If-Match", tag).with("If-None-Match", tag));
    requests.push(get().with("If-Match", "\"x\"").with("If-None-Match", tag));
    for value in [tag, &weak, "\"x\"", "Sun, 22 Nov 2026 00:00:00 GMT"] {
        requests.push(get().with("Range", "bytes=1-2").with("If-Range", value));
        requests.push(get().with("If-Range", value));
    }
    requests.push(get().with("If-Modified-Since", "Sun, 22 Nov 2037 00:00:00 GMT"));
    requests
}

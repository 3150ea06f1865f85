//! Comparison of two servers: the same requests must get identical responses.

use std::fmt::Write as _;

use worker_pack::Packed;

use super::client::{Answer, Request, ask};

/// Number of differences to print.
const MAX_PRINTED: usize = 20;

/// Sends all requests to both servers, and returns their number. Panics if any responses differ.
pub(crate) fn compare(reference: &str, candidate: &str, requests: &[Request]) -> usize {
    compare_all(reference, &[("it", candidate)], requests)
}

/// Sends all requests to a server and to candidates, which have a name and an address, and returns their
/// number. Candidates are asked twice, since they may cache a reply. Panics if any responses differ.
pub(crate) fn compare_all(
    reference: &str,
    candidates: &[(&str, &str)],
    requests: &[Request],
) -> usize {
    let mut printed = String::new();
    let mut different = 0;
    for request in requests {
        let expected = ask(reference, request);
        for (name, candidate) in candidates {
            for time in ["first", "second"] {
                let found = ask(candidate, request);
                if expected != found {
                    different += 1;
                    if different <= MAX_PRINTED {
                        let found = difference(&expected, &found);
                        let _ = writeln!(printed, "{request}, {name}, {time} time\n{found}");
                    }
                }
            }
        }
    }
    assert!(different == 0, "{different} responses to {} differ\n{printed}", requests.len());
    requests.len()
}

/// Describes the differences between two responses.
fn difference(expected: &Answer, found: &Answer) -> String {
    let mut text = String::new();
    if expected.status != found.status {
        let _ = writeln!(text, "  status {}, not {}", found.status, expected.status);
    }
    let mut names: Vec<&String> = expected.fields.keys().chain(found.fields.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (expected, found) = (expected.fields.get(name), found.fields.get(name));
        if expected != found {
            let _ = writeln!(text, "  {name}: {found:?}, not {expected:?}");
        }
    }
    if expected.body != found.body {
        let (expected, found) = (expected.body.len(), found.body.len());
        let _ = writeln!(text, "  the body, of {found} bytes, not {expected}");
    }
    text
}

/// Returns requests for a packed site: every file at its URL and at other spellings, with all fields
/// that change the response, and missing files.
pub(crate) fn requests(packed: &Packed, reference: &str) -> Vec<Request> {
    let mut requests = Vec::new();
    for file in &packed.report().files {
        let etags = ACCEPTED.map(|coding| {
            let answer = ask(reference, &Request::new("GET", &file.url).accepting(coding));
            answer.field("etag").map(str::to_owned)
        });
        for (coding, etag) in ACCEPTED.iter().zip(etags) {
            let get = || Request::new("GET", &file.url).accepting(*coding);
            requests.extend([get(), Request::new("HEAD", &file.url).accepting(*coding)]);
            // A header rule may remove it.
            let Some(etag) = etag else { continue };
            requests.push(get().with("If-None-Match", &etag));
            requests.push(get().with("If-None-Match", format!("\"other\", W/{etag}")));
            requests.push(get().with("If-Match", &etag));
        }
        let get = || Request::new("GET", &file.url);
        requests.extend([
            Request::new("HEAD", &file.url).with("If-None-Match", "*"),
            get().with("If-Match", "\"other\""),
            get().with("Accept-Encoding", "identity;q=0, br;q=0, *;q=0"),
            Request::new("POST", &file.url),
            Request::new("OPTIONS", &file.url),
            Request::new("GET", format!("{}?page=2&q=a%20b", file.url)),
        ]);
        for range in ["bytes=0-0", "bytes=7-", "bytes=-9", "bytes=99999999-", "bytes=0-1,3-4"] {
            requests.push(get().with("Range", range));
        }
        requests.extend(other_spellings(&file.url));
    }
    requests.extend(REDIRECTED.iter().flat_map(|target| {
        ["GET", "HEAD", "POST"].map(|method| Request::new(method, *target).accepting(Some("br")))
    }));
    requests.extend(MISSING.iter().flat_map(|target| {
        ["GET", "HEAD", "POST"].map(|method| Request::new(method, *target).accepting(Some("br")))
    }));
    requests
}

/// Values of `Accept-Encoding`: that of browsers, gzip only, identity only, and no field.
const ACCEPTED: [Option<&str>; 4] =
    [Some("gzip, deflate, br, zstd"), Some("gzip;q=0.5"), Some("identity"), None];

/// Targets that the example blog redirects, and some that resemble them.
const REDIRECTED: [&str; 7] = [
    "/old",
    "/old?own=query",
    "/feed",
    "/naive",
    "/posts/what-a-304-is-for",
    "/archive//evil.example/a?b",
    "/posts/",
];

/// Targets without a file.
const MISSING: [&str; 12] = [
    "/nowhere",
    "/nowhere/",
    "/lab/nowhere.html",
    "/about/nowhere?x",
    "/index.html/",
    "//",
    "//about",
    "/%",
    "/%zz",
    "/%00",
    "/%FF",
    "/About/",
];

/// Returns requests for other spellings of a page's URL, which redirect to it.
fn other_spellings(url: &str) -> Vec<Request> {
    let stem = url.strip_suffix('/').unwrap_or(url);
    let endings = ["", "/", ".html", "/index.html", "/index", "?a=%22b%22&c"];
    let others =
        endings.iter().map(|ending| format!("{stem}{ending}")).filter(|other| other != url);
    others.filter(|other| other.starts_with('/')).map(|other| Request::new("GET", other)).collect()
}

//! Replies of a site with dictionaries in three hosts: `serve`, a Worker for JavaScript hosts, and a Worker in Rust.
//! They are the same, byte for byte.
//!
//! The command packs the site around a program in Rust that has been compiled already, so that no build script has to
//! compile the encoder of dictionaries again.

use super::packed_site::PackedSite;
use super::rust_worker::workerd;
use super::site_in_modules::Crate;
use crate::dictionary::pages::{ACCEPTED, alike, available, dictionaries, options};
use crate::support::client::{Answer, Request, ask};
use crate::support::differential::compare_all;
use crate::support::server::Server;
use crate::support::xtask;

/// Values of `Accept-Encoding`, with which a client may or may not get a body for its dictionary.
const CODINGS: [&str; 12] = [
    ACCEPTED,
    "br, dcb",
    "dcb",
    "DCB",
    "dcb;q=0.5, br",
    "br, dcb;q=0",
    "dcb;q=0, *",
    "dcb, br;q=0, identity;q=0",
    "br, *",
    "identity, dcb;q=0.001",
    "br, dcz",
    "",
];

/// The fields by which a browser or a cache uses a dictionary.
const FIELDS: [&str; 6] = [
    "content-encoding",
    "vary",
    "link",
    "use-as-dictionary",
    "cloudflare-cdn-cache-control",
    "cache-control",
];

/// Values of `Available-Dictionary`: the right one, and all others that a client may send.
fn values(right: &str) -> Vec<String> {
    let (wrong, bare) = (format!(":{}=:", "A".repeat(43)), right.trim_matches(':'));
    vec![
        right.to_owned(),
        wrong.clone(),
        format!(" {right} "),
        format!("{right}, {right}"),
        format!("{wrong}, {right}"),
        format!("{right};a=1"),
        format!(":{}:", bare.trim_end_matches('=')),
        bare.to_owned(),
        format!("\"{bare}\""),
        ":AAAA:".to_owned(),
        "::".to_owned(),
        String::new(),
    ]
}

/// Returns requests for a target. `reference` is a server with its entity tags.
fn requests(target: &str, right: &str, reference: &str) -> Vec<Request> {
    let mut requests = Vec::new();
    let with = |codings: Option<&str>, dictionary: Option<&str>, method| {
        let request = Request::new(method, target).accepting(codings);
        match dictionary {
            Some(value) => request.with("Available-Dictionary", value),
            None => request,
        }
    };
    for value in values(right) {
        for codings in CODINGS.map(Some).into_iter().chain([None]) {
            requests.push(with(codings, Some(&value), "GET"));
        }
        requests.push(with(Some(ACCEPTED), Some(&value), "HEAD"));
        let two = with(Some(ACCEPTED), Some(&value), "GET").with("Available-Dictionary", right);
        requests.push(two);
    }
    // The tag of each representation, asked for by a client with the dictionary and by one without.
    for (codings, dictionary) in [(ACCEPTED, Some(right)), ("br", None), ("identity", None)] {
        let answer = ask(reference, &with(Some(codings), dictionary, "GET"));
        let Some(tag) = answer.field("etag") else { continue };
        for dictionary in [Some(right), None] {
            for field in ["If-None-Match", "If-Match", "If-Range"] {
                for value in [tag.to_owned(), format!("W/{tag}"), format!("\"x\", {tag}")] {
                    let get = || with(Some(ACCEPTED), dictionary, "GET").with(field, &*value);
                    requests.extend([get(), get().with("Range", "bytes=3-9")]);
                }
            }
        }
    }
    for range in ["bytes=0-3", "bytes=4-", "bytes=-5", "bytes=0-0,2-3", "bytes=99999999-"] {
        for method in ["GET", "HEAD"] {
            requests.push(with(Some(ACCEPTED), Some(right), method).with("Range", range));
        }
    }
    requests.extend(["POST", "OPTIONS"].map(|method| with(Some(ACCEPTED), Some(right), method)));
    requests.push(with(Some(ACCEPTED), Some(right), "GET").with("Sec-Fetch-Mode", "navigate"));
    requests
}

#[test]
fn replies_with_dictionaries_are_the_same_in_all_hosts() {
    let site = alike(&[("404.html", "<!doctype html><h1>Not found</h1>")]);
    let packed = site.pack_with(options());
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    let (right, url) = (available(dictionary), dictionary.route.as_str());

    let arguments = ["--compat=workers", "--dictionaries=pages"];
    let server = Server::start(&site.dist(), &[&["--quiet"][..], &arguments].concat());
    let javascript = PackedSite::new(&site.dist(), &arguments).start();
    let krate = Crate::new();
    krate.pack(&site.dist(), &arguments);
    let folder = format!("--cwd={}", krate.folder.display());
    xtask::run(&["wrangler", "deploy", "--dry-run", &folder]);
    let build = krate.folder.join("build");
    let rust = workerd(build.to_str().unwrap(), &["--flag=nodejs_compat"]);

    let (javascript, rust) = (javascript.address(), rust.address());
    let hosts = [("JavaScript", &*javascript), ("Rust", &*rust)];
    let targets = ["/", "/1/", "/5/", "/1", url, "/nowhere"];
    let asked: Vec<Request> =
        targets.iter().flat_map(|target| requests(target, &right, server.address())).collect();
    let compared = compare_all(server.address(), &hosts, &asked);
    assert!(compared > 1000, "only {compared} requests");

    // Equal replies could all be wrong.
    for address in [server.address(), &*javascript, &*rust] {
        replies_are_right(address, &right, url);
    }
}

/// Checks what a host answers a client with a dictionary.
fn replies_are_right(address: &str, right: &str, url: &str) {
    let get = |target: &str| {
        Request::new("GET", target).accepting(Some(ACCEPTED)).with("Available-Dictionary", right)
    };
    let fields = |answer: &Answer| FIELDS.map(|name| answer.field(name).map(str::to_owned));
    let vary = Some("Accept-Encoding, Available-Dictionary".to_owned());
    let link = Some(format!("<{url}>; rel=\"compression-dictionary\""));
    let text = |text: &str| Some(text.to_owned());

    let page = ask(address, &get("/1/"));
    assert_eq!(page.status, 200);
    assert_eq!(page.body[..4], [0xff, b'D', b'C', b'B']);
    let [coding, page_vary, page_link, offered, shared, _] = fields(&page);
    assert_eq!((coding, page_vary, page_link), (text("dcb"), vary.clone(), link));
    assert_eq!((offered, shared), (None, text("no-store")));

    // A cache would store a 304 with the fields of the representation.
    let tag = page.field("etag").unwrap();
    let unchanged = ask(address, &get("/1/").with("If-None-Match", tag));
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.field("etag"), Some(tag));
    assert_eq!(unchanged.field("vary"), vary.as_deref());
    assert_eq!(unchanged.field("cloudflare-cdn-cache-control"), Some("no-store"));

    let plain = ask(address, &Request::new("GET", "/1/").accepting(Some(ACCEPTED)));
    let [coding, plain_vary, _, _, shared, _] = fields(&plain);
    assert_eq!((coding, plain_vary, shared), (text("br"), vary.clone(), None));

    let offer = ask(address, &Request::new("GET", url).accepting(Some("br")));
    let [coding, offer_vary, _, offered, _, policy] = fields(&offer);
    assert_eq!((offer.status, coding, offer_vary), (200, text("br"), vary));
    assert_eq!(offered, text("match=\"/*\", match-dest=(\"document\" \"\")"));
    assert_eq!(policy, text("public, max-age=31536000, immutable"));
}

//! One fault for each thing that is checked: it is reported, and nothing else is.

use super::host::{Asked, Host, Reply, plain};
use super::{Probed, probe_site};

/// A fault: its name, the class and the check of its findings, and the change of a reply.
type Row = (&'static str, &'static str, &'static str, fn(&Asked, &mut Reply));

/// The faults.
const FAULTS: &[Row] = &[
    ("a page fails", "error", "status", |asked, reply| {
        if asked.path == "/about/" {
            *reply = Reply::new(500, "failed");
        }
    }),
    ("a file is missing", "error", "status", |asked, reply| {
        if asked.path == "/style.css" {
            *reply = Reply::new(404, "missing");
        }
    }),
    ("a file is that of another build", "error", "content", |asked, reply| {
        if asked.path == "/photo.jpg" && reply.body.starts_with(b"not ") {
            reply.body[..3].copy_from_slice(b"yes");
        }
    }),
    ("a script is added to a page", "error", "content", |asked, reply| {
        if asked.path == "/" && asked.accepts("br") && reply.status == 200 {
            let page = "<!doctype html><script src=/x.js></script>";
            reply.remove("Content-Encoding");
            reply.set("Content-Length", &page.len().to_string());
            reply.body = if asked.method == "HEAD" { Vec::new() } else { page.into() };
        }
    }),
    ("the media type is another one", "error", "content-type", |asked, reply| {
        if asked.path == "/_astro/app.D4f5G6h7.js" && reply.status == 200 {
            reply.set("Content-Type", "text/plain");
        }
    }),
    ("the media type is missing", "error", "content-type", |asked, reply| {
        if asked.path == "/style.css" && reply.status == 200 {
            reply.remove("Content-Type");
        }
    }),
    ("the cache policy is another one", "difference", "cache-control", |asked, reply| {
        if asked.path == "/_astro/app.D4f5G6h7.js" {
            reply.set("Cache-Control", "public, max-age=0, must-revalidate");
        }
    }),
    ("the cache policy is missing", "difference", "cache-control", |asked, reply| {
        if asked.path == "/style.css" {
            reply.remove("Cache-Control");
        }
    }),
    ("`Vary` is missing", "difference", "vary", |asked, reply| {
        if asked.path == "/style.css" {
            reply.remove("Vary");
        }
    }),
    ("`Vary` has another name", "difference", "vary", |asked, reply| {
        if asked.path == "/style.css" {
            reply.set("Vary", "Origin");
        }
    }),
    ("the tag is missing", "difference", "etag", |asked, reply| {
        if asked.path == "/style.css" {
            reply.remove("ETag");
        }
    }),
    ("the tag is weak", "difference", "etag", |asked, reply| {
        if asked.path == "/photo.jpg"
            && let Some(tag) = reply.field("ETag")
        {
            let tag = format!("W/{tag}");
            reply.set("ETag", &tag);
        }
    }),
    ("Brotli is lost", "difference", "coding", |asked, reply| {
        if asked.path == "/style.css" && asked.method != "POST" && reply.status == 200 {
            *reply = plain(asked);
        }
    }),
    ("Brotli does not decode", "error", "coding", |asked, reply| {
        if asked.path == "/style.css" && asked.is_usual() {
            reply.body.iter_mut().for_each(|byte| *byte = !*byte);
        }
    }),
    ("Brotli is sent to all", "error", "coding", |asked, reply| {
        if asked.path == "/style.css" && !asked.accepts("br") && reply.status == 200 {
            reply.set("Content-Encoding", "br");
        }
    }),
    ("another coding is sent", "error", "coding", |asked, reply| {
        if asked.path == "/style.css" && asked.accepts("br") && reply.status == 200 {
            reply.set("Content-Encoding", "zstd");
        }
    }),
    ("a 304 has a body", "error", "conditional", |asked, reply| {
        if asked.path == "/style.css" && reply.status == 304 {
            reply.body = b"hello".to_vec();
        }
    }),
    ("a 304 has another tag", "difference", "conditional", |asked, reply| {
        if asked.path == "/style.css" && reply.status == 304 {
            reply.set("ETag", "\"other\"");
        }
    }),
    ("an unchanged file is sent again", "difference", "conditional", |asked, reply| {
        if reply.status == 304 {
            reply.status = 200;
            reply.replace("again");
            let _ = asked;
        }
    }),
    ("conditional requests fail", "error", "conditional", |_, reply| {
        if reply.status == 304 {
            *reply = Reply::new(412, "no");
        }
    }),
    ("a part has other bytes", "error", "range", |asked, reply| {
        if asked.path == "/photo.jpg" && reply.status == 206 {
            reply.body.reverse();
        }
    }),
    ("a part has another `Content-Range`", "error", "range", |asked, reply| {
        if asked.path == "/photo.jpg" && reply.status == 206 {
            reply.set("Content-Range", "bytes 1-9/10");
        }
    }),
    ("ranges are ignored", "difference", "range", |asked, reply| {
        if asked.field("range").is_some() {
            *reply = plain(asked);
        }
    }),
    ("a range after the end is answered", "error", "range", |_, reply| {
        if reply.status == 416 {
            reply.status = 206;
        }
    }),
    ("a 416 without the length", "difference", "range", |_, reply| {
        if reply.status == 416 {
            reply.remove("Content-Range");
        }
    }),
    ("`HEAD` is refused", "error", "head", |asked, reply| {
        if asked.method == "HEAD" {
            *reply = Reply { body: Vec::new(), ..Reply::new(405, "") };
        }
    }),
    ("`HEAD` has another type", "difference", "head", |asked, reply| {
        if asked.method == "HEAD" && asked.path == "/style.css" {
            reply.set("Content-Type", "text/plain");
        }
    }),
    ("`HEAD` has a body", "error", "head", |asked, reply| {
        if asked.method == "HEAD" && asked.path == "/style.css" {
            reply.body = b"body".to_vec();
            reply.set("Content-Length", "4");
        }
    }),
    ("`HEAD` has another length", "difference", "head", |asked, reply| {
        if asked.method == "HEAD" && asked.path == "/style.css" {
            reply.set("Content-Length", "7");
        }
    }),
    ("a redirect leads elsewhere", "error", "redirect", |asked, reply| {
        if asked.path == "/old" {
            reply.set("Location", "/");
        }
    }),
    ("a redirect is missing", "error", "redirect", |asked, reply| {
        if asked.path == "/blog/probe" {
            *reply = Reply::new(404, "missing");
        }
    }),
    ("a redirect has another status", "error", "redirect", |asked, reply| {
        if asked.path == "/old" {
            reply.status = 302;
        }
    }),
    ("a page answers without its slash", "error", "redirect", |asked, reply| {
        if asked.path == "/about" {
            *reply = Reply::new(200, "about");
        }
    }),
    ("a rewrite shows another page", "error", "content", |asked, reply| {
        if asked.path == "/seen" {
            reply.remove("Content-Encoding");
            reply.replace("seen");
        }
    }),
    ("a field of a rule is missing", "difference", "header", |asked, reply| {
        if asked.path == "/style.css" {
            reply.remove("X-Frame-Options");
        }
    }),
    ("a field of a rule differs", "difference", "header", |asked, reply| {
        if asked.path == "/style.css" {
            reply.set("X-Frame-Options", "SAMEORIGIN");
        }
    }),
    ("a removed field is sent", "difference", "header", |asked, reply| {
        if asked.path == "/about/" {
            reply.set("X-Frame-Options", "DENY");
        }
    }),
    ("unknown paths get the home page", "error", "not-found", |asked, reply| {
        if reply.status == 404 {
            let _ = asked;
            reply.status = 200;
        }
    }),
    ("unknown paths get another page", "error", "not-found", |_, reply| {
        if reply.status == 404 {
            reply.remove("Content-Encoding");
            reply.replace("<!doctype html><title>Not this one</title>");
        }
    }),
    ("`POST` is answered", "error", "method", |asked, reply| {
        if asked.method == "POST" {
            *reply = Reply::new(200, "thanks");
        }
    }),
    ("`Allow` is missing", "difference", "method", |asked, reply| {
        if asked.method == "POST" {
            reply.remove("Allow");
        }
    }),
];

/// Returns the classes and checks of findings that are not notes.
fn kinds(found: &Probed) -> Vec<(&str, &str)> {
    let all = found.findings();
    let mut kinds: Vec<_> = all
        .iter()
        .map(|[class, check, _, _]| (*class, *check))
        .filter(|(class, _)| *class != "note")
        .collect();
    kinds.dedup();
    kinds
}

#[test]
fn each_fault_is_reported_and_nothing_else() {
    let mut problems = Vec::new();
    for (name, class, check, fault) in FAULTS {
        let host = Host::with(fault);
        let found = probe_site(&host, &[]);
        if kinds(&found) != [(*class, *check)] || found.code != 1 {
            problems.push(format!("{name}: {:?}", found.findings()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_host_without_a_fault_has_no_finding() {
    let host = Host::of_site();
    let found = probe_site(&host, &[]);
    assert_eq!((found.code, found.findings()), (0, vec![]), "{}", found.report);
    // It is asked politely: nothing is written.
    let asked = host.asked();
    let posts: Vec<_> = asked.iter().filter(|it| it.method == "POST").collect();
    assert_eq!(posts.len(), 1);
    assert!(asked.iter().all(|it| ["GET", "HEAD", "POST"].contains(&&*it.method)));
    let agent = format!("worker-pack/{}", env!("CARGO_PKG_VERSION"));
    assert!(asked.iter().all(|it| it.field("user-agent") == Some(&agent)));
}

/// A host may compress by itself, as Cloudflare does for clients that accept gzip alone.
#[test]
fn what_a_host_does_by_itself_is_a_note() {
    use std::io::Write as _;
    let host = Host::with(|asked, reply| {
        reply.set("Server", "cloudflare");
        reply.set("Alt-Svc", "h3=\":443\"");
        let is_plain = reply.field("Content-Encoding").is_none() && reply.status == 200;
        if is_plain && asked.accepts("gzip") && !asked.accepts("br") && asked.path == "/style.css" {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(&reply.body).unwrap();
            reply.replace(gzip.finish().unwrap());
            reply.set("Content-Encoding", "gzip");
            let tag = format!("W/{}", reply.field("ETag").unwrap());
            reply.set("ETag", &tag);
        }
    });
    let found = probe_site(&host, &[]);
    assert_eq!(found.code, 0, "{}", found.report);
    let expected = [
        ["note", "coding", "/style.css", "compressed by the host"],
        ["note", "etag", "/style.css", "weak, since the host compresses"],
    ];
    assert_eq!(found.findings(), expected);
}

//! Spellings of a path: texts that some program on the way reads as the same path, or might. And a
//! site whose paths they spell.

use std::collections::BTreeSet;

use crate::support::site::Site;

/// The body that only the server may send.
pub(crate) const SECRET: &str = "only the server sends this";

/// A site with an open file, a protected one, redirects, and a server with this entry.
pub(crate) fn protected_site(entry: &str) -> Site {
    Site::new(&[
        ("client/open/a.txt", "open"),
        ("client/admin/s.txt", SECRET),
        ("client/404.html", "<h1>missing</h1>"),
        (
            "client/_redirects",
            "/go/* /open/:splat\n/moved /open/a.txt 301\n/shown /open/a.txt 200\n",
        ),
        (
            "client/_headers",
            "/admin/*\n  X-Rule: admin\n/open/*\n  X-Rule: open\n/api/*\n  X-Rule: api\n",
        ),
        ("server/entry.mjs", entry),
        ("server/wrangler.json", r#"{"assets":{"run_worker_first":["/admin/*"]}}"#),
    ])
}

/// Returns the spellings of a path with one change and with two, the path itself among them.
pub(crate) fn spellings(path: &str) -> Vec<String> {
    let once = changed(path);
    let twice = once.iter().filter(|it| it.len() < 24).flat_map(|it| changed(it));
    let all: BTreeSet<String> = once.iter().cloned().chain(twice).collect();
    all.into_iter().collect()
}

/// Returns the absolute forms of a path as the target of a request (RFC 9112 §3.2.2).
pub(crate) fn absolute_forms(path: &str) -> Vec<String> {
    let starts = [
        "http://example.org",
        "HTTP://EXAMPLE.ORG",
        "http://example.org/x/..",
        "http://example.org/%2e",
    ];
    starts.map(|start| [start, path].concat()).into()
}

/// Returns the spellings of a path with one change.
pub(crate) fn changed(path: &str) -> Vec<String> {
    let mut all = vec![path.to_owned()];
    for segment in [".", "%2e", "%2E", "x/..", "x/%2e%2e", "x/.%2E", "%ff/..", "%00/..", "%zz/.."] {
        all.push(format!("/{segment}{path}"));
        all.push(format!("{path}/{segment}"));
        // Within the path.
        if let Some((at, _)) = path[1..].char_indices().find(|(_, it)| *it == '/') {
            all.push(format!("{}/{segment}{}", &path[..=at], &path[at + 1..]));
        }
    }
    for slash in
        ["\\", "//", "///", "/\\", "%2f", "%2F", "%5c", "/;/", "/;x=y/", "%252f", "%25%32%66"]
    {
        all.push(path.replace('/', slash));
        all.push(format!("/{}", path[1..].replace('/', slash)));
        all.push(format!("{slash}{}", &path[1..]));
    }
    for end in [
        "/", ".", "..", "/..", "%00", "%ff", "%20", ";", ";x", "\\", "?x", "?/..", "#x", "%23x",
        "%3fx",
    ] {
        all.push(format!("{path}{end}"));
    }
    for (at, character) in path.char_indices().skip(1) {
        let escaped = format!("%{:02x}", u32::from(character));
        all.push(format!("{}{escaped}{}", &path[..at], &path[at + 1..]));
        all.push(format!("{}{}{}", &path[..at], escaped.replace('%', "%25"), &path[at + 1..]));
    }
    all.push(path.to_uppercase());
    // Anything else is not a path.
    all.retain(|it| it.starts_with(['/', '\\']));
    all
}

//! What the servers are asked.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use worker_pack_runtime::packer::path::encode_segments;

use super::site::Site;
use crate::random::Random;

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Whether the validator that the server gives is sent with a second request.
    pub(super) condition: Condition,
}

/// What a second request says of the first answer's validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// There is no second request.
    None,
    Strong,
    Weak,
    List,
}

/// Makes up requests that a site may have something to say to.
pub(super) fn for_site(site: &Site, random: &mut Random, count: usize) -> Vec<Asked> {
    // Each page by its own names first.
    let mut asked: Vec<Asked> = Vec::new();
    for page in site.pages.iter().take(count / 4) {
        let stem = page.trim_end_matches(".html");
        asked.push(get(escaped(page)));
        asked.push(get(escaped(stem)));
        asked.push(get(format!("{}/", escaped(stem.trim_end_matches("/index")))));
    }
    asked.resize_with(asked.len().max(count), || one(site, random));
    asked.truncate(count);
    asked
}

fn get(path: String) -> Asked {
    Asked { method: "GET", path, headers: Vec::new(), condition: Condition::None }
}

fn one(site: &Site, random: &mut Random) -> Asked {
    let page = site.pages[random.below(site.pages.len())].clone();
    let mut path = match random.below(12) {
        0 => format!("/old{}", random.below(7)),
        1 => format!("/old{}/a/b", random.below(7)),
        2 => format!("/old{}//example.net/x", random.below(7)),
        3 => format!("/%C3%BC/old{}", random.below(7)),
        4 => "/nothing/here".to_owned(),
        5 => format!("/nothing/{}", random.pick(&["@x", "%A0", "a%2Fb", "x.y", "%41", "%zz"])),
        _ => respelled(&page, random),
    };
    if random.below(5) == 0 {
        path.push_str(random.pick(&["?a=b", "?", "?a=b&c=%20d", "?x=/../y"]));
    }
    let method = random.pick(&["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS"]);
    let mut headers = Vec::new();
    match random.below(12) {
        0 => headers.push(("Range", "bytes=0-1".to_owned())),
        1 => headers.push(("Authorization", "Bearer x".to_owned())),
        2 => headers.push(("If-None-Match", "*".to_owned())),
        3 => headers.push(("If-Modified-Since", "Sun, 22 Nov 2026 00:00:00 GMT".to_owned())),
        _ => {}
    }
    let condition = match random.below(8) {
        0 => Condition::Strong,
        1 => Condition::Weak,
        2 => Condition::List,
        _ => Condition::None,
    };
    Asked { method, path, headers, condition }
}

/// Writes a path in some other way.
fn respelled(page: &str, random: &mut Random) -> String {
    let stem = page.trim_end_matches(".html");
    let path = match random.below(8) {
        0 => page.to_owned(),
        1 => stem.trim_end_matches("index").to_owned(),
        2 => format!("{stem}/"),
        3 => format!("{}/index", stem.trim_end_matches("/index")),
        4 => format!("{}/index.html", stem.trim_end_matches("/index")),
        5 => format!("{stem}/index/"),
        6 => page.to_uppercase(),
        _ => stem.to_owned(),
    };
    let path = match random.below(4) {
        0 => encode_segments(&path),
        _ => escaped(&path),
    };
    match random.below(10) {
        0 => path.replacen('/', "//", 1 + random.below(2)),
        1 => path.replacen('a', "%61", 1),
        2 => path.replacen('.', "%2E", 1),
        3 => format!("/x/..{path}"),
        4 => format!("/./{}", path.trim_start_matches('/')),
        5 => path.replace("%C3", "%c3"),
        _ => path,
    }
}

/// Escapes what cannot stand in a request line, and no more.
fn escaped(path: &str) -> String {
    const ESCAPED: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'<')
        .add(b'>')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'}')
        .add(b'%')
        .add(b'?')
        .add(b'#');
    utf8_percent_encode(path, ESCAPED).to_string()
}

//! The requests that the servers get.

use anyhow::Result;
use fastrand::Rng;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use worker_pack_runtime::packer::path::encode_segments;

use super::site::{Site, pick};
use crate::server::client::{self, Response};

/// A request, or two of which the second is conditional.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) condition: Condition,
}

/// The form in which a second request repeats the validator of the first response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition {
    /// No second request.
    None,
    Strong,
    Weak,
    List,
}

impl Question {
    /// Asks a server, and returns its last response.
    pub(super) fn ask(&self, port: u16) -> Result<Response> {
        let first = self.send(port, None)?;
        let Some(tag) = first.headers.get("etag") else { return Ok(first) };
        let validator = match self.condition {
            Condition::None => return Ok(first),
            Condition::Strong => tag.clone(),
            Condition::Weak => format!("W/{tag}"),
            Condition::List => format!("{tag}, \"other\""),
        };
        self.send(port, Some(&validator))
    }

    fn send(&self, port: u16, validator: Option<&str>) -> Result<Response> {
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let condition = validator.map(|validator| ("If-None-Match", validator));
        client::send(port, self.method, &self.target, headers.chain(condition))
    }
}

/// Generates requests that the files and rules of a site may match.
pub(super) fn for_site(site: &Site, random: &mut Rng, count: usize) -> Vec<Question> {
    // Pages come first, by their own names.
    let mut questions = Vec::new();
    for page in site.pages.iter().take(count / 4) {
        let stem = page.trim_end_matches(".html");
        questions.push(get(escaped(page)));
        questions.push(get(escaped(stem)));
        questions.push(get(format!("{}/", escaped(stem.trim_end_matches("/index")))));
    }
    questions.resize_with(questions.len().max(count), || one(site, random));
    questions.truncate(count);
    questions
}

fn get(target: String) -> Question {
    Question { method: "GET", target, headers: Vec::new(), condition: Condition::None }
}

fn one(site: &Site, random: &mut Rng) -> Question {
    let page = site.pages[random.usize(..site.pages.len())].clone();
    let mut target = match random.usize(..12) {
        0 => format!("/old{}", random.usize(..7)),
        1 => format!("/old{}/a/b", random.usize(..7)),
        2 => format!("/old{}//example.net/x", random.usize(..7)),
        3 => format!("/%C3%BC/old{}", random.usize(..7)),
        4 => "/nothing/here".to_owned(),
        5 => format!("/nothing/{}", pick(random, &["@x", "%A0", "a%2Fb", "x.y", "%41", "%zz"])),
        _ => respelled(&page, random),
    };
    if random.usize(..5) == 0 {
        target.push_str(pick(random, &["?a=b", "?", "?a=b&c=%20d", "?x=/../y"]));
    }
    let method = pick(random, &["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS"]);
    let mut headers = Vec::new();
    match random.usize(..12) {
        0 => headers.push(("Range", "bytes=0-1".to_owned())),
        1 => headers.push(("Authorization", "Bearer x".to_owned())),
        2 => headers.push(("If-None-Match", "*".to_owned())),
        3 => headers.push(("If-Modified-Since", "Sun, 22 Nov 2026 00:00:00 GMT".to_owned())),
        _ => {}
    }
    if random.usize(..3) == 0 {
        let mode = pick(random, &["navigate", "navigate", "cors", "no-cors"]);
        headers.push(("Sec-Fetch-Mode", mode.to_owned()));
    }
    // A server that gets it asks the assets.
    if random.usize(..6) == 0 {
        headers.push(("X-Ask", "assets".to_owned()));
    }
    let condition = match random.usize(..8) {
        0 => Condition::Strong,
        1 => Condition::Weak,
        2 => Condition::List,
        _ => Condition::None,
    };
    Question { method, target, headers, condition }
}

/// Spells a path differently.
fn respelled(page: &str, random: &mut Rng) -> String {
    let stem = page.trim_end_matches(".html");
    let path = match random.usize(..8) {
        0 => page.to_owned(),
        1 => stem.trim_end_matches("index").to_owned(),
        2 => format!("{stem}/"),
        3 => format!("{}/index", stem.trim_end_matches("/index")),
        4 => format!("{}/index.html", stem.trim_end_matches("/index")),
        5 => format!("{stem}/index/"),
        6 => page.to_uppercase(),
        _ => stem.to_owned(),
    };
    let path = match random.usize(..4) {
        0 => encode_segments(&path),
        _ => escaped(&path),
    };
    match random.usize(..10) {
        0 => path.replacen('/', "//", 1 + random.usize(..2)),
        1 => path.replacen('a', "%61", 1),
        2 => path.replacen('.', "%2E", 1),
        3 => format!("/x/..{path}"),
        4 => format!("/./{}", path.trim_start_matches('/')),
        5 => path.replace("%C3", "%c3"),
        _ => path,
    }
}

/// Escapes only the characters that a request line cannot contain.
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

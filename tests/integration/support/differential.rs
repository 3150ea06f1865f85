//! Two servers and the same requests: the answers are the same, to the byte.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use worker_pack::Packed;

/// Far longer than an answer takes.
const LIMIT: Duration = Duration::from_mins(1);

/// Fields of a connection, or of the moment, which tell nothing of the site.
const OF_THE_CONNECTION: [&str; 3] = ["connection", "date", "keep-alive"];

/// How many differences are told of.
const TOLD: usize = 20;

/// A request to ask both servers.
#[derive(Clone)]
pub(crate) struct Request {
    method: &'static str,
    target: String,
    fields: Vec<(&'static str, String)>,
}

impl Request {
    pub(crate) fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), fields: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)?;
        self.fields.iter().try_for_each(|(name, value)| write!(f, " [{name}: {value}]"))
    }
}

/// What a server answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The fields by their names in small letters, but for those of the connection.
    pub(crate) fields: BTreeMap<String, Vec<String>>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.first().map(String::as_str)
    }
}

/// Asks a server, over a connection of its own.
pub(crate) fn ask(address: &str, request: &Request) -> Answer {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for (name, value) in &request.fields {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if request.method == "POST" {
        head.push_str("Content-Length: 0\r\n");
    }
    let _ = write!(head, "Host: example.org\r\nConnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    parse(&response)
        .unwrap_or_else(|| panic!("{request}: {:?}", String::from_utf8_lossy(&response)))
}

/// Reads a response to its end, where the connection is closed.
fn parse(response: &[u8]) -> Option<Answer> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(&response[..end]).ok()?.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut fields = BTreeMap::<String, Vec<String>>::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name = name.to_ascii_lowercase();
        if !OF_THE_CONNECTION.contains(&name.as_str()) {
            fields.entry(name).or_default().push(value.trim().to_owned());
        }
    }
    let body = response[end + 4..].to_vec();
    let body = match fields.remove("transfer-encoding") {
        Some(_) => without_chunks(&body)?,
        None => body,
    };
    Some(Answer { status, fields, body })
}

/// Puts the chunks of a body together (RFC 9112 §7.1).
fn without_chunks(mut chunked: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = chunked.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&chunked[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend(chunked.get(end + 2..end + 2 + size)?);
        chunked = chunked.get(end + 2 + size + 2..)?;
    }
}

/// Asks both servers everything, and fails if their answers differ. Returns how many were compared.
pub(crate) fn compare(reference: &str, candidate: &str, requests: &[Request]) -> usize {
    let mut told = String::new();
    let mut different = 0;
    for request in requests {
        let (expected, found) = (ask(reference, request), ask(candidate, request));
        if expected != found {
            different += 1;
            if different <= TOLD {
                let _ = writeln!(told, "{request}\n{}", difference(&expected, &found));
            }
        }
    }
    assert!(different == 0, "{different} of {} answers differ\n{told}", requests.len());
    requests.len()
}

/// Says what is different about an answer.
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

/// Returns what can be asked of a site that a server knows: each file, at its URL and at its other
/// spellings, in every way that there are different answers to, and what is not there.
pub(crate) fn requests(packed: &Packed, reference: &str) -> Vec<Request> {
    let mut requests = Vec::new();
    for file in &packed.report().files {
        let etags = CODINGS.map(|coding| {
            let answer = ask(reference, &Request::new("GET", &file.url).accepting(coding));
            answer.field("etag").map(str::to_owned)
        });
        for (coding, etag) in CODINGS.iter().zip(etags) {
            let get = || Request::new("GET", &file.url).accepting(*coding);
            requests.extend([get(), Request::new("HEAD", &file.url).accepting(*coding)]);
            let etag = etag.expect("each file has a tag");
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
    requests.extend(NOWHERE.iter().flat_map(|target| {
        ["GET", "HEAD", "POST"].map(|method| Request::new(method, *target).accepting(Some("br")))
    }));
    requests
}

/// What clients say they accept: what browsers do, what has to be made of no coding, and nothing.
const CODINGS: [Option<&str>; 4] =
    [Some("gzip, deflate, br, zstd"), Some("gzip;q=0.5"), Some("identity"), None];

/// Targets that the example blog redirects, and some beside them.
const REDIRECTED: [&str; 7] = [
    "/old",
    "/old?own=query",
    "/feed",
    "/naive",
    "/posts/what-a-304-is-for",
    "/archive//evil.example/a?b",
    "/posts/",
];

/// Targets that no file is at.
const NOWHERE: [&str; 12] = [
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

impl Request {
    fn accepting(self, codings: Option<&str>) -> Self {
        match codings {
            Some(codings) => self.with("Accept-Encoding", codings),
            None => self,
        }
    }
}

/// Returns requests for the URL of a page as others might write it, which are redirected.
fn other_spellings(url: &str) -> Vec<Request> {
    let stem = url.strip_suffix('/').unwrap_or(url);
    let endings = ["", "/", ".html", "/index.html", "/index", "?a=%22b%22&c"];
    let others =
        endings.iter().map(|ending| format!("{stem}{ending}")).filter(|other| other != url);
    others.filter(|other| other.starts_with('/')).map(|other| Request::new("GET", other)).collect()
}

//! An HTTP client that returns responses byte for byte.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Ends a test that would never finish. No wait takes this long, even on a busy machine.
const LIMIT: Duration = Duration::from_mins(10);

/// Fields that depend on the connection or the time, not on the site.
const VOLATILE_FIELDS: [&str; 3] = ["connection", "date", "keep-alive"];

/// A request.
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

    pub(crate) fn accepting(self, codings: Option<&str>) -> Self {
        match codings {
            Some(codings) => self.with("Accept-Encoding", codings),
            None => self,
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)?;
        self.fields.iter().try_for_each(|(name, value)| write!(f, " [{name}: {value}]"))
    }
}

/// A response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The values by lower-case field name, without [`VOLATILE_FIELDS`].
    pub(crate) fields: BTreeMap<String, Vec<String>>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.first().map(String::as_str)
    }
}

/// Sends a request over a new connection, to `example.org` unless it names a host, and returns the response.
pub(crate) fn ask(address: &str, request: &Request) -> Answer {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for (name, value) in &request.fields {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if matches!(request.method, "POST" | "PUT" | "PATCH") {
        head.push_str("Content-Length: 0\r\n");
    }
    if request.fields.iter().all(|(name, _)| *name != "Host") {
        head.push_str("Host: example.org\r\n");
    }
    head.push_str("Connection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    parse(&response)
        .unwrap_or_else(|| panic!("{request}: {:?}", String::from_utf8_lossy(&response)))
}

/// Parses a complete response.
fn parse(response: &[u8]) -> Option<Answer> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(&response[..end]).ok()?.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut fields = BTreeMap::<String, Vec<String>>::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name = name.to_ascii_lowercase();
        if !VOLATILE_FIELDS.contains(&name.as_str()) {
            fields.entry(name).or_default().push(value.trim().to_owned());
        }
    }
    let body = response[end + 4..].to_vec();
    let body = match fields.remove("transfer-encoding") {
        Some(_) => decode_chunked(&body)?,
        None => body,
    };
    Some(Answer { status, fields, body })
}

/// Decodes a chunked body (RFC 9112 §7.1).
fn decode_chunked(mut chunked: &[u8]) -> Option<Vec<u8>> {
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

//! Single requests over loopback.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// What browsers send.
pub(super) const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// Far longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    status: String,
    /// The header fields, their names in lower case.
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    /// Asks for a path once.
    pub(super) fn get(port: u16, path: &str) -> Result<Self, String> {
        Self::get_as(port, path, ACCEPT_ENCODING)
    }

    /// Asks for a path once, in one of some content codings.
    pub(super) fn get_as(port: u16, path: &str, codings: &str) -> Result<Self, String> {
        let answer =
            exchange(port, path, codings).map_err(|error| format!("no answer: {error}"))?;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let (head, body) = answer.split_at(end.ok_or("an answer without an end")? + 4);
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let status = lines.next().unwrap_or_default().to_owned();
        let fields = lines.filter_map(|line| line.split_once(": "));
        let headers = fields.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let answer = Self { status, headers, body: body.to_owned() };
        if answer.status.contains(" 200 ") && !answer.body.is_empty() {
            Ok(answer)
        } else {
            Err(format!("{path} is answered with {} and {:?}", answer.status, answer.headers))
        }
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The size of the body.
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }
}

fn exchange(port: u16, path: &str, codings: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {codings}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

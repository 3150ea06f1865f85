//! An HTTP client for loopback that sends a request as it is written: the target is not normalised,
//! no fields are added but `Host` and the length of a body, and redirects are not followed.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context as _, Result};
use ureq::http::{HeaderMap, Request};
use ureq::{Agent, Body};

/// Time after which a response counts as missing.
const LIMIT: Duration = Duration::from_mins(2);

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .allow_non_standard_methods(true)
        .accept("")
        .accept_encoding("")
        .user_agent("")
        .http_status_as_error(false)
        .max_redirects(0)
        // Each request has a connection of its own.
        .max_idle_connections(0)
        .proxy(None)
        .timeout_global(Some(LIMIT))
        .build()
        .into()
});

/// A response, whose body may still have to be read.
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The header fields. Names are in lower case; the values of repeated ones are joined.
    pub(crate) headers: BTreeMap<String, String>,
    body: Body,
}

impl Response {
    /// Reads the body.
    pub(crate) fn body(&mut self) -> Result<Vec<u8>> {
        self.body.with_config().limit(u64::MAX).read_to_vec().context("the body ends early")
    }
}

/// Sends a request to a port of loopback.
pub(crate) fn send<'h>(
    port: u16,
    method: &str,
    target: &str,
    headers: impl IntoIterator<Item = (&'h str, &'h str)>,
) -> Result<Response> {
    let failed = || format!("{method} {target} failed");
    let url = format!("http://127.0.0.1:{port}{target}");
    let mut request = Request::builder().method(method).uri(url);
    request = request.header("Host", format!("localhost:{port}")).header("Connection", "close");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = match method {
        "POST" | "PUT" => AGENT.run(request.body("").with_context(failed)?),
        _ => AGENT.run(request.body(()).with_context(failed)?),
    };
    let (head, body) = response.with_context(failed)?.into_parts();
    Ok(Response { status: head.status.as_u16(), headers: joined(&head.headers), body })
}

fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let fields = joined.entry(name.as_str().to_owned()).or_default();
        if !fields.is_empty() {
            fields.push_str(", ");
        }
        fields.push_str(&value);
    }
    joined
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread;

    use super::*;

    const REPLY: &str = "HTTP/1.1 308 Moved\r\nLocation: /x\r\nX-A: 1\r\nX-a: 2\r\n\
                         Content-Length: 2\r\nConnection: close\r\n\r\nok";

    #[test]
    fn requests_are_sent_as_written() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let mut heads = Vec::new();
            for _ in 0..2 {
                let (stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(&stream);
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    reader.read_until(b'\n', &mut head).unwrap();
                }
                (&stream).write_all(REPLY.as_bytes()).unwrap();
                heads.push(String::from_utf8(head).unwrap().to_lowercase());
            }
            heads
        });
        let target = "//A/./b/../%41%zz//%C3%bc/~l!m'n(o)*;,=@[g]|\"{x}?q=%20d&?/../";
        let mut response = send(port, "GET", target, [("Range", "bytes=0-1")]).unwrap();
        assert_eq!((response.status, &*response.headers["x-a"]), (308, "1, 2"));
        assert_eq!(response.body().unwrap(), b"ok");
        send(port, "PUT", "/", []).unwrap();

        let heads = server.join().unwrap();
        let mut lines: Vec<&str> = heads[0].lines().collect();
        lines.sort_unstable();
        let target = format!("get {} http/1.1", target.to_lowercase());
        let host = format!("host: localhost:{port}");
        assert_eq!(lines, ["", "connection: close", &target, &host, "range: bytes=0-1"]);
        assert!(heads[1].contains("\r\ncontent-length: 0\r\n"), "{}", heads[1]);
    }
}

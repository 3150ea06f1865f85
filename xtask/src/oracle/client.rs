//! Requests as they are written: a client that changes nothing in them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use super::requests::{Asked, Condition};

/// Far longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The head of an answer, and whether it has a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case; fields that came several times are joined.
    pub(super) headers: BTreeMap<String, String>,
}

/// Asks a server on loopback. With a condition, what counts is the answer to the second request.
pub(super) fn ask(port: u16, asked: &Asked) -> Result<Answer, String> {
    let failed = |error: std::io::Error| format!("{} {}: {error}", asked.method, asked.path);
    let first = exchange(port, asked, &[]).map_err(failed)?;
    let tag = first.headers.get("etag").cloned();
    let (Some(tag), true) = (tag, asked.condition != Condition::None) else { return Ok(first) };
    let value = match asked.condition {
        Condition::Weak => format!("W/{tag}"),
        Condition::List => format!("{tag}, \"other\""),
        Condition::Strong | Condition::None => tag,
    };
    exchange(port, asked, &[("If-None-Match", value)]).map_err(failed)
}

fn exchange(port: u16, asked: &Asked, more: &[(&'static str, String)]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = format!(
        "{} {} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n",
        asked.method, asked.path
    );
    for (name, value) in asked.headers.iter().chain(more) {
        for text in [name, ": ", value, "\r\n"] {
            request.push_str(text);
        }
    }
    if matches!(asked.method, "POST" | "PUT") {
        request.push_str("Content-Length: 0\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    let mut next = |reader: &mut BufReader<TcpStream>| -> std::io::Result<String> {
        line.clear();
        reader.read_until(b'\n', &mut line)?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    };
    let status = next(&mut reader)?;
    let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("no status"))?;
    let mut headers = BTreeMap::<String, String>::new();
    loop {
        let field = next(&mut reader)?;
        let Some((name, value)) = field.split_once(':') else { break };
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
        let joined = headers.get(&name).map(|before| format!("{before}, {value}"));
        headers.insert(name, joined.unwrap_or(value));
    }
    reader.read_to_end(&mut Vec::new()).or_else(|error| match error.kind() {
        std::io::ErrorKind::ConnectionReset => Ok(0),
        _ => Err(error),
    })?;
    Ok(Answer { status, headers })
}

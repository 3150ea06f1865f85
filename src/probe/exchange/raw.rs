//! Requests whose answers have no body, over a connection of their own: what follows the head shows
//! whether the server sends one nevertheless (RFC 9112 §6.3).

use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Answer, Trouble};
use crate::probe::address::Address;
use crate::probe::question::USER_AGENT;

/// The longest head, and the longest body where none may be, in bytes.
const LIMIT: usize = 256 * 1024;

/// Time for a server to close the connection after the head, as it was asked to.
const TIME_TO_CLOSE: Duration = Duration::from_secs(1);

/// Sends a request, and reads until the server closes the connection.
pub(super) async fn ask(
    address: &Address,
    target: &str,
    method: &str,
    fields: &HeaderMap,
    limit: Duration,
) -> Result<Answer, Trouble> {
    let begun = Instant::now();
    let head = head(address, target, method, fields);
    let exchanged = timeout(limit, exchange(address, &head)).await;
    let received = exchanged
        .map_err(|_| Trouble::TimedOut(limit))?
        .map_err(|error| Trouble::of_io(&error, limit))?;
    let total = begun.elapsed();
    let (status, fields, body) = parse(&received)?;
    let (protocol, connection, first_byte) = ("HTTP/1.1", None, total);
    Ok(Answer { status, fields, body, protocol, connection, first_byte, total })
}

fn head(address: &Address, target: &str, method: &str, fields: &HeaderMap) -> Vec<u8> {
    let url = address.url(target);
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut head = format!(
        "{method} {}{query} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {USER_AGENT}\r\nConnection: close\r\n",
        url.path(),
        address.authority()
    )
    .into_bytes();
    for (name, value) in fields {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend(b"\r\n");
    head
}

async fn exchange(address: &Address, head: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address.socket()).await?;
    stream.write_all(head).await?;
    let mut received = Vec::new();
    let mut chunk = vec![0; 16 * 1024];
    while received.len() < LIMIT {
        let read = stream.read(&mut chunk);
        let len = if end_of_head(&received).is_some() {
            // A server that keeps the connection has sent all.
            match timeout(TIME_TO_CLOSE, read).await {
                Ok(Ok(len)) => len,
                Ok(Err(_)) | Err(_) => 0,
            }
        } else {
            read.await?
        };
        if len == 0 {
            break;
        }
        received.extend_from_slice(&chunk[..len]);
    }
    Ok(received)
}

fn end_of_head(received: &[u8]) -> Option<usize> {
    received.windows(4).position(|four| four == b"\r\n\r\n")
}

/// The status, the fields, and what follows them.
type Parts = (u16, Vec<(String, String)>, Vec<u8>);

/// Parses an answer (RFC 9112 §4 and §5).
fn parse(received: &[u8]) -> Result<Parts, Trouble> {
    if !b"HTTP/1.".starts_with(&received[..received.len().min(7)]) {
        return Err(Trouble::NotHttp("it does not begin with `HTTP/1.`".to_owned()));
    }
    let end = end_of_head(received).ok_or(Trouble::CutShort)?;
    let head = String::from_utf8_lossy(&received[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)?.parse().ok());
    let status: u16 = status.ok_or_else(|| Trouble::NotHttp("it has no status code".to_owned()))?;
    let field = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
    };
    let rest = &received[end + 4..];
    if (100..200).contains(&status) {
        return parse(rest);
    }
    Ok((status, lines.filter_map(field).collect(), rest.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_and_what_follows_it_are_told_apart() {
        let (status, fields, body) =
            parse(b"HTTP/1.1 304 Not Modified\r\nETag:  \"a\" \r\nVary:\r\n\r\nhello").unwrap();
        assert_eq!((status, &*body), (304, &b"hello"[..]));
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(fields, [field("etag", "\"a\""), field("vary", "")]);
        let early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
        assert_eq!(parse(early).unwrap().0, 200);
    }

    #[test]
    fn other_bytes_are_not_an_answer() {
        for bytes in [&b"SSH-2.0"[..], b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"hello"] {
            assert!(matches!(parse(bytes), Err(Trouble::NotHttp(_))), "{bytes:?}");
        }
        for bytes in [&b""[..], b"HT", b"HTTP/1.1 200 OK\r\nA: b"] {
            assert_eq!(parse(bytes), Err(Trouble::CutShort), "{bytes:?}");
        }
    }
}

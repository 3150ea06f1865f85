//! Connections on which a test chooses every byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// Ends a test that would never finish. No wait takes this long, even on a busy machine.
const LIMIT: Duration = Duration::from_mins(10);

/// The step of a client after it has sent its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It closes its side, and reads the answers.
    HalfClose,
    /// It reads until the server closes the connection.
    Read,
}

/// A response as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The head in lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// Opens a connection.
pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.set_write_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Sends bytes over a new connection, and returns all that comes back until the server closes it. A
/// reset fails the test.
pub(crate) fn exchange(address: &str, sent: impl AsRef<[u8]>, then: Then) -> Vec<u8> {
    let mut stream = connect(address);
    stream.write_all(sent.as_ref()).unwrap();
    if then == Then::HalfClose {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    received
}

/// Splits what came back into the responses to requests with these methods. The last response may be
/// incomplete.
pub(crate) fn responses(mut received: &[u8], methods: &[&str]) -> Vec<Response> {
    let mut methods = methods.iter();
    let mut found = Vec::new();
    while !received.is_empty() {
        let end = received.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(received[..end].to_vec()).unwrap().to_ascii_lowercase();
        received = &received[end + 4..];
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |length| length.parse().unwrap());
        let is_final = status >= 200;
        let is_head = is_final && methods.next() == Some(&"HEAD");
        let is_bodiless = !is_final || is_head || matches!(status, 204 | 304);
        let length = if is_bodiless { 0 } else { length };
        let (body, rest) = received.split_at(length.min(received.len()));
        found.push(Response { status, head, body: body.to_vec() });
        received = rest;
    }
    found
}

/// Sends requests over one connection, and returns the statuses of the responses.
pub(crate) fn statuses(address: &str, sent: impl AsRef<[u8]>, methods: &[&str]) -> Vec<u16> {
    let received = exchange(address, sent, Then::HalfClose);
    responses(&received, methods).iter().map(|response| response.status).collect()
}

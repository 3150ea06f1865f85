//! A running `worker-pack serve`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::support::site::program;

/// Ends a test that would never finish. No wait takes this long, even on a busy machine.
const LIMIT: Duration = Duration::from_mins(10);

/// A running server, killed when dropped.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) address: String,
    lines: Receiver<String>,
    /// The lines that it printed before it served.
    said: Vec<String>,
}

impl Server {
    pub(crate) fn start(dist: &Path, arguments: &[&str]) -> Self {
        let mut process = program()
            .arg("serve")
            .arg(dist)
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines(process.stderr.take().unwrap());
        // Created before the address is known, so that a failure kills the process.
        let mut starting = Self { process, address: String::new(), lines, said: Vec::new() };
        let line = loop {
            let line = starting.wait_for("");
            if line.starts_with("serving http://") {
                break line;
            }
            starting.said.push(line);
        };
        let url = line.split_whitespace().nth(1).unwrap();
        url.trim_start_matches("http://").trim_end_matches('/').clone_into(&mut starting.address);
        starting
    }

    /// The lines that it printed before it served.
    pub(crate) fn said(&self) -> &[String] {
        &self.said
    }

    /// The host and port that it listens on.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits for a line that begins with `prefix`, and returns it.
    pub(crate) fn wait_for(&self, prefix: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no `{prefix}`"));
            if line.starts_with(prefix) {
                return line;
            }
        }
    }

    /// Waits for a line that contains a text, and returns it.
    pub(crate) fn wait_for_text(&self, text: &str) -> String {
        loop {
            let line = self.wait_for("");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends a request verbatim. Returns the head of the response in lower case, and the body.
    pub(crate) fn send(&self, head: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let request = format!("{head}\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        let end = response.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(response[..end].to_vec()).unwrap().to_ascii_lowercase();
        (head, response[end + 4..].to_vec())
    }

    /// Waits until a path is served with these bytes. A change may be packed more than once, so the log
    /// only shows when to ask again.
    pub(crate) fn wait_until_served(&self, path: &str, expected: &[u8]) {
        while self.get(path).1 != expected {
            self.wait_for("packed again: ");
        }
    }

    pub(crate) fn get(&self, path: &str) -> (String, Vec<u8>) {
        self.send(&format!("GET {path} HTTP/1.1"))
    }

    /// Sends SIGINT, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads lines on a separate thread, so that waiting for one can time out.
pub(crate) fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

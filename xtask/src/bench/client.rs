//! Requests over loopback: single ones, and as many as there is time for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::tools::find_program;
use crate::tree::failed;

/// What browsers send.
const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// Far longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many connections the load comes over.
pub(super) const CONNECTIONS: usize = 16;

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
        let answer = exchange(port, path).map_err(|error| format!("no answer: {error}"))?;
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

    /// The size of the body.
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }
}

fn exchange(port: u16, path: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {ACCEPT_ENCODING}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// The load generator `wrk`, with paths to ask for in turn.
pub(super) struct Load {
    program: PathBuf,
    script: PathBuf,
}

impl Load {
    /// Writes down the paths.
    pub(super) fn new(folder: &Path, paths: &[String]) -> Result<Self, String> {
        let program = find_program("wrk")
            .ok_or_else(|| "there is no `wrk` here: `apt-get install wrk`".to_owned())?;
        let mut script = String::from("local paths = {\n");
        for path in paths {
            let _ = writeln!(script, "  {path:?},");
        }
        script.push_str(
            "}\n\
             local requests, last = {}, 0\n\
             function init()\n  \
               for i, path in ipairs(paths) do requests[i] = wrk.format(nil, path) end\n\
             end\n\
             function request()\n  \
               last = last % #requests + 1\n  \
               return requests[last]\n\
             end\n",
        );
        let path = folder.join("load.lua");
        fs::write(&path, script).map_err(|error| failed("write", &path, &error))?;
        Ok(Self { program, script: path })
    }

    /// Asks for as much as is answered in some seconds. Fails if an answer is an error.
    pub(super) fn run(&self, port: u16, seconds: u32) -> Result<Answered, String> {
        let mut wrk = Command::new(&self.program);
        wrk.args(["--threads=1", "--timeout=10s"]);
        wrk.arg(format!("--connections={CONNECTIONS}")).arg(format!("--duration={seconds}s"));
        wrk.arg("--header").arg(format!("Accept-Encoding: {ACCEPT_ENCODING}"));
        wrk.arg("--script").arg(&self.script).arg(format!("http://127.0.0.1:{port}/"));
        let output = wrk.output().map_err(|error| failed("run", &self.program, &error))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let count = text
            .split_once(" requests in ")
            .and_then(|(before, _)| before.split_whitespace().last()?.parse().ok());
        let rate = text
            .split_once("Requests/sec:")
            .and_then(|(_, after)| after.split_whitespace().next()?.parse().ok());
        match (count, rate) {
            (Some(count), Some(per_second))
                if !text.contains("Non-2xx") && !text.contains("Socket errors") =>
            {
                Ok(Answered { count, per_second })
            }
            _ => Err(format!("wrk: {text}{}", String::from_utf8_lossy(&output.stderr))),
        }
    }
}

/// What a load came to.
pub(super) struct Answered {
    pub(super) count: u32,
    pub(super) per_second: f64,
}

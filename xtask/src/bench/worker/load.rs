//! Load over loopback: as many requests as a server answers in some seconds.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use fs_err as fs;

use super::ACCEPT_ENCODING;
use crate::command::output;
use crate::tools::system;

/// The number of connections.
pub(super) const CONNECTIONS: usize = 16;

/// The load generator `wrk`, with the paths that it requests in turn.
pub(super) struct Load {
    program: PathBuf,
    script: PathBuf,
}

impl Load {
    /// Writes the script with the paths.
    pub(super) fn new(folder: &Path, paths: &[String]) -> Result<Self> {
        let program = system::find("wrk")?;
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
        fs::write(&path, script)?;
        Ok(Self { program, script: path })
    }

    /// Sends requests for some seconds. Fails if a response is an error.
    pub(super) fn run(&self, port: u16, seconds: u32) -> Result<Answered> {
        let mut wrk = Command::new(&self.program);
        wrk.args(["--threads=1", "--timeout=10s"]);
        wrk.arg(format!("--connections={CONNECTIONS}")).arg(format!("--duration={seconds}s"));
        wrk.arg("--header").arg(format!("Accept-Encoding: {ACCEPT_ENCODING}"));
        wrk.arg("--script").arg(&self.script).arg(format!("http://127.0.0.1:{port}/"));
        let text = output(&mut wrk)?;
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
            _ => bail!("wrk: {text}"),
        }
    }
}

/// The requests that were answered.
pub(super) struct Answered {
    pub(super) count: u32,
    pub(super) per_second: f64,
}

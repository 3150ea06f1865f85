//! As many requests over loopback as there is time for.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::client::ACCEPT_ENCODING;
use crate::files::failed;
use crate::tools::npm_tools::find_program;

/// How many connections the load comes over.
pub(super) const CONNECTIONS: usize = 16;

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

//! The servers that are compared.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use worker_pack_runtime::behaviour::{HtmlHandling, NotFoundHandling};

use super::client::{self, Answer};
use super::requests::Asked;
use crate::files as tree;
use crate::server::process;
use crate::tools::npm_tools::Tools;
use crate::tools::workerd::COMPATIBILITY_DATE;
use crate::tools::wrangler;

/// How long a server may take to start, and how often it is tried.
const START_LIMIT: Duration = Duration::from_mins(1);
const PERIOD: Duration = Duration::from_millis(100);

/// One of Cloudflare's servers, with its options.
#[derive(Clone, Copy, Debug)]
pub(super) enum Engine {
    Workers(HtmlHandling, NotFoundHandling),
    Pages,
}

impl Engine {
    /// Returns the servers that a round is for. One after the other, rounds have all options.
    pub(super) fn of_round(round: u64) -> [Self; 2] {
        let pick = |len: usize| usize::try_from(round).unwrap_or_default() % len;
        let html = HtmlHandling::ALL[pick(HtmlHandling::ALL.len())];
        let not_found = NotFoundHandling::ALL[pick(NotFoundHandling::ALL.len())];
        [Self::Workers(html, not_found), Self::Pages]
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workers(html, not_found) => write!(f, "workers ({html}, {not_found})"),
            Self::Pages => f.write_str("pages"),
        }
    }
}

/// What the servers are started with.
pub(super) struct Programs {
    pub(super) worker_pack: PathBuf,
    pub(super) tools: Tools,
    /// Where `dist` is.
    pub(super) folder: PathBuf,
}

impl Programs {
    /// Starts Cloudflare's server.
    pub(super) fn start_theirs(&self, engine: Engine) -> Result<Server, String> {
        let port = free_port()?;
        let home = self.folder.join("home");
        tree::create_folder(&home)?;
        let mut command = wrangler::command(&self.tools);
        let dist = self.folder.join("dist");
        match engine {
            Engine::Workers(html, not_found) => {
                let config = serde_json::json!({
                    "name": "oracle",
                    "compatibility_date": COMPATIBILITY_DATE,
                    "assets": {
                        "directory": dist,
                        "html_handling": html.name(),
                        "not_found_handling": not_found.name(),
                    },
                });
                let path = self.folder.join("wrangler.json");
                std::fs::write(&path, config.to_string())
                    .map_err(|error| tree::failed("write", &path, &error))?;
                command.args(["dev", "--local"]).arg("--config").arg(&path);
            }
            Engine::Pages => {
                let path = self.folder.join("wrangler.json");
                tree::remove(&path)?;
                command.args(["pages", "dev"]).arg(&dist);
                command.arg(format!("--compatibility-date={COMPATIBILITY_DATE}"));
            }
        }
        command
            .args(["--ip", "127.0.0.1", "--inspector-port", "0", "--live-reload=false"])
            .arg("--show-interactive-dev-session=false")
            .arg(format!("--port={port}"))
            .current_dir(&self.folder)
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", &home)
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_SEND_ERROR_REPORTS", "false")
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().map_err(|error| format!("cannot run wrangler: {error}"))?;
        let mut server = Server { process: Some(child), port, output: None };
        server.wait()?;
        Ok(server)
    }

    /// Starts `worker-pack serve` under the strict rules.
    pub(super) fn start_ours(&self, engine: Engine) -> Result<Server, String> {
        let mut command = Command::new(&self.worker_pack);
        command
            .arg("serve")
            .arg(self.folder.join("dist"))
            .args(["--port", "0", "--quiet", "--strict-compat", "--minify", "none"])
            .args(["--encodings", "none", "--dotfiles", "publish", "--source-maps", "publish"])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        match engine {
            Engine::Pages => drop(command.args(["--compat", "pages"])),
            Engine::Workers(html, not_found) => {
                command.args(["--compat", "workers", "--html-handling", html.name()]);
                command.args(["--not-found-handling", not_found.name()]);
            }
        }
        let mut child =
            command.spawn().map_err(|error| tree::failed("run", &self.worker_pack, &error))?;
        let stderr = child.stderr.take().ok_or("no output")?;
        let mut server = Server { process: Some(child), port: 0, output: None };
        let mut reader = BufReader::new(stderr);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
            let port = line
                .split("127.0.0.1:")
                .nth(1)
                .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            if let Some(port) = port.and_then(|port| port.parse().ok()) {
                server.port = port;
                server.output = Some(reader);
                return Ok(server);
            }
            line.clear();
        }
        Err("worker-pack serve did not start; what it said is above".to_owned())
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(|error| format!("no port is free: {error}"))
}

/// A running server, ended when it is dropped.
pub(super) struct Server {
    process: Option<Child>,
    port: u16,
    /// Held open, so that the server can write what it has to say.
    output: Option<BufReader<ChildStderr>>,
}

impl Server {
    pub(super) fn ask(&self, asked: &Asked) -> Result<Answer, String> {
        client::ask(self.port, asked)
    }

    /// Waits until the server answers.
    fn wait(&mut self) -> Result<(), String> {
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if !self.process.as_mut().is_some_and(process::is_running) {
                return Err("wrangler has ended by itself".to_owned());
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(());
            }
            thread::sleep(PERIOD);
        }
        Err("wrangler did not start".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = self.process.take() {
            process::end(child);
        }
    }
}

//! The servers that are compared.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;
use fs_err as fs;
use worker_pack_runtime::behaviour::{HtmlHandling, NotFoundHandling};

use crate::files::{put, remove};
use crate::server::process::{Log, Server, Stream, port_of_url};
use crate::tools::npm_tools::Tools;
use crate::tools::workerd::COMPATIBILITY_DATE;
use crate::tools::wrangler;

/// One of Cloudflare's servers, with its options.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cloudflare {
    Workers(HtmlHandling, NotFoundHandling),
    Pages,
}

impl Cloudflare {
    /// Returns the servers of a round. Successive rounds go through all options.
    pub(super) fn of_round(round: u64) -> [Self; 2] {
        let pick = |len: usize| usize::try_from(round).unwrap_or_default() % len;
        let html = HtmlHandling::ALL[pick(HtmlHandling::ALL.len())];
        let not_found = NotFoundHandling::ALL[pick(NotFoundHandling::ALL.len())];
        [Self::Workers(html, not_found), Self::Pages]
    }
}

impl fmt::Display for Cloudflare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workers(html, not_found) => write!(f, "workers ({html}, {not_found})"),
            Self::Pages => f.write_str("pages"),
        }
    }
}

/// The programs of the servers, and the folder with their site.
pub(super) struct Programs {
    pub(super) worker_pack: PathBuf,
    pub(super) tools: Tools,
    pub(super) folder: PathBuf,
}

impl Programs {
    /// Returns the folder of the site.
    pub(super) fn dist(&self) -> PathBuf {
        self.folder.join("dist")
    }

    /// Starts Cloudflare's server.
    pub(super) fn start_theirs(&self, cloudflare: Cloudflare) -> Result<Server> {
        let mut command = wrangler::command(&self.tools);
        let path = self.folder.join("wrangler.json");
        match cloudflare {
            Cloudflare::Workers(html, not_found) => {
                let config = serde_json::json!({
                    "name": "oracle",
                    "compatibility_date": COMPATIBILITY_DATE,
                    "assets": {
                        "directory": self.dist(),
                        "html_handling": html.name(),
                        "not_found_handling": not_found.name(),
                    },
                });
                put(&path, config.to_string())?;
                command.args(["dev", "--local"]).arg("--config").arg(&path);
            }
            Cloudflare::Pages => {
                remove(&path)?;
                command.args(["pages", "dev"]).arg(self.dist());
                command.arg(format!("--compatibility-date={COMPATIBILITY_DATE}"));
            }
        }
        let home = self.folder.join("home");
        fs::create_dir_all(&home)?;
        command
            .args(["--ip=127.0.0.1", "--port=0", "--inspector-port=0", "--live-reload=false"])
            .arg("--show-interactive-dev-session=false")
            .current_dir(&self.folder)
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", &home)
            .stderr(Stdio::null());
        Server::start(&mut command, Stream::Output, Log::Discarded, port_of_url)
    }

    /// Starts `worker-pack serve` under the strict rules.
    pub(super) fn start_ours(&self, cloudflare: Cloudflare) -> Result<Server> {
        let mut command = Command::new(&self.worker_pack);
        command
            .arg("serve")
            .arg(self.dist())
            .args(["--port", "0", "--quiet", "--fidelity", "strict", "--minify", "none"])
            .args(["--encodings", "none", "--dotfiles", "publish", "--source-maps", "publish"])
            .current_dir(&self.folder);
        match cloudflare {
            Cloudflare::Pages => command.args(["--compat", "pages"]),
            Cloudflare::Workers(html, not_found) => {
                command.args(["--compat", "workers", "--html-handling", html.name()]);
                command.args(["--not-found-handling", not_found.name()])
            }
        };
        Server::start(&mut command, Stream::Errors, Log::Discarded, port_of_url)
    }
}

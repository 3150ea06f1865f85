//! The servers that are compared.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use fs_err as fs;
use worker_pack_runtime::behaviour::{HtmlHandling, NotFoundHandling};

use super::with_server::WithServer;
use crate::command::run;
use crate::files::{self, Files, put};
use crate::server::process::{Log, Server, Stream, port_of_url};
use crate::tools::npm_tools::Tools;
use crate::tools::workerd::{self, COMPATIBILITY_DATE, Module, ModuleKind, Worker};
use crate::tools::wrangler;

/// One of Cloudflare's servers, with its options.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cloudflare {
    Workers(HtmlHandling, NotFoundHandling),
    Pages,
    /// Workers with a server behind the assets.
    Server(WithServer),
}

impl Cloudflare {
    /// Returns the servers of a round. Successive rounds go through all options.
    pub(super) fn of_round(round: u64) -> [Self; 3] {
        let round = usize::try_from(round).unwrap_or_default();
        let html = HtmlHandling::ALL[round % HtmlHandling::ALL.len()];
        let not_found = NotFoundHandling::ALL[round % NotFoundHandling::ALL.len()];
        let server = Self::Server(WithServer::of_round(round));
        [Self::Workers(html, not_found), Self::Pages, server]
    }
}

impl fmt::Display for Cloudflare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workers(html, not_found) => write!(f, "workers ({html}, {not_found})"),
            Self::Pages => f.write_str("pages"),
            Self::Server(site) => site.fmt(f),
        }
    }
}

/// The programs of the servers, and the folder with their site.
pub(super) struct Programs {
    pub(super) worker_pack: PathBuf,
    pub(super) tools: Tools,
    pub(super) engine: PathBuf,
    pub(super) folder: PathBuf,
}

impl Programs {
    /// Returns the folder of the site.
    fn dist(&self) -> PathBuf {
        self.folder.join("dist")
    }

    /// Writes a project with these public files, in the place of any other.
    pub(super) fn write(&self, cloudflare: Cloudflare, public: Files) -> Result<()> {
        let files = match cloudflare {
            Cloudflare::Server(site) => site.project(public),
            Cloudflare::Workers(..) | Cloudflare::Pages => {
                let name = |name: PathBuf| Path::new("dist").join(name);
                public.into_iter().map(|(path, bytes)| (name(path), bytes)).collect()
            }
        };
        files::write(&files, &self.folder, &["home"])
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
                command.args(["pages", "dev"]).arg(self.dist());
                command.arg(format!("--compatibility-date={COMPATIBILITY_DATE}"));
            }
            Cloudflare::Server(site) => {
                command.args(["dev", "--local"]).arg("--config");
                command.arg(self.folder.join(site.config()));
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

    /// Starts the site under the strict rules: in `worker-pack serve`, or, with a server, packed as a
    /// Worker in workerd.
    pub(super) fn start_ours(&self, cloudflare: Cloudflare) -> Result<Server> {
        let mut command = Command::new(&self.worker_pack);
        let (task, arguments) = match cloudflare {
            Cloudflare::Pages => ("serve", vec!["--port=0", "--compat=pages"]),
            Cloudflare::Workers(..) => ("serve", vec!["--port=0", "--compat=workers"]),
            Cloudflare::Server(_) => ("build", vec!["--target=worker"]),
        };
        command
            .arg(task)
            .arg(self.dist())
            .args(["--quiet", "--fidelity", "strict", "--minify", "off"])
            .args(["--encodings", "off", "--dotfiles", "publish", "--source-maps", "publish"])
            .args(arguments)
            .current_dir(&self.folder);
        if let Cloudflare::Workers(html, not_found) = cloudflare {
            command.args(["--html-handling", html.name()]);
            command.args(["--not-found-handling", not_found.name()]);
        }
        if let Cloudflare::Server(_) = cloudflare {
            let packed = self.folder.join("packed");
            run(command.arg("--out").arg(&packed).arg("--engine").arg(&self.engine))?;
            return self.start_packed(&packed);
        }
        Server::start(&mut command, Stream::Errors, Log::Discarded, port_of_url)
    }

    /// Starts a packed Worker.
    fn start_packed(&self, packed: &Path) -> Result<Server> {
        let folder = packed.join("bundle/worker");
        let mut names: Vec<PathBuf> = files::read(&folder, &[])?.into_keys().collect();
        // The first module contains the handlers.
        names.sort_by_key(|name| (name != Path::new("index.js"), name.clone()));
        let module = |name: &PathBuf| Module {
            name: name.display().to_string(),
            kind: match name.extension().and_then(OsStr::to_str) {
                Some("wasm") => ModuleKind::Wasm,
                Some("bin") => ModuleKind::Data,
                _ => ModuleKind::EsModule,
            },
            path: folder.join(name),
        };
        let mut worker = Worker::new(names.iter().map(module).collect());
        worker.compatibility_flags.push("nodejs_compat".to_owned());
        let (workerd, config) = (self.tools.program("workerd"), self.folder.join("packed.bin"));
        worker.compile(&workerd, &config)?;
        workerd::start_compiled(&workerd, &config)
    }
}

//! The next steps of a user after a build.

use std::env;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

use worker_pack::report::{Bucket, Emitted, PrintablePath, ProgramIs, WorkerReport};

use crate::cli::terminal::{DIM, HEADING};

/// The name of the configuration of a packed Worker, in the output folder.
const CONFIGURATION: &str = "wrangler.jsonc";

/// The commands that use an output, and once, after the first build, the place of its files in the
/// repository.
pub(crate) struct NextSteps<'r> {
    pub(crate) emitted: &'r Emitted,
    /// The report on the Worker, if the target is one.
    pub(crate) worker: Option<&'r WorkerReport>,
    /// The packed folder, if it is not the default one.
    pub(crate) dist: Option<&'r Path>,
}

impl Display for NextSteps<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { emitted, worker, .. } = self;
        if emitted.written + emitted.removed == 0 {
            return Ok(());
        }
        writeln!(f, "\n{HEADING}next{HEADING:#}")?;
        let folder = &emitted.folder;
        if let Some(worker) = worker
            && worker.program == ProgramIs::Compiled
        {
            return self.of_crate(f);
        }
        if let Some(worker) = worker {
            let config = folder.join(CONFIGURATION);
            let config = Word(&config);
            if worker.has_server {
                upload(f, folder, worker, Place::Local)?;
                step(f, "try it", format_args!("npx wrangler dev --config {config}"))?;
            } else {
                self.serve(f)?;
            }
            upload(f, folder, worker, Place::Remote)?;
            step(f, "deploy it", format_args!("npx wrangler deploy --config {config}"))?;
        } else {
            self.serve(f)?;
            let module = folder.join("assets.rs");
            let module = PrintablePath(&module);
            step(f, "include it", format_args!("{module}, by `include!` in your crate"))?;
        }
        if !emitted.is_new {
            return Ok(());
        }
        if worker.is_none() {
            return step(f, ".gitignore", format_args!("{}/", PrintablePath(folder)));
        }
        let bundle = folder.join("bundle");
        step(f, ".gitignore", format_args!("{}/", PrintablePath(&bundle)))?;
        let config = folder.join(CONFIGURATION);
        let yours = "is yours: edit it, and commit it";
        step(f, "git add", format_args!("{}, which {yours}", PrintablePath(&config)))
    }
}

impl NextSteps<'_> {
    /// Writes the steps of a Worker in Rust. Its configuration is in the folder above the output.
    fn of_crate(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let folder = &self.emitted.folder;
        let root = folder.parent().unwrap_or(folder);
        let root = if root == Path::new("") { Path::new(".") } else { root };
        let cwd =
            if root == Path::new(".") { String::new() } else { format!(" --cwd {}", Word(root)) };
        let upload = |f: &mut Formatter<'_>, place| match self.worker {
            Some(worker) => upload(f, root, worker, place),
            None => Ok(()),
        };
        upload(f, Place::Local)?;
        step(f, "try it", format_args!("npx wrangler dev{cwd}"))?;
        upload(f, Place::Remote)?;
        step(f, "deploy it", format_args!("npx wrangler deploy{cwd}"))?;
        if !self.emitted.is_new {
            return Ok(());
        }
        let include = "`worker_pack_runtime::include_site!()` in your crate";
        step(f, "include it", format_args!("by {include}"))?;
        step(f, ".gitignore", format_args!("{}/", PrintablePath(folder)))?;
        let config = root.join(CONFIGURATION);
        let yours = "is yours: edit it, and commit it";
        step(f, "git add", format_args!("{}, which {yours}", PrintablePath(&config)))
    }

    fn serve(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Set by npm, pnpm and Yarn, whose programs are not among those of the shell.
        let npx = if env::var_os("npm_config_user_agent").is_some() { "npx " } else { "" };
        match self.dist {
            Some(dist) => step(f, "try it", format_args!("{npx}worker-pack serve {}", Word(dist))),
            None => step(f, "try it", format_args!("{npx}worker-pack serve")),
        }
    }
}

/// A place of a bucket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// This machine. A command of wrangler that writes into the bucket creates it.
    Local,
    /// Cloudflare.
    Remote,
}

/// Writes the steps by which the bodies of a Worker get into its buckets.
fn upload(f: &mut Formatter<'_>, folder: &Path, worker: &WorkerReport, to: Place) -> fmt::Result {
    let Some(r2) = &worker.r2 else { return Ok(()) };
    let word = |text: &str| Word(Path::new(text)).to_string();
    let (folder, uploads) = (Word(folder), word(&r2.uploads));
    for Bucket { name, jurisdiction } in &r2.buckets {
        let name = word(name);
        let jurisdiction = jurisdiction.as_ref().map(|it| format!(" --jurisdiction {}", word(it)));
        let jurisdiction = jurisdiction.unwrap_or_default();
        if to == Place::Remote {
            step(f, "once", format_args!("npx wrangler r2 bucket create {name}{jurisdiction}"))?;
        }
        let place = match to {
            Place::Local => "--local",
            Place::Remote => "--remote",
        };
        let list = format!("--cwd {folder} --config {CONFIGURATION} --filename {uploads}");
        let put = format_args!("npx wrangler r2 bulk put {name} {place}{jurisdiction} {list}");
        step(f, "upload", put)?;
    }
    Ok(())
}

/// Writes a step: what it is for, and its text.
fn step(f: &mut Formatter<'_>, purpose: &str, text: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(f, "{DIM}{purpose:>11}{DIM:#}  {text}")
}

/// A path as a word of a shell.
pub(super) struct Word<'p>(pub(super) &'p Path);

impl Display for Word<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = PrintablePath(self.0).to_string();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:\\".contains(&byte);
        if text.bytes().all(is_plain) {
            return f.write_str(&text);
        }
        write!(f, "'{}'", text.replace('\'', "'\\''"))
    }
}

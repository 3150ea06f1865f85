//! The rules on a Worker that is started in workerd.
//!
//! What can be known is not guessed: the packed Worker is started once, and asked for pages and routes. It
//! runs without the network, with empty stores, and with the bindings that workerd alone has.

mod bindings;
mod installed;
mod links;
mod place;
mod process;
mod replies;
mod requests;
mod stack;
mod worker;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::rule::Rule;
use super::subject::Subject;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Severity};
use crate::named::named;
use crate::options::{ServerCode, WorkerOptions};
use crate::output::Target;
use crate::output::worker::{WRANGLER_CONFIG, WorkerTarget};
use crate::project::environment;
use crate::project::wrangler::WranglerConfig;
use bindings::Bindings;
use place::{located, shown};
use process::{NotStarted, Process};
use requests::Client;
use stack::Thrown;
use worker::Worker;

/// The rules on a Worker that is started in workerd.
pub(super) const RULES: &[Rule] = &[Rule {
    codes: &[
        Code::StartFailed,
        Code::StartServerError,
        Code::StartOtherReply,
        Code::StartSkipped,
        Code::StartBindingAbsent,
        // Links that only the server can tell about.
        Code::PageBrokenLink,
    ],
    find,
}];

named! {
    /// The occasions on which the packed Worker is started in workerd.
    #[derive(Default)]
    pub enum Start {
        /// If npm has installed workerd for the project. A note tells if it has not.
        #[default]
        Auto = "auto",
        /// Never.
        Never = "never",
        /// Always: that it cannot be started here is an error.
        Require = "require",
    }
}

/// The size of a site above which it is not written for a test, in bytes.
const MAX_SITE: usize = 512 << 20;

fn find(subject: &Subject) -> Vec<Diagnostic> {
    if subject.start == Start::Never || is_broken(subject) {
        return Vec::new();
    }
    let started = Started::of(subject);
    started.unwrap_or_else(|reason| skipped(subject, &reason).into_iter().collect())
}

/// Returns whether packing has failed, which other findings tell.
fn is_broken(subject: &Subject) -> bool {
    let examined = &subject.examined;
    let is_error = |one: &Diagnostic| one.severity == Severity::Error;
    examined.table.is_none()
        || !examined.failures.is_empty()
        || examined.diagnostics.iter().any(is_error)
}

/// The reason why a Worker is not started, and what to do about it.
struct Skipped {
    reason: String,
    help: &'static str,
}

impl Skipped {
    fn new(reason: impl Into<String>, help: &'static str) -> Self {
        Self { reason: reason.into(), help }
    }
}

fn skipped(subject: &Subject, Skipped { reason, help }: &Skipped) -> Option<Diagnostic> {
    let message = format!("the packed Worker was not started: {reason}");
    let name = subject.dist_name("");
    let found = match subject.start {
        Start::Require => Diagnostic::error(Code::StartSkipped, name, message),
        Start::Auto => Diagnostic::note(Code::StartSkipped, name, message),
        Start::Never => return None,
    };
    Some(found.with_help(*help))
}

/// The findings of a start.
struct Started;

impl Started {
    fn of(subject: &Subject) -> Result<Vec<Diagnostic>, Skipped> {
        let target = match subject.pack.chosen_target() {
            Target::Worker(target) => target,
            // There is no Worker to start.
            Target::Memory | Target::RustModule(_) if subject.start == Start::Auto => {
                return Ok(Vec::new());
            }
            _ => {
                return Err(Skipped::new(
                    "its program is in Rust",
                    "run `npx wrangler dev` in its folder and ask for some pages; `worker-pack probe` \
                 compares a running Worker with the manifest",
                ));
            }
        };
        if target.engine.is_stand_in() {
            if subject.start == Start::Auto {
                return Ok(Vec::new());
            }
            return Err(Skipped::new(
                "this program was built without an engine",
                "use the npm package or a released program, or name an engine with `--engine FILE`",
            ));
        }
        let Some(workerd) = installed::workerd(&subject.root) else {
            return Err(Skipped::new(
                "npm has not installed workerd for the project",
                "run `npm install --save-dev wrangler`, which brings it, or choose `--start never`",
            ));
        };
        let bodies = subject.examined.table.iter().flat_map(|table| table.bodies());
        if bodies.map(|(_, body)| body.len()).sum::<usize>() > MAX_SITE {
            return Err(Skipped::new(
                "the site is larger than 512 MiB",
                "run `npx wrangler dev` on the packed Worker and ask for some pages",
            ));
        }
        let folder = tempfile::Builder::new().prefix("worker-pack-check-").tempdir();
        let folder = folder.map_err(|error| {
            Skipped::new(
                format!("no temporary folder can be made: {error}"),
                "set `TMPDIR` to a folder that can be written",
            )
        })?;
        let worker = written(subject, target, &folder)?;
        Ok(run(subject, &workerd, &folder, worker))
    }
}

/// Packs the Worker into a folder.
fn written(subject: &Subject, target: &WorkerTarget, folder: &TempDir) -> Result<Worker, Skipped> {
    const HELP: &str = "run `worker-pack build` to see the error by itself";
    let failed = |error: &dyn std::fmt::Display| {
        Skipped::new(format!("it cannot be packed into a temporary folder: {error}"), HELP)
    };
    let options = WorkerOptions {
        // Places in the modules are then those in the build.
        server_code: ServerCode::Original,
        // Nothing in the project changes.
        deploy_config: crate::options::DeployConfig::default(),
        ..target.options.clone()
    };
    let out = folder.path().to_owned();
    let target = WorkerTarget { out: out.clone(), engine: target.engine.clone(), options };
    let pack = subject.pack.clone().target(Target::Worker(target));
    pack.emit().map_err(|error| failed(&error))?;
    let config =
        WranglerConfig::read(&out.join(WRANGLER_CONFIG)).map_err(|error| failed(&error))?;
    let main = out.join("bundle/worker").join(Worker::main());
    if !main.is_file() {
        return Err(Skipped::new(
            "its first module is one that wrangler bundles",
            "run `npx wrangler dev` on the packed Worker and ask for some pages",
        ));
    }
    let own = environment::variables_for_development(subject.dist());
    let bindings = Bindings::of(config.values(), &own);
    let worker = Worker::read(&out, config.values(), bindings).map_err(|error| failed(&error))?;
    let is_bundled = config.get("no_bundle") != Some(&true.into());
    match worker.unresolved().filter(|_| is_bundled) {
        None => Ok(worker),
        Some(specifier) => Err(Skipped::new(
            format!("it imports `{specifier}`, which wrangler bundles when it deploys"),
            "run `npx wrangler dev` on the packed Worker and ask for some pages",
        )),
    }
}

/// Starts the Worker, asks it, and ends it.
fn run(subject: &Subject, workerd: &Path, folder: &TempDir, worker: Worker) -> Vec<Diagnostic> {
    let config = folder.path().join("workerd.capnp");
    let mut worker = worker;
    let mut result = start(workerd, &config, &worker);
    // An older workerd knows no later dates. wrangler then takes the latest that it knows.
    if let Err(NotStarted::Ended { log }) = &result
        && let Some(date) = newest_date(log)
    {
        worker = worker.with_date(date);
        result = start(workerd, &config, &worker);
    }
    match result {
        Ok(process) => match Client::new(process.port()) {
            Ok(client) => replies::find(subject, &client, &worker.bindings),
            Err(reason) => {
                skipped(subject, &Skipped::new(reason, "choose `--start never` if this goes on"))
                    .into_iter()
                    .collect()
            }
        },
        Err(not_started) => failure(subject, &not_started).into_iter().collect(),
    }
}

fn start(workerd: &Path, config: &Path, worker: &Worker) -> Result<Process, NotStarted> {
    fs::write(config, worker.config()).map_err(NotStarted::Unusable)?;
    Process::start(workerd, config)
}

/// Returns the latest compatibility date that workerd knows, if it refuses a later one.
fn newest_date(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("supported by this server binary is")?;
    let date = rest.trim_start().trim_start_matches('"').get(..10)?;
    let is_date = date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_date.then(|| date.to_owned())
}

fn failure(subject: &Subject, not_started: &NotStarted) -> Option<Diagnostic> {
    let unusable = |reason: String| {
        skipped(
            subject,
            &Skipped::new(
                reason,
                "run `npm install` again, or choose `--start never`; workerd needs a recent system \
                 library",
            ),
        )
    };
    match not_started {
        NotStarted::Silent => unusable("workerd does not listen after a minute".to_owned()),
        NotStarted::Unusable(error) => unusable(format!("workerd cannot be run: {error}")),
        NotStarted::Ended { log } => match Thrown::at_start(log) {
            None => unusable(format!("workerd ended: {}", shown(log))),
            Some(thrown) => {
                let message = format!("the Worker does not start: {}", thrown.message);
                let found = located(subject, &thrown, |file, place| match file {
                    Some(file) => file.error(Code::StartFailed, place, &message),
                    None => Diagnostic::error(Code::StartFailed, subject.dist_name(""), &message),
                });
                Some(found.with_help(
                    "correct what the module does while it is loaded: Cloudflare refuses to deploy \
                     the Worker with the same error",
                ))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_date_is_read_from_the_refusal() {
        let log = "service worker: This Worker requires compatibility date \"2030-01-01\", but the newest date \
                   supported by this server binary is \"2026-05-01\".";
        assert_eq!(newest_date(log).as_deref(), Some("2026-05-01"));
        assert_eq!(newest_date("service worker: Uncaught Error"), None);
    }
}

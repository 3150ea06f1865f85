//! Code that Workers do not run.

use rayon::prelude::*;

use super::origin::{Origin, Written, written};
use super::sighting::{Dialect, Kind, Sighting, sightings};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::inspection::subject::data::DataFile;
use crate::inspection::subject::text::TextFile;
use crate::project::layout::Layout;
use crate::project::npm_package;

/// The date from which on Workers have `MessageChannel`.
const MESSAGE_CHANNEL: (&str, &str) = ("2025-08-15", "expose_global_message_channel");

/// The date from which on code may be made of text while a module is loaded.
const EVAL_AT_START: (&str, &str) = ("2025-06-01", "allow_eval_during_startup");

/// The version of Astro from which on `locals.runtime` throws.
const WITHOUT_RUNTIME: u64 = 6;

/// Finds the code in the modules of the server.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let host = Host::of(subject);
    let of_module = |module: &TextFile| -> Vec<Diagnostic> {
        let seen = sightings(&module.text, Dialect::JavaScript);
        let refused = seen.iter().filter(|one| host.refuses(one.kind));
        refused.map(|one| finding(subject, module, one)).collect()
    };
    let mut found: Vec<Diagnostic> = subject.server().par_iter().flat_map_iter(of_module).collect();
    found.sort();
    // Two modules of the build may be made of one source.
    found.dedup();
    found
}

/// The features of the host that the Worker runs in.
struct Host {
    has_message_channel: bool,
    allows_eval_at_start: bool,
    has_runtime: bool,
}

impl Host {
    fn of(subject: &Subject) -> Self {
        let config = subject.project().map(|project| &project.config);
        let date = config.and_then(|config| config.get("compatibility_date")?.as_str());
        // Without a date, the packed Worker gets one that is late enough.
        let has = |(since, flag): (&str, &str)| {
            date.is_none_or(|date| date >= since)
                || config.is_some_and(|config| config.has_flag(flag))
        };
        let astro = installed_major(subject, "astro");
        Self {
            has_message_channel: has(MESSAGE_CHANNEL),
            allows_eval_at_start: has(EVAL_AT_START),
            // The folder `_worker.js` is written for older versions only.
            has_runtime: astro.map_or_else(
                || subject.project().is_some_and(|it| it.layout == Layout::PagesWorker),
                |major| major < WITHOUT_RUNTIME,
            ),
        }
    }

    fn refuses(&self, kind: Kind) -> bool {
        match kind {
            Kind::LocalsRuntime => !self.has_runtime,
            Kind::MessageChannel => !self.has_message_channel,
            Kind::EvalAtLoad => !self.allows_eval_at_start,
            Kind::GlobalScope | Kind::EvalInRequest | Kind::WasmOfBytes | Kind::Native => true,
        }
    }
}

/// Returns the major version of a package: that which is installed, else the one that `package.json` asks for.
fn installed_major(subject: &Subject, package: &str) -> Option<u64> {
    let installed = npm_package::version(&subject.root, package);
    let asked = || {
        let data: &DataFile = subject.package.as_ref()?.parsed.as_ref().ok()?;
        let of = |list: &str| data.get(list)?.get(package)?.as_str().map(str::to_owned);
        of("dependencies").or_else(|| of("devDependencies"))
    };
    let version = installed.or_else(asked)?;
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn finding(subject: &Subject, module: &TextFile, sighting: &Sighting) -> Diagnostic {
    let Written { file, offset } = written(subject, module, sighting);
    let package = match Origin::of(&module.text, sighting.offset) {
        Origin::Package(name) => format!(" (in the package `{name}`)"),
        _ => String::new(),
    };
    let code = sighting.code.trim_end_matches(['(', '.']);
    // What a package does in a function is often for other hosts.
    let doubtful = if package.is_empty() { TextFile::warning } else { TextFile::note };
    match sighting.kind {
        Kind::LocalsRuntime => file
            .error(
                Code::ServerLocalsRuntime,
                offset,
                format!("reads `{code}`, which throws an error since Astro 6{package}"),
            )
            .with_help(
                "use `import { env } from \"cloudflare:workers\"` for `env`, `Astro.request.cf` for \
                 `cf`, `Astro.locals.cfContext` for `ctx` and the global `caches`",
            ),
        Kind::MessageChannel => file
            .error(
                Code::ServerMessageChannel,
                offset,
                format!("makes a `MessageChannel`, which this Worker does not have{package}"),
            )
            .with_help(format!(
                "set `compatibility_date` to {} or later, or add the flag `{}`; `react-dom/server.edge` \
                 does without",
                MESSAGE_CHANNEL.0, MESSAGE_CHANNEL.1
            )),
        Kind::GlobalScope => file
            .error(
                Code::ServerGlobalScope,
                offset,
                format!("uses `{code}` while the module is loaded, which Workers refuse{package}"),
            )
            .with_help(
                "move it into a function that a request calls: the network, timers and random \
                 numbers are for requests only",
            ),
        Kind::EvalAtLoad => file
            .error(
                Code::ServerEval,
                offset,
                format!(
                    "makes code of text (`{code}`), which Workers of this compatibility date \
                     refuse{package}"
                ),
            )
            .with_help(format!(
                "set `compatibility_date` to {} or later, or add the flag `{}`",
                EVAL_AT_START.0, EVAL_AT_START.1
            )),
        Kind::EvalInRequest => doubtful(
            file,
            Code::ServerEval,
            offset,
            format!("makes code of text (`{code}`), which throws an error in Workers{package}"),
        )
            .with_help("write the code out, or let the build make it; Workers run no code of text"),
        Kind::WasmOfBytes => file
            .warning(
                Code::ServerEval,
                offset,
                format!("compiles WebAssembly of bytes (`{code}`), which Workers refuse{package}"),
            )
            .with_help("import the file with the extension `.wasm`, which gives a compiled module"),
        Kind::Native => file
            .warning(
                Code::ServerNativePrerender,
                offset,
                format!("imports native code (`{code}`), which workerd does not run{package}"),
            )
            .with_help(
                "use it in code that the build alone runs in Node.js \
                 (`prerenderEnvironment: \"node\"`), or a package without native code",
            ),
    }
}

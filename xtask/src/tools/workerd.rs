//! `workerd`, the runtime of Workers, without the edge or a proxy in front of it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context as _, Error, Result};
use clap::{Args, ValueEnum};
use fs_err as fs;
use tempfile::NamedTempFile;

use super::npm_tools::Tools;
use crate::command::run_for_output;
use crate::server::process::{Log, Server, Stream};

/// The default compatibility date, which is that of packed Workers.
pub(crate) const COMPATIBILITY_DATE: &str = "2026-06-01";

/// Options of `cargo xtask workerd`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    worker: Worker,

    /// Listen on this port, instead of any free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

/// A Worker to run.
#[derive(Args)]
pub(crate) struct Worker {
    /// The modules, the one with the handlers first. KIND is esModule, wasm or data
    #[arg(value_name = "KIND:NAME=PATH", required = true)]
    pub(crate) modules: Vec<Module>,

    /// The compatibility date
    #[arg(long = "date", value_name = "YYYY-MM-DD", default_value = COMPATIBILITY_DATE)]
    pub(crate) compatibility_date: String,

    /// A compatibility flag. Can be repeated
    #[arg(long = "flag", value_name = "FLAG")]
    pub(crate) compatibility_flags: Vec<String>,

    /// A text binding. Can be repeated
    #[arg(long = "text", value_name = "NAME=VALUE", value_parser = text_binding)]
    pub(crate) texts: Vec<(String, String)>,

    /// A binding that fetches files of a folder, as Workers Static Assets do. Can be repeated
    #[arg(long = "files", value_name = "NAME=FOLDER", value_parser = text_binding)]
    pub(crate) files: Vec<(String, String)>,

    /// Make `fetch` ask the Worker itself, whatever the URL, instead of the internet
    #[arg(long)]
    pub(crate) fetch_itself: bool,

    /// A flag of V8. Can be repeated
    #[arg(long = "v8-flag", value_name = "FLAG", allow_hyphen_values = true)]
    pub(crate) v8_flags: Vec<String>,
}

/// A file of a Worker.
#[derive(Clone)]
pub(crate) struct Module {
    /// The name that other modules import.
    pub(crate) name: String,
    pub(crate) kind: ModuleKind,
    pub(crate) path: PathBuf,
}

/// The kind of a module, named as in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "camelCase")]
pub(crate) enum ModuleKind {
    /// Importing it gives its exports.
    EsModule,
    /// Importing it gives a `WebAssembly.Module`.
    Wasm,
    /// Importing it gives an `ArrayBuffer`.
    Data,
}

impl FromStr for Module {
    type Err = Error;

    /// Reads `KIND:NAME=PATH`.
    fn from_str(text: &str) -> Result<Self> {
        let parts =
            text.split_once(':').and_then(|(kind, rest)| Some((kind, rest.split_once('=')?)));
        let (kind, (name, path)) = parts.context("expected KIND:NAME=PATH")?;
        let kind = ModuleKind::from_str(kind, false).map_err(Error::msg)?;
        Ok(Self { name: name.to_owned(), kind, path: path.into() })
    }
}

fn text_binding(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').context("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Worker {
    /// Makes a Worker of some modules, the one with the handlers first.
    pub(crate) fn new(modules: Vec<Module>) -> Self {
        let compatibility_date = COMPATIBILITY_DATE.to_owned();
        Self {
            modules,
            compatibility_date,
            compatibility_flags: Vec::new(),
            texts: Vec::new(),
            files: Vec::new(),
            fetch_itself: false,
            v8_flags: Vec::new(),
        }
    }

    /// Writes the configuration in the form that workerd reads fastest, with all modules in it. The
    /// Worker gets any free port of loopback.
    pub(crate) fn compile(&self, workerd: &Path, to: &Path) -> Result<()> {
        let text = self.write_config(0)?;
        let mut compile = Command::new(workerd);
        compile.args(["compile", "--config-only", "--import-path=/"]).arg(text.path());
        run_for_output(compile.stdout(fs::File::create(to)?.into_parts().0))
    }

    /// Writes the configuration into a file that is removed with the result.
    fn write_config(&self, port: u16) -> Result<NamedTempFile> {
        let file = tempfile::Builder::new().suffix(".capnp").tempfile()?;
        fs::write(file.path(), self.config(port)?)?;
        Ok(file)
    }

    /// Renders the configuration of a workerd that runs the Worker on a port of loopback.
    fn config(&self, port: u16) -> Result<String> {
        let mut modules = String::new();
        for Module { name, kind, path } in &self.modules {
            let kind = kind.to_possible_value().context("every kind has a name")?;
            let (name, path) = (quoted(name)?, quoted(&fs::canonicalize(path)?.to_string_lossy())?);
            writeln!(modules, "    (name = {name}, {} = embed {path}),", kind.get_name())?;
        }
        let list = |texts: &[String]| -> Result<String> {
            Ok(texts.iter().map(|text| quoted(text)).collect::<Result<Vec<_>>>()?.join(", "))
        };
        let (flags, v8_flags) = (list(&self.compatibility_flags)?, list(&self.v8_flags)?);
        let mut bindings = String::new();
        for (name, value) in &self.texts {
            writeln!(bindings, "    (name = {}, text = {}),", quoted(name)?, quoted(value)?)?;
        }
        let mut services = String::new();
        for (name, folder) in &self.files {
            let (name, path) =
                (quoted(name)?, quoted(&fs::canonicalize(folder)?.to_string_lossy())?);
            writeln!(bindings, "    (name = {name}, service = {name}),")?;
            writeln!(services, "    (name = {name}, disk = (path = {path})),")?;
        }
        let outbound = if self.fetch_itself { "worker" } else { "internet" };
        let date = quoted(&self.compatibility_date)?;
        Ok(format!(
            "using Workerd = import \"/workerd/workerd.capnp\";\n\
             const config :Workerd.Config = (\n  \
               v8Flags = [{v8_flags}],\n  \
               services = [\n    (name = \"worker\", worker = .worker),\n{services}  ],\n  \
               sockets = [(name = \"http\", address = \"127.0.0.1:{port}\", http = (), service = \"worker\")],\n\
             );\n\
             const worker :Workerd.Worker = (\n  \
               compatibilityDate = {date},\n  \
               compatibilityFlags = [{flags}],\n  \
               modules = [\n{modules}  ],\n  \
               bindings = [\n{bindings}  ],\n  \
               globalOutbound = \"{outbound}\",\n\
             );\n",
        ))
    }
}

/// Writes a string of Cap'n Proto, which for text is one of JSON.
fn quoted(text: &str) -> Result<String> {
    Ok(serde_json::to_string(text)?)
}

/// Runs a Worker until standard input ends.
pub(crate) fn serve(options: &Options) -> Result<()> {
    let config = options.worker.write_config(options.port)?;
    // The paths of embedded files are absolute, and are looked up in the import path.
    let arguments = ["--import-path=/".as_ref(), config.path().as_os_str()];
    let workerd = start(&Tools::install()?.program("workerd"), &arguments)?;
    println!("http://127.0.0.1:{}/", workerd.port());
    workerd.run_until_input_ends()
}

/// Starts workerd with a configuration that was compiled.
pub(crate) fn start_compiled(workerd: &Path, config: &Path) -> Result<Server> {
    start(workerd, &["--binary".as_ref(), config.as_os_str()])
}

fn start(workerd: &Path, arguments: &[&OsStr]) -> Result<Server> {
    let mut serve = Command::new(workerd);
    // Events for the parent process go to the output, like the logs of a Worker.
    serve.arg("serve").args(arguments).arg("--control-fd=1");
    Server::start(&mut serve, Stream::Output, Log::Shown, port_of_event)
}

/// Finds the port in an event: `{"event":"listen","socket":"http","port":8080}`.
fn port_of_event(line: &str) -> Option<u16> {
    let rest = line.strip_prefix(r#"{"event":"listen","#)?;
    rest.split_once(r#""port":"#)?.1.trim_end_matches('}').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_read_from_arguments() {
        let module: Module = "data:a.bin=/tmp/x=y".parse().unwrap();
        assert_eq!((&*module.name, module.path.to_str()), ("a.bin", Some("/tmp/x=y")));
        assert_eq!(module.kind, ModuleKind::Data);
        for wrong in ["a.js", "esModule:a.js", "json:a=b"] {
            assert!(wrong.parse::<Module>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_configuration_contains_all_of_a_worker() {
        let mut worker = Worker::new(vec!["esModule:a \"b\".js=/".parse().unwrap()]);
        worker.compatibility_flags.push("nodejs_compat".to_owned());
        worker.texts.push(("GREETING".to_owned(), "a\\b\nc".to_owned()));
        let config = worker.config(0).unwrap();
        for part in [
            r#"(name = "a \"b\".js", esModule = embed "/"),"#,
            r#"compatibilityDate = "2026-06-01","#,
            r#"compatibilityFlags = ["nodejs_compat"],"#,
            r#"(name = "GREETING", text = "a\\b\nc"),"#,
            r#"address = "127.0.0.1:0""#,
        ] {
            assert!(config.contains(part), "{part} is missing in {config}");
        }
    }

    #[test]
    fn the_port_is_found_in_the_listen_event() {
        let event = r#"{"event":"listen","socket":"http","port":8080}"#;
        assert_eq!(port_of_event(event), Some(8080));
        assert_eq!(port_of_event("a Worker's log"), None);
    }
}

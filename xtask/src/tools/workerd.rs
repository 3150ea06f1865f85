//! `workerd`, the runtime of Workers, by itself: no edge and no proxy before it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::files as tree;
use crate::println;
use crate::server::process;
use crate::sites::project::scratch;
use crate::tools::node::run_for_output;
use crate::tools::npm_tools::Tools;

/// Far longer than workerd takes to start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// What Workers run with where nobody says, as packed ones do.
pub(crate) const COMPATIBILITY_DATE: &str = "2026-06-01";

/// A Worker to run.
#[derive(Default)]
pub(crate) struct Worker {
    /// What the Worker consists of, the module with its handlers first.
    pub(crate) modules: Vec<Module>,
    /// The day whose behaviour the Worker gets.
    pub(crate) compatibility_date: String,
    pub(crate) compatibility_flags: Vec<String>,
    /// Names and values of what the Worker finds in its environment.
    pub(crate) texts: Vec<(String, String)>,
}

/// A file of a Worker.
pub(crate) struct Module {
    /// What the others import it as.
    pub(crate) name: String,
    pub(crate) kind: ModuleKind,
    pub(crate) path: PathBuf,
}

/// What importing a module gives.
#[derive(Clone, Copy)]
pub(crate) enum ModuleKind {
    /// What it exports.
    EsModule,
    /// A `WebAssembly.Module`.
    Wasm,
    /// An `ArrayBuffer`.
    Data,
}

impl ModuleKind {
    /// Returns the field of the configuration, which is the kind's name in arguments too.
    const fn field(self) -> &'static str {
        match self {
            Self::EsModule => "esModule",
            Self::Wasm => "wasm",
            Self::Data => "data",
        }
    }
}

impl FromStr for Module {
    type Err = String;

    /// Reads `KIND:NAME=PATH`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once(':').and_then(|(kind, rest)| Some((kind, rest.split_once('=')?)));
        let (kind, (name, path)) = parts.ok_or_else(|| format!("`{text}` is no KIND:NAME=PATH"))?;
        let kind = [ModuleKind::EsModule, ModuleKind::Wasm, ModuleKind::Data]
            .into_iter()
            .find(|known| known.field() == kind)
            .ok_or_else(|| format!("`{kind}` is none of esModule, wasm, data"))?;
        Ok(Self { name: name.to_owned(), kind, path: path.into() })
    }
}

impl Worker {
    /// Writes the configuration in the form that workerd reads fastest, with all files in it. The
    /// Worker gets any port of loopback that is free.
    pub(crate) fn compile(&self, program: &Path, to: &Path) -> Result<(), String> {
        let text = self.write_config(0)?;
        let config = File::create(to).map_err(|error| tree::failed("write", to, &error))?;
        let mut compile = Command::new(program);
        compile.args(["compile", "--config-only", "--import-path=/"]).arg(&text).stdout(config);
        let result = run_for_output(&mut compile);
        tree::remove(&text)?;
        result
    }

    /// Writes the configuration into a file of its own, and returns its path.
    fn write_config(&self, port: u16) -> Result<PathBuf, String> {
        static WRITTEN: AtomicUsize = AtomicUsize::new(0);
        let count = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let path = scratch().join(format!("workerd-{}-{count}.capnp", std::process::id()));
        tree::create_folder(&scratch())?;
        fs::write(&path, self.config(port)?)
            .map_err(|error| tree::failed("write", &path, &error))?;
        Ok(path)
    }

    /// Writes the configuration of a workerd that runs the Worker on loopback.
    fn config(&self, port: u16) -> Result<String, String> {
        let mut modules = String::new();
        for Module { name, kind, path } in &self.modules {
            let path = path.canonicalize().map_err(|error| tree::failed("find", path, &error))?;
            let (name, path) = (quoted(name), quoted(&path.to_string_lossy()));
            let _ = writeln!(modules, "    (name = {name}, {} = embed {path}),", kind.field());
        }
        let flags: Vec<String> = self.compatibility_flags.iter().map(|flag| quoted(flag)).collect();
        let mut bindings = String::new();
        for (name, value) in &self.texts {
            let _ = writeln!(bindings, "    (name = {}, text = {}),", quoted(name), quoted(value));
        }
        Ok(format!(
            "using Workerd = import \"/workerd/workerd.capnp\";\n\
             const config :Workerd.Config = (\n  \
               services = [(name = \"worker\", worker = .worker)],\n  \
               sockets = [(name = \"http\", address = \"127.0.0.1:{port}\", http = (), service = \"worker\")],\n\
             );\n\
             const worker :Workerd.Worker = (\n  \
               compatibilityDate = {date},\n  \
               compatibilityFlags = [{flags}],\n  \
               modules = [\n{modules}  ],\n  \
               bindings = [\n{bindings}  ],\n\
             );\n",
            date = quoted(&self.compatibility_date),
            flags = flags.join(", "),
        ))
    }
}

/// Writes a text as Cap'n Proto has it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Runs the Worker that some arguments describe, until standard input ends.
pub(crate) fn serve(arguments: &[&str]) -> Result<(), String> {
    let (worker, port) = parse(arguments)?;
    let program = Tools::install()?.program("workerd");
    let mut workerd = Workerd::start(&program, &worker, port)?;
    println(format!("http://127.0.0.1:{}/", workerd.port()).as_ref());
    process::until_input_ends(|| workerd.is_running())
}

fn parse(arguments: &[&str]) -> Result<(Worker, u16), String> {
    let mut worker =
        Worker { compatibility_date: COMPATIBILITY_DATE.to_owned(), ..Worker::default() };
    let mut port = 0;
    let mut arguments = arguments.iter();
    while let Some(&argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` has no value"));
        match argument {
            "--port" => port = value()?.parse().map_err(|error| format!("--port: {error}"))?,
            "--date" => (*value()?).clone_into(&mut worker.compatibility_date),
            "--flag" => worker.compatibility_flags.push((*value()?).to_owned()),
            "--text" => {
                let value = value()?;
                let pair = value.split_once('=').ok_or_else(|| format!("`{value}` has no `=`"))?;
                worker.texts.push((pair.0.to_owned(), pair.1.to_owned()));
            }
            module => worker.modules.push(module.parse()?),
        }
    }
    if worker.modules.is_empty() { Err("no module".to_owned()) } else { Ok((worker, port)) }
}

/// A running workerd, killed when it is dropped.
pub(crate) struct Workerd {
    process: Child,
    port: u16,
}

impl Workerd {
    /// Starts workerd, on a port of loopback or on any that is free if that is 0.
    pub(crate) fn start(program: &Path, worker: &Worker, port: u16) -> Result<Self, String> {
        let config = worker.write_config(port)?;
        // Embedded files have absolute paths, which are looked up in the import path.
        let started = Self::serve(program, &["--import-path=/".as_ref(), config.as_os_str()]);
        tree::remove(&config)?;
        started
    }

    /// Starts workerd with a configuration that was compiled.
    pub(crate) fn start_compiled(program: &Path, config: &Path) -> Result<Self, String> {
        Self::serve(program, &["--binary".as_ref(), config.as_os_str()])
    }

    fn serve(program: &Path, arguments: &[&OsStr]) -> Result<Self, String> {
        let mut process = Command::new(program)
            .arg("serve")
            .args(arguments)
            // What workerd has to tell its parent is written where that can read it.
            .arg("--control-fd=1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| tree::failed("run", program, &error))?;
        let events = process.stdout.take().map(port_events);
        // Made first, so that the process is killed whatever comes.
        let starting = Self { process, port: 0 };
        let port = events.and_then(|events| events.recv_timeout(START_LIMIT).ok());
        port.ok_or_else(|| "workerd did not start; what it said is above".to_owned())
            .map(|port| starting.listening_on(port))
    }

    fn listening_on(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The process that it is.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The port of loopback that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        process::is_running(&mut self.process)
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads what workerd says for as long as it says something, and passes on the port of its socket:
/// `{"event":"listen","socket":"http","port":8080}`. What a Worker logs comes the same way.
fn port_events(stdout: ChildStdout) -> Receiver<u16> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let port = line.strip_prefix(r#"{"event":"listen","#).and_then(|rest| {
                rest.split_once(r#""port":"#)?.1.trim_end_matches('}').parse().ok()
            });
            match port {
                Some(port) => drop(sender.send(port)),
                None => crate::say(&format!("{line}\n")),
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_read_from_an_argument() {
        let module: Module = "data:a.bin=/tmp/x=y".parse().unwrap();
        assert_eq!((module.name.as_str(), module.path.to_str()), ("a.bin", Some("/tmp/x=y")));
        assert!(matches!(module.kind, ModuleKind::Data));
        for wrong in ["a.js", "esModule:a.js", "json:a=b"] {
            assert!(wrong.parse::<Module>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_configuration_has_what_the_worker_has() {
        let worker = Worker {
            modules: vec!["esModule:a \"b\".js=/".parse().unwrap()],
            compatibility_date: "2026-06-01".to_owned(),
            compatibility_flags: vec!["nodejs_compat".to_owned()],
            texts: vec![("GREETING".to_owned(), "a\\b\nc".to_owned())],
        };
        let config = worker.config(0).unwrap();
        for part in [
            r#"(name = "a \"b\".js", esModule = embed "/"),"#,
            r#"compatibilityDate = "2026-06-01","#,
            r#"compatibilityFlags = ["nodejs_compat"],"#,
            r#"(name = "GREETING", text = "a\\b\nc"),"#,
            r#"address = "127.0.0.1:0""#,
        ] {
            assert!(config.contains(part), "{part} is not in {config}");
        }
    }
}

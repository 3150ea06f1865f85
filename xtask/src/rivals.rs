//! What a build is packed with where worker-pack is not: Astro integrations, and the Brotli encoder
//! in C. `xtask/rivals` has the scripts that run them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::tools::Tools;

const SCRIPTS: [&str; 2] = ["run.mjs", "brotli.mjs"];

/// The rivals, installed.
pub(crate) struct Rivals(Tools);

/// The time that something takes, in seconds.
pub(crate) struct Time {
    pub(crate) wall: f64,
    /// That of all threads.
    pub(crate) cpu: f64,
}

/// What the integrations make of a build.
pub(crate) struct Integrations {
    /// `@playform/compress`, which minifies.
    pub(crate) playform: Time,
    /// `astro-compressor`, which compresses.
    pub(crate) astro_compressor: Time,
    /// How many files the build has, and how many of them come with one in Brotli.
    pub(crate) files: u64,
    pub(crate) compressed: u64,
    /// The bytes of all files, each as a browser that takes Brotli gets it.
    pub(crate) sent: u64,
}

/// What the encoder in C makes of the files in a folder.
pub(crate) struct Brotli {
    /// The seconds of the one thread that it runs in.
    pub(crate) cpu: f64,
    pub(crate) files: u64,
    pub(crate) input: u64,
    pub(crate) output: u64,
}

impl Rivals {
    pub(crate) fn install() -> Result<Self, String> {
        Tools::install_from("rivals", &SCRIPTS).map(Self)
    }

    /// Runs both integrations on a copy of a build, one after the other, as they are without
    /// options; or the second without gzip and zstd.
    pub(crate) fn integrations(
        &self,
        dist: &Path,
        brotli_only: bool,
    ) -> Result<Integrations, String> {
        let mut command = self.command("run.mjs", dist);
        command.args(brotli_only.then_some("--brotli-only"));
        let figures = figures(&mut command)?;
        let time = |name: &str| {
            let time = &figures[name];
            Ok::<Time, String>(Time { wall: number(time, "wall")?, cpu: number(time, "cpu")? })
        };
        Ok(Integrations {
            playform: time("playform")?,
            astro_compressor: time("astroCompressor")?,
            files: count(&figures, "files")?,
            compressed: count(&figures, "compressed")?,
            sent: count(&figures, "sent")?,
        })
    }

    /// Compresses each file of a folder at the highest quality.
    pub(crate) fn brotli(&self, folder: &Path) -> Result<Brotli, String> {
        let figures = figures(&mut self.command("brotli.mjs", folder))?;
        Ok(Brotli {
            cpu: number(&figures, "cpu")?,
            files: count(&figures, "files")?,
            input: count(&figures, "input")?,
            output: count(&figures, "output")?,
        })
    }

    fn command(&self, script: &str, folder: &Path) -> Command {
        let mut node = self.0.node();
        node.arg(self.0.folder().join(script)).arg(folder);
        // Where the copy of a build goes.
        node.env("TMPDIR", self.0.folder());
        node
    }
}

/// Runs the rivals, and prints what comes of it.
pub(crate) fn report(dist: &Path, options: &[&str]) -> Result<(), String> {
    let brotli_only = match options {
        [] => false,
        ["--brotli-only"] => true,
        _ => return Err(format!("`{}` is no option of `cargo xtask rivals`", options.join(" "))),
    };
    let rivals = Rivals::install()?;
    let Integrations { playform, astro_compressor, files, compressed, sent } =
        rivals.integrations(dist, brotli_only)?;
    let mut text = String::new();
    for (name, Time { wall, cpu }) in
        [("@playform/compress", playform), ("astro-compressor", astro_compressor)]
    {
        let _ = writeln!(text, "{name}: {wall:.2} s, {cpu:.2} s of CPU");
    }
    let _ = writeln!(text, "{compressed} of {files} files compressed, {sent} bytes to be sent");
    let Brotli { cpu, files, input, output } = rivals.brotli(dist)?;
    let _ = writeln!(text, "C: {files} files, {input} to {output} bytes, {cpu:.2} s of CPU");
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| error.to_string())
}

/// Runs a script, and reads the line that it prints. What else it says matters if it fails.
fn figures(command: &mut Command) -> Result<Value, String> {
    let output = command.output().map_err(|error| format!("cannot run `{command:?}`: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{command:?}` failed: {}\n{said}", output.status));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("`{command:?}` printed no figures: {error}"))
}

fn number(figures: &Value, name: &str) -> Result<f64, String> {
    figures[name].as_f64().ok_or_else(|| format!("`{name}` is no number in {figures}"))
}

fn count(figures: &Value, name: &str) -> Result<u64, String> {
    figures[name].as_u64().ok_or_else(|| format!("`{name}` is no count in {figures}"))
}

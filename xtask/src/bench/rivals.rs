//! What a build is packed with where worker-pack is not: Astro integrations, and the Brotli encoder
//! in C. `xtask/rivals` has the scripts that run them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::tools::npm_tools::Tools;

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
    /// The bytes of each file as a browser that takes Brotli gets it, by its path in the build.
    pub(crate) sizes: BTreeMap<String, f64>,
}

/// What the encoder in C makes of the files in a folder.
pub(crate) struct Brotli {
    /// The seconds of the one thread that it runs in.
    pub(crate) cpu: f64,
    /// How many bytes they have.
    pub(crate) input: f64,
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
            sizes: sizes(&figures["sizes"])?,
        })
    }

    /// Compresses each file of a folder at the highest quality.
    pub(crate) fn brotli(&self, folder: &Path) -> Result<Brotli, String> {
        let figures = figures(&mut self.command("brotli.mjs", folder))?;
        Ok(Brotli { cpu: number(&figures, "cpu")?, input: number(&figures, "input")? })
    }

    fn command(&self, script: &str, folder: &Path) -> Command {
        let mut node = self.0.node();
        node.arg(self.0.folder().join(script)).arg(folder);
        // Where the copy of a build goes.
        node.env("TMPDIR", self.0.folder());
        node
    }
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

fn sizes(figures: &Value) -> Result<BTreeMap<String, f64>, String> {
    let sizes = figures.as_object().ok_or_else(|| format!("no sizes are {figures}"))?;
    sizes.keys().map(|name| Ok((name.clone(), number(figures, name)?))).collect()
}

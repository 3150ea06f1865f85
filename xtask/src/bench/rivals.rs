//! The alternatives to worker-pack that it is measured against: Astro integrations, and the Brotli
//! encoder in C. `xtask/rivals` contains the scripts that run them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use crate::command::output;
use crate::tools::node::Node;
use crate::tools::npm_tools::Tools;

/// The time that something takes, in seconds.
#[derive(Deserialize)]
pub(super) struct Time {
    pub(super) wall: f64,
    /// The CPU time of all threads.
    pub(super) cpu: f64,
}

/// The results of both integrations for a build.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Integrations {
    /// `@playform/compress`, which minifies.
    pub(super) playform: Time,
    /// `astro-compressor`, which compresses.
    pub(super) astro_compressor: Time,
    /// The size of each file as sent to a browser that accepts Brotli, by its path in the build.
    pub(super) sizes: BTreeMap<String, f64>,
}

/// The work of the encoder in C.
#[derive(Deserialize)]
pub(super) struct Encoder {
    /// The CPU time of its only thread, in seconds.
    pub(super) cpu: f64,
    /// The size of the compressed files, in bytes.
    pub(super) input: f64,
}

/// The options of the integrations.
#[derive(Clone, Copy)]
pub(super) enum Codings {
    /// No options.
    Default,
    /// `astro-compressor` leaves out gzip and zstd.
    BrotliOnly,
}

/// Runs the integrations one after the other on a copy of a build.
pub(super) fn integrations(tools: &Tools, dist: &Path, codings: Codings) -> Result<Integrations> {
    let mut command = tools.node();
    command.arg(tools.folder().join("run.mjs")).arg(dist);
    if let Codings::BrotliOnly = codings {
        command.arg("--brotli-only");
    }
    // The script copies the build into this folder.
    command.env("TMPDIR", tools.folder());
    Ok(serde_json::from_str(&output(&mut command)?)?)
}

/// Runs the integrations one after the other on a copy of a build in another folder, which stays.
pub(super) fn integrate(tools: &Tools, dist: &Path, out: &Path) -> Result<()> {
    let mut command = tools.node();
    command
        .arg(tools.folder().join("run.mjs"))
        .arg(dist)
        .arg("--brotli-only")
        .arg("--out")
        .arg(out);
    output(&mut command).map(drop)
}

/// Compresses each file of a folder with the encoder in C at its highest quality.
pub(super) fn encode(folder: &Path) -> Result<Encoder> {
    let figures = Node::find()?.script("xtask/rivals/brotli.mjs", &[folder.as_os_str()])?;
    Ok(serde_json::from_str(&figures)?)
}

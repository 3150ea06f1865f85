//! Programs that run to their end.

use std::ffi::OsStr;
use std::io;
use std::iter;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Runs a command and fails if it does. Its output is progress, and goes to standard error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    run_for_output(command.stdout(io::stderr()))
}

/// Runs a command and fails if it does. Its output is the result of the task.
pub(crate) fn run_for_output(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {}", shown(command)))?;
    ensure!(status.success(), "{} failed: {status}", shown(command));
    Ok(())
}

/// Runs a command and returns its output. Its errors are shown only if it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {}", shown(command)))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed: {}\n{errors}", shown(command), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// Shows a command without its environment.
pub(crate) fn shown(command: &Command) -> String {
    let words = iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    format!("`{}`", words.join(" "))
}

/// Returns the version that a program reports.
pub(crate) fn version(program: &Path) -> Result<String> {
    Ok(output(Command::new(program).arg("--version"))?.trim().to_owned())
}

//! The way of wrangler's commands without `--config` to the packed Worker.

use std::path::Path;

use serde_json::Value;

use super::WRANGLER_CONFIG;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::printable::PrintablePath;
use crate::options::DeployConfig as Choice;
use crate::project::Project;
use crate::project::deploy_config::DeployConfig;
use crate::project::wrangler::WranglerConfig;

/// Finds the reason why plain commands of wrangler cannot be led to a packed Worker, before it is written.
pub(super) fn obstacle(config: &WranglerConfig, out: &Path, choice: Choice) -> Option<Diagnostic> {
    let is_led = choice == Choice::Packed && has_environments(config);
    is_led.then(|| not_led("wrangler reads no configuration with environments there", out))
}

/// Leads plain commands of wrangler to a packed Worker that has been written, if the user wants it, or
/// returns a diagnostic if they deploy another one.
pub(super) fn settle(
    project: &Project,
    config: &WranglerConfig,
    out: &Path,
    choice: Choice,
) -> Option<Diagnostic> {
    let root = project.root()?;
    let packed = out.join(WRANGLER_CONFIG);
    let found = DeployConfig::find(&root);
    if found.as_ref().is_some_and(|found| found.leads_to(&packed)) {
        return None;
    }
    match (choice, found) {
        (Choice::Kept, None) => None,
        (Choice::Kept, Some(found)) => {
            let message = format!(
                "without `--config`, wrangler deploys `{}`, which is not the packed Worker",
                found.shown_target()
            );
            let note = Diagnostic::note(Code::WorkerDeploysUnpacked, DeployConfig::NAME, message);
            Some(note.with_help(format!("{}, or set `deploy-config = \"packed\"`", help(out))))
        }
        // The obstacle has been told.
        (Choice::Packed, _) if has_environments(config) => None,
        (Choice::Packed, found) => {
            let led = DeployConfig::of_project(found, &root).lead_to(&packed);
            led.err().map(|error| not_led(&error.to_string(), out))
        }
    }
}

fn not_led(reason: &str, out: &Path) -> Diagnostic {
    let message = format!("cannot lead to the packed Worker: {reason}");
    let code = Code::WorkerDeploysUnpacked;
    Diagnostic::warning(code, DeployConfig::NAME, message).with_help(help(out))
}

fn help(out: &Path) -> String {
    let packed = out.join(WRANGLER_CONFIG);
    format!("deploy with `npx wrangler deploy --config {}`", PrintablePath(&packed))
}

/// Returns whether a configuration has environments, with which wrangler refuses to be led to it.
fn has_environments(config: &WranglerConfig) -> bool {
    config.get("env").and_then(Value::as_object).is_some_and(|all| !all.is_empty())
}

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

/// Leads plain commands of wrangler to a packed Worker, if the user wants it, or returns a diagnostic if
/// they deploy another one. `config` is the configuration of the packed Worker, which has been written.
pub(super) fn settle(
    project: &Project,
    out: &Path,
    config: &WranglerConfig,
    choice: Choice,
) -> Option<Diagnostic> {
    let root = project.root()?;
    let packed = out.join(WRANGLER_CONFIG);
    let found = DeployConfig::find(&root);
    if found.as_ref().is_some_and(|found| found.leads_to(&packed)) {
        return None;
    }
    let help = format!("deploy with `npx wrangler deploy --config {}`", PrintablePath(&packed));
    match (choice, found) {
        (Choice::Kept, None) => None,
        (Choice::Kept, Some(found)) => {
            let message = format!(
                "without `--config`, wrangler deploys `{}`, which is not the packed Worker",
                found.shown_target()
            );
            let note = Diagnostic::note(Code::WorkerDeploysUnpacked, DeployConfig::NAME, message);
            Some(note.with_help(format!("{help}, or set `deploy-config = \"packed\"`")))
        }
        (Choice::Packed, found) => {
            let problem = if has_environments(config) {
                Some("wrangler reads no configuration with environments there".to_owned())
            } else {
                let file = DeployConfig::of_project(found, &root);
                file.lead_to(&packed).err().map(|error| error.to_string())
            };
            let message = format!("cannot lead to the packed Worker: {}", problem?);
            let code = Code::WorkerDeploysUnpacked;
            Some(Diagnostic::warning(code, DeployConfig::NAME, message).with_help(help))
        }
    }
}

/// Returns whether a configuration has environments, with which wrangler refuses to be led to it.
fn has_environments(config: &WranglerConfig) -> bool {
    config.get("env").and_then(Value::as_object).is_some_and(|all| !all.is_empty())
}

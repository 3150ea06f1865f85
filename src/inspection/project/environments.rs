//! Rules on environments: one that a command cannot deploy, and one that is not deployed.

use serde_json::Value;

use super::commands::Command;
use super::packages::Package;
use super::scope::Scope;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::{Data, Subject};
use crate::project::deploy_config::DeployConfig;

/// Finds commands that name an environment of a configuration that the adapter wrote, which has none.
pub(super) fn flags(subject: &Subject) -> Vec<Diagnostic> {
    const COMMANDS: [&[&str]; 3] = [&["deploy"], &["versions", "upload"], &["triggers", "deploy"]];
    if !is_redirected(subject) {
        return Vec::new();
    }
    let built_for = Data::values(subject.adapter_config.as_ref())
        .and_then(|config| config.get("targetEnvironment"))
        .and_then(Value::as_str);
    let mut found = Vec::new();
    for command in Command::of_project(subject) {
        let is_affected = COMMANDS.iter().any(|words| command.is(words));
        let Some(name) = command.option("--env", "-e") else { continue };
        let has_config = command.option("--config", "-c").is_some();
        if !is_affected || has_config || name.is_empty() || built_for == Some(name) {
            continue;
        }
        let message = format!(
            "`--env {name}` is refused by wrangler: the build leads it to the adapter's configuration, \
             which has one environment"
        );
        let error = command.file.error(Code::ProjectEnvFlag, command.offset, message);
        found.push(error.with_help(format!(
            "name the packed Worker's configuration, as in `wrangler deploy --config dist-worker/wrangler.jsonc \
             --env {name}`; or set `CLOUDFLARE_ENV={name}` for the build, and leave out `--env`"
        )));
    }
    found
}

/// Returns whether commands of wrangler without `--config` are led to a configuration of the adapter.
fn is_redirected(subject: &Subject) -> bool {
    /// The first version of the adapter that leads wrangler to its configuration.
    const FIRST: u64 = 13;
    let is_of_pages = Data::values(subject.config.as_ref())
        .is_some_and(|config| config.get("pages_build_output_dir").is_some());
    let leads = DeployConfig::find(&subject.root).is_some() || subject.adapter_config.is_some();
    leads || !is_of_pages && Package::adapter(subject).is_some_and(|it| it.is_from(FIRST))
}

/// Finds environments of the user's configuration that what is deployed does not have.
pub(super) fn lost(subject: &Subject) -> Vec<Diagnostic> {
    let (Some(config), Some(_)) =
        (Data::values(subject.config.as_ref()), subject.adapter_config.as_ref())
    else {
        return Vec::new();
    };
    let packed = subject.examined.worker.as_ref().and_then(|worker| {
        let options = jsonc_parser::ParseOptions::default();
        jsonc_parser::parse_to_serde_value::<Value>(&worker.config, &options).ok()
    });
    let is_deployed = |name: &str| {
        let environments = packed.as_ref().and_then(|packed| packed.get("env"));
        environments.is_some_and(|all| all.get(name).is_some())
    };
    let mut found = Vec::new();
    for scope in Scope::all(config) {
        let Some(name) = scope.environment.filter(|name| !is_deployed(name)) else { continue };
        let message = format!(
            "`env.{name}` is not deployed: the adapter writes a configuration of one environment"
        );
        let warning =
            config.file.warning(Code::ProjectEnvLost, config.offset(&scope.steps), message);
        found.push(warning.with_help(format!(
            "write the environment into the configuration of the packed Worker, which keeps it; or build with \
             `CLOUDFLARE_ENV={name}` and deploy that build alone"
        )));
    }
    found
}

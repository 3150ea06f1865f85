//! Rules on environments: one that a command cannot deploy, and one that is not deployed.

use serde_json::Value;

use super::commands::Command;
use super::packages::Package;
use super::scope::Scope;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::text::TextFile;
use crate::inspection::subject::{Data, Subject};
use crate::project::deploy_config::DeployConfig;

/// Finds commands that name an environment of a configuration that the adapter wrote, which has
/// none.
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
        let is_built_for = built_for == Some(name) || builds_for(&command.file, name);
        if !is_affected || has_config || name.is_empty() || is_built_for {
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

/// Returns whether a file of commands builds for an environment too: `CLOUDFLARE_ENV=staging astro build`, or
/// the same variable in a workflow.
fn builds_for(file: &TextFile, environment: &str) -> bool {
    const VARIABLE: &str = "CLOUDFLARE_ENV";
    file.text.match_indices(VARIABLE).any(|(at, _)| {
        let value = &file.text[at + VARIABLE.len()..];
        let value = value.trim_start_matches(['=', ':', ' ', '"', '\'', '\\']);
        let rest = value.strip_prefix(environment);
        rest.is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c))
        })
    })
}

/// Returns whether commands of wrangler without `--config` are led to a configuration of the
/// adapter.
fn is_redirected(subject: &Subject) -> bool {
    /// The first version of the adapter that leads wrangler to its configuration.
    const FIRST: u64 = 13;
    if DeployConfig::find(&subject.root).is_some() {
        return true;
    }
    let is_of_pages = Data::values(subject.config.as_ref())
        .is_some_and(|config| config.get("pages_build_output_dir").is_some());
    if subject.project().is_none() {
        let is_built_so = Package::adapter(subject).is_some_and(|it| it.is_from(FIRST));
        return is_built_so && !is_of_pages;
    }
    // The folder in which `astro build` runs is that of the commands.
    subject.adapter_config.is_some() && subject.dist_name("").split('/').count() == 1
}

/// Finds environments of the user's configuration that what is deployed does not have: a command
/// without `--config` deploys the configuration that the adapter wrote.
pub(super) fn lost(subject: &Subject) -> Vec<Diagnostic> {
    let (Some(config), Some(adapter)) =
        (Data::values(subject.config.as_ref()), Data::values(subject.adapter_config.as_ref()))
    else {
        return Vec::new();
    };
    let packed = subject.examined.worker.as_ref().and_then(|worker| {
        let options = jsonc_parser::ParseOptions::default();
        jsonc_parser::parse_to_serde_value::<Value>(&worker.config, &options).ok()
    });
    let unpacked = deployment_of_adapter(subject);
    let has = |values: Option<&Value>, name: &str| {
        values.and_then(|values| values.get("env")?.get(name)).is_some()
    };
    let is_deployed = |name: &str| {
        let is_built_for = adapter.get("targetEnvironment") == Some(&name.into());
        is_built_for || has(packed.as_ref(), name) && unpacked.is_none()
    };
    let mut found = Vec::new();
    for scope in Scope::all(config) {
        let Some(name) = scope.environment.filter(|name| !is_deployed(name)) else { continue };
        let reason = match &unpacked {
            Some(file) => format!("`{file}` deploys the configuration of the adapter"),
            None => "the adapter writes a configuration".to_owned(),
        };
        let message = format!("`env.{name}` is not deployed: {reason}, which has one environment");
        let offset = config.offset(&scope.steps);
        let warning = config.file.warning(Code::ProjectEnvLost, offset, message);
        found.push(warning.with_help(format!(
            "deploy the packed Worker, which has all of them: `wrangler deploy --config \
             dist-worker/wrangler.jsonc --env {name}`; or build with `CLOUDFLARE_ENV={name}`"
        )));
    }
    found
}

/// Returns the name of a file with a command that deploys the configuration of the adapter. A
/// project that chooses the environment of a build has none.
fn deployment_of_adapter(subject: &Subject) -> Option<String> {
    if !is_redirected(subject) {
        return None;
    }
    let commands = Command::of_project(subject);
    let chooses = |file: &TextFile| file.text.contains("CLOUDFLARE_ENV");
    if commands.iter().any(|command| chooses(&command.file)) {
        return None;
    }
    let is_plain =
        |command: &&Command| command.is(&["deploy"]) && command.option("--config", "-c").is_none();
    commands.iter().find(is_plain).map(|command| command.file.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_commands_may_build_for_the_environment_that_it_deploys() {
        let builds = |text: &str| {
            let file = TextFile { name: String::new(), path: "a".into(), text: text.to_owned() };
            builds_for(&file, "staging")
        };
        assert!(builds(
            r#""a": "CLOUDFLARE_ENV=staging astro build && wrangler deploy --env staging""#
        ));
        assert!(builds("env:\n  CLOUDFLARE_ENV: 'staging'\n"));
        assert!(!builds("CLOUDFLARE_ENV=staging-two astro build") && !builds("CLOUDFLARE_ENV="));
    }
}

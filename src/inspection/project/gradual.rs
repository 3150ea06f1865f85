//! The rule on gradual deployments: a page of one version needs the files of the same one.

use super::commands::Command;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;

/// The field of a request that keeps a visitor with one version.
const AFFINITY: &str = "Cloudflare-Workers-Version-Key";

/// Finds a command that gives a version a part of the visits, in a project that does not name the
/// field which keeps a visitor with one version.
pub(super) fn affinity(subject: &Subject) -> Vec<Diagnostic> {
    /// Files in which a project may say how it keeps visitors with one version.
    const TEXTS: [&str; 4] = ["README.md", "RUNBOOK.md", "DEPLOY.md", "DEPLOYMENT.md"];
    let is_gradual = |command: &Command| {
        // Without shares, wrangler asks for them.
        let mut shares = command.words.iter().filter_map(|word| word.rsplit_once('@'));
        let is_whole = |(_, share): (&str, &str)| share.trim_end_matches('%') == "100";
        command.is(&["versions", "deploy"]) && !shares.any(is_whole)
    };
    let commands = Command::of_project(subject);
    let Some(command) = commands.iter().find(|command| is_gradual(command)) else {
        return Vec::new();
    };
    let names_it = |text: &str| text.to_ascii_lowercase().contains(&AFFINITY.to_ascii_lowercase());
    let in_sources = subject.sources().iter().any(|file| names_it(&file.text));
    let in_texts = TEXTS.iter().any(|name| {
        std::fs::read_to_string(subject.root.join(name)).is_ok_and(|text| names_it(&text))
    });
    let in_package = subject.package.as_ref().is_some_and(|package| names_it(&package.file.text));
    if in_sources || in_texts || in_package {
        return Vec::new();
    }
    let message = "deploys a version to a part of the visits: a page of the new version may ask the old one for its files, \
                   and gets a 404";
    let note = command.file.note(Code::ProjectVersionAffinity, command.offset, message);
    vec![note.with_help(format!(
        "keep each visitor with one version: a Transform Rule of the zone sets the request field `{AFFINITY}`, for \
         example to the visitor's address; name the field in README.md once it is done"
    ))]
}

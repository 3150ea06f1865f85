//! Rules on what is left of Cloudflare Pages in a project that is deployed as a Worker.

use std::path::Path;

use super::commands::Command;
use super::packages::Package;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::text::TextFile;
use crate::inspection::subject::{Data, Subject};
use crate::project::layout::Layout;

/// The setting that makes a configuration one of Pages.
const SETTING: &str = "pages_build_output_dir";

/// The first version of the adapter that builds for Workers alone.
const FIRST_FOR_WORKERS: u64 = 13;

/// Finds the setting of Pages beside an adapter that refuses it.
pub(super) fn config(subject: &Subject) -> Vec<Diagnostic> {
    let (Some(config), Some(adapter)) =
        (Data::values(subject.config.as_ref()), Package::adapter(subject))
    else {
        return Vec::new();
    };
    if config.get(SETTING).is_none() || !adapter.is_from(FIRST_FOR_WORKERS) {
        return Vec::new();
    }
    let version = adapter.version.map_or_else(String::new, |version| format!(" {version}"));
    let message = format!(
        "`{SETTING}` is refused by @astrojs/cloudflare{version}, which builds for Workers alone"
    );
    let error =
        config.file.error(Code::ProjectPagesConfig, config.offset(&[SETTING.into()]), message);
    vec![error.with_help(
        "remove it, and deploy a Worker; until then the build fails, since Pages reserves the name `ASSETS`",
    )]
}

/// Finds commands and settings that deploy the whole build, whose public files are in a folder of
/// it.
pub(super) fn output(subject: &Subject) -> Vec<Diagnostic> {
    let Some(project) = subject.project() else { return Vec::new() };
    if project.layout != Layout::ClientAndServer {
        return Vec::new();
    }
    let is_dist = |folder: &str| {
        let named = subject.root.join(folder).canonicalize();
        named.is_ok_and(|named| named == project.folder)
    };
    let public = subject.dist_name("client");
    let help = format!(
        "deploy the packed Worker: `wrangler deploy --config dist-worker/wrangler.jsonc`; a Pages project would \
         need `{public}`, and has no server there"
    );
    let code = Code::ProjectPagesOutput;
    let mut found = Vec::new();
    for command in Command::of_project(subject) {
        let is_deployment = command.is(&["pages", "deploy"]) || command.is(&["pages", "publish"]);
        let folder = command.words.get(2).filter(|word| !word.starts_with('-'));
        let Some(folder) = folder.filter(|folder| is_deployment && is_dist(folder)) else {
            continue;
        };
        let message = format!(
            "deploys `{folder}` to Pages, and the public files are in `{public}`: every page is missing"
        );
        found.push(command.file.error(code, command.offset, message).with_help(help.clone()));
    }
    if let Some(config) = Data::values(subject.config.as_ref()) {
        let folder = config.get(SETTING).and_then(serde_json::Value::as_str);
        if let Some(folder) = folder.filter(|folder| is_dist(folder)) {
            let message = format!(
                "`{SETTING}` is `{folder}`, and the public files are in `{public}`: every page is missing"
            );
            let offset = config.offset(&[SETTING.into()]);
            found.push(config.file.error(code, offset, message).with_help(help));
        }
    }
    found
}

/// Finds code that reads a variable that only builds of Pages set.
pub(super) fn ci_variables(subject: &Subject) -> Vec<Diagnostic> {
    let is_of_pages =
        |data: &Data| data.parsed.as_ref().is_ok_and(|config| config.get(SETTING).is_some());
    // Without a configuration for wrangler, the project may be deployed anywhere.
    let Some(config) = &subject.config else { return Vec::new() };
    let adapter = Package::adapter(subject);
    let is_worker = adapter.is_some_and(|adapter| adapter.is_from(FIRST_FOR_WORKERS));
    if is_of_pages(config) && !is_worker {
        return Vec::new();
    }
    let package = subject.package.as_ref().map(|package| &package.file);
    let files = subject.sources().iter().chain(package);
    files.filter_map(ci_variable).collect()
}

/// Finds the first variable of Pages in a file that does not know those of Workers.
fn ci_variable(file: &TextFile) -> Option<Diagnostic> {
    const VARIABLE: &str = "CF_PAGES";
    if file.text.contains("WORKERS_CI") {
        return None;
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let offset = file.text.match_indices(VARIABLE).map(|(at, _)| at).find(|at| {
        let before = file.text[..*at].chars().next_back();
        // A variable is read from an object, by a name or a text, or from the environment of a
        // script.
        before.is_some_and(|c| ".'\"`{$[ ".contains(c)) && !is_comment(&file.text, *at)
    })?;
    let name: String = file.text[offset..].chars().take_while(|c| is_word(*c)).collect();
    let worker = match name.as_str() {
        "CF_PAGES_BRANCH" => "WORKERS_CI_BRANCH",
        "CF_PAGES_COMMIT_SHA" => "WORKERS_CI_COMMIT_SHA",
        _ => "WORKERS_CI",
    };
    let message = format!("`{name}` is set by builds of Pages alone");
    let remedy = if name == "CF_PAGES_URL" {
        "write the address of the site into `site` or a variable of the build".to_owned()
    } else {
        format!("read `{worker}`, which Workers Builds sets")
    };
    let warning = file.warning(Code::ProjectCiVariable, offset, message);
    Some(warning.with_help(format!("{remedy}; until then it is undefined")))
}

/// Returns whether an offset is in a line that is a comment.
fn is_comment(text: &str, offset: usize) -> bool {
    let line = text[..offset].rsplit('\n').next().unwrap_or_default().trim_start();
    ["//", "*", "/*", "<!--", "#"].iter().any(|mark| line.starts_with(mark))
}

/// Finds the server of Pages among the public files.
pub(super) fn worker_js(subject: &Subject) -> Vec<Diagnostic> {
    const NAME: &str = "_worker.js";
    let Some(project) = subject.project() else { return Vec::new() };
    if project.layout == Layout::PagesWorker {
        return deployed_as_assets(subject, NAME);
    }
    if !project.asset_root().join(NAME).exists() {
        return Vec::new();
    }
    let source = format!("public/{NAME}");
    let is_written = subject.root.join(&source).exists();
    let built = subject.dist_name(&project.layout.asset_name(NAME));
    let name = if is_written { source } else { built };
    let message = "is the server of a Pages project, among the public files of a Worker";
    let error = Diagnostic::error(Code::ProjectWorkerJsPublic, name, message);
    vec![error.with_help(
        "remove it, and give the Worker its code by `main` in the configuration for wrangler; wrangler refuses \
         to upload it as an asset, and it would be public",
    )]
}

/// Finds a configuration that deploys a build for Pages, with its server, as the assets of a
/// Worker.
fn deployed_as_assets(subject: &Subject, worker: &str) -> Vec<Diagnostic> {
    let (Some(project), Some(config)) = (subject.project(), Data::values(subject.config.as_ref()))
    else {
        return Vec::new();
    };
    let directory = config.get("assets").and_then(|assets| assets.get("directory")?.as_str());
    let folder = config.file.path.parent().unwrap_or(Path::new("."));
    let is_build = directory.is_some_and(|directory| {
        folder.join(directory).canonicalize().is_ok_and(|it| it == project.folder)
    });
    let ignored = std::fs::read_to_string(project.folder.join(".assetsignore"));
    let is_ignored =
        ignored.is_ok_and(|text| text.lines().any(|line| line.trim().trim_matches('/') == worker));
    if !is_build || is_ignored {
        return Vec::new();
    }
    let offset = config.offset(&["assets".into(), "directory".into()]);
    let message = format!("`assets.directory` contains `{worker}`, the server of a Pages project");
    let error = config.file.error(Code::ProjectWorkerJsPublic, offset, message);
    vec![error.with_help(format!(
        "write `{worker}` into `public/.assetsignore`; until then wrangler refuses to upload the files"
    ))]
}

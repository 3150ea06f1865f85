//! Differences between what the configuration of the site deploys and the packed Worker.

use serde_json::Value;

use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::Options;
use crate::output::worker::wrangler::Needs;
use crate::project::Project;
use crate::project::bindings::{Bindings, Collision};
use crate::project::wrangler::{PACKED_BINDING, PACKED_BODIES};

/// Finds environments whose files Cloudflare would serve in another way than the packed Worker, which
/// is the same in all of them.
pub(super) fn environments(project: &Project, options: &Options) -> Vec<Diagnostic> {
    let config = project.user_config.as_ref().unwrap_or(&project.config);
    let used = project.config.assets();
    let of_used = |option: &str| used.and_then(|assets| assets.get(option));
    let mut found = Vec::new();
    for (name, settings) in config.environments() {
        let Some(assets) = settings.get("assets") else { continue };
        let mut differs = |option: &str, own: &Value, packed: &Value| {
            let message = format!(
                "`env.{name}.assets` sets `{option}` to {own}, but the packed Worker, which is the \
                 same in every environment, has {packed}"
            );
            let warning =
                Diagnostic::warning(Code::WorkerEnvironmentAssets, config.file_name(), message);
            found.push(warning.with_help(
                "pack the site once more for this environment, with options or a configuration of \
                 its own and into another output folder",
            ));
        };
        let compared = [
            ("html_handling", Value::from("auto-trailing-slash"), options.html_handling.is_some()),
            ("not_found_handling", Value::from("none"), options.not_found_handling.is_some()),
            ("run_worker_first", Value::from(false), false),
        ];
        for (option, default, is_chosen) in &compared {
            let own = assets.get(option).unwrap_or(default);
            let packed = of_used(option).unwrap_or(default);
            if own != packed && !is_chosen {
                differs(option, own, packed);
            }
        }
        // An adapter replaces the folder that the user names.
        let folder = assets.get("directory").and_then(Value::as_str);
        if let Some(folder) = folder.filter(|_| project.user_config.is_none()) {
            let root = project.asset_root();
            if config.folder().join(folder).canonicalize().is_ok_and(|other| other != root) {
                let packed = root.file_name().unwrap_or_default().to_string_lossy();
                differs("directory", &folder.into(), &packed.into());
            }
        }
    }
    found
}

/// Finds options of `assets` that a packed Worker does not follow.
pub(super) fn options(project: &Project) -> Vec<Diagnostic> {
    const FOLLOWED: [&str; 5] =
        ["binding", "directory", "html_handling", "not_found_handling", "run_worker_first"];
    let assets = project.config.assets().and_then(Value::as_object);
    let all = assets.into_iter().flatten().map(|(option, _)| option);
    let others = all.filter(|option| !FOLLOWED.contains(&option.as_str()));
    let warning = |option: &String| {
        let message = format!("the packed Worker does not follow `assets.{option}`");
        Diagnostic::warning(Code::WorkerAssetOption, project.config.file_name(), message).with_help(
            "remove it if the site works without it; otherwise leave the files to Workers Static \
             Assets",
        )
    };
    others.map(warning).collect()
}

/// Finds a binding whose name the files of the site have too.
pub(super) fn collision(
    project: &Project,
    bindings: &Bindings,
    needs: &Needs,
) -> Option<Diagnostic> {
    let config = project.user_config.as_ref().unwrap_or(&project.config);
    let own = [(PACKED_BINDING, needs.static_assets), (PACKED_BODIES, needs.r2)];
    let mut own = own.into_iter().filter(|(_, is_needed)| *is_needed);
    let taken = own.find_map(|(name, _)| Some((name, bindings.other(name)?)));
    let (message, help) = match (bindings.collision(), taken) {
        (Some(Collision { name, files, other }), _) => (
            format!("`{files}` and `{other}` give two bindings the name `{name}`"),
            "give one of them another name, and use it in the code of the server".to_owned(),
        ),
        (None, Some((name, other))) => (
            format!("`{other}` has a binding with the name `{name}`"),
            "give it another name: the packed Worker finds its large files under this one"
                .to_owned(),
        ),
        (None, None) => return None,
    };
    Some(
        Diagnostic::error(Code::WorkerBindingCollision, config.file_name(), message)
            .with_help(help),
    )
}

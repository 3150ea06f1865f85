//! Parts of a project of Pages that a packed Worker does not have.

use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::project::Project;
use crate::project::layout::Layout;

/// The environment that Pages deploys from the main branch.
const PRODUCTION: &str = "production";

/// Finds Functions that would no longer answer. `_worker.js` in the build replaces them on Pages, too, and
/// a project of Workers has none.
pub(super) fn functions(project: &Project) -> Option<Diagnostic> {
    let Project { layout, config, .. } = project;
    if *layout != Layout::Static || config.assets().is_some() || !project.has_functions() {
        return None;
    }
    let message = "Pages Functions, which the packed Worker does not run";
    Some(Diagnostic::warning(Code::WorkerPagesFunctions, Project::FUNCTIONS, message).with_help(
        "compile them into the build with `npx wrangler pages functions build --outdir \
         DIST/_worker.js` and pack again; until then, their paths are answered as if they were missing",
    ))
}

/// Finds the settings that Pages deploys to production. Wrangler deploys those of the top level.
pub(super) fn production(project: &Project) -> Option<Diagnostic> {
    let config = &project.config;
    config.get("pages_build_output_dir")?;
    config.environments().find(|(name, _)| *name == PRODUCTION)?;
    let subject = config.path().file_name()?.to_string_lossy();
    let message = "Pages deploys `env.production`, but wrangler deploys the top level of a Worker's \
                   configuration";
    Some(
        Diagnostic::note(Code::WorkerPagesEnvironment, subject, message)
            .with_help("deploy the packed Worker with `--env production`"),
    )
}

//! The features of Pages that Workers lack, or have in another way.

use super::MigrationTarget;
use super::facts::text_file::TextFile;
use super::facts::{Facts, Leftover};
use super::plan::{Remark, RemarkKind};
use super::wrangler::ServerIs;

/// Returns what a user of Pages has to know about the move.
pub(super) fn remarks(
    facts: &Facts,
    target: MigrationTarget,
    server: ServerIs,
    packed_folder: &str,
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut add =
        |kind, subject: &str, text: String| remarks.push(Remark::new(kind, subject, text));
    for setting in &facts.configured.unknown_folders {
        let subject = facts.config.as_ref().map(TextFile::name).unwrap_or_default();
        let default = match *setting {
            "srcDir" => "src",
            "outDir" => "dist",
            _ => "public",
        };
        let text = format!(
            "`{setting}` is only known when the configuration runs. `init` takes it for `{default}`; if it is another folder, write it as a text, and run `init` again"
        );
        add(RemarkKind::ByHand, &subject, text);
    }
    if facts.has(Leftover::Functions) && !facts.runs_another_module() {
        let text = if facts.functions_are_packed() {
            "`build` compiles the folder by `wrangler pages functions build`, and the packed Worker runs the result. The folder stays as it is. Plugins of Pages run only if they are compiled into it"
        } else if facts.has(Leftover::Worker) {
            "Pages ignores the folder, since the site has `public/_worker.js`; so does the packed Worker"
        } else {
            "the server of the adapter answers instead, as it does on Pages, where `_worker.js` comes before this folder. Move what is in it to endpoints of Astro, and remove it"
        };
        add(RemarkKind::Changed, "functions/", text.to_owned());
    }
    if facts.has(Leftover::Worker) {
        let text = "Astro copies it into the build, where the packed Worker takes it for the server. Its requests to `env.ASSETS` are answered from the packed files";
        add(RemarkKind::Changed, "public/_worker.js", text.to_owned());
    }
    if facts.has(Leftover::Routes) {
        let text = "it decides which paths the server answers, as on Pages, as long as the site follows the rules of Pages (`compat`). On Workers, `assets.run_worker_first` does";
        add(RemarkKind::Changed, "public/_routes.json", text.to_owned());
    }
    if let Some(file) =
        facts.sources.locals_runtime.as_ref().filter(|_| facts.adapter_major() >= 13)
    {
        let text = "`locals.runtime` throws since Astro 6: import `env` from `cloudflare:workers`, and use `Astro.request.cf` and `Astro.locals.cfContext`";
        add(RemarkKind::ByHand, file, text.to_owned());
    }
    if let Some(file) = facts.sources.pages_variable.as_ref() {
        let text = "reads a variable `CF_PAGES…`, which builds for Workers do not have; Workers Builds set `WORKERS_CI`, `WORKERS_CI_BRANCH` and `WORKERS_CI_COMMIT_SHA`";
        add(RemarkKind::ByHand, file, text.to_owned());
    }
    if facts.sources.middleware.is_some() && facts.adapter_reason().is_none() {
        let text = "the site has no server, so the middleware runs during the build alone, as it does on Pages";
        add(RemarkKind::Changed, "middleware", text.to_owned());
    }
    for pipeline in &facts.pipelines {
        let config = match target {
            MigrationTarget::Worker => format!("--config {packed_folder}/wrangler.jsonc"),
            MigrationTarget::Rust => "--cwd worker --config wrangler.jsonc".to_owned(),
        };
        let text = format!(
            "deploys to Pages; deploy by `wrangler deploy {config}` there, when the Worker has taken over"
        );
        add(RemarkKind::ByHand, pipeline, text);
    }
    if target == MigrationTarget::Rust {
        let text = "the crate packs the build in `dist`, answers from it, then by `src/api.rs`, then by Astro's server. It needs Rust with the target `wasm32-unknown-unknown`";
        add(RemarkKind::Changed, "worker/", text.to_owned());
    }
    if facts.is_pages() {
        // A site without a server has no secrets, and no script for them.
        let has_it = |subject: &str| subject != SECRETS || server != ServerIs::Missing;
        for (subject, text) in NOT_CARRIED.into_iter().filter(|(subject, _)| has_it(subject)) {
            add(RemarkKind::NotCarried, subject, text.to_owned());
        }
    }
    remarks
}

const SECRETS: &str = "secrets";

/// The features that a project of Pages has in the dashboard, and those that Workers lack.
const NOT_CARRIED: [(&str, &str); 5] = [
    (
        "custom domains",
        "add them to the Worker (Settings, Domains & Routes). A domain outside of Cloudflare's zones works on Pages alone: move its zone to Cloudflare first",
    ),
    (
        "branch aliases",
        "`BRANCH.PROJECT.pages.dev` has no equivalent; the script `canary` uploads a version with a preview URL, and `--preview-alias NAME` gives it a fixed one",
    ),
    (
        "build variables",
        "Pages shares variables between the build and the running site. Set those of the build in your CI, and those of the Worker as `vars` or secrets",
    ),
    (
        SECRETS,
        "they cannot be read back from Pages: write them into `.dev.vars.production`, and upload that by the script `secrets`",
    ),
    (
        "builds by git",
        "Pages builds each push. Connect the repository to the Worker (Workers Builds), or deploy from your CI, and turn off the builds of Pages",
    ),
];

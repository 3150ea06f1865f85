//! Sites that may be a single-page application, without saying so.

use worker_pack_runtime::behaviour::Compat;
use worker_pack_runtime::packer::resolve::canonical_page_path;

use super::SourceFile;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::Options;
use crate::project::Project;
use crate::rules::{Reason, SiteRules};

/// Finds a home page with a script that is the only page of a site, if neither the user nor the project
/// says what an unknown path gets. Serving the home page there would be a guess, which hides every broken
/// link.
pub(super) fn find(
    project: &Project,
    files: &[SourceFile],
    rules: &SiteRules,
    options: &Options,
) -> Option<Diagnostic> {
    let is_said = options.not_found_handling.is_some() || rules.reason != Reason::Default;
    let has_server = project.layout.server_entry(&project.folder).is_some();
    if is_said || has_server || rules.behaviour.compat != Compat::Workers {
        return None;
    }
    let is_page = |file: &&SourceFile| canonical_page_path(file.route.as_str()).is_some();
    let mut pages = files.iter().filter(is_page);
    let page = pages.next().filter(|page| page.route.as_str() == "/index.html")?;
    if pages.next().is_some() || !has_script(&page.content.read().ok()?) {
        return None;
    }
    let message = "is the only page, and unknown paths get a plain 404";
    let help = "if it is a single-page application, set `not-found-handling`, or \
                `assets.not_found_handling` in the configuration for wrangler, to \
                `single-page-application`; else set it to `none`";
    Some(Diagnostic::warning(Code::RulesOnlyPage, &page.name, message).with_help(help))
}

/// Returns whether a page has a script, without which it cannot be an application.
fn has_script(page: &[u8]) -> bool {
    const TAG: &[u8] = b"<script";
    page.windows(TAG.len()).any(|part| part.eq_ignore_ascii_case(TAG))
}

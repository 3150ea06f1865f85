//! Files that a redirect answers for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use worker_pack_runtime::Behaviour;
use worker_pack_runtime::packer::{path, pattern};

use super::SourceFile;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::rules::{Redirect, Redirects, SiteRules};

/// Maximum size of a page that is read to learn whether it is a redirect itself, in bytes.
const MAX_REDIRECT_PAGE: u64 = 4 * 1024;

/// Finds the redirects that precede a file at its URL, so that nobody sees the file.
///
/// `rules_file` is the name of the file with the redirects. A page that only leads elsewhere, such as
/// Astro writes for its own redirects, may be hidden: the redirect does its work.
pub(super) fn find(files: &[SourceFile], rules: &SiteRules, rules_file: &str) -> Vec<Diagnostic> {
    let SiteRules { behaviour, redirects, .. } = rules;
    let mut hidden = BTreeMap::<u32, (&Redirect, Vec<&str>)>::new();
    for file in files {
        let Some(redirect) = hides(file, redirects, *behaviour) else { continue };
        if !is_redirect_page(file) {
            hidden.entry(redirect.line).or_insert((redirect, Vec::new())).1.push(&file.name);
        }
    }
    hidden.into_values().map(|(redirect, names)| warning(redirect, &names, rules_file)).collect()
}

/// Returns the first redirect that applies to the URL of a file, unless it is a rewrite to this file.
fn hides<'r>(
    file: &SourceFile,
    redirects: &'r Redirects,
    behaviour: Behaviour,
) -> Option<&'r Redirect> {
    let url = path::encode(&file.route.url_path_in(behaviour));
    let fixed = &redirects.fixed;
    let (first, to) = match fixed.binary_search_by(|redirect| redirect.from.as_str().cmp(&url)) {
        Ok(at) => (&fixed[at], Cow::Borrowed(&*fixed[at].to)),
        Err(_) => redirects.dynamic.iter().find_map(|redirect| {
            let captures = pattern::matches(&redirect.from, &url)?;
            Some((redirect, pattern::substitute(&redirect.to, &captures)))
        })?,
    };
    let to = to.split(['?', '#']).next().unwrap_or_default();
    let is_own = to == url || to == path::encode(file.route.as_str());
    (first.status != 200 || !is_own).then_some(first)
}

/// Returns whether a page only leads elsewhere.
fn is_redirect_page(file: &SourceFile) -> bool {
    let is_small = file.state.len() <= MAX_REDIRECT_PAGE;
    let bytes = if is_small { file.content.read().unwrap_or_default() } else { Vec::new() };
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    text.contains("http-equiv=\"refresh\"") || text.contains("http-equiv=refresh")
}

fn warning(redirect: &Redirect, names: &[&str], rules_file: &str) -> Diagnostic {
    let Redirect { from, line, .. } = redirect;
    let message = match names {
        [one] => format!("`{from}` in line {line} hides the file `{one}`"),
        [first, rest @ ..] => {
            format!("`{from}` in line {line} hides {} files, such as `{first}`", rest.len() + 1)
        }
        [] => String::new(),
    };
    let help = "redirects come before files: remove the redirect, or the file";
    Diagnostic::warning(Code::RulesRedirectHidesFile, rules_file, message).with_help(help)
}

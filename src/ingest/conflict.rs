//! Files that cannot be reached at their URLs, or whose names differ only in case.

use std::collections::BTreeMap;

use worker_pack_runtime::packer::resolve::{Resolution, resolve};
use worker_pack_runtime::{Asset, Behaviour, ETag, Representation, Table};

use super::SourceFile;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// Finds files that the runtime serves at none of their URLs, and pages that it serves only at
/// their file name, because another file is served at the page's URL.
///
/// The runtime itself resolves the URLs, so that the packer needs no rules of its own for them.
pub(super) fn find(files: &[SourceFile], behaviour: Behaviour) -> Vec<Diagnostic> {
    // Only the paths matter for resolving, so the assets are empty.
    let asset = |(file, tag): (_, u128)| {
        Asset::new(route(file), "", "", Representation::identity(ETag::new(tag), b""))
    };
    let assets: Vec<Asset<'_>> = files.iter().zip(1..).map(asset).collect();
    let table = Table::new(&assets).with_behaviour(behaviour);
    files.iter().filter_map(|file| diagnose(&table, files, file)).collect()
}

/// Finds routes that differ only in case.
pub(super) fn find_cases(files: &[SourceFile]) -> Vec<Diagnostic> {
    let mut by_lower_case = BTreeMap::<String, Vec<&SourceFile>>::new();
    for file in files {
        by_lower_case.entry(file.route.as_str().to_lowercase()).or_default().push(file);
    }
    let warning = |pair: &[&SourceFile]| {
        let message = format!("differs from `{}` only in case", pair[0].name);
        let code = Code::IngestNamesDifferInCase;
        Diagnostic::warning(code, &pair[1].name, message).with_help(
            "both are served, but a file system that ignores case can hold only one of them; rename one",
        )
    };
    by_lower_case.values().flat_map(|files| files.windows(2)).map(warning).collect()
}

/// Returns an error for a file that is never served, and a warning for a page without its own URL.
fn diagnose(table: &Table<'_>, files: &[SourceFile], file: &SourceFile) -> Option<Diagnostic> {
    let is_own = |found: &Asset<'_>| found.path() == file.route.as_str();
    let name_of = |found: &Asset<'_>| {
        let other = files.iter().find(|other| other.route.as_str() == found.path());
        other.map_or_else(|| found.path().to_owned(), |other| other.name.clone())
    };
    let own_name = resolve(table, file.route.as_str());
    let (code, message, help) = match &own_name {
        // The file name leads to the file. For a page, its URL has to do so, too.
        Resolution::Asset(found) if is_own(found) => {
            let url = file.route.url_path_in(table.behaviour());
            let Resolution::Asset(other) = resolve(table, &url) else { return None };
            if is_own(&other) {
                return None;
            }
            let other = name_of(&other);
            let message = format!("is reachable only by file name: `{url}` serves `{other}`");
            let warning = Diagnostic::warning(Code::IngestFileNameOnly, &file.name, message);
            return Some(warning.with_help("rename or remove one of the two files"));
        }
        Resolution::Redirect(to) => match resolve(table, to) {
            Resolution::Asset(found) if is_own(&found) => return None,
            Resolution::Asset(found) => {
                let other = name_of(&found);
                let message = format!("has the same URL as `{other}`: `{to}` serves the latter");
                (Code::IngestUrlConflict, message, "rename or remove one of the two files")
            }
            _ => {
                let message = format!("no URL leads to it: its path is redirected to `{to}`");
                (Code::IngestUnreachable, message, "rename the file")
            }
        },
        _ => {
            let message = format!("no URL leads to it, not even `{}`", file.route);
            (Code::IngestUnreachable, message, "rename the file")
        }
    };
    Some(Diagnostic::error(code, &file.name, message).with_help(help))
}

fn route(file: &SourceFile) -> &str {
    file.route.as_str()
}

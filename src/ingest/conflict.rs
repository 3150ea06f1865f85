//! Files that cannot be reached at their URLs.

use worker_pack_runtime::packer::resolve::{Resolution, resolve};
use worker_pack_runtime::{Asset, Behaviour, ETag, Representation, Table};

use super::SourceFile;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::stage::Stage;

/// Finds files that the runtime serves at none of their URLs, and pages that it serves only at their
/// file name, because another file is served at the page's URL.
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

/// Returns an error for a file that is never served, and a warning for a page without its own URL.
fn diagnose(table: &Table<'_>, files: &[SourceFile], file: &SourceFile) -> Option<Diagnostic> {
    let is_own = |found: &Asset<'_>| found.path() == file.route.as_str();
    let name_of = |found: &Asset<'_>| {
        let other = files.iter().find(|other| other.route.as_str() == found.path());
        other.map_or_else(|| found.path().to_owned(), |other| other.name.clone())
    };
    let own_name = resolve(table, file.route.as_str());
    let message = match &own_name {
        Resolution::Asset(found) if is_own(found) => {
            let url = file.route.url_path_in(table.behaviour());
            let Resolution::Asset(other) = resolve(table, &url) else { return None };
            if is_own(&other) {
                return None;
            }
            let other = name_of(&other);
            let message = format!("is answered at its own name alone: `{url}` is `{other}`");
            let warning = Diagnostic::warning(Stage::Ingest, &file.name, message);
            return Some(warning.with_help("rename or remove one of them"));
        }
        Resolution::Redirect(to) => match resolve(table, to) {
            Resolution::Asset(found) if is_own(&found) => return None,
            Resolution::Asset(found) => {
                format!("would answer `{to}`, and so would `{}`", name_of(&found))
            }
            _ => format!("would answer `{to}`, which is redirected"),
        },
        _ => format!("cannot be reached at `{}`", file.route),
    };
    let error = Diagnostic::error(Stage::Ingest, &file.name, message);
    Some(error.with_help("rename or remove one of them"))
}

fn route(file: &SourceFile) -> &str {
    file.route.as_str()
}

//! Files that would answer the same URL.

use worker_pack_runtime::resolve::{Resolution, resolve};
use worker_pack_runtime::{Asset, ETag, Representation, Table};

use super::SourceFile;
use crate::diagnostic::{Diagnostic, Stage};

/// Finds the files that the runtime would not answer at their own URL.
///
/// The runtime itself is asked, so that there is one rule of what a URL means.
pub(super) fn find(files: &[SourceFile]) -> Vec<Diagnostic> {
    let nothing = Representation::identity(ETag::new(0), b"");
    let asset = |file| Asset::new(route(file), "", "", nothing);
    let assets: Vec<Asset<'_>> = files.iter().map(asset).collect();
    let table = Table::new(&assets);
    let conflict = |file: &SourceFile| {
        let url = file.route.url_path();
        let message = match resolve(&table, url) {
            Resolution::Asset(found) if found.path() == file.route.as_str() => return None,
            Resolution::Asset(found) => {
                let other = files.iter().find(|other| other.route.as_str() == found.path());
                let other = other.map_or(found.path(), |other| &other.name);
                format!("would answer `{url}`, and so would `{other}`")
            }
            Resolution::Redirect(to) => format!("would answer `{url}`, which redirects to `{to}`"),
            Resolution::Nothing => format!("cannot be reached at `{url}`"),
        };
        let error = Diagnostic::error(Stage::Ingest, &file.name, message);
        Some(error.with_help("rename or remove one of them"))
    };
    files.iter().filter_map(conflict).collect()
}

fn route(file: &SourceFile) -> &str {
    file.route.as_str()
}

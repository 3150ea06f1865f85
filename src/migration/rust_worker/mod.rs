//! The crate of a Worker in Rust around a site: table, then API, then Astro's server.

use super::error::MigrationError;
use super::facts::Facts;
use super::facts::text_file::TextFile;
use super::plan::FileEdit;

/// The folder of the crate, below that of the project.
const FOLDER: &str = "worker";

/// The files of the crate with their templates, in which words in capitals are replaced.
const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("Cargo.toml.txt")),
    ("build.rs", include_str!("build.rs.txt")),
    ("src/api.rs", include_str!("api.rs.txt")),
    ("src/lib.rs", include_str!("lib.rs.txt")),
    ("wrangler.jsonc", include_str!("wrangler.jsonc.txt")),
];

/// Returns the files of the crate that are missing. Those that are present stay.
///
/// # Errors
/// If a file in their place is a link that leads out of the project.
pub(super) fn files(
    facts: &Facts,
    name: &str,
    date: &str,
) -> Result<Vec<FileEdit>, MigrationError> {
    let build = format!("../{}", facts.build_folder());
    let fill = |template: &str| {
        template
            .replace("WORKER_NAME", name)
            .replace("COMPATIBILITY_DATE", date)
            .replace("BUILD_FOLDER", &build)
            .replace("PACKER_VERSION", env!("CARGO_PKG_VERSION"))
    };
    let mut edits = Vec::new();
    for (file, template) in FILES {
        let path = format!("{FOLDER}/{file}");
        if TextFile::read(&facts.root, &path)?.is_none() {
            edits.push(FileEdit { path: path.into(), before: None, after: fill(template) });
        }
    }
    Ok(edits)
}

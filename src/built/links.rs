//! The imports between modules that wrangler uploads as they are written. Nothing else notices a missing
//! one before the Worker starts.

use std::collections::BTreeSet;
use std::path::Path;

use super::module::{self, BuiltModule, display, read};
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::project::path::{normalised, slashes};
use crate::transform::javascript::Imports;

/// Reports the files without which the first module cannot be loaded, if they do not exist, such as a
/// program that is not compiled.
pub(super) fn missing(
    main: &Path,
    folder: &Path,
    modules: &[BuiltModule],
) -> Result<Vec<Diagnostic>, PackError> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::from([main.to_owned()]);
    let mut waiting = vec![main.to_owned()];
    while let Some(path) = waiting.pop() {
        for specifier in linked(&path)? {
            let target = normalised(&path.parent().unwrap_or(folder).join(&specifier));
            if target.is_file() {
                if seen.insert(target.clone()) {
                    waiting.push(target);
                }
                continue;
            }
            // The first module is uploaded beside the others, wherever its file is.
            let name = slashes(&normalised(Path::new(&specifier)));
            if modules.iter().all(|module| module.name != name) {
                errors.push(module::missing(&display(&path, folder), &specifier));
            }
        }
    }
    Ok(errors)
}

/// Returns the relative specifiers without which a script cannot be loaded. Another file has none, and
/// neither has one that is not JavaScript.
fn linked(path: &Path) -> Result<Vec<String>, PackError> {
    if !path.extension().is_some_and(|extension| extension == "js" || extension == "mjs") {
        return Ok(Vec::new());
    }
    let script = read(path)?;
    let bytes = script.read()?;
    let imports = Imports::of(&String::from_utf8_lossy(&bytes)).unwrap_or_default();
    let is_relative = |it: &String| it.starts_with("./") || it.starts_with("../");
    let plain = |it: String| it.split('?').next().unwrap_or_default().to_owned();
    Ok(imports.linked.into_iter().filter(is_relative).map(plain).collect())
}

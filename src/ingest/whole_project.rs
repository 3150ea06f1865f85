//! Packed folders that are a whole project, and not what a build wrote.

use super::{LeftOut, SourceFile};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// The file that describes an npm package. A build has none at its root, or one without packages beside it.
const PACKAGE: &str = "/package.json";

/// The folder in which npm installs packages beside [`PACKAGE`].
const INSTALLED: &str = "node_modules/";

/// Warns if the public folder has a package at its root, with the packages that npm has installed for it. Then
/// somebody has named the project instead of its build, and all its sources would be public.
pub(super) fn find(files: &[SourceFile], left_out: &[LeftOut]) -> Option<Diagnostic> {
    let package = files.iter().find(|file| file.route.as_str() == PACKAGE)?;
    let folder = package.name.strip_suffix(&PACKAGE[1..])?;
    // A folder that is left out ends with a slash, too.
    let is_installed =
        |name: &str| name.strip_prefix(folder).is_some_and(|name| name.starts_with(INSTALLED));
    let count = files.iter().filter(|file| is_installed(&file.name)).count();
    if count == 0 && !left_out.iter().any(|one| is_installed(&one.file)) {
        return None;
    }
    let message = match count {
        0 => "is a whole project, and not a build: its sources are public".to_owned(),
        count => format!(
            "is a whole project, and not a build: {count} files of `{INSTALLED}` are public"
        ),
    };
    let help = "name the folder that the build writes, such as `dist`; for a site without a build, leave out what is \
                not part of it by `.assetsignore` or rules with `publish=false`";
    Some(Diagnostic::warning(Code::IngestWholeProject, &package.name, message).with_help(help))
}

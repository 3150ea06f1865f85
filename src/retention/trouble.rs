//! The diagnostics about a store. Each names a file and a remedy; none fails the pack.

use std::io;
use std::path::{Path, PathBuf};

use super::index::VERSION;
use super::store::Loss;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::printable::PrintablePath;

/// The remedy for a store that belongs to something else.
const OTHER_FOLDER: &str = "set `store` of the option `keep` to a folder of its own";

/// Warns of a store that cannot be used at all. `action` is a verb.
pub(super) fn unusable(path: &Path, action: &str, error: &io::Error) -> Diagnostic {
    let message = format!("cannot {action} the store of earlier builds: {error}");
    warning(Code::KeepUnusable, path, message).with_help(format!(
        "let this user read and write it, or {OTHER_FOLDER}; until then a page that is open while the \
         site is deployed may miss its scripts"
    ))
}

/// Warns of an index that is not whole.
pub(super) fn damaged_index(path: &Path) -> Diagnostic {
    let message = "is damaged, so no file of an earlier build is kept".to_owned();
    warning(Code::KeepDamaged, path, message).with_help(
        "restore the folder, if there is a copy of it, and pack again; otherwise this build begins a new \
         index",
    )
}

/// Warns of an index that a newer version wrote.
pub(super) fn newer(path: &Path, version: u32) -> Diagnostic {
    let message = format!(
        "a newer worker-pack wrote it (version {version} of the format, and this one reads {VERSION}), so no \
         file of an earlier build is kept"
    );
    let help = format!("update worker-pack, or {OTHER_FOLDER}");
    warning(Code::KeepOtherStore, path, message).with_help(help)
}

/// Warns of an index that another program wrote.
pub(super) fn foreign(path: &Path) -> Diagnostic {
    let message = "is not the index of a store of earlier builds, so none is kept".to_owned();
    warning(Code::KeepOtherStore, path, message).with_help(OTHER_FOLDER)
}

/// Warns of a folder that holds something else than a store.
pub(super) fn foreign_folder(path: &Path) -> Diagnostic {
    let message = "is not a store of earlier builds, but contains other files".to_owned();
    warning(Code::KeepOtherStore, path, message).with_help(OTHER_FOLDER)
}

/// Warns of the store of another site.
pub(super) fn other_site(path: &Path, found: &str, expected: &str) -> Diagnostic {
    let message = format!(
        "has the builds of the site `{found}`, and this one is `{expected}`, so no file of an earlier build \
         is kept"
    );
    warning(Code::KeepOtherStore, path, message).with_help(format!(
        "{OTHER_FOLDER}, or remove the folder if the site was renamed: its name is the `name` in the \
         configuration for wrangler, else in `package.json`, else that of the project's folder"
    ))
}

/// Warns of bodies that the store has lost, each given by its route, its path and the reason.
pub(super) fn lost(losses: &[(String, PathBuf, Loss)]) -> Option<Diagnostic> {
    let (route, path, loss) = losses.first()?;
    let what = match loss {
        Loss::Missing => "is missing",
        Loss::Unreadable => "cannot be read",
        Loss::Damaged => "is damaged",
    };
    let others = match losses.len() - 1 {
        0 => String::new(),
        1 => ", nor is another file".to_owned(),
        more => format!(", nor are {more} other files"),
    };
    let message = format!("{what}, so `{route}` of an earlier build is no longer kept{others}");
    Some(warning(Code::KeepDamaged, path, message).with_help(
        "restore the folder of the store, if there is a copy of it, and pack again; otherwise the store \
         forgets the file",
    ))
}

/// Tells of files of earlier builds with what looks like a secret.
pub(super) fn withheld(routes: &[String]) -> Option<Diagnostic> {
    let first = routes.first()?;
    let others = match routes.len() - 1 {
        0 => String::new(),
        more => format!(", nor are {more} others"),
    };
    let message =
        format!("is not kept of an earlier build, since it holds what looks like a secret{others}");
    let note = Diagnostic::note(Code::KeepWithheld, first.trim_start_matches('/'), message);
    Some(note.with_help("replace the secret: the file was public before"))
}

/// Tells of builds that are left out because of a limit of the platform.
pub(super) fn over_limit(dropped: usize, found: usize) -> Diagnostic {
    let message = format!(
        "its files of {dropped} of {found} earlier builds are left out, the oldest first: with them it would \
         exceed a limit of the platform"
    );
    Diagnostic::note(Code::KeepOverLimit, "worker", message).with_help(
        "keep less, by `builds`, `max-age` or `max-bytes` of the option `keep`, or move files out of the \
         Worker by `spill-above`",
    )
}

/// Tells of dictionaries that are left out because of a limit of the platform.
pub(super) fn dictionaries_over_limit() -> Diagnostic {
    let message = "dictionaries of earlier builds are left out, since with them it would exceed a limit of the \
                   platform: browsers that have one fetch pages in Brotli until they have the new one"
        .to_owned();
    Diagnostic::note(Code::KeepOverLimit, "worker", message)
        .with_help("move files out of the Worker by `spill-above`, or set `dictionaries` to `off`")
}

fn warning(code: Code, path: &Path, message: String) -> Diagnostic {
    Diagnostic::warning(code, PrintablePath(path).to_string(), message)
}

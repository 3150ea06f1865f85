//! The state of the project in git, by which a user can take an edit back.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// The state of a project in git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GitState {
    /// All files are committed.
    Clean,
    /// This many files have changes that are not committed.
    Dirty(usize),
    /// The project is not in a repository.
    NoRepository,
    /// Git cannot read the repository, such as one of another user.
    Unreadable,
    /// The program `git` cannot be run.
    NoGit,
}

impl GitState {
    /// Asks git for the state of a folder.
    pub(crate) fn of(root: &Path) -> Self {
        let arguments = ["status", "--porcelain", "--untracked-files=normal", "--", "."];
        match ask(root, arguments) {
            None => Self::NoGit,
            Some(Err(())) if root.ancestors().any(|folder| folder.join(".git").exists()) => {
                Self::Unreadable
            }
            Some(Err(())) => Self::NoRepository,
            Some(Ok(changed)) => match changed.lines().count() {
                0 => Self::Clean,
                count => Self::Dirty(count),
            },
        }
    }

    /// Returns what a user has to know before `init` changes files.
    pub(crate) fn warning(self) -> Option<String> {
        let text = match self {
            Self::Clean => return None,
            Self::Dirty(count) => {
                let files = if count == 1 { "1 file has" } else { &format!("{count} files have") };
                return Some(format!(
                    "{files} changes that are not committed; commit them first, so that you can tell and take back what `init` changes"
                ));
            }
            Self::NoRepository => {
                "the project is not in a repository, so git cannot take back what `init` changes; make a copy of the folder first"
            }
            Self::Unreadable => {
                "`git status` fails, so git may not take back what `init` changes; see what it prints, or make a copy of the folder first"
            }
            Self::NoGit => {
                "`git` is not installed, so it cannot take back what `init` changes; make a copy of the folder first"
            }
        };
        Some(text.to_owned())
    }
}

/// Returns whether git knows a file.
pub(crate) fn is_committed(root: &Path, name: &str) -> bool {
    matches!(ask(root, ["ls-files", "--", name]), Some(Ok(listed)) if !listed.trim().is_empty())
}

/// Runs git in a folder, and returns what it prints, or that it fails. Returns `None` without git.
fn ask(
    root: &Path,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Option<Result<String, ()>> {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(root).env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
    let output = git.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(if output.status.success() { Ok(text) } else { Err(()) })
}

//! The plan of a migration: the files before and after, and what a user has to know.

use std::path::PathBuf;

use super::error::MigrationError;
use super::facts::manager::PackageManager;
use super::writing;

/// A change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// The path relative to the project's folder.
    pub path: PathBuf,
    /// The content before. `None` if the file is created.
    pub before: Option<String>,
    /// The content after.
    pub after: String,
}

/// The kind of a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkKind {
    /// Something may not work as the user expects.
    Warning,
    /// Something that the user has to do, since `init` cannot do it with certainty.
    ByHand,
    /// The reason for a change.
    Changed,
    /// Something of Pages that Workers do not have.
    NotCarried,
}

/// A remark on a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The kind of the remark.
    pub kind: RemarkKind,
    /// The file or the feature that the remark is about.
    pub subject: String,
    /// The remark.
    pub text: String,
    /// Lines for the user to copy.
    pub lines: Vec<String>,
}

impl Remark {
    pub(crate) fn new(kind: RemarkKind, subject: &str, text: impl Into<String>) -> Self {
        Self { kind, subject: subject.to_owned(), text: text.into(), lines: Vec::new() }
    }

    pub(crate) fn with_lines(self, lines: Vec<String>) -> Self {
        Self { lines, ..self }
    }
}

/// Something that the files of the project do not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The unknown.
    pub subject: String,
    /// The assumption that the plan makes, or the place where the answer is.
    pub text: String,
    /// The flag that answers it.
    pub answer: String,
}

/// A plan of a migration. Nothing is written yet.
#[derive(Clone, Debug)]
pub struct MigrationPlan {
    pub(crate) root: PathBuf,
    /// The changes, sorted by path. It is empty if the project is migrated.
    pub edits: Vec<FileEdit>,
    /// The remarks for the user, the most important first.
    pub remarks: Vec<Remark>,
    /// The questions that the project leaves open.
    pub questions: Vec<Question>,
    /// The package manager of the project.
    pub manager: PackageManager,
    /// The command that runs worker-pack in the project's folder, such as `npx worker-pack`.
    pub command: String,
    /// True if git can take changes of the project's files back.
    pub is_in_git: bool,
    /// True if the project was deployed to Pages.
    pub is_from_pages: bool,
    /// The names of the scripts that lead through the migration, those that the plan writes.
    pub scripts: Vec<String>,
}

impl MigrationPlan {
    /// Writes all files, or none.
    ///
    /// # Errors
    /// If a file has changed since the plan was made, or cannot be written. The files are then as they
    /// were, unless the error names those that are not.
    pub fn write(&self) -> Result<(), MigrationError> {
        writing::write(&self.root, &self.edits)
    }
}

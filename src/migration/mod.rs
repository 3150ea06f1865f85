//! The migration of an Astro project to a packed Worker: the changes of its files, as a plan.
//!
//! [`Migration`] reads the project, and makes a [`MigrationPlan`]: each file before and after, what cannot
//! be edited with certainty, what is not carried, and what only the user knows. Everything is computed and
//! checked before the first byte is written.

mod astro_config;
mod carried;
mod document;
mod error;
mod facts;
mod git_ignore;
mod list;
mod package;
mod plan;
mod planning;
mod rust_worker;
mod text;
mod wrangler;
mod writing;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use error::MigrationError;
use facts::Facts;
pub use facts::manager::PackageManager;
pub use plan::{FileEdit, MigrationPlan, Question, Remark, RemarkKind};
use planning::Planning;

/// The kind of Worker that a project becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MigrationTarget {
    /// A Worker in JavaScript, with the engine and the site's server.
    #[default]
    Worker,
    /// A Worker in Rust around the site, in a crate in the folder `worker`.
    Rust,
}

/// The answers to what only the user knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// The name of the Worker.
    pub name: Option<String>,
    /// The ids of KV namespaces, by the names of their bindings.
    pub namespaces: BTreeMap<String, String>,
    /// Variables of the Worker, which are not secret.
    pub variables: BTreeMap<String, String>,
    /// The place of an adapter for another host.
    pub other_adapter: OtherAdapter,
}

/// The place of an adapter for another host than Cloudflare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherAdapter {
    /// It stays, with a question.
    #[default]
    Kept,
    /// The adapter for Cloudflare replaces it.
    Replaced,
}

/// A migration of a project.
///
/// # Examples
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plan = worker_pack::Migration::of("my-site").plan()?;
/// for edit in &plan.edits {
///     println!("{:?}", edit.path);
/// }
/// plan.write()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Migration {
    folder: PathBuf,
    target: MigrationTarget,
    answers: Answers,
}

impl Migration {
    /// Begins a migration of the project in a folder.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            target: MigrationTarget::default(),
            answers: Answers::default(),
        }
    }

    /// Sets the kind of Worker.
    #[must_use]
    pub fn target(self, target: MigrationTarget) -> Self {
        Self { target, ..self }
    }

    /// Sets what only the user knows.
    #[must_use]
    pub fn answers(self, answers: Answers) -> Self {
        Self { answers, ..self }
    }

    /// Reads the project, and plans the changes. Nothing is written.
    ///
    /// # Errors
    /// If the folder is not that of an Astro project, or a file that has to change is invalid, read-only,
    /// or a link that leads out of the project.
    pub fn plan(&self) -> Result<MigrationPlan, MigrationError> {
        self.check_answers()?;
        let facts = Facts::read(&self.folder)?;
        Planning::new(self, &facts).plan()
    }

    fn check_answers(&self) -> Result<(), MigrationError> {
        let Answers { name, namespaces, variables, .. } = &self.answers;
        if let Some(name) = name.as_ref().filter(|name| worker_name(name).as_ref() != Some(name)) {
            let message = format!(
                "`{name}` is not a name of a Worker: use 1 to 63 lower-case letters, digits and hyphens"
            );
            return Err(MigrationError::Answer { message });
        }
        if let Some((binding, _)) = namespaces.iter().find(|(_, id)| id.trim().is_empty()) {
            let message = format!(
                "the KV namespace `{binding}` has no id: `wrangler kv namespace list` prints the ids"
            );
            return Err(MigrationError::Answer { message });
        }
        let is_name = |name: &&String| {
            let mut characters = name.chars();
            let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
            characters.next().is_some_and(is_start)
                && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match namespaces.keys().chain(variables.keys()).find(|name| !is_name(name)) {
            None => Ok(()),
            Some(name) => {
                let message = format!(
                    "`{name}` is not a name of a binding or variable: use letters, digits and underscores"
                );
                Err(MigrationError::Answer { message })
            }
        }
    }
}

/// Returns a text as the name of a Worker. Returns `None` if nothing is left of it.
fn worker_name(text: &str) -> Option<String> {
    const MAX: usize = 63;
    let last = text.rsplit('/').next().unwrap_or(text).to_lowercase();
    let name: String =
        last.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(MAX).collect();
    let name = name.trim_matches('-').to_owned();
    (!name.is_empty()).then_some(name)
}

//! The plan of a migration, through the library.

mod astro_config;
mod wrangler;
mod writing;

use worker_pack::Migration;
use worker_pack::migrate::FileEdit;

use crate::support::project::{Project, package};

/// Plans the migration of a project with these files, and returns the edit of one of them.
fn edit(name: &str, files: &[(&str, &str)]) -> Option<FileEdit> {
    let package = package("7.3.5", &[]);
    let project = Project::new(&[files, &[("package.json", &*package)]].concat());
    let plan = Migration::of(project.folder()).plan().unwrap();
    plan.edits.into_iter().find(|edit| edit.path.to_str() == Some(name))
}

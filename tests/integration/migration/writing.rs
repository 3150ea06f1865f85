//! A plan is written whole, or not at all.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use worker_pack::Migration;
use worker_pack::migrate::MigrationTarget;

use crate::support::project::{Project, package};

fn project() -> Project {
    Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", "export default {};\n"),
    ])
}

#[test]
fn a_file_that_changes_after_the_plan_stops_it() {
    let project = project();
    let plan = Migration::of(project.folder()).plan().unwrap();
    project.write("package.json", package("7.3.6", &[]));
    let before = project.contents();
    let error = plan.write().unwrap_err().to_string();
    assert_eq!(
        error,
        "cannot change `package.json`: it has changed meanwhile; run `init` again; nothing was written"
    );
    assert_eq!(project.contents(), before);
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_others_as_they_were() {
    let project = project();
    let plan = Migration::of(project.folder()).target(MigrationTarget::Rust).plan().unwrap();
    // A file is where a folder has to be.
    project.write("worker", "in the way");
    let before = project.contents();
    let error = plan.write().unwrap_err().to_string();
    assert!(error.contains("worker/"), "{error}");
    assert_eq!(project.contents(), before);
}

#[test]
fn files_that_are_already_in_their_places_are_restored() {
    let project = project();
    let mut plan = Migration::of(project.folder()).plan().unwrap();
    // The last file cannot be renamed to its place, since that is a folder by then.
    let mut last = plan.edits.last().unwrap().clone();
    last.path = "zzz".into();
    plan.edits.push(last);
    fs::create_dir(project.folder().join("zzz")).unwrap();
    let before = project.contents();
    assert!(plan.write().is_err());
    assert_eq!(project.contents(), before);
    assert!(!project.folder().join("wrangler.jsonc").exists());
}

#[test]
fn the_permissions_of_files_stay() {
    let project = project();
    let path = project.folder().join("package.json");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    Migration::of(project.folder()).plan().unwrap().write().unwrap();
    let mode = |name: &str| fs::metadata(project.folder().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("package.json") & 0o777, 0o640);
    // A new file is readable as the system's mask allows, and not only to its owner as a temporary one.
    project.write("other", "");
    assert_eq!(mode("wrangler.jsonc"), mode("other"));
}

//! `worker-pack init`: projects in the shapes that users have, before and after.

mod projects;
mod refused;
mod unusual;

use crate::cli::{parts, run};
use crate::support::project::Project;

/// Returns what the command shows for a project, which it does not change.
fn shown(project: &Project, arguments: &[&str]) -> String {
    let before = project.contents();
    let arguments = [&["init"], arguments].concat();
    let (code, stdout, stderr) = parts(&run(project.folder(), &arguments));
    assert_eq!((code, &*stderr), (0, ""), "{stdout}");
    assert_eq!(project.contents(), before);
    stdout
}

/// Writes the changes of a project, and checks that a second run changes nothing.
fn written(project: &Project, arguments: &[&str]) -> String {
    let arguments = [&["init", "--write"], arguments].concat();
    let (code, stdout, stderr) = parts(&run(project.folder(), &arguments));
    assert_eq!((code, &*stderr), (0, ""), "{stdout}");
    let after = project.contents();
    let (code, again, _) = parts(&run(project.folder(), &arguments));
    assert_eq!(code, 0);
    assert!(again.starts_with("nothing to change"), "{again}");
    assert_eq!(project.contents(), after);
    stdout
}

/// Returns the differences of a project's files, without what follows them.
fn differences(project: &Project, arguments: &[&str]) -> String {
    let shown = shown(project, arguments);
    written(project, arguments);
    let end = shown.find("\n\nwarnings").unwrap_or(shown.len());
    shown[..end].to_owned()
}

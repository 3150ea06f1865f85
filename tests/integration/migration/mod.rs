//! The plan of a migration, through the library.

mod astro_config;
mod wrangler;
mod writing;

use proptest::prelude::*;
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

/// White space and comments between two tokens.
fn space() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(" ".to_owned()),
        Just("\t".to_owned()),
        Just("\n".to_owned()),
        "[a-z, \\[\\](){}']{0,8}".prop_map(|text| format!("/* {text} */")),
        "[a-z, \\[\\](){}']{0,8}".prop_map(|text| format!("// {text}\n")),
    ];
    proptest::collection::vec(part, 0..3).prop_map(|parts| parts.concat())
}

/// An object without properties and comments loses the white space in it.
fn without_space_in_empty_objects(text: &str) -> String {
    let mut parts = text.split('{');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        let is_empty = part.trim_start().starts_with('}');
        format!("{text}{{{}", if is_empty { part.trim_start() } else { part })
    })
}

/// Returns whether a text is another one with some parts inserted.
fn contains_in_order(after: &str, before: &str) -> bool {
    let mut rest = after.chars();
    before.chars().all(|wanted| rest.any(|c| c == wanted))
}

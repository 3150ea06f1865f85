//! `package.json`: scripts and packages that are added, and commands of Pages that are replaced.

mod command;
mod scripts;

use serde_json::{Value, json};

use super::document::{Change, Format};
use super::error::MigrationError;
use super::facts::{Facts, version};
use super::plan::{Remark, RemarkKind};
use super::wrangler::ServerIs;
use super::{MigrationTarget, facts};
use crate::project::astro_adapter::ADAPTER;
pub(crate) use command::project_of_pages;
pub(crate) use scripts::{Scripts, packed_folder};

/// The range of versions of wrangler that a project without it gets: adapter 14 requires it.
const WRANGLER: &str = "^4.125.0";

/// The program that packs a site after its build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PackedBy {
    /// The integration for Astro.
    Integration,
    /// A command after `astro build`.
    Command,
    /// The build script of a crate.
    Crate,
}

/// The facts that the scripts and packages depend on.
#[derive(Clone, Debug)]
pub(crate) struct Needs<'n> {
    pub(crate) facts: &'n Facts,
    pub(crate) target: MigrationTarget,
    pub(crate) server: ServerIs,
    pub(crate) packed_by: PackedBy,
    /// The names of the environments.
    pub(crate) environments: &'n [String],
    /// The compatibility date of the Worker.
    pub(crate) date: &'n str,
    /// The compatibility flags of the Worker.
    pub(crate) flags: &'n [String],
}

/// Returns the text of `package.json` after the migration, and the names of the scripts that it adds.
///
/// # Errors
/// If a change cannot be made.
pub(crate) fn edited(
    needs: &Needs<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<(String, Vec<String>), MigrationError> {
    let facts = needs.facts;
    let scripts = Scripts::new(needs, remarks);
    let mut changes: Vec<Change> = scripts
        .changed
        .iter()
        .map(|(name, script)| Change::set(&["scripts", name], json!(script)))
        .collect();
    for (name, range) in packages(needs, remarks) {
        changes.push(Change::set(&["devDependencies", name], json!(range)));
    }
    let file = &facts.package;
    let wrong = |message| MigrationError::WrongEdit { path: file.path.clone(), message };
    let text = Format::Jsonc.apply(&file.text, &changes).map_err(wrong)?;
    let after: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let mut expected = facts.package_values.as_object().cloned().unwrap_or_default();
    for change in &changes {
        change.apply(&mut expected);
    }
    if after != Value::Object(expected) {
        return Err(wrong("other values differ".to_owned()));
    }
    Ok((text, scripts.names))
}

/// Returns the packages that are missing, with the range of their versions.
fn packages(needs: &Needs<'_>, remarks: &mut Vec<Remark>) -> Vec<(&'static str, String)> {
    let facts = needs.facts;
    let is_missing = |name| version::wanted(&facts.package_values, name).is_none();
    let mut added = Vec::new();
    let major = facts.adapter_major();
    if matches!(needs.server, ServerIs::OfAdapter(_)) && is_missing(ADAPTER) {
        added.push((ADAPTER, format!("^{major}.0.0")));
    }
    if is_missing("worker-pack") {
        added.push(("worker-pack", format!("^{}", env!("CARGO_PKG_VERSION"))));
    }
    if is_missing("wrangler") {
        added.push(("wrangler", WRANGLER.to_owned()));
    }
    let mut warn = |text: String| {
        remarks.push(Remark::new(RemarkKind::ByHand, facts::PACKAGE, text));
    };
    if let Some(wrangler) = facts.wrangler_version.as_ref().filter(|it| it.major < 4) {
        let install = format!("{} add -D wrangler@{WRANGLER}", facts.manager.kind);
        warn(format!("wrangler is {}; the commands need version 4: `{install}`", wrangler.text));
    }
    match (&facts.astro, &facts.adapter) {
        (Some(astro), Some(adapter)) if facts::adapter_for(astro.major) != adapter.major => {
            let fitting = facts::adapter_for(astro.major);
            warn(format!(
                "`{}` is {}, but Astro is {}, which needs version {fitting}: update it before you build",
                ADAPTER, adapter.text, astro.text
            ));
        }
        (None, _) => warn("the version of Astro is unknown, and taken for the newest: install the packages, and run `init` again".to_owned()),
        _ => {}
    }
    if facts.astro.as_ref().is_some_and(|it| it.major < 5) {
        warn(
            "worker-pack packs sites of Astro 5, 6 and 7: update Astro before you build".to_owned(),
        );
    }
    added
}

//! A Worker that the site has besides its build: `main` in the configuration of a static site.
//!
//! The packed Worker imports it from where it is, and wrangler bundles both, as it bundles that Worker
//! without packing: with TypeScript, packages, `alias` and `define`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::wrangler::{Rebase, is_packed};
use super::{WORKER, write};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::project::Project;
use crate::project::layout::Layout;
use crate::project::wrangler::WranglerConfig;

/// The extensions of modules that wrangler bundles.
const EXTENSIONS: [&str; 6] = ["js", "jsx", "mjs", "mts", "ts", "tsx"];

/// The site's own Worker, as a part of the packed one.
#[derive(Clone, Debug)]
pub(crate) struct OwnWorker {
    /// Its module, as the packed Worker's first module imports it.
    pub(crate) module: String,
}

/// The result of looking for the site's own Worker.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// The site has none, or it is part of the build.
    None,
    /// The packed Worker can import it.
    Importable(OwnWorker),
    /// The packed Worker would take its place, and leave its bindings without their code: wrangler
    /// refuses a class that does not exist.
    NotImportable(Box<Diagnostic>),
}

/// Looks for the site's own Worker. `out` is the output folder.
pub(super) fn find(project: &Project, out: &Path) -> Found {
    let Project { config, layout, .. } = project;
    if *layout == Layout::ClientAndServer {
        // The adapter has made the server of it.
        return Found::None;
    }
    let top = config.get("main").and_then(Value::as_str);
    let is_own = |(_, main): &(String, &str)| {
        let path = config.folder().join(main).canonicalize();
        let is_in_build = path.is_ok_and(|path| path.starts_with(&project.folder));
        // A configuration that deploys a packed Worker has no other.
        !(is_packed(main) || is_in_build && *layout == Layout::PagesWorker)
    };
    let workers: Vec<(String, &str)> = workers(config).filter(is_own).collect();
    let is_top = |main: &str| {
        let real = |main: &str| config.folder().join(main).canonicalize().ok();
        top.is_some_and(|top| main == top || real(main).is_some_and(|it| Some(it) == real(top)))
    };
    let other = workers.iter().find(|(place, main)| place != "main" && !is_top(main));
    let Some((place, main)) = other.or(workers.first()) else { return Found::None };
    let reason = match other {
        Some(_) => Some("only the Worker in `main` can be"),
        None => obstacle(project, main),
    };
    if let Some(reason) = reason {
        return Found::NotImportable(Box::new(refused(config, place, main, reason)));
    }
    let modules = out.join(write::BUNDLE).join(WORKER);
    let module = Rebase::new(config.folder(), None, &modules).path(main);
    Found::Importable(OwnWorker { module })
}

/// Returns the Workers that a configuration names, with their settings.
fn workers(config: &WranglerConfig) -> impl Iterator<Item = (String, &str)> {
    let top = config.get("main").and_then(Value::as_str).map(|main| ("main".to_owned(), main));
    let site = config.get("site").and_then(|site| site.get("entry-point")?.as_str());
    let site = site.map(|main| ("site.entry-point".to_owned(), main));
    let environments = config.environments().filter_map(|(name, settings)| {
        Some((format!("env.{name}.main"), settings.get("main")?.as_str()?))
    });
    top.into_iter().chain(site).chain(environments)
}

/// Returns the reason for which the packed Worker cannot import the Worker in `main`.
fn obstacle(project: &Project, main: &str) -> Option<&'static str> {
    let Project { config, layout, .. } = project;
    let has = |name: &str| config.get(name) == Some(&Value::Bool(true));
    let path = config.folder().join(main);
    let is_built = config.get("build").is_some_and(|build| build.get("command").is_some());
    if *layout == Layout::PagesWorker {
        return Some("the build has a server already");
    }
    if config.get("site").is_some() {
        return Some("it is one of Workers Sites");
    }
    if has("no_bundle") || has("find_additional_modules") {
        return Some("wrangler does not bundle it");
    }
    if !path.extension().is_some_and(|it| EXTENSIONS.iter().any(|extension| it == *extension)) {
        return Some("it is not JavaScript or TypeScript");
    }
    match fs::read(&path) {
        Ok(source) if has_default_export(&String::from_utf8_lossy(&source)) => None,
        Ok(_) => Some("it has no default export"),
        // wrangler runs the command before it bundles.
        Err(_) if is_built => None,
        Err(_) => Some("it cannot be read"),
    }
}

/// Returns whether a module in JavaScript or TypeScript has the words of a default export.
fn has_default_export(source: &str) -> bool {
    source.split("export").skip(1).any(|rest| {
        let rest = rest.trim_start();
        let list = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
        let mut names = list.into_iter().flat_map(|list| list.split(','));
        rest.starts_with("default")
            || names.any(|name| name.split_whitespace().next_back() == Some("default"))
    })
}

fn refused(config: &WranglerConfig, place: &str, main: &str, reason: &str) -> Diagnostic {
    let message = format!(
        "`{place}`, `{main}`, is a Worker of the site's own that cannot be packed: {reason}"
    );
    Diagnostic::error(Code::WorkerOwnWorker, config.file_name(), message).with_help(format!(
        "deploy that Worker under a name of its own, with a configuration in another folder; if the \
         packed Worker replaces it, remove `{place}` and the bindings of its classes"
    ))
}

#[cfg(test)]
mod tests {
    use super::has_default_export;

    #[test]
    fn a_default_export_is_known_by_its_words() {
        for source in [
            "export default { fetch };",
            "export   default class extends WorkerEntrypoint {}",
            "export { worker as default, Counter };",
            "export { default } from './app';",
            "export {Counter,default}from'./app'",
        ] {
            assert!(has_default_export(source), "{source}");
        }
        for source in [
            "addEventListener('fetch', () => {});",
            "module.exports = { default: 1 };",
            "export { default as app } from './app';",
            "export const defaults = {};",
        ] {
            assert!(!has_default_export(source), "{source}");
        }
    }
}

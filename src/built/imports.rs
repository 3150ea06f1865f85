//! The files that wrangler bundles: those that the first module imports, directly or through others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::module::{display, missing, read};
use super::rules::{RuleType, Rules};
use crate::asset::blob::Blob;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::feedback::error::PackError;
use crate::output::worker::packages::package;
use crate::project::path::normalised;
use crate::transform::SyntaxError;
use crate::transform::javascript::Imports;

/// The extensions that esbuild adds to a specifier, in its order.
const EXTENSIONS: [&str; 7] = ["", ".tsx", ".ts", ".jsx", ".js", ".css", ".json"];

/// The result of a walk along imports.
#[derive(Debug)]
pub(super) struct Bundle {
    /// The scripts that become one, by their paths from the folder of the configuration.
    pub(super) scripts: Vec<(String, Blob)>,
    /// The modules that are uploaded beside the bundle.
    pub(super) data: BTreeMap<PathBuf, RuleType>,
    /// The npm packages that are imported, which wrangler bundles too.
    pub(super) packages: BTreeSet<String>,
    /// The number of imports that are computed at run time.
    pub(super) computed: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Bundle {
    /// Walks from the first module. Files in `external` are modules already, which are not bundled.
    pub(super) fn of(
        main: &Path,
        folder: &Path,
        rules: &Rules,
        external: &BTreeSet<PathBuf>,
    ) -> Result<Self, PackError> {
        let mut bundle = Self {
            scripts: Vec::new(),
            data: BTreeMap::new(),
            packages: BTreeSet::new(),
            computed: 0,
            diagnostics: Vec::new(),
        };
        let mut seen = BTreeSet::from([main.to_owned()]);
        let mut waiting = vec![main.to_owned()];
        while let Some(path) = waiting.pop() {
            let (name, bytes) = (display(&path, folder), read(&path)?);
            let imports = bundle.read(&path, &name, &bytes)?;
            bundle.computed += imports.computed;
            bundle.scripts.push((name.clone(), bytes));
            for specifier in imports.specifiers.iter().chain(&imports.required) {
                // An alias such as `#internal` is resolved by a `package.json`.
                let alias = specifier.starts_with('#').then_some(specifier.as_str());
                if let Some(package) = package(specifier).or(alias) {
                    bundle.packages.insert(package.to_owned());
                    continue;
                }
                if !specifier.starts_with(['.', '/']) {
                    continue;
                }
                let plain = specifier.split('?').next().unwrap_or_default();
                let target = normalised(&path.parent().unwrap_or(folder).join(plain));
                if external.contains(&target) {
                    continue;
                }
                let kind = rules.of_specifier(specifier);
                let Some(target) = found(&target) else {
                    bundle.diagnostics.push(missing(&name, specifier));
                    continue;
                };
                match kind {
                    Some(kind) => drop(bundle.data.insert(target, kind)),
                    None if seen.insert(target.clone()) => waiting.push(target),
                    None => {}
                }
            }
        }
        bundle.scripts.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(bundle)
    }

    /// Reads the imports of a script. Other files that esbuild understands import nothing.
    fn read(&mut self, path: &Path, name: &str, bytes: &Blob) -> Result<Imports, PackError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let bytes = bytes.read()?;
        let source = String::from_utf8_lossy(&bytes);
        let imports = match &*extension {
            "ts" | "mts" | "cts" | "tsx" => Imports::of_typescript(&source),
            "js" | "mjs" | "cjs" | "jsx" => Imports::of(&source),
            _ => return Ok(Imports::default()),
        };
        Ok(imports.unwrap_or_else(|SyntaxError { message, offset }| {
            let message = format!("not valid JavaScript: {message}");
            let warning = Diagnostic::warning(Code::WorkerSyntaxError, name, message)
                .with_excerpt(Excerpt::at(&source, offset))
                .with_help("what it imports is not weighed");
            self.diagnostics.push(warning);
            Imports::default()
        }))
    }
}

/// Finds a file as esbuild does, which adds extensions.
fn found(path: &Path) -> Option<PathBuf> {
    let with = |path: &Path, extension| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    let index = path.join("index");
    let all = [path, &index]
        .into_iter()
        .flat_map(|path| EXTENSIONS.into_iter().map(move |extension| with(path, extension)));
    // TypeScript imports a module by the name that it will have as JavaScript.
    let stem = path.to_str().and_then(|path| path.strip_suffix(".js"));
    let typed = stem.map(|stem| PathBuf::from(format!("{stem}.ts")));
    all.chain(typed).find(|path| path.is_file())
}

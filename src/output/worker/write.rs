//! Writes a Worker: a folder of modules and static assets, which is replaced as a whole, and the
//! configuration beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::{BODIES, Bundle, STATIC_ASSETS, WORKER, WRANGLER_CONFIG, WorkerReport};
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::output::content::Content;
use crate::output::folder::{self, STAGING};
use crate::output::{Emitted, MANIFEST, Output, OutputFiles, manifest};

/// The folder that is replaced as a whole.
const BUNDLE: &str = "bundle";

/// Stops wrangler from publishing `.assetsignore` itself.
const ASSETS_IGNORE: (&str, &str) = (".assetsignore", ".assetsignore\n");

/// Writes a Worker into a folder. `known` is the state of the last output.
pub(super) fn emit(
    bundle: &Bundle,
    manifest: &str,
    report: WorkerReport,
    out: &Path,
    known: &OutputFiles,
) -> Result<Output, PackError> {
    let target = out.join(BUNDLE);
    // The manifest marks a folder that worker-pack wrote, which it may replace.
    if target.exists() && !target.join(MANIFEST).exists() {
        let message = "worker-pack did not write it; remove it, or choose another output folder";
        return Err(PackError::OutputInTheWay { path: target, message });
    }
    folder::refuse_foreign(&target, &[(MANIFEST, manifest::MARK)])?;
    let _lock = folder::lock(out)?;
    let wanted = wanted(bundle, manifest);
    let present = present(&target)?;
    let mut unchanged = 0;
    for (name, content) in &wanted {
        // A hash in the name and an unchanged state prove the content without reading the file.
        let is_unchanged = present.contains(name)
            && (is_named_by_content(name) && known.has(&format!("{BUNDLE}/{name}"), out)
                || content.is_in(&target.join(name)));
        unchanged += usize::from(is_unchanged);
    }
    let removed = present.iter().filter(|name| !wanted.contains_key(*name)).count();
    let mut emitted =
        Emitted { folder: out.to_owned(), written: wanted.len() - unchanged, unchanged, removed };

    let staging = out.join(STAGING);
    let staged = staging.join(BUNDLE);
    let is_changed = emitted.written + emitted.removed > 0;
    if is_changed {
        for (name, content) in &wanted {
            write(&staged.join(name), *content)?;
        }
    }
    // The configuration comes first: should the process end here, an old bundle works with
    // additional settings, while a new bundle may not work without them.
    let config = out.join(WRANGLER_CONFIG);
    let wrangler = Content::Bytes(bundle.wrangler.as_bytes());
    if wrangler.is_in(&config) {
        emitted.unchanged += 1;
    } else {
        let staged = staging.join(WRANGLER_CONFIG);
        write(&staged, wrangler)?;
        fs::rename(&staged, &config).map_err(PackError::io(Stage::Output, "write", &config))?;
        emitted.written += 1;
    }
    if is_changed {
        replace(&staged, &target).map_err(PackError::io(Stage::Output, "replace", &target))?;
    }
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(PackError::io(Stage::Output, "remove", &staging))?;
    }
    let bundled = wanted.into_keys().map(|name| format!("{BUNDLE}/{name}"));
    let files = OutputFiles::look(out, bundled.chain([WRANGLER_CONFIG.to_owned()]));
    Ok(Output::Folder { emitted, files, worker: Some(Box::new(report)) })
}

/// Returns whether the name of a file contains the hash of its bytes.
fn is_named_by_content(name: &str) -> bool {
    let folders = [format!("{WORKER}/{BODIES}/"), format!("{STATIC_ASSETS}/")];
    folders.iter().any(|folder| name.starts_with(folder))
}

/// Returns the files of the bundle, by their paths in its folder.
fn wanted<'b>(bundle: &'b Bundle, manifest: &'b str) -> BTreeMap<String, Content<'b>> {
    let modules =
        bundle.modules.iter().map(|(name, module)| (format!("{WORKER}/{name}"), &module.parts[..]));
    let assets = bundle
        .static_assets
        .iter()
        .map(|(name, body)| (format!("{STATIC_ASSETS}/{name}"), std::slice::from_ref(body)));
    let bodies = modules.chain(assets).map(|(name, parts)| (name, Content::Bodies(parts)));
    let (ignore, rules) = ASSETS_IGNORE;
    let ignore = (!bundle.static_assets.is_empty())
        .then(|| (format!("{STATIC_ASSETS}/{ignore}"), Content::Bytes(rules.as_bytes())));
    let manifest = (MANIFEST.to_owned(), Content::Bytes(manifest.as_bytes()));
    bodies.chain(ignore).chain([manifest]).collect()
}

/// Returns the paths of the files in the bundle's folder.
fn present(target: &Path) -> Result<BTreeSet<String>, PackError> {
    let mut present = BTreeSet::new();
    if !target.exists() {
        return Ok(present);
    }
    for entry in WalkDir::new(target) {
        let entry =
            entry.map_err(|error| PackError::io(Stage::Output, "read", target)(error.into()))?;
        if !entry.file_type().is_dir() {
            let relative = entry.path().strip_prefix(target).unwrap_or(entry.path());
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            present.insert(parts.join("/"));
        }
    }
    Ok(present)
}

fn write(path: &Path, content: Content<'_>) -> Result<(), PackError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(PackError::io(Stage::Output, "create", folder))?;
    content.write(path).map(drop)
}

/// Replaces the target by a staged folder. The old folder is in the staging folder afterwards.
///
/// Linux and macOS exchange the two atomically. Elsewhere the target is missing for a moment. If
/// the process ends then, the next run writes it.
fn replace(staged: &Path, target: &Path) -> io::Result<()> {
    if !target.exists() {
        return fs::rename(staged, target);
    }
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, staged, CWD, target, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    let aside = staged.with_extension("old");
    fs::rename(target, aside)?;
    fs::rename(staged, target)
}

//! A Worker for JavaScript hosts: one folder of modules and static assets, which is replaced as a
//! whole, and the configuration beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::folder::{self, STAGING};
use super::{Emitted, MANIFEST, manifest};
use crate::bundle::{Bundle, STATIC_ASSETS, WORKER, WRANGLER_CONFIG};
use crate::diagnostic::Stage;
use crate::error::PackError;

/// The folder that is replaced as a whole.
const BUNDLE: &str = "bundle";

/// What keeps wrangler from publishing its own list of what not to publish.
const ASSETS_IGNORE: (&str, &str) = (".assetsignore", ".assetsignore\n");

/// Writes a Worker into a folder.
pub(crate) fn emit_worker(
    bundle: &Bundle,
    manifest: &str,
    out: &Path,
) -> Result<Emitted, PackError> {
    let target = out.join(BUNDLE);
    if target.exists() && !target.join(MANIFEST).exists() {
        let message = "worker-pack did not write it; remove it, or give another folder";
        return Err(PackError::OutputInTheWay { path: target, message });
    }
    folder::refuse_foreign(&target, &[(MANIFEST, manifest::MARK)])?;
    let _lock = folder::lock(out)?;
    let wanted = wanted(bundle, manifest);
    let present = present(&target)?;
    let is_same = |(name, bytes): (&String, &&[u8])| {
        present.contains(name) && folder::has_bytes(&target.join(name), bytes)
    };
    let unchanged = wanted.iter().filter(|&file| is_same(file)).count();
    let removed = present.iter().filter(|name| !wanted.contains_key(*name)).count();
    let mut emitted =
        Emitted { folder: out.to_owned(), written: wanted.len() - unchanged, unchanged, removed };

    let staging = out.join(STAGING);
    let staged = staging.join(BUNDLE);
    let is_changed = emitted.written + emitted.removed > 0;
    if is_changed {
        for (name, bytes) in &wanted {
            write(&staged.join(name), bytes)?;
        }
    }
    // First, since a Worker that is told too much of its host still works.
    let config = out.join(WRANGLER_CONFIG);
    if folder::has_bytes(&config, bundle.wrangler.as_bytes()) {
        emitted.unchanged += 1;
    } else {
        let staged = staging.join(WRANGLER_CONFIG);
        write(&staged, bundle.wrangler.as_bytes())?;
        fs::rename(&staged, &config).map_err(PackError::io(Stage::Emit, "write", &config))?;
        emitted.written += 1;
    }
    if is_changed {
        replace(&staged, &target).map_err(PackError::io(Stage::Emit, "replace", &target))?;
    }
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(PackError::io(Stage::Emit, "remove", &staging))?;
    }
    Ok(emitted)
}

/// Returns the files of the bundle, by their paths in it.
fn wanted<'b>(bundle: &'b Bundle, manifest: &'b str) -> BTreeMap<String, &'b [u8]> {
    let modules =
        bundle.modules.iter().map(|(name, module)| (format!("{WORKER}/{name}"), &*module.bytes));
    let assets = bundle
        .static_assets
        .iter()
        .map(|(name, bytes)| (format!("{STATIC_ASSETS}/{name}"), &**bytes));
    let (ignore, rules) = ASSETS_IGNORE;
    let ignore = (!bundle.static_assets.is_empty())
        .then(|| (format!("{STATIC_ASSETS}/{ignore}"), rules.as_bytes()));
    modules
        .chain(assets)
        .chain(ignore)
        .chain([(MANIFEST.to_owned(), manifest.as_bytes())])
        .collect()
}

/// Returns the files that are there.
fn present(target: &Path) -> Result<BTreeSet<String>, PackError> {
    let mut present = BTreeSet::new();
    if !target.exists() {
        return Ok(present);
    }
    for entry in WalkDir::new(target) {
        let entry =
            entry.map_err(|error| PackError::io(Stage::Emit, "read", target)(error.into()))?;
        if !entry.file_type().is_dir() {
            let relative = entry.path().strip_prefix(target).unwrap_or(entry.path());
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            present.insert(parts.join("/"));
        }
    }
    Ok(present)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PackError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(PackError::io(Stage::Emit, "create", folder))?;
    fs::write(path, bytes).map_err(PackError::io(Stage::Emit, "write", path))
}

/// Puts a new folder in the place of another, which lies where the new one was afterwards.
///
/// Where the system can, the two change places at once. Elsewhere there is a moment without either,
/// which the next run mends.
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

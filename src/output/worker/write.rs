//! Writes a Worker: a folder of modules and static assets, which is replaced as a whole, and the
//! configuration beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, io};

use serde::Deserialize;

use super::r2::{OBJECTS as R2_OBJECTS, UPLOADS as R2_UPLOADS};
use super::wrangler::MAIN_OF_PROGRAM;
use super::{BODIES, Bundle, Places, STATIC_ASSETS, WORKER, WRANGLER_CONFIG, WorkerReport, script};
use crate::disk::{Access, Folder, Kind};
use crate::feedback::error::PackError;
use crate::output::content::Content;
use crate::output::folder::{self, IN_THE_WAY, LINK, LockedFolder, failed, in_the_way};
use crate::output::staging::{STAGING, remove_if_present};
use crate::output::{Emitted, MANIFEST, Output, OutputFiles, manifest};

/// The folder that is replaced as a whole.
pub(super) const BUNDLE: &str = "bundle";

/// The earlier bundle, on systems that cannot exchange two folders.
const OLD_BUNDLE: &str = "bundle.old";

/// Stops wrangler from publishing `.assetsignore` itself.
const ASSETS_IGNORE: (&str, &str) = (".assetsignore", ".assetsignore\n");

/// Keeps bundlers from applying what `worker-build` says of its own files, that they have no side effects, to
/// these modules.
const PACKAGE: (&str, &str) = ("package.json", "{ \"private\": true, \"type\": \"module\" }\n");

/// Writes a Worker into a folder. `known` is the state of the last output.
pub(super) fn emit(
    bundle: &Bundle,
    manifest: &str,
    report: WorkerReport,
    places: &Places,
    known: &OutputFiles,
) -> Result<Output, PackError> {
    let out = &*places.out;
    refuse_foreign_bundle(places)?;
    if bundle.first.is_some() {
        folder::refuse_foreign(out, &[(MAIN_OF_PROGRAM, script::HEAD)])?;
    }
    let mut locked = LockedFolder::open(out)?;
    let wanted = wanted(bundle, manifest);
    let present = Present::look(&locked.folder)?;
    let is_unchanged = |name: &String, content: &Content<'_>| {
        let path = format!("{BUNDLE}/{name}");
        // A hash in the name and an unchanged state prove the content without reading the file.
        present.has(name)
            && (is_named_by_content(name) && known.has(&path, out)
                || content.is_in(&locked.folder, &path))
    };
    let mut unchanged = 0;
    for (name, content) in &wanted {
        if is_unchanged(name, content) {
            unchanged += 1;
        } else if present.foreign.contains(name) {
            return Err(in_the_way(&locked.path(&format!("{BUNDLE}/{name}")), IN_THE_WAY));
        }
    }
    let removed = present.own.iter().filter(|name| !wanted.contains_key(*name)).count();
    let is_new = present.own.is_empty();
    let (folder, written) = (out.to_owned(), wanted.len() - unchanged);
    let mut emitted = Emitted { folder, is_new, written, unchanged, removed };
    let is_changed = emitted.written + emitted.removed > 0;
    let wrangler = Content::Bytes(bundle.wrangler.as_bytes());
    fs::create_dir_all(&places.config).map_err(failed("create", &places.config))?;
    let config = Folder::open(&places.config).map_err(failed("read", &places.config))?;
    let is_configured = wrangler.is_in(&config, WRANGLER_CONFIG);
    let first = bundle.first.as_ref().map(|text| Content::Bytes(text.as_bytes()));
    let new_first = first.filter(|first| !first.is_in(&locked.folder, MAIN_OF_PROGRAM));
    let carried: BTreeSet<&String> =
        present.foreign.iter().filter(|name| !wanted.contains_key(*name)).collect();
    if is_changed || !is_configured || new_first.is_some() {
        let empty: Vec<String> = present.empty.iter().map(|name| inside(name)).collect();
        let bundles = wanted.keys().chain(&present.own).chain(carried.iter().copied());
        let staged = bundles.chain(&empty).map(|name| format!("{BUNDLE}/{name}"));
        // Files of another origin are not named here, so that they survive in any case.
        let old = present.own.iter().chain(&empty).map(|name| format!("{OLD_BUNDLE}/{name}"));
        let staged = staged
            .chain(old)
            .chain([WRANGLER_CONFIG, MAIN_OF_PROGRAM].map(str::to_owned))
            .collect();
        locked.staging.begin(&locked.folder, staged, BTreeSet::new())?;
    }
    if is_changed {
        for (name, content) in &wanted {
            locked.write(&format!("{STAGING}/{BUNDLE}/{name}"), *content)?;
        }
        for name in &present.empty {
            let staged = format!("{STAGING}/{BUNDLE}/{name}");
            let created = locked.folder.create_folder(staged, Access::Usual);
            created.map_err(failed("write", &locked.path(BUNDLE)))?;
        }
        for name in &carried {
            copy(&locked, name)?;
        }
    }
    // The configuration comes first: should the process end here, an old bundle works with
    // additional settings, while a new bundle may not work without them.
    if is_configured {
        emitted.unchanged += 1;
    } else {
        locked.write(&format!("{STAGING}/{WRANGLER_CONFIG}"), wrangler)?;
        let path = places.config.join(WRANGLER_CONFIG);
        folder::refuse_link(&config, WRANGLER_CONFIG)?;
        let staged = format!("{STAGING}/{WRANGLER_CONFIG}");
        let moved = locked.folder.move_to(&staged, &config, WRANGLER_CONFIG);
        moved.map_err(failed("write", &path))?;
        emitted.written += 1;
    }
    if is_changed {
        let replaced = replace(&locked.folder, &carried);
        replaced.map_err(failed("replace", &locked.path(BUNDLE)))?;
    }
    // Last, since it refers to modules of the bundle.
    if let Some(first) = new_first {
        let staged = format!("{STAGING}/{MAIN_OF_PROGRAM}");
        locked.write(&staged, first)?;
        let moved = locked.folder.move_to(&staged, &locked.folder, MAIN_OF_PROGRAM);
        moved.map_err(failed("write", &locked.path(MAIN_OF_PROGRAM)))?;
        emitted.written += 1;
    } else if first.is_some() {
        emitted.unchanged += 1;
    }
    locked.staging.finish(&locked.folder)?;
    let bundled = wanted.into_keys().map(|name| format!("{BUNDLE}/{name}"));
    let first = first.map(|_| MAIN_OF_PROGRAM.to_owned());
    let files = OutputFiles::look(out, bundled.chain([places.config_from_out()]).chain(first));
    Ok(Output::Folder { emitted, files, worker: Some(Box::new(report)), maps: Vec::new() })
}

/// Refuses to replace a bundle that worker-pack did not write. The manifest marks one that it wrote.
fn refuse_foreign_bundle(places: &Places) -> Result<(), PackError> {
    if let Ok(config) = Folder::open(&places.config) {
        folder::refuse_link(&config, WRANGLER_CONFIG)?;
    }
    let out = &*places.out;
    let Ok(folder) = Folder::open(out) else { return Ok(()) };
    let target = out.join(BUNDLE);
    match folder.kind(BUNDLE).map_err(failed("read", &target))? {
        None => return Ok(()),
        Some(Kind::Folder) => {}
        Some(Kind::Link) => return Err(in_the_way(&target, LINK)),
        Some(_) => return Err(in_the_way(&target, IN_THE_WAY)),
    }
    folder::refuse_foreign(&target, &[(MANIFEST, manifest::MARK)])?;
    match folder.kind(format!("{BUNDLE}/{MANIFEST}")) {
        Ok(Some(Kind::File)) => Ok(()),
        _ => Err(in_the_way(&target, IN_THE_WAY)),
    }
}

/// Returns whether the name of a file contains the hash of its bytes.
fn is_named_by_content(name: &str) -> bool {
    let folders =
        [&*format!("{WORKER}/{BODIES}"), STATIC_ASSETS, R2_OBJECTS].map(|it| format!("{it}/"));
    folders.iter().any(|folder| name.starts_with(folder))
}

/// Returns the paths of the files of a bundle, below its folder.
pub(super) fn names(bundle: &Bundle) -> Vec<String> {
    wanted(bundle, "").into_keys().collect()
}

/// Returns the files of the bundle, by their paths in its folder.
fn wanted<'b>(bundle: &'b Bundle, manifest: &'b str) -> BTreeMap<String, Content<'b>> {
    let modules =
        bundle.modules.iter().map(|(name, module)| (format!("{WORKER}/{name}"), &module.parts[..]));
    let assets = bundle
        .static_assets
        .iter()
        .map(|(name, body)| (format!("{STATIC_ASSETS}/{name}"), std::slice::from_ref(body)));
    let objects = bundle
        .r2_objects
        .iter()
        .map(|(name, body)| (format!("{R2_OBJECTS}/{name}"), std::slice::from_ref(body)));
    let bodies =
        modules.chain(assets).chain(objects).map(|(name, parts)| (name, Content::Bodies(parts)));
    let (ignore, rules) = ASSETS_IGNORE;
    let ignore = (!bundle.static_assets.is_empty())
        .then(|| (format!("{STATIC_ASSETS}/{ignore}"), Content::Bytes(rules.as_bytes())));
    let (package, text) = PACKAGE;
    let package =
        (bundle.first.is_some()).then(|| (package.to_owned(), Content::Bytes(text.as_bytes())));
    let manifest = (MANIFEST.to_owned(), Content::Bytes(manifest.as_bytes()));
    let uploads = bundle.r2_uploads.as_ref();
    let uploads = uploads.map(|list| (R2_UPLOADS.to_owned(), Content::Bytes(list.as_bytes())));
    bodies.chain(ignore).chain(package).chain(uploads).chain([manifest]).collect()
}

/// The files in the folder of the bundle, by their paths in it.
#[derive(Default)]
struct Present {
    /// Those that the manifest names.
    own: BTreeSet<String>,
    /// The others, which stay.
    foreign: BTreeSet<String>,
    /// Folders without entries, which stay too.
    empty: BTreeSet<String>,
}

/// The part of a manifest that names the files of its bundle.
#[derive(Deserialize)]
struct Named {
    /// Missing in manifests of versions before it.
    files: Option<BTreeSet<String>>,
}

impl Present {
    fn look(out: &Folder) -> Result<Self, PackError> {
        let mut present = Self::default();
        let path = out.path().join(BUNDLE);
        if out.kind(BUNDLE).map_err(failed("read", &path))?.is_none() {
            return Ok(present);
        }
        let manifest = out.read(format!("{BUNDLE}/{MANIFEST}")).unwrap_or_default();
        let named = serde_json::from_slice::<Named>(&manifest).ok().and_then(|named| named.files);
        // Versions that did not name their files wrote everything that a Worker consists of.
        let of_worker = [WORKER, STATIC_ASSETS].map(|folder| format!("{folder}/"));
        let is_own = |name: &String| match &named {
            Some(files) => files.contains(name),
            None => name == MANIFEST || of_worker.iter().any(|folder| name.starts_with(folder)),
        };
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let opened = out.folder(format!("{BUNDLE}/{folder}"));
            let entries = opened.and_then(|folder| folder.entries());
            let entries = entries.map_err(failed("read", &path))?;
            if entries.is_empty() && !folder.is_empty() {
                present.empty.insert(folder.clone());
            }
            for entry in entries {
                let name =
                    entry.to_str().ok_or_else(|| in_the_way(&path.join(&entry), IN_THE_WAY))?;
                let name =
                    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                let at = path.join(&name);
                match out.kind(format!("{BUNDLE}/{name}")).map_err(failed("read", &at))? {
                    Some(Kind::Folder) => folders.push(name),
                    Some(Kind::File) if is_own(&name) => drop(present.own.insert(name)),
                    Some(Kind::File) => drop(present.foreign.insert(name)),
                    Some(Kind::Link) => return Err(in_the_way(&at, LINK)),
                    Some(Kind::Other) => return Err(in_the_way(&at, IN_THE_WAY)),
                    None => {}
                }
            }
        }
        Ok(present)
    }

    fn has(&self, name: &str) -> bool {
        self.own.contains(name) || self.foreign.contains(name)
    }
}

/// Returns the name of a file in an empty folder, by which a list of files can name the folder.
fn inside(empty: &str) -> String {
    format!("{empty}/.empty")
}

/// Copies a file of the bundle into the staged one, with its permissions.
fn copy(locked: &LockedFolder, name: &str) -> Result<(), PackError> {
    let mut copy = locked.write(&format!("{STAGING}/{BUNDLE}/{name}"), Content::Bytes(&[]))?;
    let original = format!("{BUNDLE}/{name}");
    let path = locked.path(&original);
    let mut original = locked.folder.file(&original).map_err(failed("read", &path))?;
    let copied = io::copy(&mut original, &mut copy)
        .and_then(|_| copy.set_permissions(original.metadata()?.permissions()));
    copied.map_err(failed("copy", &path))
}

/// Replaces the bundle by the staged one. The old one is in the staging folder afterwards.
///
/// Linux and macOS exchange the two atomically. Elsewhere the bundle is missing for a moment. If
/// the process ends then, the next run writes it.
fn replace(out: &Folder, carried: &BTreeSet<&String>) -> io::Result<()> {
    let staged = format!("{STAGING}/{BUNDLE}");
    if out.kind(BUNDLE)?.is_none() {
        return out.rename(&staged, BUNDLE);
    }
    if out.exchange(&staged, BUNDLE).is_ok() {
        return Ok(());
    }
    let aside = format!("{STAGING}/{OLD_BUNDLE}");
    out.rename(BUNDLE, &aside)?;
    out.rename(&staged, BUNDLE)?;
    // Their copies are in place.
    carried.iter().try_for_each(|name| remove_if_present(out, &format!("{aside}/{name}")))
}

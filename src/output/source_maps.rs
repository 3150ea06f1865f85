//! The folder of source maps, below the output folder and beside everything that is deployed. It is replaced
//! as a whole.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::content::Content;
use super::folder::{IN_THE_WAY, LINK, LockedFolder, failed, in_the_way};
use super::staging::STAGING;
use super::{GENERATOR, Output, OutputFiles};
use crate::disk::{Folder, Kind};
use crate::feedback::error::PackError;
use crate::source_map::SourceMapFile;

/// The folder, below the output folder.
pub(crate) const SOURCE_MAPS: &str = "source-maps";

/// The earlier folder, on systems that cannot exchange two folders.
const OLD: &str = "source-maps.old";

/// The file that names all files of the folder.
const LIST: &str = "files.json";

/// The files of the folder.
#[derive(Default, Serialize, Deserialize)]
struct List {
    generator: String,
    files: BTreeSet<String>,
}

/// Writes source maps, with those of the server's modules, below the folder of an output.
///
/// # Errors
/// If the folder contains files that worker-pack did not write, or cannot be written.
pub(crate) fn write(
    output: Output,
    maps: Vec<SourceMapFile>,
    out: &Path,
) -> Result<Output, PackError> {
    let Output::Folder { mut emitted, mut files, worker, maps: of_server } = output else {
        return Ok(output);
    };
    let maps: Vec<SourceMapFile> = maps.into_iter().chain(of_server).collect();
    let list = List {
        generator: GENERATOR.to_owned(),
        files: maps.iter().map(|map| map.name.clone()).collect(),
    };
    let text = serde_json::to_vec_pretty(&list).expect("names are plain data");
    let all = || {
        let maps = maps.iter().map(|map| (&*map.name, Content::Bytes(&map.bytes)));
        maps.chain([(LIST, Content::Bytes(&text))])
    };
    let mut locked = LockedFolder::open(out)?;
    let present = present(&locked.folder, &locked.path(SOURCE_MAPS))?;
    let is_unchanged = |(name, content): &(&str, Content<'_>)| {
        content.is_in(&locked.folder, &format!("{SOURCE_MAPS}/{name}"))
    };
    let unchanged = all().filter(is_unchanged).count();
    let names: BTreeSet<String> = all().map(|(name, _)| name.to_owned()).collect();
    let removed = present.iter().flatten().filter(|name| !names.contains(*name)).count();
    let written = names.len() - unchanged;
    if written + removed > 0 {
        let known = names.iter().chain(present.iter().flatten());
        let staged =
            known.flat_map(|name| [SOURCE_MAPS, OLD].map(|folder| format!("{folder}/{name}")));
        locked.staging.begin(&locked.folder, staged.collect(), BTreeSet::new())?;
        for (name, content) in all() {
            locked.write(&format!("{STAGING}/{SOURCE_MAPS}/{name}"), content)?;
        }
        let staged = format!("{STAGING}/{SOURCE_MAPS}");
        let replace = || {
            if present.is_none() {
                return locked.folder.rename(&staged, SOURCE_MAPS);
            }
            if locked.folder.exchange(&staged, SOURCE_MAPS).is_ok() {
                return Ok(());
            }
            locked.folder.rename(SOURCE_MAPS, format!("{STAGING}/{OLD}"))?;
            locked.folder.rename(&staged, SOURCE_MAPS)
        };
        replace().map_err(failed("replace", &locked.path(SOURCE_MAPS)))?;
        locked.staging.finish(&locked.folder)?;
    }
    emitted.written += written;
    emitted.unchanged += unchanged;
    emitted.removed += removed;
    let states = OutputFiles::look(&out.join(SOURCE_MAPS), names.into_iter());
    files.add_below(SOURCE_MAPS, states);
    Ok(Output::Folder { emitted, files, worker, maps: Vec::new() })
}

/// Removes the folder of an earlier run, whose maps fit no script any more. A folder with files that worker-pack
/// did not write stays.
///
/// # Errors
/// If the folder cannot be removed.
pub(crate) fn remove(mut output: Output, out: &Path) -> Result<Output, PackError> {
    let Output::Folder { emitted, .. } = &mut output else { return Ok(output) };
    if !out.join(SOURCE_MAPS).exists() {
        return Ok(output);
    }
    let mut locked = LockedFolder::open(out)?;
    let present = match present(&locked.folder, &locked.path(SOURCE_MAPS)) {
        Ok(Some(present)) if present.contains(LIST) => present,
        Ok(_) | Err(PackError::OutputInTheWay { .. }) => return Ok(output),
        Err(error) => return Err(error),
    };
    let staged = present.iter().map(|name| format!("{OLD}/{name}")).collect();
    locked.staging.begin(&locked.folder, staged, BTreeSet::new())?;
    let removed = locked.folder.rename(SOURCE_MAPS, format!("{STAGING}/{OLD}"));
    removed.map_err(failed("remove", &locked.path(SOURCE_MAPS)))?;
    locked.staging.finish(&locked.folder)?;
    emitted.removed += present.len();
    Ok(output)
}

/// Returns the files of the folder, if it exists. Others than those of its list are an error.
fn present(out: &Folder, path: &Path) -> Result<Option<BTreeSet<String>>, PackError> {
    match out.kind(SOURCE_MAPS).map_err(failed("read", path))? {
        None => return Ok(None),
        Some(Kind::Folder) => {}
        Some(Kind::Link) => return Err(in_the_way(path, LINK)),
        Some(_) => return Err(in_the_way(path, IN_THE_WAY)),
    }
    let bytes = out.read(format!("{SOURCE_MAPS}/{LIST}")).unwrap_or_default();
    let list = serde_json::from_slice::<List>(&bytes).unwrap_or_default();
    let mut known = list.files;
    if list.generator == GENERATOR {
        known.insert(LIST.to_owned());
    }
    let mut found = BTreeSet::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let opened = out.folder(format!("{SOURCE_MAPS}/{folder}"));
        let entries = opened.and_then(|it| it.entries()).map_err(failed("read", path))?;
        for entry in entries {
            let name = entry.to_str().ok_or_else(|| in_the_way(&path.join(&entry), IN_THE_WAY))?;
            let name = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match out.kind(format!("{SOURCE_MAPS}/{name}")).map_err(failed("read", path))? {
                Some(Kind::Folder) => folders.push(name),
                Some(Kind::File) if known.contains(&name) => drop(found.insert(name)),
                Some(_) => return Err(in_the_way(&path.join(&name), IN_THE_WAY)),
                None => {}
            }
        }
    }
    Ok(Some(found))
}

//! New files that are not in place yet, in a folder of their own, and a list of all that a run may leave
//! behind if it is interrupted. The next run removes what the list names, and nothing else.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::GENERATOR;
use super::folder::{IN_THE_WAY, LINK, failed, in_the_way};
use crate::disk::{Access, Folder, Kind};
use crate::feedback::error::PackError;

/// The folder, below the output folder.
pub(crate) const STAGING: &str = ".worker-pack.staging";

/// The list, and the one that takes its place.
const LIST: &str = "files.json";
const NEW_LIST: &str = "files.json.new";

/// The files of an unfinished run.
#[derive(Debug, Default, Serialize, Deserialize)]
struct List {
    generator: String,
    /// Files below the staging folder.
    staged: BTreeSet<String>,
    /// Names of included files that are new or no longer needed.
    included: BTreeSet<String>,
}

/// The staging folder of a locked output folder.
#[derive(Debug, Default)]
pub(crate) struct Staging {
    list: Option<List>,
}

impl Staging {
    /// Removes the staged files of an interrupted run. Returns also the included files that it may have
    /// left behind.
    pub(super) fn recover(out: &Folder) -> Result<(Self, BTreeSet<String>), PackError> {
        let path = out.path().join(STAGING);
        let kind = out.kind(STAGING).map_err(failed("read", &path))?;
        match kind {
            None => return Ok((Self::default(), BTreeSet::new())),
            Some(Kind::Folder) => {}
            Some(Kind::Link) => return Err(in_the_way(&path, LINK)),
            Some(_) => return Err(in_the_way(&path, IN_THE_WAY)),
        }
        let bytes = out.read(format!("{STAGING}/{LIST}")).unwrap_or_default();
        let list = serde_json::from_slice::<List>(&bytes).ok();
        let list = list.filter(|list| list.generator == GENERATOR).unwrap_or_default();
        let included = list.included.clone();
        let mut staging = Self { list: Some(list) };
        staging.remove_staged(out)?;
        if included.is_empty() {
            staging.finish(out)?;
        }
        Ok((staging, included))
    }

    /// Writes the list, before any of the files that it names. A list before is replaced at once, so it
    /// has to name the files of that one too.
    pub(super) fn begin(
        &mut self,
        out: &Folder,
        staged: BTreeSet<String>,
        included: BTreeSet<String>,
    ) -> Result<(), PackError> {
        let path = out.path().join(STAGING).join(LIST);
        let list = List { generator: GENERATOR.to_owned(), staged, included };
        let text = serde_json::to_vec(&list).expect("names are plain data");
        let (name, new) = (format!("{STAGING}/{LIST}"), format!("{STAGING}/{NEW_LIST}"));
        let write = || {
            out.create_folder(STAGING, Access::Usual)?;
            remove_if_present(out, &new)?;
            out.create(&new, Access::Usual)?.write_all(&text)?;
            out.rename(&new, &name)
        };
        write().map_err(failed("write", &path))?;
        self.list = Some(list);
        Ok(())
    }

    /// Returns whether a list is in place.
    pub(super) fn has_begun(&self) -> bool {
        self.list.is_some()
    }

    /// Removes what is left of the folder, if it exists.
    pub(super) fn finish(&mut self, out: &Folder) -> Result<(), PackError> {
        if self.list.is_none() {
            return Ok(());
        }
        self.remove_staged(out)?;
        let path = out.path().join(STAGING);
        for name in [NEW_LIST, LIST] {
            let removed = remove_if_present(out, &format!("{STAGING}/{name}"));
            removed.map_err(failed("remove", &path))?;
        }
        self.list = None;
        out.remove_folder(STAGING).map_err(failed("remove", &path))
    }

    /// Removes the staged files, and the folders that contained nothing else.
    fn remove_staged(&self, out: &Folder) -> Result<(), PackError> {
        let path = out.path().join(STAGING);
        let mut folders = BTreeSet::new();
        for name in self.list.iter().flat_map(|list| &list.staged) {
            let removed = remove_if_present(out, &format!("{STAGING}/{name}"));
            removed.map_err(failed("remove", &path))?;
            let above = Path::new(name).ancestors().skip(1);
            folders.extend(above.filter(|folder| !folder.as_os_str().is_empty()));
        }
        // The deepest first, since a path sorts behind those above it.
        for folder in folders.into_iter().rev() {
            // One that is not empty is found below.
            let _ = out.remove_folder(Path::new(STAGING).join(folder));
        }
        let staging = out.folder(STAGING).and_then(|staging| staging.entries());
        let entries = staging.map_err(failed("read", &path))?;
        if entries.iter().any(|name| name != LIST && name != NEW_LIST) {
            return Err(in_the_way(&path, IN_THE_WAY));
        }
        Ok(())
    }
}

/// Removes a file. Another kind of entry stays.
pub(super) fn remove_if_present(out: &Folder, name: &str) -> std::io::Result<()> {
    if out.kind(name).ok().flatten() != Some(Kind::File) {
        return Ok(());
    }
    match out.remove_file(name) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

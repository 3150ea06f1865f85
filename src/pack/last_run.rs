//! The memory of the last run: its inputs, outputs and report. A run whose inputs and outputs have
//! not changed has no work to do.
//!
//! The comparison looks up the state of each file and folder once, and reads none of them. So it is
//! fast even in build scripts, which Cargo compiles without optimisation.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Pack;
use super::memory::{List, Reader, add_bytes, add_list, checksum};
use crate::budget;
use crate::cache::{Cache, CacheKey, FileState, now};
use crate::options::Pictures;
use crate::output::{Earlier, MANIFEST, OutputFiles};
use crate::project::deploy_config::DeployConfig;
use crate::project::{Project, environment};

/// The directives for Cargo that a run may have. Others would change how Cargo compiles.
const DIRECTIVES: [&str; 2] = ["cargo::rerun-if-changed=", "cargo::warning="];

/// The comparison with the last run.
pub(super) enum LastRun {
    /// No input and no output has changed.
    Unchanged(LastResult),
    /// An input or output has changed since the last run, which wrote this, or the last run is
    /// unknown.
    Outdated(Earlier),
}

/// The result of the last run.
#[derive(Debug)]
pub(super) struct LastResult {
    /// The report, as JSON.
    pub(super) report: String,
    /// The directives for Cargo.
    pub(super) directives: String,
    /// The files of the output.
    pub(super) files: OutputFiles,
}

impl LastRun {
    /// Compares all inputs and outputs with those of the last run.
    pub(super) fn look(pack: &Pack, cache: &Cache) -> Self {
        let unknown = || Self::Outdated(Earlier::default());
        let Some(place) = Place::of(pack) else { return unknown() };
        let bytes = cache.get_bytes(place.key).unwrap_or_default();
        let last = Self::read(&bytes, &place.dist, &place.out).unwrap_or_else(unknown);
        // What is kept of earlier builds depends on their store and on the time.
        match last {
            Self::Unchanged(result) if pack.options.keep.bounds().is_some() => {
                Self::Outdated(Earlier { files: result.files, table: None })
            }
            last => last,
        }
    }

    fn read(bytes: &[u8], folder: &Path, out: &Path) -> Option<Self> {
        let (sum, rest) = bytes.split_first_chunk::<8>()?;
        if u64::from_le_bytes(*sum) != checksum(rest) {
            return None;
        }
        let mut reader = Reader::new(rest);
        let (inputs, outputs) = (List::new(reader.bytes()?), List::new(reader.bytes()?));
        if !inputs.is_unchanged(folder)? || !outputs.is_unchanged(out)? {
            return Some(Self::Outdated(Earlier { files: outputs.states()?, table: None }));
        }
        // The states of these change with any other input or output, and are different for each folder.
        if !inputs.has(str::is_empty)? || !outputs.has(|name| name.ends_with(MANIFEST))? {
            return None;
        }
        let directives = reader.text()?.to_owned();
        if !directives.lines().all(|line| DIRECTIVES.iter().any(|known| line.starts_with(known))) {
            return None;
        }
        let report = reader.text()?.to_owned();
        Some(Self::Unchanged(LastResult { report, directives, files: outputs.states()? }))
    }
}

/// The folders of a run that writes, and the key of its memory.
struct Place {
    key: CacheKey,
    dist: PathBuf,
    out: PathBuf,
}

impl Place {
    /// Returns `None` if the run writes no files, or is going to fail because its folder is
    /// missing.
    fn of(pack: &Pack) -> Option<Self> {
        let dist = pack.dist.canonicalize().ok()?;
        let out = std::path::absolute(pack.out()?).ok()?;
        let options = format!("{:?} {}", pack.options, pack.options.effort());
        let target = pack.target.key();
        // The directives for Cargo contain the folder as it was given, so it is a part of the key.
        let paths = [&*dist, &*out, &*pack.dist].map(|path| path.as_os_str().as_encoded_bytes());
        let [dist_name, out_name, given] = paths;
        let lacking = lacking(pack);
        let (options, target) = (options.as_bytes(), target.as_bytes());
        let parts = [dist_name, out_name, given, options, target, lacking.as_bytes()];
        Some(Self { key: CacheKey::new("run", &parts), dist, out })
    }
}

/// Returns the parts of the options that this program was compiled without. Another program, which has them, must not
/// take the output for its own.
fn lacking(pack: &Pack) -> String {
    let parts = [
        (pack.options.dictionaries.are_for_pages(), cfg!(feature = "dictionaries"), "dictionaries"),
        (pack.options.pictures == Pictures::Lossy, cfg!(feature = "lossy"), "lossy"),
    ];
    let lacking = parts.into_iter().filter(|(is_wanted, is_there, _)| *is_wanted && !is_there);
    lacking.map(|(.., name)| name).collect::<Vec<_>>().join(" ")
}

/// The state of a run's inputs, before any of them was read.
pub(super) struct RunInputs {
    key: CacheKey,
    snapshot: Snapshot,
}

impl RunInputs {
    /// Looks up the state of the inputs. Returns `None` if the next run could not rely on it.
    pub(super) fn look(pack: &Pack) -> Option<Self> {
        let Place { key, dist, .. } = Place::of(pack)?;
        // The packed folder may be a link. Its target may be in another project.
        let given = std::path::absolute(&pack.dist).ok()?;
        let configs = [&dist, &given].into_iter().flat_map(|dist| Project::inputs_around(dist));
        let configs = configs.chain(given.parent().into_iter().flat_map(DeployConfig::paths));
        // Values of the environment are looked for in all files.
        let configs = configs.chain(environment::files(&pack.dist)).chain(budget::inputs(&given));
        let snapshot = Snapshot::take(&dist, &configs.collect::<Vec<_>>())?;
        Some(Self { key, snapshot })
    }

    /// Stores the result of the run.
    pub(super) fn store(
        self,
        cache: &Cache,
        report: &str,
        directives: &str,
        outputs: &OutputFiles,
    ) {
        let inputs = self.snapshot.0.iter().map(|seen| (&*seen.path, seen.state));
        let outputs = outputs.states().map(|(name, state)| (&**name, Some(*state)));
        let mut rest = Vec::new();
        add_list(&mut rest, inputs);
        add_list(&mut rest, outputs);
        add_bytes(&mut rest, directives.as_bytes());
        add_bytes(&mut rest, report.as_bytes());
        let mut bytes = checksum(&rest).to_le_bytes().to_vec();
        bytes.append(&mut rest);
        cache.put_bytes(self.key, &bytes);
    }
}

/// The state of all files and folders that a run depends on.
#[derive(Clone, Debug)]
struct Snapshot(Vec<Seen>);

/// A file or folder, or the path of a missing one.
#[derive(Clone, Debug)]
struct Seen {
    /// Relative to the packed folder, or absolute. Empty for the packed folder itself.
    path: String,
    /// `None` if it is missing.
    state: Option<FileState>,
}

impl Snapshot {
    /// Looks up the state of a folder with all its content, and of other files, which may be
    /// missing. Returns `None` if an entry is just being changed, or its state is unknown.
    fn take(folder: &Path, others: &[PathBuf]) -> Option<Self> {
        let now = now();
        let mut all = Vec::new();
        for entry in WalkDir::new(folder).follow_links(true) {
            let entry = entry.ok()?;
            let state = FileState::of(&entry.metadata().ok()?);
            let path = entry.path().strip_prefix(folder).ok()?.to_str()?.to_owned();
            all.push(Seen { path, state: Some(state) });
        }
        for path in others {
            let state = fs::metadata(path).ok().map(|metadata| FileState::of(&metadata));
            all.push(Seen { path: path.to_str()?.to_owned(), state });
        }
        let is_settled = |seen: &Seen| seen.state.is_none_or(|state| state.is_settled(now));
        all.iter().all(is_settled).then_some(Self(all))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn damaged_memories_are_ignored(at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let folder = tempfile::tempdir().unwrap();
            let mut rest = Vec::new();
            let manifest = folder.path().join(MANIFEST);
            fs::write(&manifest, "").unwrap();
            let state = |path: &Path| Some(FileState::of(&fs::metadata(path).unwrap()));
            add_list(&mut rest, [("missing", None), ("", state(folder.path()))].into_iter());
            add_list(&mut rest, [(MANIFEST, state(&manifest))].into_iter());
            add_bytes(&mut rest, b"cargo::warning=");
            add_bytes(&mut rest, b"report");
            let mut bytes = checksum(&rest).to_le_bytes().to_vec();
            bytes.append(&mut rest);
            let read = |bytes: &[u8]| LastRun::read(bytes, folder.path(), folder.path());
            let is_whole = matches!(read(&bytes), Some(LastRun::Unchanged(result)) if result.files.states().len() == 1);
            prop_assert!(is_whole);
            let at = at.index(bytes.len());
            prop_assert!(read(&bytes[..at]).is_none());
            bytes[at] ^= flip;
            prop_assert!(read(&bytes).is_none());
        }
    }
}

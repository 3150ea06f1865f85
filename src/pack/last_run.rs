//! What a run read and wrote, so that the next one can see that there is nothing to do.
//!
//! Seeing it costs one look at each file and folder, and no reading, so that it takes build scripts,
//! which Cargo compiles unoptimised, little longer than the command.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::cache::{Cache, CacheKey, FileState, now};
use crate::output::OutputFiles;

/// What the file system said of all that a run depends on, before it read any of it.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot(Vec<Seen>);

/// A file or folder, or the place of one that is not there.
#[derive(Clone, Debug)]
struct Seen {
    /// Relative to a folder that is known, or absolute. Empty for the folder itself.
    path: String,
    state: Option<FileState>,
}

impl Snapshot {
    /// Looks at a folder with all that it has, and at other files, which need not be there. Returns
    /// none if something changes right now, or cannot be looked at.
    pub(crate) fn take(folder: &Path, others: &[PathBuf]) -> Option<Self> {
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

/// What a run said, and what it wrote.
#[derive(Debug)]
pub(crate) struct RunRecord {
    /// The report, as JSON.
    pub(crate) report: String,
    /// What a build script tells Cargo.
    pub(crate) directives: String,
    /// What the file system said of the output.
    pub(crate) outputs: OutputFiles,
}

/// What the last run tells the next.
#[derive(Debug)]
pub(crate) enum LastRun {
    /// Nothing.
    Unknown,
    /// Something has changed since. This is what it wrote.
    Outdated(OutputFiles),
    /// There is nothing to do.
    Unchanged {
        /// The report, as JSON.
        report: String,
        /// What a build script tells Cargo.
        directives: String,
        /// How many files the output has.
        outputs: usize,
    },
}

impl RunRecord {
    /// Keeps the record of a run that read `inputs`.
    pub(crate) fn keep(&self, cache: &Cache, key: CacheKey, inputs: &Snapshot) {
        let inputs = inputs.0.iter().map(|seen| (&*seen.path, seen.state));
        let outputs = self.outputs.states().map(|(name, state)| (&**name, Some(*state)));
        let mut rest = Vec::new();
        add_list(&mut rest, inputs);
        add_list(&mut rest, outputs);
        add_bytes(&mut rest, self.directives.as_bytes());
        add_bytes(&mut rest, self.report.as_bytes());
        let mut bytes = checksum(&rest).to_le_bytes().to_vec();
        bytes.append(&mut rest);
        cache.put_bytes(key, &bytes);
    }
}

impl LastRun {
    /// Looks whether all that the last run read and wrote is as it was.
    pub(crate) fn look(cache: &Cache, key: CacheKey, folder: &Path, out: &Path) -> Self {
        let bytes = cache.get_bytes(key).unwrap_or_default();
        Self::read(&bytes, folder, out).unwrap_or(Self::Unknown)
    }

    fn read(bytes: &[u8], folder: &Path, out: &Path) -> Option<Self> {
        let (sum, rest) = bytes.split_first_chunk::<8>()?;
        if u64::from_le_bytes(*sum) != checksum(rest) {
            return None;
        }
        let mut reader = Reader(rest);
        let (inputs, outputs) = (List(reader.bytes()?), List(reader.bytes()?));
        if !inputs.is_as_seen(folder)? || !outputs.is_as_seen(out)? {
            return Some(Self::Outdated(outputs.states()?));
        }
        let directives = reader.text()?.to_owned();
        let report = reader.text()?.to_owned();
        Some(Self::Unchanged { report, directives, outputs: outputs.len()? })
    }
}

/// The bytes of a state that says that nothing is there.
const NOTHING: [u8; FileState::LEN] = [0xff; FileState::LEN];

/// The bytes that tell how long something is.
const LEN: usize = 8;

fn add_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend((bytes.len() as u64).to_le_bytes());
    to.extend(bytes);
}

/// Writes what was seen: how many there are, and each.
fn add_list<'s>(
    to: &mut Vec<u8>,
    all: impl ExactSizeIterator<Item = (&'s str, Option<FileState>)>,
) {
    let mut list = (all.len() as u64).to_le_bytes().to_vec();
    for (path, state) in all {
        add_bytes(&mut list, path.as_bytes());
        list.extend(state.map_or(NOTHING, FileState::to_bytes));
    }
    add_bytes(to, &list);
}

/// What of a record has not been read.
struct Reader<'r>(&'r [u8]);

impl<'r> Reader<'r> {
    fn number(&mut self) -> Option<usize> {
        let (number, rest) = self.0.split_first_chunk::<LEN>()?;
        self.0 = rest;
        usize::try_from(u64::from_le_bytes(*number)).ok()
    }

    fn bytes(&mut self) -> Option<&'r [u8]> {
        let len = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<&'r str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn state(&mut self) -> Option<&'r [u8; FileState::LEN]> {
        let (state, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(state)
    }
}

/// What was seen, as bytes.
struct List<'r>(&'r [u8]);

impl List<'_> {
    fn len(&self) -> Option<usize> {
        Reader(self.0).number()
    }

    /// Looks at everything again. Paths are relative to a folder, or absolute.
    fn is_as_seen(&self, folder: &Path) -> Option<bool> {
        let folder = folder.to_str()?;
        let mut reader = Reader(self.0);
        let mut path = String::new();
        for _ in 0..reader.number()? {
            let (name, seen) = (reader.text()?, reader.state()?);
            path.clear();
            if !Path::new(name).is_absolute() {
                path.push_str(folder);
                path.push('/');
            }
            path.push_str(name);
            let found = fs::metadata(&path).map(|metadata| FileState::of(&metadata).to_bytes());
            if found.unwrap_or(NOTHING) != *seen {
                return Some(false);
            }
        }
        Some(true)
    }

    fn states(&self) -> Option<OutputFiles> {
        let mut reader = Reader(self.0);
        let mut states = Vec::new();
        for _ in 0..reader.number()? {
            let name = reader.text()?.to_owned();
            states.push((name, FileState::from_bytes(reader.state()?)));
        }
        Some(OutputFiles::from_states(states.into_iter()))
    }
}

/// Finds damage, and takes next to no time in unoptimised code (FNV-1a, by words).
fn checksum(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut sum = 0xcbf2_9ce4_8422_2325 ^ bytes.len() as u64;
    for word in words {
        sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME).rotate_left(23);
    }
    for byte in rest {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(PRIME);
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_record_that_is_damaged_is_none(at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let folder = tempfile::tempdir().unwrap();
            let mut rest = Vec::new();
            add_list(&mut rest, [("nothing", None)].into_iter());
            add_list(&mut rest, [].into_iter());
            add_bytes(&mut rest, b"directives");
            add_bytes(&mut rest, b"report");
            let mut bytes = checksum(&rest).to_le_bytes().to_vec();
            bytes.append(&mut rest);
            let read = |bytes: &[u8]| LastRun::read(bytes, folder.path(), folder.path());
            let is_whole = matches!(read(&bytes), Some(LastRun::Unchanged { outputs: 0, .. }));
            prop_assert!(is_whole);
            let at = at.index(bytes.len());
            prop_assert!(read(&bytes[..at]).is_none());
            bytes[at] ^= flip;
            prop_assert!(read(&bytes).is_none());
        }
    }
}

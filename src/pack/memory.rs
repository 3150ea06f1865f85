//! The byte format of the memory of the last run: texts, lists of states, and a checksum.

use std::fs;
use std::path::Path;

use crate::cache::FileState;
use crate::output::OutputFiles;

/// The bytes that stand for the state of a missing file.
const ABSENT: [u8; FileState::LEN] = [0xff; FileState::LEN];

/// The size of a length, in bytes.
const LEN: usize = 8;

pub(super) fn add_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend((bytes.len() as u64).to_le_bytes());
    to.extend(bytes);
}

/// Appends a list of states: its length, and each path with its state.
pub(super) fn add_list<'s>(
    to: &mut Vec<u8>,
    all: impl ExactSizeIterator<Item = (&'s str, Option<FileState>)>,
) {
    let mut list = (all.len() as u64).to_le_bytes().to_vec();
    for (path, state) in all {
        add_bytes(&mut list, path.as_bytes());
        list.extend(state.map_or(ABSENT, FileState::to_bytes));
    }
    add_bytes(to, &list);
}

/// The bytes of a record that have not been read yet.
pub(super) struct Reader<'r>(&'r [u8]);

impl<'r> Reader<'r> {
    pub(super) fn new(bytes: &'r [u8]) -> Self {
        Self(bytes)
    }

    fn number(&mut self) -> Option<usize> {
        let (number, rest) = self.0.split_first_chunk::<LEN>()?;
        self.0 = rest;
        usize::try_from(u64::from_le_bytes(*number)).ok()
    }

    pub(super) fn bytes(&mut self) -> Option<&'r [u8]> {
        let len = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'r str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn state(&mut self) -> Option<&'r [u8; FileState::LEN]> {
        let (state, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(state)
    }
}

/// A list of states, as bytes.
pub(super) struct List<'r>(&'r [u8]);

impl<'r> List<'r> {
    pub(super) fn new(bytes: &'r [u8]) -> Self {
        Self(bytes)
    }

    /// Returns whether no state has changed. Paths are relative to `folder`, or absolute.
    pub(super) fn is_unchanged(&self, folder: &Path) -> Option<bool> {
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
            let state = fs::metadata(&path).map(|metadata| FileState::of(&metadata).to_bytes());
            if state.unwrap_or(ABSENT) != *seen {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Returns whether the list contains a name.
    pub(super) fn has(&self, is_it: impl Fn(&str) -> bool) -> Option<bool> {
        let mut reader = Reader(self.0);
        for _ in 0..reader.number()? {
            let (name, state) = (reader.text()?, reader.state()?);
            if is_it(name) {
                return Some(*state != ABSENT);
            }
        }
        Some(false)
    }

    pub(super) fn states(&self) -> Option<OutputFiles> {
        let mut reader = Reader(self.0);
        let mut states = Vec::new();
        for _ in 0..reader.number()? {
            let name = reader.text()?.to_owned();
            states.push((name, FileState::from_bytes(reader.state()?)));
        }
        Some(OutputFiles::from_states(states.into_iter()))
    }
}

/// Returns a checksum that is fast even in unoptimised code (FNV-1a, by words).
pub(super) fn checksum(bytes: &[u8]) -> u64 {
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

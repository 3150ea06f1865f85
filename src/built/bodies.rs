//! The bodies of a site in the bytes of a Worker.

use std::ops::Range;

use memchr::memmem;

use super::manifest::{Body, Manifest};
use super::report::PartKind;
use crate::asset::digest::ContentHash;
use crate::weight::Part;
use crate::weight::program::Program;

/// Size of a gap between two segments up to which they are joined: optimisers leave out zeros.
const MAX_GAP: usize = 64 * 1024;

/// Size from which bytes that are stored twice are reported.
const MIN_REPEATED: usize = 1024;

/// The bodies that were found, with their table, and what is stored twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Each body with the size of what is stored of it.
    pub(super) parts: Vec<(PartKind, Part)>,
    /// Size of the bodies that are stored once more.
    pub(super) repeated: usize,
}

impl Found {
    fn add(&mut self, body: &Body, size: usize) {
        let kind = if body.is_copy { PartKind::Copies } else { PartKind::Data };
        self.parts.push((kind, Part { name: body.name.clone(), size }));
    }

    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|(_, part)| part.size).sum()
    }

    /// Finds the bodies in a module that contains nothing else, one after another in the order of the
    /// table. Those that are elsewhere or left out are skipped.
    pub(super) fn in_module(manifest: &Manifest, module: &[u8]) -> Self {
        let mut found = Self::default();
        let (mut rest, mut next) = (module, 0);
        while !rest.is_empty() {
            let begins = |len, hash| {
                rest.get(..len).is_some_and(|body| len > 0 && ContentHash::of(body) == hash)
            };
            let bodies = manifest.bodies.iter().enumerate().skip(next);
            let one = bodies.into_iter().find(|(_, body)| begins(body.len, body.hash));
            let Some((index, body)) = one else { break };
            found.add(body, body.len);
            rest = &rest[body.len..];
            next = index + 1;
        }
        found
    }

    /// Finds the bodies in the data of a program, by the files that were compiled into it.
    pub(super) fn in_program(manifest: &Manifest, program: &Program, module: &[u8]) -> Self {
        let memory = Memory::of(program, module);
        let mut found = Self::default();
        for file in manifest.files() {
            let Some(bytes) = manifest.bytes(file) else { continue };
            let Some(start) = memory.find(&bytes, 0) else { continue };
            for (place, body) in manifest.in_file(file).filter(|(it, _)| it.end <= bytes.len()) {
                let size = memory.stored(start + place.start..start + place.end);
                found.add(body, size);
            }
            if bytes.len() >= MIN_REPEATED && memory.find(&bytes, start + 1).is_some() {
                found.repeated += bytes.len();
            }
        }
        if let Some(table) = manifest.table().filter(|_| !found.parts.is_empty())
            && memory.find(&table, 0).is_some()
        {
            let table = Part { name: "the table".to_owned(), size: table.len() };
            found.parts.push((PartKind::Data, table));
        }
        found
    }
}

/// The memory that an instance begins with, in runs of bytes by their address.
struct Memory {
    runs: Vec<(usize, Vec<u8>)>,
    /// The addresses of the bytes that the module contains. All others are zeros.
    stored: Vec<Range<usize>>,
}

impl Memory {
    fn of(program: &Program, module: &[u8]) -> Self {
        let mut segments: Vec<(usize, &[u8])> = Vec::new();
        // Segments without an address follow behind all others.
        let addressed =
            program.data.iter().filter_map(|one| one.address.map(|it| it + one.range.len()));
        let mut free = addressed.max().unwrap_or_default() + MAX_GAP + 1;
        for segment in &program.data {
            let bytes = module.get(segment.range.clone()).unwrap_or_default();
            let address = segment.address.unwrap_or(free);
            if segment.address.is_none() {
                free += bytes.len() + MAX_GAP + 1;
            }
            segments.push((address, bytes));
        }
        segments.sort_by_key(|(address, _)| *address);
        let stored = segments.iter().map(|(start, bytes)| *start..start + bytes.len()).collect();
        // No more zeros than bytes, whatever the addresses are.
        let mut zeros = module.len();
        let mut runs: Vec<(usize, Vec<u8>)> = Vec::new();
        for (address, bytes) in segments {
            let gap = runs.last().and_then(|(start, run)| address.checked_sub(start + run.len()));
            match (gap, runs.last_mut()) {
                (Some(gap), Some((_, run))) if gap <= MAX_GAP.min(zeros) => {
                    zeros -= gap;
                    run.resize(run.len() + gap, 0);
                    run.extend(bytes);
                }
                _ => runs.push((address, bytes.to_vec())),
            }
        }
        Self { runs, stored }
    }

    /// Returns the first address from `from` on at which these bytes are.
    fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        if bytes.is_empty() {
            return None;
        }
        let finder = memmem::Finder::new(bytes);
        self.runs.iter().find_map(|(start, run)| {
            let skipped = from.saturating_sub(*start).min(run.len());
            Some(start + skipped + finder.find(&run[skipped..])?)
        })
    }

    /// Returns how many bytes of a range the module contains.
    fn stored(&self, range: Range<usize>) -> usize {
        let overlap =
            |one: &Range<usize>| range.end.min(one.end).saturating_sub(range.start.max(one.start));
        self.stored.iter().map(overlap).sum()
    }
}

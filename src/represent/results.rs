//! The results of the work on the files of a site.

use std::collections::BTreeMap;
use std::time::Duration;

use super::RepresentedFile;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::timings::FileTime;
use crate::ingest::SourceFile;

/// The results for each file, by its index in the site.
#[derive(Default)]
pub(super) struct Results {
    files: BTreeMap<usize, RepresentedFile>,
    diagnostics: BTreeMap<usize, Vec<Diagnostic>>,
    times: BTreeMap<usize, FileTime>,
}

impl Results {
    /// Returns the diagnostics of all files.
    pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
        self.diagnostics.values().flatten().cloned().collect()
    }

    /// Returns the files in the order of `indices`. None is missing, provided that the diagnostics
    /// contain no error.
    pub(super) fn into_files(mut self, indices: &[usize]) -> Vec<RepresentedFile> {
        let file = |index: &usize| {
            let file = self.files.remove(index).expect("a file that fails has an error");
            let diagnostics = self.diagnostics.remove(index).unwrap_or_default();
            RepresentedFile { diagnostics, time: self.times.remove(index), ..file }
        };
        indices.iter().map(file).collect()
    }

    pub(super) fn add(&mut self, index: usize, file: RepresentedFile) {
        self.files.insert(index, file);
    }

    pub(super) fn add_diagnostics(&mut self, index: usize, diagnostics: &[Diagnostic]) {
        if !diagnostics.is_empty() {
            self.diagnostics.entry(index).or_default().extend_from_slice(diagnostics);
        }
    }

    /// Adds time that the work on a file took.
    pub(super) fn add_time(
        &mut self,
        index: usize,
        file: &SourceFile,
        transform: Duration,
        compress: Duration,
    ) {
        let time = self.times.entry(index).or_insert_with(|| FileTime {
            file: file.name.clone(),
            source: file.state.len(),
            ..FileTime::default()
        });
        time.transform += transform;
        time.compress += compress;
    }
}

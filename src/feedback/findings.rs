//! What the stages have to say, and whether that fails the pack.

use crate::feedback::diagnostic::{Diagnostic, Severity};
use crate::feedback::error::PackError;
use crate::options::Strictness;

/// What the stages had to say so far.
pub(crate) struct Findings {
    strictness: Strictness,
    pub(crate) all: Vec<Diagnostic>,
}

impl Findings {
    pub(crate) fn new(strictness: Strictness) -> Self {
        Self { strictness, all: Vec::new() }
    }

    pub(crate) fn add(&mut self, diagnostics: Vec<Diagnostic>) {
        self.all.extend(diagnostics.into_iter().map(|diagnostic| match self.strictness {
            Strictness::Strict if diagnostic.severity == Severity::Warning => {
                Diagnostic { severity: Severity::Error, ..diagnostic }
            }
            _ => diagnostic,
        }));
    }

    /// Fails if there is an error among them.
    pub(crate) fn check(&self) -> Result<(), PackError> {
        let is_error = |found: &&Diagnostic| found.severity == Severity::Error;
        let mut diagnostics: Vec<Diagnostic> = self.all.iter().filter(is_error).cloned().collect();
        if diagnostics.is_empty() {
            return Ok(());
        }
        diagnostics.sort();
        Err(PackError::Files { diagnostics })
    }
}

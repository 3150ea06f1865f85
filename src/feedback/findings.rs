//! The diagnostics of a run, and the decision whether they fail it.

use crate::feedback::diagnostic::{Diagnostic, Severity};
use crate::feedback::error::PackError;
use crate::named::named;

named! {
    /// The treatment of warnings.
    #[derive(Default)]
    pub enum Strictness {
        /// A warning does not fail the pack. A file that cannot be transformed is packed unchanged.
        #[default]
        Lenient = "lenient",
        /// A warning fails the pack, as an error does.
        Strict = "strict",
    }
}

/// The diagnostics of a run so far. Under [`Strictness::Strict`] a warning counts as an error.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    strictness: Strictness,
    all: Vec<Diagnostic>,
}

impl Findings {
    pub(crate) fn new(strictness: Strictness) -> Self {
        Self { strictness, all: Vec::new() }
    }

    /// Adds diagnostics.
    pub(crate) fn add(&mut self, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            self.all.push(if self.is_failure(&diagnostic) {
                Diagnostic { severity: Severity::Error, ..diagnostic }
            } else {
                diagnostic
            });
        }
    }

    /// Returns whether a diagnostic fails the run.
    pub(crate) fn is_failure(&self, diagnostic: &Diagnostic) -> bool {
        match diagnostic.severity {
            Severity::Error => true,
            Severity::Warning => self.strictness == Strictness::Strict,
            Severity::Note => false,
        }
    }

    /// Fails if there is an error among the diagnostics.
    pub(crate) fn check(&self) -> Result<(), PackError> {
        let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
        let mut diagnostics: Vec<Diagnostic> = self.all.iter().filter(is_error).cloned().collect();
        if diagnostics.is_empty() {
            return Ok(());
        }
        diagnostics.sort();
        // Two stages may find the same.
        diagnostics.dedup();
        Err(PackError::Files { diagnostics })
    }

    /// Returns the diagnostics, sorted by file.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.all.sort();
        self.all
    }
}

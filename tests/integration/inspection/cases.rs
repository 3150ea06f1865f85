//! Projects that break a rule, and how they are mended.

use std::collections::BTreeSet;

use worker_pack::report::{Code, Diagnostic};

use crate::cli::check::project::{Files, Project};

/// A project that breaks a rule, and how it is mended.
pub(super) struct Case {
    pub(super) code: Code,
    /// The files that break it, each of which is one more fault.
    pub(super) broken: Files,
    /// The files that are written instead. An empty text removes a file.
    pub(super) mended: Files,
    /// Codes of packing that the same files have.
    pub(super) also: &'static [Code],
    /// The first place that is shown: the file, and its line and column if it has them.
    pub(super) place: &'static str,
}

/// Returns the place of a finding.
fn place(found: &Diagnostic) -> String {
    match &found.excerpt {
        Some(excerpt) => format!("{}:{}:{}", found.file, excerpt.line, excerpt.column),
        None => found.file.clone(),
    }
}

/// Returns the findings of the first project that breaks a rule.
pub(super) fn broken(base: Files, cases: &[Case], code: Code) -> Vec<Diagnostic> {
    let case = cases.iter().find(|case| case.code == code).unwrap();
    Project::new(base, case.broken).findings()
}

/// Asserts that each project breaks its rule alone, and is silent when it is mended.
pub(super) fn assert_broken_and_mended(base: Files, cases: &[Case]) {
    let mut problems = Vec::new();
    for case in cases {
        let code = case.code;
        let project = Project::new(base, case.broken);
        let found = project.findings();
        let codes: BTreeSet<Code> = found.iter().map(|one| one.code).collect();
        let places: Vec<String> = found.iter().filter(|one| one.code == code).map(place).collect();
        let expected: BTreeSet<Code> = case.also.iter().copied().chain([code]).collect();
        if codes != expected || places.first().is_none_or(|first| first != case.place) {
            problems.push(format!("{code} at {:?}, and not at {places:?}: {found:#?}", case.place));
        }
        for (name, text) in case.mended {
            if text.is_empty() { project.remove(name) } else { project.write(name, text) }
        }
        let found = project.findings();
        let others: Vec<&Diagnostic> =
            found.iter().filter(|one| !case.also.contains(&one.code)).collect();
        if !others.is_empty() {
            problems.push(format!("{code}, mended: {others:#?}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

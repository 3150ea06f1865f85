//! Findings that the user allows, with a reason and, if that is temporary, a date.

use globset::{GlobBuilder, GlobMatcher};
use serde::Serialize;

use super::date::Date;
use super::subject::text::TextFile;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// The findings of a code that are allowed, in all files or in some.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// The code.
    pub code: Code,
    /// A glob of the files, relative to the project's folder: `*` stays within a folder. `None` for
    /// all.
    pub path: Option<AllowedPath>,
    /// The reason, for those who read the configuration.
    pub reason: String,
    /// The last day on which they are allowed. `None` for ever.
    pub until: Option<Date>,
    /// The configuration that allows them, for findings on the allowance itself.
    pub place: Option<AllowancePlace>,
}

/// The place of an allowance in a configuration file.
#[derive(Clone, Debug)]
pub struct AllowancePlace {
    /// The name of the file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The byte offset of the allowance.
    pub offset: usize,
}

/// A glob of files.
#[derive(Clone, Debug)]
pub struct AllowedPath(GlobMatcher);

impl AllowedPath {
    /// Reads a glob: `*` and `?` stay within a folder, `**` does not.
    ///
    /// # Errors
    /// If it is not valid.
    pub fn new(glob: &str) -> Result<Self, String> {
        let glob = glob.strip_prefix("./").unwrap_or(glob);
        let built = GlobBuilder::new(glob).literal_separator(true).build();
        built.map(|glob| Self(glob.compile_matcher())).map_err(|error| error.to_string())
    }
}

/// A finding that is allowed.
#[derive(Clone, Debug, Serialize)]
pub struct AllowedFinding {
    /// The finding.
    pub finding: Diagnostic,
    /// The reason why it is allowed.
    pub reason: String,
    /// The last day on which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Allowance {
    fn covers(&self, found: &Diagnostic) -> bool {
        let covers = |path: &AllowedPath| path.0.is_match(&found.file);
        self.code == found.code && self.path.as_ref().is_none_or(covers)
    }

    fn has_expired(&self, today: Option<Date>) -> bool {
        self.until.zip(today).is_some_and(|(until, today)| today > until)
    }

    /// Makes a finding on the allowance itself.
    fn finding(&self, make: MakeDiagnostic, code: Code, message: String) -> Diagnostic {
        let Some(AllowancePlace { file, text, offset }) = &self.place else {
            return make(code, "worker-pack.toml".to_owned(), message);
        };
        let file = TextFile { name: file.clone(), path: file.into(), text: text.clone() };
        make(code, file.name.clone(), message).with_excerpt(file.excerpt(*offset))
    }
}

type MakeDiagnostic = fn(Code, String, String) -> Diagnostic;

/// Takes the allowed findings out of all. An allowance that has expired, or that allows nothing, is
/// a finding itself.
pub(super) fn apply(
    allowances: &[Allowance],
    today: Option<Date>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<AllowedFinding> {
    let mut allowed = Vec::new();
    let mut on_allowances = Vec::new();
    let mut used = vec![false; allowances.len()];
    findings.retain(|found| {
        let mut covering = allowances.iter().zip(&mut used).filter(|(one, _)| one.covers(found));
        let mut allowing = None;
        for (one, used) in &mut covering {
            *used = true;
            if allowing.is_none() && !one.has_expired(today) {
                allowing = Some(one);
            }
        }
        let Some(Allowance { reason, until, .. }) = allowing else { return true };
        allowed.push(AllowedFinding {
            finding: found.clone(),
            reason: reason.clone(),
            until: *until,
        });
        false
    });
    for (one, used) in allowances.iter().zip(used) {
        let code = one.code;
        if let Some(until) = one.until.filter(|_| one.has_expired(today)) {
            let message = format!("the allowance of `{code}` ended on {until}");
            let found = one.finding(Diagnostic::warning, Code::ProjectAllowanceExpired, message);
            on_allowances.push(found.with_help(
                "correct what it allowed, or set `until` to a later day; until then the findings are reported",
            ));
        } else if !used {
            let message = format!("no finding of `{code}` is allowed by this");
            let found = one.finding(Diagnostic::note, Code::ProjectAllowanceUnused, message);
            on_allowances.push(found.with_help("remove it, or correct its `path`"));
        }
    }
    findings.extend(on_allowances);
    allowed
}

//! Another door: `Inspection`, which looks for faults of a project, its configuration and its build
//! before it is deployed.
//!
//! The site is packed, without writing anything, for the diagnostics of the stages. Then the rules
//! of this room look at a [`Subject`], which holds all that they need and reads it once. A rule is
//! a plain function in the table `RULES` of its folder: `project/` has the rules on packages,
//! scripts and configurations, `code/` those on the modules of the server, `pages/` those on pages,
//! and `start/` starts the Worker.

pub(crate) mod allowance;
mod code;
pub(crate) mod date;
mod location;
mod pages;
mod project;
pub(crate) mod report;
mod rule;
pub(crate) mod start;
mod subject;

use std::path::PathBuf;
use std::sync::Arc;

use crate::cache::CacheLocation;
use crate::feedback::diagnostic::{Diagnostic, Severity};
use crate::feedback::error::PackError;
use crate::feedback::progress::Progress;
use crate::feedback::stage::Stage;
use crate::named::named;
use crate::options::Options;
use crate::output::Target;
use crate::pack::Pack;
use allowance::Allowance;
use date::Date;
use report::InspectionReport;
use rule::Rule;
use start::Start;
use subject::Subject;

/// A project to look for faults in, around the folder that it was built into.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use worker_pack::Inspection;
///
/// for finding in &Inspection::of("dist").run()?.findings {
///     eprintln!("{finding}");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Inspection {
    pack: Pack,
    allowances: Vec<Allowance>,
    today: Option<Date>,
    denied: Denied,
    start: Start,
}

named! {
    /// The findings that count as errors.
    #[derive(Default)]
    pub enum Denied {
        /// Errors alone.
        #[default]
        Errors = "errors",
        /// Warnings too.
        Warnings = "warnings",
        /// Warnings and notes too.
        Notes = "notes",
    }
}

impl Denied {
    /// Returns a finding as an error, if it counts as one.
    fn raise(self, found: Diagnostic) -> Diagnostic {
        let least = match self {
            Self::Errors => Severity::Error,
            Self::Warnings => Severity::Warning,
            Self::Notes => Severity::Note,
        };
        let severity = if found.severity <= least { Severity::Error } else { found.severity };
        Diagnostic { severity, ..found }
    }
}

impl Inspection {
    /// Creates an inspection of the project around a folder that a build wrote, or will write.
    pub fn of(dist: impl Into<PathBuf>) -> Self {
        Self {
            pack: Pack::from_dir(dist),
            allowances: Vec::new(),
            today: None,
            denied: Denied::default(),
            start: Start::default(),
        }
    }

    /// Sets the options that the site is packed with.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { pack: self.pack.options(options), ..self }
    }

    /// Sets the target that the site is packed for. It is assembled in memory, and not written.
    /// Without a Worker, no rule on packed Workers applies. Default: [`Target::Memory`].
    #[must_use]
    pub fn target(self, target: Target) -> Self {
        Self { pack: self.pack.target(target), ..self }
    }

    /// Sets the place of the cache of results.
    #[must_use]
    pub fn cache(self, cache: CacheLocation) -> Self {
        Self { pack: self.pack.cache(cache), ..self }
    }

    /// Sets the receiver of the progress.
    #[must_use]
    pub fn progress(self, progress: Arc<dyn Progress>) -> Self {
        Self { pack: self.pack.progress(progress), ..self }
    }

    /// Sets the findings that are allowed.
    #[must_use]
    pub fn allow(self, allowances: Vec<Allowance>) -> Self {
        Self { allowances, ..self }
    }

    /// Sets the day on which the inspection is made, by which allowances expire. Without it, none
    /// does.
    #[must_use]
    pub fn today(self, today: Date) -> Self {
        Self { today: Some(today), ..self }
    }

    /// Sets the findings that count as errors. Default: [`Denied::Errors`].
    #[must_use]
    pub fn deny(self, denied: Denied) -> Self {
        Self { denied, ..self }
    }

    /// Sets whether the packed Worker is started. Default: [`Start::Auto`].
    #[must_use]
    pub fn start(self, start: Start) -> Self {
        Self { start, ..self }
    }

    /// Looks at the project with all rules.
    ///
    /// # Errors
    /// If the cache has lost a body twice, or threads cannot be started. All else is a finding: a
    /// missing build, and a configuration that cannot be read.
    pub fn run(&self) -> Result<InspectionReport, PackError> {
        let mut subject = Subject::read(&self.pack)?;
        subject.start = self.start;
        self.pack.receiver().started(Stage::Inspect, 0);
        let mut findings: Vec<Diagnostic> = location::in_project(&subject);
        for Rule { find, .. } in rules() {
            findings.extend(find(&subject));
        }
        let allowed = allowance::apply(&self.allowances, self.today, &mut findings);
        let findings = findings.into_iter().map(|found| self.denied.raise(found)).collect();
        Ok(InspectionReport::new(&subject, findings, allowed))
    }
}

/// Returns the rules in their order.
fn rules() -> impl Iterator<Item = &'static Rule> {
    [project::RULES, code::RULES, pages::RULES, start::RULES].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::feedback::code::Code;

    #[test]
    fn every_code_of_an_inspection_is_that_of_a_rule() {
        /// Codes of the inspection itself.
        const WITHOUT_RULE: [Code; 3] =
            [Code::ProjectNotBuilt, Code::ProjectAllowanceExpired, Code::ProjectAllowanceUnused];
        let of_rules: BTreeSet<Code> = rules().flat_map(|rule| rule.codes).copied().collect();
        let all = Code::ALL.into_iter().filter(|code| code.stage() == Stage::Inspect);
        let missing: Vec<Code> =
            all.filter(|code| !of_rules.contains(code) && !WITHOUT_RULE.contains(code)).collect();
        assert_eq!(missing, []);
    }
}

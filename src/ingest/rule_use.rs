//! The rules by path that match no file. Most often their paths are misspelt.

use worker_pack_runtime::Behaviour;

use crate::asset::route::RoutePath;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::{Options, PathPattern, PathRule};

/// The patterns of the rules, without those that have matched a file.
pub(super) struct RuleUse<'o> {
    unused: Vec<(&'o PathRule, &'o PathPattern)>,
    behaviour: Behaviour,
}

impl<'o> RuleUse<'o> {
    pub(super) fn new(options: &'o Options, behaviour: Behaviour) -> Self {
        let patterns = |rule: &'o PathRule| rule.paths.iter().map(move |pattern| (rule, pattern));
        Self { unused: options.rule.iter().flat_map(patterns).collect(), behaviour }
    }

    /// Notes the route of a file, public or not.
    pub(super) fn note(&mut self, route: &RoutePath) {
        self.unused.retain(|(_, pattern)| !pattern.matches(route, self.behaviour));
    }

    /// Returns a warning for each pattern that has matched nothing.
    pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
        let warning = |(rule, pattern): &(&PathRule, &PathPattern)| {
            let message = format!("the rule `{}` for this path matches no file", rule.settings());
            let code = Code::IngestRuleMatchesNothing;
            Diagnostic::warning(code, pattern.to_string(), message).with_help(
                "correct the path, or remove it; it is compared with the paths of files and of their \
                 URLs",
            )
        };
        self.unused.iter().map(warning).collect()
    }
}

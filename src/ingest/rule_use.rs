//! The rules by path that match no file. Most often their paths are misspelt.

use worker_pack_runtime::Behaviour;

use crate::asset::route::RoutePath;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::{HeadersOnSsr, Options, PathPattern, PathRule};

/// The patterns of the rules, without those that have matched a file.
pub(super) struct RuleUse<'o> {
    unused: Vec<(&'o PathRule, &'o PathPattern)>,
    behaviour: Behaviour,
}

impl<'o> RuleUse<'o> {
    pub(super) fn new(
        options: &'o Options,
        headers_on_ssr: HeadersOnSsr,
        behaviour: Behaviour,
    ) -> Self {
        let patterns = |rule: &'o PathRule| rule.paths.iter().map(move |pattern| (rule, pattern));
        let mut unused: Vec<_> = options.rule.iter().flat_map(patterns).collect();
        if headers_on_ssr == HeadersOnSsr::WithPolicies {
            // Those may be for paths of the server, which are not known.
            unused.retain(|(rule, pattern)| rule.cache.is_none() || pattern.in_table().is_none());
        }
        Self { unused, behaviour }
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

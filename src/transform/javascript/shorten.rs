//! Shorter names for what no other code can see.

use std::collections::BTreeSet;

use swc_core::common::sync::Lrc;
use swc_core::common::{Mark, SyntaxContext};
use swc_core::ecma::ast::{Id, Program};
use swc_core::ecma::minifier::optimize;
use swc_core::ecma::minifier::option::{ExtraOptions, MangleOptions, MinifyOptions};
use swc_core::ecma::transforms::base::fixer::{fixer, paren_remover};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::utils::collect_decls_with_ctxt;
use swc_core::ecma::visit::VisitMutWith;

use super::text::Text;
use super::{Names, names};

/// Shortens the local names of a program.
///
/// swc's optimiser is not used. It drops calls of getters and of `valueOf`, takes errors for
/// impossible, and loses the value of a script; compressed, what it saves is 2 %.
pub(super) fn shortened(program: Program, text: &Text, names: Names) -> Program {
    let unresolved_mark = Mark::new();
    let top_level_mark = Mark::new();
    let is_module = program.is_module();
    let mut program = program
        .apply(resolver(unresolved_mark, top_level_mark, false))
        .apply(paren_remover(Some(&text.comments)));

    // swc misses some of the ways in which a script can declare a global, so their names are
    // reserved.
    let mut reserved = BTreeSet::new();
    if !is_module {
        let scope = SyntaxContext::empty().apply_mark(top_level_mark);
        let globals: Vec<Id> = collect_decls_with_ctxt(&program, scope).into_iter().collect();
        reserved.extend(globals.into_iter().map(|(name, _)| name));
    }
    if names == Names::Preserved {
        let naming = names::naming(&program);
        reserved.extend(naming.iter().map(|(name, _)| name.clone()));
        names::refer(&mut program, naming);
    }
    let mangle = MangleOptions {
        top_level: Some(is_module),
        reserved: reserved.into_iter().collect(),
        keep_private_props: names == Names::Preserved,
        ..MangleOptions::default()
    };
    let options = MinifyOptions { mangle: Some(mangle), ..MinifyOptions::default() };
    let extra = ExtraOptions { unresolved_mark, top_level_mark, mangle_name_cache: None };
    let map = Lrc::clone(&text.map);
    program = optimize(program, map, Some(&text.comments), None, &options, &extra);
    if names == Names::Preserved {
        names::forget(&mut program);
    }
    // Restores the parentheses that the program needs.
    program.visit_mut_with(&mut fixer(Some(&text.comments)));
    program
}

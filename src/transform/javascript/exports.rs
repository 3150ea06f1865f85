//! The names that a module exports.

use std::collections::BTreeSet;

use swc_core::common::{GLOBALS, Globals};
use swc_core::ecma::ast::{
    Decl, ExportSpecifier, Id, ModuleDecl, ModuleExportName, ModuleItem, Program,
};
use swc_core::ecma::utils::find_pat_ids;

use super::{ScriptKind, Text};
use crate::transform::SyntaxError;

/// Returns the names that a module exports. `*` stands for those of another module.
pub(crate) fn exported_names(source: &str) -> Result<BTreeSet<String>, SyntaxError> {
    let program = GLOBALS.set(&Globals::new(), || Text::new(source).parse(ScriptKind::Module))?;
    let Program::Module(module) = program else { return Ok(BTreeSet::new()) };
    Ok(module.body.iter().filter_map(ModuleItem::as_module_decl).flat_map(names).collect())
}

fn names(declaration: &ModuleDecl) -> Vec<String> {
    match declaration {
        ModuleDecl::ExportAll(_) => vec!["*".to_owned()],
        ModuleDecl::ExportNamed(named) => named.specifiers.iter().map(exported).collect(),
        ModuleDecl::ExportDecl(exported) => declared(&exported.decl),
        ModuleDecl::ExportDefaultDecl(_) | ModuleDecl::ExportDefaultExpr(_) => {
            vec!["default".to_owned()]
        }
        // The rest imports, or is syntax of TypeScript.
        _ => Vec::new(),
    }
}

fn exported(specifier: &ExportSpecifier) -> String {
    let name = |name: &ModuleExportName| name.atom().to_string();
    match specifier {
        ExportSpecifier::Namespace(namespace) => name(&namespace.name),
        ExportSpecifier::Default(_) => "default".to_owned(),
        ExportSpecifier::Named(named) => name(named.exported.as_ref().unwrap_or(&named.orig)),
    }
}

fn declared(declaration: &Decl) -> Vec<String> {
    match declaration {
        Decl::Class(class) => vec![class.ident.sym.to_string()],
        Decl::Fn(function) => vec![function.ident.sym.to_string()],
        Decl::Var(variables) => {
            let names: Vec<Id> = find_pat_ids(&variables.decls);
            names.into_iter().map(|(name, _)| name.to_string()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_export_is_listed() {
        let source = "export const a = 1, { b, c: [d] } = e; export function f() {} \
            export class G {} export { a as h, default as i } from './x.js'; export * as j from 'k'; \
            export * from 'l'; export default 1; export { a as 'm n' }; import o from 'o';";
        let names = exported_names(source).unwrap();
        let expected = ["*", "G", "a", "b", "d", "default", "f", "h", "i", "j", "m n"];
        assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
    }
}

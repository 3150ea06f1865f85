//! The imports of a module.

use swc_core::common::{GLOBALS, Globals};
use swc_core::ecma::ast::{
    CallExpr, Callee, ExportAll, Expr, ImportDecl, Lit, NamedExport, Program, Str,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::{ScriptKind, Text};
use crate::transform::SyntaxError;

/// The modules that a module imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imports {
    /// The specifiers in `import`, `export … from` and `import('…')`, in the order of the source.
    pub(crate) specifiers: Vec<String>,
    /// The number of `import(…)` whose specifier is computed at run time.
    pub(crate) computed: usize,
}

impl Imports {
    /// Reads the imports of a module.
    pub(crate) fn of(source: &str) -> Result<Self, SyntaxError> {
        let program =
            GLOBALS.set(&Globals::new(), || Text::new(source).parse(ScriptKind::Module))?;
        let mut imports = Self::default();
        if let Program::Module(module) = program {
            module.visit_with(&mut imports);
        }
        Ok(imports)
    }

    fn add(&mut self, specifier: &Str) {
        self.specifiers.push(specifier.value.to_string_lossy().into_owned());
    }
}

impl Visit for Imports {
    fn visit_import_decl(&mut self, import: &ImportDecl) {
        self.add(&import.src);
    }

    fn visit_export_all(&mut self, export: &ExportAll) {
        self.add(&export.src);
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        if let Some(source) = &export.src {
            self.add(source);
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        call.visit_children_with(self);
        if !matches!(call.callee, Callee::Import(_)) {
            return;
        }
        match call.args.first().map(|argument| &*argument.expr) {
            Some(Expr::Lit(Lit::Str(specifier))) => self.add(specifier),
            // A template without substitutions is a string.
            Some(Expr::Tpl(template))
                if template.exprs.is_empty() && template.quasis.len() == 1 =>
            {
                self.specifiers.push(template.quasis[0].raw.to_string());
            }
            _ => self.computed += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_in_every_form_but_not_in_comments_and_strings() {
        let source = "
            import a from './a.mjs';
            import './b.js';
            export { c } from '../c.mjs';
            export * from 'node:zlib';
            /** @type {import('./types.js').T} */
            const text = \"import('./text.js')\";
            const d = () => import('./d.mjs'), e = import(`./e.mjs`);
            export const f = (name) => import(name), url = import.meta.url;
        ";
        let imports = Imports::of(source).expect("it is a module");
        let expected = ["./a.mjs", "./b.js", "../c.mjs", "node:zlib", "./d.mjs", "./e.mjs"];
        assert_eq!(imports.specifiers, expected);
        assert_eq!(imports.computed, 1);
    }
}

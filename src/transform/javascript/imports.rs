//! The imports of a module.

use swc_core::common::{GLOBALS, Globals};
use swc_core::ecma::ast::{
    CallExpr, Callee, ExportAll, Expr, ImportDecl, Lit, ModuleItem, NamedExport, Program, Str,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::{ScriptKind, Text};
use crate::transform::SyntaxError;

/// The modules that a module imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imports {
    /// The specifiers in `import`, `export … from` and `import('…')`, in the order of the source.
    pub(crate) specifiers: Vec<String>,
    /// Those without which the module cannot be loaded: all but those of `import('…')`.
    pub(crate) linked: Vec<String>,
    /// The specifiers in `require('…')`, which a bundler follows.
    pub(crate) required: Vec<String>,
    /// True if it is written as a module, with imports or exports. One in `CommonJS` is not.
    pub(crate) is_module: bool,
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
            imports.is_module = module.body.iter().any(ModuleItem::is_module_decl);
            module.visit_with(&mut imports);
        }
        Ok(imports)
    }

    /// Reads the imports of a module in TypeScript, without those of types.
    pub(crate) fn of_typescript(source: &str) -> Result<Self, SyntaxError> {
        let module = GLOBALS.set(&Globals::new(), || Text::new(source).parse_typescript())?;
        let mut imports = Self { is_module: true, ..Self::default() };
        module.visit_with(&mut imports);
        Ok(imports)
    }

    fn link(&mut self, specifier: &Str) {
        let specifier = text(specifier);
        self.specifiers.push(specifier.clone());
        self.linked.push(specifier);
    }
}

impl Visit for Imports {
    fn visit_import_decl(&mut self, import: &ImportDecl) {
        if !import.type_only {
            self.link(&import.src);
        }
    }

    fn visit_export_all(&mut self, export: &ExportAll) {
        if !export.type_only {
            self.link(&export.src);
        }
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        if let Some(source) = &export.src
            && !export.type_only
        {
            self.link(source);
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        call.visit_children_with(self);
        let argument = call.args.first().map(|argument| &*argument.expr);
        if is_require(&call.callee)
            && let Some(Expr::Lit(Lit::Str(specifier))) = argument
        {
            self.required.push(text(specifier));
        }
        if !matches!(call.callee, Callee::Import(_)) {
            return;
        }
        match argument {
            Some(Expr::Lit(Lit::Str(specifier))) => self.specifiers.push(text(specifier)),
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

fn text(specifier: &Str) -> String {
    specifier.value.to_string_lossy().into_owned()
}

fn is_require(callee: &Callee) -> bool {
    let Callee::Expr(callee) = callee else { return false };
    callee.as_ident().is_some_and(|name| name.sym == "require")
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
        assert_eq!(imports.linked, expected[..4]);
        assert_eq!((imports.computed, imports.is_module), (1, true));
    }

    #[test]
    fn a_module_in_typescript_imports_no_types() {
        let imports = Imports::of_typescript(
            "import type { A } from './a'; import { b, type B } from './b'; export type { C } from './c';
             export * from './d'; const e = <T,>(x: T): T => x; const f = await import('./f');",
        );
        assert_eq!(imports.expect("it is a module").specifiers, ["./b", "./d", "./f"]);
        let markup = Imports::of_typescript("import './a'; const b = <p>{(1 as number)}</p>;");
        assert_eq!(markup.expect("it is a module").specifiers, ["./a"]);
        let cast = Imports::of_typescript("import './a'; const b = <number>c;");
        assert_eq!(cast.expect("it is a module").specifiers, ["./a"]);
    }

    #[test]
    fn a_module_in_commonjs_requires_others() {
        let imports = Imports::of("const a = require('./a.cjs'); exports.a = a.require('b');");
        let imports = imports.expect("it is a script");
        assert_eq!((imports.required, imports.is_module), (vec!["./a.cjs".to_owned()], false));
    }
}

//! The interface of a program to other code, compared before and after minifying.

use std::collections::BTreeSet;

use swc_core::common::{GLOBALS, Globals, Mark, SyntaxContext};
use swc_core::ecma::ast::{
    Decl, ExportSpecifier, Expr, Id, Lit, ModuleDecl, ModuleExportName, ModuleItem, Program, Stmt,
    Str,
};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::utils::{collect_decls_with_ctxt, find_pat_ids};

use super::{ScriptKind, Text};
use crate::transform::SyntaxError;

/// The parts of a program that other code can observe.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Interface {
    /// The global names that a classic script declares.
    globals: BTreeSet<String>,
    /// The global functions that are hoisted, so that they can be called before their declaration.
    functions: BTreeSet<String>,
    /// The specifiers of imported modules, including those imported only for their side effects.
    imports: BTreeSet<String>,
    /// The exported names.
    exports: BTreeSet<String>,
    /// The directives at the top, such as `use strict`.
    directives: Vec<String>,
}

impl Interface {
    /// Reads the interface of a source text.
    pub(super) fn of(source: &str, kind: ScriptKind) -> Result<Self, SyntaxError> {
        GLOBALS.set(&Globals::new(), || {
            let mut interface = Self::default();
            match Text::new(source).parse(kind)? {
                Program::Module(module) => {
                    for item in &module.body {
                        if let ModuleItem::ModuleDecl(declaration) = item {
                            interface.add(declaration);
                        }
                    }
                }
                Program::Script(script) => {
                    interface.directives = script.body.iter().map_while(directive).collect();
                    interface.functions = script.body.iter().filter_map(function).collect();
                    // The resolver marks the names of the top-level scope, so that they can be told
                    // from local names.
                    let top_level = Mark::new();
                    let program = Program::Script(script);
                    let program = program.apply(resolver(Mark::new(), top_level, false));
                    interface.globals = globals(&program, top_level);
                }
            }
            Ok(interface)
        })
    }

    fn add(&mut self, declaration: &ModuleDecl) {
        match declaration {
            ModuleDecl::Import(import) => {
                self.imports.insert(text(&import.src));
            }
            ModuleDecl::ExportAll(all) => {
                self.imports.insert(text(&all.src));
                self.exports.insert("*".to_owned());
            }
            ModuleDecl::ExportNamed(named) => {
                self.imports.extend(named.src.as_deref().map(text));
                self.exports.extend(named.specifiers.iter().map(exported));
            }
            ModuleDecl::ExportDecl(exported) => self.exports.extend(declared(&exported.decl)),
            ModuleDecl::ExportDefaultDecl(_) | ModuleDecl::ExportDefaultExpr(_) => {
                self.exports.insert("default".to_owned());
            }
            // The rest is TypeScript syntax, which browsers do not parse.
            _ => {}
        }
    }
}

/// Returns the names in the top-level scope of a resolved script. A `var` in a nested block declares
/// one too.
pub(super) fn globals(program: &Program, top_level: Mark) -> BTreeSet<String> {
    let scope = SyntaxContext::empty().apply_mark(top_level);
    let names: Vec<Id> = collect_decls_with_ctxt(program, scope).into_iter().collect();
    names.into_iter().map(|(name, _)| name.to_string()).collect()
}

fn directive(statement: &Stmt) -> Option<String> {
    match statement {
        Stmt::Expr(statement) => match &*statement.expr {
            Expr::Lit(Lit::Str(string)) => Some(text(string)),
            _ => None,
        },
        _ => None,
    }
}

fn function(statement: &Stmt) -> Option<String> {
    match statement {
        Stmt::Decl(Decl::Fn(function)) => Some(function.ident.sym.to_string()),
        _ => None,
    }
}

fn text(string: &Str) -> String {
    string.value.to_string_lossy().into_owned()
}

fn exported(specifier: &ExportSpecifier) -> String {
    let name = |name: &ModuleExportName| match name {
        ModuleExportName::Ident(identifier) => identifier.sym.to_string(),
        ModuleExportName::Str(string) => text(string),
    };
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

//! The names that a module declares itself, which are not the globals.

use std::collections::BTreeSet;

use swc_core::ecma::ast::{ImportDecl, ImportSpecifier, Module, ModuleItem, Stmt, VarDecl};

/// The names that a module declares itself, which are not the globals.
#[derive(Debug, Default)]
pub(super) struct Declared {
    own: BTreeSet<String>,
    /// Functions of `node:crypto` that need random numbers, by their local names.
    pub(super) random: BTreeSet<String>,
    /// Names of the module `node:crypto` itself.
    crypto: BTreeSet<String>,
}

/// Functions of the global `crypto` and of `node:crypto` that need random numbers.
pub(super) const RANDOM: [&str; 9] = [
    "generateKey",
    "generateKeyPair",
    "generateKeyPairSync",
    "generateKeySync",
    "getRandomValues",
    "randomBytes",
    "randomFillSync",
    "randomInt",
    "randomUUID",
];

impl Declared {
    pub(super) fn of(module: &Module) -> Self {
        let mut declared = Self::default();
        for item in &module.body {
            match item {
                ModuleItem::ModuleDecl(declaration) => {
                    if let Some(import) = declaration.as_import() {
                        declared.import(import);
                    } else if let Some(exported) = declaration.as_export_decl() {
                        declared.statement(&Stmt::Decl(exported.decl.clone()));
                    }
                }
                ModuleItem::Stmt(statement) => declared.statement(statement),
            }
        }
        declared
    }

    fn import(&mut self, import: &ImportDecl) {
        let from = import.src.value.to_string_lossy();
        let is_crypto = matches!(&*from, "crypto" | "node:crypto");
        for specifier in &import.specifiers {
            let local = specifier.local().sym.to_string();
            match specifier {
                ImportSpecifier::Named(named) if is_crypto => {
                    let imported = named.imported.as_ref().map(|it| it.atom().to_string());
                    if RANDOM.contains(&imported.as_deref().unwrap_or(&local)) {
                        self.random.insert(local.clone());
                    }
                    if imported.as_deref().unwrap_or(&local) == "webcrypto" {
                        self.crypto.insert(local.clone());
                    }
                }
                ImportSpecifier::Default(_) | ImportSpecifier::Namespace(_) if is_crypto => {
                    self.crypto.insert(local.clone());
                }
                _ => {}
            }
            self.own.insert(local);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let Stmt::Decl(declaration) = statement else { return };
        if let Some(function) = declaration.as_fn_decl() {
            self.own.insert(function.ident.sym.to_string());
        } else if let Some(class) = declaration.as_class() {
            self.own.insert(class.ident.sym.to_string());
        } else if let Some(variables) = declaration.as_var() {
            self.variables(variables);
        }
    }

    fn variables(&mut self, variables: &VarDecl) {
        for variable in &variables.decls {
            if let Some(name) = variable.name.as_ident() {
                self.own.insert(name.sym.to_string());
            }
        }
    }

    pub(super) fn is_global(&self, name: &str) -> bool {
        !self.own.contains(name)
    }

    pub(super) fn is_crypto(&self, name: &str) -> bool {
        self.crypto.contains(name) || name == "crypto" && self.is_global(name)
    }
}

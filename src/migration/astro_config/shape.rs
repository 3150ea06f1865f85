//! Finds the object with the configuration in a program that exports it.

use std::collections::BTreeMap;

use swc_core::ecma::ast::{
    ArrowExpr, ArrowFunctionBody, AssignTarget, Callee, Decl, DefaultDecl, ExportSpecifier, Expr,
    Function, Ident, ImportSpecifier, MemberProp, Module, ModuleDecl, ModuleExportName, ModuleItem,
    NamedExport, ObjectLit, Pat, ReturnStmt, SimpleAssignTarget, Stmt, VarDecl, VarDeclKind,
};
use swc_core::ecma::visit::{Visit, VisitWith};

/// The way in which a program imports modules and exports its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModuleKind {
    /// `import` and `export default`.
    Esm,
    /// `require` and `module.exports`.
    CommonJs,
}

/// The configuration in a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<'m> {
    pub(super) kind: ModuleKind,
    /// The object with the configuration.
    pub(super) object: &'m ObjectLit,
}

/// The reason why the configuration is not found or cannot be edited, as the end of “the configuration …”.
pub(crate) type Reason = String;

/// The constants that a name may stand for.
#[derive(Clone, Default)]
pub(super) struct Scope<'m>(BTreeMap<String, &'m Expr>);

impl<'m> Scope<'m> {
    /// Collects the constants at the top level of a program.
    pub(super) fn of(module: &'m Module) -> Self {
        let mut scope = Self::default();
        for item in &module.body {
            match item {
                ModuleItem::Stmt(Stmt::Decl(Decl::Var(variables))) => scope.add(variables),
                ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => {
                    if let Decl::Var(variables) = &export.decl {
                        scope.add(variables);
                    }
                }
                _ => {}
            }
        }
        scope
    }

    fn add(&mut self, variables: &'m VarDecl) {
        if variables.kind != VarDeclKind::Const {
            return;
        }
        for one in &variables.decls {
            if let (Pat::Ident(name), Some(value)) = (&one.name, &one.init) {
                self.0.insert(name.id.sym.to_string(), value);
            }
        }
    }

    /// Returns the value of a constant.
    pub(super) fn get(&self, name: &Ident) -> Option<&'m Expr> {
        self.named(&name.sym)
    }

    /// Returns the value of the constant with a name.
    pub(super) fn named(&self, name: &str) -> Option<&'m Expr> {
        self.0.get(name).copied()
    }
}

/// Finds the configuration in a program.
///
/// # Errors
/// If it is not an object in this program, or is changed after it is made.
pub(super) fn find(module: &Module) -> Result<Shape<'_>, Reason> {
    let scope = Scope::of(module);
    for item in &module.body {
        let ModuleItem::ModuleDecl(declaration) = item else { continue };
        let found = match declaration {
            ModuleDecl::ExportDefaultExpr(export) => resolve(module, &scope, &export.expr, 0),
            ModuleDecl::ExportDefaultDecl(export) => match &export.decl {
                DefaultDecl::Fn(function) => of_function(module, &scope, &function.function, 0),
                _ => Err("is a class or an interface".to_owned()),
            },
            ModuleDecl::ExportNamed(export) => match exported_as_default(export) {
                Some(_) if export.src.is_some() => Err("comes from another file".to_owned()),
                // The name in `export { config as default }` is not an expression.
                Some(name) if uses(module, name) > 0 => Err(is_used(name)),
                Some(name) => resolve_name(module, &scope, name, 0),
                None => continue,
            },
            _ => continue,
        };
        return found.map(|object| Shape { kind: ModuleKind::Esm, object });
    }
    let exported = module.body.iter().find_map(exported_by_common_js);
    match exported {
        Some(value) => {
            let object = resolve(module, &scope, value, 0)?;
            Ok(Shape { kind: ModuleKind::CommonJs, object })
        }
        None => Err("has no `export default`".to_owned()),
    }
}

/// Returns the value of `module.exports = …`.
fn exported_by_common_js(item: &ModuleItem) -> Option<&Expr> {
    let ModuleItem::Stmt(Stmt::Expr(statement)) = item else { return None };
    let Expr::Assign(assignment) = &*statement.expr else { return None };
    let AssignTarget::Simple(SimpleAssignTarget::Member(member)) = &assignment.left else {
        return None;
    };
    let is_module = matches!(&*member.obj, Expr::Ident(name) if &*name.sym == "module");
    let is_exports = matches!(&member.prop, MemberProp::Ident(name) if &*name.sym == "exports");
    (is_module && is_exports).then_some(&*assignment.right)
}

/// The number of names, calls and functions that are followed.
const MAX_DEPTH: usize = 16;

fn resolve<'m>(
    module: &'m Module,
    scope: &Scope<'m>,
    value: &'m Expr,
    depth: usize,
) -> Result<&'m ObjectLit, Reason> {
    if depth > MAX_DEPTH {
        return Err("refers to itself".to_owned());
    }
    let next = depth + 1;
    match value {
        Expr::Object(object) => Ok(object),
        Expr::Paren(inner) => resolve(module, scope, &inner.expr, next),
        Expr::TsSatisfies(inner) => resolve(module, scope, &inner.expr, next),
        Expr::TsAs(inner) => resolve(module, scope, &inner.expr, next),
        Expr::TsConstAssertion(inner) => resolve(module, scope, &inner.expr, next),
        Expr::TsTypeAssertion(inner) => resolve(module, scope, &inner.expr, next),
        Expr::TsNonNull(inner) => resolve(module, scope, &inner.expr, next),
        Expr::Await(inner) => resolve(module, scope, &inner.arg, next),
        Expr::Ident(name) => resolve_name(module, scope, name, next),
        Expr::Call(call) => {
            let Callee::Expr(callee) = &call.callee else {
                return Err("is the result of a call".to_owned());
            };
            match (&**callee, call.args.first()) {
                (Expr::Ident(name), Some(first)) if is_define_config(module, name) => {
                    resolve(module, scope, &first.expr, next)
                }
                (Expr::Ident(name), _) => Err(format!("is the result of `{}(…)`", name.sym)),
                _ => Err("is the result of a call".to_owned()),
            }
        }
        Expr::Arrow(arrow) => of_arrow(module, scope, arrow, next),
        Expr::Fn(function) => of_function(module, scope, &function.function, next),
        Expr::Cond(_) => Err("depends on a condition".to_owned()),
        _ => Err("is not an object".to_owned()),
    }
}

fn resolve_name<'m>(
    module: &'m Module,
    scope: &Scope<'m>,
    name: &Ident,
    depth: usize,
) -> Result<&'m ObjectLit, Reason> {
    let Some(value) = scope.get(name) else {
        return Err(format!("is `{}`, which is not a constant of this file", name.sym));
    };
    if uses(module, name) > 1 {
        return Err(is_used(name));
    }
    resolve(module, scope, value, depth)
}

fn is_used(name: &Ident) -> Reason {
    format!("is `{}`, which other code of the file uses as well", name.sym)
}

/// Returns the name that `export { name as default }` exports.
fn exported_as_default(export: &NamedExport) -> Option<&Ident> {
    export.specifiers.iter().find_map(|specifier| {
        let ExportSpecifier::Named(named) = specifier else { return None };
        let exported = named.exported.as_ref().unwrap_or(&named.orig);
        let (ModuleExportName::Ident(exported), ModuleExportName::Ident(name)) =
            (exported, &named.orig)
        else {
            return None;
        };
        (&*exported.sym == "default").then_some(name)
    })
}

fn of_arrow<'m>(
    module: &'m Module,
    scope: &Scope<'m>,
    arrow: &'m ArrowExpr,
    depth: usize,
) -> Result<&'m ObjectLit, Reason> {
    match &*arrow.body {
        ArrowFunctionBody::Expr(value) => resolve(module, scope, value, depth),
        ArrowFunctionBody::FunctionBody(block) => of_block(module, scope, &block.stmts, depth),
    }
}

fn of_function<'m>(
    module: &'m Module,
    scope: &Scope<'m>,
    function: &'m Function,
    depth: usize,
) -> Result<&'m ObjectLit, Reason> {
    let statements = function.body.as_ref().map(|body| &body.stmts[..]).unwrap_or_default();
    of_block(module, scope, statements, depth)
}

fn of_block<'m>(
    module: &'m Module,
    scope: &Scope<'m>,
    statements: &'m [Stmt],
    depth: usize,
) -> Result<&'m ObjectLit, Reason> {
    let mut returns = Returns(0);
    for statement in statements {
        statement.visit_with(&mut returns);
    }
    let Some(Stmt::Return(ReturnStmt { arg: Some(value), .. })) = statements.last() else {
        return Err("is a function that does not end with `return`".to_owned());
    };
    if returns.0 > 1 {
        return Err("is a function with several `return`".to_owned());
    }
    let mut scope = scope.clone();
    for statement in statements {
        if let Stmt::Decl(Decl::Var(variables)) = statement {
            scope.add(variables);
        }
    }
    resolve(module, &scope, value, depth)
}

/// Counts `return`, but not those of functions within.
struct Returns(usize);

impl Visit for Returns {
    fn visit_return_stmt(&mut self, _: &ReturnStmt) {
        self.0 += 1;
    }

    fn visit_function(&mut self, _: &Function) {}

    fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}
}

/// Returns how often a program reads a name.
fn uses(module: &Module, name: &Ident) -> usize {
    struct Uses<'n>(&'n str, usize);
    impl Visit for Uses<'_> {
        fn visit_expr(&mut self, value: &Expr) {
            if matches!(value, Expr::Ident(name) if &*name.sym == self.0) {
                self.1 += 1;
            }
            value.visit_children_with(self);
        }
    }
    let mut uses = Uses(&name.sym, 0);
    module.visit_with(&mut uses);
    uses.1
}

/// Returns whether a name is the `defineConfig` of Astro or of an extension of it.
fn is_define_config(module: &Module, name: &Ident) -> bool {
    let is_imported = module.body.iter().any(|item| {
        let ModuleItem::ModuleDecl(ModuleDecl::Import(import)) = item else { return false };
        let is_astro = import.src.value.to_string_lossy() == "astro/config";
        is_astro
            && import
                .specifiers
                .iter()
                .any(|it| matches!(it, ImportSpecifier::Named(it) if it.local.sym == name.sym))
    });
    is_imported || &*name.sym == "defineConfig"
}

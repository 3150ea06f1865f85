//! Names that a running program can read: those of its functions and classes.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::{
    ArrayLit, AssignExpr, AssignOp, AssignPat, AssignPatProp, AssignTarget, ClassDecl, ClassExpr,
    Expr, ExprStmt, FnDecl, FnExpr, Id, Ident, ModuleItem, Pat, Program, SimpleAssignTarget, Stmt,
    VarDeclarator,
};
use swc_core::ecma::visit::{Visit, VisitWith};

/// The names of functions and classes, which `.name` tells a running program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// They become shorter, as those of variables do.
    Shortened,
    /// They stay.
    Preserved,
    /// They stay if the program reads one, as far as that is known.
    PreservedIfRead,
}

/// Returns the local names by which functions and classes are called: their own, and those of
/// variables that give an anonymous one its name (ECMAScript §8.4). The program has to be resolved.
pub(super) fn naming(program: &Program) -> Vec<Id> {
    let mut naming = Naming::default();
    program.visit_with(&mut naming);
    naming.0
}

/// Puts a statement that refers to some names in front of a program. swc spares a reserved name only
/// where an expression refers to it.
pub(super) fn refer(program: &mut Program, names: Vec<Id>) {
    let refer = |id: Id| Some(Box::new(Expr::Ident(id.into())).into());
    let elems = names.into_iter().map(refer).collect();
    let expr = Box::new(Expr::Array(ArrayLit { span: DUMMY_SP, elems }));
    let statement = Stmt::Expr(ExprStmt { span: DUMMY_SP, expr });
    match program {
        Program::Module(module) => module.body.insert(0, ModuleItem::Stmt(statement)),
        Program::Script(script) => script.body.insert(0, statement),
    }
}

/// Removes the statement of [`refer`].
pub(super) fn forget(program: &mut Program) {
    match program {
        Program::Module(module) => drop(module.body.remove(0)),
        Program::Script(script) => drop(script.body.remove(0)),
    }
}

#[derive(Default)]
struct Naming(Vec<Id>);

/// Returns whether an expression is a function or class that gets its name from a variable.
fn is_anonymous(value: &Expr) -> bool {
    match value {
        Expr::Paren(inner) => is_anonymous(&inner.expr),
        Expr::Arrow(_) => true,
        Expr::Fn(function) => function.ident.is_none(),
        Expr::Class(class) => class.ident.is_none(),
        _ => false,
    }
}

impl Naming {
    fn pattern(&mut self, name: &Pat, value: &Expr) {
        if let Pat::Ident(name) = name
            && is_anonymous(value)
        {
            self.0.push(name.to_id());
        }
    }
}

impl Visit for Naming {
    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.0.push(function.ident.to_id());
        function.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, function: &FnExpr) {
        self.0.extend(function.ident.iter().map(Ident::to_id));
        function.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.0.push(class.ident.to_id());
        class.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        self.0.extend(class.ident.iter().map(Ident::to_id));
        class.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, variable: &VarDeclarator) {
        if let Some(value) = &variable.init {
            self.pattern(&variable.name, value);
        }
        variable.visit_children_with(self);
    }

    fn visit_assign_pat(&mut self, default: &AssignPat) {
        self.pattern(&default.left, &default.right);
        default.visit_children_with(self);
    }

    fn visit_assign_pat_prop(&mut self, default: &AssignPatProp) {
        if default.value.as_deref().is_some_and(is_anonymous) {
            self.0.push(default.key.to_id());
        }
        default.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        let names = matches!(
            assignment.op,
            AssignOp::Assign | AssignOp::AndAssign | AssignOp::OrAssign | AssignOp::NullishAssign
        );
        if names
            && let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assignment.left
            && is_anonymous(&assignment.right)
        {
            self.0.push(name.to_id());
        }
        assignment.visit_children_with(self);
    }
}

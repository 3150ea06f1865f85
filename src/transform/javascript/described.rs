//! Functions and classes with a `toString` of their own, which gives another text than that of their code.

use std::collections::BTreeSet;

use swc_core::ecma::ast::{
    AssignExpr, AssignTarget, CallExpr, Callee, Class, ClassDecl, ClassExpr, ClassMember, Expr, Id,
    Ident, Lit, Program, Prop, PropName, PropOrSpread, SimpleAssignTarget,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::reflection::is_named;

const METHOD: &str = "toString";

/// Returns the local names of functions and classes to which a program gives a `toString`. The program has to be
/// resolved.
pub(super) fn described(program: &Program) -> BTreeSet<Id> {
    let mut described = Described::default();
    program.visit_with(&mut described);
    described.0
}

#[derive(Default)]
struct Described(BTreeSet<Id>);

impl Described {
    fn add(&mut self, value: &Expr) {
        if let Expr::Ident(name) = value {
            self.0.insert(name.to_id());
        }
    }

    fn class(&mut self, name: Option<&Ident>, class: &Class) {
        let is_described = class.body.iter().any(|member| {
            matches!(member, ClassMember::Method(method) if method.is_static && is_method(&method.key))
        });
        self.0.extend(name.filter(|_| is_described).map(Ident::to_id));
    }
}

impl Visit for Described {
    /// `f.toString = …`
    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Member(member)) = &assignment.left
            && is_named(&member.prop, METHOD)
        {
            self.add(&member.obj);
        }
        assignment.visit_children_with(self);
    }

    /// `Object.assign(f, { toString… })` and `Object.defineProperty(f, 'toString', …)`
    fn visit_call_expr(&mut self, call: &CallExpr) {
        if let Callee::Expr(callee) = &call.callee
            && let Expr::Member(member) = &**callee
            && matches!(&*member.obj, Expr::Ident(name) if name.sym == *"Object")
            && let [function, rest @ ..] = &*call.args
        {
            let has_method = if is_named(&member.prop, "assign") {
                rest.iter().any(|source| has_method(&source.expr))
            } else {
                is_named(&member.prop, "defineProperty")
                    && rest.first().is_some_and(|name| is_text(&name.expr))
            };
            if has_method {
                self.add(&function.expr);
            }
        }
        call.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.class(Some(&class.ident), &class.class);
        class.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        self.class(class.ident.as_ref(), &class.class);
        class.visit_children_with(self);
    }
}

fn has_method(object: &Expr) -> bool {
    let Expr::Object(object) = object else { return false };
    object.props.iter().any(|property| {
        let PropOrSpread::Prop(property) = property else { return false };
        match &**property {
            Prop::KeyValue(property) => is_method(&property.key),
            Prop::Method(method) => is_method(&method.key),
            _ => false,
        }
    })
}

fn is_method(name: &PropName) -> bool {
    match name {
        PropName::Ident(name) => name.sym == *METHOD,
        PropName::Str(name) => name.value == *METHOD,
        _ => false,
    }
}

fn is_text(value: &Expr) -> bool {
    matches!(value, Expr::Lit(Lit::Str(text)) if text.value == *METHOD)
}

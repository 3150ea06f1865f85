//! Names in expressions and patterns.

use swc_core::ecma::ast::{
    Expr, Lit, MemberExpr, MemberProp, ObjectPatProp, OptChainBase, Pat, PropName,
};

/// Returns the names in `a.b.c`. Another expression has none.
pub(super) fn chain(expr: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = expr;
    loop {
        match next {
            Expr::Ident(name) => {
                names.push(name.sym.to_string());
                names.reverse();
                return names;
            }
            Expr::Member(member) => {
                let Some(name) = property(member) else { return Vec::new() };
                names.push(name);
                next = &member.obj;
            }
            Expr::Paren(inner) => next = &inner.expr,
            Expr::TsNonNull(inner) => next = &inner.expr,
            Expr::TsAs(inner) => next = &inner.expr,
            Expr::OptChain(chain) => match &*chain.base {
                OptChainBase::Member(member) => {
                    let Some(name) = property(member) else { return Vec::new() };
                    names.push(name);
                    next = &member.obj;
                }
                OptChainBase::Call(_) => return Vec::new(),
            },
            // `(0, a.b)()` is how bundlers call without `this`.
            Expr::Seq(sequence) => match sequence.exprs.last() {
                Some(last) => next = last,
                None => return Vec::new(),
            },
            _ => return Vec::new(),
        }
    }
}

pub(super) fn property(member: &MemberExpr) -> Option<String> {
    match &member.prop {
        MemberProp::Ident(name) => Some(name.sym.to_string()),
        MemberProp::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(name)) => Some(name.value.to_string_lossy().into_owned()),
            _ => None,
        },
        MemberProp::PrivateName(_) => None,
    }
}

/// The members of `locals.runtime` that throw since Astro 6.
pub(super) const RUNTIME: [&str; 4] = ["caches", "cf", "ctx", "env"];

/// Returns whether names end in `locals.runtime`.
pub(super) fn is_runtime(names: &[String]) -> bool {
    matches!(names, [.., locals, runtime] if locals == "locals" && runtime == "runtime")
}

pub(super) fn is_function(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_function(&inner.expr),
        Expr::Arrow(_) | Expr::Fn(_) => true,
        _ => false,
    }
}

/// Returns whether a function is the body of a module in `CommonJS`, as bundlers wrap it.
pub(super) fn is_module_body(name: &str) -> bool {
    let after = name.strip_prefix("require").and_then(|rest| rest.chars().next());
    after.is_some_and(|c| c.is_uppercase() || c == '_')
}

/// Returns whether a pattern takes a property with a name.
pub(super) fn has_key(pattern: &Pat, name: &str) -> bool {
    let Pat::Object(object) = pattern else { return false };
    object.props.iter().any(|prop| match prop {
        ObjectPatProp::Assign(assign) => assign.key.sym == *name,
        ObjectPatProp::KeyValue(pair) => match &pair.key {
            PropName::Ident(key) => key.sym == *name,
            PropName::Str(key) => key.value.to_string_lossy() == name,
            _ => false,
        },
        ObjectPatProp::Rest(_) => false,
    })
}

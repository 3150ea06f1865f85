//! Uses of `import.meta`, which tells a module its own URL (ECMA-262 §13.3.12).

use swc_core::common::BytePos;
use swc_core::ecma::ast::{BinExpr, BinaryOp, Expr, Lit, MemberExpr, MemberProp, MetaPropKind};

/// Returns the place of `import.meta` in an expression that is the URL of the module.
pub(super) fn own_url_of(expression: &Expr) -> Option<BytePos> {
    match expression {
        Expr::Member(MemberExpr { obj, prop: MemberProp::Ident(name), .. }) => match &**obj {
            Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta && name.sym == "url" => {
                Some(meta.span.lo)
            }
            _ => None,
        },
        // Vite writes `""+import.meta.url`, so that other bundlers leave it alone.
        Expr::Bin(BinExpr { op: BinaryOp::Add, left, right, .. }) if is_empty(left) => {
            own_url_of(right)
        }
        Expr::Paren(inner) => own_url_of(&inner.expr),
        _ => None,
    }
}

/// Returns whether an expression is a text that names the same resource as the URL that it is relative to.
pub(super) fn is_same_resource(expression: &Expr) -> bool {
    let is_same = |text: &str| text.is_empty() || text.starts_with(['?', '#']);
    match expression {
        Expr::Lit(Lit::Str(text)) => is_same(text.value.to_string_lossy().trim_ascii()),
        Expr::Tpl(template) => {
            template.quasis.first().is_some_and(|one| is_same(one.raw.trim_ascii()))
        }
        _ => true,
    }
}

/// Returns whether an expression is `import.meta.resolve` (HTML §8.1.6.5).
pub(super) fn is_resolve(MemberExpr { obj, prop, .. }: &MemberExpr) -> bool {
    let is_name = matches!(prop, MemberProp::Ident(name) if name.sym == "resolve");
    is_name && obj.is_meta_prop()
}

fn is_empty(expression: &Expr) -> bool {
    match expression {
        Expr::Lit(Lit::Str(text)) => text.value.to_string_lossy().is_empty(),
        Expr::Tpl(template) => {
            template.exprs.is_empty() && template.quasis.iter().all(|one| one.raw.is_empty())
        }
        _ => false,
    }
}

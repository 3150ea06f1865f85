//! Scripts that are values, and regular expressions: reasons to keep the bytes of a program.

use std::collections::BTreeSet;

use regress::Flags;
use regress::backends::try_parse;
use swc_core::ecma::ast::{Expr, Program, Prop, PropOrSpread, Regex, Stmt, UnaryOp};
use swc_core::ecma::visit::{Visit, VisitWith};

/// Returns whether a program does nothing but give a value, such as `({ … })`, a JSON array or a
/// function, or is a URL of the scheme `javascript`. It is read as text by other code, which may parse
/// it in its own way.
pub(super) fn is_value(program: &Program) -> bool {
    let Program::Script(script) = program else { return false };
    // A bookmarklet, whose scheme is a label.
    if matches!(script.body.first(), Some(Stmt::Labeled(it)) if it.label.sym == *"javascript") {
        return true;
    }
    let mut has_value = false;
    script.body.iter().all(|statement| match statement {
        Stmt::Empty(_) => true,
        Stmt::Expr(statement) => {
            has_value = true;
            is_pure(&statement.expr)
        }
        // Guards, which the reader removes: `for (;;);` and `throw 1;`.
        Stmt::For(guard) => guard.body.is_empty(),
        Stmt::While(guard) => guard.body.is_empty() && is_pure(&guard.test),
        Stmt::Throw(guard) => is_pure(&guard.arg),
        _ => false,
    }) && has_value
}

fn is_pure(value: &Expr) -> bool {
    match value {
        Expr::Lit(_) | Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_) | Expr::Ident(_) => true,
        Expr::Paren(inner) => is_pure(&inner.expr),
        Expr::Tpl(template) => template.exprs.iter().all(|part| is_pure(part)),
        Expr::Unary(unary) => unary.op != UnaryOp::Delete && is_pure(&unary.arg),
        Expr::Array(array) => {
            array.elems.iter().flatten().all(|item| item.spread.is_none() && is_pure(&item.expr))
        }
        Expr::Object(object) => object.props.iter().all(|property| match property {
            PropOrSpread::Spread(_) => false,
            PropOrSpread::Prop(property) => match &**property {
                Prop::KeyValue(property) => is_pure(&property.value),
                _ => true,
            },
        }),
        _ => false,
    }
}

/// Returns whether every regular expression of a program is one that a browser compiles, as far as
/// that is known.
pub(super) fn has_valid_patterns(program: &Program) -> bool {
    let mut patterns = Patterns { are_valid: true };
    program.visit_with(&mut patterns);
    patterns.are_valid
}

struct Patterns {
    are_valid: bool,
}

impl Visit for Patterns {
    fn visit_regex(&mut self, literal: &Regex) {
        self.are_valid &= is_valid(&literal.exp, &literal.flags);
    }
}

fn is_valid(pattern: &str, flags: &str) -> bool {
    let letters: BTreeSet<char> = flags.chars().collect();
    let are_known = letters.len() == flags.len()
        && letters.iter().all(|letter| "dgimsuvy".contains(*letter))
        && !(letters.contains(&'u') && letters.contains(&'v'));
    // It is parsed and not compiled: `a{1000000}` must cost nothing.
    are_known && try_parse(pattern.chars().map(u32::from), Flags::from(flags)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_browsers_are_valid_and_others_are_not() {
        for (pattern, flags) in [
            ("(?<year>\\d{4})-\\k<year>", "u"),
            ("(?<=a)b(?<!c)(?!d)(?=e)", "dgimsy"),
            ("[\\p{L}--[a-z]]", "v"),
            ("a{,5}]}{", ""),
            ("\\c\\8[\\b-\\d]", ""),
            ("(?:)|[^]|[]", ""),
            ("\\u{1F600}\\p{Script=Greek}", "u"),
            ("^[\\w.!#$%&'*+/=?^`{|}~-]+@", "i"),
        ] {
            assert!(is_valid(pattern, flags), "/{pattern}/{flags}");
        }
        for (pattern, flags) in [
            ("(open", ""),
            ("close)", ""),
            ("[a-", ""),
            ("a{2,1}", ""),
            ("+", ""),
            ("a", "gg"),
            ("a", "uv"),
            ("\\p{X}", "u"),
        ] {
            assert!(!is_valid(pattern, flags), "/{pattern}/{flags}");
        }
    }
}

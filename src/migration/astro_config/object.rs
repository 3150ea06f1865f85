//! Objects in a program: their properties, and what they are spread from.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::{Expr, Lit, ObjectLit, Prop, PropName, PropOrSpread};

use super::shape::{Reason, Scope};
use super::source::Source;
use crate::migration::list::List;

/// Fails if an object that is spread at or after a place, or a computed key there, may set a property as well.
pub(super) fn refuse_spread(
    source: &Source<'_>,
    object: &ObjectLit,
    name: &str,
    from: usize,
) -> Result<(), Reason> {
    let scope = Scope::of(&source.module);
    for part in object.props.iter().skip(from) {
        let spread = match part {
            PropOrSpread::Spread(spread) => spread,
            PropOrSpread::Prop(part) => {
                if let Some(computed) = computed_key(part) {
                    let text = source.slice(computed.span());
                    return Err(format!("has the computed key `{text}`, which may be `{name}`"));
                }
                continue;
            }
        };
        let value = match &*spread.expr {
            Expr::Ident(name) => scope.get(name),
            value => Some(value),
        };
        let is_without = matches!(value, Some(Expr::Object(inner))
            if inner.props.iter().all(|one| matches!(one, PropOrSpread::Prop(part) if computed_key(part).is_none()))
                && property(inner, name).is_none());
        if !is_without {
            let text = source.slice(spread.expr.span());
            return Err(format!("takes settings from `...{text}`, which may contain `{name}`"));
        }
    }
    Ok(())
}

/// A property of an object.
pub(super) struct Property<'m> {
    /// The place among the properties of the object.
    pub(super) place: usize,
    /// The value, unless it is a method.
    pub(super) value: Option<&'m Expr>,
    pub(super) is_shorthand: bool,
    pub(super) span: Span,
}

/// Returns the last property with a name.
pub(super) fn property<'m>(object: &'m ObjectLit, name: &str) -> Option<Property<'m>> {
    object.props.iter().enumerate().rev().find_map(|(place, part)| {
        let PropOrSpread::Prop(part) = part else { return None };
        let span = part.span();
        let (key, value, is_shorthand) = match &**part {
            Prop::Shorthand(key) => (key.sym.to_string(), None, true),
            Prop::KeyValue(pair) => (key(&pair.key)?, Some(&*pair.value), false),
            Prop::Method(method) => (key(&method.key)?, None, false),
            Prop::Getter(getter) => (key(&getter.key)?, None, false),
            Prop::Setter(_) | Prop::Assign(_) => return None,
        };
        (key == name).then_some(Property { place, value, is_shorthand, span })
    })
}

/// Returns the name of a property, unless it is computed.
pub(super) fn key(name: &PropName) -> Option<String> {
    match name {
        PropName::Ident(name) => Some(name.sym.to_string()),
        PropName::Str(name) => Some(name.value.to_string_lossy().into_owned()),
        PropName::Computed(name) => literal(&name.expr),
        _ => None,
    }
}

/// Returns the key of a property whose name is only known when the program runs.
fn computed_key(part: &Prop) -> Option<&PropName> {
    let name = match part {
        Prop::KeyValue(pair) => &pair.key,
        Prop::Method(method) => &method.key,
        Prop::Getter(getter) => &getter.key,
        Prop::Setter(_) | Prop::Shorthand(_) | Prop::Assign(_) => return None,
    };
    (name.is_computed() && key(name).is_none()).then_some(name)
}

/// Returns the text of a literal: in quotation marks, or of a template without parts.
pub(super) fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(Lit::Str(text)) => Some(text.value.to_string_lossy().into_owned()),
        Expr::Tpl(template) if template.exprs.is_empty() => {
            let text = template.quasis.first()?.cooked.as_ref()?;
            Some(text.to_string_lossy().into_owned())
        }
        Expr::Paren(inner) => literal(&inner.expr),
        Expr::TsAs(inner) => literal(&inner.expr),
        Expr::TsConstAssertion(inner) => literal(&inner.expr),
        Expr::TsSatisfies(inner) => literal(&inner.expr),
        _ => None,
    }
}

/// Returns the properties of an object as a list.
pub(super) fn list_of(object: &ObjectLit) -> List {
    let items = object.props.iter().map(|part| Source::range(part.span())).collect();
    List { brackets: Source::range(object.span), items }
}

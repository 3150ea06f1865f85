//! Objects in a program: their properties, and what they are spread from.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::{Expr, ObjectLit, Prop, PropName, PropOrSpread};

use super::shape::{Reason, Scope};
use super::source::Source;
use crate::migration::list::List;

/// Fails if an object that is spread at or after a place may set a property as well.
pub(super) fn refuse_spread(
    source: &Source<'_>,
    object: &ObjectLit,
    name: &str,
    from: usize,
) -> Result<(), Reason> {
    let scope = Scope::of(&source.module);
    for part in object.props.iter().skip(from) {
        let PropOrSpread::Spread(spread) = part else { continue };
        let value = match &*spread.expr {
            Expr::Ident(name) => scope.get(name),
            value => Some(value),
        };
        let is_without = matches!(value, Some(Expr::Object(inner))
            if inner.props.iter().all(|one| matches!(one, PropOrSpread::Prop(_)))
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
        _ => None,
    }
}

/// Returns the properties of an object as a list.
pub(super) fn list_of(object: &ObjectLit) -> List {
    let items = object.props.iter().map(|part| Source::range(part.span())).collect();
    List { brackets: Source::range(object.span), items }
}

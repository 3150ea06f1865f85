//! The losses of a compiled rule: selectors, declarations, values.

use std::collections::BTreeMap;

use lightningcss::declaration::DeclarationBlock;
use lightningcss::properties::{Property, PropertyId};
use lightningcss::rules::{CssRule, CssRuleList};
use lightningcss::selector::{Component, Selector};
use lightningcss::stylesheet::{ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::traits::ToCss;

use super::tokens;
use crate::transform::comments::KeptComments;

/// Returns what a rule has lost when its syntax was compiled: a declaration, or the value of a custom
/// property, which scripts can read.
pub(super) fn of_syntax(source: &str, compiled: &str) -> Option<String> {
    let mut rest = BTreeMap::<(String, Option<String>), usize>::new();
    let key = |(name, value): (&str, Option<String>)| {
        let is_custom = name.starts_with("--");
        (if is_custom { name.to_owned() } else { name.to_ascii_lowercase() }, value)
    };
    for declaration in tokens::declarations(compiled, &KeptComments::default()) {
        *rest.entry(key(declaration)).or_default() += 1;
    }
    for declaration in tokens::declarations(source, &KeptComments::default()) {
        let name = declaration.0;
        match rest.get_mut(&key(declaration.clone())) {
            Some(count) if *count > 0 => *count -= 1,
            _ => return Some(format!("a declaration of `{name}`")),
        }
    }
    None
}

/// Returns what compiling the declarations of rules has lost.
pub(super) fn of_rules<'i>(before: &'i str, after: &'i str) -> Option<String> {
    let parse = |text: &'i str| StyleSheet::parse(text, ParserOptions::default()).ok();
    let (Some(before), Some(after)) = (parse(before), parse(after)) else {
        return Some("a rule".to_owned());
    };
    let (before, after) = (Blocks::of(&before.rules), Blocks::of(&after.rules));
    // Each place is looked for after the one before, so that the order of rules is the same.
    let mut next = 0;
    for (place, blocks) in &before.0 {
        let found = after.0.iter().position(|(other, _)| other == place);
        let Some(found) = found.filter(|found| *found >= next) else {
            return Some(format!("a rule for `{}`", place.last().map_or("", String::as_str)));
        };
        next = found;
        if let Some(name) = lost_property(blocks, &after.0[found].1) {
            return Some(format!("a declaration of `{name}`"));
        }
    }
    None
}

/// The place of declarations: at-rules and selectors from the outermost to the innermost.
type Where = Vec<String>;

/// The declarations of a sheet by their place, in the order in which the places come.
struct Blocks<'s, 'i>(Vec<(Where, Vec<&'s DeclarationBlock<'i>>)>);

impl<'s, 'i> Blocks<'s, 'i> {
    fn of(rules: &'s CssRuleList<'i>) -> Self {
        let mut blocks = Self(Vec::new());
        blocks.rules(rules, &[]);
        blocks
    }

    fn add(&mut self, place: Where, block: &'s DeclarationBlock<'i>) {
        match self.0.iter_mut().find(|(other, _)| *other == place) {
            Some((_, own)) => own.push(block),
            None => self.0.push((place, vec![block])),
        }
    }

    fn rules(&mut self, rules: &'s CssRuleList<'i>, around: &[String]) {
        for rule in &rules.0 {
            let inside = |name: String| [around, &[name]].concat();
            match rule {
                CssRule::Style(style) => {
                    for selector in style.selectors.0.iter().flat_map(alternatives) {
                        let place = inside(text(&selector));
                        self.add(place.clone(), &style.declarations);
                        self.rules(&style.rules, &place);
                    }
                }
                CssRule::Keyframes(keyframes) => {
                    let prefix = text(&keyframes.vendor_prefix);
                    let name = format!("@{prefix}keyframes {}", text(&keyframes.name));
                    for keyframe in &keyframes.keyframes {
                        for selector in &keyframe.selectors {
                            let place = [around, &[name.clone(), text(selector)]].concat();
                            self.add(place, &keyframe.declarations);
                        }
                    }
                }
                CssRule::Media(media) => {
                    self.rules(&media.rules, &inside(format!("@media {}", text(&media.query))));
                }
                CssRule::Supports(supports) => {
                    let condition = text(&supports.condition);
                    self.rules(&supports.rules, &inside(format!("@supports {condition}")));
                }
                CssRule::Nesting(nesting) => {
                    for selector in nesting.style.selectors.0.iter().flat_map(alternatives) {
                        let place = inside(text(&selector));
                        self.add(place.clone(), &nesting.style.declarations);
                        self.rules(&nesting.style.rules, &place);
                    }
                }
                CssRule::NestedDeclarations(nested) => {
                    self.add(around.to_vec(), &nested.declarations);
                }
                // Any other rule is compared as a whole.
                other => self.0.push((inside(text(other)), Vec::new())),
            }
        }
    }
}

/// Returns the selectors that a selector stands for: lightningcss writes a list as `:is(…)`.
fn alternatives<'i>(selector: &Selector<'i>) -> Vec<Selector<'i>> {
    let mut parts = selector.iter_raw_match_order();
    match (parts.next(), parts.next()) {
        (Some(Component::Is(list)), None) => list.to_vec(),
        _ => vec![selector.clone()],
    }
}

fn text(value: &impl ToCss) -> String {
    value
        .to_css_string(PrinterOptions { minify: true, ..PrinterOptions::default() })
        .unwrap_or_default()
}

/// Returns the name of a property that the declarations of a place have lost.
fn lost_property<'i>(
    before: &[&DeclarationBlock<'i>],
    after: &[&DeclarationBlock<'i>],
) -> Option<String> {
    let (before, after) = (all(before), all(after));
    let mut next = BTreeMap::new();
    for (property, important) in &before {
        let id = property.property_id();
        let name = text(&id);
        let several = before.iter().filter(|(other, _)| other.property_id() == id).count() > 1;
        // Fallbacks of one property: each has to be there, in the same order.
        let exact = after.iter().position(|it| it == &(property.clone(), *important));
        let is_in_order =
            exact.is_some_and(|place| place >= *next.entry(name.clone()).or_insert(0));
        if let Some(place) = exact.filter(|_| is_in_order) {
            next.insert(name, place);
            continue;
        }
        if several || !is_covered(property, *important, &id, &after) {
            return Some(name);
        }
    }
    None
}

/// Returns all declarations of some blocks, and for each whether it is important.
fn all<'i>(blocks: &[&DeclarationBlock<'i>]) -> Vec<(Property<'i>, Important)> {
    let blocks = blocks.iter();
    let all = blocks.flat_map(|block| {
        let ordinary = block.declarations.iter().map(|one| (one.clone(), Important::No));
        let important =
            block.important_declarations.iter().map(|one| (one.clone(), Important::Yes));
        ordinary.chain(important)
    });
    all.collect()
}

/// The weight of a declaration.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Important {
    No,
    Yes,
}

/// Returns whether the value of a property is there in another form.
fn is_covered<'i>(
    property: &Property<'i>,
    important: Important,
    id: &PropertyId<'_>,
    after: &[(Property<'i>, Important)],
) -> bool {
    let same = |other: &Property<'_>| text(&other.property_id()) == text(id);
    let is_there = after.iter().any(|(other, weight)| *weight == important && same(other));
    // A colour gets other values for browsers that do not know it.
    let value = property.value_to_css_string(PrinterOptions::default()).unwrap_or_default();
    if is_there {
        return NEWER_VALUES.iter().any(|function| value.contains(function));
    }
    // As a part of a shorthand, or as the parts of one.
    let in_shorthand = after.iter().any(|(other, weight)| {
        *weight == important && other.longhand(id).is_some_and(|part| part == *property)
    });
    in_shorthand
        || id.longhands().is_some_and(|parts| {
            !parts.is_empty()
                && parts.iter().all(|part| {
                    let Some(own) = property.longhand(part) else { return false };
                    after.iter().any(|(other, weight)| *weight == important && *other == own)
                })
        })
}

/// Functions whose values are compiled into older ones.
const NEWER_VALUES: [&str; 8] =
    ["oklch(", "oklab(", "lch(", "lab(", "color(", "color-mix(", "light-dark(", "hwb("];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_with_the_same_effect_have_lost_nothing() {
        for (before, after) in [
            ("a,b{c:d}", "a{c:d}b{c:d}"),
            ("a,b{c:d}", ":is(a,b){c:d}"),
            (
                "a{margin-top:1px;margin-right:1px;margin-bottom:1px;margin-left:1px}",
                "a{margin:1px}",
            ),
            ("a{color:oklch(60% .2 30)}", "a{color:red;color:lab(50% 1 1)}"),
            ("a{user-select:none}", "a{-webkit-user-select:none;user-select:none}"),
        ] {
            assert_eq!(of_rules(before, after), None, "{before} and {after}");
        }
    }

    #[test]
    fn a_lost_part_of_a_rule_is_named() {
        for (before, after, lost) in [
            ("a,b:has(i){c:d}", "a{c:d}", "a rule for `b:has(i)`"),
            ("a{color:red}b{color:red}", "b{color:red}a{color:red}", "a rule for `b`"),
            ("@media print{a{color:red}}", "a{color:red}", "a rule for `a`"),
            ("a{color:red;color:blue}", "a{color:blue}", "a declaration of `color`"),
            ("a{top:1px;top:2px}", "a{top:2px;top:1px}", "a declaration of `top`"),
            ("a{width:1px}", "a{width:2px}", "a declaration of `width`"),
            ("a{width:1px!important}", "a{width:1px}", "a declaration of `width`"),
            (
                "a{-webkit-filter:none;filter:none}",
                "a{filter:none}",
                "a declaration of `-webkit-filter`",
            ),
            ("@keyframes k{0%{top:1px}}", "@keyframes k{to{top:1px}}", "a rule for `0%`"),
            ("@layer a,b;", "@layer b,a;", "a rule for `@layer a,b;`"),
        ] {
            assert_eq!(of_rules(before, after).as_deref(), Some(lost), "{before} and {after}");
        }
        for (before, after) in [
            ("a{b:c;b:d}", "a{b:d}"),
            ("a{--x:a/**/b}", "a{--x:ab}"),
            ("a{--x:200ms}", "a{--x:.2s}"),
        ] {
            assert!(of_syntax(before, after).is_some(), "{before} and {after}");
        }
    }
}

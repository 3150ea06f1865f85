//! Programs with the same canonical form, and with another one.

use swc_core::common::{GLOBALS, Globals};

use super::*;
use crate::transform::javascript::{ScriptKind, Text};

fn same(before: &str, after: &str, names: Names) -> bool {
    let form = |source| {
        GLOBALS.set(&Globals::new(), || {
            canonical(Text::new(source).parse(ScriptKind::Unknown).unwrap(), names)
        })
    };
    form(before) == form(after)
}

#[test]
fn programs_that_differ_in_local_names_are_the_same() {
    for (before, after) in [
        ("(a, b) => { a: for (;;) { break a } }", "(c, a) => { x: for (;;) { break x } }"),
        (
            "() => { let a; return { a, b: ({ a }) => a } }",
            "() => { let x; return { a: x, b: ({ a: y }) => y } }",
        ),
        (
            "import { a } from 'm'; export { a as b, a }",
            "import { a as c } from 'm'; export { c as a }; export { c as b }",
        ),
        ("new A(1 + (2 * 3))['b'] = ('c')", "new A(1 + 2 * 3)['b'] = \"c\""),
        ("if (a) { b } else { c }", "if (a) b; else c"),
        (
            "class A { #p = 1; q() { return this.#p } }",
            "class A { #z = 1; q() { return this.#z } }",
        ),
        ("new A; `\\n`; 0x10", "new A(); `\n`; 16"),
    ] {
        assert!(same(before, after, Names::Shortened), "{before} and {after}");
    }
}

#[test]
fn programs_that_do_something_else_are_different() {
    for (before, after) in [
        ("({ a: 1 })", ""),
        ("a; b", "a, b"),
        ("'key' in a", "a"),
        ("(function () {})()", "!function () {}()"),
        ("if (a) b()", "a && b()"),
        ("new RegExp('(open')", "/(open/"),
        ("/a/g", "/a/"),
        ("(a = undefined, b) => 1", "(a, b) => 1"),
        ("(a, b) => a", "(a, b) => b"),
        ("(a) => (b) => a", "(a) => (a) => a"),
        ("var a", "var b"),
        ("('use strict')", "'use strict'"),
        ("'use strict'", "'use\\x20strict'"),
        ("() => { 'use strict' }", "() => {}"),
        ("f`\\x41`", "f`A`"),
        ("let a = 1; ({ __proto__: a })", "let a = 1; ({ ['__proto__']: a })"),
        (
            "(() => { let __proto__; return { __proto__ } })",
            "(() => { let p; return { __proto__: p } })",
        ),
        ("class A { static { this.a } }", "class A { static a = this.a }"),
        ("export { a }; let a", "export { a as b }; let a"),
        ("export const a = 1", "export const b = 1"),
        ("import 'a'; import 'b'", "import 'b'; import 'a'"),
        ("a: b: for (;;) continue a", "a: b: for (;;) continue b"),
        ("{ let a }", "let a"),
        ("a ?. b . c", "(a ?. b) . c"),
        ("-0", "0"),
        ("10n", "10"),
    ] {
        assert!(!same(before, after, Names::Shortened), "{before} and {after}");
    }
}

#[test]
fn names_that_code_can_read_count_where_they_are_preserved() {
    for (before, after) in [
        ("() => { class Error1 {} return Error1 }", "() => { class a {} return a }"),
        ("() => { const f = () => 1; return f }", "() => { const a = () => 1; return a }"),
        ("() => { let f; f ??= (class {}) }", "() => { let a; a ??= class {} }"),
        ("({ f = function () {} }) => f.name", "({ f: a = function () {} }) => a.name"),
        ("class A { #m() {} }", "class A { #a() {} }"),
    ] {
        assert!(same(before, after, Names::Shortened), "{before} and {after}");
        assert!(!same(before, after, Names::Preserved), "{before} and {after}");
    }
}

//! The texts of a program with their places, so that a text can be changed and no other byte.

use std::ops::Range;

use swc_core::common::{BytePos, GLOBALS, Globals, Span, Spanned as _};
use swc_core::ecma::ast::{
    BinaryOp, CallExpr, Callee, CondExpr, ExportAll, Expr, IfStmt, ImportDecl, KeyValueProp, Lit,
    NamedExport, ObjectLit, Prop, PropName, PropOrSpread, Stmt, Str, TaggedTpl, Tpl, TplElement,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::{ScriptKind, Text};
use crate::transform::SyntaxError;

/// A text of a program: a string, a template without substitutions, or the key of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextLiteral {
    /// The place of the text between its quotes, in bytes.
    pub(crate) range: Range<usize>,
    /// The text that the program has.
    pub(crate) value: String,
    /// The name of the property whose value it is, or that a condition asks for which returns it:
    /// `if (name === "fsPath") return "…"`.
    pub(crate) property: Option<String>,
}

/// The properties of an object, each with the place of its value.
pub(crate) type Object = Vec<(String, Range<usize>)>;

/// The texts of a program.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// All of them but the specifiers of imports, in the order of the source.
    pub(crate) all: Vec<TextLiteral>,
    /// The properties of each object that has one of the wanted properties.
    pub(crate) objects: Vec<Object>,
}

impl Texts {
    /// Reads the texts of a program, and finds the objects with one of some properties.
    pub(crate) fn of(source: &str, wanted: &[&str]) -> Result<Self, SyntaxError> {
        GLOBALS.set(&Globals::new(), || {
            let text = Text::new(source);
            let program = text.parse(ScriptKind::Unknown)?;
            let mut reader = Reader {
                start: text.file.start_pos,
                wanted,
                property: None,
                found: Self::default(),
            };
            program.visit_with(&mut reader);
            reader.found.all.sort_by_key(|literal| literal.range.start);
            Ok(reader.found)
        })
    }
}

struct Reader<'r> {
    start: BytePos,
    wanted: &'r [&'r str],
    /// The property that the next text is the value of.
    property: Option<String>,
    found: Texts,
}

impl Reader<'_> {
    fn range(&self, span: Span) -> Range<usize> {
        (span.lo - self.start).0 as usize..(span.hi - self.start).0 as usize
    }

    fn add(&mut self, range: Range<usize>, value: String) {
        let property = self.property.take();
        self.found.all.push(TextLiteral { range, value, property });
    }

    /// Visits a value that a property has.
    fn visit_value(&mut self, name: Option<String>, value: &impl VisitWith<Self>) {
        self.property = name;
        value.visit_with(self);
        self.property = None;
    }
}

impl Visit for Reader<'_> {
    // Specifiers name modules of the build, and are no texts of the program.
    fn visit_import_decl(&mut self, _: &ImportDecl) {}
    fn visit_export_all(&mut self, _: &ExportAll) {}

    fn visit_named_export(&mut self, export: &NamedExport) {
        if export.src.is_none() {
            export.visit_children_with(self);
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        self.property = None;
        if !matches!(call.callee, Callee::Import(_)) {
            call.visit_children_with(self);
        }
    }

    // A tag reads its template as it is written.
    fn visit_tagged_tpl(&mut self, template: &TaggedTpl) {
        self.property = None;
        template.tag.visit_with(self);
        for expression in &template.tpl.exprs {
            expression.visit_with(self);
        }
    }

    fn visit_str(&mut self, text: &Str) {
        let range = self.range(text.span);
        if range.len() >= 2 {
            let value = text.value.to_string_lossy().into_owned();
            self.add(range.start + 1..range.end - 1, value);
        }
    }

    fn visit_tpl(&mut self, template: &Tpl) {
        match (&*template.exprs, &*template.quasis) {
            ([], [TplElement { span, cooked: Some(text), .. }]) => {
                self.add(self.range(*span), text.to_string_lossy().into_owned());
            }
            _ => template.visit_children_with(self),
        }
    }

    fn visit_object_lit(&mut self, object: &ObjectLit) {
        self.property = None;
        let named = |prop: &PropOrSpread| {
            let PropOrSpread::Prop(prop) = prop else { return None };
            let Prop::KeyValue(KeyValueProp { key, value }) = &**prop else { return None };
            Some((name(key)?, self.range(value.span())))
        };
        let properties: Object = object.props.iter().filter_map(named).collect();
        if properties.iter().any(|(name, _)| self.wanted.contains(&&**name)) {
            self.found.objects.push(properties);
        }
        object.visit_children_with(self);
    }

    fn visit_key_value_prop(&mut self, property: &KeyValueProp) {
        self.property = None;
        property.key.visit_with(self);
        self.visit_value(name(&property.key), &property.value);
    }

    fn visit_if_stmt(&mut self, statement: &IfStmt) {
        self.property = None;
        statement.test.visit_with(self);
        let returned = match &*statement.cons {
            Stmt::Block(block) if block.stmts.len() == 1 => block.stmts.first(),
            Stmt::Return(_) => Some(&*statement.cons),
            _ => None,
        };
        let asked = returned.filter(|it| it.is_return_stmt()).and(asked(&statement.test));
        self.visit_value(asked, &statement.cons);
        statement.alt.visit_with(self);
    }

    fn visit_cond_expr(&mut self, condition: &CondExpr) {
        self.property = None;
        condition.test.visit_with(self);
        self.visit_value(asked(&condition.test), &condition.cons);
        condition.alt.visit_with(self);
    }
}

/// Returns the name of a property as it is written.
fn name(key: &PropName) -> Option<String> {
    match key {
        PropName::Ident(name) => Some(name.sym.to_string()),
        PropName::Str(name) => Some(name.value.to_string_lossy().into_owned()),
        PropName::Num(_) | PropName::Computed(_) | PropName::BigInt(_) => None,
    }
}

/// Returns the text that a condition compares with.
fn asked(test: &Expr) -> Option<String> {
    let Expr::Bin(comparison) = test else { return None };
    let text = |side: &Expr| match side {
        Expr::Lit(Lit::Str(text)) => Some(text.value.to_string_lossy().into_owned()),
        Expr::Tpl(template) if template.exprs.is_empty() => {
            template.quasis.first().map(|it| it.raw.to_string())
        }
        _ => None,
    };
    let is_equality = matches!(comparison.op, BinaryOp::EqEqEq | BinaryOp::EqEq);
    is_equality.then(|| text(&comparison.right).or_else(|| text(&comparison.left))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_places_and_specifiers_are_none() {
        let source = "import a from './a.mjs'; export { b } from './b.mjs'; import('./c.mjs');\n\
                      f('one', `two`, `not ${x} it`, tag`raw`, { 'k': 'v', n: ['w'] }); // 'comment'";
        let texts = Texts::of(source, &["n"]).expect("it is a module");
        let found: Vec<&str> = texts.all.iter().map(|it| &*it.value).collect();
        assert_eq!(found, ["one", "two", "k", "v", "w"]);
        for text in &texts.all {
            assert_eq!(source[text.range.clone()], text.value);
        }
        let properties: Vec<_> = texts.all.iter().map(|it| it.property.as_deref()).collect();
        assert_eq!(properties[..4], [None, None, None, Some("k")]);
        let [object] = &*texts.objects else { panic!("{:?}", texts.objects) };
        let properties: Vec<_> = object.iter().map(|(n, at)| (&**n, &source[at.clone()])).collect();
        assert_eq!(properties, [("k", "'v'"), ("n", "['w']")]);
    }

    #[test]
    fn a_text_that_a_condition_returns_is_of_the_property_that_it_asks_for() {
        for source in [
            "f({ get(t, name) { if (name === \"p\") return \"/a\"; return 1 } })",
            "f({ get(t, name) { if (`p` === name) { return `/a` } return 1 } })",
            "const g = name => name == 'p' ? '/a' : '/b'",
        ] {
            let texts = Texts::of(source, &[]).expect("it is a script");
            let text = texts.all.iter().find(|it| it.value == "/a").unwrap();
            assert_eq!(text.property.as_deref(), Some("p"), "{source}");
        }
    }
}

//! The references of a module that its text proves: `new URL("…", import.meta.url)`, which loads a file beside it.
//! Bundlers write the text as a template too, and add it to an empty one.

use std::ops::Range;

use swc_core::common::{BytePos, GLOBALS, Globals, Span};
use swc_core::ecma::ast::{
    BinExpr, BinaryOp, BindingIdent, ClassDecl, ClassExpr, Expr, ExprOrSpread, FnDecl, FnExpr,
    Ident, ImportDefaultSpecifier, ImportNamedSpecifier, ImportStarAsSpecifier, Lit, MemberExpr,
    MemberProp, MetaPropKind, NewExpr, TplElement,
};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::{ScriptKind, Text};
use crate::transform::reference::{Reference, References, Role};
use crate::transform::rewrite::{Insertion, is_rewritten};

/// Returns the references of a script. One without `import.meta` has none, and is not parsed.
///
/// # Errors
/// If it is not a module. The message is that of the parser.
pub(crate) fn references(source: &str) -> Result<References, String> {
    if !source.contains("import.meta") {
        return Ok(References::default());
    }
    GLOBALS.set(&Globals::new(), || {
        let text = Text::new(source);
        let program = text.parse(ScriptKind::Module).map_err(|error| error.message)?;
        let mut reader = Reader { start: text.file.start_pos, has_own: false, found: Vec::new() };
        program.visit_with(&mut reader);
        let role = Role::Loaded;
        let is_quoted = |range: &Range<usize>| {
            source.is_char_boundary(range.start) && source.is_char_boundary(range.end)
        };
        let found = reader.found.into_iter().filter(|range| !reader.has_own && is_quoted(range));
        let all = found.map(|range| Reference { range, role }).collect();
        Ok(References { all, ..References::default() }.sorted())
    })
}

/// Returns whether two modules are the same but for insertions in references.
pub(crate) fn differ_by(before: &str, after: &str, insertions: &[Insertion]) -> bool {
    let (Ok(one), Ok(other)) = (references(before), references(after)) else { return false };
    let is_in_reference =
        |it: &Insertion| one.all.iter().any(|reference| reference.range.contains(&it.at));
    let is_same = |(one, other): (&Reference, &Reference)| {
        is_rewritten(&before[one.range.clone()], &after[other.range.clone()], insertions)
    };
    insertions.iter().all(is_in_reference)
        && is_rewritten(before, after, insertions)
        && one.all.len() == other.all.len()
        && one.all.iter().zip(&other.all).all(is_same)
}

struct Reader {
    start: BytePos,
    /// True if the module has a `URL` of its own.
    has_own: bool,
    found: Vec<Range<usize>>,
}

impl Reader {
    fn range(&self, span: Span) -> Range<usize> {
        (span.lo - self.start).0 as usize..(span.hi - self.start).0 as usize
    }

    fn bind(&mut self, name: &Ident) {
        self.has_own |= name.sym == "URL";
    }

    /// Returns the place of a text without its quotes.
    fn text(&self, expression: &Expr) -> Option<Range<usize>> {
        match expression {
            Expr::Lit(Lit::Str(text)) => {
                let Range { start, end } = self.range(text.span);
                (end - start >= 2).then(|| start + 1..end - 1)
            }
            Expr::Tpl(template) => match (&*template.exprs, &*template.quasis) {
                ([], [TplElement { span, .. }]) => Some(self.range(*span)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Returns whether an expression is the URL of the module.
fn is_own_url(expression: &Expr) -> bool {
    match expression {
        Expr::Member(MemberExpr { obj, prop: MemberProp::Ident(name), .. }) => {
            let is_meta =
                matches!(&**obj, Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta);
            is_meta && name.sym == "url"
        }
        // Vite writes `""+import.meta.url`, so that other bundlers leave it alone.
        Expr::Bin(BinExpr { op: BinaryOp::Add, left, right, .. }) => {
            is_empty(left) && is_own_url(right)
        }
        Expr::Paren(inner) => is_own_url(&inner.expr),
        _ => false,
    }
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

impl Visit for Reader {
    fn visit_new_expr(&mut self, new: &NewExpr) {
        new.visit_children_with(self);
        let is_url = new.callee.as_ident().is_some_and(|name| name.sym == "URL");
        let Some(
            [ExprOrSpread { spread: None, expr: url }, ExprOrSpread { spread: None, expr: base }],
        ) = new.args.as_deref()
        else {
            return;
        };
        if is_url && is_own_url(base) {
            self.found.extend(self.text(url));
        }
    }

    fn visit_binding_ident(&mut self, binding: &BindingIdent) {
        self.bind(&binding.id);
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.bind(&function.ident);
        function.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, function: &FnExpr) {
        if let Some(name) = &function.ident {
            self.bind(name);
        }
        function.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.bind(&class.ident);
        class.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        if let Some(name) = &class.ident {
            self.bind(name);
        }
        class.visit_children_with(self);
    }

    fn visit_import_named_specifier(&mut self, import: &ImportNamedSpecifier) {
        self.bind(&import.local);
    }

    fn visit_import_default_specifier(&mut self, import: &ImportDefaultSpecifier) {
        self.bind(&import.local);
    }

    fn visit_import_star_as_specifier(&mut self, import: &ImportStarAsSpecifier) {
        self.bind(&import.local);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<&str> {
        let references = references(source).unwrap();
        references.all.into_iter().map(|one| &source[one.range]).collect()
    }

    #[test]
    fn urls_beside_the_module_are_found() {
        let source = "const a = new URL('./a.png', import.meta.url), b = new URL(`b.png`, ``+import.meta.url).href;
            /* é */ f(new URL(\"/c.png\", \"\"+(import.meta.url)), () => { new URL('d.png', import.meta.url) })";
        assert_eq!(found(source), ["./a.png", "b.png", "/c.png", "d.png"]);
    }

    #[test]
    fn what_the_text_does_not_prove_is_not_found() {
        for source in [
            "new URL('a.png', location.href + import.meta.url)",
            "new URL('a.png', document.baseURI); import.meta",
            "new URL(`a${b}.png`, import.meta.url)",
            "new URL('a.png' + b, import.meta.url)",
            "new URL('a.png', import.meta.url, ...c)",
            "new other.URL('a.png', import.meta.url)",
            "URL('a.png', import.meta.url)",
            "new URL('a.png', import.meta.env)",
            "import { URL } from 'node:url'; new URL('a.png', import.meta.url)",
            "import URL from 'x'; new URL('a.png', import.meta.url)",
            "function f(URL) { new URL('a.png', import.meta.url) }",
            "class URL {} new URL('a.png', import.meta.url)",
            "URL = f; new URL('a.png', import.meta.url)",
            "fetch('a.png'); 'import.meta'",
        ] {
            assert_eq!(found(source), [""; 0], "{source}");
        }
        assert!(references("import.meta.").is_err());
        assert_eq!(found("a b c"), [""; 0], "it is not parsed");
    }
}

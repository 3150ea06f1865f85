//! Imports that a program runs itself, in contrast to those in its texts, which may run in a browser.

use std::ops::Range;

use swc_core::common::{BytePos, GLOBALS, Globals, Span};
use swc_core::ecma::ast::{Expr, ExprOrSpread, Import};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::reflection::Reflection;
use super::{ScriptKind, Text};

/// Returns the places of the word `import` in the calls of a program, and those of its comments. Returns none if the
/// program does not parse, or reads the text of its functions, which may run elsewhere then. Nor does it return an import in a
/// function that the program passes to another one, which may make a text of it.
pub(crate) fn own_imports(source: &str) -> Vec<Range<usize>> {
    GLOBALS.set(&Globals::new(), || {
        let text = Text::new(source);
        let Ok(program) = text.parse(ScriptKind::Unknown) else { return Vec::new() };
        if Reflection::makes_text(&program) {
            return Vec::new();
        }
        let comments = text.comments();
        let mut reader = Reader { found: Vec::new(), passed: 0 };
        program.visit_with(&mut reader);
        let start = text.file.start_pos;
        let place = |at: BytePos| (at - start).0 as usize;
        let spans = reader.found.into_iter().chain(comments.iter().map(|comment| comment.span));
        spans.map(|span| place(span.lo)..place(span.hi)).collect()
    })
}

struct Reader {
    found: Vec<Span>,
    /// The number of functions around a place that the program passes to others, which may make texts of them.
    passed: usize,
}

impl Visit for Reader {
    fn visit_import(&mut self, import: &Import) {
        if self.passed == 0 {
            self.found.push(import.span);
        }
    }

    fn visit_expr_or_spread(&mut self, argument: &ExprOrSpread) {
        let is_function = matches!(&*argument.expr, Expr::Fn(_) | Expr::Arrow(_));
        self.passed += usize::from(is_function);
        argument.visit_children_with(self);
        self.passed -= usize::from(is_function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_a_program_are_told_from_those_in_its_texts() {
        let source = "const a = (b) => import(b); // import(c)\nf('import(d)', `import(${e})`)";
        let found = own_imports(source);
        let found: Vec<&str> = found.into_iter().map(|range| &source[range]).collect();
        assert_eq!(found, ["import", "// import(c)"]);
    }

    #[test]
    fn a_program_that_reads_the_text_of_its_functions_has_no_imports_of_its_own() {
        for source in [
            "function a(b) { return import(b) } f(`(${a.toString()})()`)",
            "const a = (b) => import(b); const page = `<script>(${a})(1)</script>`;",
            "const a = (f) => `<script>(${f})()</script>`; a((b) => import(b));",
            "import(a) not a program (",
        ] {
            assert!(own_imports(source).is_empty(), "{source}");
        }
    }
}

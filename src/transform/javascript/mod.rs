//! JavaScript, minified by swc: scripts and modules.

mod imports;
mod interface;

use serde::{Deserialize, Serialize};
use swc_core::atoms::Atom;
use swc_core::common::comments::{Comment, CommentKind, SingleThreadedComments};
use swc_core::common::sync::Lrc;
use swc_core::common::{FileName, GLOBALS, Globals, Mark, SourceFile, SourceMap, Spanned};
use swc_core::ecma::ast::{EsVersion, Program};
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config, Emitter, Node};
use swc_core::ecma::minifier::optimize;
use swc_core::ecma::minifier::option::{
    CompressOptions, ExtraOptions, MangleOptions, MinifyOptions,
};
use swc_core::ecma::parser::{
    EsSyntax, Syntax, parse_file_as_module, parse_file_as_program, parse_file_as_script,
};
use swc_core::ecma::transforms::base::fixer::{fixer, paren_remover};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::VisitMutWith;

use super::{Refusal, SyntaxError, legal_comments};
pub(crate) use imports::Imports;
use interface::Interface;

/// How a browser runs a source text. The names at the top level of a classic script are globals
/// that other code may use; those of a module are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum ScriptKind {
    /// Loaded without `type="module"`.
    Classic,
    /// Loaded with `type="module"`, by `import`, or as a `.mjs` file.
    Module,
    /// Loaded by nobody knows whom: a module if only a module can read so, else classic.
    Unknown,
}

/// How much is done to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Code is rewritten, local names are shortened.
    Rewritten,
    /// The program is printed without white space and comments.
    Printed,
}

/// Minifies a source text.
///
/// What others see of the program is compared before and after: its globals, imports, exports and
/// directives. Where rewriting changes them, the program is only printed.
pub(crate) fn minify(source: &str, kind: ScriptKind) -> Result<String, Refusal> {
    let interface = Interface::of(source, kind)?;
    for depth in [Depth::Rewritten, Depth::Printed] {
        let minified = print(source, kind, depth)?;
        let after = Interface::of(&minified, kind);
        if after.is_ok_and(|after| after == interface) {
            return Ok(minified);
        }
    }
    Err(Refusal::Unfaithful("the program would show itself differently".to_owned()))
}

fn print(source: &str, kind: ScriptKind, depth: Depth) -> Result<String, SyntaxError> {
    GLOBALS.set(&Globals::new(), || {
        let text = Text::new(source);
        let program = text.parse(kind)?;
        let legal = text.legal_comments();
        let program = match depth {
            Depth::Rewritten => optimized(program, &text),
            Depth::Printed => program,
        };
        Ok(legal_comments::prepend(&legal, text.print(&program)))
    })
}

/// A source text in swc's terms.
struct Text {
    map: Lrc<SourceMap>,
    file: Lrc<SourceFile>,
    comments: SingleThreadedComments,
}

impl Text {
    fn new(source: &str) -> Self {
        let map = Lrc::<SourceMap>::default();
        let file = map.new_source_file(FileName::Anon.into(), source.to_owned());
        Self { map, file, comments: SingleThreadedComments::default() }
    }

    fn parse(&self, kind: ScriptKind) -> Result<Program, SyntaxError> {
        let syntax = Syntax::Es(EsSyntax {
            import_attributes: true,
            explicit_resource_management: true,
            ..EsSyntax::default()
        });
        let version = EsVersion::latest();
        let comments: Option<&dyn swc_core::common::comments::Comments> = Some(&self.comments);
        // Errors that the parser can step over are errors for a browser all the same.
        let mut stepped_over = Vec::new();
        let parsed = match kind {
            ScriptKind::Classic => {
                parse_file_as_script(&self.file, syntax, version, comments, &mut stepped_over)
                    .map(Program::Script)
            }
            ScriptKind::Module => {
                parse_file_as_module(&self.file, syntax, version, comments, &mut stepped_over)
                    .map(Program::Module)
            }
            ScriptKind::Unknown => {
                parse_file_as_program(&self.file, syntax, version, comments, &mut stepped_over)
            }
        };
        let error = match (parsed, stepped_over.into_iter().next()) {
            (Ok(program), None) => return Ok(program),
            (Err(error), _) | (Ok(_), Some(error)) => error,
        };
        let offset = error.span().lo.0.saturating_sub(self.file.start_pos.0);
        Err(SyntaxError { message: error.kind().msg().into_owned(), offset: offset as usize })
    }

    /// Returns the comments that a licence wants kept, in the order of the source.
    fn legal_comments(&self) -> Vec<String> {
        let (leading, trailing) = self.comments.borrow_all();
        let mut legal: Vec<&Comment> = leading
            .values()
            .chain(trailing.values())
            .flatten()
            .filter(|comment| legal_comments::is_legal(&comment.text))
            .collect();
        legal.sort_by_key(|comment| comment.span.lo);
        legal.dedup_by_key(|comment| comment.span.lo);
        let print = |comment: &&Comment| match comment.kind {
            CommentKind::Line => format!("//{}", comment.text),
            CommentKind::Block => format!("/*{}*/", comment.text),
        };
        legal.iter().map(print).collect()
    }

    fn print(&self, program: &Program) -> String {
        let mut bytes = Vec::new();
        let config = Config::default()
            .with_minify(true)
            .with_target(EsVersion::latest())
            .with_inline_script(true);
        let mut emitter = Emitter {
            cfg: config,
            cm: Lrc::clone(&self.map),
            comments: None,
            wr: JsWriter::new(Lrc::clone(&self.map), "\n", &mut bytes, None),
        };
        program.emit_with(&mut emitter).expect("writing into memory does not fail");
        String::from_utf8(bytes).expect("swc prints text")
    }
}

/// Rewrites a program.
///
/// The names at the top level of a module are shortened; beyond that the top level is left as it
/// is, since the optimiser loses what is assigned to a name after it is exported.
fn optimized(program: Program, text: &Text) -> Program {
    let unresolved_mark = Mark::new();
    let top_level_mark = Mark::new();
    let is_module = program.is_module();
    let mut program = program
        .apply(resolver(unresolved_mark, top_level_mark, false))
        .apply(paren_remover(Some(&text.comments)));

    // The optimiser does not see all the ways in which a script can declare a global.
    let globals: Vec<Atom> = if is_module {
        Vec::new()
    } else {
        interface::globals(&program, top_level_mark).into_iter().map(Atom::from).collect()
    };
    let compress = CompressOptions {
        module: false,
        top_level: None,
        // What the author wrote for older browsers must not become newer syntax.
        ecma: EsVersion::Es5,
        drop_debugger: false,
        ..CompressOptions::default()
    };
    let mangle =
        MangleOptions { top_level: Some(is_module), reserved: globals, ..MangleOptions::default() };
    let options = MinifyOptions {
        compress: Some(compress),
        mangle: Some(mangle),
        ..MinifyOptions::default()
    };
    let extra = ExtraOptions { unresolved_mark, top_level_mark, mangle_name_cache: None };
    let map = Lrc::clone(&text.map);
    program = optimize(program, map, Some(&text.comments), None, &options, &extra);
    program.visit_mut_with(&mut fixer(Some(&text.comments)));
    program
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minified(source: &str, kind: ScriptKind) -> String {
        minify(source, kind).unwrap()
    }

    #[test]
    fn a_classic_script_keeps_its_globals_and_a_module_need_not() {
        let source = "var unused = 1; function helper(first) { return first + 1 } let last = 2;";
        let classic = minified(source, ScriptKind::Classic);
        for name in ["unused", "helper", "last"] {
            assert!(classic.contains(name), "{classic}");
        }
        assert!(!classic.contains("first"), "{classic}");
        let module = minified(source, ScriptKind::Module);
        assert!(!module.contains("unused") && !module.contains("helper"), "{module}");
        assert_eq!(minified(source, ScriptKind::Unknown), classic);
    }

    #[test]
    fn a_text_that_only_a_module_can_be_is_a_module() {
        let source = "const value = document.title; export { value as title };";
        let minified = minified(source, ScriptKind::Unknown);
        assert!(!minified.contains("value"), "{minified}");
        assert!(minified.contains("title"), "{minified}");
    }

    #[test]
    fn exports_and_imports_keep_their_names() {
        let source = "import { one, two } from './a.mjs'; export const three = one + two;";
        let minified = minified(source, ScriptKind::Module);
        assert!(minified.contains("one") && minified.contains("two") && minified.contains("three"));
    }

    #[test]
    fn a_global_keeps_its_name_however_it_is_declared() {
        let source = "var {one} = window; const {two, three: four = 1, ...five} = window;\n\
            try { var six = one } catch { var seven } finally { var eight }\n\
            while (f()) { var nine } for (var {ten} of five) {}\n\
            do { var eleven; if (f()) continue } while (f());\n\
            let [twelve] = f(), thirteen; class Fourteen {} function fifteen() { var local }\n\
            if (f()) { var sixteen = 1 } label: { var seventeen } switch (f()) { case 1: var eighteen }";
        let minified = minified(source, ScriptKind::Classic);
        let names = "one two four five six seven eight nine ten eleven twelve thirteen Fourteen \
            fifteen sixteen seventeen eighteen";
        for name in names.split_whitespace() {
            assert!(minified.contains(name), "{name}: {minified}");
        }
    }

    #[test]
    fn what_is_assigned_after_an_export_is_exported() {
        for source in [
            "let x; export { x }; x = globalThis.compute?.() ?? 42;",
            "let x = null; export { x as default }; x = Object.freeze({ v: 42 });",
            "export { x }; var x = 1; x = 2; x = 42;",
            "let x = 'a'; export { x as d }; x += '42';",
        ] {
            let minified = minified(source, ScriptKind::Module);
            assert!(minified.contains("42"), "{source} became {minified}");
        }
    }

    #[test]
    fn a_string_in_parentheses_does_not_become_a_directive() {
        let minified = minified("('use strict'); undeclared  =  1;", ScriptKind::Classic);
        assert!(!minified.starts_with("\"use strict\""), "{minified}");
    }

    #[test]
    fn a_function_in_a_block_stays_in_its_block() {
        let minified = minified("f(typeof g); { function g() {} }", ScriptKind::Classic);
        assert!(minified.contains("{function g()"), "{minified}");
    }

    #[test]
    fn older_syntax_stays_older() {
        let source = "window.f = function (a) { return a === null || a === undefined ? 1 : a };";
        let minified = minified(source, ScriptKind::Classic);
        assert!(!minified.contains("??") && !minified.contains("=>"), "{minified}");
    }

    #[test]
    fn legal_comments_come_first_and_others_go() {
        let source = "#!/usr/bin/env node\n/* no */ foo();\n/*! (c) us */ bar(); // @license MIT\n";
        let minified = minified(source, ScriptKind::Classic);
        let expected = "#!/usr/bin/env node\n/*! (c) us */\n// @license MIT\n";
        assert!(minified.starts_with(expected), "{minified}");
        assert!(!minified.contains("/* no */"), "{minified}");
    }

    #[test]
    fn debugger_statements_and_console_calls_stay() {
        let minified = minified("console.log(1); debugger;", ScriptKind::Classic);
        assert!(minified.contains("console.log(1)") && minified.contains("debugger"), "{minified}");
    }

    #[test]
    fn a_syntax_error_tells_its_place() {
        let source = "let a = 1;\nlet b = ;\n";
        let Err(Refusal::Invalid(error)) = minify(source, ScriptKind::Classic) else { panic!() };
        assert_eq!(error.offset, source.find(" ;").unwrap() + 1);
    }

    #[test]
    fn a_module_that_a_page_loads_as_a_script_is_an_error() {
        assert!(minify("import './a.js'", ScriptKind::Classic).is_err());
        assert!(minify("with (a) b()", ScriptKind::Module).is_err(), "modules are strict");
        assert!(minify("with (a) b()", ScriptKind::Classic).is_ok());
    }

    #[test]
    fn a_closing_tag_within_a_string_stays_escaped() {
        let minified = minified(r#"let a = "<\/script>"; use(a);"#, ScriptKind::Classic);
        assert!(!minified.contains("</script"), "{minified}");
    }
}

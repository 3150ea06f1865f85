//! JavaScript, minified by swc: scripts and modules.

mod canonical;
mod comments;
#[cfg(feature = "cli")]
mod configuration;
mod default_export;
mod described;
mod exports;
mod imports;
mod map_comment;
mod names;
mod origins;
mod own_imports;
mod references;
mod reflection;
mod shorten;
mod text;
mod texts;
mod value;

use serde::{Deserialize, Serialize};
use swc_core::common::{GLOBALS, Globals};

use super::comments::KeptComments;
use super::{MinifyError, SyntaxError, UntouchedReason};
use canonical::canonical;
use comments::{CommentIsCode, Comments};
#[cfg(feature = "cli")]
pub(crate) use configuration::{ConfigurationModule, ConfiguredProperty};
pub(crate) use default_export::DefaultExport;
pub(crate) use exports::exported_names;
pub(crate) use imports::Imports;
pub(crate) use map_comment::without_map_comment;
pub(crate) use names::Names;
use origins::Recording;
pub(crate) use origins::{Mapped, Origin};
pub(crate) use own_imports::own_imports;
pub(crate) use references::{differ_by, own_url, references};
use reflection::Reflection;
use shorten::shortened;
#[cfg(feature = "cli")]
pub(crate) use text::Text;
#[cfg(not(feature = "cli"))]
use text::Text;
pub(crate) use texts::{Object, TextLiteral, Texts};

/// The kind of a script, which decides how a browser parses and runs it. The names at the top level
/// of a classic script are globals that other code may use; those of a module are private to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum ScriptKind {
    /// Loaded without `type="module"`.
    Classic,
    /// Loaded with `type="module"`, by `import`, or as a `.mjs` file.
    Module,
    /// Loader unknown: parsed as a module only if it is not a valid classic script.
    Unknown,
}

/// The place of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file, in which everything stays as it is written.
    File,
    /// A `<script>`, in which `</script` and `<!--` have to be escaped.
    Element,
}

/// The level of minification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Local names are shortened.
    Shortened,
    /// The program is printed without white space and comments.
    Printed,
}

/// Minifies a source text.
///
/// The program's [`canonical`] form is compared before and after. If shortening names changes it, or if
/// the names of parameters are read, the program is only printed.
pub(crate) fn minify(
    source: &str,
    kind: ScriptKind,
    names: Names,
    place: Place,
    kept: &KeptComments,
) -> Result<String, MinifyError> {
    minify_recording(source, kind, names, place, kept, Recording::Off).map(|mapped| mapped.code)
}

/// Minifies a source text as [`minify`] does, and records where each part of the result comes from.
pub(crate) fn minify_mapped(
    source: &str,
    kind: ScriptKind,
    names: Names,
    kept: &KeptComments,
) -> Result<Mapped, MinifyError> {
    minify_recording(source, kind, names, Place::File, kept, Recording::On)
}

fn minify_recording(
    source: &str,
    kind: ScriptKind,
    names: Names,
    place: Place,
    kept: &KeptComments,
    recording: Recording,
) -> Result<Mapped, MinifyError> {
    // swc stores its marks in a thread-local, which must be set while it works on a program.
    let read = |source: &str, names| {
        GLOBALS.set(&Globals::new(), || {
            let program = Text::new(source).parse(kind)?;
            if value::is_value(&program) {
                return Err(MinifyError::Untouched(UntouchedReason::IsValue));
            }
            if !value::has_valid_patterns(&program) {
                return Err(MinifyError::Untouched(UntouchedReason::UnknownPattern));
            }
            Ok(canonical(program, names))
        })
    };
    let reflection = reflection(source, kind)?;
    if reflection.reads_text {
        return Err(MinifyError::Untouched(UntouchedReason::ReadAsText));
    }
    let names = match names {
        Names::PreservedIfRead if reflection.reads_names => Names::Preserved,
        Names::PreservedIfRead => Names::Shortened,
        decided => decided,
    };
    let before = read(source, names)?;
    let mut has_lost_comment = false;
    let levels: &[Level] = if reflection.reads_parameters {
        &[Level::Printed]
    } else {
        &[Level::Shortened, Level::Printed]
    };
    // swc changes patterns to escape them. One that stays as it is written is judged with its page.
    let places = [place, Place::File];
    let places = if place == Place::File { &places[..1] } else { &places[..] };
    for (level, place) in levels.iter().flat_map(|level| places.iter().map(move |it| (*level, *it)))
    {
        let (mapped, comments) = print(source, kind, names, place, level, kept, recording)?;
        let minified = &mapped.code;
        if read(minified, names).is_ok_and(|after| after == before) {
            if comments_stay(&comments, minified, kind) {
                return Ok(mapped);
            }
            has_lost_comment = true;
        }
    }
    if has_lost_comment {
        return Err(MinifyError::Untouched(UntouchedReason::CommentsMatter));
    }
    Err(MinifyError::Unfaithful("it would change the program".to_owned()))
}

/// Returns what a program reads of its own code.
fn reflection(source: &str, kind: ScriptKind) -> Result<Reflection, SyntaxError> {
    GLOBALS.set(&Globals::new(), || {
        let text = Text::new(source);
        let program = text.parse(kind)?;
        Ok(Reflection::of(&program, &text.comments(), &text.file))
    })
}

/// Returns whether a result contains the comments that have to stay beside their code.
fn comments_stay(comments: &Comments, minified: &str, kind: ScriptKind) -> bool {
    let after = || {
        let text = Text::new(minified);
        text.parse(kind).map_or_else(|_| Vec::new(), |_| text.comments())
    };
    !comments.are_required() || comments.are_in(&GLOBALS.set(&Globals::new(), after))
}

/// Parses a source text, and prints it minified at a level, without checking the result.
fn print(
    source: &str,
    kind: ScriptKind,
    names: Names,
    place: Place,
    level: Level,
    kept: &KeptComments,
    recording: Recording,
) -> Result<(Mapped, Comments), MinifyError> {
    GLOBALS.set(&Globals::new(), || {
        let text = Text::new(source);
        let program = text.parse(kind)?;
        let comments = Comments::of(&text, &program, kept)
            .map_err(|CommentIsCode| MinifyError::Untouched(UntouchedReason::CommentsMatter))?;
        let mut recorder = recording.recorder(&program);
        let program = match level {
            Level::Shortened => shortened(program, &text, names),
            Level::Printed => program,
        };
        let places = recorder.as_mut().map(|recorder| &mut recorder.places);
        let code = text.print(&program, place, comments.in_place(), places);
        let origins = recorder.map(|recorder| recorder.origins(&text, &code, &comments));
        let code = comments.around(code);
        Ok((Mapped { code, origins: origins.unwrap_or_default() }, comments))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minify(source: &str, kind: ScriptKind) -> Result<String, MinifyError> {
        super::minify(source, kind, Names::Shortened, Place::Element, &KeptComments::default())
    }

    fn minified(source: &str, kind: ScriptKind) -> String {
        minify(source, kind).unwrap()
    }

    #[test]
    fn globals_are_preserved_in_classic_scripts_but_not_in_modules() {
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
    fn scripts_of_unknown_kind_with_exports_are_modules() {
        let source = "const value = document.title; export { value as title };";
        let minified = minified(source, ScriptKind::Unknown);
        assert!(!minified.contains("value"), "{minified}");
        assert!(minified.contains("title"), "{minified}");
    }

    #[test]
    fn names_of_exports_and_imports_are_preserved() {
        let source = "import { one, two } from './a.mjs'; export const three = one + two;";
        let minified = minified(source, ScriptKind::Module);
        assert!(minified.contains("one") && minified.contains("two") && minified.contains("three"));
    }

    #[test]
    fn globals_are_preserved_in_every_form_of_declaration() {
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
    fn assignments_after_an_export_are_preserved() {
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
    fn strings_in_parentheses_do_not_become_directives() {
        let minified = minified("('use strict'); undeclared  =  1;", ScriptKind::Classic);
        assert!(!minified.starts_with("\"use strict\""), "{minified}");
    }

    #[test]
    fn functions_in_blocks_stay_in_their_blocks() {
        let minified = minified("f(typeof g); { function g() {} }", ScriptKind::Classic);
        assert!(minified.contains("{function g()"), "{minified}");
    }

    #[test]
    fn older_syntax_is_not_replaced_by_newer() {
        let source = "window.f = function (a) { return a === null || a === undefined ? 1 : a };";
        let minified = minified(source, ScriptKind::Classic);
        assert!(!minified.contains("??") && !minified.contains("=>"), "{minified}");
    }

    #[test]
    fn legal_comments_come_first_and_others_are_removed() {
        let source = "#!/usr/bin/env node\n/* no */ foo();\n/*! (c) us */ bar(); // @license MIT\n";
        let minified = minified(source, ScriptKind::Classic);
        let expected = "#!/usr/bin/env node\n/*! (c) us */\n// @license MIT\n";
        assert!(minified.starts_with(expected), "{minified}");
        assert!(!minified.contains("/* no */"), "{minified}");
    }

    #[test]
    fn debugger_statements_and_console_calls_are_preserved() {
        let minified = minified("console.log(1); debugger;", ScriptKind::Classic);
        assert!(minified.contains("console.log(1)") && minified.contains("debugger"), "{minified}");
    }

    #[test]
    fn syntax_errors_carry_their_offset() {
        let source = "let a = 1;\nlet b = ;\n";
        let Err(MinifyError::Invalid(error)) = minify(source, ScriptKind::Classic) else {
            panic!()
        };
        assert_eq!(error.offset, source.find(" ;").unwrap() + 1);
    }

    #[test]
    fn syntax_must_fit_the_kind_that_a_page_loads() {
        assert!(minify("import './a.js'", ScriptKind::Classic).is_err());
        assert!(minify("with (a) b()", ScriptKind::Module).is_err(), "modules are strict");
        assert!(minify("with (a) b()", ScriptKind::Classic).is_ok());
    }

    #[test]
    fn closing_script_tags_in_strings_stay_escaped() {
        let minified = minified(r#"let a = "<\/script>"; use(a);"#, ScriptKind::Classic);
        assert!(!minified.contains("</script"), "{minified}");
    }
}

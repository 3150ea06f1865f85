//! A source text, which swc parses and prints.

use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::sync::Lrc;
use swc_core::common::{BytePos, FileName, LineCol, SourceFile, SourceMap, Spanned};
use swc_core::ecma::ast::{EsVersion, Module, Program};
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config, Emitter, Node};
use swc_core::ecma::parser::error::Error;
use swc_core::ecma::parser::{
    EsSyntax, Syntax, TsSyntax, parse_file_as_module, parse_file_as_program, parse_file_as_script,
};

use super::{Place, ScriptKind};
use crate::transform::SyntaxError;

/// A source text as swc represents it.
pub(crate) struct Text {
    pub(crate) map: Lrc<SourceMap>,
    pub(crate) file: Lrc<SourceFile>,
    pub(super) comments: SingleThreadedComments,
}

impl Text {
    pub(crate) fn new(source: &str) -> Self {
        let map = Lrc::<SourceMap>::default();
        let file = map.new_source_file(FileName::Anon.into(), source.to_owned());
        Self { map, file, comments: SingleThreadedComments::default() }
    }

    pub(crate) fn parse(&self, kind: ScriptKind) -> Result<Program, SyntaxError> {
        let syntax = Syntax::Es(EsSyntax {
            import_attributes: true,
            explicit_resource_management: true,
            ..EsSyntax::default()
        });
        let version = EsVersion::latest();
        let comments: Option<&dyn swc_core::common::comments::Comments> = Some(&self.comments);
        // Errors from which swc's parser recovers. A browser does not, so they count as errors.
        let mut recovered = Vec::new();
        let parsed = match kind {
            ScriptKind::Classic => {
                parse_file_as_script(&self.file, syntax, version, comments, &mut recovered)
                    .map(Program::Script)
            }
            ScriptKind::Module => {
                parse_file_as_module(&self.file, syntax, version, comments, &mut recovered)
                    .map(Program::Module)
            }
            ScriptKind::Unknown => {
                parse_file_as_program(&self.file, syntax, version, comments, &mut recovered)
            }
        };
        let error = match (parsed, recovered.into_iter().next()) {
            (Ok(program), None) => return Ok(program),
            (Err(error), _) | (Ok(_), Some(error)) => error,
        };
        Err(self.syntax_error(&error))
    }

    /// Parses a module in TypeScript. One with markup is tried last, since it reads `<T>x` otherwise.
    pub(crate) fn parse_typescript(&self) -> Result<Module, SyntaxError> {
        let parse = |tsx| {
            let syntax =
                Syntax::Typescript(TsSyntax { tsx, decorators: true, ..Default::default() });
            parse_file_as_module(&self.file, syntax, EsVersion::latest(), None, &mut Vec::new())
        };
        parse(false).or_else(|error| parse(true).map_err(|_| self.syntax_error(&error)))
    }

    fn syntax_error(&self, error: &Error) -> SyntaxError {
        // Positions count from where the source map placed the file.
        let offset = error.span().lo.0.saturating_sub(self.file.start_pos.0);
        SyntaxError { message: error.kind().msg().into_owned(), offset: offset as usize }
    }

    pub(super) fn print(
        &self,
        program: &Program,
        place: Place,
        comments: &SingleThreadedComments,
        places: Option<&mut Vec<(BytePos, LineCol)>>,
    ) -> String {
        let mut bytes = Vec::new();
        // A script of ASCII characters stays one, since its page may be in another encoding.
        let config = Config::default()
            .with_minify(true)
            .with_target(EsVersion::latest())
            .with_inline_script(place == Place::Element)
            .with_ascii_only(self.file.src.is_ascii());
        let mut emitter = Emitter {
            cfg: config,
            cm: Lrc::clone(&self.map),
            comments: Some(comments),
            wr: JsWriter::new(Lrc::clone(&self.map), "\n", &mut bytes, places),
        };
        program.emit_with(&mut emitter).expect("writing into memory does not fail");
        String::from_utf8(bytes).expect("swc prints text")
    }
}

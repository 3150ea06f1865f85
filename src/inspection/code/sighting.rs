//! The acts of a module that Workers do not allow, read from its syntax tree.

mod declared;
mod moments;
mod names;
mod sight;

use swc_core::common::{GLOBALS, Globals};
use swc_core::ecma::ast::Program;
use swc_core::ecma::visit::VisitWith;

use crate::transform::javascript::{ScriptKind, Text};
use sight::Sight;

/// Something that a module does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sighting {
    /// The byte offset in the text.
    pub(super) offset: usize,
    pub(super) kind: Kind,
    /// The code, as short as it is the same in the source and in a bundle.
    pub(super) code: String,
}

/// The kind of a sighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Reads `locals.runtime`.
    LocalsRuntime,
    /// Makes a `MessageChannel` while the module is loaded.
    MessageChannel,
    /// Uses the network, a timer or random numbers while the module is loaded.
    GlobalScope,
    /// Makes code of text while the module is loaded.
    EvalAtLoad,
    /// Makes code of text during a request.
    EvalInRequest,
    /// Compiles WebAssembly of bytes, which is never finished.
    WasmOfBytes,
    /// Imports native code.
    Native,
}

/// The language of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    JavaScript,
    TypeScript,
}

/// Returns the sightings in a module, in the order of its text. One that is not valid has none.
pub(super) fn sightings(source: &str, dialect: Dialect) -> Vec<Sighting> {
    GLOBALS.set(&Globals::new(), || {
        let text = Text::new(source);
        let module = match dialect {
            Dialect::TypeScript => text.parse_typescript().ok(),
            Dialect::JavaScript => match text.parse(ScriptKind::Module) {
                Ok(Program::Module(module)) => Some(module),
                _ => None,
            },
        };
        let Some(module) = module else { return Vec::new() };
        let mut sight = Sight::new(&module, text.file.start_pos);
        module.visit_with(&mut sight);
        sight.found.into_iter().collect()
    })
}

#[cfg(test)]
mod tests;

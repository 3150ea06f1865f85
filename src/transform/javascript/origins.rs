//! The origin of each part of a minified script, of which source maps are made.

use std::collections::HashMap;

use swc_core::common::{BytePos, LineCol};
use swc_core::ecma::ast::{Ident, IdentName, PrivateName, Program};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::Text;
use super::comments::Comments;

/// A minified script with the origins of its parts, in their order.
#[derive(Debug)]
pub(crate) struct Mapped {
    pub(crate) code: String,
    pub(crate) origins: Vec<Origin>,
}

/// The origin of a part of a minified script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The line of the part, from 0.
    pub(crate) line: u32,
    /// The column of the part, from 0, in UTF-16.
    pub(crate) column: u32,
    /// The place in the source, in bytes.
    pub(crate) offset: usize,
    /// The name in the source, if the part is one.
    pub(crate) name: Option<String>,
}

/// Whether origins are recorded, which takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recording {
    Off,
    On,
}

/// The names of a program before they are shortened, and the places of what is printed of it.
#[derive(Default)]
pub(super) struct Recorder {
    names: HashMap<BytePos, String>,
    pub(super) places: Vec<(BytePos, LineCol)>,
}

impl Recording {
    pub(super) fn recorder(self, program: &Program) -> Option<Recorder> {
        let mut recorder = match self {
            Self::Off => return None,
            Self::On => Recorder::default(),
        };
        program.visit_with(&mut recorder);
        Some(recorder)
    }
}

impl Recorder {
    /// Returns the origins of all parts of a printed program, once the comments that stay are around it.
    pub(super) fn origins(self, text: &Text, code: &str, comments: &Comments) -> Vec<Origin> {
        let start = text.file.start_pos;
        let end = start.0 + u32::try_from(text.file.src.len()).unwrap_or(u32::MAX);
        let is_in_source = |at: &BytePos| (start.0..end).contains(&at.0);
        let places = self.places.iter().filter(|(at, _)| is_in_source(at));
        let origin = |(at, LineCol { line, col }): &(BytePos, LineCol)| Origin {
            line: line + comments.lines_before(*line, code),
            column: *col,
            offset: (*at - start).0 as usize,
            name: self.names.get(at).cloned(),
        };
        let mut origins: Vec<Origin> = places.map(origin).collect();
        origins.sort_by_key(|origin| (origin.line, origin.column));
        // The last at a place is the innermost node.
        origins.reverse();
        origins.dedup_by_key(|origin| (origin.line, origin.column));
        origins.reverse();
        origins
    }

    fn add(&mut self, at: BytePos, name: &str) {
        self.names.insert(at, name.to_owned());
    }
}

impl Visit for Recorder {
    fn visit_ident(&mut self, name: &Ident) {
        self.add(name.span.lo, &name.sym);
    }

    fn visit_ident_name(&mut self, name: &IdentName) {
        self.add(name.span.lo, &name.sym);
    }

    fn visit_private_name(&mut self, name: &PrivateName) {
        self.add(name.span.lo, &name.name);
    }
}

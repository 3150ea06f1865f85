//! Comments that stay: those that programs read, those that licences ask for, and those that the user
//! names. In doubt a comment stays.
//!
//! Which ones programs read is a convention of each program, so there are tables: [`code`] for scripts
//! and style sheets, [`markup`] for HTML and XML.

mod code;
mod markup;

use crate::options::CommentPattern;

/// The choice of comments that stay.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptComments {
    /// The patterns of the user, in addition to the tables.
    patterns: Vec<CommentPattern>,
}

/// The place of a comment in a script or style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the first token, where programs look for what a file says about itself.
    First,
    Later,
}

/// The place at which a comment of a script stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stays {
    /// At the start of the file.
    AtStart,
    /// At the end of the file.
    AtEnd,
    /// Beside the expression that it is about.
    InPlace,
    /// Beside the expression, in modules that may be bundled again, as long as that is still there.
    InModules,
    /// With all code around it, since it is code itself.
    WithAll,
}

impl KeptComments {
    pub(crate) fn new(patterns: &[CommentPattern]) -> Self {
        Self { patterns: patterns.to_vec() }
    }

    fn matches(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(text))
    }

    /// Returns the place at which a comment of a script stays, if it does. Texts come without their
    /// delimiters; adjacent lines are one text.
    pub(super) fn in_script(&self, text: &str, place: Place) -> Option<Stays> {
        code::in_script(text, place).or_else(|| {
            let stays = if place == Place::First { Stays::AtStart } else { Stays::InPlace };
            self.matches(text).then_some(stays)
        })
    }

    /// Returns whether a comment of a style sheet stays.
    pub(super) fn in_style(&self, text: &str, place: Place) -> bool {
        code::in_style(text, place) || self.matches(text)
    }

    /// Returns whether a comment of a page is a remark for developers, which is removed.
    pub(super) fn is_remark(&self, text: &str) -> bool {
        markup::is_prose(text) && !self.matches(text)
    }

    /// Returns whether a comment of a document in XML stays.
    pub(super) fn in_xml(&self, text: &str) -> bool {
        markup::is_read_in_xml(text) || self.matches(text)
    }
}

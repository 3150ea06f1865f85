//! The languages of texts, each with its minifier.

use super::comments::KeptComments;
use super::css::{self, CssTargets, MinifiedSheet};
use super::html::InlineCode;
use super::javascript::{self, Names, Place, ScriptKind};
use super::{MinifyError, SyntaxError, json, xml};
use crate::feedback::code::Code;
use crate::options::MinifiedLanguage;

/// A language with the details that its minifier needs.
#[derive(Clone, Copy)]
pub(super) enum Dialect {
    Script(ScriptKind, Place),
    Style,
    Json,
    Xml,
}

impl Dialect {
    pub(super) fn minify(
        self,
        source: &str,
        targets: &CssTargets,
        kept: &KeptComments,
    ) -> Result<Output, MinifyError> {
        let output = match self {
            Self::Script(kind, place) => {
                javascript::minify(source, kind, Names::PreservedIfRead, place, kept)?
            }
            Self::Style => {
                let MinifiedSheet { text, errors, losses } = css::minify(source, targets, kept)?;
                return Ok(Output { text, errors, losses });
            }
            Self::Json => json::minify(source)?,
            Self::Xml => xml::minify(source, kept)?,
        };
        Ok(output.into())
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Script(..) => "JavaScript",
            Self::Style => "CSS",
            Self::Json => "JSON",
            Self::Xml => "XML",
        }
    }

    /// Returns the code of its syntax errors.
    pub(super) fn syntax_error(self) -> Code {
        match self {
            Self::Script(..) => Code::JavaScriptSyntaxError,
            Self::Style => Code::CssSyntaxError,
            Self::Json => Code::JsonSyntaxError,
            Self::Xml => Code::XmlSyntaxError,
        }
    }
}

/// The output of a minifier.
pub(super) struct Output {
    pub(super) text: String,
    pub(super) errors: Vec<SyntaxError>,
    pub(super) losses: Vec<String>,
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        Self { text, errors: Vec::new(), losses: Vec::new() }
    }
}

impl From<InlineCode> for Dialect {
    fn from(inline: InlineCode) -> Self {
        match inline {
            InlineCode::Script(kind) => Self::Script(kind, Place::Element),
            InlineCode::Style => Self::Style,
            InlineCode::Json => Self::Json,
        }
    }
}

impl From<InlineCode> for MinifiedLanguage {
    fn from(inline: InlineCode) -> Self {
        match inline {
            InlineCode::Script(_) => Self::JavaScript,
            InlineCode::Style => Self::Css,
            InlineCode::Json => Self::Json,
        }
    }
}

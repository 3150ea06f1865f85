//! Minifies what can be minified without changing what it means.
//!
//! What cannot be minified safely is kept as it is, and the [`Outcome`] says why.

mod css;
pub(crate) mod html;
pub(crate) mod javascript;
mod json;
mod legal_comments;
mod minifier;
mod xml;

use serde::{Deserialize, Serialize};

use crate::asset::media_type::{Language, MediaType};
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::stage::Stage;
pub(crate) use javascript::ScriptKind;
pub(crate) use minifier::Minifier;

/// What the transform of a file came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "reason")]
pub enum Outcome {
    /// The file is smaller than it was.
    Minified,
    /// The file could have been minified, and was not.
    Kept(KeptReason),
    /// There is nothing to minify in a file of this type.
    NotMinifiable,
}

/// Why a file was kept as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptReason {
    /// Minifying does not make it smaller.
    NotSmaller,
    /// Its language is not among those to minify.
    ByOption,
    /// It does not parse.
    DoesNotParse,
    /// What the minifier made of it does not parse, or the minifier broke down: its mistake.
    MinifierFailed,
    /// It is not UTF-8.
    NotUtf8,
    /// A page loads it with `integrity`, a hash of its bytes.
    IntegrityChecked,
    /// Its source map is published and would not fit any more.
    SourceMapPublished,
}

impl KeptReason {
    /// Returns the reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotSmaller => "already minimal",
            Self::ByOption => "language not minified by option",
            Self::DoesNotParse => "does not parse",
            Self::MinifierFailed => "minifier failed",
            Self::NotUtf8 => "not UTF-8",
            Self::IntegrityChecked => "loaded with an integrity hash",
            Self::SourceMapPublished => "its source map is published",
        }
    }
}

/// Why and where a text is not what it should be.
#[derive(Clone, Debug)]
pub(crate) struct SyntaxError {
    /// What the parser says.
    pub(crate) message: String,
    /// Where, in bytes.
    pub(crate) offset: usize,
}

/// Why a minifier left a text alone.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// The text is not valid.
    Invalid(SyntaxError),
    /// What came out does not mean the same, which is a mistake of the minifier.
    Unfaithful(String),
}

impl From<SyntaxError> for Refusal {
    fn from(error: SyntaxError) -> Self {
        Self::Invalid(error)
    }
}

/// What is to be known of a file before it is transformed: it depends on what is around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct How {
    /// What must stay.
    pub(crate) restraint: Restraint,
    /// How it is run, if it is a script.
    pub(crate) script_kind: ScriptKind,
}

/// What must stay as it is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restraint {
    /// Nothing.
    None,
    /// All of it.
    Keep(KeptReason),
    /// The inline code of a page, which is known by its hashes; the rest of it is not.
    KeepInlineCode,
}

/// A file in the bytes that are going to be served.
#[derive(Debug)]
pub(crate) struct Transformed {
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
    /// What the transform came to.
    pub(crate) outcome: Outcome,
    /// What there is to say about it.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Minifies a file as far as it may be. `name` is how it is called in messages.
pub(crate) fn transform(
    name: &str,
    bytes: Vec<u8>,
    media_type: &MediaType,
    how: How,
    minifier: &Minifier,
) -> Transformed {
    let kept = |bytes, reason, diagnostics| Transformed {
        bytes,
        outcome: Outcome::Kept(reason),
        diagnostics,
    };
    let Some(language) = media_type.language() else {
        return Transformed { bytes, outcome: Outcome::NotMinifiable, diagnostics: Vec::new() };
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let warning = Diagnostic::warning(Stage::Represent, name, "not UTF-8")
                .with_help("save it as UTF-8; as it is, it is served without a charset");
            return kept(error.into_bytes(), KeptReason::NotUtf8, vec![warning]);
        }
    };
    let page = match language {
        Language::Code(_) => None,
        Language::Html => match html::scan(&text) {
            Ok(page) => Some(page),
            Err(error) => {
                let message = format!("not to be read as browsers do: {error}");
                let warning = Diagnostic::warning(Stage::Represent, name, message);
                return kept(text.into_bytes(), KeptReason::DoesNotParse, vec![warning]);
            }
        },
    };
    if let Restraint::Keep(reason) = how.restraint {
        return kept(text.into_bytes(), reason, Vec::new());
    }
    let minified = match (language, page) {
        (Language::Code(language), _) => minifier.file(name, text, language, how.script_kind),
        (Language::Html, page) => {
            minifier.page(name, text, &page.unwrap_or_default(), how.restraint)
        }
    };
    let (bytes, outcome) = (minified.text.into_bytes(), minified.outcome);
    Transformed { bytes, outcome, diagnostics: minified.diagnostics }
}

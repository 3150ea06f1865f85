//! Runs the minifiers on files and on the inline code of pages. Each minifier checks its own output.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::comments::KeptComments;
use super::css::{self, CssTargets};
use super::html::{self, InlineCode, Page, Unfaithful};
use super::javascript::{self, Names, Place, ScriptKind};
use super::{
    ByteOrderMark, MinifyError, Outcome, Preserve, SyntaxError, TransformContext, UntouchedReason,
    json, xml,
};
use crate::asset::media_type::CodeLanguage;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::feedback::error::PackError;
use crate::options::{MinifiedLanguage, Options};

/// A byte order mark.
const MARK: &str = "\u{feff}";

/// The minifiers, configured by the options.
pub(crate) struct Minifier {
    css_targets: CssTargets,
    kept_comments: KeptComments,
    /// Results for inline code, most of which is the same on every page.
    inline: Mutex<InlineAttempts>,
}

/// Results of minifying inline code, by its kind and text.
#[derive(Default)]
struct InlineAttempts {
    attempts: HashMap<(InlineCode, String), Attempt>,
    /// The total size of the code in `attempts`, in bytes.
    len: usize,
}

impl InlineAttempts {
    /// Maximum of [`len`](Self::len). Data that differs from page to page must not pile up.
    const MAX_LEN: usize = 4 * 1024 * 1024;

    fn add(&mut self, key: (InlineCode, String), attempt: Attempt) {
        if self.len > Self::MAX_LEN {
            // Forgetting everything is enough: code shared by all pages is back after one page.
            *self = Self::default();
        }
        self.len += key.1.len();
        self.attempts.insert(key, attempt);
    }
}

/// A file after minifying, with the text to serve.
pub(super) struct Minified {
    pub(super) text: String,
    pub(super) outcome: Outcome,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Minified {
    fn smaller(text: String) -> Self {
        Self { text, outcome: Outcome::Minified, diagnostics: Vec::new() }
    }

    pub(super) fn untouched(text: String, reason: UntouchedReason) -> Self {
        Self { text, outcome: Outcome::Untouched(reason), diagnostics: Vec::new() }
    }

    pub(super) fn with(self, diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, ..self }
    }
}

/// The result of running a minifier on a text.
#[derive(Clone)]
enum Attempt {
    /// The minified text, which is smaller.
    Smaller(String),
    /// The text is to be served as it is.
    Untouched(UntouchedReason),
    /// The text does not parse.
    Invalid(SyntaxError),
    /// The minifier panicked, or its output does not mean the same.
    Failed(String),
    /// Compiling a style sheet would lose this property.
    LostDeclaration(String),
}

/// A language with the details that its minifier needs.
#[derive(Clone, Copy)]
enum Dialect {
    Script(ScriptKind, Place),
    Style,
    Json,
    Xml,
}

impl Dialect {
    fn minify(self, source: &str, minifier: &Minifier) -> Result<String, MinifyError> {
        let kept = &minifier.kept_comments;
        match self {
            Self::Script(kind, place) => {
                javascript::minify(source, kind, Names::Shortened, place, kept)
            }
            Self::Style => css::minify(source, &minifier.css_targets, kept),
            Self::Json => json::minify(source),
            Self::Xml => xml::minify(source, kept),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Script(..) => "JavaScript",
            Self::Style => "CSS",
            Self::Json => "JSON",
            Self::Xml => "XML",
        }
    }

    /// Returns the code of its syntax errors.
    fn syntax_error(self) -> Code {
        match self {
            Self::Script(..) => Code::JavaScriptSyntaxError,
            Self::Style => Code::CssSyntaxError,
            Self::Json => Code::JsonSyntaxError,
            Self::Xml => Code::XmlSyntaxError,
        }
    }
}

impl Minifier {
    pub(crate) fn new(options: &Options) -> Result<Self, PackError> {
        Ok(Self {
            css_targets: CssTargets::resolve(&options.css_targets)?,
            kept_comments: KeptComments::new(&options.keep_comments),
            inline: Mutex::default(),
        })
    }

    /// The comments that stay in pages.
    pub(super) fn kept_comments(&self) -> &KeptComments {
        &self.kept_comments
    }

    /// Minifies a file of code or data.
    pub(super) fn file(
        &self,
        name: &str,
        text: String,
        language: CodeLanguage,
        context: TransformContext<'_>,
    ) -> Minified {
        let dialect = match language {
            CodeLanguage::JavaScript => Dialect::Script(context.script_kind, Place::File),
            CodeLanguage::Css => Dialect::Style,
            CodeLanguage::Json => Dialect::Json,
            CodeLanguage::Svg | CodeLanguage::Xml => Dialect::Xml,
        };
        if !context.minify.has(language.into()) {
            return Minified::untouched(text, context.excluded());
        }
        let mark = if text.starts_with(MARK) { MARK } else { "" };
        let kept_mark = if context.mark == ByteOrderMark::Stays { mark } else { "" };
        let attempt = match self.attempt(dialect, &text[mark.len()..]) {
            // Without the mark, the text itself is smaller.
            Attempt::Untouched(UntouchedReason::NotSmaller) if kept_mark != mark => {
                Attempt::Smaller(text[mark.len()..].to_owned())
            }
            attempt => attempt,
        };
        match attempt {
            Attempt::Smaller(minified) => Minified::smaller(format!("{kept_mark}{minified}")),
            Attempt::Untouched(reason) => Minified::untouched(text, reason),
            Attempt::Invalid(error) => {
                let diagnostic = invalid(name, dialect, &error, &text, mark.len());
                Minified::untouched(text, UntouchedReason::DoesNotParse).with(vec![diagnostic])
            }
            Attempt::Failed(message) => {
                let diagnostic = failed(name, dialect, &message);
                Minified::untouched(text, UntouchedReason::MinifierFailed).with(vec![diagnostic])
            }
            Attempt::LostDeclaration(property) => {
                let diagnostic = lost_declaration(name, &property);
                Minified::untouched(text, UntouchedReason::MinifierFailed).with(vec![diagnostic])
            }
        }
    }

    /// Minifies a page and its inline code. Code that cannot be minified stays untouched, and the
    /// rest of the page is minified all the same.
    pub(super) fn page(
        &self,
        name: &str,
        page: &Page<'_>,
        context: TransformContext<'_>,
    ) -> Minified {
        let TransformContext { preserve, minify, .. } = context;
        let text = page.source;
        let untouched = |reason| Minified::untouched(text.to_owned(), reason);
        if !minify.has(MinifiedLanguage::Html) {
            return untouched(context.excluded());
        }
        let mut diagnostics = Vec::new();
        // Even without its code, a page has comments and white space to remove.
        let minified = page.minify(&self.kept_comments, |source, inline, offset| {
            if preserve == Preserve::InlineCode || !minify.has(inline.into()) {
                return None;
            }
            match self.inline_attempt(inline, source) {
                Attempt::Smaller(code) => Some(code),
                Attempt::Untouched(_) => None,
                Attempt::Invalid(error) => {
                    diagnostics.push(invalid(name, inline.into(), &error, text, offset));
                    None
                }
                Attempt::Failed(message) => {
                    diagnostics.push(failed(name, inline.into(), &message));
                    None
                }
                Attempt::LostDeclaration(property) => {
                    diagnostics.push(lost_declaration(name, &property));
                    None
                }
            }
        });
        match minified {
            Ok(minified) if minified.len() < text.len() => {
                Minified::smaller(minified).with(diagnostics)
            }
            Ok(_) => untouched(UntouchedReason::NotSmaller).with(diagnostics),
            Err(Unfaithful) => {
                diagnostics.push(corrected(name));
                untouched(UntouchedReason::DoesNotParse).with(diagnostics)
            }
        }
    }

    /// Like [`Self::attempt`], but minifies equal texts only once in a site.
    fn inline_attempt(&self, inline: InlineCode, source: &str) -> Attempt {
        let key = (inline, source.to_owned());
        let attempts = || self.inline.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = attempts().attempts.get(&key).cloned();
        // The lock is not held while minifying. Two threads may do the same work, which is harmless.
        attempt.unwrap_or_else(|| {
            let attempt = match self.attempt(inline.into(), source) {
                Attempt::Smaller(code) if !html::fits_inline(&code) => {
                    Attempt::Failed("its output would not fit into the element".to_owned())
                }
                attempt => attempt,
            };
            attempts().add(key, attempt.clone());
            attempt
        })
    }

    fn attempt(&self, dialect: Dialect, source: &str) -> Attempt {
        // A minifier that panics on one file must not end the whole pack.
        match catch_unwind(AssertUnwindSafe(|| dialect.minify(source, self))) {
            Ok(Ok(minified)) if minified.len() < source.len() => Attempt::Smaller(minified),
            Ok(Ok(_)) => Attempt::Untouched(UntouchedReason::NotSmaller),
            Ok(Err(MinifyError::Invalid(error))) => Attempt::Invalid(error),
            Ok(Err(MinifyError::Unfaithful(message))) => Attempt::Failed(message),
            Ok(Err(MinifyError::Untouched(reason))) => Attempt::Untouched(reason),
            Ok(Err(MinifyError::LostDeclaration(property))) => Attempt::LostDeclaration(property),
            Err(_) => Attempt::Failed("it panicked".to_owned()),
        }
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

/// Reports code that does not parse. `offset` is the start of the code in `text`, in bytes.
fn invalid(
    name: &str,
    dialect: Dialect,
    error: &SyntaxError,
    text: &str,
    offset: usize,
) -> Diagnostic {
    let message = format!("not valid {}: {}", dialect.name(), error.message);
    Diagnostic::warning(dialect.syntax_error(), name, message)
        .with_excerpt(Excerpt::at(text, offset + error.offset))
}

/// Reports a page that would become another one, because browsers correct its markup.
fn corrected(name: &str) -> Diagnostic {
    let message = "not minified: browsers correct its markup, and the minified page in another way";
    // A note and not a warning, because the page works as before.
    Diagnostic::note(Code::HtmlCorrectedMarkup, name, message)
        .with_help("correct the markup; until then the page is served unchanged")
}

/// Reports a bug in a minifier.
fn failed(name: &str, dialect: Dialect, message: &str) -> Diagnostic {
    let message = format!("not minified: the {} minifier failed: {message}", dialect.name());
    // A note and not a warning, because the author of the file did nothing wrong.
    Diagnostic::note(Code::TransformMinifierFailed, name, message)
        .with_help("it is served unchanged; this is a bug in worker-pack, please report it")
}

fn lost_declaration(name: &str, property: &str) -> Diagnostic {
    let message =
        format!("not compiled for `css-targets`: a declaration of `{property}` would be lost");
    Diagnostic::note(Code::CssLostDeclaration, name, message).with_help(
        "the style sheet is served unchanged; write the declaration in another way, or name newer \
         browsers",
    )
}

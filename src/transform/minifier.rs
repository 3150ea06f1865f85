//! Runs the minifiers on files and on the inline code of pages. Each minifier checks its own output.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::comments::KeptComments;
use super::css::CssTargets;
use super::dialect::{Dialect, Output};
use super::html::{self, InlineCode, Page, Unfaithful};
use super::javascript::Place;
use super::problems::{corrected, failed, invalid, lost};
use super::{
    ByteOrderMark, MinifyError, Outcome, Preserve, SyntaxError, TransformContext, UntouchedReason,
};
use crate::asset::debug_id::{DebugId, DebugIds};
use crate::asset::media_type::CodeLanguage;
use crate::feedback::diagnostic::Diagnostic;
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
struct Attempt {
    result: AttemptResult,
    /// The errors of parts that stay as they are, in a text of which the rest is minified.
    errors: Vec<SyntaxError>,
    /// The losses because of which rules of a style sheet are not compiled.
    losses: Vec<String>,
}

#[derive(Clone)]
enum AttemptResult {
    /// The minified text, which is smaller.
    Smaller(String),
    /// The text is to be served as it is.
    Untouched(UntouchedReason),
    /// The text does not parse.
    Invalid(SyntaxError),
    /// The minifier panicked, or its output does not mean the same.
    Failed(String),
}

impl From<AttemptResult> for Attempt {
    fn from(result: AttemptResult) -> Self {
        Self { result, errors: Vec::new(), losses: Vec::new() }
    }
}

impl Attempt {
    /// Reports the parts that stay as they are. `offset` is the start of the code in `text`.
    fn diagnostics(
        &self,
        name: &str,
        dialect: Dialect,
        text: &str,
        offset: usize,
    ) -> Vec<Diagnostic> {
        let errors = self.errors.iter().map(|error| {
            invalid(name, dialect, error, text, offset)
                .with_help("this declaration stays as it is, and the rest is minified")
        });
        errors.chain(lost(name, &self.losses)).collect()
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
        let rest = &text[mark.len()..];
        let attempt = self.attempt(dialect, rest);
        let mut diagnostics = attempt.diagnostics(name, dialect, &text, mark.len());
        match attempt.result {
            AttemptResult::Smaller(minified) => {
                let is_script = matches!(language, CodeLanguage::JavaScript);
                // The id stays even if it is longer than what is saved: the original may name a map that
                // is not served.
                let code = match context.debug_ids {
                    DebugIds::Added if is_script => DebugId::added_to(&minified),
                    DebugIds::Added | DebugIds::None => minified,
                };
                Minified::smaller(format!("{kept_mark}{code}")).with(diagnostics)
            }
            // Without the mark, the text itself is smaller.
            AttemptResult::Untouched(UntouchedReason::NotSmaller) if kept_mark != mark => {
                Minified::smaller(rest.to_owned()).with(diagnostics)
            }
            AttemptResult::Untouched(reason) => Minified::untouched(text, reason).with(diagnostics),
            AttemptResult::Invalid(error) => {
                diagnostics.push(invalid(name, dialect, &error, &text, mark.len()));
                Minified::untouched(text, UntouchedReason::DoesNotParse).with(diagnostics)
            }
            AttemptResult::Failed(message) => {
                diagnostics.push(failed(name, dialect, &message));
                Minified::untouched(text, UntouchedReason::MinifierFailed).with(diagnostics)
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
            let attempt = self.inline_attempt(inline, source);
            diagnostics.extend(attempt.diagnostics(name, inline.into(), text, offset));
            match attempt.result {
                AttemptResult::Smaller(code) => return Some(code),
                AttemptResult::Untouched(_) => {}
                AttemptResult::Invalid(error) => {
                    diagnostics.push(invalid(name, inline.into(), &error, text, offset));
                }
                AttemptResult::Failed(message) => {
                    diagnostics.push(failed(name, inline.into(), &message));
                }
            }
            None
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
            let mut attempt = self.attempt(inline.into(), source);
            if let AttemptResult::Smaller(code) = &attempt.result
                && let Some(found) = html::unfit(source, code, inline)
            {
                let message =
                    format!("its output would contain `{found}`, which would end the element");
                attempt.result = AttemptResult::Failed(message);
            }
            attempts().add(key, attempt.clone());
            attempt
        })
    }

    fn attempt(&self, dialect: Dialect, source: &str) -> Attempt {
        // A minifier that panics on one file must not end the whole pack.
        let result = match catch_unwind(AssertUnwindSafe(|| {
            dialect.minify(source, &self.css_targets, &self.kept_comments)
        })) {
            Ok(Ok(Output { text, errors, losses })) => {
                // What is compiled may be longer than what is written.
                let is_compiled = matches!(dialect, Dialect::Style)
                    && matches!(self.css_targets, CssTargets::Browsers(_));
                let result = if text.len() < source.len() || is_compiled && text != source {
                    AttemptResult::Smaller(text)
                } else {
                    AttemptResult::Untouched(UntouchedReason::NotSmaller)
                };
                return Attempt { result, errors, losses };
            }
            Ok(Err(MinifyError::Invalid(error))) => AttemptResult::Invalid(error),
            Ok(Err(MinifyError::Untouched(reason))) => AttemptResult::Untouched(reason),
            Ok(Err(MinifyError::Unfaithful(message))) => AttemptResult::Failed(message),
            Err(_) => AttemptResult::Failed("it panicked".to_owned()),
        };
        result.into()
    }
}

//! Runs the minifiers on files and on the code in pages. Each checks by itself what it makes.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::css::{self, CssTargets};
use super::html::{self, InlineCode, Page};
use super::javascript::{self, ScriptKind};
use super::{KeptReason, Outcome, Refusal, Restraint, SyntaxError, json, xml};
use crate::asset::media_type::CodeLanguage;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::options::{MinifiedLanguage, Options};

/// The minifiers, as the options want them.
pub(crate) struct Minifier {
    languages: BTreeSet<MinifiedLanguage>,
    css_targets: CssTargets,
    /// What has been made of inline code: most of it is the same on every page.
    inline: Mutex<InlineAttempts>,
}

/// What has been made of inline code.
#[derive(Default)]
struct InlineAttempts {
    attempts: HashMap<(InlineCode, String), Attempt>,
    /// How many bytes of code they are for.
    len: usize,
}

impl InlineAttempts {
    /// How many bytes of code are remembered. Data that differs from page to page must not pile up.
    const MOST: usize = 4 * 1024 * 1024;

    fn add(&mut self, key: (InlineCode, String), attempt: Attempt) {
        if self.len > Self::MOST {
            *self = Self::default();
        }
        self.len += key.1.len();
        self.attempts.insert(key, attempt);
    }
}

/// A file after the minifier.
pub(super) struct Minified {
    pub(super) text: String,
    pub(super) outcome: Outcome,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Minified {
    fn smaller(text: String) -> Self {
        Self { text, outcome: Outcome::Minified, diagnostics: Vec::new() }
    }

    fn kept(text: String, reason: KeptReason) -> Self {
        Self { text, outcome: Outcome::Kept(reason), diagnostics: Vec::new() }
    }

    fn with(self, diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, ..self }
    }
}

/// What a minifier made of a text.
#[derive(Clone)]
enum Attempt {
    Smaller(String),
    Kept(KeptReason),
    /// The text does not parse.
    Invalid(SyntaxError),
    /// The minifier made something else of it, or panicked.
    Failed(String),
}

/// What is minified, and how.
#[derive(Clone, Copy)]
enum Code {
    Script(ScriptKind),
    Style,
    Json,
    Xml,
}

impl Code {
    fn minify(self, source: &str, css: &CssTargets) -> Result<String, Refusal> {
        match self {
            Self::Script(kind) => javascript::minify(source, kind),
            Self::Style => css::minify(source, css),
            Self::Json => json::minify(source),
            Self::Xml => xml::minify(source),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Script(_) => "JavaScript",
            Self::Style => "CSS",
            Self::Json => "JSON",
            Self::Xml => "XML",
        }
    }
}

impl Minifier {
    pub(crate) fn new(options: &Options) -> Result<Self, PackError> {
        Ok(Self {
            languages: options.minify.clone(),
            css_targets: CssTargets::resolve(&options.css_targets)?,
            inline: Mutex::default(),
        })
    }

    /// Minifies a file of code or data.
    pub(super) fn file(
        &self,
        name: &str,
        text: String,
        language: CodeLanguage,
        kind: ScriptKind,
    ) -> Minified {
        let code = match language {
            CodeLanguage::JavaScript => Code::Script(kind),
            CodeLanguage::Css => Code::Style,
            CodeLanguage::Json => Code::Json,
            CodeLanguage::Svg | CodeLanguage::Xml => Code::Xml,
        };
        if !self.languages.contains(&language.into()) {
            return Minified::kept(text, KeptReason::ByOption);
        }
        match self.attempt(code, &text) {
            Attempt::Smaller(minified) => Minified::smaller(minified),
            Attempt::Kept(reason) => Minified::kept(text, reason),
            Attempt::Invalid(error) => {
                let diagnostic = invalid(name, code, &error, &text, 0);
                Minified::kept(text, KeptReason::DoesNotParse).with(vec![diagnostic])
            }
            Attempt::Failed(message) => {
                let diagnostic = failed(name, code, &message);
                Minified::kept(text, KeptReason::MinifierFailed).with(vec![diagnostic])
            }
        }
    }

    /// Minifies a page and the code in it. Code that cannot be minified stays, the rest of the
    /// page does not suffer.
    pub(super) fn page(
        &self,
        name: &str,
        text: String,
        page: &Page,
        restraint: Restraint,
    ) -> Minified {
        if !self.languages.contains(&MinifiedLanguage::Html) {
            return Minified::kept(text, KeptReason::ByOption);
        }
        let mut diagnostics = Vec::new();
        if restraint == Restraint::KeepInlineCode {
            let message = "the code in the page is kept: its policy names it by hash";
            diagnostics.push(Diagnostic::note(Stage::Represent, name, message));
        }
        let minified = html::minify(&text, page, |source, inline, offset| {
            if restraint == Restraint::KeepInlineCode || !self.languages.contains(&inline.into()) {
                return None;
            }
            match self.inline_attempt(inline, source) {
                Attempt::Smaller(code) => Some(code),
                Attempt::Kept(_) => None,
                Attempt::Invalid(error) => {
                    diagnostics.push(invalid(name, inline.into(), &error, &text, offset));
                    None
                }
                Attempt::Failed(message) => {
                    diagnostics.push(failed(name, inline.into(), &message));
                    None
                }
            }
        });
        if minified.len() < text.len() {
            Minified::smaller(minified).with(diagnostics)
        } else {
            Minified::kept(text, KeptReason::NotSmaller).with(diagnostics)
        }
    }

    /// Like [`Self::attempt`], once for each different text of a site.
    fn inline_attempt(&self, inline: InlineCode, source: &str) -> Attempt {
        let key = (inline, source.to_owned());
        let known = || self.inline.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = known().attempts.get(&key).cloned();
        attempt.unwrap_or_else(|| {
            let attempt = match self.attempt(inline.into(), source) {
                Attempt::Smaller(code) if !html::fits_inline(&code) => {
                    Attempt::Failed("its output would end the element".to_owned())
                }
                attempt => attempt,
            };
            known().add(key, attempt.clone());
            attempt
        })
    }

    fn attempt(&self, code: Code, source: &str) -> Attempt {
        // A byte order mark says nothing that the response does not.
        let text = source.strip_prefix('\u{feff}').unwrap_or(source);
        match catch_unwind(AssertUnwindSafe(|| code.minify(text, &self.css_targets))) {
            Ok(Ok(minified)) if minified.len() < source.len() => Attempt::Smaller(minified),
            Ok(Ok(_)) => Attempt::Kept(KeptReason::NotSmaller),
            Ok(Err(Refusal::Invalid(SyntaxError { message, offset }))) => {
                let offset = offset + (source.len() - text.len());
                Attempt::Invalid(SyntaxError { message, offset })
            }
            Ok(Err(Refusal::Unfaithful(message))) => Attempt::Failed(message),
            Err(_) => Attempt::Failed("it panicked".to_owned()),
        }
    }
}

impl From<InlineCode> for Code {
    fn from(inline: InlineCode) -> Self {
        match inline {
            InlineCode::Script(kind) => Self::Script(kind),
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

/// `offset` is where the code begins in `text`.
fn invalid(name: &str, code: Code, error: &SyntaxError, text: &str, offset: usize) -> Diagnostic {
    let message = format!("not valid {}: {}", code.name(), error.message);
    Diagnostic::warning(Stage::Represent, name, message)
        .with_excerpt(Excerpt::at(text, offset + error.offset))
}

fn failed(name: &str, code: Code, message: &str) -> Diagnostic {
    let message = format!("not minified: the {} minifier failed: {message}", code.name());
    // No warning: there is nothing that the author of the file did wrong.
    Diagnostic::note(Stage::Represent, name, message).with_help(
        "the file is served as it is; this is a mistake of worker-pack, please report it",
    )
}

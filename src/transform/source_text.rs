//! Files as they are read: what each can be minified as, and what becomes of it.

use rayon::prelude::*;
use worker_pack_runtime::Behaviour;

use super::html::{self, EarlyLinks, Page, early_links};
use super::minifier::Minifier;
use super::usage::Usage;
use super::{KeptReason, Outcome, Restraint, TransformedFile};
use crate::diagnostic::{Diagnostic, Stage};
use crate::ingest::SourceFile;
use crate::media_type::{CodeLanguage, Language, MediaType};
use crate::options::EarlyHints;
use crate::path::RoutePath;

/// A file that has been read.
pub(super) struct SourceText {
    pub(super) route: RoutePath,
    name: String,
    media_type: MediaType,
    pub(super) content: Content,
}

pub(super) enum Content {
    /// A page with what a scan found in it.
    Page(String, Page),
    /// Text in a language that has a minifier.
    Code(String, CodeLanguage),
    /// What stays as it is, with the reason if it is of a type that could be minified.
    Opaque(Vec<u8>, Outcome),
}

/// Reads files, those that can be read.
pub(super) fn read(files: &[SourceFile]) -> (Vec<SourceText>, Vec<Diagnostic>) {
    let read: Vec<_> = files.par_iter().map(SourceText::read).collect();
    let mut texts = Vec::with_capacity(files.len());
    let mut diagnostics = Vec::new();
    for (text, diagnostic) in read {
        texts.extend(text);
        diagnostics.extend(diagnostic);
    }
    (texts, diagnostics)
}

impl SourceText {
    fn read(file: &SourceFile) -> (Option<Self>, Option<Diagnostic>) {
        let bytes = match std::fs::read(&file.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("cannot be read: {error}");
                let error = Diagnostic::error(Stage::Transform, &file.name, message);
                return (None, Some(error));
            }
        };
        let media_type = MediaType::of(&file.route, &bytes);
        let (content, diagnostic) = Content::read(bytes, &media_type, &file.name);
        let (route, name) = (file.route.clone(), file.name.clone());
        (Some(Self { route, name, media_type, content }), diagnostic)
    }

    pub(super) fn len(&self) -> usize {
        match &self.content {
            Content::Page(text, _) | Content::Code(text, _) => text.len(),
            Content::Opaque(bytes, _) => bytes.len(),
        }
    }

    /// Returns what a page sends ahead.
    pub(super) fn early_links(&self, wanted: EarlyHints, behaviour: Behaviour) -> EarlyLinks {
        match (&self.content, wanted) {
            (Content::Page(_, page), EarlyHints::On) => {
                early_links(&page.hints, page.base.as_deref(), &self.route.url_path_in(behaviour))
            }
            _ => EarlyLinks::default(),
        }
    }

    /// Minifies the file as far as the restraint lets it be.
    pub(super) fn transform(
        self,
        minifier: &Minifier,
        usage: &Usage,
        restraint: Restraint,
    ) -> (TransformedFile, Vec<Diagnostic>) {
        let source_len = self.len();
        let Self { route, name, media_type, content } = self;
        let (bytes, outcome, diagnostics) = match (content, restraint) {
            (Content::Opaque(bytes, outcome), _) => (bytes, outcome, Vec::new()),
            (Content::Page(text, _) | Content::Code(text, _), Restraint::Keep(reason)) => {
                (text.into_bytes(), Outcome::Kept(reason), Vec::new())
            }
            (Content::Page(text, page), restraint) => {
                let result = minifier.page(&name, text, &page, restraint);
                (result.text.into_bytes(), result.outcome, result.diagnostics)
            }
            (Content::Code(text, language), _) => {
                let kind = usage.script_kind(&route);
                let result = minifier.file(&name, text, language, kind);
                (result.text.into_bytes(), result.outcome, result.diagnostics)
            }
        };
        let file =
            TransformedFile { route, name, media_type, source_len, bytes, outcome, link: None };
        (file, diagnostics)
    }
}

impl Content {
    fn read(bytes: Vec<u8>, media_type: &MediaType, name: &str) -> (Self, Option<Diagnostic>) {
        let Some(language) = media_type.language() else {
            return (Self::Opaque(bytes, Outcome::NotMinifiable), None);
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let warning = Diagnostic::warning(Stage::Transform, name, "not UTF-8")
                    .with_help("save it as UTF-8; as it is, it is served without a charset");
                let outcome = Outcome::Kept(KeptReason::NotUtf8);
                return (Self::Opaque(error.into_bytes(), outcome), Some(warning));
            }
        };
        if let Language::Code(language) = language {
            return (Self::Code(text, language), None);
        }
        match html::scan(&text) {
            Ok(page) => (Self::Page(text, page), None),
            Err(error) => {
                let message = format!("not to be read as browsers do: {error}");
                let warning = Diagnostic::warning(Stage::Transform, name, message);
                let outcome = Outcome::Kept(KeptReason::DoesNotParse);
                (Self::Opaque(text.into_bytes(), outcome), Some(warning))
            }
        }
    }
}

//! Stage 2: reads every file and minifies what it can without changing what it means.
//!
//! What cannot be minified safely is kept as it is, and the [`Outcome`] says why.

mod css;
mod html;
mod javascript;
mod json;
mod legal_comments;
mod minifier;
mod usage;
mod xml;

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Stage};
use crate::error::PackError;
use crate::ingest::{InlineHashes, Site, SourceFile};
use crate::media_type::{Language, MediaType};
use crate::options::{Options, SourceMaps};
use crate::parallel;
use crate::path::RoutePath;
use crate::progress::Progress;
use html::Page;
use minifier::Minifier;
use usage::Usage;

/// A public file in the bytes that are going to be served.
#[derive(Debug)]
pub(crate) struct TransformedFile {
    /// Where the table has it.
    pub route: RoutePath,
    /// How it is called in messages.
    pub name: String,
    /// Its media type.
    pub media_type: MediaType,
    /// The size of the file in bytes, before the transform.
    pub source_len: usize,
    /// The bytes to serve.
    pub bytes: Vec<u8>,
    /// What the transform came to.
    pub outcome: Outcome,
}

/// What the transform of a file came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

/// The files of a site after the transform.
#[derive(Debug)]
pub(crate) struct Transformed {
    /// The files, in the order of their routes.
    pub files: Vec<TransformedFile>,
    /// What there is to say about them.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why and where a text is not what it should be.
#[derive(Clone, Debug)]
struct SyntaxError {
    /// What the parser says.
    message: String,
    /// Where, in bytes.
    offset: usize,
}

/// Reads and minifies the files of a site.
pub(crate) fn transform(
    site: &Site,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Transformed, PackError> {
    let minifier = Minifier::new(options)?;
    let bytes = site.files.iter().map(|file| file.len).sum();
    progress.started(Stage::Transform, bytes);
    let (files, mut diagnostics) = read(&site.files);
    let routes: BTreeSet<RoutePath> = files.iter().map(|file| file.route.clone()).collect();
    let mut usage = Usage::default();
    for file in &files {
        if let Content::Page(_, page) = &file.content {
            usage.add(&file.route, page, &routes);
        }
    }

    let transformed = parallel::map_largest_first(files, SourceText::len, |file| {
        let len = file.len();
        let restraint = Restraint::of(&file, site, &usage, &routes, options);
        let result = file.transform(&minifier, &usage, restraint);
        progress.advanced(len as u64);
        result
    });
    let (files, found): (Vec<_>, Vec<_>) = transformed.into_iter().unzip();
    diagnostics.extend(found.into_iter().flatten());
    Ok(Transformed { files, diagnostics })
}

/// What must stay as it is in a file, by what is around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Restraint {
    None,
    Keep(KeptReason),
    /// The inline code of a page is known by its hashes; the rest of it is not.
    KeepInlineCode,
}

impl Restraint {
    fn of(
        file: &SourceText,
        site: &Site,
        usage: &Usage,
        routes: &BTreeSet<RoutePath>,
        options: &Options,
    ) -> Self {
        let has_public_map = || {
            let map = format!("{}.map", &file.route.as_str()[1..]);
            RoutePath::from_relative(map.as_ref()).is_some_and(|map| routes.contains(&map))
        };
        if usage.is_checked(&file.route) {
            return Self::Keep(KeptReason::IntegrityChecked);
        }
        if options.source_maps == SourceMaps::Publish && has_public_map() {
            return Self::Keep(KeptReason::SourceMapPublished);
        }
        match &file.content {
            Content::Page(_, page)
                if page.has_code_hashes || site.inline_hashes == InlineHashes::InHeaders =>
            {
                Self::KeepInlineCode
            }
            _ => Self::None,
        }
    }
}

/// A file that has been read.
struct SourceText {
    route: RoutePath,
    name: String,
    media_type: MediaType,
    content: Content,
}

enum Content {
    /// A page with what a scan found in it.
    Page(String, Page),
    /// Text in a language that has a minifier.
    Code(String, Language),
    /// What stays as it is, with the reason if it is of a type that could be minified.
    Opaque(Vec<u8>, Outcome),
}

fn read(files: &[SourceFile]) -> (Vec<SourceText>, Vec<Diagnostic>) {
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

    fn len(&self) -> usize {
        match &self.content {
            Content::Page(text, _) | Content::Code(text, _) => text.len(),
            Content::Opaque(bytes, _) => bytes.len(),
        }
    }

    fn transform(
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
                let keep_code = restraint == Restraint::KeepInlineCode;
                let result = minifier.page(&name, text, &page, keep_code.into());
                (result.text.into_bytes(), result.outcome, result.diagnostics)
            }
            (Content::Code(text, language), _) => {
                let kind = usage.script_kind(&route);
                let result = minifier.file(&name, text, language, kind);
                (result.text.into_bytes(), result.outcome, result.diagnostics)
            }
        };
        (TransformedFile { route, name, media_type, source_len, bytes, outcome }, diagnostics)
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
        if language != Language::Html {
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

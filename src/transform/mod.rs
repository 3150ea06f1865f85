//! Stage 2: reads every file and minifies what it can without changing what it means.
//!
//! What cannot be minified safely is kept as it is, and the [`Outcome`] says why.

mod css;
mod html;
pub(crate) mod javascript;
mod json;
mod legal_comments;
mod minifier;
mod source_text;
mod usage;
mod xml;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Stage};
use crate::error::PackError;
use crate::ingest::{InlineHashes, Site};
use crate::media_type::MediaType;
use crate::options::{Options, SourceMaps};
use crate::parallel;
use crate::path::RoutePath;
use crate::progress::Progress;
use html::EarlyLinks;
use minifier::Minifier;
use source_text::{Content, SourceText};
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
    /// What a page sends ahead: the value of its `Link` field.
    pub link: Option<String>,
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

/// Reads and minifies the files of a site.
pub(crate) fn transform(
    site: &Site,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Transformed, PackError> {
    let minifier = Minifier::new(options)?;
    let bytes = site.files.iter().map(|file| file.len).sum();
    progress.started(Stage::Transform, bytes);
    let (files, mut diagnostics) = source_text::read(&site.files);
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
        let EarlyLinks { field, left_out } =
            file.early_links(options.early_hints, site.rules.behaviour);
        let (mut file, mut found) = file.transform(&minifier, &usage, restraint);
        file.link = field;
        if left_out > 0 {
            let message = format!("{left_out} of its links are not sent ahead: they are too many");
            found.push(Diagnostic::note(Stage::Transform, &file.name, message));
        }
        progress.advanced(len as u64);
        (file, found)
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

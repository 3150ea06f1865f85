//! The texts of a site, with the references in them.

use super::parsers::Parsers;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{CodeLanguage, Language, MediaType};
use crate::ingest::{FileType, Site, TypeSource};
use crate::survey::Survey;
use crate::transform::Preserve;
use crate::transform::reference::{Reference, References, Role};

/// What is known of a text.
#[derive(Clone, Debug)]
pub(super) enum Contents {
    /// No program compares what is in it with a URL: data, or words.
    Inert,
    /// Its references, of which those are rewritten that may be.
    Read { references: References, allowance: Allowance },
    /// It is not understood, so that each name in it may mean anything.
    Opaque,
}

/// The references of a text that may be rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowance {
    All,
    /// All but those in styles and modules within a page, whose hashes a policy lists.
    AllButInlineCode,
    /// None: every byte stays.
    None,
}

impl Allowance {
    fn of(preserve: Preserve) -> Self {
        match preserve {
            Preserve::Nothing => Self::All,
            Preserve::InlineCode => Self::AllButInlineCode,
            Preserve::All(_) => Self::None,
        }
    }

    /// Returns whether a reference may be rewritten.
    pub(super) fn permits(self, reference: &Reference) -> bool {
        match (self, reference.role) {
            (Self::None, _)
            | (_, Role::Stays | Role::Manifest)
            | (Self::AllButInlineCode, Role::LoadedByCode) => false,
            (
                Self::All | Self::AllButInlineCode,
                Role::Loaded | Role::Preloaded | Role::Used | Role::Resolved,
            )
            | (Self::All, Role::LoadedByCode) => true,
        }
    }
}

/// The way to read a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As its media type says.
    ByType,
    /// As the manifest of a web app, which a page has named.
    AppManifest,
}

/// A text of the site.
pub(super) struct Text {
    pub(super) hash: ContentHash,
    pub(super) source: String,
    pub(super) contents: Contents,
}

impl Text {
    /// Reads a file of the site. Returns `None` if it is not a text in UTF-8.
    pub(super) fn of_file(
        site: &Site,
        survey: &Survey,
        index: usize,
        bytes: Vec<u8>,
        reading: Reading,
        parsers: Parsers<'_>,
    ) -> Option<Self> {
        let file = &site.files[index];
        let hash = ContentHash::of(&bytes);
        let FileType { media_type, source: type_source } =
            file.media_type(|| Ok(&bytes)).unwrap_or_else(|_| FileType {
                media_type: MediaType::essence("application/octet-stream"),
                source: TypeSource::Bytes,
            });
        let source = String::from_utf8(bytes).ok()?;
        let preserve = survey.preserve(site, index, type_source);
        let contents =
            Contents::of(&source, &media_type, reading, Allowance::of(preserve), parsers);
        Some(Self { hash, source, contents })
    }
}

impl Contents {
    /// Returns the references, if they were read.
    pub(super) fn references(&self) -> Option<&References> {
        match self {
            Self::Read { references, .. } => Some(references),
            Self::Inert | Self::Opaque => None,
        }
    }

    fn of(
        source: &str,
        media_type: &MediaType,
        reading: Reading,
        allowance: Allowance,
        parsers: Parsers<'_>,
    ) -> Self {
        let read = |references| Self::Read { references, allowance };
        let parsed = |language| parsers.references(source, language).map(read);
        match media_type.language() {
            Some(language @ Language::Code(CodeLanguage::Json))
                if reading == Reading::AppManifest || is_app_manifest(media_type) =>
            {
                parsed(language).unwrap_or(Self::Inert)
            }
            Some(Language::Code(CodeLanguage::Json | CodeLanguage::Xml)) => Self::Inert,
            None if is_words(media_type) => Self::Inert,
            Some(language) => parsed(language).unwrap_or(Self::Opaque),
            None => Self::Opaque,
        }
    }
}

/// Returns whether files of a type are manifests of web apps.
pub(super) fn is_app_manifest(media_type: &MediaType) -> bool {
    media_type.as_str() == "application/manifest+json"
}

/// Returns whether files of a type are words or rows, which no browser runs.
pub(super) fn is_words(media_type: &MediaType) -> bool {
    let words = ["text/plain", "text/markdown", "text/csv", "text/vtt", "text/calendar"];
    words.contains(&media_type.as_str())
}

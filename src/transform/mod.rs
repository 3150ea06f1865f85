//! Minifies files without changing what they mean.
//!
//! A file that cannot be minified safely stays untouched, and its [`Outcome`] gives the reason.

pub(crate) mod app_manifest;
pub(crate) mod astro_manifest;
pub(crate) mod comments;
pub(crate) mod css;
mod dialect;
pub(crate) mod html;
mod import_map;
pub(crate) mod javascript;
pub(crate) mod json;
mod minifier;
mod problems;
pub(crate) mod reference;
pub(crate) mod rewrite;
pub(crate) mod svg;
mod xml;

use serde::{Deserialize, Serialize};

use crate::asset::debug_id::DebugIds;
use crate::asset::media_type::{CodeLanguage, Language, MediaType};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::options::{CspAttributes, Minify};
use html::shipped::{ShippedCode, ShippedKind};
pub(crate) use javascript::ScriptKind;
use minifier::Minified;
pub(crate) use minifier::Minifier;

/// The result of transforming a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "reason")]
pub enum Outcome {
    /// The file is smaller than the build wrote it, or compiled for browsers, or a page with a completed policy. A picture
    /// has the same pixels, unless [`Pictures::Lossy`](crate::options::Pictures::Lossy) allows others.
    Minified,
    /// The file is of a type that can be minified, but is served as the build wrote it.
    Untouched(UntouchedReason),
    /// Files of this type are never minified.
    NotMinifiable,
}

/// The reason why a file was not minified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UntouchedReason {
    /// Minifying does not make it smaller.
    NotSmaller,
    /// [`Options::minify`](crate::Options::minify) leaves its language out.
    ByOption,
    /// [`PathRule::minify`](crate::options::PathRule::minify) leaves its language out.
    ByRule,
    /// Its type is known by its first bytes only, so that it may be something else.
    Sniffed,
    /// It does not parse.
    DoesNotParse,
    /// The minifier panicked, or its output does not mean the same: a bug in the minifier.
    MinifierFailed,
    /// It is a script that only gives a value, which other code may read as text.
    IsValue,
    /// It has a regular expression that browsers may not compile.
    UnknownPattern,
    /// It is not UTF-8.
    NotUtf8,
    /// A page loads it with an `integrity` hash of its bytes.
    IntegrityChecked,
    /// Its name stands for the bytes that the build wrote, and pages load it by their hash
    /// ([`Options::integrity`](crate::Options::integrity)).
    IntegrityAdded,
    /// A text of the build contains a hash of its bytes, or a file beside it a signature.
    NamedByHash,
    /// A page loads it whose encoding is unknown or whose markup is ambiguous.
    LoadedInDoubt,
    /// It is code that a page links to or a script fetches, so that people may read it.
    ReadAsText,
    /// Its source map is published, and describes the bytes as they are.
    SourceMapPublished,
    /// It contains comments that a program reads, which cannot stay without the code around them.
    CommentsMatter,
    /// It is a file of an earlier build, and keeps the bytes that it was served with
    /// ([`Options::keep`](crate::Options::keep)).
    EarlierBuild,
    /// It is not a picture in the format that its name or its type says.
    OtherFormat,
    /// It is an animation.
    Animated,
    /// It is a picture with parts that depend on its bytes, such as a signature.
    DependentParts,
    /// It is a picture with data after its end.
    DataAfterEnd,
    /// It is a picture with more pixels than are worked on.
    TooLarge,
    /// It is a JPEG file that is encoded in a way that few programs know: 12 bits, arithmetic or lossless coding.
    RareCoding,
    /// It is a JPEG file whose colours are neither those of YCbCr nor grey, such as CMYK.
    OtherColours,
    /// It is a JPEG file that a page offers to save, so that people get the pixels of the original.
    Saved,
}

impl UntouchedReason {
    /// Returns the reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotSmaller => "already minimal",
            Self::ByOption => "excluded by the option `minify`",
            Self::ByRule => "kept by a rule",
            Self::Sniffed => "its name does not tell its type",
            Self::DoesNotParse => "does not parse",
            Self::MinifierFailed => "minifier failed",
            Self::IsValue => "a script that is a value",
            Self::UnknownPattern => "a regular expression that may not compile",
            Self::NotUtf8 => "not UTF-8",
            Self::IntegrityChecked => "loaded with an integrity hash",
            Self::IntegrityAdded => "pages check it by the bytes that it is named by",
            Self::NamedByHash => "named by its hash, or signed",
            Self::LoadedInDoubt => "loaded by a page that is not understood",
            Self::ReadAsText => "read as text",
            Self::SourceMapPublished => "its source map is published",
            Self::CommentsMatter => "its comments have to stay",
            Self::EarlierBuild => "kept of an earlier build",
            Self::OtherFormat => "not in the format of its name",
            Self::Animated => "an animation",
            Self::DependentParts => "has parts that depend on its bytes",
            Self::DataAfterEnd => "has data after its end",
            Self::TooLarge => "too many pixels",
            Self::RareCoding => "encoded in a rare way",
            Self::OtherColours => "colours of another kind, such as CMYK",
            Self::Saved => "offered to be saved",
        }
    }
}

impl UntouchedReason {
    /// Returns whether a text of the build is the reason, which the report names.
    pub(crate) fn is_for_a_text(self) -> bool {
        matches!(
            self,
            Self::IntegrityChecked | Self::NamedByHash | Self::LoadedInDoubt | Self::ReadAsText
        )
    }
}

/// A syntax error in a text.
#[derive(Clone, Debug)]
pub(crate) struct SyntaxError {
    /// The parser's message.
    pub(crate) message: String,
    /// The position of the error, in bytes from the start of the text.
    pub(crate) offset: usize,
}

/// An error of a minifier. The text it was given stays untouched.
#[derive(Clone, Debug)]
pub(crate) enum MinifyError {
    /// The input does not parse.
    Invalid(SyntaxError),
    /// The output does not mean the same as the input: a bug in the minifier.
    Unfaithful(String),
    /// The input has to stay as it is.
    Untouched(UntouchedReason),
}

impl From<SyntaxError> for MinifyError {
    fn from(error: SyntaxError) -> Self {
        Self::Invalid(error)
    }
}

/// Facts about a file that only other files and the options reveal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TransformContext<'s> {
    /// The part of the file that must not change.
    pub(crate) preserve: Preserve,
    /// The kind of script that the site's pages load the file as.
    pub(crate) script_kind: ScriptKind,
    /// The treatment of a byte order mark.
    pub(crate) mark: ByteOrderMark,
    /// The languages that are minified.
    pub(crate) minify: &'s Minify,
    /// Whether minified scripts get debug ids.
    pub(crate) debug_ids: DebugIds,
    /// The treatment of a page's own policies.
    pub(crate) own_policies: OwnPolicies,
}

impl TransformContext<'_> {
    /// Returns the reason why a language is not minified.
    fn excluded(&self) -> UntouchedReason {
        match self.minify {
            Minify::ByOption(_) => UntouchedReason::ByOption,
            Minify::ByRule(_) => UntouchedReason::ByRule,
        }
    }
}

/// The treatment of a page's own content security policies that list hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnPolicies {
    /// They stay as they are.
    Stay,
    /// They are completed by the hashes of what the page ships.
    Completed(CspAttributes),
}

/// The treatment of a byte order mark at the start of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrderMark {
    /// It is removed: the response names the charset.
    Removed,
    /// It stays: a reader may know the charset by nothing else.
    Stays,
}

/// The part of a file that must not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preserve {
    /// No part: the whole file may be minified.
    Nothing,
    /// Every byte.
    All(UntouchedReason),
    /// The inline code of a page, because something names it by its hash.
    InlineCode,
}

/// A file with the bytes that will be served.
#[derive(Debug)]
pub(crate) struct Transformed {
    /// The bytes, before any content coding.
    pub(crate) bytes: Vec<u8>,
    /// The result of the transform.
    pub(crate) outcome: Outcome,
    /// Problems found in the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Minifies a file as far as its context allows. `name` is the file's name in diagnostics.
pub(crate) fn transform(
    name: &str,
    bytes: Vec<u8>,
    media_type: &MediaType,
    context: TransformContext<'_>,
    minifier: &Minifier,
) -> Transformed {
    let untouched = |bytes, reason, diagnostics| Transformed {
        bytes,
        outcome: Outcome::Untouched(reason),
        diagnostics,
    };
    let Some(language) = media_type.language() else {
        return Transformed { bytes, outcome: Outcome::NotMinifiable, diagnostics: Vec::new() };
    };
    // What is in the file is the user's choice, or not known for certain. So there is nothing to report.
    if let Preserve::All(reason @ (UntouchedReason::ByRule | UntouchedReason::Sniffed)) =
        context.preserve
    {
        return untouched(bytes, reason, Vec::new());
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let warning = Diagnostic::warning(Code::TransformNotUtf8, name, "is not UTF-8")
                .with_help(
                    "save it as UTF-8; until then it is served unchanged, without a charset",
                );
            return untouched(error.into_bytes(), UntouchedReason::NotUtf8, vec![warning]);
        }
    };
    let minified = match language {
        Language::Code(language) => match context.preserve {
            Preserve::All(reason) => Minified::untouched(text, reason),
            _ if !is_utf_8(&text, language) => {
                let warning = Diagnostic::warning(
                    Code::TransformNotUtf8,
                    name,
                    "is in another encoding than UTF-8, or says that it is",
                )
                .with_help("save it as UTF-8; until then it is served unchanged");
                Minified::untouched(text, UntouchedReason::NotUtf8).with(vec![warning])
            }
            _ => minifier.file(name, text, language, context),
        },
        Language::Html => page(name, text, context, minifier),
    };
    let (bytes, outcome) = (minified.text.into_bytes(), minified.outcome);
    Transformed { bytes, outcome, diagnostics: minified.diagnostics }
}

/// Returns whether a text that could be UTF-8 is to be read as such. One in UTF-16 without a mark could
/// be, and one in ISO-2022-JP. A document in XML says so.
fn is_utf_8(text: &str, language: CodeLanguage) -> bool {
    let is_wide = |bytes: [u8; 4]| matches!(bytes, [0, one, 0, other] | [one, 0, other, 0] if one != 0 && other != 0);
    let is_other = match language {
        CodeLanguage::Svg | CodeLanguage::Xml => {
            // A mark decides, whatever the document says (XML 1.0 §F).
            !text.starts_with('\u{feff}') && xml::has_foreign_encoding(text)
        }
        CodeLanguage::Css | CodeLanguage::JavaScript | CodeLanguage::Json => false,
    };
    !is_other && !text.as_bytes().first_chunk().is_some_and(|first| is_wide(*first))
}

fn page(name: &str, text: String, context: TransformContext<'_>, minifier: &Minifier) -> Minified {
    // A broken page is reported even where it may not be changed.
    match (html::Page::read(&text, minifier.kept_comments()), context.preserve) {
        (Err(cause), _) => {
            let message = format!("cannot be parsed the way browsers do: {cause}");
            let warning = Diagnostic::warning(Code::HtmlAmbiguousMarkup, name, message)
                .with_help("correct the markup; until then the page is served unchanged");
            Minified::untouched(text, UntouchedReason::DoesNotParse).with(vec![warning])
        }
        (Ok(_), Preserve::All(reason)) => Minified::untouched(text, reason),
        (Ok(page), _) => {
            let minified = minifier.page(name, &page, context);
            match context.own_policies {
                OwnPolicies::Stay => minified,
                OwnPolicies::Completed(attributes) => {
                    with_completed_policies(name, &text, minified, attributes, minifier)
                }
            }
        }
    }
}

/// Completes the policies of a minified page. `source` is the page as the build wrote it, whose lines people know.
fn with_completed_policies(
    name: &str,
    source: &str,
    minified: Minified,
    attributes: CspAttributes,
    minifier: &Minifier,
) -> Minified {
    let Minified { text, outcome, mut diagnostics } = minified;
    match html::completed(&text, attributes, minifier.kept_comments()) {
        Ok(None) => Minified { text, outcome, diagnostics },
        Ok(Some(html::Completed { text, unhashed })) => {
            diagnostics.extend(unhashed.iter().map(|code| unhashed_code(name, source, code)));
            Minified { text, outcome: Outcome::Minified, diagnostics }
        }
        Err(html::Unfaithful) => {
            let message =
                "its own content security policy is not completed: browsers would see another page";
            diagnostics.push(Diagnostic::warning(Code::CspNoPolicy, name, message));
            Minified { text, outcome, diagnostics }
        }
    }
}

fn unhashed_code(name: &str, source: &str, code: &ShippedCode) -> Diagnostic {
    let what = match code.kind {
        ShippedKind::Style => "this inline style sheet",
        ShippedKind::ScriptData => "this import map, or these speculation rules,",
        _ => "this inline script",
    };
    let message =
        format!("{what} was missing in the page's own content security policy, and is added");
    let note = Diagnostic::note(Code::CspUnhashedCode, name, message)
        .with_help("make sure that the code is yours, and not injected");
    // Code of a page whose policy lists hashes is not minified, so that it is found.
    let line = code.text.trim_start().lines().next().unwrap_or_default();
    match source.find(line).filter(|_| !line.is_empty()) {
        Some(offset) => note.with_excerpt(Excerpt::at(source, offset)),
        None => note,
    }
}

//! The part of the summary about variants: other media types, and differences to files of earlier builds.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use worker_pack::report::{DictionaryReport, FileReport, Printable, VariantReport};

use super::Size;
use crate::cli::terminal::{DIM, HEADING};

/// The variants of files, by kind, but for those that are encoded with a dictionary for pages: these dictionaries have
/// a part of their own.
pub(super) struct Variants<'r> {
    pub(super) files: &'r [FileReport],
    pub(super) dictionaries: &'r [DictionaryReport],
}

/// The files with a kind of variant.
#[derive(Default)]
struct Files {
    count: usize,
    /// The sum of the files as all clients get them.
    usual: usize,
    /// The sum of the smallest variant of each.
    variant: usize,
}

impl Variants<'_> {
    /// Returns the files by the media type of their variant, or by none if it is a difference.
    fn by_kind(&self) -> BTreeMap<Option<&str>, Files> {
        let mut kinds = BTreeMap::<Option<&str>, Files>::new();
        let for_pages = |variant: &&VariantReport| {
            let mut dictionaries = self.dictionaries.iter().map(|one| one.sha256);
            variant.dictionary.is_some() && dictionaries.any(|sha256| sha256 == variant.dictionary)
        };
        for file in self.files {
            let mut smallest = BTreeMap::<Option<&str>, usize>::new();
            let variants = file.variants.iter().filter(|variant| !for_pages(variant));
            for VariantReport { content_type, bytes, .. } in variants {
                let known = smallest.entry(content_type.as_deref()).or_insert(*bytes);
                *known = (*known).min(*bytes);
            }
            for (kind, bytes) in smallest {
                let files = kinds.entry(kind).or_default();
                files.count += 1;
                files.usual += file.sent;
                files.variant += bytes;
            }
        }
        kinds
    }
}

impl Display for Variants<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kinds = self.by_kind();
        if kinds.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n{HEADING}variants{HEADING:#}")?;
        for (kind, Files { count, usual, variant }) in kinds {
            let (variant, usual) = (Size(variant).to_string(), Size(usual));
            let files = if count == 1 { "file" } else { "files" };
            write!(f, "{variant:>9}  ")?;
            match kind {
                Some(media_type) => write!(f, "{}", Printable(media_type))?,
                None => write!(f, "as differences to earlier builds")?,
            }
            writeln!(f, " {DIM}instead of {usual}, of {count} {files}{DIM:#}")?;
        }
        Ok(())
    }
}

//! A public page of the build.

use super::Subject;
use super::text::TextFile;
use crate::asset::media_type::Language;
use crate::ingest::SourceFile;

/// A public page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The packed file, with its route.
    pub(crate) source: SourceFile,
    /// Its text, and its name in findings.
    pub(crate) file: TextFile,
}

/// Reads the public pages of the build.
pub(super) fn pages(subject: &Subject) -> Vec<Page> {
    let files = subject.site().into_iter().flat_map(|site| &site.files);
    let is_page = |source: &&SourceFile| {
        let media_type = source.media_type(|| source.head());
        media_type.is_ok_and(|it| it.media_type.language() == Some(Language::Html))
    };
    let read = |source: &SourceFile| {
        let bytes = source.content.read().ok()?;
        let file = TextFile::of(subject.dist_name(&source.name), source.path.clone(), &bytes);
        Some(Page { source: source.clone(), file })
    };
    files.filter(is_page).filter_map(read).collect()
}

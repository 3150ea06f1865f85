//! Files with a hash in their name that no text of the build names: nothing can load them.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use worker_pack_runtime::packer::path::encode;

use crate::asset::cache_policy::CachePolicy;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::{FileType, SourceFile, is_source_map};
use crate::inspection::subject::Subject;

/// Number of files that the finding names.
const NAMED: usize = 5;

/// Finds the files. They are one finding.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let Some(site) = subject.site() else { return Vec::new() };
    let is_hashed = |file: &&SourceFile| {
        CachePolicy::of(&file.route) == CachePolicy::Immutable
            && !is_source_map(file.route.file_name())
    };
    let hashed: Vec<&SourceFile> = site.files.iter().filter(is_hashed).collect();
    // A name is written in code as it is, and in pages often percent-encoded.
    let names = hashed.iter().flat_map(|file| {
        let name = file.route.file_name();
        [name.to_owned(), encode(name)]
    });
    let Ok(names) = AhoCorasick::new(names) else { return Vec::new() };
    if hashed.is_empty() {
        return Vec::new();
    }
    let named_in = |text: &[u8], own: Option<&SourceFile>| -> BTreeSet<usize> {
        let found = names.find_overlapping_iter(text).map(|it| it.pattern().as_usize() / 2);
        found.filter(|index| own.is_none_or(|own| own.route != hashed[*index].route)).collect()
    };
    let of_site = site.files.par_iter().map(|file| {
        let is_text =
            file.media_type(|| file.head()).is_ok_and(|FileType { media_type, .. }| {
                media_type.is_text() || media_type.language().is_some()
            });
        if !is_text || is_source_map(file.route.file_name()) {
            return BTreeSet::new();
        }
        file.content.read().map_or_else(|_| BTreeSet::new(), |text| named_in(&text, Some(file)))
    });
    let mut named: BTreeSet<usize> = of_site.reduce(BTreeSet::new, |mut all, some| {
        all.extend(some);
        all
    });
    for module in subject.server() {
        named.extend(named_in(module.text.as_bytes(), None));
    }
    let unnamed: Vec<&SourceFile> = (0..hashed.len())
        .filter(|index| !named.contains(index))
        .map(|index| hashed[index])
        .collect();
    finding(subject, &unnamed).into_iter().collect()
}

fn finding(subject: &Subject, files: &[&SourceFile]) -> Option<Diagnostic> {
    let first = files.first()?;
    let bytes: u64 = files.iter().map(|file| file.state.len()).sum();
    let size = bytesize::ByteSize::b(bytes);
    let others: Vec<String> =
        files[1..].iter().take(NAMED).map(|file| format!("`{}`", file.route)).collect();
    let hidden = files.len() - 1 - others.len();
    let more = if hidden == 0 { String::new() } else { format!(" and {hidden} more") };
    let message = if others.is_empty() {
        format!("is named by no file of the build ({size})")
    } else {
        let others = others.join(", ");
        format!("is named by no file of the build, like {others}{more} ({size} in all)")
    };
    let found =
        Diagnostic::note(Code::PageUnreferencedFile, subject.dist_name(&first.name), message);
    Some(found.with_help(
        "remove the import of what it was made of, if no script makes up its name; Astro also keeps \
         the originals of pictures",
    ))
}

//! The key of a file's result in the cache.

use crate::asset::digest::ContentHash;
use crate::asset::media_type::MediaType;
use crate::cache::CacheKey;
use crate::coding::Effort;
use crate::options::{Options, Settings};
use crate::picture::{Forms, Treatment};
use crate::references::Rewriting;
use crate::transform::TransformContext;

/// Makes the key of everything that the result of a picture depends on besides its settings.
pub(super) fn picture_key(
    treatment: Treatment,
    media_type: &MediaType,
    forms: Forms,
    context: TransformContext<'_>,
    hash: ContentHash,
) -> CacheKey {
    let preserve = context.preserve;
    let parts = format!("{media_type} {treatment:?} {forms:?} {preserve:?}");
    CacheKey::new("picture", &[parts.as_bytes(), hash.as_bytes()])
}

/// Makes the key of everything that the result of a file depends on. Of the rules by path, these are
/// the settings of the file, so that a rule for other files changes nothing.
pub(super) fn cache_key(
    options: &Options,
    settings: &Settings,
    media_type: &MediaType,
    context: TransformContext<'_>,
    hash: ContentHash,
    rewriting: Option<&Rewriting>,
    effort: Effort,
) -> CacheKey {
    // There is no `..`, so that a new option does not compile until it is listed here.
    let Options {
        css_targets,
        keep_comments,
        // Their values for the file are in its settings.
        minify: _,
        encodings: _,
        rule: _,
        // Only for pictures, see `picture_key`.
        pictures: _,
        picture_quality: _,
        // Its resolved value is the argument.
        effort: _,
        // These decide which files are public, or how the table is made and used.
        identity: _,
        source_maps: _,
        dotfiles: _,
        budgets: _,
        keep: _,
        // What is inserted is an argument, and the context has what stays.
        fingerprints: _,
        integrity: _,
        strictness: _,
        early_hints: _,
        dictionaries: _,
        csp: _,
        csp_attributes: _,
        csp_add: _,
        compat: _,
        html_handling: _,
        not_found_handling: _,
        fidelity: _,
    } = options;
    // As above.
    let Settings { encodings, minify: _, publish: _, cache: _, content_type: _, rules: _ } =
        settings;
    // The context has the languages that are minified.
    let minified = media_type.language().map(|_| (context, css_targets, keep_comments));
    // Without the hash, which is that of the bytes.
    let inserted = rewriting.map(|rewriting| (&rewriting.insertions, &rewriting.attributes));
    let parts = format!("{media_type} {minified:?} {encodings:?} {effort} {inserted:?}");
    CacheKey::new("file", &[parts.as_bytes(), hash.as_bytes()])
}

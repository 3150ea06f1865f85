//! The key of a file's result in the cache.

use crate::asset::digest::ContentHash;
use crate::asset::media_type::MediaType;
use crate::cache::CacheKey;
use crate::coding::Effort;
use crate::options::Options;
use crate::transform::TransformContext;

/// Makes the key of everything that the result of a file depends on.
pub(super) fn cache_key(
    options: &Options,
    media_type: &MediaType,
    context: TransformContext,
    hash: ContentHash,
    effort: Effort,
) -> CacheKey {
    // There is no `..`, so that a new option does not compile until it is listed here.
    let Options {
        minify,
        css_targets,
        keep_comments,
        encodings,
        // Its resolved value is the argument.
        effort: _,
        // These decide which files are public, or how the table is made and used.
        identity: _,
        source_maps: _,
        dotfiles: _,
        strictness: _,
        cache_policy: _,
        early_hints: _,
        compat: _,
        html_handling: _,
        not_found_handling: _,
        fidelity: _,
    } = options;
    let minified = media_type.language().map(|_| (context, minify, css_targets, keep_comments));
    let parts = format!("{media_type} {minified:?} {encodings:?} {effort}");
    CacheKey::new("file", &[parts.as_bytes(), hash.as_bytes()])
}

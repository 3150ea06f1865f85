//! Fingerprints: the hashes that a bundler writes into the names of files, such as that in
//! `/_astro/Base.9YYzIhhn.css`, and those that the packer adds to them, as in
//! `/_astro/Base.9YYzIhhn.3f2a9c0d1b4e5f67.css`. Both count as one.

/// The shortest text that counts as a fingerprint. Vite writes eight characters.
const LENGTH: usize = 8;

/// The shortest text that counts if it has digits and letters of both cases.
const SHORT: usize = 6;

/// Replaces the fingerprint in the last name of a path by `*`.
pub(crate) fn starred(path: &str) -> String {
    match find(path) {
        Some((start, end)) => format!("{}*{}", &path[..start], &path[end..]),
        None => path.to_owned(),
    }
}

/// Removes the fingerprint in the last name of a path, with the character before it.
pub(crate) fn without(path: &str) -> String {
    match find(path) {
        Some((start, end)) => format!("{}{}", &path[..start - 1], &path[end..]),
        None => path.to_owned(),
    }
}

/// Finds the fingerprint in the last name of a path.
fn find(path: &str) -> Option<(usize, usize)> {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    let end = name + path[name..].rfind('.')?;
    let stem = &path[name..end];
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    // The first cut after which the rest could be a fingerprint: these contain `-` themselves.
    let cuts = stem.match_indices(['.', '-']).map(|(at, _)| at + 1);
    let is_fingerprint = |text: &str| {
        let has = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
        let is_mixed = has(char::is_ascii_digit)
            && has(char::is_ascii_lowercase)
            && has(char::is_ascii_uppercase);
        let is_word = text.chars().all(|c| c.is_ascii_lowercase());
        let is_long = text.len() >= LENGTH && !is_word || text.len() >= SHORT && is_mixed;
        is_long && text.chars().all(is_part)
    };
    let start = cuts.into_iter().find(|cut| stem[*cut..].split('.').all(is_fingerprint))?;
    Some((name + start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_found_in_the_last_name() {
        for (path, expected) in [
            ("/_astro/Base.9YYzIhhn.css", "/_astro/Base.*.css"),
            ("/_astro/client.D-3_xYz9.js", "/_astro/client.*.js"),
            ("/_astro/client.BX3f9a.js", "/_astro/client.*.js"),
            ("/assets/index-BvQ2mX0p.js", "/assets/index-*.js"),
            ("/_astro/client.D-3_xYz9.5791ada475fe2c98.js", "/_astro/client.*.js"),
            ("/a.12345678.component.js", "/a.12345678.component.js"),
            ("/about/", "/about/"),
            ("/fonts/inter-regular.woff2", "/fonts/inter-regular.woff2"),
            ("/a.component.js", "/a.component.js"),
            ("/2026-11-26/notes.txt", "/2026-11-26/notes.txt"),
        ] {
            assert_eq!(starred(path), expected);
        }
    }

    #[test]
    fn a_name_without_its_fingerprint_is_the_one_in_the_sources() {
        assert_eq!(without("/_astro/client.BX3f9a.js"), "/_astro/client.js");
        assert_eq!(without("/_astro/ranges.Dl5962pu_1QeV3F.webp"), "/_astro/ranges.webp");
        assert_eq!(without("/a.js"), "/a.js");
    }
}

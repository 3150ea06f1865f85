//! Server islands with slots in pages that Astro has built. Astro encrypts the slots, so that the names of scripts in
//! them cannot be read. The server sends them to browsers as the build wrote them.

/// The path of all server islands, below the base of the site.
pub(super) const ISLANDS: &str = "/_server-islands/";

/// The parameter of such a URL with the slots.
const SLOTS: &str = "s=";

/// The property with the slots, if they are too long for a URL.
const POSTED: &str = "encryptedSlots";

/// Returns the place of the first slots in a page.
pub(super) fn slots(page: &str) -> Option<usize> {
    let in_url = |(at, _): (usize, &str)| {
        let url = &page[at..];
        let url = &url[..url.find(['"', '\'', '`', ' ', '<', '>']).unwrap_or(url.len())];
        let (_, query) = url.split_once('?')?;
        let mut fields = query.split(['&', ';']);
        fields.any(|field| field.len() > SLOTS.len() && field.starts_with(SLOTS)).then_some(at)
    };
    let in_code = |(at, _): (usize, &str)| {
        let after = page[at + POSTED.len()..].trim_start_matches(['"', '\'', ' ']);
        let value = after.strip_prefix(':')?.trim_start();
        let is_empty = ["\"\"", "''", "``"].iter().any(|empty| value.starts_with(empty));
        (!is_empty).then_some(at)
    };
    let urls = page.match_indices(ISLANDS).find_map(in_url);
    let posted = || page.match_indices(POSTED).find_map(in_code);
    urls.or_else(posted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_server_islands_are_found_in_urls_and_in_code() {
        for page in [
            "<link href=\"/_server-islands/A?e=1%3D&amp;p=2&amp;s=3%3D\">",
            "fetch('/docs/_server-islands/A/?e=1&p=2&s=3')",
            "fetch('/_server-islands/A?e=1&p=2&s='); fetch('/_server-islands/B?s=1')",
            "let data = {\n\tencryptedSlots: \"1A\",\n};",
            "{\"encryptedSlots\":\"1A\"}",
        ] {
            assert!(slots(page).is_some(), "{page}");
        }
        for page in [
            "<link href=\"/_server-islands/A?e=1&amp;p=2&amp;s=\"> s=1",
            "fetch('/_server-islands/A?es=1&p=s=2&s=')",
            "encryptedSlots: \"\", encryptedSlots",
            "/islands/A?s=1",
        ] {
            assert_eq!(slots(page), None, "{page}");
        }
    }
}

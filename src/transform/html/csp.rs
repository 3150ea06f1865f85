//! Content security policies that list hashes of inline code.

/// Returns whether a policy allows code by its hash (CSP3 §2.3.1).
pub(crate) fn has_code_hash(policy: &str) -> bool {
    let policy = policy.to_ascii_lowercase();
    ["'sha256-", "'sha384-", "'sha512-"].iter().any(|prefix| policy.contains(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_found_in_any_case_but_nonces_are_not_hashes() {
        assert!(has_code_hash("script-src 'self' 'sha256-YWJj'"));
        assert!(has_code_hash("style-src 'SHA512-YWJj'; default-src 'none'"));
        assert!(!has_code_hash("script-src 'nonce-YWJj'"));
        assert!(!has_code_hash(""));
    }
}

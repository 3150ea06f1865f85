//! Content security policies (CSP3).

/// Returns whether a content security policy names code by its hash (CSP3 §2.3.1).
pub(crate) fn has_code_hash(policy: &str) -> bool {
    let policy = policy.to_ascii_lowercase();
    ["'sha256-", "'sha384-", "'sha512-"].iter().any(|prefix| policy.contains(prefix))
}

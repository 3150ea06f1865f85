//! Lists of images (HTML §4.8.4.2.2).

use std::ops::Range;

/// Returns the places of the URLs in a `srcset`.
pub(super) fn candidates(set: &str) -> Vec<Range<usize>> {
    let bytes = set.as_bytes();
    let mut urls = Vec::new();
    let mut at = 0;
    loop {
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b',') {
            at += 1;
        }
        let start = at;
        while bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace()) {
            at += 1;
        }
        if start == at {
            return urls;
        }
        let url = set[start..at].trim_end_matches(',');
        urls.push(start..start + url.len());
        if url.len() < at - start {
            continue;
        }
        // The descriptors, in which a comma within parentheses ends nothing.
        let mut depth = 0_usize;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b',' if depth == 0 => break,
                _ => {}
            }
            at += 1;
        }
    }
}

//! Sources of directives (CSP3 §2.3.1).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use url::Url;

/// The origin of the page.
pub(super) const OWN: &str = "'self'";

/// Nothing. It counts only if it stands alone.
pub(super) const NONE: &str = "'none'";

/// All inline code, unless a hash stands beside it.
pub(super) const UNSAFE_INLINE: &str = "'unsafe-inline'";

/// The keyword by which scripts may add others. Hosts of scripts do not count beside it (CSP3 §8.2).
pub(super) const STRICT_DYNAMIC: &str = "'strict-dynamic'";

/// The host of a URL that stands in for the site, whose host is unknown (RFC 2606 §2).
pub(super) const SITE: &str = "https://site.invalid";

/// Returns the source that allows code by its hash.
pub(super) fn hash(code: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(code)))
}

/// Returns whether a source is a hash.
pub(super) fn is_hash(source: &str) -> bool {
    ["'sha256-", "'sha384-", "'sha512-"].iter().any(|start| source.starts_with(start))
}

/// Returns the source for the origin of a URL. Returns `None` for a URL without a host.
///
/// The scheme is left out if it is `https`: then the scheme of the page counts, or a safer one, which lets the site be
/// tested over HTTP.
pub(super) fn origin(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    match url.scheme() {
        "https" if Url::parse(SITE).is_ok_and(|site| site.origin() == url.origin()) => {
            Some(OWN.to_owned())
        }
        "https" => Some(format!("{host}{port}")),
        "http" => Some(format!("http://{host}{port}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_the_origin_of_a_url() {
        for (url, expected) in [
            ("https://cdn.example/a/b.js?c", Some("cdn.example")),
            ("https://cdn.example:8443/", Some("cdn.example:8443")),
            ("http://cdn.example/", Some("http://cdn.example")),
            ("https://site.invalid/a.js", Some("'self'")),
            ("data:text/css,a{}", None),
        ] {
            assert_eq!(origin(&Url::parse(url).unwrap()).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn the_hash_of_no_code_is_well_known() {
        assert_eq!(hash(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }
}

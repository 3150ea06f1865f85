//! The field `Host` of requests (RFC 9112 §3.2).

use std::net::Ipv6Addr;

use http::header::HOST;
use http::{Request, Version};

/// Checks the field `Host`, and the host in a target in absolute form, which overrides it.
///
/// # Errors
/// A line of text, if the request has to be answered with 400.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), &'static str> {
    const INVALID: &str = "400 Bad Request: the host is invalid\n";
    let mut lines = request.headers().get_all(HOST).iter();
    let target = request.uri().authority();
    // A URL without a host is invalid (RFC 9110 §4.2.1), and user information in one is treated as an
    // error (§4.2.4).
    if target.is_some_and(|target| !is_authority(target.as_str()) || target.host().is_empty()) {
        return Err("400 Bad Request: the host of the target is invalid\n");
    }
    match (lines.next(), lines.next()) {
        (None, _) if request.version() == Version::HTTP_11 => Err("400 Bad Request: no Host\n"),
        (None, _) => Ok(()),
        (Some(_), Some(_)) => Err("400 Bad Request: more than one Host\n"),
        // A client sends an empty value if its target has no authority. Without one in the target,
        // there still is a default: the site (RFC 9112 §3.3).
        (Some(line), None) if line.is_empty() => {
            if target.is_some() {
                Err(INVALID)
            } else {
                Ok(())
            }
        }
        (Some(line), None) => match line.to_str() {
            Ok(value) if is_authority(value) => Ok(()),
            _ => Err(INVALID),
        },
    }
}

/// Returns whether a text is `uri-host [ ":" port ]` (RFC 3986 §3.2.2 and §3.2.3).
fn is_authority(text: &str) -> bool {
    let end_of_literal = text.rfind(']').map_or(0, |end| end + 1);
    let (host, port) = match text[end_of_literal..].find(':') {
        Some(colon) => {
            let (host, port) = text.split_at(end_of_literal + colon);
            (host, &port[1..])
        }
        None => (text, ""),
    };
    let is_port = port.is_empty()
        || port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    is_port && literal.map_or_else(|| is_name(host), is_ip_literal)
}

/// Returns whether a text is an IPv6 address, or one of a future version.
fn is_ip_literal(text: &str) -> bool {
    let future = text.strip_prefix(['v', 'V']).and_then(|rest| rest.split_once('.'));
    match future {
        Some((version, address)) => {
            let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_valid = |byte: u8| is_in_name(byte) || byte == b':';
            !version.is_empty()
                && is_hex(version)
                && !address.is_empty()
                && address.bytes().all(is_valid)
        }
        None => text.parse::<Ipv6Addr>().is_ok(),
    }
}

/// Returns whether a text is a registered name or an IPv4 address.
fn is_name(text: &str) -> bool {
    let mut parts = text.split('%');
    let is_plain = |part: &str| part.bytes().all(is_in_name);
    let is_encoded = |part: &str| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or(("", ""));
        digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && is_plain(rest)
    };
    !text.is_empty() && parts.next().is_some_and(is_plain) && parts.all(is_encoded)
}

/// Returns whether a byte is `unreserved` or one of the `sub-delims`, without the comma: no name of a
/// host has one, and it may come from two lines that a proxy has joined.
fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_and_without_a_port_are_valid() {
        for host in [
            "a",
            "a.example",
            "A.EXAMPLE.",
            "a_b",
            "xn--bcher-kva.example",
            "a:",
            "a:0",
            "a:80",
            "a:65535",
            "a:00080",
            "127.0.0.1",
            "127.0.0.1:8787",
            "[::1]",
            "[::1]:",
            "[::1]:8787",
            "[::ffff:127.0.0.1]",
            "[v1.a:b]",
            "a%20b",
            "%41",
            "a;b",
            "~!$&'()*+=",
        ] {
            assert!(is_authority(host), "{host}");
        }
    }

    #[test]
    fn anything_else_is_invalid() {
        for host in [
            "",
            ":",
            ":80",
            "a b",
            "a,b",
            "a, b",
            "a/b",
            "a\\b",
            "a?b",
            "a#b",
            "a@b",
            "user@a",
            "user:pass@a",
            "a:b",
            "a:port",
            "a:99999",
            "a:65536",
            "a:-1",
            "a:+1",
            "a:8 0",
            "a:80:80",
            "a::80",
            "::1",
            "[::1",
            "::1]",
            "[]",
            "[]:80",
            "[a]",
            "[::1]a",
            "a[::1]",
            "[[::1]]",
            "[::1]:x",
            "[::1]::80",
            "[127.0.0.1]",
            "[fe80::1%25eth0]",
            "[v.a]",
            "[v1.]",
            "[v1]",
            "[vx.a]",
            "a%",
            "a%4",
            "a%zz",
            "%",
            "http://a",
            "a<b>",
            "a\"b",
            "a\tb",
            "a\u{1}",
            "a\u{7f}",
            "b\u{fc}cher.example",
            "a^b",
            "a`b",
            "a{b}",
            "a|b",
        ] {
            assert!(!is_authority(host), "{host}");
        }
    }
}

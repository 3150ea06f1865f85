//! Tokens and keys in text, known by how providers write them.
//!
//! Documentation is full of tokens that are none. So a token has to be as long as a real one, and as
//! random.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A kind of token: a prefix with random characters after it.
pub(super) struct Token {
    /// The name in messages, with its article.
    pub(super) name: &'static str,
    pub(super) prefix: &'static str,
    /// The numbers of characters that may follow.
    len: (usize, usize),
    alphabet: Alphabet,
}

/// The characters of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    UpperCase,
    Hexadecimal,
    AlphaNumeric,
    /// With `-` and `_`.
    Word,
    /// With `-`, `_` and `.`.
    Dotted,
}

const MANY: usize = 512;

const fn token(
    name: &'static str,
    prefix: &'static str,
    len: (usize, usize),
    alphabet: Alphabet,
) -> Token {
    Token { name, prefix, len, alphabet }
}

const AWS: &str = "an access key of AWS";
const GITHUB: &str = "a token of GitHub";
const SLACK: &str = "a token of Slack";
const STRIPE: &str = "a secret key of Stripe";

/// The kinds of tokens. Keys that providers mean to be public, such as those of Google Maps and
/// Firebase (`AIza…`) and of Stripe (`pk_live_…`), are not among them.
pub(super) const TOKENS: [Token; 27] = [
    token(AWS, "AKIA", (16, 16), Alphabet::UpperCase),
    token(AWS, "ASIA", (16, 16), Alphabet::UpperCase),
    token(GITHUB, "ghp_", (36, MANY), Alphabet::AlphaNumeric),
    token(GITHUB, "gho_", (36, MANY), Alphabet::AlphaNumeric),
    token(GITHUB, "ghu_", (36, MANY), Alphabet::AlphaNumeric),
    token(GITHUB, "ghs_", (36, MANY), Alphabet::AlphaNumeric),
    token(GITHUB, "ghr_", (36, MANY), Alphabet::AlphaNumeric),
    token(GITHUB, "github_pat_", (60, MANY), Alphabet::Word),
    token("a token of GitLab", "glpat-", (20, MANY), Alphabet::Dotted),
    token("a token of npm", "npm_", (36, 36), Alphabet::AlphaNumeric),
    token("a token of PyPI", "pypi-AgEIcHlwaS5vcmc", (50, MANY), Alphabet::Word),
    token("an API key of OpenAI or Anthropic", "sk-", (32, MANY), Alphabet::Word),
    token(STRIPE, "sk_live_", (24, MANY), Alphabet::AlphaNumeric),
    token(STRIPE, "rk_live_", (24, MANY), Alphabet::AlphaNumeric),
    token(SLACK, "xoxa-", (24, MANY), Alphabet::Word),
    token(SLACK, "xoxb-", (24, MANY), Alphabet::Word),
    token(SLACK, "xoxp-", (24, MANY), Alphabet::Word),
    token(SLACK, "xoxr-", (24, MANY), Alphabet::Word),
    token(SLACK, "xoxs-", (24, MANY), Alphabet::Word),
    token(SLACK, "xapp-", (24, MANY), Alphabet::Word),
    token("an API key of SendGrid", "SG.", (60, 80), Alphabet::Dotted),
    token("a token of Hugging Face", "hf_", (34, 34), Alphabet::AlphaNumeric),
    token("a token of DigitalOcean", "dop_v1_", (64, 64), Alphabet::Hexadecimal),
    token("a token of Shopify", "shpat_", (32, 32), Alphabet::Hexadecimal),
    token("a private key of age", "AGE-SECRET-KEY-1", (58, 58), Alphabet::UpperCase),
    token("a signing secret of Stripe", "whsec_", (32, 64), Alphabet::AlphaNumeric),
    token(SERVICE_ROLE, "eyJ", (60, 4096), Alphabet::Dotted),
];

/// A signed token (RFC 7519) that is as good as the password of the database. Others are made for
/// browsers.
const SERVICE_ROLE: &str = "a token with the role `service_role`";

/// The beginning of a key in PEM (RFC 7468).
pub(super) const KEY: &str = "-----BEGIN ";

/// Parts of tokens that documentation uses in place of real ones.
const PLACEHOLDERS: [&str; 13] = [
    "example",
    "xxxx",
    "0000",
    "1234567",
    "abcdef",
    "your",
    "placeholder",
    "redacted",
    "replace",
    "dummy",
    "fake",
    "sample",
    "secret",
];

impl Token {
    /// Returns whether a token is at an offset of a text, where its prefix was found.
    pub(super) fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if at > 0 && is_word(bytes[at - 1]) {
            return false;
        }
        let rest = &bytes[at + self.prefix.len()..];
        let (min, max) = self.len;
        let len = rest.iter().take(max + 1).take_while(|byte| self.alphabet.has(**byte)).count();
        let token = &rest[..len];
        if len < min || len > max || rest.get(len).is_some_and(u8::is_ascii_alphanumeric) {
            return false;
        }
        if self.name == SERVICE_ROLE {
            return has_service_role(token);
        }
        // A class of CSS such as `sk-folding-cube` has neither.
        let is_mixed = self.alphabet != Alphabet::Word
            || token.iter().any(u8::is_ascii_digit) && token.iter().any(u8::is_ascii_uppercase);
        is_mixed && is_random(token)
    }
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::UpperCase => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hexadecimal => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Self::AlphaNumeric => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            Self::Dotted => byte.is_ascii_alphanumeric() || b"-_.".contains(&byte),
        }
    }
}

/// Returns whether a token of a known provider is at an offset of a text.
#[cfg(feature = "cli")]
pub(super) fn is_token(bytes: &[u8], at: usize) -> bool {
    TOKENS
        .iter()
        .any(|token| bytes[at..].starts_with(token.prefix.as_bytes()) && token.is_at(bytes, at))
}

/// Returns whether the characters of a token are as different from each other as random ones, and not
/// written by a person.
fn is_random(token: &[u8]) -> bool {
    // One in a thousand random tokens of 16 hexadecimal digits has less.
    is_random_above(token, 2.8)
}

/// Returns whether a text has at least an entropy, in bits a character, and no part that a person writes in place
/// of a token.
pub(super) fn is_random_above(token: &[u8], least: f64) -> bool {
    let lower = token.to_ascii_lowercase();
    let has = |part: &&str| lower.windows(part.len()).any(|one| one == part.as_bytes());
    !PLACEHOLDERS.iter().any(has) && entropy(token) >= least
}

/// Returns the entropy of a text, in bits a character.
#[expect(clippy::cast_precision_loss, reason = "tokens are short")]
fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_usize; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    let shares = counts.iter().filter(|count| **count > 0);
    shares.map(|count| *count as f64 / text.len() as f64).map(|share| -share * share.log2()).sum()
}

/// Returns whether a signed token, after its first three characters, has the role of a service.
fn has_service_role(token: &[u8]) -> bool {
    let mut parts = token.split(|byte| *byte == b'.');
    let (Some(_), Some(payload), Some(signature)) = (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let Ok(payload) = URL_SAFE_NO_PAD.decode(payload) else { return false };
    let payload: Option<serde_json::Value> = serde_json::from_slice(&payload).ok();
    let role = payload.as_ref().and_then(|payload| payload.get("role")?.as_str());
    role == Some("service_role") && signature.len() >= 40 && is_random(signature)
}

/// Returns whether a text begins with a private key, not only with its heading.
pub(super) fn is_private_key(text: &[u8]) -> bool {
    let head = &text[KEY.len()..text.len().min(KEY.len() + 60)];
    let label = head.windows(5).position(|dashes| dashes == b"-----").map(|end| &head[..end]);
    let is_private =
        label.is_some_and(|label| label.ends_with(b"PRIVATE KEY") || label.ends_with(b"KEY BLOCK"));
    let Some(label) =
        label.filter(|label| is_private && label.windows(7).any(|word| word == b"PRIVATE"))
    else {
        return false;
    };
    // Line breaks may be written as in JSON.
    let body = &text[KEY.len() + label.len() + 5..];
    let body = &body[..body.len().min(600)];
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let mut lines = body.split(|byte| !is_base64(byte));
    lines.any(|line| line.len() >= 40 && is_random(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Vec<&'static str> {
        let at = |token: &Token| {
            text.find(token.prefix).is_some_and(|at| token.is_at(text.as_bytes(), at))
        };
        TOKENS.iter().filter(|token| at(token)).map(|token| token.name).collect()
    }

    /// Joins a prefix and random characters. Apart, they are no token for programs that look for some.
    fn joined(prefix: &str, random: &str) -> String {
        format!("let t = \"{prefix}{random}\";")
    }

    #[test]
    fn tokens_are_known_by_their_prefix_and_length() {
        let random = "q7Zp2mXv9LrTn4KsWd8HyBc3Jf6GtRa1VeUo5NiM7xQzPk2wDhYb8CsLjF4gTmRv";
        for (name, prefix, len) in [
            (GITHUB, "ghp_", 36),
            (STRIPE, "sk_live_", 24),
            (SLACK, "xoxb-", 30),
            ("a token of GitLab", "glpat-", 20),
            ("a token of npm", "npm_", 36),
            ("an API key of OpenAI or Anthropic", "sk-proj-", 48),
            ("a token of Hugging Face", "hf_", 34),
        ] {
            assert_eq!(find(&joined(prefix, &random[..len])), [name]);
            assert!(find(&joined(prefix, &random[..len / 2])).is_empty(), "{prefix}");
            assert!(find(&joined(&format!("x{prefix}"), &random[..len])).is_empty(), "{prefix}");
        }
        assert_eq!(find(&joined("AKIA", "Q7ZP2MXV9LRTN4KS")), [AWS]);
        assert!(find(&joined("AKIA", "Q7ZP2MXV9LRTN4KS2")).is_empty());
    }

    #[test]
    fn tokens_of_documentation_are_none() {
        for (prefix, random) in [
            ("AKIA", "IOSFODNN7EXAMPLE"),
            ("ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            ("ghp_", "abcdefghijklmnopqrstuvwxyz0123456789"),
            ("ghp_", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("sk-", "your-api-key-goes-here-and-nowhere-else1A"),
            ("sk-", "folding-cube-with-a-very-long-name-of-its-own"),
            ("sk_live_", "4eC39HqLyjWDarjtT1zdp7d"),
            ("npm_", "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"),
        ] {
            assert!(find(&joined(prefix, random)).is_empty(), "{prefix}{random}");
        }
    }

    #[test]
    fn a_signed_token_is_secret_by_its_role() {
        let signed = |role: &str| {
            let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
            let payload = part(&format!("{{\"iss\":\"supabase\",\"role\":\"{role}\"}}"));
            let signature = "q7Zp2mXv9LrTn4KsWd8HyBc3Jf6GtRa1VeUo5NiM7xQ";
            format!("\"{}.{payload}.{signature}\"", part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"))
        };
        assert_eq!(find(&signed("service_role")), [SERVICE_ROLE]);
        assert!(find(&signed("anon")).is_empty());
    }

    #[test]
    fn a_private_key_has_a_heading_and_a_body() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        for label in ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "] {
            for line_break in ["\n", "\\n", "\r\n"] {
                let key = format!("{KEY}{label}PRIVATE KEY-----{line_break}{body}{line_break}");
                assert!(is_private_key(key.as_bytes()), "{key}");
            }
        }
        for text in [
            format!("{KEY}PRIVATE KEY-----\n...\n"),
            format!("{KEY}PUBLIC KEY-----\n{body}\n"),
            format!("{KEY}CERTIFICATE-----\n{body}\n"),
            KEY.to_owned(),
        ] {
            assert!(!is_private_key(text.as_bytes()), "{text}");
        }
    }
}

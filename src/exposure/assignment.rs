//! Secrets in the assignments of code and data: a name that says what it is, and a value as random as a key.
//!
//! A name alone says little: texts for a form have the name `password`, and most keys for browsers are called
//! `apiKey`. So a value has to be long, and mixed as no word, path or identifier is.

use super::token;

/// A value that is assigned to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assigned<'t> {
    /// The name, as written.
    pub(crate) name: &'t str,
    pub(crate) value: &'t str,
    /// The byte offset of the value.
    pub(crate) offset: usize,
    pub(crate) kind: NameKind,
}

/// The kind of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameKind {
    /// A secret: `clientSecret`, `password`, `privateKey`.
    Secret,
    /// A key or token, which may be one for browsers: `apiKey`, `accessToken`.
    Key,
}

/// Minimum and maximum length of a value, in bytes.
const LEN: std::ops::RangeInclusive<usize> = 32..=200;

/// Words of names of secrets.
const SECRETS: [&str; 8] = [
    "clientsecret",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "signingkey",
];

/// Words of names of keys.
const KEYS: [&str; 6] = ["accesskey", "accesstoken", "apikey", "apitoken", "authkey", "authtoken"];

/// Words before `key` or `token` that make it one, with its kind.
const OWNERS: [(&str, NameKind); 10] = [
    ("access", NameKind::Key),
    ("api", NameKind::Key),
    ("auth", NameKind::Key),
    ("bearer", NameKind::Key),
    ("bot", NameKind::Key),
    ("encryption", NameKind::Secret),
    ("master", NameKind::Secret),
    ("private", NameKind::Secret),
    ("service", NameKind::Secret),
    ("signing", NameKind::Secret),
];

/// Words of names whose values are for everyone, or are no secrets.
const OPEN: [&str; 16] = [
    "anon",
    "checksum",
    "csrf",
    "digest",
    "example",
    "hash",
    "id",
    "integrity",
    "nonce",
    "public",
    "publishable",
    "sample",
    "search",
    "site",
    "test",
    "xsrf",
];

/// Words around a key that its provider means for browsers.
const FOR_BROWSERS: [&str; 18] = [
    "algolia",
    "analytics",
    "appid",
    "application_id",
    "authdomain",
    "beacon",
    "captcha",
    "contentful",
    "docsearch",
    "firebase",
    "indexname",
    "mapbox",
    "maps",
    "posthog",
    "projectid",
    "sentry",
    "supabase",
    "turnstile",
];

/// Number of bytes on each side of a key in which such words are looked for.
const AROUND: usize = 300;

/// Returns the assignments of secrets in a text, in its order.
pub(crate) fn assigned_in(text: &str) -> Vec<Assigned<'_>> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices(['"', '\'', '`']) {
        let Some(value) = quoted(text, start) else { continue };
        let Some(name) = name_before(&text[..start]) else { continue };
        let Some(kind) = kind_of(name) else { continue };
        let offset = start + 1;
        let is_known = || token::is_token(text.as_bytes(), offset);
        if !is_random(value) || is_known() {
            continue;
        }
        if kind == NameKind::Key && is_for_browsers(text, offset, value.len()) {
            continue;
        }
        found.push(Assigned { name, value, offset, kind });
    }
    found
}

/// Returns the value in quotation marks that begins at an offset, if it is one of the characters of keys.
fn quoted(text: &str, start: usize) -> Option<&str> {
    let quote = text.as_bytes()[start];
    let rest = &text.as_bytes()[start + 1..];
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(byte);
    let len = rest.iter().take(LEN.end() + 1).take_while(is_part).count();
    let ends = rest.get(len) == Some(&quote);
    (ends && LEN.contains(&len)).then(|| &text[start + 1..start + 1 + len])
}

/// Returns the name that a value is assigned to: in code, in JSON, and as a property.
fn name_before(before: &str) -> Option<&str> {
    let before = before.trim_end();
    let before = before.strip_suffix(['=', ':'])?.trim_end();
    // A comparison assigns nothing.
    if before.ends_with(['=', '!', '<', '>']) {
        return None;
    }
    let before = before.strip_suffix(['"', '\'', '`', ']']).unwrap_or(before);
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let start = before.rfind(|c: char| !is_part(c)).map_or(0, |at| at + 1);
    let name = before.get(start..)?;
    // `data-token="…"` is an attribute, for a script of the page.
    (!name.is_empty() && !before[..start].ends_with('-')).then_some(name)
}

fn kind_of(name: &str) -> Option<NameKind> {
    let words = words_of(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&&**word));
    if has(&OPEN) {
        return None;
    }
    if has(&SECRETS) {
        return Some(NameKind::Secret);
    }
    let owned = words.windows(2).find_map(|pair| {
        let is_key = matches!(&*pair[1], "key" | "token");
        let owner = OWNERS.iter().find(|(word, _)| is_key && *word == pair[0]);
        owner.map(|(_, kind)| *kind)
    });
    owned.or_else(|| has(&KEYS).then_some(NameKind::Key))
}

/// Returns the words of a name in lower case: `api` and `key` of `apiKey`, `API_KEY` and `ApiKey`.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars() {
        let begins = !before.is_ascii_alphanumeric()
            || before.is_ascii_lowercase() && c.is_ascii_uppercase();
        if c.is_ascii_alphanumeric() {
            match words.last_mut() {
                Some(word) if !begins => word.push(c.to_ascii_lowercase()),
                _ => words.push(c.to_ascii_lowercase().to_string()),
            }
        }
        before = c;
    }
    words
}

/// Returns whether a value is as mixed as a random one: letters in both cases and digits, or hexadecimal digits,
/// which change from one to the next.
fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let count = |is: fn(&u8) -> bool| bytes.iter().filter(|byte| is(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let is_hexadecimal = count(u8::is_ascii_hexdigit) == bytes.len() && (upper == 0 || lower == 0);
    if is_hexadecimal {
        return digits >= 8 && digits < bytes.len() - 4 && token::is_random_above(bytes, 3.2);
    }
    let marks = bytes.len() - digits - upper - lower;
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    };
    let changes = bytes.windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    digits >= 3
        && upper >= 4
        && lower >= 4
        && marks <= bytes.len() / 8
        && changes * 2 >= bytes.len()
        && token::is_random_above(bytes, 4.0)
}

/// Returns whether the text around a key names a provider whose keys are for browsers.
fn is_for_browsers(text: &str, offset: usize, len: usize) -> bool {
    let start = text.floor_char_boundary(offset.saturating_sub(AROUND));
    let end = text.floor_char_boundary(offset + len + AROUND);
    let around = text[start..end].to_ascii_lowercase();
    let value = &text[offset..offset + len];
    let is_named = ["AIza", "pk_", "pk-", "phc_", "pub"].iter().any(|it| value.starts_with(it));
    is_named || FOR_BROWSERS.iter().any(|word| around.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random characters, in parts, so that they are no key for programs that look for some.
    const RANDOM: [&str; 2] = ["q7Zp2mXv9LrTn4Ks", "Wd8HyBc3Jf6GtRa1VeUo"];

    fn found(before: &str, after: &str) -> Vec<NameKind> {
        let text = format!("{before}{}{}{after}", RANDOM[0], RANDOM[1]);
        assigned_in(&text).iter().map(|one| one.kind).collect()
    }

    #[test]
    fn secrets_are_found_in_every_form_of_an_assignment() {
        for before in [
            "const clientSecret = '",
            "env.CLIENT_SECRET=\"",
            "{\"password\": \"",
            "{ privateKey: `",
            "config['signing_key'] = '",
            "let secret='",
        ] {
            let quote = before.chars().next_back().unwrap().to_string();
            assert_eq!(found(before, &quote), [NameKind::Secret], "{before}");
        }
        for before in ["const apiKey = \"", "{\"API_KEY\":\"", "accessToken: \"", "botToken=\""] {
            assert_eq!(found(before, "\""), [NameKind::Key], "{before}");
        }
        let hexadecimal = format!("apiKey = '{}{}'", "3f9a1c7e5b2d8064", "a8f1c3e97b5d2064");
        assert_eq!(assigned_in(&hexadecimal).len(), 1);
    }

    #[test]
    fn keys_for_browsers_and_other_values_are_none() {
        for before in [
            "const publicKey = \"",
            "csrfToken: \"",
            "searchApiKey: \"",
            "siteKey = \"",
            "integrity: \"",
            "<div data-api-key=\"",
            "if (apiKey === \"",
            "key = \"",
            "token = \"",
            "docsearch({ appId: 'A', apiKey: \"",
            "firebase.initializeApp({ apiKey: \"",
            "mapboxgl.accessToken = \"",
        ] {
            assert_eq!(found(before, "\""), [], "{before}");
        }
        for value in [
            "the-password-that-you-have-forgotten-2024-01",
            "account/password/forgotten/Title2Of3Page4A",
            "resetPasswordForm2HandlerForAllOfUs34And5",
            "0000000000000000000000000000000000000000",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            "00112233445566778899001122334455",
        ] {
            assert_eq!(assigned_in(&format!("password = '{value}'")), [], "{value}");
        }
    }
}

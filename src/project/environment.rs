//! The secrets of a project: the values in its `.env` and `.dev.vars` files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A value of the project that must not be public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretValue {
    /// The name of the variable.
    pub(crate) name: String,
    /// The name of the file that sets it.
    pub(crate) file: String,
    pub(crate) value: String,
}

/// Minimum length of a value that is looked for, in bytes.
const MIN_LEN: usize = 8;

/// Minimum length of a value whose variable has an ordinary name.
const MIN_ORDINARY_LEN: usize = 16;

/// Words of names by which frameworks and providers mark values as public.
const PUBLIC: [&str; 8] = [
    "PUBLIC",
    "PUBLISHABLE",
    "SITE_KEY",
    "SITEKEY",
    "CLIENT_ID",
    "APP_ID",
    "MEASUREMENT",
    "SENTRY_DSN",
];

/// Words of names of variables that hold secrets. Each may have an `S` or digits at its end.
const SECRET: [&str; 17] = [
    "KEY",
    "PASS",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "CRED",
    "CREDENTIAL",
    "PRIVATE",
    "AUTH",
    "OAUTH",
    "AUTHORIZATION",
    "AUTHENTICATION",
    "SALT",
    "DSN",
    "DATABASE",
    "CONNECTION",
    "DBPASS",
];

/// Ends of words such as `APIKEY` and `DBPASSWORD`.
const SECRET_ENDS: [&str; 7] =
    ["SECRET", "TOKEN", "PASSWORD", "APIKEY", "ACCESSKEY", "AUTHKEY", "PRIVATEKEY"];

/// Returns the files of a packed folder's project whose values are secret, sorted.
pub(crate) fn files(dist: &Path) -> Vec<PathBuf> {
    let Some(folder) = project_folder(dist) else { return Vec::new() };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_environment = |name: &str| {
        let is_sample = ["example", "sample", "template", "defaults"]
            .iter()
            .any(|sample| name.split('.').any(|part| part == *sample));
        let is_named = |start: &str| {
            name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        (is_named(".env") || is_named(".dev.vars")) && !is_sample
    };
    let named = entries.filter(|entry| is_environment(&entry.file_name().to_string_lossy()));
    let mut files: Vec<PathBuf> = named.map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// Reads the secret values of a packed folder's project. A file that cannot be read has none.
pub(crate) fn secret_values(dist: &Path) -> Vec<SecretValue> {
    // Files such as `.env` and `.env.production` repeat each other.
    let mut values = BTreeMap::new();
    for path in files(dist) {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Reading a pipe may wait forever.
        if !path.is_file() {
            continue;
        }
        let Ok(bytes) = fs::read(&path) else { continue };
        for (name, value) in assignments(&String::from_utf8_lossy(&bytes)) {
            if is_secret(&name, &value) {
                values.entry(value).or_insert_with(|| (name, file.clone()));
            }
        }
    }
    let secret = |(value, (name, file))| SecretValue { name, file, value };
    values.into_iter().map(secret).collect()
}

/// Returns the variables for the development of a packed folder's project: those of `.dev.vars`, else of
/// `.env`, as wrangler reads them.
#[cfg(feature = "cli")]
pub(crate) fn variables_for_development(dist: &Path) -> Vec<(String, String)> {
    let all = files(dist);
    let named = |name: &str| all.iter().find(|path| path.file_name().is_some_and(|it| it == name));
    let Some(path) = named(".dev.vars").or_else(|| named(".env")).filter(|path| path.is_file())
    else {
        return Vec::new();
    };
    fs::read(path).map_or_else(|_| Vec::new(), |text| assignments(&String::from_utf8_lossy(&text)))
}

/// Returns the folder of the project: the nearest one above the packed folder with a `package.json`,
/// else the one that contains it.
pub(crate) fn project_folder(dist: &Path) -> Option<PathBuf> {
    const LEVELS: usize = 3;
    let dist = std::path::absolute(dist).ok()?;
    let mut above = dist.ancestors().skip(1).take(LEVELS);
    let project = above.find(|folder| folder.join("package.json").is_file());
    project.or_else(|| dist.parent()).map(Path::to_owned)
}

/// Returns the assignments of a file in the format of dotenv.
pub(crate) fn assignments(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let line = line.trim();
        let Some((name, value)) = line.split_once('=') else { continue };
        let name = name.trim();
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        if name.is_empty() || !name.chars().all(is_name) {
            continue;
        }
        let value = value.trim_start();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'' | '`')) => {
                let inner = &value[1..];
                let inner = match end_of_quoted(inner, quote) {
                    Some(end) => inner[..end].to_owned(),
                    // A value of several lines.
                    None => match end_of_quoted(after, quote) {
                        Some(end) => {
                            rest = after[end..].split_once('\n').map_or("", |(_, after)| after);
                            format!("{inner}\n{}", &after[..end])
                        }
                        None => value.to_owned(),
                    },
                };
                if quote == '"' { inner.replace("\\n", "\n").replace("\\r", "\r") } else { inner }
            }
            _ => value.split('#').next().unwrap_or_default().trim().to_owned(),
        };
        found.push((name.to_owned(), value));
    }
    found
}

/// Returns the place of the quotation mark that ends a value. One after a backslash does not.
fn end_of_quoted(text: &str, quote: char) -> Option<usize> {
    let mut marks = text.match_indices(quote).map(|(at, _)| at);
    marks.find(|&at| !text[..at].ends_with('\\'))
}

/// Returns whether a variable holds a secret that would be recognised in a file.
fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase().replace(['.', '-'], "_");
    if value.len() < MIN_LEN || is_public(&name) || is_plain(value) {
        return false;
    }
    if name.split('_').any(is_secret_word) {
        return true;
    }
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let is_random = value.len() >= MIN_ORDINARY_LEN && is_mixed && !value.contains(' ');
    is_random && !name.ends_with("_ID") || has_password(value)
}

/// Returns whether a name, in capitals, has the words of a public value.
fn is_public(name: &str) -> bool {
    let words = format!("_{name}_");
    name.starts_with("VITE_") || PUBLIC.iter().any(|part| words.contains(&format!("_{part}_")))
}

/// Returns whether a word of a name, in capitals, stands for a secret.
fn is_secret_word(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let singular = word.strip_suffix('S').unwrap_or(word);
    [word, singular]
        .into_iter()
        .any(|word| SECRET.contains(&word) || SECRET_ENDS.iter().any(|end| word.ends_with(end)))
}

/// Returns whether a value is one that many texts contain: words, numbers, an address, a path.
fn is_plain(value: &str) -> bool {
    let is_word = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_alphabetic())
            || word.bytes().all(|byte| byte.is_ascii_digit())
            || !word.is_ascii()
    };
    let is_separator = |c: char| c.is_ascii_whitespace() || ",.:;-_/@'\"!?&()+".contains(c);
    // A long run of letters in both cases is a key of letters, not a word.
    let is_long = |word: &str| {
        word.len() > 16
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    if value.split(is_separator).all(|word| is_word(word) && !is_long(word)) {
        return true;
    }
    let is_url = value.split_once("://").is_some_and(|(scheme, _)| is_word(scheme));
    let is_path = ["./", "../", "~/"].iter().any(|start| value.starts_with(start));
    let is_lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-@_:/".contains(c);
    let is_host = value.contains('.') && value.chars().all(is_lower);
    (is_url || is_path || is_host) && !has_password(value)
}

/// Returns whether a value is a URL with a password or a token in it.
fn has_password(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_read_as_dotenv_reads_them() {
        let text = "\u{feff}A=abc#note\nB=\"a\\nb\"\nC=\"x\\\"y\" # z\nD='a\\nb'\n";
        let values: Vec<_> = assignments(text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["abc", "a\nb", "x\\\"y", "a\\nb"]);
    }

    #[test]
    fn assignments_have_quotes_comments_and_several_lines() {
        let text = "# c\nA=one # two\nexport B = 'x # y'\nC=\"one\ntwo\"\nnot a line\nD=\nE=f\r\n";
        let found = assignments(text);
        let found: Vec<_> = found.iter().map(|(name, value)| (&**name, &**value)).collect();
        let expected = [("A", "one"), ("B", "x # y"), ("C", "one\ntwo"), ("D", ""), ("E", "f")];
        assert_eq!(found, expected);
    }

    #[test]
    fn names_are_compared_by_words() {
        let is_secret = |name: &str| is_secret(name, "maribel92");
        for name in ["AUTHOR_HANDLE", "MONKEY_NAME", "COMPASS_ID", "VITE_TOKEN", "SITE_KEY"] {
            assert!(!is_secret(name), "{name}");
        }
        for name in ["INVITE_SECRET", "REPUBLIC_TOKEN", "APIKEY", "api-keys", "DB_PASS2"] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("NEXT_PUBLIC_TOKEN") && !is_secret("STRIPE_PUBLIC_KEY"));
    }

    #[test]
    fn values_that_many_texts_contain_are_not_secrets() {
        for (name, value) in [
            ("PASSWORD", "short1!"),
            ("AUTH_TOKEN", "changeme"),
            ("SECRET", "production"),
            ("API_KEY_ROTATION", "2026-11-26"),
            ("SITE_TITLE", "My Blog 2024"),
            ("SITE_URL", "https://blog2.example.com/feed1"),
            ("KEY_SERVER", "api2.example.com"),
            ("TOKEN_CONTACT", "me@host2.example"),
            ("KEY_FILE", "./keys/server2.pem"),
            ("PUBLIC_KEY", "pk9w8e7r6t5y4u3i2o1p"),
            ("VITE_TOKEN", "pk9w8e7r6t5y4u3i2o1p"),
            ("UMAMI_ID", "8f14e45f-ceea-467f-9575-1d8a2c6f3e11"),
            ("DEBUG", "true"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }

    #[test]
    fn passwords_and_random_values_are_secrets() {
        for (name, value) in [
            ("PASSWORD", "tr0ub4dor&3"),
            ("DATABASE_URL", "postgres://app:hunter2@db.example.com/app"),
            ("MAILER", "9fK2mPq7Rz4Tn8Vb1Xc5"),
            ("SESSION_SECRET", "QwErTyUiOpAsDfGhJkLzXc"),
        ] {
            assert!(is_secret(name, value), "{name}={value}");
        }
    }
}

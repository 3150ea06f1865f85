//! Files that hold keys, passwords or data, known by their name and, where it can tell, their content.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The judgement on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFile {
    /// It holds a private key or passwords, so it is left out.
    Secret,
    /// It is a database or a dump of one. Pages may use such a file, so it is published.
    Database,
}

/// The number of bytes of a file that are looked at.
const HEAD: u64 = 256 * 1024;

/// The kinds of files whose content decides.
#[derive(Clone, Copy)]
enum Judged {
    /// A key or certificate, as text or in DER.
    Pem,
    /// A key of SSH.
    Ssh,
    /// A store of keys, which has no public form.
    Store,
    /// A list of variables.
    Variables,
    /// The credentials of an account.
    Account,
    Database,
    /// Statements, which may contain data.
    Sql,
}

/// Returns whether a name is never that of a public file: it is that of a store of passwords.
pub(crate) fn holds_passwords(name: &str) -> bool {
    const NAMES: [&str; 15] = [
        ".aws",
        ".docker",
        ".dockercfg",
        ".git-credentials",
        ".gnupg",
        ".htpasswd",
        ".kube",
        ".my.cnf",
        ".netrc",
        ".npmrc",
        ".pgpass",
        ".pypirc",
        ".ssh",
        "_netrc",
        "terraform.tfstate",
    ];
    let name = name.to_ascii_lowercase();
    // With any suffix: `.env.local`, `.envrc`, `.env~`.
    name.starts_with(".env")
        || name.starts_with(".dev.vars")
        || has_extension(&name, "tfstate")
        || name.ends_with(".tfstate.backup")
        || NAMES.contains(&&*name)
}

/// Returns whether the content of a file of this name decides if it is public.
pub(crate) fn is_judged(name: &str) -> bool {
    judged(&name.to_ascii_lowercase()).is_some()
}

impl KeyFile {
    /// Judges a file. A file that cannot be read has no judgement: that is reported elsewhere.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let judged = judged(&path.file_name()?.to_string_lossy().to_ascii_lowercase())?;
        let mut head = Vec::new();
        File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
        judged.of(&head)
    }
}

impl Judged {
    fn of(self, head: &[u8]) -> Option<KeyFile> {
        let has = |text: &str| head.windows(text.len()).any(|part| part == text.as_bytes());
        let is_private = has("PRIVATE KEY") || head.starts_with(b"PuTTY-User-Key-File");
        let is_public = || {
            has("-----BEGIN CERTIFICATE")
                || has("-----BEGIN X509")
                || has("-----BEGIN TRUSTED CERTIFICATE")
                || has("-----BEGIN PKCS7")
                || has("-----BEGIN NEW CERTIFICATE REQUEST")
                || has("-----BEGIN DH PARAMETERS")
                || has("-----BEGIN EC PARAMETERS")
                || has("PUBLIC KEY")
                || head.starts_with(b"ssh-")
                || head.starts_with(b"ecdsa-")
        };
        let secret = |is_secret: bool| is_secret.then_some(KeyFile::Secret);
        match self {
            // Documents of Keynote have the extension of keys, and are archives. In DER, what is signed
            // begins with a sequence, a private key with its version.
            Self::Pem if head.starts_with(b"PK\x03\x04") || is_der_of_signed(head) => None,
            Self::Pem | Self::Ssh => secret(is_private || !is_public()),
            Self::Store => Some(KeyFile::Secret),
            Self::Variables => secret(has_assignment(head)),
            Self::Account => secret(is_private),
            Self::Database => Some(KeyFile::Database),
            Self::Sql => {
                let head = head.to_ascii_lowercase();
                let has = |text: &str| head.windows(text.len()).any(|it| it == text.as_bytes());
                let is_dump = head.starts_with(b"pgdmp")
                    || head.starts_with(b"sqlite format 3\0")
                    || ["insert into", "from stdin", "database dump", "mysql dump"]
                        .into_iter()
                        .any(has);
                is_dump.then_some(KeyFile::Database)
            }
        }
    }
}

fn judged(name: &str) -> Option<Judged> {
    let is = |extension: &str| has_extension(name, extension);
    let stem = name.split('.').next().unwrap_or_default();
    let is_ssh = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"].contains(&stem) && !is("pub");
    let mode = name.strip_prefix("env.").unwrap_or_default();
    let is_mode =
        ["local", "prod", "production", "dev", "development", "staging", "test"].contains(&mode);
    if ["pem", "key", "p8", "pk8", "ppk"].into_iter().any(is) {
        Some(Judged::Pem)
    } else if is_ssh {
        Some(Judged::Ssh)
    } else if ["p12", "pfx", "jks", "keystore", "kdbx"].into_iter().any(is) {
        Some(Judged::Store)
    } else if is("env") || is_mode {
        Some(Judged::Variables)
    } else if is("json")
        && ["service-account", "credential", "adminsdk"].iter().any(|part| name.contains(part))
    {
        Some(Judged::Account)
    } else if ["sqlite", "sqlite3"].into_iter().any(is) {
        Some(Judged::Database)
    } else if ["db", "db3", "sql", "dump"].into_iter().any(is) {
        Some(Judged::Sql)
    } else {
        None
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, own)| own == extension)
}

/// Returns whether bytes are a certificate or a public key in DER: a sequence of another one and, for a
/// certificate, its algorithm, which is a sequence too, or the key, which is a bit string. In an
/// encrypted private key an octet string follows.
fn is_der_of_signed(bytes: &[u8]) -> bool {
    const SEQUENCE: u8 = 0x30;
    const BIT_STRING: u8 = 0x03;
    let next = || {
        let (_, whole) = der_content(bytes, SEQUENCE)?;
        let (first, content) = der_content(whole, SEQUENCE)?;
        content.get(first).copied()
    };
    matches!(next(), Some(SEQUENCE | BIT_STRING))
}

/// Returns the length that an element of a type in DER states (X.690 §8.1.3), and all bytes after its
/// head.
fn der_content(bytes: &[u8], of_type: u8) -> Option<(usize, &[u8])> {
    let [found, length, rest @ ..] = bytes else { return None };
    if *found != of_type {
        return None;
    }
    if length & 0x80 == 0 {
        return Some((usize::from(*length), rest));
    }
    let (long, rest) = rest.split_at_checked(usize::from(length & 0x7f).min(4))?;
    let length = long.iter().fold(0_usize, |all, byte| all << 8 | usize::from(*byte));
    Some((length, rest))
}

/// Returns whether a text has a line such as `NAME=value`.
fn has_assignment(text: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    text.split(|byte| *byte == b'\n').any(|line| {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b"export ").unwrap_or(line);
        let sign = line.iter().position(|byte| *byte == b'=');
        sign.is_some_and(|sign| is_name(line[..sign].trim_ascii()) && sign + 1 < line.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, content: &[u8]) -> Option<KeyFile> {
        judged(name).and_then(|judged| judged.of(content))
    }

    #[test]
    fn content_tells_private_keys_from_public_ones() {
        let private: &[u8] = b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n";
        let public: &[u8] = b"-----BEGIN CERTIFICATE-----\nMIIE\n";
        for name in ["a.pem", "a.key", "a.p8", "id_rsa", "id_ed25519.bak"] {
            assert_eq!(of(name, private), Some(KeyFile::Secret), "{name}");
            assert_eq!(of(name, b"unknown"), Some(KeyFile::Secret), "{name}");
            assert_eq!(of(name, public), None, "{name}");
            assert_eq!(of(name, &[public, private].concat()), Some(KeyFile::Secret), "{name}");
        }
        assert_eq!(of("talk.key", b"PK\x03\x04..."), None, "a document of Keynote");
        assert_eq!(of("a.key", b"\x30\x82\x01\x00\x02\x01\x00"), Some(KeyFile::Secret), "in DER");
        assert_eq!(of("a.pem", b"\x30\x82\x01\x00\x30\x02\x05\x00\x30\x00"), None, "in DER");
        assert_eq!(of("id_rsa.pub", b"ssh-rsa AAAA"), None);
    }

    #[test]
    fn stores_variables_and_accounts_are_secret_and_databases_are_not() {
        for (name, content, expected) in [
            ("a.p12", &b"0"[..], Some(KeyFile::Secret)),
            ("a.jks", b"", Some(KeyFile::Secret)),
            ("prod.env", b"# c\nexport A=b\n", Some(KeyFile::Secret)),
            ("env.local", b"A=b", Some(KeyFile::Secret)),
            ("studio.env", b"\x89HDR", None),
            ("env.js", b"A=b", None),
            (
                "service-account-1.json",
                b"{\"private_key\":\"-----BEGIN PRIVATE KEY-----\"}",
                Some(KeyFile::Secret),
            ),
            ("credentials.json", b"{}", None),
            ("a.sqlite", b"", Some(KeyFile::Database)),
            ("a.db", b"SQLite format 3\0", Some(KeyFile::Database)),
            ("a.db", b"other", None),
            ("a.sql", b"INSERT INTO users VALUES (1);", Some(KeyFile::Database)),
            ("schema.sql", b"CREATE TABLE users (id);", None),
            ("a.dump", b"PGDMP", Some(KeyFile::Database)),
        ] {
            assert_eq!(of(name, content), expected, "{name}");
        }
    }

    #[test]
    fn only_what_is_signed_or_public_counts_as_public_in_der() {
        let sequence = |inner: &[u8]| [&[0x30, u8::try_from(inner.len()).unwrap()], inner].concat();
        let algorithm = sequence(&[0x05, 0x00]);
        let with = |last: &[u8]| sequence(&[&algorithm, last].concat());
        assert!(is_der_of_signed(&with(&algorithm)), "a certificate");
        assert!(is_der_of_signed(&with(&[0x03, 0x01, 0x00])), "a public key");
        assert!(!is_der_of_signed(&with(&[0x04, 0x01, 0x00])), "an encrypted private key");
        assert!(!is_der_of_signed(&sequence(&[0x02, 0x01, 0x00])), "a private key");
        for damaged in [&[][..], &[0x30], &[0x30, 0x84, 0xff], &[0x30, 0x03, 0x30, 0x82, 0xff]] {
            assert!(!is_der_of_signed(damaged));
        }
    }
}

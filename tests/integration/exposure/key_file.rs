//! Files with keys, passwords or data.

use std::fs;
use std::os::unix::fs::symlink;

use worker_pack::options::{Dotfiles, Strictness};
use worker_pack::report::{Code, Diagnostic, LeftOutReason, Severity};
use worker_pack::{Changes, Options, PackError};

use crate::support::site::{Site, paths, warnings, workers};

/// Files of keys and passwords, each with a content.
const SECRET: [(&str, &str); 21] = [
    ("server.pem", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"),
    ("chain.pem", "-----BEGIN CERTIFICATE-----\nA\n-----BEGIN RSA PRIVATE KEY-----\nA\n"),
    ("SERVER.KEY", "-----BEGIN EC PRIVATE KEY-----\nMHcC\n"),
    ("odd.pem", "unknown"),
    ("deep/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\n"),
    ("id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\n"),
    ("id_ecdsa.old", "-----BEGIN OPENSSH PRIVATE KEY-----\n"),
    ("putty.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\n"),
    ("site.p12", "0"),
    ("site.pfx", "0"),
    ("upload.jks", "\u{fe}"),
    ("upload.keystore", "0"),
    ("passwords.kdbx", "0"),
    ("prod.env", "DATABASE_PASSWORD=x\n"),
    ("env.production", "DATABASE_PASSWORD=x\n"),
    ("terraform.tfstate", "{}"),
    ("prod.tfstate", "{}"),
    ("prod.tfstate.backup", "{}"),
    ("_netrc", "machine a login b password c"),
    ("service-account.json", "{\"private_key\": \"-----BEGIN PRIVATE KEY-----\\nA\"}"),
    ("my-credentials.json", "{\"private_key\": \"-----BEGIN PRIVATE KEY-----\\nA\"}"),
];

/// Hidden files of passwords.
const HIDDEN: [&str; 13] = [
    ".env",
    ".env.local",
    ".dev.vars",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".htpasswd",
    ".git-credentials",
    ".pgpass",
    ".aws/credentials",
    ".ssh/config",
    ".docker/config.json",
    "deep/.kube/config",
];

fn with_dotfiles() -> Options {
    Options { dotfiles: Dotfiles::Publish, ..Options::default() }
}

fn codes(found: &[Diagnostic], code: Code) -> Vec<&str> {
    found.iter().filter(|one| one.code == code).map(|one| one.file.as_str()).collect()
}

#[test]
fn files_of_keys_and_passwords_are_left_out_with_a_warning() {
    for options in [Options::default(), with_dotfiles()] {
        let site = Site::new(&SECRET);
        site.write("index.html", "<p>");
        let packed = site.pack_with(options.clone());
        assert_eq!(paths(&packed), ["/index.html"]);
        let mut expected = SECRET.map(|(name, _)| name);
        expected.sort_unstable();
        assert_eq!(codes(&packed.report().diagnostics, Code::IngestSecretFile), expected);
        let is_secret =
            packed.report().left_out.iter().all(|it| it.reason == LeftOutReason::Secret);
        assert!(is_secret, "{:?}", packed.report().left_out);
        let strict = Options { strictness: Strictness::Strict, ..options };
        assert!(matches!(site.try_pack(strict), Err(PackError::Files { .. })));
    }
}

#[test]
fn hidden_files_of_passwords_are_left_out_with_a_warning_where_others_are_public() {
    let site = Site::new(&HIDDEN.map(|name| (name, "password = x")));
    site.write("index.html", "<p>");
    site.write(".well-known/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    let packed = site.pack_with(with_dotfiles());
    assert_eq!(paths(&packed), ["/index.html"]);
    assert_eq!(warnings(&packed).len(), HIDDEN.len() + 1, "{:?}", warnings(&packed));
    // Otherwise they are hidden anyway, which a single warning says.
    let packed = site.pack_with(workers());
    assert_eq!(paths(&packed), ["/index.html"]);
    assert_eq!(warnings(&packed).len(), 2, "{:?}", warnings(&packed));
    assert!(warnings(&packed)[0].starts_with(".aws/: ingest/left-out: left out, like 12 more"));
    assert!(warnings(&packed)[1].starts_with(".well-known/id_rsa: ingest/secret-file: "));
}

#[test]
fn a_rule_with_the_very_name_of_a_file_publishes_it() {
    for root in ["", "client/"] {
        let site = Site::new(&[("client/index.html", "<p>")]);
        if root == "client/" {
            site.write("server/entry.mjs", "export default {};");
        }
        let key = "-----BEGIN PRIVATE KEY-----\n";
        for name in ["keys/demo.pem", "keys/other.pem", "[x].pem", "data.sqlite", ".npmrc"] {
            site.write(&format!("{root}{name}"), key);
        }
        site.write(
            &format!("{root}.assetsignore"),
            "!*.pem\n!/keys/demo.pem\n!/\\[x\\].pem\n!data.sqlite\n!.npmrc\n",
        );
        let packed = site.pack_with(with_dotfiles());
        let prefix = if root.is_empty() { "/client" } else { "" };
        let page = format!("{prefix}/index.html");
        let mut expected = ["/.npmrc", "/[x].pem", &page, "/data.sqlite", "/keys/demo.pem"];
        expected.sort_unstable();
        assert_eq!(paths(&packed), expected);
        let found = &packed.report().diagnostics;
        assert_eq!(codes(found, Code::IngestSecretFile), [format!("{root}keys/other.pem")]);
        assert!(found.len() == 1, "{found:?}");
        let help = found[0].help.as_ref().unwrap();
        assert!(help.contains("`paths = \"/keys/other.pem\"` and `publish = true`"), "{help}");
        // A rule does not make hidden files public.
        assert!(!paths(&site.pack_with(workers())).contains(&"/.npmrc".to_owned()));
    }
}

#[test]
fn public_forms_of_keys_are_packed_without_a_warning() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("root.pem", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n"),
        ("sign.key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\nmQIN\n"),
        ("public.pem", "-----BEGIN PUBLIC KEY-----\nMIIB\n"),
        ("id_rsa.pub", "ssh-rsa AAAA me"),
        ("talk.key", "PK\u{3}\u{4}a document of Keynote"),
        ("env.js", "window.env = { MODE: 'production' };"),
        ("schema.sql", "CREATE TABLE a (id INTEGER);"),
        ("credentials.json", "{}"),
        ("thumbs.db", "other"),
    ]);
    let packed = site.pack_with(workers());
    assert_eq!(paths(&packed).len(), 10);
    assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
}

/// Some pages read such files.
#[test]
fn databases_are_public_with_a_warning() {
    let names = ["a.sqlite", "b.sqlite3", "c.db", "d.sql", "e.dump"];
    let texts = ["x", "x", "SQLite format 3\0", "INSERT INTO users VALUES (1);", "PGDMP"];
    let site = Site::new(&std::array::from_fn::<_, 5, _>(|at| (names[at], texts[at])));
    let packed = site.pack_with(workers());
    assert_eq!(paths(&packed).len(), 5);
    assert_eq!(codes(&packed.report().diagnostics, Code::IngestDatabase), names);
    assert!(packed.report().diagnostics.iter().all(|it| it.severity == Severity::Warning));
}

#[test]
fn a_link_publishes_no_key_under_another_name() {
    let site = Site::new(&[("index.html", "<p>"), ("a.pem", "-----BEGIN PRIVATE KEY-----\n")]);
    symlink("a.pem", site.dist().join("a.txt")).unwrap();
    let packed = site.pack_with(workers());
    assert_eq!(paths(&packed), ["/index.html"]);
    assert_eq!(codes(&packed.report().diagnostics, Code::IngestSecretFile), ["a.pem", "a.txt"]);
}

/// A live pack looks at changed files only.
#[test]
fn a_certificate_that_becomes_a_key_is_left_out() {
    let site = Site::new(&[("index.html", "<p>"), ("a.pem", "-----BEGIN CERTIFICATE-----\n")]);
    let mut live = site.packing(Options::default()).live().unwrap();
    let routes = |live: &mut worker_pack::LivePack, changes: &Changes| {
        let emitted = live.emit(changes).unwrap();
        let table = emitted.table().unwrap();
        table.table().assets().map(|asset| asset.path().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(routes(&mut live, &Changes::Anything), ["/a.pem", "/index.html"]);
    fs::write(site.dist().join("a.pem"), "-----BEGIN PRIVATE KEY-----\n").unwrap();
    let changed = [site.dist().canonicalize().unwrap().join("a.pem")].into();
    assert_eq!(routes(&mut live, &Changes::Files(changed)), ["/index.html"]);
}

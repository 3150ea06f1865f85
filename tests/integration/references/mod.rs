//! Fingerprints, which are second URLs of files with the hash of their bytes, and `integrity` attributes.

mod astro;
mod bundled;
mod circles;
mod drawings;
mod fixed;
mod generated;
mod integrity;
mod interplay;
mod kept;
mod modules;
mod outputs;
mod pages;
mod scripts;
mod server;

use std::ops::Deref;

use sha2::Digest;
use worker_pack::options::{Effort, Fingerprints};
use worker_pack::report::{FingerprintReport, NameReason};
use worker_pack::{Options, Packed};

use crate::support::site::{Site, text};

/// A picture that no program makes smaller.
const PICTURE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";

fn options() -> Options {
    Options { fingerprints: Fingerprints::Public, effort: Some(Effort::Fast), ..Options::default() }
}

/// A packed site. Some bodies are in its folder.
struct PackedSite {
    packed: Packed,
    _site: Site,
}

impl Deref for PackedSite {
    type Target = Packed;

    fn deref(&self) -> &Packed {
        &self.packed
    }
}

/// Packs files with fingerprints.
fn pack<B: AsRef<[u8]>>(files: &[(&str, B)]) -> PackedSite {
    let site = Site::new(files);
    PackedSite { packed: site.pack_with(options()), _site: site }
}

/// Returns the served text of a file.
fn served(packed: &Packed, path: &str) -> String {
    text(&packed.table().to_memory().unwrap().table(), path)
}

/// Returns what the report says of the name of a file.
fn name<'p>(packed: &'p Packed, route: &str) -> &'p FingerprintReport {
    let mut all = packed.report().fingerprints.iter();
    all.find(|one| one.route == route).unwrap_or_else(|| panic!("nothing is said of {route}"))
}

/// Returns the route of a file with its fingerprint, after checking its bytes and its policy.
fn fingerprinted(packed: &Packed, route: &str) -> String {
    let new = renamed(packed, route);
    let digits = hex(served(packed, &new).as_bytes());
    let (before, extension) = route.rsplit_once('.').unwrap();
    assert_eq!(new, format!("{before}.{}.{extension}", &digits[..16]));
    new
}

/// Returns the route of a file with its fingerprint, which may be that of a circle, after checking its policy.
fn renamed(packed: &Packed, route: &str) -> String {
    let report = name(packed, route);
    let new = report.fingerprinted.clone().unwrap_or_else(|| panic!("{report:?}"));
    let entries = packed.table().entries();
    let entry = entries.iter().find(|entry| entry.route.as_str() == new).unwrap();
    let old = entries.iter().find(|entry| entry.route.as_str() == route).unwrap();
    assert_eq!(entry.cache_policy.to_string(), "public, max-age=31536000, immutable");
    assert_eq!(old.cache_policy.to_string(), "public, max-age=0, must-revalidate");
    assert_eq!(entry.identity.hash(), old.identity.hash());
    assert_eq!(entry.content_type, old.content_type);
    new
}

/// Returns the reason why a file keeps its name.
fn reason(packed: &Packed, route: &str) -> Option<NameReason> {
    name(packed, route).reason
}

/// Returns the SHA-256 of bytes in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

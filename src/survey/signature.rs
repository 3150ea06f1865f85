//! Files that are signed by another one beside them, so that they keep their bytes.

use std::collections::BTreeMap;

use crate::ingest::Site;

/// The extensions that programs add to the name of a file for its signature or timestamp: GnuPG, OpenSSL,
/// signify, minisign, S/MIME, Sigstore, OpenTimestamps.
const EXTENSIONS: [&str; 8] =
    [".asc", ".sig", ".sign", ".minisig", ".p7s", ".sigstore", ".sigstore.json", ".ots"];

/// Returns the paths of signed files, each with the name of a file that signs it.
pub(super) fn signed_files(site: &Site) -> BTreeMap<&str, &str> {
    let mut signed = BTreeMap::new();
    for file in &site.files {
        for extension in EXTENSIONS {
            if let Some(path) = file.route.as_str().strip_suffix(extension) {
                signed.entry(path).or_insert(&*file.name);
            }
        }
    }
    signed
}

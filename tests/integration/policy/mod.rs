//! Content security policies of pages.

mod header;
mod report;
mod strict;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use worker_pack::Options;
use worker_pack::options::{Csp, CspAttributes};

/// Options with policies.
pub(crate) fn hashes() -> Options {
    Options { csp: Csp::Hashes, ..Options::default() }
}

/// Options with policies that list the hashes of attributes too.
pub(crate) fn with_attributes() -> Options {
    Options { csp_attributes: CspAttributes::Hash, ..hashes() }
}

/// Returns the source that allows code by its hash.
fn hash(code: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(code)))
}

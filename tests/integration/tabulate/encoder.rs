//! The bodies of real sites, compared with those of the Brotli encoder in C.

use std::path::{Path, PathBuf};

use brotlic::{CompressionMode, Quality, WindowSize, compress, compress_bound};
use worker_pack::cache::CacheLocation;
use worker_pack::options::Coding;
use worker_pack::{Options, Pack};

use crate::support::site::blog;
use crate::support::xtask;

/// The smallest number of bodies in Brotli that a real site has here.
const BODIES: usize = 40;

/// Encodes a body at level 11, with the smallest window that holds all of it (RFC 7932 §9.1).
fn encoded_by_c(body: &[u8]) -> Vec<u8> {
    let bits = (10..24).find(|bits| (1_usize << bits) - 16 >= body.len()).unwrap_or(24);
    let (quality, window) = (Quality::best(), WindowSize::new(bits).expect("it is from 10 to 24"));
    let mut encoded = vec![0; compress_bound(body.len(), quality).expect("it is short")];
    let len = compress(body, &mut encoded, quality, window, CompressionMode::Generic);
    encoded.truncate(len.expect("there is room"));
    encoded
}

/// Packs a site without a cache, and compares each body with that of C. Names every file that differs.
fn compare(site: &Path) {
    let options = Options { encodings: [Coding::Brotli].into(), ..Options::default() };
    let packed = Pack::from_dir(site).options(options).cache(CacheLocation::Nowhere).run().unwrap();
    let (mut compared, mut others) = (0, Vec::new());
    for entry in packed.table().entries() {
        let Some((_, brotli)) = entry.encoded.first() else { continue };
        let body = entry.identity.read().unwrap();
        compared += 1;
        if encoded_by_c(&body) != *brotli.read().unwrap() {
            others.push(entry.name.clone());
        }
    }
    assert!(compared >= BODIES, "only {compared} bodies of {}", site.display());
    assert!(others.is_empty(), "other bytes than C writes: {others:?}");
}

#[test]
fn bodies_of_the_blog_are_those_of_the_encoder_in_c() {
    compare(&blog());
}

#[test]
fn bodies_of_a_documentation_site_are_those_of_the_encoder_in_c() {
    let (stdout, _) = xtask::run(&["docs-site", "--pages", "20"]);
    let last = stdout.lines().last().expect("xtask prints the folder");
    compare(&PathBuf::from(last));
}

//! Representations and their bodies.

use std::io::Read;

use worker_pack::Options;
use worker_pack::options::Coding;

use super::text;
use crate::support::site::Site;

#[test]
fn encoded_bodies_are_stored_only_if_they_save_enough() {
    // Noise (xorshift64), which no encoder can compress.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut noise = Vec::new();
    for _ in 0..500 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend(state.to_le_bytes());
    }
    let site = Site::new(&[
        ("page.txt", text().as_bytes()),
        ("short.txt", b"short"),
        ("photo.jpg", text().as_bytes()),
        ("noise.bin", &noise),
        ("again.txt", text().as_bytes()),
    ]);
    let image = site.pack().table().to_memory().unwrap();
    let table = image.table();
    let encodings = |path: &str| -> Vec<Coding> {
        table.asset(path).unwrap().encoded().map(|one| one.coding()).collect()
    };
    assert_eq!(encodings("/page.txt"), [Coding::Brotli]);
    assert!(encodings("/short.txt").is_empty(), "too small to gain");
    assert!(encodings("/photo.jpg").is_empty(), "its media type is compressed already");
    assert!(encodings("/noise.bin").is_empty(), "not compressible");
}

#[test]
fn encoded_bodies_decode_to_the_file_and_have_their_own_tags() {
    let options = Options { encodings: Coding::ALL.into(), ..Options::default() };
    let image = Site::new(&[("page.txt", text())]).pack_with(options).table().to_memory().unwrap();
    let table = image.table();
    let asset = table.asset("/page.txt").unwrap();
    let mut tags = vec![asset.identity().etag()];
    for representation in asset.encoded() {
        let encoded = representation.body().bytes().unwrap();
        let mut decoded = Vec::new();
        match representation.coding() {
            Coding::DictionaryBrotli => panic!("it is a variant"),
            Coding::Brotli => {
                brotli_decompressor::Decompressor::new(encoded, 4096).read_to_end(&mut decoded)
            }
            Coding::Gzip => flate2::read::GzDecoder::new(encoded).read_to_end(&mut decoded),
            Coding::Identity => panic!("identity is not a content coding"),
        }
        .unwrap();
        assert_eq!(decoded, text().into_bytes());
        tags.push(representation.etag());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3);
}

#[test]
fn equal_bodies_are_stored_once() {
    let packed = Site::new(&[("a.txt", text()), ("b/c.txt", text())]).pack();
    assert_eq!(packed.table().entries().len(), 2);
    assert_eq!(packed.table().bodies().len(), 2, "one with Brotli, one without");
}

#[test]
fn equal_bodies_of_different_types_have_their_own_encodings() {
    let site = Site::new(&[("a.txt", text()), ("b.jpg", text())]);
    let packed = site.pack();
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    assert_eq!(table.asset("/a.txt").unwrap().encoded().count(), 1);
    assert_eq!(table.asset("/b.jpg").unwrap().encoded().count(), 0);
}

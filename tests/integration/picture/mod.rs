//! Pictures: fewer bytes, the same pixels unless a loss is allowed.

pub(crate) mod files;
pub(crate) mod lossy;
mod metadata;
mod negotiation;
mod properties;
mod staying;

use files::{Png, rgba};
use worker_pack::report::{FileReport, Outcome};
use worker_pack::table::Variant;
use worker_pack::{Options, Packed};

use crate::support::site::Site;

/// A site with a picture.
fn site(png: &[u8]) -> Site {
    Site::new(&[("index.html", &b"<img src=/a.png>"[..]), ("a.png", png)])
}

fn report<'p>(packed: &'p Packed, file: &str) -> &'p FileReport {
    packed.report().files.iter().find(|found| found.file == file).unwrap()
}

/// The forms of a packed picture.
struct Forms {
    outcome: Outcome,
    png: Vec<u8>,
    webp: Option<Vec<u8>>,
}

fn forms_of(packed: &Packed, file: &str) -> Forms {
    let route = format!("/{file}");
    let entry =
        packed.table().entries().iter().find(|entry| entry.route.as_str() == route).unwrap();
    assert!(entry.encoded.is_empty(), "no content coding makes a picture smaller");
    let webp = match &*entry.variants {
        [] => None,
        [Variant { content_type, body, .. }] => {
            assert_eq!(content_type.as_deref(), Some("image/webp"));
            Some(body.read().unwrap().to_vec())
        }
        more => panic!("{more:?}"),
    };
    let png = entry.identity.read().unwrap().to_vec();
    Forms { outcome: report(packed, file).transform, png, webp }
}

fn forms_with(png: &[u8], options: Options) -> Forms {
    // Its bytes are read from it.
    let site = site(png);
    forms_of(&site.pack_with(options), "a.png")
}

fn forms(png: &[u8]) -> Forms {
    forms_with(png, Options::default())
}

/// A picture that both forms make smaller.
pub(crate) fn screenshot() -> Vec<u8> {
    Png::screenshot(96, 64).encoded()
}

#[test]
fn a_png_file_becomes_smaller_and_gets_a_webp_form_with_the_same_pixels() {
    let original = screenshot();
    let Forms { outcome, png, webp } = forms(&original);
    assert_eq!(outcome, Outcome::Minified);
    assert!(png.len() < original.len());
    let webp = webp.unwrap();
    assert!(webp.len() * 10 <= png.len() * 9, "{} of {}", webp.len(), png.len());
    assert_eq!(rgba(&png), rgba(&original));
    assert_eq!(files::webp_rgba(&webp), rgba(&original));
}

/// The field of `IHDR` that says whether a file is interlaced (PNG §11.2.1).
fn interlacing(png: &[u8]) -> u8 {
    files::chunk_of(png, "IHDR").unwrap()[12]
}

#[test]
fn an_interlaced_file_loses_its_interlacing_and_no_pixel() {
    let original = files::interlaced(32);
    assert_eq!(interlacing(&original), 1);
    let Forms { outcome, png, .. } = forms(&original);
    assert_eq!(outcome, Outcome::Minified);
    assert_eq!(interlacing(&png), 0);
    assert_eq!(rgba(&png), rgba(&original));
}

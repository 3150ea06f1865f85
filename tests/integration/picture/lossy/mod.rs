//! Photographs with other pixels: fewer bytes, of a quality that is measured.

mod metadata;
mod negotiation;
pub(crate) mod photographs;
mod staying;

use photographs::{SIDES, avif_sides, jpeg, jpeg_rgb, png, score, transparent_png, webp_rgb};
use worker_pack::options::{PictureQuality, Pictures};
use worker_pack::report::Outcome;
use worker_pack::{Options, Packed};

use super::files::{Png, rgba};
use super::report;
use crate::support::site::Site;

pub(super) fn lossy() -> Options {
    Options { pictures: Pictures::Lossy, ..Options::default() }
}

fn of_quality(quality: &str) -> Options {
    Options { picture_quality: quality.parse::<PictureQuality>().unwrap(), ..lossy() }
}

/// A site with a picture.
fn site(name: &str, bytes: &[u8]) -> Site {
    let page = format!("<img src=/{name}>");
    Site::new(&[("index.html", page.as_bytes()), (name, bytes)])
}

/// The forms of a packed picture.
#[derive(Debug, PartialEq)]
struct Forms {
    outcome: Outcome,
    own: Vec<u8>,
    avif: Option<Vec<u8>>,
    webp: Option<Vec<u8>>,
}

fn forms_of(packed: &Packed, name: &str) -> Forms {
    let route = format!("/{name}");
    let entries = packed.table().entries();
    let entry = entries.iter().find(|entry| entry.route.as_str() == route).unwrap();
    assert!(entry.encoded.is_empty(), "no content coding makes a picture smaller");
    let types: Vec<&str> =
        entry.variants.iter().filter_map(|one| one.content_type.as_deref()).collect();
    assert!(
        [&["image/avif", "image/webp"][..], &["image/avif"], &["image/webp"], &[]]
            .contains(&&*types)
    );
    let form = |media_type| {
        let at = types.iter().position(|found| *found == media_type)?;
        Some(entry.variants[at].body.read().unwrap().to_vec())
    };
    Forms {
        outcome: report(packed, name).transform,
        own: entry.identity.read().unwrap().to_vec(),
        avif: form("image/avif"),
        webp: form("image/webp"),
    }
}

fn forms_with(name: &str, bytes: &[u8], options: Options) -> Forms {
    // Its bytes are read from it.
    let site = site(name, bytes);
    forms_of(&site.pack_with(options), name)
}

fn forms(name: &str, bytes: &[u8]) -> Forms {
    forms_with(name, bytes, lossy())
}

#[test]
fn a_jpeg_file_becomes_smaller_and_gets_forms_that_look_like_it() {
    let original = jpeg();
    let Forms { outcome, own, avif, webp } = forms("a.jpg", &original);
    assert_eq!(outcome, Outcome::Minified);
    let (avif, webp) = (avif.unwrap(), webp.unwrap());
    let lens = [avif.len(), webp.len(), own.len(), original.len()];
    assert!(lens.is_sorted_by(|small, large| small * 10 <= large * 9), "{lens:?}");
    let (sides, pixels) = jpeg_rgb(&original);
    for (form, (found, decoded)) in [("JPEG", jpeg_rgb(&own)), ("WebP", webp_rgb(&webp))] {
        assert_eq!(found, sides, "{form}");
        // By other decoders than the packer's, whose rounding differs.
        let score = score(sides, &pixels, &decoded);
        assert!((73.0..90.0).contains(&score), "{form}: {score}");
    }
    assert_eq!(avif_sides(&avif), (SIDES, false));
}

#[test]
fn a_photograph_in_png_keeps_its_pixels_and_gets_forms_that_do_not() {
    let original = png();
    let Forms { outcome, own, webp, .. } = forms("a.png", &original);
    assert_eq!(outcome, Outcome::Minified);
    assert_eq!(rgba(&own), rgba(&original));
    let webp = webp.unwrap();
    assert!(webp.len() * 2 < own.len(), "{} of {}", webp.len(), own.len());
    let (sides, decoded) = webp_rgb(&webp);
    let score = score(sides, &photographs::pixels(SIDES), &decoded);
    assert!(score >= 74.9, "{score}");
}

#[test]
fn transparency_stays_in_each_form() {
    let original = transparent_png();
    let Forms { own, avif, webp, .. } = forms("a.png", &original);
    assert_eq!(rgba(&own), rgba(&original));
    if let Some(avif) = avif {
        assert_eq!(avif_sides(&avif), (SIDES, true));
    }
    let (.., expected) = rgba(&original);
    let (.., found) = super::files::webp_rgba(&webp.unwrap());
    let alpha = |pixels: &[u16]| pixels.iter().skip(3).step_by(4).copied().collect::<Vec<_>>();
    assert_eq!(alpha(&found), alpha(&expected));
}

#[test]
fn a_higher_quality_costs_more_bytes() {
    let original = jpeg();
    let [low, high] =
        ["50", "85"].map(|quality| forms_with("a.jpg", &original, of_quality(quality)));
    assert!(low.own.len() < high.own.len());
}

#[test]
fn drawings_are_treated_as_without_a_loss() {
    let drawing = Png::screenshot(96, 64).encoded();
    let without_loss = forms_with("a.png", &drawing, Options::default());
    assert!(without_loss.webp.is_some() && without_loss.avif.is_none());
    assert_eq!(forms("a.png", &drawing), without_loss);
}

#[test]
fn photographs_have_the_same_bytes_each_time() {
    let (jpeg, png) = (jpeg(), png());
    let files: [(&str, &[u8]); 3] =
        [("index.html", b"<img src=/a.jpg><img src=/b.png>"), ("a.jpg", &jpeg), ("b.png", &png)];
    let pack = |files: &[(&str, &[u8])]| {
        let site = Site::new(files);
        let packed = site.pack_with(lossy());
        [forms_of(&packed, "a.jpg"), forms_of(&packed, "b.png")]
    };
    let both = pack(&files);
    assert_eq!(pack(&files), both);
    // Each alone has all cores for itself.
    let [first, second] = both;
    assert_eq!(forms("a.jpg", &jpeg), first);
    assert_eq!(forms("b.png", &png), second);
}

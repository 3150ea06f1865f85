//! The form that a client gets, and results from the cache.

use worker_pack::Options;
use worker_pack::Packed;
use worker_pack::cache::CacheLocation;
use worker_pack::options::PictureQuality;

use super::photographs::{jpeg, png};
use super::{forms_of, lossy, of_quality};
use crate::support::client::{Request, ask};
use crate::support::server::Server;
use crate::support::site::{Site, files_below};

fn photographs() -> Site {
    let (jpeg, png) = (jpeg(), png());
    Site::new(&[
        ("index.html", &b"<img src=/a.jpg><img src=/b.png>"[..]),
        ("a.jpg", &jpeg),
        ("b.png", &png),
    ])
}

#[test]
fn a_client_gets_the_form_that_it_names_with_a_tag_and_ranges_of_its_own() {
    let site = photographs();
    let packed = site.pack_with(lossy());
    let server = Server::start(&site.dist(), &["--quiet", "--pictures", "lossy"]);
    let chromium = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
    for (name, own_type) in [("a.jpg", "image/jpeg")] {
        let forms = forms_of(&packed, name);
        let (avif, webp) = (forms.avif.unwrap(), forms.webp.unwrap());
        let mut tags = Vec::new();
        for (accept, body, media_type) in [
            (Some(chromium), &avif, "image/avif"),
            (Some("image/webp"), &webp, "image/webp"),
            (Some("image/avif;q=0,image/webp,*/*"), &webp, "image/webp"),
            (Some("image/*"), &forms.own, own_type),
            (None, &forms.own, own_type),
        ] {
            let request = || {
                let request = Request::new("GET", format!("/{name}"));
                accept.into_iter().fold(request, |request, value| request.with("Accept", value))
            };
            let answer = ask(server.address(), &request());
            let tag = answer.field("etag").unwrap().to_owned();
            assert_eq!((answer.status, answer.field("content-type")), (200, Some(media_type)));
            assert_eq!(answer.field("vary"), Some("Accept"), "{accept:?}");
            assert!(answer.body == *body, "{name} {accept:?}");

            let again = ask(server.address(), &request().with("If-None-Match", &*tag));
            assert_eq!((again.status, again.body.len()), (304, 0), "{accept:?}");
            let part = request().with("Range", "bytes=10-29").with("If-Range", &*tag);
            let part = ask(server.address(), &part);
            let range = format!("bytes 10-29/{}", body.len());
            assert_eq!((part.status, part.field("content-range")), (206, Some(&*range)));
            assert!(part.body == body[10..30] && part.field("content-type") == Some(media_type));
            tags.push(tag);
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 3, "each form has a tag");
    }
}

fn pack(site: &Site, options: Options) -> Packed {
    let cache = CacheLocation::Folder(site.project().join("cache"));
    site.packing(options).cache(cache).run().unwrap()
}

fn worked_on(packed: &Packed) -> Vec<&str> {
    let files = packed.timings().files.iter().map(|time| &*time.file);
    let mut files: Vec<&str> = files.filter(|file| *file != "index.html").collect();
    files.sort_unstable();
    files
}

#[test]
fn results_are_cached_by_quality_and_checked() {
    let site = photographs();
    let first = pack(&site, lossy());
    assert_eq!(worked_on(&first), ["a.jpg", "b.png"]);
    let again = pack(&site, lossy());
    assert_eq!(worked_on(&again), [] as [&str; 0]);
    let names = ["a.jpg", "b.png"];
    let made = names.map(|name| forms_of(&first, name));
    assert_eq!(names.map(|name| forms_of(&again, name)), made);

    // Neither another quality nor another option takes these.
    let lower = pack(&site, of_quality("60"));
    assert_eq!(worked_on(&lower), ["a.jpg", "b.png"]);
    let without_loss = forms_of(&pack(&site, Options::default()), "a.jpg");
    assert!(without_loss.own == jpeg() && without_loss.avif.is_none());
    // The quality only matters to pictures with a loss.
    let quality = PictureQuality::default();
    let other = Options { picture_quality: "60".parse().unwrap(), ..Options::default() };
    assert_ne!(other.picture_quality, quality);
    assert_eq!(worked_on(&pack(&site, other)), [] as [&str; 0]);

    // A form with another byte is made anew.
    let avif = made[0].avif.as_ref().unwrap();
    let mut damaged = 0;
    for path in files_below(&site.project().join("cache")) {
        let path = site.project().join("cache").join(path);
        let mut bytes = std::fs::read(&path).unwrap();
        if let Some(at) = bytes.windows(avif.len()).position(|part| part == avif) {
            bytes[at + avif.len() / 2] ^= 1;
            std::fs::write(path, bytes).unwrap();
            damaged += 1;
        }
    }
    assert_eq!(damaged, 1);
    let anew = pack(&site, lossy());
    assert_eq!(worked_on(&anew), ["a.jpg"]);
    assert_eq!(forms_of(&anew, "a.jpg"), made[0]);
}

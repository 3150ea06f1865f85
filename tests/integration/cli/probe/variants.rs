//! Variants of files: pictures in another media type, and pages as differences to a dictionary.

use super::{parts, probe, run};
use crate::dictionary::pages::alike;
use crate::picture::screenshot;
use crate::support::server::Server;
use crate::support::site::Site;

/// A site with a picture, and pages for a dictionary, with its manifest in the folder `out`.
fn site() -> Site {
    let site = alike(&[]);
    site.write("shot.png", screenshot());
    let build = ["build", "--out", "out", "--quiet", "--dictionaries", "pages"];
    let (code, _, stderr) = parts(&run(site.project(), &build));
    assert_eq!(code, 0, "{stderr}");
    site
}

const AS_PACKED: [&str; 3] = ["--quiet", "--dictionaries", "pages"];

/// Returns the class, the check, the path and the request of each finding about a server with some arguments.
fn findings(site: &Site, arguments: &[&str]) -> Vec<[String; 4]> {
    let server = Server::start(&site.dist(), arguments);
    let url = format!("http://{}", server.address());
    let manifest = site.project().join("out");
    let found = probe(&url, &["--manifest", manifest.to_str().unwrap()]);
    let all = found.report["findings"].as_array().unwrap().iter();
    all.map(|it| {
        ["class", "check", "path", "asked"].map(|name| it[name].as_str().unwrap().to_owned())
    })
    .collect()
}

#[test]
fn a_site_with_variants_answers_as_packed() {
    assert_eq!(findings(&site(), &AS_PACKED), Vec::<[String; 4]>::new());
}

#[test]
fn a_picture_that_is_not_sent_in_the_named_media_type_is_an_error() {
    let found = findings(&site(), &[&AS_PACKED[..], &["--pictures", "off"]].concat());
    let asked = "GET, WebP and AVIF";
    assert!(found.iter().all(|[_, _, path, _]| path == "/shot.png"), "{found:?}");
    assert!(found.iter().any(|[class, _, _, by]| class == "error" && by == asked), "{found:?}");
}

#[test]
fn a_page_that_is_not_sent_as_the_difference_to_its_dictionary_is_found() {
    let found = findings(&site(), &["--quiet", "--dictionaries", "off"]);
    let asked = "GET, Available-Dictionary";
    let is_found =
        |[_, check, path, by]: &[String; 4]| check == "coding" && path == "/1/" && by == asked;
    assert!(found.iter().any(is_found), "{found:?}");
}

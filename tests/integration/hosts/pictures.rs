//! Photographs with other pixels in Chromium, served by the command.

use super::packed_site::last_line;
use crate::picture::files::exif;
use crate::picture::lossy::photographs::{jpeg, png, segment, with_segments};
use crate::support::server::Server;
use crate::support::site::Site;
use crate::support::xtask;

/// The tag of the orientation, and a quarter turn to the right (Exif §4.6.5).
const ORIENTATION: u16 = 0x112;
const TURNED: u16 = 6;

#[test]
fn chromium_gets_photographs_in_the_form_that_it_accepts_and_shows_them_like_the_originals() {
    let turned = [b"Exif\0\0", &*exif(ORIENTATION, TURNED)].concat();
    let turned = with_segments(&jpeg(), &[segment(0xe1, &turned)]);
    let page = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Photographs</title>\
                <link rel=icon href=data:,></head><body>\
                <img alt=a src=/a.jpg><img alt=b src=/b.png><img alt=turned src=/turned.jpg>";
    let site = Site::new(&[
        ("index.html", page.as_bytes()),
        ("a.jpg", &jpeg()),
        ("b.png", &png()),
        ("turned.jpg", &turned),
    ]);
    let (chromium, _) = xtask::run(&["chromium"]);
    let originals = Server::start(&site.dist(), &["--quiet", "--pictures", "off"]);
    let lossy = Server::start(&site.dist(), &["--quiet", "--pictures", "lossy"]);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("ORIGINALS_URL", format!("http://{}/", originals.address)),
        ("LOSSY_URL", format!("http://{}/", lossy.address)),
    ];
    let test = ["node", "--test", "tests/worker/pictures.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

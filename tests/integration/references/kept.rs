//! Files that keep their names, each with the reason.

use worker_pack::report::{NameReason, TextPlace};

use super::{PICTURE, name, pack, reason, served};
use crate::support::site::Site;

#[test]
fn a_name_outside_of_a_reference_keeps_it_and_the_report_says_where() {
    for (file, text) in [
        ("code.js", "\n let a = '/a.svg'"),
        ("code.js", "\n let a = `<img src=a.svg>`"),
        ("code.mjs", "\n /a.svg/"),
        ("more.css", "\n [src$='a.svg'] { color: red }"),
        ("more.html", "\n <script>f('a.svg')</script>"),
        ("more.html", "\n <p data-src=/a.svg>"),
        ("more.html", "\n <a href=\"javascript:f('a.svg')\">a</a>"),
        ("more.html", "\n <meta http-equiv=Content-Security-Policy content='img-src /a.svg'>"),
        ("_headers", "/b\n  Link: </a.svg>; rel=preload; as=image"),
        ("more.html", "\n <p onclick='f(\"a.svg\")'>"),
        ("more.html", "\n <script type=importmap>{\"imports\":{\"/a.svg\":\"/b.svg\"}}</script>"),
        ("more.html", "\n <iframe srcdoc='<img src=a.svg>'></iframe>"),
        ("more.html", "\n <astro-island props='{\"a\":\"a.svg\"}'></astro-island>"),
        ("more.xhtml", "\n <img src='a.svg'/>"),
    ] {
        let packed = pack(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE), (file, text)]);
        let report = name(&packed, "/a.svg");
        assert_eq!(report.reason, Some(NameReason::Mentioned), "{file} {text}");
        let TextPlace { file: place, line, .. } = report.place.clone().unwrap();
        assert_eq!((&*place, line), (file, 2), "{text}");
        assert!(served(&packed, "/index.html").contains("/a.svg"));
    }
}

#[test]
fn a_name_in_code_of_the_server_keeps_it() {
    let site = Site::new(&[
        ("client/index.html", "<img src=/a.svg>"),
        ("client/a.svg", PICTURE),
        ("server/entry.mjs", "export default { fetch: () => new Response('<img src=/a.svg>') }"),
    ]);
    let packed = site.pack_with(super::options());
    let place = name(&packed, "/a.svg").place.clone().unwrap();
    assert_eq!(place.file, "server/entry.mjs");
}

#[test]
fn files_that_programs_or_people_ask_for_by_name_keep_it() {
    let packed = pack(&[
        (
            "index.html",
            "<link rel=icon href=/favicon.ico><img src=/b.svg><a download href=/b.svg>b</a>",
        ),
        ("favicon.ico", "icon"),
        ("b.svg", PICTURE),
    ]);
    assert_eq!(reason(&packed, "/favicon.ico"), Some(NameReason::WellKnown));
    assert_eq!(reason(&packed, "/b.svg"), Some(NameReason::Downloaded));
}

#[test]
fn a_path_that_another_file_has_is_not_taken() {
    let digits = super::hex(PICTURE.as_bytes());
    for other in [format!("a.{}.svg", &digits[..16]), format!("A.{}.svg", &digits[..16])] {
        let packed =
            pack(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE), (&other, "<svg/>")]);
        assert_eq!(reason(&packed, "/a.svg"), Some(NameReason::Taken), "{other}");
        assert!(served(&packed, "/index.html").contains("/a.svg"));
    }
}

//! References of drawings and of manifests of web apps.

use worker_pack::Options;
use worker_pack::options::Fingerprints;
use worker_pack::report::NameReason;

use super::{PICTURE, fingerprinted, options, pack, reason, served};
use crate::support::site::Site;

const NAMESPACES: &str =
    "xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"";

fn drawing(content: &str) -> String {
    format!("<svg {NAMESPACES}>{content}</svg>")
}

#[test]
fn drawings_load_files_by_their_fingerprints_in_every_form() {
    let text = format!(
        "<?xml-stylesheet href=\"/e.css\" type=\"text/css\"?>{}",
        drawing(
            "<style>g{fill:url(/a.svg#x)}</style><image href=\"../a.svg\"/><image xlink:href=\"/a.svg\"/>
            <use href=\"/a.svg#x\"/><feImage href=\"../a.svg\"/><g style=\"mask: url('/a.svg#x')\" filter=\"url(/a.svg#x)\"/>"
        )
    );
    let packed = pack(&[
        ("index.html", "<object data=/d/drawing.svg></object>"),
        ("d/drawing.svg", &*text),
        ("a.svg", PICTURE),
        ("e.css", "g{fill:red}"),
    ]);
    let new = fingerprinted(&packed, "/d/drawing.svg");
    assert!(served(&packed, "/index.html").contains(&new));
    let text = served(&packed, &new);
    assert_eq!(text.matches(&fingerprinted(&packed, "/a.svg")[1..]).count(), 7, "{text}");
    assert!(text.contains(&fingerprinted(&packed, "/e.css")), "{text}");
    assert!(!text.contains("a.svg"), "{text}");
}

#[test]
fn what_a_drawing_says_in_other_ways_keeps_the_name() {
    for content in [
        "<animate attributeName=\"href\" values=\"/a.svg;/b.svg\"/>",
        "<style>g[id='a.svg']{fill:red}</style>",
        "<script>'/a.svg'</script>",
        "<g onclick=\"f('/a.svg')\"/>",
        "<foreignObject><img xmlns=\"http://www.w3.org/1999/xhtml\" src=\"/a.svg\"/></foreignObject>",
        "<g>/a.svg",
    ] {
        let text = drawing(content);
        let packed =
            pack(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE), ("d.svg", &*text)]);
        assert_eq!(reason(&packed, "/a.svg"), Some(NameReason::Mentioned), "{content}");
        let report = super::name(&packed, "/a.svg");
        assert_eq!(report.place.as_ref().unwrap().file, "d.svg", "{content}");
    }
    for content in
        ["<title>a.svg</title>", "<!--a.svg-->", "<g id=\"a.svg\"/>", "<a href=\"/a.svg\"/>"]
    {
        let text = drawing(content);
        let packed =
            pack(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE), ("d.svg", &*text)]);
        let new = fingerprinted(&packed, "/a.svg");
        assert!(!served(&packed, "/d.svg").contains(&new), "{content}");
    }
}

#[test]
fn relative_references_of_a_drawing_whose_elements_are_used_stay() {
    let text = drawing("<image href=\"a.svg\"/><image href=\"/b.svg\"/>");
    for (file, user) in [
        ("d/page.html", "<svg><use href=/d/d.svg#x /></svg>".to_owned()),
        ("d/page.html", "<svg><use xlink:href=d.svg#x /></svg>".to_owned()),
        ("d/e.svg", drawing("<use href=\"d.svg#x\"/>")),
        ("code.js", "load('/d/d.svg')".to_owned()),
    ] {
        let packed = pack(&[
            ("index.html", "<object data=/d/d.svg></object>"),
            ("d/d.svg", &*text),
            ("d/a.svg", PICTURE),
            ("b.svg", PICTURE),
            (file, &*user),
        ]);
        let other = fingerprinted(&packed, "/b.svg");
        let found = served(&packed, "/d/d.svg");
        assert!(found.contains("\"a.svg\"") && found.contains(&other), "{user}: {found}");
        assert!(packed.report().fingerprints.iter().all(|one| one.route != "/d/a.svg"), "{user}");
    }
}

#[test]
fn drawings_with_a_base_or_in_another_encoding_keep_their_references() {
    let image = "<image href=\"a.svg\"/><image href=\"/a.svg\"/>";
    for text in [
        format!("<svg {NAMESPACES} xml:base=\"/b/\">{image}</svg>"),
        format!("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>{}", drawing(&format!("é{image}"))),
        format!("<!DOCTYPE svg [<!ENTITY e \"f\">]>{}", drawing(image)),
        format!("{image}{}", drawing("")),
    ] {
        let packed = pack(&[("index.html", "<p>"), ("d.svg", &*text), ("a.svg", PICTURE)]);
        assert!(packed.report().fingerprints.is_empty(), "{text}");
        assert!(served(&packed, "/d.svg").contains("\"/a.svg\""), "{text}");
    }
}

#[test]
fn manifests_of_web_apps_name_pictures_by_their_fingerprints_and_keep_their_own_names() {
    let manifest = r#"{"id":"/i.svg","start_url":"/?a.svg","icons":[{"src":"../i.svg"},{"src":"j.svg"}],"screenshots":[{"src":"/i.svg"}],"shortcuts":[{"url":"/i.svg","icons":[{"src":"/i.svg"}]}]}"#;
    for (name, page) in [
        ("app/manifest.json", "<link rel=manifest href=/app/manifest.json>"),
        ("app/site.webmanifest", "<link rel='manifest' href=app/site.webmanifest>"),
        ("app/site.webmanifest", "<p>"),
    ] {
        let packed = pack(&[
            ("index.html", page),
            (name, manifest),
            ("i.svg", PICTURE),
            ("app/j.svg", PICTURE),
        ]);
        let (i, j) = (fingerprinted(&packed, "/i.svg"), fingerprinted(&packed, "/app/j.svg"));
        let expected = manifest
            .replace("\"src\":\"/i.svg\"", &format!("\"src\":\"{i}\""))
            .replace("../i.svg", &format!("..{i}"))
            .replace("\"j.svg", &format!("\"{}", &j[5..]));
        assert_eq!(served(&packed, &format!("/{name}")), expected);
        assert!(served(&packed, "/index.html").contains(page));
        assert_eq!(packed.report().fingerprints.len(), 2);
    }
    for (name, page, manifest) in [
        ("manifest.json", "<p>", manifest),
        ("manifest.json", "<link rel=icon href=manifest.json>", manifest),
        (
            "site.webmanifest",
            "<link rel=manifest href=site.webmanifest>",
            "{\"icons\":[{\"src\":\"i.svg\"}],}",
        ),
    ] {
        let packed = pack(&[("index.html", page), (name, manifest), ("i.svg", PICTURE)]);
        assert!(packed.report().fingerprints.is_empty(), "{name} {page}");
    }
}

#[test]
fn broken_drawings_and_manifests_are_packed_without_a_wrong_change() {
    let data = format!("<image href=\"data:image/png;base64,{}\"/>", "A".repeat(3_000_000));
    let svg = |content: &str| ("d.svg", drawing(content));
    let texts = [
        svg("<image href='/a.svg'"),
        svg("<image href=/a.svg />"),
        svg("<image href='/a.svg' href='/a.svg'/>"),
        svg("<image href='/&#x61;.svg'/><image href='/a.svg&amp;'/><image href='&e;'/>"),
        svg("<style><![CDATA[g{fill:url(/a.svg</style>"),
        svg("<style>g{fill:url(/a.svg</style>"),
        svg("<style>g{fill:url(/a.svg)}<!-- --> h{fill:url(/a.svg)}</style>"),
        svg("<g style='fill:url(/a.svg' mask='url(&apos;/a.svg&apos;)' filter='url(\"/a.svg'/>"),
        svg(
            "<image href=' /a.svg '/><image href='\\a.svg'/><image href='//a.svg'/><image href='/%61.svg'/>",
        ),
        svg("<x:image href='/a.svg'/>"),
        svg(&format!("{data}<image href='/a.svg'/>")),
        ("d.svg", "<?xml-stylesheet href='/a.svg'?>".repeat(100) + &drawing("")),
        ("d.svg", "<g>".repeat(50_000) + "<image href='/a.svg'/>"),
        (
            "m.webmanifest",
            r#"{"icons":[{"src":"/a.svg","src":"\u002fa.svg"},{"src":["/a.svg"]}"#.to_owned(),
        ),
        (
            "m.webmanifest",
            r#"{"icons":[{"src":"/a.svg","src":"\u002fa.svg"},{"src":["/a.svg"]}]}"#.to_owned(),
        ),
        (
            "m.webmanifest",
            r#"{"icons":[{"src":"/\u0061.svg"},{"src":" /a.svg"},{"src":"\/a.svg"}]}"#.to_owned(),
        ),
    ];
    for (name, text) in texts {
        let files = [("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE), (name, &*text)];
        let site = Site::new(&files);
        let off = Options { fingerprints: Fingerprints::Off, ..options() };
        let (before, after) = (site.pack_with(off), site.pack_with(options()));
        let mut found = served(&after, &format!("/{name}"));
        if let Some(new) = &super::name(&after, "/a.svg").fingerprinted {
            found = found.replace(&new[2..19], "");
        }
        let same = found == served(&before, &format!("/{name}"));
        assert!(same, "{}", &text[..text.len().min(200)]);
    }
}

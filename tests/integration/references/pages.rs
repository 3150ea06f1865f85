//! References of pages and style sheets that are rewritten, and those that stay.

use worker_pack::Options;
use worker_pack::options::{EarlyHints, Fidelity};

use super::{PICTURE, fingerprinted, name, options, pack, served};
use crate::support::site::Site;

#[test]
fn without_the_option_nothing_changes() {
    let site = Site::new(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE)]);
    let packed = site.pack();
    assert!(packed.report().fingerprints.is_empty());
    assert_eq!(packed.table().entries().len(), 2);
    let strict = Options { fidelity: Fidelity::Strict, ..options() };
    assert!(site.pack_with(strict).report().fingerprints.is_empty());
}

#[test]
fn pages_load_files_by_their_fingerprints_in_every_form() {
    let page = "<!doctype html><link rel=icon href='/a.svg'><link rel=preload as=image href=a.svg>
        <img src=./a.svg?x=1&amp;y#z srcset='a.svg 1x, /a.svg#b 2x'><video poster=\"a.svg\"></video>
        <p style='background: url(a.svg)'><style>p { background: url( \"/a.svg\" ) }</style>
        <svg><use href='/a.svg#i'/><image xlink:href=a.svg /></svg><template><img src=a.svg></template>";
    let packed = pack(&[("index.html", page), ("a.svg", PICTURE)]);
    let new = fingerprinted(&packed, "/a.svg");
    let text = served(&packed, "/index.html");
    assert_eq!(text.matches(&new[1..]).count(), 11, "{text}");
    assert!(text.contains(&format!(".{new}?x=1&amp;y#z")), "{text}");
    assert!(!text.contains("a.svg"), "{text}");
}

#[test]
fn style_sheets_get_a_fingerprint_of_the_bytes_that_name_others() {
    let packed = pack(&[
        ("index.html", "<link rel=stylesheet href=/css/main.css>"),
        ("css/main.css", "@import 'more.css';\n\np { background: url(../i.svg) }"),
        ("css/more.css", "p { background: url(/i.svg) }"),
        ("i.svg", PICTURE),
    ]);
    let picture = fingerprinted(&packed, "/i.svg");
    let more = fingerprinted(&packed, "/css/more.css");
    let main = fingerprinted(&packed, "/css/main.css");
    let expected = format!("@import '{}';p{{background:url(..{picture})}}", &more[5..]);
    assert_eq!(served(&packed, &main), expected);
    assert!(served(&packed, "/index.html").contains(&main));
}

#[test]
fn addresses_that_others_keep_stay() {
    let page = "<link rel=canonical href=https://example.com/><meta property=og:image content=/a.svg>
        <img src=/a.svg><a href=/a.svg>a.svg</a><script type=application/ld+json>{\"image\":\"/a.svg\"}</script>
        <img src=https://other.example/a.svg><noscript><img src=/a.svg></noscript>";
    let packed = pack(&[
        ("index.html", page),
        ("a.svg", PICTURE),
        ("feed.xml", "<rss><link>/a.svg</link></rss>"),
        ("notes.txt", "/a.svg"),
    ]);
    let new = fingerprinted(&packed, "/a.svg");
    let text = served(&packed, "/index.html");
    assert_eq!(text.matches(&new).count(), 1, "{text}");
    assert_eq!(text.matches("/a.svg").count(), 5, "{text}");
}

#[test]
fn a_base_decides_where_references_lead() {
    let files = |base: &str| {
        let page = format!("<base href={base}><img src=a.svg>");
        pack(&[("index.html", &*page), ("a.svg", PICTURE), ("b/a.svg", "<svg/>")])
    };
    let packed = files("/b/");
    let new = fingerprinted(&packed, "/b/a.svg");
    assert!(served(&packed, "/index.html").contains(new.trim_start_matches("/b/")));
    assert_eq!(packed.report().fingerprints.len(), 1);
    for base in ["https://other.example/", "//other.example/", "/missing/", "'/b&sol;'"] {
        let packed = files(base);
        assert!(packed.report().fingerprints.is_empty(), "{base}");
    }
}

#[test]
fn relative_references_of_a_page_at_many_urls_stay() {
    let packed = pack(&[
        ("404.html", "<img src=a.svg><img src=/b.svg>"),
        ("a.svg", PICTURE),
        ("b.svg", PICTURE),
    ]);
    let new = fingerprinted(&packed, "/b.svg");
    assert!(served(&packed, "/404.html").contains(&new));
    assert_eq!(packed.report().fingerprints.len(), 1);
}

#[test]
fn names_may_have_any_characters() {
    let names = ["ü b.svg", "a+b.svg", "c%20d.svg", "e.f.svg", "Ключ.svg", "g'h.svg", "(i).svg"];
    let encode = |name: &&str| worker_pack_runtime::packer::path::encode_segments(name);
    let pictures = names.iter().map(|name| format!("<img src=\"/{}\">", encode(name)));
    let page = pictures.collect::<Vec<_>>().concat();
    let mut files = vec![("index.html".to_owned(), page)];
    files.extend(
        names
            .iter()
            .enumerate()
            .map(|(number, name)| ((*name).to_owned(), format!("{PICTURE}<!--{number}-->"))),
    );
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let packed = pack(&files);
    for name in names {
        let new = fingerprinted(&packed, &format!("/{name}"));
        let url = encode(&&new[1..]);
        assert!(served(&packed, "/index.html").contains(&url), "{url}");
    }
}

#[test]
fn a_page_with_hashes_of_its_styles_keeps_them() {
    let page = "<meta http-equiv=content-security-policy content=\"style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='\">
        <style>p { background: url(/a.svg) }</style><img src=/a.svg>";
    let packed = pack(&[("index.html", page), ("a.svg", PICTURE)]);
    let new = fingerprinted(&packed, "/a.svg");
    let text = served(&packed, "/index.html");
    assert!(text.contains("url(/a.svg)") && text.contains(&format!("src={new}")), "{text}");
}

#[test]
fn links_sent_ahead_name_the_fingerprint() {
    let page = "<link rel=preload as=image href=/a.svg><img src=/a.svg>";
    let site = Site::new(&[("index.html", page), ("a.svg", PICTURE)]);
    let packed = site.pack_with(Options { early_hints: EarlyHints::On, ..options() });
    let new = fingerprinted(&packed, "/a.svg");
    let entry = packed.table().entries().iter().find(|it| it.route.as_str() == "/index.html");
    let expected = format!("<{new}>; rel=\"preload\"; as=image");
    assert_eq!(entry.unwrap().link.as_deref(), Some(&*expected));
}

#[test]
fn broken_pages_and_sheets_are_packed_without_a_wrong_change() {
    let data = format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(3_000_000));
    let pages = [
        "<img src=/a.svg".to_owned(),
        "<img src='/a.svg><p>".to_owned(),
        "<select><img src=/a.svg>".to_owned(),
        "<math><style><img src=/a.svg>".to_owned(),
        "<textarea><img src=/a.svg>".to_owned(),
        "<style>p{background:url(/a.svg".to_owned(),
        "<img srcset='/a.svg ,, /a.svg 1x (,), '>".to_owned(),
        format!("{data}<img src=/a.svg>"),
        "<img src='/a.svg\\'><img src='/%61.svg'><img src='/a.svg?'><img src=\"\n/a.svg\n\">"
            .to_owned(),
        "<img src='/../a.svg'><img src='//a.svg'><img src='/./a.svg'><img src='https:/a.svg'>"
            .to_owned(),
    ];
    for page in pages {
        let site = Site::new(&[("index.html", &*page), ("a.svg", PICTURE)]);
        let off = Options { fingerprints: worker_pack::options::Fingerprints::Off, ..options() };
        let (before, after) = (site.pack_with(off), site.pack_with(options()));
        let mut text = served(&after, "/index.html");
        if let Some(report) = after.report().fingerprints.iter().find(|it| it.route == "/a.svg")
            && let Some(new) = &report.fingerprinted
        {
            text = text.replace(&new[2..19], "");
        }
        assert!(text == served(&before, "/index.html"), "{}", &page[..page.len().min(80)]);
    }
}

#[test]
fn a_page_in_another_encoding_keeps_its_bytes_and_the_names_in_it() {
    let page = b"<meta charset=latin1><img src=/a.svg>caf\xe9";
    let packed = pack(&[
        ("index.html", &page[..]),
        ("other.html", b"<img src=/a.svg>"),
        ("a.svg", PICTURE.as_bytes()),
    ]);
    assert_eq!(name(&packed, "/a.svg").fingerprinted, None);
}

use proptest::prelude::*;

use super::*;

fn urls(source: &str) -> Vec<(String, Purpose)> {
    let inventory = Inventory::of(source).unwrap();
    inventory.references.into_iter().map(|it| (it.url, it.purpose)).collect()
}

#[test]
fn references_of_every_element_are_found() {
    let source = "<link rel=stylesheet href=a.css><link rel='shortcut icon' href=b.ico>\
        <link rel=preload as=fetch href=c.json><link rel=alternate href=/rss.xml>\
        <script src=d.js></script><a href=' /e '>e</a><img src=f.png srcset='g.png 1x,h.png 2x, i,j.png'>\
        <video poster=k.jpg><source src=l.mp4></video><iframe src=m></iframe>\
        <svg><use href='n.svg#icon'/></svg><noscript><img src=o.gif></noscript>\
        <template><a href=p>p</a></template><meta http-equiv=refresh content='0; URL=\"/q\"'>";
    let found = urls(source);
    let names: Vec<&str> = found.iter().map(|(url, _)| url.as_str()).collect();
    let expected = "a.css b.ico c.json /rss.xml d.js /e f.png g.png h.png i,j.png k.jpg l.mp4 m \
        n.svg#icon o.gif p /q ";
    assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!(found[2].1, Purpose::Data);
    assert_eq!(found[3].1, Purpose::Mention);
}

#[test]
fn places_are_those_of_the_source() {
    let source =
        "<!DOCTYPE html>\r\n<a href=\"/one\">1</a>\r\n<A HREF='/one'>2</A><a href='/?a&amp;b'>";
    let inventory = Inventory::of(source).unwrap();
    let offsets: Vec<usize> = inventory.references.iter().map(|it| it.offset).collect();
    let second = source.rfind("/one").unwrap();
    assert_eq!(offsets, [source.find("/one").unwrap(), second, source.find("/?a").unwrap()]);
}

#[test]
fn code_that_does_not_run_is_left_out() {
    let source = "<script>run()</script><script type='application/ld+json'>{}</script>\
        <template><script>rest()</script></template><noscript><style>p{}</style></noscript>\
        <script type=importmap>{}</script><script src=a.js>no()</script>\
        <p style='color:red' onclick='go()' one='x'><a href='javascript:void 0'>a</a>";
    let inventory = Inventory::of(source).unwrap();
    let kinds: Vec<CodeKind> = inventory.code.iter().map(|it| it.kind).collect();
    let expected = [
        CodeKind::Script,
        CodeKind::ImportMap,
        CodeKind::StyleAttribute,
        CodeKind::Handler,
        CodeKind::ScriptUrl,
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn names_are_ids_and_names_of_anchors() {
    let inventory = Inventory::of("<h1 id=a><a name=b></a><input name=c>").unwrap();
    assert_eq!(inventory.names.into_iter().collect::<Vec<_>>(), ["a", "b"]);
}

proptest! {
    /// A page may be anything.
    #[test]
    fn places_are_within_any_page(source in "[<>/=\"'a-cäü \\r\\n&;!-]{0,80}(<a href=['\"]?[^>]{0,9}>|<script>|<p style=x>|</p>|<b>){0,4}.{0,20}") {
        if let Ok(inventory) = Inventory::of(&source) {
            let of_references = inventory.references.iter().map(|it| it.offset);
            let of_code = inventory.code.iter().map(|it| it.offset);
            for offset in of_references.chain(of_code) {
                prop_assert!(source.is_char_boundary(offset));
            }
        }
    }
}

/// Each `</p>` makes an element that has no start tag.
#[test]
fn elements_without_tags_do_not_take_long() {
    let source = "</p>".repeat(50_000) + "<a href=/b>b</a>";
    assert_eq!(Inventory::of(&source).unwrap().references.len(), 1);
}

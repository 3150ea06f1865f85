//! Scripts and modules: by which fingerprints they are loaded, and what keeps their names.

use worker_pack::report::NameReason;

use super::{fingerprinted, name, options, pack, reason, served};
use crate::support::site::Site;

const PAGE: &str = "<script src=/js/classic.js></script><link rel=modulepreload href=/js/a.js>
<script type=module src=js/a.js?v=1></script>";
const CLASSIC: &str = "addEventListener('load', () => import('./a.js'));";
const A: &str = "import { c } from './b.js'; export * from \"../js/c.js\"; c(import(`/js/d.js`));
new Worker(new URL('./work.js', import.meta.url), { type: 'module' });";
const B: &str = "export { c } from '/js/c.js';";
const C: &str = "export let c = f => document.title = typeof f;";
const D: &str = "export default 1;";
const WORK: &str = "import { c } from './c.js'; postMessage(c);";

const FILES: [(&str, &str); 7] = [
    ("index.html", PAGE),
    ("js/classic.js", CLASSIC),
    ("js/a.js", A),
    ("js/b.js", B),
    ("js/c.js", C),
    ("js/d.js", D),
    ("js/work.js", WORK),
];

#[test]
fn scripts_and_modules_are_loaded_by_their_fingerprints_from_leaves_to_roots() {
    let packed = pack(&FILES);
    let names = ["classic", "a", "b", "c", "d", "work"];
    let new = names.map(|name| fingerprinted(&packed, &format!("/js/{name}.js")));
    let last = |name: &str| {
        let at = names.iter().position(|one| *one == name).unwrap();
        new[at].rsplit('/').next().unwrap().to_owned()
    };
    for (text, loaded) in [
        ("/index.html", &["classic", "a"][..]),
        (&*new[0], &["a"]),
        (&*new[1], &["b", "c", "d", "work"]),
        (&*new[2], &["c"]),
        (&*new[5], &["c"]),
    ] {
        let text = served(&packed, text);
        for name in names {
            assert_eq!(text.contains(&last(name)), loaded.contains(&name), "{name} in {text}");
            assert!(!text.contains(&format!("/{name}.js")), "{name} in {text}");
        }
    }
}

#[test]
fn code_within_a_page_loads_modules_by_their_fingerprints_unless_a_policy_lists_its_hash() {
    let code = "import '/m.js'; import('./n.js')";
    let page = format!(
        "<!doctype html><script type=importmap>{{\"imports\":{{\"o\":\"/o.js\",\"p\":\"./p.js\"}}}}\
         </script><script>onload = () => import(\"/q.js\")</script><script type=module>{code}</script>"
    );
    let modules = ["m.js", "n.js", "o.js", "p.js", "q.js"].map(|name| (name, "f()"));
    let files = [&[("index.html", &*page)][..], &modules].concat();
    let packed = pack(&files);
    let text = served(&packed, "/index.html");
    for (name, _) in modules {
        assert!(text.contains(&fingerprinted(&packed, &format!("/{name}"))), "{text}");
    }
    let policy = "<meta http-equiv=content-security-policy content=\"script-src 'self' \
        'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='\">";
    let page = page.replace("<script", &format!("{policy}<script"));
    let packed = pack(&[&[("index.html", &*page)][..], &modules].concat());
    assert!(packed.report().fingerprints.is_empty());
    assert!(served(&packed, "/index.html").contains(code));
}

#[test]
fn a_change_of_a_module_changes_the_fingerprints_of_those_that_load_it() {
    let new = |c: &str| {
        let files = FILES.map(|(name, text)| (name, if name == "js/c.js" { c } else { text }));
        let packed = pack(&files);
        ["a", "b", "c", "d"].map(|name| fingerprinted(&packed, &format!("/js/{name}.js")))
    };
    let (before, after) = (new(C), new("export let c = f => document.title = 1;"));
    let changed: Vec<bool> = before.iter().zip(&after).map(|(one, other)| one != other).collect();
    assert_eq!(changed, [true, true, true, false]);
}

/// Packs a module that a page loads beside another file.
fn reason_beside(module: &str, page: &str, other: (&str, &str)) -> Option<NameReason> {
    let page = format!("<script type=module src=/m.js></script>{page}");
    let packed = pack(&[("index.html", &*page), ("m.js", module), other]);
    reason(&packed, "/m.js")
}

#[test]
fn a_module_that_would_have_two_urls_keeps_its_name() {
    for (file, text) in [
        ("b.html", "<script>f('/m.js')</script>"),
        ("b.html", "<script>with (a) import('/m.js')</script>"),
        ("b.html", "<p onclick=\"import('/m.js')\">"),
        ("b.html", "<script type=module>import '/m.js'; a b</script>"),
        ("b.html", "<script type=module>f(new URL('m.js', import.meta.url))</script>"),
        ("b.html", "<script type=importmap>{\"imports\":{\"m\":\"/m.js\"},}</script>"),
        ("b.html", "<script type=application/json>{\"imports\":{\"m\":\"/m.js\"}}</script>"),
        ("b.html", "<a href=/m.js>source</a>"),
        ("b.html", "<script type=module src=https://example.com/m.js></script>"),
        (
            "b.html",
            "<astro-island><astro-island component-url=/m.js></astro-island></astro-island>",
        ),
        ("404.html", "<script type=module src=m.js></script>"),
        ("b.js", "fetch('/m.js')"),
        ("b.js", "import.meta.resolve('./m.js')"),
        ("b.js", "import 'm.js'"),
        ("b.js", "importScripts('m.js')"),
        ("b.js", "new Worker('/m.js')"),
        ("b.js", "navigator.serviceWorker.register(new URL('m.js', import.meta.url))"),
        ("b.js", "import './m.js'; a b"),
        ("b.json", "{ \"module\": \"/m.js\" }"),
        ("b.txt", "/m.js"),
        ("_astro/b.9YYzIhhn.js", "'m.js'"),
        ("_headers", "/b\n  Link: </m.js>; rel=modulepreload\n"),
        ("_headers", "/b\n  Content-Security-Policy: script-src https://example.com/m.js\n"),
    ] {
        let reason = reason_beside("f()", "", (file, text));
        assert_eq!(reason, Some(NameReason::Mentioned), "{file} {text}");
    }
    let meta = "<meta http-equiv=Content-Security-Policy content=\"script-src http://a/m.js\">";
    assert_eq!(reason_beside("f()", meta, ("b.js", "")), Some(NameReason::Mentioned));
    let fixed = reason_beside("f()", "", ("_astro/b.9YYzIhhn.js", "import '../m.js'"));
    assert_eq!(fixed, Some(NameReason::LoadedByFixed));
}

#[test]
fn words_comments_and_source_maps_do_not_keep_the_name_of_a_script() {
    for (file, text) in [
        ("b.html", "<p>m.js</p><!-- m.js --><meta name=description content='m.js'>"),
        ("b.html", "<script type='application/ld+json'>{\"a\":\"m.js\"}</script>"),
        ("m.js.map", "{\"version\":3,\"file\":\"m.js\",\"sources\":[],\"mappings\":\"\"}"),
        ("b/m.js", "f()"),
    ] {
        assert_eq!(reason_beside("f()", "", (file, text)), None, "{file} {text}");
    }
    let other = "<script src=/b/m.js></script>";
    assert_eq!(reason_beside("f()", other, ("b/m.js", "g()")), None, "another file of this name");
}

#[test]
fn a_script_that_reads_its_own_url_keeps_its_name() {
    for script in [
        "let at = document.currentScript.src.replace(/ui\\.js$/, '');",
        "let at = import.meta.url;",
        "new Worker(new URL('', import.meta.url));",
        "for (let one of document.getElementsByTagName(\"script\")) f(one.src);",
    ] {
        let packed = pack(&[("index.html", "<script src=/ui.js></script>"), ("ui.js", script)]);
        assert_eq!(reason(&packed, "/ui.js"), Some(NameReason::ReadsOwnUrl), "{script}");
        assert_eq!(name(&packed, "/ui.js").place.as_ref().unwrap().file, "ui.js");
    }
}

#[test]
fn code_that_makes_up_urls_keeps_the_names_of_modules() {
    let page = "<script src=/classic.js></script><script type=module src=/m.js></script>";
    let islands = "<script>import(this.getAttribute(\"component-url\"))</script>";
    for (code, classic, module) in [
        ("<script>import('./' + a)</script>", None, Some(NameReason::ComputedUrl)),
        ("<p onclick='import(a)'>", None, Some(NameReason::ComputedUrl)),
        (
            "<script>f('script[src*=\"class\"]')</script>",
            Some(NameReason::ComputedUrl),
            Some(NameReason::ComputedUrl),
        ),
        (islands, None, None),
        (
            "<script type=importmap>{\"imports\":{\"/\":\"/a/\"}}</script>",
            None,
            Some(NameReason::ComputedUrl),
        ),
        ("<script type=importmap>{\"imports\":{\"a\":\"/a/\"}}</script>", None, None),
        ("<script type=importmap>{\"scopes\":{\"/a/\":{\"b\":\"/c.js\"}}}</script>", None, None),
        (
            "<script type=importmap>{\"scopes\":{\"/a/\":{\"/b.js\":\"/c.js\"}}}</script>",
            None,
            Some(NameReason::ComputedUrl),
        ),
        ("<script type=importmap>{\"integrity\":{\"/b.js\":\"sha384-c\"}}</script>", None, None),
        (
            "<p>import(é)</p><code>script[src*=</code><!-- import(a) --><meta content='import(a)'>",
            None,
            None,
        ),
    ] {
        let page = format!("{page}{code}");
        let packed =
            pack(&[("index.html", &*page), ("classic.js", "var a = 1"), ("m.js", "export {}")]);
        assert_eq!(reason(&packed, "/classic.js"), classic, "{code}");
        assert_eq!(reason(&packed, "/m.js"), module, "{code}");
    }
}

#[test]
fn a_script_that_a_module_of_the_server_names_keeps_its_name() {
    let site = Site::new(&[
        ("client/index.html", "<script src=/a.js></script>"),
        ("client/a.js", "f()"),
        ("server/entry.mjs", "export default { fetch: () => new Response('<script src=/a.js>') }"),
    ]);
    assert_eq!(reason(&site.pack_with(options()), "/a.js"), Some(NameReason::Mentioned));
}

#[test]
fn a_script_whose_bytes_stay_names_others_as_it_is_written() {
    // The attribute promises the bytes of `a.js`, which imports `b.js`.
    let a = "import './b.js'";
    let sum = super::integrity::hash(a);
    let page = format!("<script type=module src=/a.js integrity={sum}></script>");
    let packed = pack(&[("index.html", &*page), ("a.js", a), ("b.js", "f()")]);
    assert!(packed.report().fingerprints.iter().all(|one| one.route != "/b.js"));
    let new = fingerprinted(&packed, "/a.js");
    assert_eq!(served(&packed, &new), a);
}

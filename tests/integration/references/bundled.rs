//! Files that the build has named by their bytes, and which are served with others.

use worker_pack::Options;
use worker_pack::options::{Effort, Fingerprints, Integrity};
use worker_pack::report::NameReason;

use super::{PICTURE, fingerprinted, name, options, pack, reason, renamed, served};
use crate::picture::files::Png;
use crate::support::site::Site;

const PAGE: &str = "<script type=module src=/_astro/page.CvXx9Zk2.js></script>\
    <astro-island component-url=/_astro/Menu.B4aL0see.js renderer-url=/_astro/client.Ct9RXOuf.js></astro-island>";
/// As Vite writes it.
const CLIENT: &str = "const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=[\"_astro/Menu.B4aL0see.js\",\"_astro/Menu.9YYzIhhn.css\"])))=>i.map(i=>d[i]);
import{a as e}from\"./shared.DgxxKBSQ.js\";let t=function(e){return`/`+e};export let n=()=>f(t,()=>import(\"./Menu.B4aL0see.js\"),__vite__mapDeps([0,1]));";
const MENU: &str =
    "import{n}from\"./client.Ct9RXOuf.js\";import\"./shared.DgxxKBSQ.js\";export default ()=>n;";
const SHARED: &str = "export let a=new URL(`/logo.svg`,``+import.meta.url).href;";
const OTHER: &str = "export let b=1;";

const FILES: [(&str, &str); 9] = [
    ("index.html", PAGE),
    ("_astro/page.CvXx9Zk2.js", "import\"./client.Ct9RXOuf.js\";import\"./other.Bhb_jZPK.js\";"),
    ("_astro/client.Ct9RXOuf.js", CLIENT),
    ("_astro/Menu.B4aL0see.js", MENU),
    ("_astro/Menu.9YYzIhhn.css", "a{background:url(/logo.svg)}"),
    ("_astro/shared.DgxxKBSQ.js", SHARED),
    ("_astro/other.Bhb_jZPK.js", OTHER),
    ("_astro/apart.DdaKv1YW.js", "import\"./other.Bhb_jZPK.js\";"),
    ("logo.svg", PICTURE),
];

/// Returns the files with one that has another text, or with one more.
fn files_with<'f>(other: (&'f str, &'f str)) -> Vec<(&'f str, &'f str)> {
    let mut files: Vec<_> = FILES.into_iter().filter(|(name, _)| *name != other.0).collect();
    files.push(other);
    files
}

#[test]
fn modules_of_the_bundler_that_lead_to_a_fingerprint_are_loaded_by_their_own() {
    let packed = pack(&FILES);
    let logo = fingerprinted(&packed, "/logo.svg");
    let sheet = fingerprinted(&packed, "/_astro/Menu.9YYzIhhn.css");
    let shared = fingerprinted(&packed, "/_astro/shared.DgxxKBSQ.js");
    let page = fingerprinted(&packed, "/_astro/page.CvXx9Zk2.js");
    let [client, menu] = ["client.Ct9RXOuf", "Menu.B4aL0see"]
        .map(|name| renamed(&packed, &format!("/_astro/{name}.js")));
    let last = |route: &str| route.rsplit('/').next().unwrap().to_owned();
    for (text, loaded) in [
        ("/index.html", &[&page, &menu, &client][..]),
        (&*page, &[&client]),
        (&*client, &[&menu, &sheet, &shared]),
        (&*menu, &[&client, &shared]),
        (&*shared, &[&logo]),
    ] {
        let text = served(&packed, text);
        for route in loaded {
            assert!(text.contains(&last(route)), "{route} in {text}");
        }
        for (old, _) in &FILES[1..6] {
            assert!(!text.contains(&last(old)), "{old} in {text}");
        }
    }
    let client = served(&packed, &client);
    assert!(
        client.contains(&format!("\"{}\"", &menu[1..])),
        "the list of what Vite preloads: {client}"
    );
}

#[test]
fn modules_of_the_bundler_that_lead_to_none_are_left_alone() {
    let packed = pack(&FILES);
    for name in ["other.Bhb_jZPK", "apart.DdaKv1YW"] {
        let route = format!("/_astro/{name}.js");
        assert!(packed.report().fingerprints.iter().all(|one| one.route != route), "{route}");
    }
    let page = served(&packed, &renamed(&packed, "/_astro/page.CvXx9Zk2.js"));
    assert!(page.contains("./other.Bhb_jZPK.js"));
}

#[test]
fn what_a_module_of_the_bundler_loads_keeps_its_name_if_the_module_does() {
    for (file, text) in [
        ("b.html", "<script>f('/_astro/shared.DgxxKBSQ.js')</script>"),
        (
            "b.html",
            "<astro-island><astro-island component-url=/_astro/shared.DgxxKBSQ.js></astro-island></astro-island>",
        ),
        ("b.json", "[\"/_astro/shared.DgxxKBSQ.js\"]"),
        ("_astro/b.Bl7PEaKa.js", "const l=['_astro/shared.DgxxKBSQ.js']"),
        ("_astro/b.Bl7PEaKa.js", "const __vite__mapDeps=d=>['_astro/shared.DgxxKBSQ.js']"),
        (
            "b/b.js",
            "const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=['_astro/shared.DgxxKBSQ.js'])))=>i.map(i=>d[i]);import.meta",
        ),
    ] {
        let packed = pack(&files_with((file, text)));
        assert_eq!(
            reason(&packed, "/_astro/shared.DgxxKBSQ.js"),
            Some(NameReason::Mentioned),
            "{text}"
        );
        let logo = name(&packed, "/logo.svg");
        assert_eq!(logo.reason, Some(NameReason::LoadedByFixed), "{text}");
        let page = served(&packed, "/index.html");
        assert!(page.contains("/_astro/client.Ct9RXOuf.js"), "{page}");
    }
}

#[test]
fn a_list_of_what_vite_preloads_with_a_name_twice_or_without_a_file_is_rewritten_where_it_leads_to_one()
 {
    let list = CLIENT
        .replace("[\"_astro", "[\"_astro/gone.DMp4KZ3c.js\",\"_astro/Menu.B4aL0see.js\",\"_astro");
    let packed = pack(&files_with(("_astro/client.Ct9RXOuf.js", &list)));
    let menu = renamed(&packed, "/_astro/Menu.B4aL0see.js");
    let client = served(&packed, &renamed(&packed, "/_astro/client.Ct9RXOuf.js"));
    assert_eq!(client.matches(&menu[1..]).count(), 2, "{client}");
    assert!(client.contains("_astro/gone.DMp4KZ3c.js"), "{client}");
}

/// Two modules and a style sheet of the bundler. The first module and the sheet become smaller.
const MINIFIED: [(&str, &str); 5] = [
    (
        "index.html",
        "<link rel=stylesheet href=/_astro/a.9YYzIhhn.css><script type=module src=/_astro/a.CvXx9Zk2.js></script>\
        <script type=module src=/_astro/c.Ct9RXOuf.js></script><link rel=preload as=font href=/_astro/d.B4aL0see.woff2>",
    ),
    ("_astro/a.9YYzIhhn.css", "a { color: red }"),
    ("_astro/a.CvXx9Zk2.js", "import { b } from \"./b.Bhb_jZPK.js\";\n\nconsole.debug(b);\n"),
    ("_astro/b.Bhb_jZPK.js", "let e=1;export{e as b};"),
    ("_astro/c.Ct9RXOuf.js", "console.debug(1);"),
];

fn all() -> Options {
    Options { fingerprints: Fingerprints::All, ..options() }
}

#[test]
fn with_all_only_files_with_other_bytes_than_those_of_the_build_get_a_fingerprint() {
    let site = Site::new(&MINIFIED);
    site.write("_astro/d.B4aL0see.woff2", "wOF2");
    let packed = site.pack_with(all());
    for route in ["/_astro/a.9YYzIhhn.css", "/_astro/a.CvXx9Zk2.js"] {
        let new = fingerprinted(&packed, route);
        assert!(served(&packed, "/index.html").contains(&new));
    }
    assert_eq!(packed.report().fingerprints.len(), 2, "{:?}", packed.report().fingerprints);
    let entries = packed.table().entries();
    for route in ["/_astro/b.Bhb_jZPK.js", "/_astro/c.Ct9RXOuf.js", "/_astro/d.B4aL0see.woff2"] {
        let entry = entries.iter().find(|entry| entry.route.as_str() == route).unwrap();
        assert!(entry.cache_policy.to_string().contains("immutable"), "{route}");
        let name = route.rsplit('/').next().unwrap();
        let is_named = |text: &str| served(&packed, text).contains(name);
        assert!(is_named("/index.html") || is_named("/_astro/a.CvXx9Zk2.js"), "{route}");
    }
    let packed = site.pack_with(Options { minify: [].into(), ..all() });
    assert!(packed.report().fingerprints.is_empty(), "{:?}", packed.report().fingerprints);
}

#[test]
fn with_all_a_picture_of_astro_that_is_optimised_gets_a_fingerprint() {
    let site = Site::new(&[("index.html", "<img src=/_astro/a.9YYzIhhn.png>")]);
    site.write("_astro/a.9YYzIhhn.png", Png::screenshot(48, 32).encoded());
    let packed = site.pack_with(Options { effort: Some(Effort::Max), ..all() });
    let report = name(&packed, "/_astro/a.9YYzIhhn.png");
    let new = report.fingerprinted.as_ref().unwrap();
    assert!(served(&packed, "/index.html").contains(new));
}

#[test]
fn with_all_code_that_pages_load_by_its_hash_is_minified() {
    let site = Site::new(&MINIFIED);
    let packed = site.pack_with(Options { integrity: Integrity::Add, ..all() });
    let page = served(&packed, "/index.html");
    for route in ["/_astro/a.9YYzIhhn.css", "/_astro/a.CvXx9Zk2.js"] {
        let new = fingerprinted(&packed, route);
        let text = served(&packed, &new);
        let (_, written) = MINIFIED.iter().find(|(name, _)| route.ends_with(name)).unwrap();
        assert!(text.len() < written.len(), "{text}");
        let hash = super::integrity::hash(&text);
        assert!(page.contains(&new) && page.contains(&hash), "{page}");
    }
    // One that keeps its bytes keeps its name, and has a hash as well.
    let own = super::integrity::hash("console.debug(1);");
    assert!(page.contains("src=/_astro/c.Ct9RXOuf.js") && page.contains(&own), "{page}");
    for report in &packed.report().integrity {
        assert!(report.integrity.is_some() && report.reason.is_none(), "{report:?}");
    }
}

#[test]
fn with_all_code_that_a_server_names_keeps_its_name_and_with_integrity_its_bytes() {
    let files = MINIFIED.map(|(name, text)| (format!("client/{name}"), text));
    let mut files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, *text)).collect();
    files.push((
        "server/entry.mjs",
        "export default { fetch: () => new Response('/_astro/a.CvXx9Zk2.js') }",
    ));
    for integrity in [Integrity::Off, Integrity::Add] {
        let site = Site::new(&files);
        let packed = site.pack_with(Options { integrity, ..all() });
        assert_eq!(reason(&packed, "/_astro/a.CvXx9Zk2.js"), Some(NameReason::Mentioned));
        let text = served(&packed, "/_astro/a.CvXx9Zk2.js");
        assert_eq!(text == MINIFIED[2].1, integrity == Integrity::Add, "{text}");
        fingerprinted(&packed, "/_astro/a.9YYzIhhn.css");
    }
}

//! Inline code of pages whose content Astro's `ClientRouter` exchanges.

use worker_pack::Options;
use worker_pack::report::Code;
use worker_pack::table::AssetEntry;

use crate::support::site::Site;

const ROUTED: &str = "<!doctype html><meta name=astro-view-transitions-enabled content=true>\
    <style>a { color: red }</style><script>start( 1 )</script><p>";
const PLAIN: &str = "<!doctype html><style>a { color: red }</style><script>start( 1 )</script><p>";

/// Returns which pages keep their inline code, and which of them a note names.
fn kept(files: &[(&str, &str)], rules: &[&str]) -> (Vec<String>, Vec<String>) {
    let site = Site::new(files);
    let rule = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let packed = site.pack_with(Options { rule, ..Options::default() });
    let is_page = |entry: &&AssetEntry| entry.content_type.starts_with("text/html");
    let pages = packed.table().entries().iter().filter(is_page);
    let code = pages.filter(|page| {
        let text = String::from_utf8(page.identity.read().unwrap().to_vec()).unwrap();
        let (script, style) = (text.contains("start( 1 )"), text.contains("a { color: red }"));
        assert_eq!(script, style, "{text}");
        script
    });
    let code = code.map(|page| page.route.to_string()).collect();
    let notes = packed.report().diagnostics.iter().filter(|it| it.code == Code::HtmlRoutedCode);
    (code, notes.map(|note| note.file.clone()).collect())
}

#[test]
fn pages_of_a_router_keep_their_inline_code_if_a_server_renders_others() {
    let server = ("server/entry.mjs", "export default { fetch() {} }");
    let pages = [("client/index.html", ROUTED), ("client/plain/index.html", PLAIN)];
    let (code, notes) = kept(&[&pages[..], &[server]].concat(), &[]);
    assert_eq!(code, ["/index.html"]);
    assert_eq!(notes, ["client/index.html"]);
    let worker = ("_worker.js/index.js", "export default { fetch() {} }");
    let (code, _) = kept(&[("index.html", ROUTED), ("plain/index.html", PLAIN), worker], &[]);
    assert_eq!(code, ["/index.html"]);
}

#[test]
fn pages_of_a_router_are_minified_all_or_none() {
    let pages = [("index.html", ROUTED), ("a/index.html", ROUTED), ("plain/index.html", PLAIN)];
    assert_eq!(kept(&pages, &[]), (vec![], vec![]));
    let all = ["/a/index.html".to_owned(), "/index.html".to_owned()];
    for rule in ["/a/ minify=off", "/a/ minify=html,css", "/a/ minify=css,js"] {
        let site = Site::new(&pages);
        let options = Options { rule: vec![rule.parse().unwrap()], ..Options::default() };
        let packed = site.pack_with(options);
        for entry in packed.table().entries() {
            let text = String::from_utf8(entry.identity.read().unwrap().to_vec()).unwrap();
            let is_routed = all.contains(&entry.route.to_string());
            assert_eq!(text.contains("start( 1 )"), is_routed, "{rule}: {text}");
        }
    }
    // A page that has no router does not count.
    assert_eq!(kept(&pages, &["/plain/ minify=off"]).0, ["/plain/index.html"]);
    // One whose markup browsers read in more than one way, and one with a policy of hashes.
    let ambiguous = format!("{ROUTED}<select><xmp><script>alert(1)</script></xmp></select>");
    let policy = format!(
        "{ROUTED}<meta http-equiv=Content-Security-Policy content=\"script-src 'sha256-a='\">"
    );
    for other in [&ambiguous, &policy] {
        let (code, _) = kept(&[("index.html", ROUTED), ("b/index.html", other)], &[]);
        assert_eq!(code, ["/b/index.html", "/index.html"], "{other}");
    }
}

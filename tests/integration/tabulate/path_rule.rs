//! Rules by path: languages, content codings, cache policies, media types.

use worker_pack::options::{
    CachePolicy, Coding, Compat, Fidelity, HtmlHandling, MinifiedLanguage, PathRule,
};
use worker_pack::report::{FileReport, Outcome, UntouchedReason};
use worker_pack::{Options, Packed};

use crate::support::site::{Site, get, text, warnings};

/// A script that is minified otherwise.
const SCRIPT: &str = "// A sample.\nfunction main(first) {\n  return first;\n}\nmain(1);\n";

fn with_rules(rules: &[&str]) -> Options {
    let rule = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    Options { rule, ..Options::default() }
}

fn file<'p>(packed: &'p Packed, name: &str) -> &'p FileReport {
    let mut files = packed.report().files.iter();
    files.find(|file| file.file == name).unwrap_or_else(|| panic!("{name} is not packed"))
}

fn served(packed: &Packed, path: &str) -> String {
    text(&packed.table().to_memory().unwrap().table(), path)
}

#[test]
fn a_rule_keeps_the_bytes_of_the_files_that_it_matches() {
    let page = "<!doctype html>\n<head>\n  <title>One</title>\n</head>\n<!-- c -->\n<p>\n<script>\n  let first = 1;\n</script>\n";
    let style = "a {\n  color: red;\n}\n";
    let files = ["html", "css", "js", "json", "svg", "xml", "mjs"].map(|extension| {
        let text = match extension {
            "html" => page,
            "css" => style,
            "js" | "mjs" => SCRIPT,
            "json" => "{\n  \"a\": 1\n}\n",
            _ => "<svg xmlns=\"http://www.w3.org/2000/svg\">\n  <g>\n  </g>\n</svg>\n",
        };
        (extension, text)
    });
    let site = Site::new(&[("index.html", page)]);
    for (extension, text) in files {
        site.write(&format!("examples/deep/a.{extension}"), text);
        site.write(&format!("b.{extension}"), text);
    }
    // A byte order mark is a byte too.
    site.write("examples/mark.css", format!("\u{feff}{style}"));
    let packed = site.pack_with(with_rules(&["/examples/** minify=off"]));
    assert_eq!(served(&packed, "/examples/mark.css"), format!("\u{feff}{style}"));
    for (extension, text) in files {
        let name = format!("examples/deep/a.{extension}");
        assert_eq!(served(&packed, &format!("/{name}")), text, "{name}");
        let kept = Outcome::Untouched(UntouchedReason::ByRule);
        assert_eq!(file(&packed, &name).transform, kept, "{name}");
        assert_eq!(file(&packed, &name).rules, [0], "{name}");
        let other = file(&packed, &format!("b.{extension}"));
        assert_eq!(other.transform, Outcome::Minified, "{extension}");
        assert!(other.rules.is_empty());
    }
    assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
}

#[test]
fn inline_code_follows_the_rule_of_its_page() {
    let page = "<!doctype html>\n<!-- c --><p>\n<script>\nlet first = 1; // c\n</script>\n<style>\na { color: red }\n</style>\n";
    let site = Site::new(&[("a.html", page), ("b.html", page), ("c.html", page)]);
    let packed = site.pack_with(with_rules(&["/a minify=html,css", "/b.html minify=css,js"]));
    let a = served(&packed, "/a.html");
    assert!(a.contains("let first = 1; // c") && a.contains("<style>a{"), "{a}");
    assert_eq!(served(&packed, "/b.html"), page, "html is not listed");
    let kept = Outcome::Untouched(UntouchedReason::ByRule);
    assert_eq!(file(&packed, "b.html").transform, kept);
    let c = served(&packed, "/c.html");
    assert!(!c.contains("// c") && c.contains("<style>a{"), "{c}");
}

#[test]
fn a_rule_minifies_what_the_options_do_not() {
    let site = Site::new(&[("a.js", SCRIPT), ("b.js", SCRIPT)]);
    let options =
        Options { minify: [MinifiedLanguage::Html].into(), ..with_rules(&["/a.js minify=js"]) };
    let packed = site.pack_with(options);
    assert_eq!(file(&packed, "a.js").transform, Outcome::Minified);
    let kept = Outcome::Untouched(UntouchedReason::ByOption);
    assert_eq!(file(&packed, "b.js").transform, kept);
}

#[test]
fn for_each_setting_the_last_rule_that_has_it_counts() {
    let site = Site::new(&[("fonts/a.txt", "x"), ("fonts/b.txt", "x"), ("index.html", "<p>")]);
    let packed = site.pack_with(with_rules(&[
        "/** cache=no-store content-type=text/x-all",
        "/fonts/* cache=immutable",
        "/fonts/b.txt content-type=text/x-one; charset=x",
        "/index.html cache=revalidate",
    ]));
    let found = |name| {
        let file = file(&packed, name);
        (file.cache_control.clone(), file.content_type.clone(), file.rules.clone())
    };
    let immutable = CachePolicy::Immutable.to_string();
    let one = "text/x-one; charset=x".to_owned();
    assert_eq!(found("fonts/a.txt"), (immutable.clone(), "text/x-all".to_owned(), vec![0, 1]));
    assert_eq!(found("fonts/b.txt"), (immutable, one, vec![0, 1, 2]));
    assert_eq!(found("index.html").0, CachePolicy::Revalidate.to_string());
    let reply = packed.table().to_memory().unwrap();
    let table = reply.table();
    let reply = get(&table, "/fonts/b.txt");
    assert_eq!(reply.headers().get("Content-Type"), Some("text/x-one; charset=x"));
}

#[test]
fn rules_apply_with_strict_fidelity_too() {
    let site = Site::new(&[("_astro/a.D4f5G6h7.js", SCRIPT), ("_astro/b.D4f5G6h7.js", SCRIPT)]);
    let options = Options {
        fidelity: Fidelity::Strict,
        ..with_rules(&["/_astro/a* cache=immutable content-type=text/plain"])
    };
    let packed = site.pack_with(options);
    let a = file(&packed, "_astro/a.D4f5G6h7.js");
    assert_eq!(a.cache_control, CachePolicy::Immutable.to_string());
    assert_eq!(a.content_type, "text/plain");
    let b = file(&packed, "_astro/b.D4f5G6h7.js");
    assert_eq!(b.cache_control, CachePolicy::Revalidate.to_string());
}

/// Two files with the same bytes are compressed once, unless their rules differ.
#[test]
fn a_rule_chooses_the_content_codings() {
    let prose = "All work and no play makes a dull site. ".repeat(50);
    let names = ["a.txt", "b.txt", "c.txt", "d.txt"];
    let site = Site::new(&names.map(|name| (name, &prose)));
    let rules = ["/b.txt encodings=gzip", "/c.txt encodings=off", "/d.txt encodings=br,gzip"];
    let packed = site.pack_with(with_rules(&rules));
    let codings = |name| file(&packed, name).encoded.keys().map(ToString::to_string).collect();
    let found: [Vec<String>; 4] = names.map(codings);
    assert_eq!(found, [vec!["br"], vec!["gzip"], vec![], vec!["br", "gzip"]]);
    for name in names {
        assert_eq!(served(&packed, &format!("/{name}")), prose);
    }
}

#[test]
fn the_language_follows_the_type_that_a_rule_sets() {
    let json = "{\n  \"a\": 1\n}\n";
    let site =
        Site::new(&[("a.js", SCRIPT), ("b.data", json), ("c.html", "<!-- c --><p>"), ("d", "x")]);
    let rules = [
        "/a.js content-type=text/plain",
        "/b.data content-type=application/json",
        "/c.html content-type=text/plain; charset=utf-8",
        "/d content-type=text/x-d",
    ];
    let packed = site.pack_with(with_rules(&rules));
    assert_eq!(served(&packed, "/a.js"), SCRIPT);
    assert_eq!(file(&packed, "a.js").transform, Outcome::NotMinifiable);
    assert_eq!(served(&packed, "/b.data"), "{\"a\":1}");
    assert_eq!(served(&packed, "/c.html"), "<!-- c --><p>");
    assert_eq!(file(&packed, "d").content_type, "text/x-d");
    assert_eq!(packed.report().types["text/x-d"].files, 1);
}

/// The minifiers read UTF-8, and so may not touch what is declared as something else.
#[test]
fn a_type_with_another_charset_keeps_the_bytes() {
    let page = b"<!-- c -->\n<p>\x93\xfa\x96{</p>\n";
    let site = Site::new(&[("a.html", &page[..]), ("b.html", b"<!-- c --><p>b</p>\n")]);
    let rule = "*.html content-type=text/html; charset=shift_jis";
    let packed = site.pack_with(with_rules(&[rule]));
    let table = packed.table().to_memory().unwrap();
    let table = table.table();
    assert_eq!(table.asset("/a.html").unwrap().identity().body().bytes().unwrap(), page);
    assert_eq!(text(&table, "/b.html"), "<!-- c --><p>b</p>\n");
    assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
}

#[test]
fn rules_of_the_library_are_structs() {
    let site = Site::new(&[("a.js", SCRIPT)]);
    let rule = PathRule {
        paths: vec!["*.js".parse().unwrap()],
        minify: Some([].into()),
        encodings: Some([Coding::Gzip].into()),
        ..PathRule::default()
    };
    let packed = site.pack_with(Options { rule: vec![rule], ..Options::default() });
    assert_eq!(served(&packed, "/a.js"), SCRIPT);
    let by_path = &packed.report().rules.by_path;
    assert_eq!((&*by_path[0].rule, by_path[0].files), ("*.js minify=off encodings=gzip", 1));
}

#[test]
fn hashed_files_are_immutable_unless_a_rule_matches() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("_astro/app.D4f5G6h7.js", "f()"),
        ("_astro/legacy.js", "f()"),
        ("fonts/a.woff2", "x"),
    ]);
    let packed =
        site.pack_with(with_rules(&["/fonts/* cache=immutable", "/index.html cache=no-store"]));
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    let policy = |path: &str| get(&table, path).headers().get("Cache-Control").map(str::to_owned);
    assert_eq!(policy("/_astro/app.D4f5G6h7.js"), Some(CachePolicy::Immutable.to_string()));
    assert_eq!(policy("/_astro/legacy.js"), Some(CachePolicy::Revalidate.to_string()));
    assert_eq!(policy("/fonts/a.woff2"), Some(CachePolicy::Immutable.to_string()));
    assert_eq!(policy("/"), Some(CachePolicy::NoStore.to_string()));
}

#[test]
fn each_path_of_a_rule_without_a_match_is_a_warning() {
    let site = Site::new(&[("index.html", "<p>"), ("about/index.html", "<p>")]);
    let packed = site.pack_with(with_rules(&[
        "/ cache=no-store",
        "/about/ /abuot/ cache=no-store",
        "/fnots/* minify=off",
    ]));
    let warnings = warnings(&packed);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("/abuot/: ingest/rule-matches-nothing: "), "{warnings:?}");
    assert!(warnings[1].starts_with("/fnots/*: ingest/rule-matches-nothing: "), "{warnings:?}");
    assert!(warnings[1].contains("`minify=off`"), "{warnings:?}");
}

#[test]
fn a_rule_matches_the_url_that_html_handling_gives_a_page() {
    let site = Site::new(&[("about.html", "<p>")]);
    for (html_handling, url) in [
        (HtmlHandling::AutoTrailingSlash, "/about"),
        (HtmlHandling::ForceTrailingSlash, "/about/"),
        (HtmlHandling::None, "/about.html"),
    ] {
        let packed = site.pack_with(Options {
            compat: Some(Compat::Workers),
            html_handling: Some(html_handling),
            ..with_rules(&[&format!("{url} cache=no-store")])
        });
        let policy = &packed.table().entries()[0].cache_policy;
        assert_eq!(*policy, CachePolicy::NoStore, "{html_handling}");
        assert!(warnings(&packed).is_empty(), "{html_handling}: {:?}", warnings(&packed));
    }
}

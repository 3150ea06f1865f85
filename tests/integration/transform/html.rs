//! What the transform changes, and what it must not.

use worker_pack::{KeptReason, MinifiedLanguage, Options, Outcome, PackError, Packed, Strictness};

use crate::support::site::{Site, text, warnings};

fn outcome(packed: &Packed, file: &str) -> Outcome {
    packed.report().files.iter().find(|found| found.file == file).unwrap().transform
}

#[test]
fn a_script_is_minified_as_its_page_loads_it() {
    let script = "function helper(first) { return first + 1 }\nvar total = helper(1);\n";
    let site = Site::new(&[
        (
            "docs/index.html",
            "<script src='../classic.js'></script><script type=module src=/module.js></script>",
        ),
        ("classic.js", script),
        ("module.js", script),
        ("both.js", script),
        ("unknown.js", script),
        ("named.mjs", script),
        ("a.html", "<script src=both.js></script><link rel=modulepreload href=/both.js>"),
    ]);
    let image = site.pack().table().to_image().unwrap();
    let table = image.table();
    for keeps_globals in ["/classic.js", "/both.js", "/unknown.js"] {
        let text = text(&table, keeps_globals);
        assert!(text.contains("helper") && text.contains("total"), "{keeps_globals}: {text}");
        assert!(!text.contains("first"), "{keeps_globals}: {text}");
    }
    for module in ["/module.js", "/named.mjs"] {
        assert!(!text(&table, module).contains("total"), "{module}");
    }
}

#[test]
fn inline_code_goes_through_the_minifier_of_its_language() {
    let page = r#"<!DOCTYPE html>
<html>
  <head>
    <title>  A  title </title>
    <style> a  { color : red } </style>
    <script> const theme = localStorage.getItem( 'theme' ) </script>
    <script type="importmap"> { "imports" : { "a" : "/a.js" } } </script>
    <script type="application/ld+json"> { "n" : 12345678901234567890 , "v" : 1.0 } </script>
    <script type="text/x-template"> <b>  kept  </b> </script>
  </head>
  <body>
    <!-- a remark between developers -->
    <pre>  two  spaces  </pre>
    <script type="module"> import  a  from  'a' ;  a( 1 + 1 ) </script>
    <p style="color : red" onclick="f( 1 )">  text  </p>
  </body>
</html>
"#;
    let minified = Site::new(&[("index.html", page)]).packed_text("/index.html");
    insta::assert_snapshot!(minified, @r#"
    <!DOCTYPE html>
    <html>
      <head><title>  A  title </title><style>a{color:red}</style><script>const theme=localStorage.getItem("theme");</script><script type="importmap">{"imports":{"a":"/a.js"}}</script><script type="application/ld+json">{"n":12345678901234567890,"v":1.0}</script><script type="text/x-template"> <b>  kept  </b> </script></head>
      <body>
        
        <pre>  two  spaces  </pre>
        <script type="module">import m from"a";m(2);</script>
        <p style="color : red" onclick="f( 1 )">  text  </p>
      </body>
    </html>
    "#);
}

#[test]
fn nothing_within_an_island_is_touched() {
    let island = "<astro-island uid=a component-url=/c.js>\n <!-- a remark of two words -->\n \
                  <style> a { b : c } </style><script> f( 1 ) </script><!--[--><!----><astro-island>\
                  <!-- another remark here --></astro-island> <!-- and one more -->\n</astro-island>";
    let page = format!("<body>{island}<!-- a remark outside --><!--astro:end--></body>");
    let expected = format!("<body>{island}<!--astro:end--></body>");
    assert_eq!(Site::new(&[("index.html", page)]).packed_text("/index.html"), expected);
}

#[test]
fn code_that_is_known_by_its_hash_is_kept() {
    let script = "var  a  =  1 ;  // two spaces";
    let page = format!("<head>\n<script>{script}</script>\n</head>");
    let policy = "<meta http-equiv='Content-Security-Policy' content=\"script-src 'sha256-abc='\">";
    let with_meta = page.replace("<head>", &format!("<head>{policy}"));
    let integrity = "<script src='/lib.js' integrity='sha384-abc'></script>";
    let site = Site::new(&[
        ("plain.html", page.as_str()),
        ("meta.html", &with_meta),
        ("integrity.html", integrity),
        ("lib.js", script),
    ]);
    let packed = site.pack();
    let image = packed.table().to_image().unwrap();
    let table = image.table();
    assert!(!text(&table, "/plain.html").contains("two spaces"));
    let kept = text(&table, "/meta.html");
    assert!(kept.contains(script) && kept.len() < with_meta.len(), "only the code is kept: {kept}");
    assert_eq!(text(&table, "/lib.js"), script);
    assert_eq!(outcome(&packed, "lib.js"), Outcome::Kept(KeptReason::IntegrityChecked));

    site.write("_headers", "/*\n  Content-Security-Policy: script-src 'sha256-abc='\n");
    assert!(site.packed_text("/plain.html").contains(script), "the policy is in _headers");
    site.write("_headers", b"# caf\xe9\n/*\n  Content-Security-Policy: script-src 'sha256-abc='\n");
    assert!(site.packed_text("/plain.html").contains(script), "the file is not UTF-8");
}

#[test]
fn a_file_is_checked_however_the_page_says_so() {
    let script = "var  a  =  1 ;  // two spaces";
    let map =
        "<script type=importmap>{ \"integrity\": { \"/mapped.js\": \"sha384-abc\" } }</script>";
    let site = Site::new(&[
        ("base.html", "<base href='/app/'><script src=main.js integrity=sha384-abc></script>"),
        ("app/main.js", script),
        ("main.js", script),
        ("map.html", map),
        ("mapped.js", script),
        (
            "cdn.html",
            "<script src='https://cdn.example/v1/elsewhere.js' integrity=sha384-abc></script>",
        ),
        ("elsewhere.js", script),
        (
            "entity.html",
            "<meta http-equiv=Content-Security-Policy content='script-src &#39;SHA256-abc=&#39;'>\
             <script>var  a  =  1 ;  // two spaces</script>",
        ),
    ]);
    let image = site.pack().table().to_image().unwrap();
    let table = image.table();
    for kept in ["/app/main.js", "/mapped.js", "/elsewhere.js", "/entity.html"] {
        assert!(text(&table, kept).contains(script), "{kept}");
    }
    assert!(!text(&table, "/main.js").contains("two spaces"), "the page does not mean this one");
}

#[test]
fn a_module_on_another_host_says_nothing_of_a_script_of_that_name() {
    let page = "<script type=module src='https://cdn.example/npm/widget.js'></script>";
    let site = Site::new(&[("index.html", page), ("widget.js", "var Widget  =  1 ;")]);
    assert_eq!(site.packed_text("/widget.js"), "var Widget=1;");
}

#[test]
fn only_the_white_space_of_the_head_itself_goes() {
    for body in [
        "<span>a</span><head> <link> <b>b</b>",
        "<pre>a <head> </head> b</pre>",
        "<p>a</p> <title> t </title> <b>b</b>",
        "<head><title>t</title><svg></svg> <svg></svg> <a href=x>one</a> <b>two</b>",
    ] {
        assert_eq!(Site::new(&[("index.html", body)]).packed_text("/index.html"), body);
    }
    let template = "<head><template> <template> </template> <b> </b> </template></head>";
    assert_eq!(Site::new(&[("index.html", template)]).packed_text("/index.html"), template);
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let site = Site::new(&[
        ("a.css", "\u{feff}/*! c */\n.first { color: red }"),
        ("b.json", "\u{feff}{ }"),
        ("c.svg", "\u{feff}<svg>\n<g/>\n</svg>"),
        ("d.js", "\u{feff}f( 1 );"),
    ]);
    let packed = site.pack();
    assert_eq!(warnings(&packed), Vec::<String>::new());
    let image = packed.table().to_image().unwrap();
    let table = image.table();
    assert_eq!(text(&table, "/a.css"), "/*! c */ .first{color:red}");
    assert_eq!(text(&table, "/b.json"), "{}");
    assert_eq!(text(&table, "/c.svg"), "<svg><g/></svg>");
    assert_eq!(text(&table, "/d.js"), "f(1);");
}

#[test]
fn code_that_is_very_deep_is_packed() {
    let depth = 20_000;
    let functions = format!("{}1{}", "(function(){return ".repeat(depth), "})()".repeat(depth));
    let calls = format!("x{};", ".a().b()".repeat(depth));
    let arrays = format!("f({}{});", "[".repeat(depth), "]".repeat(depth));
    let rules = format!("{}{}", "a{b:c;".repeat(depth), "}".repeat(depth));
    let json = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let xml = format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let site = Site::new(&[
        ("functions.js", functions),
        ("calls.js", calls),
        ("arrays.js", arrays),
        ("rules.css", rules),
        ("deep.json", json),
        ("deep.xml", xml),
    ]);
    assert_eq!(site.pack().table().entries().len(), 6);
}

#[test]
fn numbers_keep_their_text_in_every_kind_of_json() {
    let json = "{ \"big\" : 12345678901234567890 , \"one\" : 1.0 , \"e\" : 1E3 }";
    for name in ["a.json", "b.webmanifest", "c.geojson", "d.jsonld"] {
        let minified = Site::new(&[(name, json)]).packed_text(&format!("/{name}"));
        assert_eq!(minified, "{\"big\":12345678901234567890,\"one\":1.0,\"e\":1E3}");
    }
}

#[test]
fn a_file_that_does_not_parse_is_kept_with_a_warning_and_fails_a_strict_pack() {
    let broken = [
        ("a.js", "let a = 1;\nlet b = ;\n"),
        ("b.css", "a { color: red }\n}}\n"),
        ("c.json", "{ \"a\": 1, }"),
        ("d.svg", "<svg><g></svg>"),
        ("e.html", "<p>fine</p>\n<script>\n  let = ( ;\n</script>\n"),
    ];
    let site = Site::new(&broken);
    let packed = site.pack();
    let image = packed.table().to_image().unwrap();
    let table = image.table();
    for (name, source) in broken {
        assert_eq!(text(&table, &format!("/{name}")), source);
    }
    for name in ["a.js", "b.css", "c.json", "d.svg"] {
        assert_eq!(outcome(&packed, name), Outcome::Kept(KeptReason::DoesNotParse), "{name}");
    }
    let warnings = warnings(&packed);
    let places: Vec<&str> =
        warnings.iter().map(|text| text.split(": transform").next().unwrap()).collect();
    assert_eq!(places, ["a.js:2:9", "b.css:3:1", "c.json:1:11", "d.svg:1:9", "e.html:3:11"]);

    let strict = Options { strictness: Strictness::Strict, ..Options::default() };
    match site.try_pack(strict) {
        Err(PackError::Files { diagnostics }) => assert_eq!(diagnostics.len(), broken.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn text_that_is_not_utf_8_is_served_as_it_is_without_a_charset() {
    let site = Site::new(&[("old.html", b"<meta charset=latin1>caf\xe9".as_slice())]);
    let packed = site.pack();
    assert_eq!(outcome(&packed, "old.html"), Outcome::Kept(KeptReason::NotUtf8));
    assert_eq!(packed.report().files[0].content_type, "text/html");
    assert_eq!(warnings(&packed).len(), 1);
}

#[test]
fn only_the_languages_asked_for_are_minified() {
    let site = Site::new(&[
        ("a.css", "a { color : red }"),
        ("b.json", "{ }"),
        ("c.html", "<style> a { color : red } </style><script> f( 1 ) </script>"),
    ]);
    let languages = [MinifiedLanguage::Html, MinifiedLanguage::Css];
    let packed = site.pack_with(Options { minify: languages.into(), ..Options::default() });
    assert_eq!(outcome(&packed, "a.css"), Outcome::Minified);
    assert_eq!(outcome(&packed, "b.json"), Outcome::Kept(KeptReason::ByOption));
    let page = text(&packed.table().to_image().unwrap().table(), "/c.html");
    assert_eq!(page, "<style>a{color:red}</style><script> f( 1 ) </script>");
}

#[test]
fn a_file_that_is_minimal_already_is_kept_and_said_so() {
    let packed = Site::new(&[("a.json", "{}"), ("b.txt", "  text  ")]).pack();
    assert_eq!(outcome(&packed, "a.json"), Outcome::Kept(KeptReason::NotSmaller));
    assert_eq!(outcome(&packed, "b.txt"), Outcome::NotMinifiable);
}

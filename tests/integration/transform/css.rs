//! Style sheets: invalid declarations, and sheets compiled for browsers.

use worker_pack::Options;
use worker_pack::report::{Outcome, UntouchedReason};

use super::outcome;
use crate::support::site::{Site, text, warnings, workers};

/// Returns a sheet compiled for browsers, and the messages about it.
fn compiled(sheet: &str, browsers: &str) -> (String, Vec<String>) {
    let options = Options { css_targets: vec![browsers.to_owned()], ..Options::default() };
    let site = Site::new(&[("a.css", sheet)]);
    let packed = site.pack_with(options);
    let messages = packed.report().diagnostics.iter().map(|it| it.message.clone()).collect();
    (text(&packed.table().to_memory().unwrap().table(), "/a.css"), messages)
}

#[test]
fn an_invalid_declaration_stays_as_it_is_and_the_rest_is_minified() {
    for declaration in ["max-width :  var(&#45;&#45;page-width)", "color :  var( )"] {
        let sheet = format!(
            ".a {{ {declaration} }}\n\n.b {{   color:   red;   }}\n@media ( min-width : 1px ) {{ .c {{ margin :  0 }} }}\n"
        );
        let page = format!("<style>{sheet}</style>");
        let site = Site::new(&[("a.css", &sheet), ("index.html", &page)]);
        let packed = site.pack();
        let image = packed.table().to_memory().unwrap();
        let rest = ".b{color:red}@media (min-width : 1px){.c{margin:0}}";
        for path in ["/a.css", "/index.html"] {
            let text = text(&image.table(), path);
            assert!(text.contains(&format!(".a{{{declaration} ")), "{text}");
            assert!(text.contains(rest), "{text}");
        }
        let found = warnings(&packed);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("a.css:1:"), "{found:?}");
    }
}

#[test]
fn a_hack_for_old_browsers_stays_as_it_is_without_a_warning() {
    for (sheet, expected) in [
        (".a { *zoom :  1 }\n.b  { c : d }", ".a{*zoom :  1 }.b{c:d}"),
        (
            "@media print { .a { display : inline-block ; *display : inline ;  *zoom : 1 ; b : c } }",
            "@media print{.a{display:inline-block;*display : inline ;*zoom : 1 ;b:c}}",
        ),
        (".a { #height : 1px ; .width : 2px ; b : c }", ".a{#height : 1px ;.width : 2px ;b:c}"),
    ] {
        let site = Site::new(&[("a.css", sheet)]);
        let packed = site.pack();
        assert_eq!(warnings(&packed), [""; 0]);
        assert_eq!(text(&packed.table().to_memory().unwrap().table(), "/a.css"), expected);
        let (text, messages) = compiled(sheet, "chrome 80");
        assert!(text.contains(if sheet.contains('*') { "zoom" } else { "height" }), "{text}");
        assert_eq!(messages, [""; 0]);
    }
}

#[test]
fn an_invalid_rule_leaves_the_whole_sheet_as_it_is() {
    for sheet in
        ["a {  color : red }\n}}\n", "a { b : c }\n.  { d : e }", "@media ( { a { b : c } }"]
    {
        let packed = Site::new(&[("a.css", sheet)]).pack();
        let expected = Outcome::Untouched(UntouchedReason::DoesNotParse);
        assert_eq!(outcome(&packed, "a.css"), expected, "{sheet}");
    }
}

#[test]
fn a_selector_that_a_browser_does_not_know_takes_down_only_itself() {
    let sheet = ".row:last-child { border-bottom: 0 }\n.row:last-child, .row:has(+ .note) { display: flex }\n\
                 button:hover { background: navy }\nbutton:hover, button:focus-visible { outline: 2px solid orange }\n\
                 input::-webkit-search-x, input::-moz-search-x { color: red }\n\
                 @media (width >= 600px) { .row { color: red } .row, .row:has(a) { color: red } }";
    for browsers in ["chrome 104", "safari 14", "chrome 80", "defaults", "firefox 100"] {
        let (text, losses) = compiled(sheet, browsers);
        assert_eq!(losses, Vec::<String>::new(), "{browsers}: {text}");
        for part in [
            ".row:has(+.note)",
            "button:focus-visible",
            ":-webkit-search-x",
            ":-moz-search-x",
            ".row:has(a)",
            "outline:2px solid orange",
        ] {
            assert!(text.contains(part), "{browsers}: {part} in {text}");
        }
    }
}

#[test]
fn compiled_rules_lose_no_declaration() {
    for (browsers, rule) in [
        ("defaults", "a{-webkit-backdrop-filter:blur(2px);backdrop-filter:blur(2px)}"),
        ("safari 14", "a{-webkit-backdrop-filter:blur(2px);backdrop-filter:blur(4px)}"),
        ("chrome 120", "a{position:-webkit-sticky;position:sticky}"),
        ("defaults", "a{position:sticky;position:-webkit-sticky}"),
        ("defaults", "a{height:100vh;height:-webkit-fill-available;height:100dvh}"),
        ("defaults", "a{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}"),
        ("chrome 120", "a{color:red!important;color:#00f}"),
        ("chrome 120", "a{width:calc(100% - 1px);width:max-content}"),
        ("chrome 120", "a{-webkit-mask:none;mask:none;-webkit-appearance:none;appearance:none}"),
        ("chrome 120", "a{background:red;background:unheard-of(1)}"),
        ("chrome 120", "@supports (a:b){c{d:e}}"),
        ("chrome 120", "@layer x,y;"),
        ("chrome 120", "@layer y{a{b:c}}@layer x{a{b:d}}"),
        ("chrome 120", "@property --x{syntax:'*';inherits:false}"),
        ("chrome 120", "@-webkit-keyframes k{0%{color:red}}@keyframes k{0%{color:#00f}}"),
        ("chrome 120", "@container card (width > 20em){a{color:red}}"),
        ("chrome 120", "@namespace svg url(x);svg|a{color:red}"),
        ("chrome 120", "@unheard-of foo{a{b:c}}"),
        ("chrome 120", "a{--x:{a:b};--y:;--z:1}"),
    ] {
        let declarations: Vec<&str> =
            rule.split(['{', '}', ';']).filter(|it| it.contains(':')).collect();
        let (text, _) = compiled(rule, browsers);
        for declaration in declarations.iter().filter(|it| !it.starts_with('@')) {
            assert!(text.contains(declaration), "{browsers}: {declaration} in {text}");
        }
    }
}

#[test]
fn inline_code_is_judged_by_its_element() {
    let script = "box.innerHTML  =  `<style>p { color: red }</style>` ;";
    let data = "{ \"html\" : \"<!-- a -->\" , \"b\" : \"<style></style>\" }";
    let style = "a::after {  content : '</script> <script>'  }";
    let page = format!(
        "<!doctype html><script>{script}</script><style>{style}</style>\
         <script type=application/json>{data}</script><script>f( a < /script/ , b < ! --c )</script>\
         <script>g(  /<!--/ )</script>"
    );
    let site = Site::new(&[("index.html", &page)]);
    let packed = site.pack_with(workers());
    let text = text(&packed.table().to_memory().unwrap().table(), "/index.html");
    for part in [
        "<script>box.innerHTML=`<style>p { color: red }</style>`;</script>",
        "<style>a::after{content:'</script> <script>'}</style>",
        "{\"html\":\"<!-- a -->\",\"b\":\"<style></style>\"}",
        "<script>f(a< /script/,b< !--c);</script>",
        "<script>g(/<!--/);</script>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(packed.report().diagnostics.is_empty(), "{:?}", packed.report().diagnostics);
}

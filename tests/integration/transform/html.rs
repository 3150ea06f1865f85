//! Pages: inline code, islands, white space.

use worker_pack::report::Code;

use crate::support::site::{Site, text};

#[test]
fn inline_code_is_minified_in_its_language() {
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
        <script type="module">import m from"a";m(1+1);</script>
        <p style="color : red" onclick="f( 1 )">  text  </p>
      </body>
    </html>
    "#);
}

#[test]
fn islands_are_left_unchanged() {
    let island = "<astro-island uid=a component-url=/c.js>\n <!-- a remark of two words -->\n \
                  <style> a { b : c } </style><script> f( 1 ) </script><!--[--><!----><astro-island>\
                  <!-- another remark here --></astro-island> <!-- and one more -->\n</astro-island>";
    let page = format!("<body>{island}<!-- a remark outside --><!--astro:end--></body>");
    let expected = format!("<body>{island}<!--astro:end--></body>");
    assert_eq!(Site::new(&[("index.html", page)]).packed_text("/index.html"), expected);
}

#[test]
fn white_space_is_removed_only_directly_in_the_head() {
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
fn code_that_a_page_shows_stays_as_it_is() {
    let code = "const  a  =  1 ;  // one\n";
    for (attributes, rest) in [
        ("id=demo", "<script>show(document.getElementById('demo'))</script>"),
        ("id=demo", "<pre data-of=\"#demo\"></pre>"),
        ("contenteditable", ""),
        ("style='display:block'", ""),
    ] {
        for (name, code) in [("script", code), ("style", "a  {  b : c  }")] {
            let element = format!("<{name} {attributes}>{code}</{name}>");
            let page = format!("<!doctype html><title>x</title><p>{element}{rest}");
            let packed = Site::new(&[("index.html", &page)]).packed_text("/index.html");
            assert!(packed.contains(&element), "{packed}");
        }
    }
    let itself = "<script>const  own = document.currentScript ; show( own.textContent )</script>";
    let other = format!("<script id=demo>{code}</script><p>{itself}");
    let packed = Site::new(&[("index.html", &other)]).packed_text("/index.html");
    assert_eq!(packed, format!("<script id=demo>const a=1;</script><p>{itself}"));
    let data = "<script type=application/json id=demo>{ \"a\" : 1 }</script><p class=demo>";
    let packed = Site::new(&[("index.html", data)]).packed_text("/index.html");
    assert!(packed.contains("{\"a\":1}"), "{packed}");
}

#[test]
fn scripts_in_other_languages_stay_as_they_are() {
    for attributes in ["language=VBScript", "type=text/vbscript language=JavaScript"] {
        let page = format!("<script {attributes}>\n  Dim a\n  a = 1 ' one\n</script><p>");
        let site = Site::new(&[("index.html", &page)]);
        let packed = site.pack();
        let found = &packed.report().diagnostics;
        assert!(found.iter().all(|it| it.code == Code::RulesOnlyPage), "{attributes}");
        assert_eq!(text(&packed.table().to_memory().unwrap().table(), "/index.html"), page);
    }
    for attributes in ["language=JavaScript1.2", "language='' ", "type='' language=VBScript"] {
        let page = format!("<script {attributes}>var  a = 1 ;</script><p>");
        let packed = Site::new(&[("index.html", &page)]).packed_text("/index.html");
        assert!(packed.contains(">var a=1;<"), "{packed}");
    }
}

//! Scripts and modules.

use worker_pack::report::{Outcome, UntouchedReason};

use super::outcome;
use crate::support::site::{Site, text};

#[test]
fn scripts_are_minified_as_their_pages_load_them() {
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
    let image = site.pack().table().to_memory().unwrap();
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
fn a_module_on_another_host_does_not_affect_a_local_script() {
    let page = "<script type=module src='https://cdn.example/npm/widget.js'></script>";
    let site = Site::new(&[("index.html", page), ("widget.js", "var Widget  =  1 ;")]);
    assert_eq!(site.packed_text("/widget.js"), "var Widget=1;");
}

#[test]
fn scripts_that_are_values_stay_as_they_are() {
    let values = [
        "({\n\tok: \"OK\",  cancel: \"Abbrechen\"\n})",
        "[ { \"id\": 1 } , 2 ]\n",
        "(function (options) { return options.a + 1 })",
        "(options) => options.a",
        "\"use strict\" ;\n( class { } )",
        "while (1) ;\n[ 1, 2 ]",
        "for (;;) ; ({ a : 1 })",
    ];
    let names: Vec<String> = (0..values.len()).map(|number| format!("{number}.js")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values).collect();
    let site = Site::new(&files);
    let packed = site.pack();
    let image = packed.table().to_memory().unwrap();
    for (name, source) in files {
        let expected = Outcome::Untouched(UntouchedReason::IsValue);
        assert_eq!(outcome(&packed, name), expected, "{source}");
        assert_eq!(text(&image.table(), &format!("/{name}")), source);
    }
    assert!(packed.report().diagnostics.is_empty());
}

#[test]
fn the_last_expression_of_a_script_is_preserved() {
    for (source, end) in [
        (
            "var  prefix = 'x' ; function plugin ( options ) { return prefix + options } plugin ;",
            "}plugin;",
        ),
        ("var  a = 1 ; ({ a : a }) ; function late ( ) { }", ";({a:a});function late(){}"),
        (
            "f ( ) ; if ( a ) { 'then' } else { 'otherwise' }",
            "if(a){\"then\";}else{\"otherwise\";}",
        ),
        ("( function ( ) { return 1 } ) ( ) ;", "(function(){return 1;})();"),
    ] {
        let packed = Site::new(&[("a.js", source)]).packed_text("/a.js");
        assert!(packed.ends_with(end), "{source} became {packed}");
    }
}

#[test]
fn a_constructed_pattern_does_not_become_a_literal() {
    let source = "try { new RegExp ( '(open' ) } catch { closed = ! new RegExp ( 'close)' ) }";
    let packed = Site::new(&[("a.js", source)]).packed_text("/a.js");
    assert!(packed.contains("new RegExp(\"(open\")"), "{packed}");
    assert!(packed.contains("!new RegExp(\"close)\")"), "{packed}");
}

#[test]
fn a_script_whose_pattern_may_not_compile_stays_as_it_is() {
    let invalid = [("a.js", "f ( /(open/ ) ;"), ("c.mjs", "/[z-a]/ ;")];
    let packed = Site::new(&invalid).pack();
    for (name, _) in invalid {
        let expected = Outcome::Untouched(UntouchedReason::UnknownPattern);
        assert_eq!(outcome(&packed, name), expected, "{name}");
    }
    let valid = "f ( /(?<=a)[\\p{L}--[a-z]](?<n>.)\\k<n>/v , /a{,1}]/y ) ;";
    let packed = Site::new(&[("a.js", valid)]).pack();
    assert_eq!(outcome(&packed, "a.js"), Outcome::Minified);
}

#[test]
fn the_raw_text_of_a_template_is_preserved() {
    let source = "f ( String.raw`\u{b7} </script> <!-- \\u{41}` , /<!-- <\\/script>/ ) ;";
    let packed = Site::new(&[("a.mjs", source)]).packed_text("/a.mjs");
    for text in ["String.raw`\u{b7} </script> <!-- \\u{41}`", "/<!-- <\\/script>/"] {
        assert!(packed.contains(text), "{packed}");
    }
}

#[test]
fn a_script_that_reads_the_text_of_its_functions_stays_as_it_is() {
    let readers = [
        "var text = ( function ( ) { /*\n  <b>one</b>\n*/ } ) . toString ( ) ;",
        "show ( multiline ( function ( ) { /*\n  <b>one</b>\n*/ } ) ) ;",
        "function here ( f ) { return f . toString ( ) . replace ( /^[^\\/]+\\/\\*!?/ , '' ) }",
        "function greet ( name ) { return name } show ( greet . toString ( ) ) ;",
        "( function ( ) { function work ( ) { square ( 2 ) } new Blob ( [ '(' , work , ')()' ] ) } ) ( )",
        "( function ( ) { const work = ( data ) => data ; url ( '(' + work + ')()' , Blob ) } ) ( )",
        "( function ( ) { const work = ( data ) => data ; url ( `(${ work })()` , Blob ) } ) ( )",
        "class A { } show ( String ( A ) ) ;",
        "class A { toString ( ) { return 'a' } } show ( String ( A ) ) ;",
        "function f ( ) { } g . toString = ( ) => 'f' ; show ( f . toString ( ) ) ;",
        "( function ( ) { const work = ( data ) => data ; url ( String . raw `(${ work })()` ) } ) ( )",
        "f ( ( function ( ) { g ( ) } ) . toString ( ) . match ( /x/ ) )",
    ];
    let names: Vec<String> = (0..readers.len()).map(|number| format!("{number}.js")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(readers).collect();
    let packed = Site::new(&files).pack();
    for (name, source) in files {
        let expected = Outcome::Untouched(UntouchedReason::ReadAsText);
        assert_eq!(outcome(&packed, name), expected, "{source}");
    }
    for source in [
        "function f ( ) { /**\n * Nothing.\n */ } g ( f , 1 . toString ( ) , new Blob ( [ data ] ) ) ;",
        "function f ( ) { } f . toString = ( ) => 'f' ; g ( f . toString ( ) ) ;",
        "function f ( ) { } Object . assign ( f , { toString : ( ) => 'f' } ) ; g ( `${ f }` ) ;",
        "function f ( ) { } Object . defineProperty ( f , 'toString' , { value : g } ) ; g ( '' + f ) ;",
        "class A { static toString ( ) { return 'A' } } g ( String ( A ) ) ;",
        "const head = ( ) => top ; f ( html ` ${ head } ${ function ( ) { } } ` ) ;",
        "var n = 1 ; f ( n . toString ( ) . replace ( /\\B(?=(\\d{3})+)/g , ',' ) + String ( n ) ) ;",
    ] {
        let packed = Site::new(&[("a.js", source)]).pack();
        assert_eq!(outcome(&packed, "a.js"), Outcome::Minified, "{source}");
    }
}

#[test]
fn parameters_by_whose_names_values_are_injected_keep_them() {
    for (source, name) in [
        (
            "angular.module ( 'a' ) . factory ( 'api' , function ( backend ) { return backend } )",
            "backend",
        ),
        (
            "app . controller ( 'A' , function ( $scope , backend ) { $scope.a = backend } )",
            "backend",
        ),
        ("define ( function ( require , exports ) { exports.a = require ( './a' ) } )", "require"),
        ("define ( 'a' , ( require ) => require ( './a' ) )", "require"),
    ] {
        let packed = Site::new(&[("a.js", source)]).packed_text("/a.js");
        assert!(packed.contains(name), "{packed}");
        assert!(packed.len() < source.len(), "{packed}");
    }
    let other = "module ( function ( rectangular ) { return rectangular } )";
    assert!(!Site::new(&[("a.js", other)]).packed_text("/a.js").contains("rectangular"));
    let bundled = "define ( [ './a' ] , function ( require , exports ) { return exports } )";
    let packed = Site::new(&[("a.js", bundled)]).packed_text("/a.js");
    assert!(!packed.contains("require"), "{packed}");
}

#[test]
fn names_that_a_script_reads_are_preserved() {
    for source in [
        "class Widget { } customElements.define ( 'x-' + Widget.name , Widget ) ;",
        "class Widget { a ( ) { return this.constructor.name } }",
        "class Widget { constructor ( ) { this.a = new.target.name } }",
        "const Widget = class { } ; register ( Widget [ 'name' ] , Widget ) ;",
    ] {
        let packed = Site::new(&[("a.mjs", source)]).packed_text("/a.mjs");
        assert!(packed.contains("Widget"), "{packed}");
    }
    let other = "class Widget { } f ( Widget , { name : 1 } . name ) ;";
    let packed = Site::new(&[("a.mjs", other)]).packed_text("/a.mjs");
    assert!(!packed.contains("Widget"), "{packed}");
}

#[test]
fn a_bookmarklet_stays_as_it_is() {
    let source = "javascript: ( function ( ) { alert ( document.title ) } ) ( ) ;";
    let packed = Site::new(&[("a.js", source)]).pack();
    assert_eq!(outcome(&packed, "a.js"), Outcome::Untouched(UntouchedReason::IsValue));
}

#[test]
fn modules_whose_exports_have_strings_for_names_are_minified() {
    for (source, expected) in [
        ("import { 'a b' as c } from './a.js' ;", "import{\"a b\"as c}from\"./a.js\";"),
        ("export * as 'a b' from './a.js' ;", "export*as\"a b\"from\"./a.js\";"),
    ] {
        let packed = Site::new(&[("a.mjs", source)]).packed_text("/a.mjs");
        assert!(packed.len() < source.len() && packed.contains("a b"), "{packed} for {expected}");
    }
}

//! Style sheets before and after.

use proptest::prelude::*;

use super::*;

fn squeeze(source: &str) -> String {
    super::squeeze(source, &[], &KeptComments::default())
}

fn meaning(source: &str) -> Vec<&str> {
    super::meaning(source, &KeptComments::default())
}

#[test]
fn only_insignificant_space_is_removed() {
    for (source, expected) in [
        ("a { color : red ; }", "a{color:red}"),
        ("a , b > c  ~ d { }\n\n e{}", "a,b > c ~ d{}e{}"),
        ("a :hover { b : c }", "a :hover{b:c}"),
        ("a{ b :hover { c : d } e : f }", "a{b :hover{c:d}e:f}"),
        ("a{&:hover{b:c}}", "a{&:hover{b:c}}"),
        ("a{ width : calc( 1px  +  -2px ) }", "a{width:calc(1px + -2px)}"),
        (
            "@media screen and ( min-width : 1px ) { a { b : c } }",
            "@media screen and (min-width : 1px){a{b:c}}",
        ),
        ("a { color: red !important ; b: c }", "a{color:red!important;b:c}"),
        ("a/**/b{c/* x */:/**/d/**/e}", "a/**/b{c:d/**/e}"),
        ("a /**/ b{}", "a b{}"),
        ("a{--x:  { a : b } ;--y:;--z: 01 /**/ }", "a{--x:  { a : b } ;--y:;--z: 01 /**/ }"),
        ("a{--x: 1 ; b : c}", "a{--x: 1 ;b:c}"),
        ("a{content:\"  ;  }\"; b: url( x y )}", "a{content:\"  ;  }\";b:url( x y )}"),
        ("/*! keep */ a { }  /* go */", "/*! keep */ a{}"),
        ("a{grid-area: 1 / 2 / span 3;}", "a{grid-area:1 / 2 / span 3}"),
        ("@import url(\"x.css\") layer( a ) ;", "@import url(\"x.css\") layer(a);"),
        ("a[ href = \"x\" i ] b{}", "a[href = \"x\" i] b{}"),
        ("a:is( b , c ) d{}", "a:is(b,c) d{}"),
        ("@container style( --x:a , b ) { c { d : e } }", "@container style( --x:a , b ){c{d:e}}"),
        ("a { /*! L */ --x:a , b }", "a{/*! L */ --x:a , b }"),
        ("@property --x { initial-value: a , b }", "@property --x{initial-value: a , b }"),
        ("a { \\--x: a , b }", "a{\\--x: a , b }"),
        ("a { b : c ;  (  [", "a{b:c;(["),
        ("a { content : \"  }", "a{content:\"  }"),
        ("a { b : c\\", "a{b:c\\"),
        ("a { b : url( c", "a{b:url( c"),
    ] {
        assert_eq!(squeeze(source), expected, "{source}");
    }
}

proptest! {
    #[test]
    fn squeezing_preserves_tokens_and_is_idempotent(source in "([a-z@:;,{}()>+~. \\n!-]|--x:|/\\*x\\*/|\"s\"|1px|#a|\\[|\\])*(\"x|\\\\)?") {
        let squeezed = squeeze(&source);
        prop_assert_eq!(meaning(&squeezed), meaning(&source), "{}", squeezed);
        prop_assert_eq!(squeeze(&squeezed), squeezed.as_str(), "once is enough");
    }
}

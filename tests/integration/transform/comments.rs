//! Comments that programs read, and comments whose removal would change their neighbours.

use worker_pack::Options;
use worker_pack::report::{Outcome, UntouchedReason};

use super::outcome;
use crate::support::site::{Site, text};

/// Returns a file after packing.
fn packed_with(name: &str, source: &str, keep: &[&str]) -> String {
    let site = Site::new(&[(name, source)]);
    let keep_comments = keep.iter().map(|pattern| pattern.parse().unwrap()).collect();
    let packed = site.pack_with(Options { keep_comments, ..Options::default() });
    text(&packed.table().to_memory().unwrap().table(), &format!("/{name}"))
}

fn packed(name: &str, source: &str) -> String {
    packed_with(name, source, &[])
}

const USER_SCRIPT: &str = "// ==UserScript==\n// @name    Tidy\n// @match   https://*.example/*\n\
    // @grant   GM_addStyle\n// ==/UserScript==\n";

/// Comments at the start of scripts, which stay there as they are.
const SCRIPT_HEADERS: [&str; 20] = [
    USER_SCRIPT,
    "// ==OpenUserJS==\n// @author me\n// ==/OpenUserJS==\n",
    "/**\n * @name Tidy\n * @author Somebody\n * @version 0.1.0\n */\n",
    "//META{\"name\":\"tidy\"}*//\n",
    "/*\nPlugin Name: Tidy\nAuthor: Somebody\n*/\n",
    "// Copyright 2024 The Authors\n// Use of this source code is granted to all.\n",
    "/* (c) the authors */\n",
    "/* Licensed under the Apache License */\n",
    "// SPDX-FileCopyrightText: 2024 The Authors\n// SPDX-License-Identifier: MIT\n",
    "// @license magnet:?xt=urn:btih:x&dn=gpl-3.0.txt GPL-3.0\n",
    "/// <reference types=\"./mod.d.ts\" />\n",
    "// @ts-self-types=\"./mod.d.ts\"\n",
    "/** @jsx h */\n",
    "// icon-color: red; icon-glyph: magic;\n",
    "// @raycast.title Tidy\n// @raycast.mode silent\n",
    "// <xbar.title>Tidy</xbar.title>\n",
    "/*\n[rewrite_local]\n^https://a.example url script-response-body b.js\n*/\n",
    "/*:\n * @target MZ\n * @plugindesc Tidies the map.\n */\n",
    "// @target photoshop\n",
    "/* <nowiki> */\n",
];

#[test]
fn what_a_script_says_about_itself_stays_at_its_start() {
    for header in SCRIPT_HEADERS {
        for before in ["", "#!/usr/bin/env node\n", "\n\n/* a remark */\n"] {
            let source = format!("{before}{header}\nvar  a  =  1 ; // a remark\nf( a )\n");
            let minified = packed("tidy.user.js", &source);
            let start = if before.starts_with("#!") { before } else { "" };
            assert!(
                minified.starts_with(&format!("{start}{header}")),
                "{source} became {minified}"
            );
            assert!(!minified.contains("a remark"), "{minified}");
        }
    }
}

#[test]
fn licences_and_metadata_of_a_script_stay_wherever_they_are() {
    for comment in [
        "/*! a notice */",
        "/* @preserve this */",
        "/** @copyright the authors */",
        "/* Copyright (c) 2019-2024 the authors */",
        "// SPDX-License-Identifier: MIT",
        USER_SCRIPT,
    ] {
        let source = format!("f( 1 , 2 );\n{comment}\ng( 3 , 4 ) // a remark on copyright\n");
        let minified = packed("a.js", &source);
        assert!(minified.contains(comment), "{comment}: {minified}");
        assert!(!minified.contains("remark"), "{minified}");
    }
    let minified = packed("a.js", "f( 1 , 2 );\n//# sourceURL=a.ts\n//# sourceMappingURL=a.map\n");
    assert_eq!(minified, "f(1,2);\n//# sourceURL=a.ts");
}

#[test]
fn annotations_for_bundlers_stay_beside_their_expression() {
    for (source, expected) in [
        ("import( /* webpackIgnore: true */ url );", "import(/* webpackIgnore: true */url)"),
        (
            "import( /* @vite-ignore */ `./${ name }.js` );",
            "import(/* @vite-ignore */`./${name}.js`)",
        ),
        (
            "import( /* webpackChunkName: \"a\" */\n /* webpackPrefetch: true */ './a.js' );",
            "import(/* webpackChunkName: \"a\" *//* webpackPrefetch: true */\"./a.js\")",
        ),
        (
            "new URL( /* turbopackIgnore: true */ './a.js' , b );",
            "new URL(/* turbopackIgnore: true */\"./a.js\",b)",
        ),
        ("export const a = /* #__PURE__ */ make( 1 );", "/* #__PURE__ */make(1)"),
        ("export const a = /*@__PURE__*/ make( 1 );", "/*@__PURE__*/make(1)"),
    ] {
        let minified = packed("lib.mjs", &format!("{source} // a remark\n"));
        assert!(minified.contains(expected), "{source} became {minified}");
        assert!(!minified.contains("remark"), "{minified}");
    }
    // A script without exports is an application, which is not bundled again.
    let minified = packed("app.js", "var a = /* #__PURE__ */ make( 1 ); use( a ) // a remark\n");
    assert!(!minified.contains("PURE"), "{minified}");
    // A comment whose place would be lost keeps the script as it is.
    let source = "import( // @vite-ignore\n url ); // a remark\n";
    assert_eq!(packed("app.js", source), source);
    let style = "a { b : url( c ) /* webpackIgnore: true */ ; d : e } /* a remark */";
    assert!(packed("a.css", style).contains("/* webpackIgnore: true */"));
}

#[test]
fn a_script_whose_comments_are_code_stays_as_it_is() {
    let source = "/*@cc_on @if (@_jscript_version > 5) old = true; @end @*/\nvar  a  =  1;\n";
    let site = Site::new(&[("a.js", source)]);
    let packed = site.pack();
    let expected = Outcome::Untouched(UntouchedReason::CommentsMatter);
    assert_eq!(outcome(&packed, "a.js"), expected);
    assert_eq!(site.packed_text("/a.js"), source);
}

#[test]
fn what_a_style_sheet_says_about_itself_stays_in_place() {
    for header in [
        "/* ==UserStyle==\n@name           Dark\n@namespace      styles.example\n==/UserStyle== */",
        "/*\nTheme Name: Tidy\nTemplate: parent\n*/",
        "/**\n * @name Dark\n * @version 1\n */",
        "/* @settings\nname: Tidy\n*/",
        "/* Copyright (c) the authors */",
        "/* Licensed under MIT */",
        "/*! a notice */",
    ] {
        let source = format!("{header}\n/* a remark */\nbody  {{ color : red }}\n");
        let minified = packed("dark.user.css", &source);
        assert_eq!(minified, format!("{header} body{{color:red}}"));
    }
    let placeholder = "a  { color : /*[[accent]]*/ ; b : c /* a remark */ }";
    assert_eq!(packed("a.user.css", placeholder), "a{color:/*[[accent]]*/;b:c}");
    let later = "a  { b : c } /* SPDX-License-Identifier: MIT */ d { e : f } /* our copyright */";
    assert_eq!(packed("a.css", later), "a{b:c}/* SPDX-License-Identifier: MIT */ d{e:f}");
}

/// Comments of pages that programs read, in the body between elements.
const MARKERS: [&str; 36] = [
    "<!--[if IE 9]> <p>old</p> <![endif]-->",
    "<!--[if !IE]><!-->",
    "<!--<![endif]-->",
    "<!--#include virtual=\"/menu of pages.html\" -->",
    "<!-- #include file=\"menu of pages.html\" -->",
    "<!--esi <p>two words</p> -->",
    "<!-- esi two words here -->",
    "<!-- googleoff: all of it -->",
    "<!--googleon: index-->",
    "<!-- sphider_noindex the menu here -->",
    "<!-- noindex the menu here -->",
    "<!--htdig_noindex-->",
    "<!--UdmComment-->",
    "<!-- FreeFind Begin No Index -->",
    "<!-- stop_indexing of the menu -->",
    "<!-- robots content=\"none\" of this -->",
    "<!-- SwishCommand noindex the menu -->",
    "<!-- directive: my-menu of pages -->",
    "<!-- ngRepeat: page in pages of menu -->",
    "<!-- end ngRepeat: page in pages -->",
    "<!-- ko foreach: list of things -->",
    "<!-- /ko -->",
    "<!--$-->",
    "<!--[-->",
    "<!--?lit$1$-->",
    "<!--astro:end-->",
    "<!--email_off-->",
    "<!-- saved from url=(0014)about:internet of old -->",
    "<!-- InstanceBeginEditable name of it -->",
    "<!-- wp:paragraph of words -->",
    "<!-- ======== START OF CLASS DATA ======== -->",
    "<!-- ============ METHOD DETAIL ========== -->",
    "<!-- begin of the content -->",
    "<!-- here the content ends: end -->",
    "<!-- Copyright 2024 the authors -->",
    "<!-- SPDX-License-Identifier: MIT of authors -->",
];

#[test]
fn comments_of_a_page_that_programs_read_stay() {
    for marker in MARKERS {
        let source = format!("<p>a</p>\n{marker}\n<p>b</p>\n<!-- a remark of ours -->\n");
        let minified = packed("index.html", &source);
        assert!(minified.contains(marker), "{marker}: {minified}");
        assert!(!minified.contains("remark"), "{marker}: {minified}");
    }
}

#[test]
fn a_remark_stays_where_its_removal_would_change_its_neighbours() {
    let remark = "<!-- a remark of ours -->";
    for (source, is_removed) in [
        ("<pre>@\nfirst line</pre>", false),
        ("<PRE class=a>@@\nfirst line</PRE>", false),
        ("<pre>\n@\nx</pre>", false),
        ("<listing>@\r\nx</listing>", false),
        ("<pre>@first line</pre>", true),
        ("<pre><b>x</b>@\n</pre>", true),
        ("<p>if a <@b then", false),
        ("<p>AT&@amp; T", false),
        ("<p>&#6@5; T", false),
        ("<p>one@two", false),
        ("<p>one @ two", false),
        ("<p>one@@two", false),
        ("<p>one\n@\n", false),
        ("<p>one@</p>", true),
        ("<p>@one</p>", true),
        ("<p>a > b@c", false),
        ("<p>a</p>\n@\n<p>b</p>", true),
        ("<b>a</b>@<i>b</i>", true),
        ("<ul><li>a</li>@<li>b</li></ul>", true),
        ("<select><option>a</option>@<option>b</option></select>", false),
        ("<table>@text<tr><td>a</table>", true),
        ("<table>@<tr><td>a</table>", true),
        ("<title>a@b</title>", false),
        ("<textarea>@\nb</textarea>", false),
        ("<svg><text>a@b</text></svg>", false),
        ("<script>a = '@'</script>", false),
        ("<template>one@two</template>", false),
        ("<astro-island>@<p>a</p></astro-island>", false),
    ] {
        let source = format!("<!doctype html>\n{}\n", source.replace('@', remark));
        let minified = packed("index.html", &source);
        let is_kept = minified.matches(remark).count() == source.matches(remark).count();
        assert_eq!(!is_kept, is_removed, "{source} became {minified}");
    }
    // A script of the page counts its nodes.
    let list = format!("<ul id=a><li>a</li>{remark}<li>b</li></ul>");
    for script in ["a.childNodes[2].remove()", "a.firstChild.nextSibling", "walk(SHOW_COMMENT)"] {
        let source = format!("{list}\n<script> {script} </script>\n");
        assert!(packed("index.html", &source).contains(remark), "{source}");
    }
    let source = format!("{list}\n<script> a.firstElementChild . remove() </script>\n");
    assert!(!packed("index.html", &source).contains(remark), "{source}");
    // One remark that has to stay does not keep the others.
    let source = format!("<p>one{remark}two</p>{remark}<pre>{remark}\nx</pre>\n");
    let minified = packed("index.html", &source);
    assert_eq!(minified, format!("<p>one{remark}two</p><pre>{remark}\nx</pre>\n"));
}

#[test]
fn comments_that_the_user_names_stay() {
    let keep = ["cut: here", "keep*this"];
    let named = "/* cut: here */ f( 1 , 2 ); g( /* keep all of this */ 3 ); // a remark\n";
    let script = packed_with("a.js", named, &keep);
    assert_eq!(script, "/* cut: here */\nf(1,2);g(/* keep all of this */3);");
    let style =
        packed_with("a.css", "a { b : c } /* cut: here */ /* a remark */ d { e : f }", &keep);
    assert_eq!(style, "a{b:c}/* cut: here */ d{e:f}");
    let markup =
        "<p>a</p><!-- a word to keep for this --><p>b</p><!-- a remark of ours --><p>c</p>";
    let page = packed_with("a.html", markup, &keep);
    assert_eq!(page, "<p>a</p><!-- a word to keep for this --><p>b</p><p>c</p>");
    let image = packed_with("a.svg", "<svg><!-- cut: here --><!-- a remark --><g/></svg>", &keep);
    assert_eq!(image, "<svg><!-- cut: here --><g/></svg>");
    let all = packed_with("a.html", "<p>a</p><!-- a remark of ours --><p>c</p>", &["*"]);
    assert!(all.contains("remark"), "{all}");
}

#[test]
fn a_comment_that_names_a_source_map_is_removed_and_a_text_like_it_is_not() {
    let script = packed("a.js", "f( `//# sourceMappingURL=no` );\n//# sourceMappingURL=a.js.map\n");
    assert!(script.contains("URL=no") && !script.contains("a.js.map"), "{script}");
    let sheet = "a { content: '/*# sourceMappingURL=no */' }\n/*# sourceMappingURL=a.css.map */\n";
    let sheet = packed("a.css", sheet);
    assert!(sheet.contains("URL=no") && !sheet.contains("a.css.map"), "{sheet}");
}

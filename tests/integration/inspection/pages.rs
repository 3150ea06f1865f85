//! The rules on pages and public files.

use worker_pack::report::{Code, Diagnostic, Severity};

use super::cases::{Case, assert_broken_and_mended, broken as broken_in};
use crate::cli::check::project::{PAGE, Project, STATIC};

const HASHED: &str = "<!doctype html><meta charset=utf-8><title>a</title>\
    <meta http-equiv=content-security-policy content=\"script-src 'sha256-AvyuiL0SD1mVY3NNxR+V2uo+lhk6RMFrytWmRt6CrJQ='\">\n\
    <script>run()</script>";

const CASES: &[Case] = &[
    Case {
        code: Code::PageBrokenLink,
        broken: &[(
            "dist/index.html",
            "<!doctype html><title>a</title>\n<p><a href=\"/gone/\">x</a>",
        )],
        mended: &[("dist/gone/index.html", PAGE)],
        also: &[],
        place: "dist/index.html:2:13",
    },
    Case {
        code: Code::PageBrokenLink,
        broken: &[
            ("dist/index.html", "<!doctype html><title>a</title><a href='sub/x?y#z'>x</a>"),
            ("dist/sub/a.html", "<!doctype html><title>a</title><base href=/sub/><a href=x>x</a>"),
        ],
        mended: &[("dist/sub/x.html", "<!doctype html><title>x</title><h1 id=z>x")],
        also: &[],
        place: "dist/index.html:1:41",
    },
    Case {
        code: Code::PageBrokenLink,
        broken: &[
            ("dist/_redirects", "/old /new\n"),
            ("dist/index.html", "<!doctype html><title>a</title><a href=/old>x</a>"),
        ],
        mended: &[("dist/_redirects", "/old https://elsewhere.example/\n")],
        also: &[],
        place: "dist/index.html:1:40",
    },
    Case {
        code: Code::PageMissingFile,
        broken: &[(
            "dist/index.html",
            "<!doctype html>\r\n<title>a</title>\r\n<img src=/a.gif srcset='/a.gif 1x, /b.gif 2x' alt=a>",
        )],
        mended: &[("dist/a.gif", GIF), ("dist/b.gif", GIF)],
        also: &[],
        place: "dist/index.html:3:10",
    },
    Case {
        code: Code::PageMissingFile,
        broken: &[
            (
                "dist/index.html",
                "<!doctype html><title>a</title><link rel=stylesheet href=/s/a.css>",
            ),
            ("dist/s/a.css", "p {\n  background: url('../i/p.gif');\n}\n"),
        ],
        mended: &[("dist/i/p.gif", GIF)],
        also: &[],
        place: "dist/s/a.css:2:20",
    },
    Case {
        code: Code::PageMissingFile,
        broken: &[
            (
                "dist/index.html",
                "<!doctype html><title>a</title><script type=module src=/s/a.js></script>",
            ),
            (
                "dist/s/a.js",
                "// A comment.\nimport { b } from './b.js';\nb(new URL('.', import.meta.url));\n",
            ),
        ],
        mended: &[("dist/s/b.js", "export const b = console.log;\n")],
        also: &[],
        place: "dist/s/a.js:2:20",
    },
    Case {
        code: Code::PageMissingFile,
        broken: &[
            (
                "dist/index.html",
                "<!doctype html><title>a</title><link rel=manifest href=/app.webmanifest>",
            ),
            (
                "dist/app.webmanifest",
                "{\n  \"start_url\": \".\",\n  \"icons\": [{ \"src\": \"icon.gif\" }]\n}\n",
            ),
        ],
        mended: &[("dist/icon.gif", GIF)],
        also: &[],
        place: "dist/app.webmanifest:3:23",
    },
    Case {
        code: Code::PageMissingFile,
        broken: &[
            ("dist/index.html", "<!doctype html><title>a</title><object data=/d/a.svg></object>"),
            (
                "dist/d/a.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\">\n<a href=\"#b\"/><image href=\"../b.gif?a&amp;b\"/></svg>",
            ),
        ],
        mended: &[("dist/b.gif", GIF)],
        also: &[],
        place: "dist/d/a.svg:2:28",
    },
    Case {
        code: Code::PageBrokenFragment,
        broken: &[
            ("dist/index.html", "<!doctype html><title>a</title><a href=/b/#one>x</a>"),
            ("dist/b/index.html", "<!doctype html><title>b</title><h1 id=two>b</h1>"),
        ],
        mended: &[("dist/b/index.html", "<!doctype html><title>b</title><a name=one>b</a>")],
        also: &[],
        place: "dist/index.html:1:40",
    },
    Case {
        code: Code::PageLinkCase,
        broken: &[
            ("dist/index.html", "<!doctype html><title>a</title><a href=/About/>x</a>"),
            ("dist/about/index.html", PAGE),
        ],
        mended: &[("dist/index.html", "<!doctype html><title>a</title><a href=/about/>x</a>")],
        also: &[],
        place: "dist/index.html:1:40",
    },
    Case {
        code: Code::PageRedirectedLink,
        broken: &[
            ("dist/index.html", "<!doctype html><title>a</title><a href=/about>x</a>"),
            ("dist/about/index.html", PAGE),
        ],
        mended: &[("dist/index.html", "<!doctype html><title>a</title><a href=/about/>x</a>")],
        also: &[],
        place: "dist/index.html:1:40",
    },
    Case {
        code: Code::PageCspUnhashed,
        broken: &[(
            "dist/index.html",
            "<!doctype html><title>a</title><meta http-equiv=content-security-policy content=\"script-src 'self'\">\n\
             <script>run()</script>",
        )],
        mended: &[(
            "dist/index.html",
            "<!doctype html><title>a</title><meta http-equiv=content-security-policy content=\"script-src 'nonce-x'\">\n\
             <script nonce=x>run()</script>",
        )],
        also: &[],
        place: "dist/index.html:2:9",
    },
    Case {
        code: Code::PageCspUnhashed,
        broken: &[
            ("dist/_headers", "/*\n  Content-Security-Policy: default-src 'self'\n"),
            ("dist/index.html", "<!doctype html><title>a</title><p style='color: red'>a"),
            ("dist/b.html", "<!doctype html><title>a</title><p onclick='go()'>a"),
            ("dist/c.html", "<!doctype html><title>a</title><style>p {}</style>"),
            ("dist/d.html", "<!doctype html><title>a</title><script type=importmap>{}</script>"),
            (
                "dist/e.html",
                "<!doctype html><title>a</title><script type=speculationrules>{}</script>",
            ),
        ],
        mended: &[(
            "dist/_headers",
            "/*\n  Content-Security-Policy: default-src 'self' 'unsafe-inline'\n",
        )],
        also: &[],
        place: "dist/b.html:1:44",
    },
    Case {
        code: Code::PageCspUnsafeWithHash,
        broken: &[(
            "dist/index.html",
            "<!doctype html><title>a</title><meta http-equiv=content-security-policy \
             content=\"script-src 'unsafe-inline' 'nonce-abc'\">",
        )],
        mended: &[(
            "dist/index.html",
            "<!doctype html><title>a</title><meta http-equiv=content-security-policy \
             content=\"script-src 'unsafe-inline'\">",
        )],
        also: &[],
        place: "dist/index.html:1:82",
    },
    Case {
        code: Code::PageCspBlockedLoad,
        broken: &[(
            "dist/index.html",
            "<!doctype html><title>a</title><meta http-equiv=content-security-policy content=\"img-src 'self'\">\n\
             <img src=https://cdn.example/a.png alt=a>",
        )],
        mended: &[(
            "dist/index.html",
            "<!doctype html><title>a</title><meta http-equiv=content-security-policy content=\"img-src *.example\">\n\
             <img src=https://cdn.example/a.png alt=a>",
        )],
        also: &[],
        place: "dist/index.html:2:10",
    },
    Case {
        code: Code::PageCspConnect,
        broken: &[
            ("dist/a.json", "{}"),
            (
                "dist/index.html",
                "<!doctype html><title>a</title><meta http-equiv=content-security-policy \
                 content=\"connect-src https://api.example/v1\"><link rel=preload as=fetch href=/a.json>",
            ),
            ("dist/_headers", "/*\n  Content-Security-Policy: connect-src 'none'\n"),
        ],
        mended: &[("dist/_headers", "/*\n  Content-Security-Policy: connect-src 'self'\n")],
        also: &[],
        place: "dist/index.html:1:150",
    },
    Case {
        code: Code::PageUnreferencedFile,
        broken: &[("dist/_astro/lost.Ab3dEf9x.js", "run();")],
        mended: &[(
            "dist/index.html",
            "<!doctype html><title>a</title><script src=/_astro/lost.Ab3dEf9x.js></script>",
        )],
        also: &[],
        place: "dist/_astro/lost.Ab3dEf9x.js",
    },
    Case {
        code: Code::PageUnreferencedFile,
        broken: &[("dist/_astro/icon.Ab3dEf9x.gif", GIF), ("dist/app.webmanifest", "{}")],
        mended: &[("dist/app.webmanifest", r#"{"icons":[{"src":"/_astro/icon.Ab3dEf9x.gif"}]}"#)],
        also: &[],
        place: "dist/_astro/icon.Ab3dEf9x.gif",
    },
    Case {
        code: Code::PagePrerenderFailed,
        broken: &[("dist/a/index.html", "")],
        mended: &[("dist/a/index.html", PAGE)],
        also: &[],
        place: "dist/a/index.html",
    },
    Case {
        code: Code::PagePrerenderFailed,
        broken: &[("dist/a/index.html", "\r\n"), ("dist/b.html", "Internal Server Error")],
        mended: &[("dist/a/index.html", PAGE), ("dist/b.html", "google-site-verification: b.html")],
        also: &[],
        place: "dist/a/index.html",
    },
    Case {
        code: Code::PagePrerenderFailed,
        broken: &[("dist/a.webp", "Could not process image request: Error: gone\n")],
        mended: &[("dist/a.webp", WEBP)],
        also: &[],
        place: "dist/a.webp",
    },
    Case {
        code: Code::PageBytesNotType,
        broken: &[("dist/a.webp", GIF)],
        mended: &[("dist/a.webp", WEBP)],
        also: &[],
        place: "dist/a.webp",
    },
    Case {
        code: Code::PageBytesNotType,
        broken: &[("dist/favicon.ico", PAGE)],
        mended: &[("dist/favicon.ico", GIF)],
        also: &[],
        place: "dist/favicon.ico",
    },
];

/// The first bytes of a picture are enough. The others are no text.
const GIF: &str = "GIF89a\u{1}\u{1}";
const WEBP: &str = "RIFF\u{1}\u{1}\u{1}\u{1}WEBPVP8 \u{1}";

pub(crate) fn broken(code: Code) -> Vec<Diagnostic> {
    broken_in(STATIC, CASES, code)
}

#[test]
fn each_rule_on_pages_is_broken_alone_and_silent_when_it_is_mended() {
    assert_broken_and_mended(STATIC, CASES);
}

#[test]
fn code_with_its_hash_in_the_policy_is_allowed() {
    let found = Project::new(STATIC, &[("dist/index.html", HASHED)]).findings();
    let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::HtmlHashedCode], "{found:#?}");
    // In a page with Windows line ends, browsers hash the code with others.
    let windows = HASHED.replace("run()", "run(\r\n)").replace('\n', "\r\n");
    let found = Project::new(STATIC, &[("dist/index.html", &windows)]).findings();
    assert!(found.iter().any(|one| one.code == Code::PageCspUnhashed), "{found:#?}");
}

#[test]
fn equal_links_of_several_pages_are_one_finding() {
    let page = "<!doctype html><title>a</title><a href=/gone/>x</a><a href=/gone/#a>x</a>";
    let files: Vec<(String, &str)> = (0..6).map(|n| (format!("dist/p{n}.html"), page)).collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let found = Project::new(STATIC, &files).findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    let message = "links to `/gone/`, which is missing (also in `dist/p1.html`, `dist/p2.html`, \
        `dist/p3.html` and 2 more files)";
    assert_eq!(found[0].message, message);
}

/// What links may look like without being broken.
#[test]
fn links_that_lead_somewhere_are_silent() {
    let page = "<!doctype html><title>a</title><link rel=canonical href=https://a.example/>\
        <link rel=icon href=data:,><a href=mailto:a@b.example>a</a><a href='tel:1'>b</a>\
        <a href=https://other.example/gone>c</a><a href=#top>d</a><a href=#>e</a><a href=''>f</a>\
        <a href='#:~:text=a'>g</a><a href=/caf%C3%A9/>h</a><a href='/a%20b.txt?x#page=2'>i</a>\
        <a href='javascript:void 0'>j</a><a href='https://a.example/b#c'>k</a><a href='/old'>l</a>\
        <a href='//other.example/x'>m</a><a href='/cdn-cgi/trace'>n</a><a href='http://[bad'>o</a>\
        <a>p</a><a href='/b#caf%C3%A9'>q</a><form method=post action=/gone></form><a href='#/route'>r</a>\
        <a href='blob:https://a.example/b'>s</a><template><a href='{{url}}'><img src='${picture}' alt=t></a></template>";
    let found = Project::new(
        STATIC,
        &[
            ("dist/index.html", page),
            ("dist/café/index.html", PAGE),
            ("dist/a b.txt", "text"),
            ("dist/b.html", "<!doctype html><title>b</title><p id=c>b<p id=café>c"),
            ("dist/_redirects", "/old https://elsewhere.example/ 301\n"),
        ],
    )
    .findings();
    assert_eq!(found, []);
}

#[test]
fn paths_of_an_application_and_of_a_server_are_not_broken() {
    let link = "<!doctype html><title>a</title><a href=/any/path>x</a>";
    let app = Project::new(
        STATIC,
        &[
            ("dist/index.html", link),
            (
                "wrangler.jsonc",
                r#"{ "assets": { "directory": "dist", "not_found_handling": "single-page-application" } }"#,
            ),
            ("node_modules/wrangler/package.json", r#"{ "version": "4.164.0" }"#),
            ("node_modules/wrangler/config-schema.json", "{}"),
        ],
    );
    app.remove("dist/404.html");
    assert_eq!(app.findings(), []);
    let server =
        Project::new(crate::cli::check::project::SERVER, &[("dist/client/index.html", link)]);
    assert_eq!(server.findings(), []);
}

/// The manifest of Astro's server tells which paths it has.
#[test]
fn a_path_without_a_route_of_the_server_is_broken() {
    let entry = r#"const manifest = deserializeManifest({"routes":[{"routeData":{"type":"page",
        "route":"/news/[id]","pattern":"^\\/news\\/([^/]+?)\\/?$","component":"src/pages/news/[id].astro",
        "prerender":false,"origin":"project"}}]}); export default { fetch: () => new Response(manifest) };"#;
    let page = "<!doctype html><title>a</title><a href=/news/1>x</a><a href=/news/>y</a>";
    let files = [("dist/server/entry.mjs", entry), ("dist/client/index.html", page)];
    let found = Project::new(crate::cli::check::project::SERVER, &files).findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].message, "links to `/news/`, which is missing");
    // A middleware may answer any path.
    let with_middleware = Project::new(
        crate::cli::check::project::SERVER,
        &[
            files[0],
            files[1],
            ("src/middleware.ts", "export const onRequest = (_, next) => next();"),
        ],
    );
    assert_eq!(with_middleware.findings(), []);
}

/// A policy for browsers of all ages, and what it lets scripts and frames do.
#[test]
fn strict_policies_trust_what_scripts_load() {
    let page = "<!doctype html><title>a</title><link rel=modulepreload href=/a.js>\
        <script nonce=n type=module src=/a.js></script><script nonce=n>run()</script>\
        <script type=application/ld+json>{}</script><astro-island component-url=/a.js></astro-island>\
        <iframe src=about:blank></iframe><img src='' alt=a>";
    let policy = "/*\n  Content-Security-Policy: script-src 'nonce-n' 'strict-dynamic' https: 'unsafe-inline'; \
        frame-src 'self'; img-src 'none'\n";
    let project = Project::new(
        STATIC,
        &[("dist/index.html", page), ("dist/a.js", "run()"), ("dist/_headers", policy)],
    );
    let of_policy = |one: &Diagnostic| one.code.name().starts_with("page/csp");
    let found: Vec<Diagnostic> = project.findings().into_iter().filter(of_policy).collect();
    assert_eq!(found, []);
    project.write("dist/_headers", policy.replace(" 'strict-dynamic'", ""));
    let found = project.findings();
    assert!(found.iter().any(|one| one.code == Code::PageCspUnsafeWithHash), "{found:#?}");
}

/// The value is joined here, so that this file contains none, and is not shown.
#[test]
fn secrets_that_files_assign_to_a_name_are_found() {
    let value = ["q7Zp2mXv9LrTn4Ks", "Wd8HyBc3Jf6GtRa1VeUo"].concat();
    let project = Project::new(STATIC, &[]);
    project.write("dist/a.js", format!("const clientSecret = '{value}'; run(clientSecret);\n"));
    project.write("dist/b.json", format!("{{\n  \"apiKey\": \"{value}\"\n}}\n"));
    project.write("dist/c.js", format!("search({{ appId: 'A', apiKey: '{value}' }});\n"));
    let found = project.findings();
    let told: Vec<(&str, Severity, Code)> =
        found.iter().map(|one| (&*one.file, one.severity, one.code)).collect();
    let expected = [
        ("dist/a.js", Severity::Warning, Code::ExposedToken),
        ("dist/b.json", Severity::Note, Code::ExposedToken),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{found:?}").contains(&value));
}

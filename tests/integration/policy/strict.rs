//! Policies with `'strict-dynamic'`: scripts run by their hashes.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha384};
use worker_pack::options::{Csp, Fingerprints, Integrity};
use worker_pack::{Options, Packed};

use super::hash;
use crate::support::site::{Site, text, warnings};

fn strict() -> Options {
    Options {
        csp: Csp::StrictDynamic,
        integrity: Integrity::Modules,
        fingerprints: Fingerprints::All,
        ..Options::default()
    }
}

/// Returns the sources of scripts in the policy of a page.
fn scripts(packed: &Packed, route: &str) -> Vec<String> {
    let memory = packed.table().to_memory().unwrap();
    let policy = memory.table().asset(route).unwrap().content_security_policy().unwrap().to_owned();
    let directive = policy.split("; ").next().unwrap();
    directive.split(' ').skip(1).map(str::to_owned).collect()
}

/// Returns the source for the served bytes of a file with a fingerprint.
fn source(packed: &Packed, route: &str) -> String {
    let reports = &packed.report().fingerprints;
    let named = reports.iter().find(|one| one.route == route).unwrap().fingerprinted.clone();
    let body = text(&packed.table().to_memory().unwrap().table(), &named.unwrap());
    format!("'sha384-{}'", BASE64_STANDARD.encode(Sha384::digest(body)))
}

#[test]
fn the_policy_lists_the_served_bytes_of_each_script_that_the_page_loads_or_imports() {
    let inline = "import(\"/later.js\")";
    let page = format!(
        "<!doctype html><script type=module src=/a.js></script><script type=module>{inline}</script>"
    );
    let site = Site::new(&[
        ("page.html", &*page),
        ("a.js", "import './b.js';\nfirst( 1 );\n"),
        ("b.js", "second( 2 );\n"),
        ("later.js", "import './b.js';\nthird( 3 );\n"),
        ("other.html", "<!doctype html><script src=/other.js></script>"),
        ("other.js", "fourth( 4 );\n"),
        ("plain.html", "<!doctype html><p>a"),
    ]);
    let packed = site.pack_with(strict());
    assert_eq!(warnings(&packed), [""; 0]);
    let sources = scripts(&packed, "/page.html");
    for route in ["/a.js", "/b.js", "/later.js"] {
        assert!(sources.contains(&source(&packed, route)), "{route}: {sources:?}");
    }
    assert!(sources.contains(&"'strict-dynamic'".to_owned()), "{sources:?}");
    assert!(!sources.contains(&source(&packed, "/other.js")), "{sources:?}");
    let other = scripts(&packed, "/other.html");
    assert_eq!(other, ["'self'", &source(&packed, "/other.js"), "'strict-dynamic'"]);
    assert_eq!(scripts(&packed, "/plain.html"), ["'none'"]);
}

#[test]
fn a_page_with_a_script_that_has_no_hash_keeps_the_policy_by_hosts_and_is_reported() {
    for (script, part) in [
        ("<script src=https://cdn.example/a.js></script>", "without `integrity`"),
        (
            "<script src=https://cdn.example/a.js integrity=sha384-a crossorigin></script>",
            "nobody knows which modules `https://cdn.example/a.js` imports",
        ),
        ("<script>import('/api/a')</script>", "no file of the site"),
        ("<script>document.write(a)</script>", "`document.write`"),
        (
            "<script>import('https://cdn.example/a.js')</script>",
            "imports `https://cdn.example/a.js`",
        ),
        ("<script>import(location.hash)</script>", "it computes"),
        ("<script type=module src=/_astro/a.Dk3jabcd.js></script>", "it computes"),
        ("<iframe srcdoc='<script>a()</script>'></iframe><script>b()</script>", "srcdoc"),
    ] {
        let page = format!("<!doctype html>\n{script}");
        let site =
            Site::new(&[("page.html", &*page), ("_astro/a.Dk3jabcd.js", "import(location.hash)")]);
        let packed = site.pack_with(strict());
        let found = warnings(&packed);
        let is_it = |one: &&String| one.contains("csp/not-strict") && one.contains(part);
        assert_eq!(found.iter().filter(is_it).count(), 1, "{script}: {found:#?}");
        let sources = scripts(&packed, "/page.html");
        assert!(!sources.contains(&"'strict-dynamic'".to_owned()), "{sources:?}");
    }
    let site = Site::new(&[(
        "page.html",
        "<!doctype html>\n<p>\n<script src=//cdn.example/a.js></script>",
    )]);
    let found = warnings(&site.pack_with(strict()));
    assert!(found[0].contains("page.html:3:13"), "{found:#?}");
}

#[test]
fn a_host_that_the_user_adds_for_scripts_keeps_the_policy_by_hosts() {
    let site = Site::new(&[("page.html", "<!doctype html><script>a()</script>")]);
    let csp_add = vec!["script-src https://cdn.example".parse().unwrap()];
    let packed = site.pack_with(Options { csp_add, ..strict() });
    let found = warnings(&packed);
    assert!(matches!(&*found, [one] if one.contains("`https://cdn.example`")), "{found:#?}");
    assert!(scripts(&packed, "/page.html").contains(&"'self'".to_owned()));
}

#[test]
fn a_rule_that_decides_about_the_policy_leaves_nothing_to_report() {
    let site = Site::new(&[
        ("page.html", "<!doctype html><script src=/a.js></script>"),
        ("a.js", "a()"),
        ("_headers", "/*\n  Content-Security-Policy: script-src 'self'\n"),
    ]);
    let options = Options { fingerprints: Fingerprints::Off, ..strict() };
    assert_eq!(warnings(&site.pack_with(options)), [""; 0]);
}

#[test]
fn a_policy_that_would_be_too_long_lists_hosts() {
    let imports: Vec<String> = (0..200).map(|n| format!("import './m{n}.js';\n")).collect();
    let site =
        Site::new(&[("page.html", "<!doctype html><script type=module src=/a.js></script>")]);
    site.write("a.js", imports.concat());
    (0..200).for_each(|n| site.write(&format!("m{n}.js"), format!("f({n})")));
    let packed = site.pack_with(strict());
    let found = warnings(&packed);
    assert!(matches!(&*found, [one] if one.contains("would not fit")), "{found:#?}");
    assert_eq!(scripts(&packed, "/page.html")[0], "'self'");
}

#[test]
fn any_inline_script_is_allowed_if_the_user_says_so() {
    let page = "<!doctype html><script>a()</script><script src=/a.js></script>";
    let site = Site::new(&[("page.html", page), ("a.js", "a()")]);
    let csp_add = vec!["script-src 'unsafe-inline'".parse().unwrap()];
    let packed = site.pack_with(Options { csp_add, ..strict() });
    let sources = scripts(&packed, "/page.html");
    assert_eq!(sources, ["'self'", "'unsafe-inline'"]);
    assert!(!sources.contains(&hash("a()")));
}

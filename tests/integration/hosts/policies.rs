//! Content security policies of pages in Chromium.

use std::fs;

use super::packed_site::{PackedSite, SERVERS, last_line};
use crate::support::server::Server;
use crate::support::site::{Site, blog, files_below};
use crate::support::{astro, xtask};

/// The arguments of sites whose attributes are allowed too.
const ARGUMENTS: [&str; 4] = ["--csp", "hashes", "--csp-attributes", "hash"];

/// The arguments of sites whose scripts run by their hashes.
const STRICT: [&str; 8] = [
    "--csp",
    "strict-dynamic",
    "--csp-attributes",
    "hash",
    "--integrity",
    "modules",
    "--fingerprints",
    "all",
];

/// A page of Astro: styles, a module, a script that Astro does not hash, an import map, and a link.
const PAGE: &str = r#"---
ROUTER_IMPORT
---
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>TITLE</title>
    <link rel="icon" href="data:,">
    <script is:inline type="importmap">{ "imports": { "greeting": "/greeting.js" } }</script>
    ROUTER
  </head>
  <body>
    <a id="next" href="/NEXT">Next</a>
    <h1 data-testid="name">TITLE</h1>
    <p data-testid="inline">no</p>
    <p data-testid="module">no</p>
    <p data-testid="mapped">no</p>
    <p data-testid="coloured" style="color: rgb(1, 2, 3)">text</p>
    <script is:inline>
      document.querySelector('[data-testid=inline]').textContent = 'inline of TITLE';
    </script>
    <script is:inline type="module">
      import { greeting } from 'greeting';
      document.querySelector('[data-testid=mapped]').textContent = `${greeting} on TITLE`;
    </script>
    <script>
      const show = () => {
        document.querySelector('[data-testid=module]').textContent = 'module';
      };
      show();
      document.addEventListener('astro:page-load', show);
    </script>
    <style>
      h1 { background: rgb(4, 5, 6) }
    </style>
  </body>
</html>
"#;

/// The ways in which the pages of a site navigate, and in which they have policies.
#[derive(Clone, Copy)]
enum Kind {
    /// By Astro's router, without policies of Astro.
    Routed,
    /// By the browser, with policies of Astro.
    WithOwnPolicies,
}

/// A site of two pages, built by the Astro of an example.
fn site(kind: Kind) -> Site {
    let site = Site::new::<&str>(&[]);
    let write = |name: &str, text: &str| site.write(&format!("../{name}"), text);
    let (import, router, csp) = match kind {
        Kind::Routed => {
            ("import { ClientRouter } from 'astro:transitions';", "<ClientRouter />", "false")
        }
        Kind::WithOwnPolicies => ("", "", "true"),
    };
    write("package.json", r#"{ "name": "policies", "type": "module", "private": true }"#);
    write(
        "astro.config.mjs",
        &format!(
            "export default {{ cacheDir: './.cache', security: {{ csp: {csp} }},\n\
             vite: {{ cacheDir: './.vite', resolve: {{ preserveSymlinks: true }} }} }};\n"
        ),
    );
    write("public/greeting.js", "export const greeting = 'mapped';\n");
    for (name, title, next) in [("index", "One", "two/"), ("two", "Two", "")] {
        let page = PAGE
            .replace("ROUTER_IMPORT", import)
            .replace("ROUTER", router)
            .replace("TITLE", title)
            .replace("NEXT", next);
        write(&format!("src/pages/{name}.astro"), &page);
    }
    astro::build(&site, &SERVERS[0].parent().unwrap().join("node_modules"));
    site
}

/// The example blog without its `_headers`, which set a policy of their own.
fn blog_without_rules() -> Site {
    let site = Site::new::<&str>(&[]);
    for file in files_below(&blog()) {
        let name = file.to_str().unwrap();
        if name != "_headers" {
            site.write(name, fs::read(blog().join(name)).unwrap());
        }
    }
    site
}

#[test]
fn pages_work_under_their_policies_and_changed_code_is_blocked() {
    let (chromium, _) = xtask::run(&["chromium"]);
    let [routed, own] = [Kind::Routed, Kind::WithOwnPolicies].map(site);
    let blog = blog_without_rules();
    let worker = PackedSite::new(&blog.dist(), &ARGUMENTS).start();
    let url = |server: &Server| format!("http://{}/", server.address);
    let serve = |site: &Site, arguments: &[&str]| Server::start(&site.dist(), arguments);
    let served = serve(&blog, &STRICT);
    let strict = serve(&routed, &STRICT);
    let (routed, completed) = (serve(&routed, &ARGUMENTS), serve(&own, &ARGUMENTS));
    let unchanged = serve(&own, &[]);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("WORKER_URL", format!("http://{}/", worker.address())),
        ("SERVED_URL", url(&served)),
        ("ROUTED_URL", url(&routed)),
        ("STRICT_URL", url(&strict)),
        ("COMPLETED_URL", url(&completed)),
        ("UNCHANGED_URL", url(&unchanged)),
    ];
    let test = ["node", "--test", "tests/worker/policies.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

//! Scripts and style sheets in Chromium, which checks them by the hashes in pages, and islands under a policy of Astro.

use super::packed_site::{PackedSite, SERVERS, last_line};
use crate::support::server::Server;
use crate::support::site::{Site, blog};
use crate::support::{astro, xtask};

/// Options of a site whose pages load code by its hashes, also that of `public/`.
const ARGUMENTS: [&str; 6] =
    ["--integrity", "add", "--fingerprints", "public", "--early-hints", "on"];

/// A page with a module of Astro that imports another one, a style sheet of Astro, and one of `public/`.
const PAGE: &str = r#"---
import '../styles.css';
---
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Checked</title>
    <link rel="icon" href="data:,">
    <link rel="preload" as="style" href="/plain.css">
    <link rel="stylesheet" href="/plain.css">
  </head>
  <body>
    <h1 data-testid="name">Checked</h1>
    <p data-testid="module">no</p>
    <script>
      import { word } from '../word.js';
      document.querySelector('[data-testid=module]').textContent = word;
    </script>
  </body>
</html>
"#;

/// A site that is built by the Astro of an example.
fn site() -> Site {
    let site = Site::new::<&str>(&[]);
    let write = |name: &str, text: &str| site.write(&format!("../{name}"), text);
    write("package.json", r#"{ "name": "integrity", "type": "module", "private": true }"#);
    write(
        "astro.config.mjs",
        "export default { cacheDir: './.cache', build: { inlineStylesheets: 'never' },\n\
         vite: { cacheDir: './.vite', build: { assetsInlineLimit: 0 },\n\
         resolve: { preserveSymlinks: true } } };\n",
    );
    write("src/pages/index.astro", PAGE);
    write("src/styles.css", "h1 { color: rgb(1, 2, 3); }\n");
    write("src/word.js", "export const word = 'the module has run';\n");
    write("public/plain.css", "p { color: rgb(4, 5, 6); }\n");
    astro::build(&site, &SERVERS[0].parent().unwrap().join("node_modules"));
    site
}

/// The example with islands of five libraries, built with policies of Astro.
fn islands_with_policies() -> Site {
    astro::islands(|name, text| match name {
        "astro.config.mjs" => Some(text.replace(
            "  output: 'static',",
            "  output: 'static', security: { csp: true }, cacheDir: './.cache',\n\
               vite: { cacheDir: './.vite', resolve: { preserveSymlinks: true } },",
        )),
        _ => Some(text),
    })
}

/// Runs the tests in the browser.
fn run(script: &str, urls: &[(&str, String)]) {
    let (chromium, _) = xtask::run(&["chromium"]);
    let mut variables = vec![("WORKER_PACK_CHROMIUM", last_line(&chromium))];
    variables.extend(urls.iter().map(|(name, address)| (*name, format!("http://{address}/"))));
    let (stdout, stderr) = xtask::run_with(&["node", "--test", script], &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

#[test]
fn pages_load_code_by_its_hash_and_changed_code_is_blocked() {
    let (site, blog) = (site(), blog());
    let served = Server::start(&site.dist(), &ARGUMENTS);
    let with_policies =
        Server::start(&site.dist(), &[&ARGUMENTS[..], &["--csp", "hashes"]].concat());
    let worker = PackedSite::new(&blog, &ARGUMENTS).start();
    let urls = [
        ("SERVED_URL", served.address.clone()),
        ("POLICIES_URL", with_policies.address.clone()),
        ("BLOG_URL", worker.address()),
    ];
    run("tests/worker/integrity.test.mjs", &urls);
}

#[test]
fn islands_of_five_libraries_violate_the_policy_of_astro_and_not_the_completed_one() {
    let site = islands_with_policies();
    let dist = site.dist();
    let unchanged = PackedSite::new(&dist, &[]).start();
    let completed =
        PackedSite::new(&dist, &["--csp", "hashes", "--csp-attributes", "hash"]).start();
    let urls = [("UNCHANGED_URL", unchanged.address()), ("COMPLETED_URL", completed.address())];
    run("tests/worker/island_policies.test.mjs", &urls);
}

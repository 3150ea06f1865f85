//! Astro's `ClientRouter` and its prefetch in Chromium, on a site with dictionaries.

use super::packed_site::{PackedSite, SERVERS, last_line};
use crate::dictionary::pages::words;
use crate::support::server::Server;
use crate::support::site::Site;
use crate::support::xtask;

/// The layout: the router, a link to be prefetched, and one that the router leaves alone.
const LAYOUT: &str = r#"---
import { ClientRouter } from 'astro:transitions';
const { title } = Astro.props;
---
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title}</title>
    <link rel="icon" href="data:,">
    <ClientRouter />
    <script>
      import { prefetch } from 'astro:prefetch';
      globalThis.prefetch = prefetch;
    </script>
  </head>
  <body>
    <a id="to-1" href="/1/">One</a>
    <a id="to-2" href="/2/" data-astro-prefetch="hover">Two</a>
    <a id="reload-4" href="/4/" data-astro-reload>Four</a>
    <h1 data-testid="name">{title}</h1>
    <nav>NAVIGATION</nav>
    <slot />
  </body>
</html>
"#;

const CONFIG: &str = "export default {\n\
    cacheDir: './.cache',\n\
    vite: { cacheDir: './.vite', resolve: { preserveSymlinks: true } },\n\
    prefetch: { prefetchAll: false },\n};\n";

/// A site of six pages, built by the Astro of an example.
fn site() -> Site {
    let site = Site::new::<&str>(&[]);
    let write = |name: &str, text: &str| site.write(&format!("../{name}"), text);
    write("package.json", r#"{ "name": "router", "type": "module", "private": true }"#);
    write("astro.config.mjs", CONFIG);
    write("src/Layout.astro", &LAYOUT.replace("NAVIGATION", &words(1, 400)));
    for n in 0..6 {
        let name = if n == 0 { "index".to_owned() } else { n.to_string() };
        let text = words(10 + n, 60);
        let page = format!(
            "---\nimport Layout from '../Layout.astro';\n---\n\
             <Layout title=\"Page {n}\"><main>{text}</main></Layout>\n"
        );
        write(&format!("src/pages/{name}.astro"), &page);
    }
    let modules = SERVERS[0].parent().unwrap().join("node_modules");
    let [folder, modules] = [site.project(), &modules].map(|path| path.to_str().unwrap());
    xtask::run(&["node", "tests/worker/astro_build.mjs", folder, modules]);
    site
}

#[test]
fn pages_of_the_router_and_of_prefetch_are_differences_to_a_dictionary() {
    let (site, arguments) = (site(), ["--dictionaries", "pages"]);
    let (chromium, _) = xtask::run(&["chromium"]);
    let worker = PackedSite::new(&site.dist(), &arguments).start();
    let server = Server::start(&site.dist(), &arguments);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("WORKER_URL", format!("http://{}/", worker.address())),
        ("SERVED_URL", format!("http://{}/", server.address)),
    ];
    let test = ["node", "--test", "tests/worker/client_router.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

//! Pages whose policies have `'strict-dynamic'`, in Chromium and in Firefox.

use super::packed_site::last_line;
use crate::support::server::Server;
use crate::support::site::Site;
use crate::support::xtask;

/// The arguments of a site whose scripts run by their hashes.
const ARGUMENTS: [&str; 8] = [
    "--csp",
    "strict-dynamic",
    "--integrity",
    "modules",
    "--fingerprints",
    "public",
    "--early-hints",
    "on",
];

/// A page with scripts and modules that are loaded in each way. Each writes its name into the title.
const PAGE: &str = r#"<!doctype html>
<meta charset="utf-8">
<title>loaded:</title>
<link rel="icon" href="data:,">
<script>globalThis.loaded = (name) => (document.title += ` ${name}`);</script>
<script type="importmap">{ "imports": { "named": "/named.js" } }</script>
<link rel="modulepreload" href="/preloaded.js">
<script src="/classic.js"></script>
<script type="module" src="/module.js"></script>
<script type="module">
  import '/preloaded.js';
  import 'named';
  loaded('inline');
  import('./later.js');
</script>
<script>import('/imported.js');</script>
"#;

/// The names that the title of the page has in the end.
const LOADED: &str =
    "added classic deep imported inline later module named odd preloaded static worker";

fn site() -> Site {
    let says = |name: &str| format!("loaded('{name}');\n");
    Site::new(&[
        ("index.html", PAGE.to_owned()),
        (
            "classic.js",
            "loaded('classic');\n\
             const added = document.createElement('script');\n\
             added.src = '/added.js';\n\
             document.head.append(added);\n"
                .to_owned(),
        ),
        ("added.js", says("added")),
        (
            "module.js",
            "import './static.js';\n\
             const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });\n\
             worker.onmessage = ({ data }) => loaded(data);\n\
             loaded('module');\n"
                .to_owned(),
        ),
        ("static.js", format!("import './deep.js';\n{}", says("static"))),
        ("worker.js", "import { name } from './in_worker.js';\npostMessage(name);\n".to_owned()),
        ("in_worker.js", "export const name = 'worker';\n".to_owned()),
        ("deep.js", says("deep")),
        ("later.js", format!("{}import('/odd [näme].js?a=b');\n", says("later"))),
        ("odd [näme].js", says("odd")),
        ("named.js", says("named")),
        ("preloaded.js", says("preloaded")),
        ("imported.js", says("imported")),
        // No page loads it, so that no policy has its hash.
        ("uploaded.js", says("uploaded")),
    ])
}

/// Firefox is an optional tool: without it, its test runs in CI alone, which installs it.
#[test]
fn scripts_run_by_their_hashes_and_no_other_file_of_the_site_does() {
    let (chromium, _) = xtask::run(&["chromium"]);
    let (firefox, _) = xtask::run(&["firefox"]);
    let site = site();
    let url = |server: &Server| format!("http://{}/", server.address);
    let strict = Server::start(&site.dist(), &ARGUMENTS);
    let by_hosts = Server::start(&site.dist(), &["--csp", "hashes"]);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("WORKER_PACK_FIREFOX", firefox.lines().last().unwrap_or_default().to_owned()),
        ("STRICT_URL", url(&strict)),
        ("HOSTS_URL", url(&by_hosts)),
        ("LOADED", LOADED.to_owned()),
    ];
    let test = ["node", "--test", "tests/worker/strict_policies.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

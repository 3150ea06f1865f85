//! Node.js in the servers of packed Workers: whatever wrangler gives to the unpacked Worker.

use std::{env, fs};

use super::packed_site::{pack, text};
use crate::support::client::{Request, ask};
use crate::support::site::Site;
use crate::support::xtask::{self, Serving};

/// Dates around which Workers or wrangler's polyfills changed.
const DATES: [&str; 8] = [
    "2024-09-02",
    "2024-09-23",
    "2025-04-01",
    "2025-09-15",
    "2025-10-08",
    "2026-02-19",
    "2026-06-01",
    "2026-11-01",
];

/// The dates that are tested unless all of them are asked for.
const FEW_DATES: [&str; 3] = ["2024-09-23", "2025-10-08", "2026-11-01"];

/// An adapter by the layout that it writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Adapter {
    /// Version 12: `_worker.js`, which wrangler bundles.
    Bundled,
    /// Version 14: `client` and `server`, which wrangler does not bundle.
    NotBundled,
}

impl Adapter {
    /// Returns the folder of the server in a build.
    fn server(self) -> &'static str {
        match self {
            Self::Bundled => "_worker.js",
            Self::NotBundled => "server",
        }
    }

    /// Writes a build with modules of a server, the first of them its entry, and with its configuration.
    pub(super) fn build(self, modules: &[(&str, &str)], settings: &str) -> Site {
        let site = Site::new::<&str>(&[]);
        let (client, entry) = match self {
            Self::Bundled => ("", "index.js"),
            Self::NotBundled => ("client/", "entry.mjs"),
        };
        // Long enough to be stored as Brotli, and decoded for clients that accept none.
        site.write(&format!("{client}about.txt"), "about ".repeat(100));
        for (index, (name, code)) in modules.iter().enumerate() {
            let name = if index == 0 { entry } else { name };
            site.write(&format!("{}/{name}", self.server()), code);
        }
        match self {
            Self::Bundled => {
                site.write(".assetsignore", "_worker.js\n_routes.json\n");
                site.write(
                    "_routes.json",
                    r#"{"version":1,"include":["/*"],"exclude":["/about.txt"]}"#,
                );
                site.write(
                    "../wrangler.jsonc",
                    format!(
                        r#"{{"name":"tide","main":"dist/_worker.js/index.js",
                        "assets":{{"directory":"dist","binding":"ASSETS"}},{settings}}}"#
                    ),
                );
            }
            Self::NotBundled => site.write(
                "server/wrangler.json",
                format!(
                    r#"{{"name":"tide","main":"entry.mjs","no_bundle":true,
                    "rules":[{{"type":"ESModule","globs":["**/*.js","**/*.mjs"]}}],
                    "assets":{{"directory":"../client","binding":"ASSETS"}},{settings}}}"#
                ),
            ),
        }
        site
    }

    /// Serves the build by wrangler, without packing it.
    fn serve(self, site: &Site) -> Serving {
        let config = match self {
            Self::Bundled => site.project().join("wrangler.jsonc"),
            Self::NotBundled => site.dist().join("server/wrangler.json"),
        };
        Serving::dev_by(&config)
    }
}

/// Asserts that a packed build answers some paths as the unpacked one does, and returns the answers.
pub(super) fn assert_same_answers(adapter: Adapter, site: &Site, paths: &[&str]) -> Vec<String> {
    // One after the other: each of them watches the project, in which the other writes.
    let answers = |serving: Serving| -> Vec<String> {
        let address = serving.address();
        paths.iter().map(|path| answer(&address, path)).collect()
    };
    let expected = answers(adapter.serve(site));
    pack(&site.dist(), site, &[]);
    let config = site.out().join("wrangler.jsonc");
    // Unlike `wrangler dev`, it ends if it cannot bundle the server.
    xtask::run(&["wrangler", "deploy", "--dry-run", &format!("--config={}", config.display())]);
    let found = answers(Serving::dev_by(&config));
    assert_eq!(found, expected, "{adapter:?}\n{}", fs::read_to_string(config).unwrap());
    found
}

pub(super) fn answer(address: &str, path: &str) -> String {
    let answer = ask(address, &Request::new("GET", path));
    format!("{} {}", answer.status, text(&answer))
}

#[test]
fn a_server_finds_the_node_js_of_the_unpacked_worker() {
    let all = env::var_os("WORKER_PACK_ALL_DATES").is_some();
    let dates = if all { &DATES[..] } else { &FEW_DATES[..] };
    let modules = [
        ("", include_str!("node_js/server.mjs")),
        ("chunks/at-load.mjs", include_str!("node_js/at_load.mjs")),
    ];
    for date in dates {
        for adapter in [Adapter::Bundled, Adapter::NotBundled] {
            let settings = format!(
                r#""compatibility_date":"{date}","compatibility_flags":["nodejs_compat"],"vars":{{"GREETING":"hi"}}"#
            );
            let site = adapter.build(&modules, &settings);
            let [found, page] = &*assert_same_answers(adapter, &site, &["/ask", "/page"]) else {
                panic!("two answers");
            };
            assert!(found.contains("stream: onetwo"), "{date}: {found}");
            if matches!(adapter, Adapter::Bundled) {
                assert!(page.ends_with("<p>tide table</p>"), "{date}: {page}");
            }
        }
    }
}

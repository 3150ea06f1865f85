//! The binding of a site's files under the names of its configuration, in `workerd`.

use super::packed_site::{PackedSite, text};
use crate::support::client::{Request, ask};
use crate::support::site::Site;

/// Asks each binding that is named in the query for a file. The imported `env` is read while the module
/// is loaded.
const SERVER: &str = "
import { env as imported } from 'cloudflare:workers';
const early = { ...imported };
const asked = async (env, name) => {
  if (env[name]?.fetch === undefined) return 'missing';
  return (await env[name].fetch('https://x.example/hello.txt')).text();
};
export default {
  async fetch(request, env) {
    const names = new URL(request.url).searchParams.get('names').split(',');
    const all = [env, imported, early].flatMap((env) => names.map((name) => asked(env, name)));
    return new Response((await Promise.all(all)).join(' '));
  },
};
";

#[test]
fn a_server_finds_its_files_under_the_names_of_its_configuration() {
    for (config, expected) in [
        (r#"{ "assets": { "binding": "ASSETS" } }"#, "hello missing"),
        (r#"{ "assets": { "binding": "STATIC" } }"#, "hello hello"),
        (r#"{ "assets": { "binding": "STATIC" }, "vars": { "ASSETS": "" } }"#, "missing hello"),
    ] {
        let site = Site::new(&[
            ("client/hello.txt", "hello"),
            ("server/entry.mjs", SERVER),
            ("server/wrangler.json", config),
        ]);
        let worker = PackedSite::new(&site.dist(), &[]).start();
        let answer = ask(&worker.address(), &Request::new("GET", "/api?names=ASSETS,STATIC"));
        assert_eq!(text(&answer), [expected; 3].join(" "), "{config}");
    }
}

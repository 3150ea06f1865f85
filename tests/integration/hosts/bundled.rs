//! Servers that wrangler bundles, packed and unpacked.

use std::fs;
use std::os::unix::fs::symlink;

use super::node_js::{Adapter, answer, assert_same_answers};
use super::packed_site::{SERVERS, pack};
use crate::support::site::Site;
use crate::support::xtask::Serving;

const SERVER: &str = r"
import { DurableObject, env } from 'cloudflare:workers';
import data from './data.json';
import page from './page.html';
import note from './note.txt';
import bytes from './bytes.bin';
import font from './font.ttf';
import add from './add.wasm?module';
import common from './common.cjs';
import { twice } from './lib/twice';
import { tide } from 'tide';
import replaced from 'replaced';

const late = await import('./late.mjs');
const language = async (name) => import(`./languages/${name}.mjs`);

export class Counter extends DurableObject {
  async next() {
    const count = ((await this.ctx.storage.get('count')) ?? 0) + 1;
    await this.ctx.storage.put('count', count);
    return count;
  }
}

class Named {}

async function found(request) {
  const { exports } = await WebAssembly.instantiate(add);
  const counter = env.COUNTER.get(env.COUNTER.idFromName('a'));
  return [
    data.harbour, page, note, new Uint8Array(bytes).length, new Uint8Array(font).length,
    exports.add(1, 2), common.name, twice(2), tide, replaced, late.default,
    (await language('en')).default, (await language('de')).default,
    await language('fr').catch(() => 'no French'),
    DEFINED, Named.name, Counter.name, env.GREETING, await counter.next(), await counter.next(),
    (await env.ASSETS.fetch(new URL('/about.txt', request.url))).status,
  ].join('|');
}

export default {
  fetch: async (request) => new Response(await found(request)),
};
";

/// (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
const ADD: &[u8] = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";

const SETTINGS: &str = r#"
    "compatibility_date": "2025-10-08",
    "compatibility_flags": ["nodejs_compat"],
    "vars": { "GREETING": "hi" },
    "define": { "DEFINED": "'defined'" },
    "alias": { "replaced": "./replacement.mjs" },
    "rules": [{ "type": "Data", "globs": ["**/*.ttf"], "fallthrough": true }],
    "durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
    "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }]"#;

#[test]
fn a_server_may_import_whatever_wrangler_bundles() {
    let site = Adapter::Bundled.build(&[("", SERVER)], SETTINGS);
    for (name, text) in [
        ("data.json", r#"{"harbour":"north"}"#),
        ("page.html", "<p>page</p>"),
        ("note.txt", "note"),
        ("bytes.bin", "bytes"),
        ("font.ttf", "font"),
        ("common.cjs", "exports.name = require('./other').name + require('node:path').sep;"),
        ("other.js", "exports.name = 'common';"),
        ("lib/twice.js", "export const twice = (value) => 2 * value;"),
        ("late.mjs", "export default 'late';"),
        ("languages/en.mjs", "export default 'English';"),
        ("languages/de.mjs", "export default 'Deutsch';"),
        (
            "../../node_modules/tide/package.json",
            r#"{"name":"tide","module":"a.js","main":"b.js"}"#,
        ),
        ("../../node_modules/tide/a.js", "export const tide = 'in';"),
        ("../../node_modules/tide/b.js", "exports.tide = 'out';"),
        ("../../replacement.mjs", "export default 'replacement';"),
    ] {
        site.write(&format!("_worker.js/{name}"), text);
    }
    site.write("_worker.js/add.wasm", ADD);
    let [found] = &*assert_same_answers(Adapter::Bundled, &site, &["/ask"]) else { panic!() };
    assert!(
        found.starts_with("200 north|<p>page</p>|note|5|4|3|common/|4|in|replacement|late|"),
        "{found}"
    );
    assert!(found.ends_with("defined|Named|Counter|hi|1|2|200"), "{found}");
}

/// The renderer of Astro 5 looks at `process` while it is loaded.
#[test]
fn a_server_of_astro_5_renders_under_dates_at_which_process_is_that_of_the_host() {
    let site = Site::new::<&str>(&[]);
    fs::remove_dir(site.dist()).unwrap();
    symlink(&SERVERS[1], site.dist()).unwrap();
    for deployed in [r#""main":"dist/_worker.js/index.js""#, r#""pages_build_output_dir":"dist""#] {
        let config = format!(
            r#"{{"name":"ferry","compatibility_date":"2025-10-08","compatibility_flags":["nodejs_compat"],
            "vars":{{"GREETING":"Hello."}},{deployed}}}"#
        );
        fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
        pack(&site.dist(), &site, &[]);
        let served = Serving::dev_by(&site.out().join("wrangler.jsonc"));
        let page = answer(&served.address(), "/board/?to=x");
        assert!(page.starts_with("200 <!DOCTYPE html>") && page.contains("Hello."), "{page}");
    }
}

/// Pages leaves such imports to the host.
#[test]
fn computed_imports_reach_the_modules_of_a_server_for_pages() {
    let site = Site::new(&[
        ("about.txt", "about"),
        (
            "_worker.js/index.js",
            "import { name } from './name.mjs';\n\
             const chunk = { name: './chunk.mjs' };\n\
             export default { fetch: async () => new Response((await import(chunk.name)).default + name) };",
        ),
        (
            "_worker.js/name.mjs",
            "export const name = ` ${Object.prototype.toString.call(process)}`;",
        ),
        ("_worker.js/chunk.mjs", "export default 'chunk';"),
    ]);
    // Pages has flags in its dashboard too.
    for flags in [r#","compatibility_flags":["nodejs_compat"]"#, ""] {
        let config = format!(
            r#"{{"pages_build_output_dir":"dist","compatibility_date":"2025-10-08"{flags}}}"#
        );
        fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
        pack(&site.dist(), &site, &[]);
        let served = Serving::dev_by(&site.out().join("wrangler.jsonc"));
        assert_eq!(answer(&served.address(), "/ask"), "200 chunk [object Object]");
    }
}

#[test]
fn a_server_without_node_js_stays_without_it() {
    let server = "const found = [typeof process, typeof Buffer].join();\n\
        export default { fetch: () => new Response(found) };";
    for adapter in [Adapter::Bundled, Adapter::NotBundled] {
        let site = adapter.build(&[("", server)], r#""compatibility_date":"2025-10-08""#);
        let found = assert_same_answers(adapter, &site, &["/ask", "/about.txt"]);
        assert_eq!(found[0], "200 undefined,undefined");
        assert!(found[1].starts_with("200 about"), "{found:?}");
    }
}

//! The scripts around a program in Rust, with a program in JavaScript in its place, which needs no compiler.

use std::fs;

use serde_json::json;

use super::packed_site::text;
use super::rust_worker::{pack_into, workerd};
use crate::support::client::{Request, ask};
use crate::support::site::Site;
use crate::support::xtask::{self, Serving};

/// A program that asks the server.
const ASKS: &str = "const shared = globalThis[Symbol.for('worker-pack')] ??= {};\n\
    shared.assets = { fetch: async (input) => new Response(`asset ${input}`) };\n\
    export default class Program {\n\
      constructor(ctx, env) { Object.assign(this, { ctx, env }); }\n\
      async fetch(request) { return shared.server(request, this.env, this.ctx); }\n\
      start_worker_pack() { return 'called'; }\n";

/// Starts a Worker of a server and a program.
fn start(server: &str, program_text: &str) -> (Site, Serving) {
    let site = Site::new(&[("client/index.html", "<p>home"), ("server/entry.mjs", server)]);
    pack_into(&site.dist(), &site.out(), &[]);
    write_program(&site, program_text);
    let built = site.out().join("build");
    let worker = workerd(built.to_str().unwrap(), &["--text", "GREETING=Hello."]);
    (site, worker)
}

/// Writes a program in the place of a compiled one.
fn write_program(site: &Site, text: &str) {
    let built = site.out().join("build");
    fs::write(built.join("index.js"), text).unwrap();
    fs::write(built.join("index_bg.wasm"), b"\0asm\x01\0\0\0").unwrap();
}

fn get(worker: &str, target: &str) -> String {
    text(&ask(worker, &Request::new("GET", target)))
}

const CLASS: &str = "import { WorkerEntrypoint } from 'cloudflare:workers';\n\
    class Base extends WorkerEntrypoint { hello(name) { return `hello ${name}`; } }\n\
    export default class Server extends Base {\n\
      answer = 42;\n\
      get greeting() { return this.env.GREETING; }\n\
      async fetch(request) {\n\
        const self = this.ctx.exports.default;\n\
        const asset = await (await this.env.ASSETS.fetch('/a')).text();\n\
        const called = new URL(request.url).pathname === '/rpc';\n\
        const rpc = called ? [await self.hello('you'), await self.greeting] : [];\n\
        return Response.json([this.answer, asset, ...rpc]);\n\
      }\n\
    }\n";

#[test]
fn a_server_that_is_a_class_keeps_its_methods() {
    let (_site, worker) = start(CLASS, &format!("{ASKS}}}\n"));
    let address = worker.address();
    assert_eq!(get(&address, "/"), "[42,\"asset /a\"]");
    assert_eq!(get(&address, "/rpc"), "[42,\"asset /a\",\"hello you\",\"Hello.\"]");
}

#[test]
fn methods_of_the_program_come_before_those_of_the_server() {
    let method = "hello(name) { return `${this.env.GREETING} ${name}, by the program`; }\n";
    let (_site, worker) = start(CLASS, &format!("{ASKS}{method}}}\n"));
    let expected = "[42,\"asset /a\",\"Hello. you, by the program\",\"Hello.\"]";
    assert_eq!(get(&worker.address(), "/rpc"), expected);

    // Beside a server that is an object, which cannot have methods.
    let server = "export default { async fetch(request, env, ctx) {\n\
        if (new URL(request.url).pathname === '/start') {\n\
          return new Response(await ctx.exports.default.start_worker_pack());\n\
        }\n\
        return new Response(await ctx.exports.default.hello('you'));\n\
        } };";
    let (_site, worker) = start(server, &format!("{ASKS}{method}}}\n"));
    let address = worker.address();
    assert_eq!(get(&address, "/"), "Hello. you, by the program");
    assert_eq!(ask(&address, &Request::new("GET", "/start")).status, 500, "it is not a method");
}

#[test]
fn a_program_without_a_handler_does_not_start() {
    let server = "export default { fetch: () => new Response() };";
    let (_site, worker) = start(server, "export default class Program {}\n");
    assert!(worker.fails_to_start());
}

/// wrangler bundles such servers, together with the program. A package of `worker-build` says that its own
/// files alone have side effects.
#[test]
fn wrangler_bundles_a_server_as_it_bundles_the_sites_worker() {
    let one_file = [
        ("index.html", "<p>home"),
        ("_routes.json", r#"{ "version": 1, "include": ["/*"], "exclude": [] }"#),
        (
            "_worker.js",
            "import { Buffer } from 'node:buffer';\n\
             export default { fetch: () => new Response(Buffer.from('aGVsbG8=', 'base64')) };",
        ),
    ];
    let of_main = [
        ("client/index.html", "<p>home"),
        (
            "server/entry.mjs",
            "import './effect.mjs';\n\
             export default { fetch: () => new Response(globalThis.greeting) };",
        ),
        ("server/effect.mjs", "globalThis.greeting = 'hello';"),
    ];
    let rules = json!([{ "type": "CompiledWasm", "globs": ["**/own.wasm"], "fallthrough": false }]);
    let nodejs = ["nodejs_compat"];
    for (files, config) in [
        (one_file, json!({ "compatibility_flags": nodejs })),
        (one_file, json!({ "compatibility_flags": nodejs, "rules": rules })),
        (of_main, json!({ "main": "dist/server/entry.mjs", "rules": rules })),
    ] {
        let site = Site::new(&files);
        fs::write(site.project().join("wrangler.jsonc"), config.to_string()).unwrap();
        let out = site.out();
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("wrangler.jsonc"), r#"{ "build": {} }"#).unwrap();
        pack_into(&site.dist(), &site.out(), &[]);
        let text = "import module from './index_bg.wasm';\nnew WebAssembly.Instance(module);\n";
        write_program(&site, &format!("{text}{ASKS}}}\n"));
        let package = r#"{ "main": "index.js", "sideEffects": ["./index.js"] }"#;
        fs::write(out.join("build/package.json"), package).unwrap();
        // It ends if it fails, unlike `wrangler dev`.
        let folder = format!("--cwd={}", out.display());
        xtask::run(&["wrangler", "deploy", "--dry-run", &folder]);
        let worker = Serving::dev_in(&out);
        assert_eq!(get(&worker.address(), "/any"), "hello", "{config}");
    }
}

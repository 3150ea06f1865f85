//! A static site with a Worker of its own, in wrangler: packed and as it is.

use super::configuration::packed;
use crate::support::client::{Request, ask};
use crate::support::site::Site;
use crate::support::xtask::{self, Serving};

const CONFIG: &str = r#"{
  // TypeScript, a class, a package by alias, a text, a value and another name of the files.
  "name": "landing",
  "main": "src/index.ts",
  "compatibility_date": "2026-05-01",
  "assets": { "directory": "./dist", "binding": "FILES", "run_worker_first": ["/api/*"] },
  "durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }],
  "alias": { "greeting": "./src/greeting.ts" },
  "define": { "STAGE": "'made'" },
  "rules": [{ "type": "Text", "globs": ["**/*.md"], "fallthrough": true }],
  "env": { "staging": {
    "main": "src/index.ts",
    "define": { "STAGE": "'staging'" },
    "durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
  } },
}"#;

const WORKER: &str = "
import { DurableObject } from 'cloudflare:workers';
import { greeting } from 'greeting';
import note from './note.md';

declare const STAGE: string;
enum Kind { Api = 'api' }

export class Counter extends DurableObject {
  async next(): Promise<number> { return 1; }
}

export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/api/count') {
      const counter = env.COUNTER.get(env.COUNTER.idFromName('one'));
      return Response.json({ count: await counter.next(), kind: Kind.Api, stage: STAGE });
    }
    if (pathname === '/api/note') return new Response(`${greeting} ${note}`);
    if (pathname === '/api/file') return env.FILES.fetch(new URL('/hello.txt', request.url));
    return new Response(`nothing at ${pathname}`, { status: 404 });
  },
};
";

#[test]
fn a_worker_beside_a_static_site_answers_as_before() {
    let site = Site::new(&[
        ("index.html", "<h1>home</h1>"),
        ("hello.txt", "hello"),
        ("api/asset.txt", "behind the Worker"),
        ("../src/index.ts", WORKER),
        ("../src/greeting.ts", "export const greeting: string = 'Good morning.';"),
        ("../src/note.md", "# A note"),
        ("../wrangler.jsonc", CONFIG),
    ]);
    let packed = packed(&site, "build/out/worker");
    for environment in ["--env=", "--env=staging"] {
        let config = format!("--config={}", packed.display());
        let deploy = ["wrangler", "deploy", "--dry-run", &config, environment];
        let (stdout, stderr) = xtask::run(&deploy);
        assert!(stdout.contains("Total Upload"), "{stdout}{stderr}");
        assert!(!format!("{stdout}{stderr}").contains("WARNING"), "{stdout}{stderr}");
    }
    let before = Serving::dev_by(&site.project().join("wrangler.jsonc"));
    let after = Serving::dev_by(&packed);
    let (before, after) = (before.address(), after.address());
    for path in [
        "/",
        "/hello.txt",
        "/api/count",
        "/api/note",
        "/api/file",
        "/api/asset.txt",
        "/api/none",
        "/none",
    ] {
        let get = Request::new("GET", path).with("Accept-Encoding", "identity");
        let (expected, found) = (ask(&before, &get), ask(&after, &get));
        assert_eq!(found.status, expected.status, "{path}");
        let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        assert_eq!(text(&found.body), text(&expected.body), "{path}");
    }
}

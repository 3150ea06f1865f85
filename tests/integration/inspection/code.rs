//! The rules on the modules of the server.

use worker_pack::report::{Code, Diagnostic};

use super::cases::{Case, assert_broken_and_mended, broken as broken_in};
use crate::cli::check::project::{PAGE, Project, SERVER};

const ENTRY: &str = "dist/server/entry.mjs";
const OLD: &str = r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2025-05-01", "assets": { "binding": "ASSETS", "directory": "../client" } }"#;

const CASES: &[Case] = &[
    Case {
        code: Code::ServerLocalsRuntime,
        broken: &[
            (
                ENTRY,
                "// src/lib/db.ts\nconst db = (context) => context.locals.runtime.env.DB;\nexport default { fetch: db };\n",
            ),
            (
                "src/lib/db.ts",
                "import type { A } from 'a';\nexport const db = (context: A) =>\n  context.locals.runtime.env.DB;\n",
            ),
        ],
        mended: &[(
            ENTRY,
            "import { env } from 'cloudflare:workers';\nexport default { fetch: () => env.DB };\n",
        )],
        also: &[],
        place: "src/lib/db.ts:3:3",
    },
    Case {
        code: Code::ServerLocalsRuntime,
        broken: &[(
            ENTRY,
            "const a = ($$result) => { const { env } = Astro.locals.runtime; };\nexport default { fetch: a };\n",
        )],
        mended: &[("node_modules/astro/package.json", r#"{ "version": "5.16.0" }"#)],
        also: &[],
        place: "dist/server/entry.mjs:1:33",
    },
    Case {
        code: Code::ServerMessageChannel,
        broken: &[
            (
                ENTRY,
                "const channel = new MessageChannel();\nexport default { fetch: () => new Response(channel) };\n",
            ),
            ("dist/server/wrangler.json", OLD),
            (
                "wrangler.jsonc",
                "{\n  \"name\": \"tide\",\n  \"compatibility_date\": \"2025-05-01\"\n}\n",
            ),
        ],
        mended: &[(
            "dist/server/wrangler.json",
            r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2025-05-01", "compatibility_flags": ["expose_global_message_channel"], "assets": { "binding": "ASSETS", "directory": "../client" } }"#,
        )],
        also: &[],
        place: "dist/server/entry.mjs:1:17",
    },
    Case {
        code: Code::ServerGlobalScope,
        broken: &[
            (
                ENTRY,
                "import './chunks/a.mjs';\nexport default { fetch: () => new Response('') };\n",
            ),
            (
                "dist/server/chunks/a.mjs",
                "// src/lib/id.ts\r\nexport const id = crypto.randomUUID();\r\n",
            ),
            ("src/lib/id.ts", "// unique\nexport const id: string = crypto.randomUUID();\n"),
        ],
        mended: &[("dist/server/chunks/a.mjs", "export const id = () => crypto.randomUUID();\n")],
        also: &[],
        place: "src/lib/id.ts:2:27",
    },
    Case {
        code: Code::ServerEval,
        broken: &[(
            ENTRY,
            "export default { fetch: (request) => new Response(eval(request.url)) };\n",
        )],
        mended: &[(ENTRY, "export default { fetch: (request) => new Response(request.url) };\n")],
        also: &[],
        place: "dist/server/entry.mjs:1:51",
    },
    Case {
        code: Code::ServerNativePrerender,
        broken: &[
            (ENTRY, "const a = () => import('sharp');\nexport default { fetch: () => a() };\n"),
            ("node_modules/sharp/package.json", "{}"),
        ],
        mended: &[(ENTRY, "export default { fetch: () => new Response('') };\n")],
        also: &[],
        place: "dist/server/entry.mjs:1:17",
    },
    Case {
        code: Code::ServerKvCounter,
        broken: &[
            (ENTRY, "export default { fetch: () => new Response('') };\n"),
            (
                "src/pages/api/login.ts",
                "export const POST = async ({ request }: any) => {\n  const ip = request.headers.get('a');\n  const n = Number(await env.LIMITS_KV.get(ip)) || 0;\n  if (n > 5) return new Response(null, { status: 429 });\n  await env.LIMITS_KV.put(ip, String(n + 1));\n};\n",
            ),
        ],
        mended: &[(
            "src/pages/api/login.ts",
            "export const POST = async () => {\n  const n = await env.LIMITS_KV.get('a');\n  await env.LIMITS_KV.put('b', 'c');\n};\n",
        )],
        also: &[],
        place: "src/pages/api/login.ts:5:9",
    },
    Case {
        code: Code::ServerMemoryCounter,
        broken: &[(
            "src/lib/limit.ts",
            "const attempts = new Map<string, number>();\nexport function limited(ip: string) {\n  attempts.set(ip, (attempts.get(ip) ?? 0) + 1);\n  return attempts.get(ip)! > 5;\n}\n",
        )],
        mended: &[(
            "src/lib/limit.ts",
            "const parsed = new Map<string, number>();\nexport function parse(text: string) {\n  parsed.set(text, Number(text) + 1);\n}\n",
        )],
        also: &[],
        place: "src/lib/limit.ts:1:7",
    },
    Case {
        code: Code::ServerMemoryCounter,
        broken: &[(
            "src/pages/api/a.js",
            "let hits = {};\nexport const GET = ({ clientAddress: ip }) => {\n  hits[ip] = (hits[ip] || 0) + 1;\n  return new Response(null, { status: hits[ip] > 9 ? 429 : 200 });\n};\n",
        )],
        mended: &[(
            "src/pages/api/a.js",
            "let names = {};\nexport const GET = ({ params }) => {\n  names[params.a] = 1;\n  return new Response();\n};\n",
        )],
        also: &[],
        place: "src/pages/api/a.js:1:5",
    },
    Case {
        code: Code::ServerSecretInlined,
        broken: &[
            (".env", "API_SECRET=q7Zp2mXv9LrTn4KsWd8H\nPUBLIC_ID=q7Zp2mXv9LrTn4KsWd8I\n"),
            (
                ENTRY,
                "const key = \"q7Zp2mXv9LrTn4KsWd8H\", id = \"q7Zp2mXv9LrTn4KsWd8I\";\nexport default { fetch: () => new Response(key + id) };\n",
            ),
        ],
        mended: &[(
            ENTRY,
            "const id = \"q7Zp2mXv9LrTn4KsWd8I\";\nexport default { fetch: () => new Response(id) };\n",
        )],
        also: &[],
        place: "dist/server/entry.mjs:1:14",
    },
    Case {
        code: Code::ServerMiddlewareStatic,
        broken: &[
            (
                "src/middleware.ts",
                "export const onRequest = (context: any, next: any) => {\n  const isMember = context.cookies.has('session');\n  if (context.url.pathname.startsWith('/members') && !isMember) return context.redirect('/login');\n  return next();\n};\n",
            ),
            ("dist/client/members/list/index.html", PAGE),
        ],
        mended: &[("dist/client/members/list/index.html", "")],
        also: &[],
        place: "src/middleware.ts:3:40",
    },
    Case {
        code: Code::ServerMiddlewareStatic,
        broken: &[
            (
                "src/middleware/index.js",
                "export const onRequest = async (context, next) =>\n  (await context.session?.get('user')) ? next() : context.redirect('/login/');\n",
            ),
            ("dist/client/login/index.html", PAGE),
        ],
        mended: &[("dist/client/index.html", ""), ("dist/client/a.txt", "a")],
        also: &[],
        place: "src/middleware/index.js:2:18",
    },
];

pub(crate) fn broken(code: Code) -> Vec<Diagnostic> {
    if code == Code::ServerBuildPath {
        return with_build_path().findings();
    }
    broken_in(SERVER, CASES, code)
}

#[test]
fn each_rule_on_the_server_is_broken_alone_and_silent_when_it_is_mended() {
    assert_broken_and_mended(SERVER, CASES);
}

/// A server that reads a file of the machine that built it.
fn with_build_path() -> Project {
    let project = Project::new(SERVER, &[]);
    let folder = project.folder().display();
    let entry = format!(
        "const manifest = {{\"rootDir\":\"file://{folder}/\"}};\nconst data = \"{folder}/data.json\";\n\
         export default {{ fetch: () => new Response(manifest, data) }};\n"
    );
    project.write(ENTRY, entry);
    project
}

#[test]
fn paths_of_the_build_machine_are_found_but_for_those_of_astro() {
    let mut found = with_build_path().findings();
    // Packing has a note on the same place.
    found.retain(|one| one.code != Code::WorkerBuildPath);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, Code::ServerBuildPath);
    assert_eq!(found[0].excerpt.as_ref().unwrap().line, 2);
}

/// The finding must not repeat the secret.
#[test]
fn secrets_are_not_shown() {
    let found = broken(Code::ServerSecretInlined);
    let shown = format!("{found:?}");
    assert!(shown.contains("API_SECRET") && !shown.contains("q7Zp2mXv9LrTn4KsWd8H"), "{shown}");
}

#[test]
fn tokens_in_the_server_are_found_by_their_form() {
    // The text is joined here, so that this file contains none.
    let token = format!("{}{}", "ghp_", "q7Zp2mXv9LrTn4KsWd8HyBc3Jf6GtRa1VeUo");
    let entry = format!(
        "const token = \"{token}\";\nexport default {{ fetch: () => new Response(token) }};\n"
    );
    let project = Project::new(SERVER, &[]);
    project.write(ENTRY, entry);
    let found = project.findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, Code::ServerSecretInlined);
    assert!(!format!("{found:?}").contains(&token));
}

#[test]
fn secrets_that_a_module_assigns_to_a_name_are_found_but_for_those_of_packages() {
    let value = ["q7Zp2mXv9LrTn4Ks", "Wd8HyBc3Jf6GtRa1VeUo"].concat();
    let project = Project::new(SERVER, &[]);
    let code = |from: &str| {
        format!(
            "// {from}\nconst password = \"{value}\";\nexport default {{ fetch: () => new Response(password) }};\n"
        )
    };
    project.write(ENTRY, code("node_modules/a/index.js"));
    assert_eq!(project.findings(), []);
    project.write(ENTRY, code("src/lib/a.js"));
    let found = project.findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, Code::ServerSecretInlined);
    assert!(!format!("{found:?}").contains(&value));
}

/// The folder `_worker.js` is that of adapters for Astro 5 and older.
#[test]
fn locals_have_a_runtime_in_a_build_for_pages() {
    let entry = "const a = ($$result) => { const { env } = Astro.locals.runtime; };\n\
        export default { fetch: a };\n";
    let files = [
        ("dist/index.html", PAGE),
        ("dist/_worker.js/index.js", entry),
        ("package.json", r#"{ "dependencies": { "astro": "catalog:" } }"#),
    ];
    let found = Project::new(&[], &files).findings();
    assert!(found.iter().all(|one| one.code != Code::ServerLocalsRuntime), "{found:#?}");
}

#[test]
fn code_in_packages_names_the_package() {
    let entry = "// node_modules/cuid/lib/index.js\nconst id = crypto.getRandomValues(new Uint8Array(1));\n\
        export default { fetch: () => new Response(id) };\n";
    let found = Project::new(SERVER, &[(ENTRY, entry)]).findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].message.ends_with("(in the package `cuid`)"), "{}", found[0].message);
}

#[test]
fn modules_that_are_not_javascript_and_empty_ones_are_no_fault_of_these_rules() {
    for entry in ["", "export const = ;", "\u{feff}export default { fetch() {} }"] {
        let found = Project::new(SERVER, &[(ENTRY, entry)]).findings();
        let of_rules: Vec<&Diagnostic> =
            found.iter().filter(|one| one.code.name().starts_with("server/")).collect();
        assert!(of_rules.is_empty(), "{of_rules:?}");
    }
}

//! Each rule: a project that breaks it alone, and the mended one, which is silent.

use std::collections::BTreeSet;

use worker_pack::report::{Code, Diagnostic};

use super::project::{Files, PAGE, Project, SERVER, STATIC};

/// A project that breaks a rule, and how it is mended.
struct Case {
    code: Code,
    /// The files around those that break the rule.
    base: Files,
    /// The files that break it.
    broken: Files,
    /// The files that are written instead. An empty text removes a file.
    mended: Files,
    /// Codes of packing that the same files have.
    also: &'static [Code],
    /// The place that is shown: the file, and its line and column if it has them.
    place: &'static str,
}

/// A wrangler with a schema that accepts anything, for a site without a server.
const WRANGLER: (&str, &str) =
    ("node_modules/wrangler/package.json", r#"{ "version": "4.164.0" }"#);
const ANY_SCHEMA: (&str, &str) = ("node_modules/wrangler/config-schema.json", "{}");

const CASES: &[Case] = &[
    Case {
        code: Code::ProjectInvalidConfig,
        base: STATIC,
        broken: &[
            WRANGLER,
            ANY_SCHEMA,
            ("wrangler.jsonc", "{\n  // a comment\n  \"name\": \"tide\" \"vars\": {}\n}\n"),
        ],
        mended: &[("wrangler.jsonc", "{\n  // a comment\n  \"name\": \"tide\", \"vars\": {}\n}\n")],
        also: &[],
        place: "wrangler.jsonc:3:17",
    },
    Case {
        code: Code::ProjectConfigSchema,
        base: SERVER,
        broken: &[(
            "wrangler.jsonc",
            "{\n  \"nmae\": \"tide\", \"compatibility_date\": \"2026-06-01\"\n}",
        )],
        mended: &[(
            "wrangler.jsonc",
            "{\n  \"name\": \"tide\", \"compatibility_date\": \"2026-06-01\"\n}",
        )],
        also: &[],
        place: "wrangler.jsonc:2:3",
    },
    Case {
        code: Code::ProjectNoSchema,
        base: STATIC,
        broken: &[("wrangler.toml", "name = \"tide\"\n")],
        mended: &[WRANGLER, ANY_SCHEMA],
        also: &[],
        place: "wrangler.toml",
    },
    Case {
        code: Code::ProjectPagesConfig,
        base: SERVER,
        broken: &[(
            "wrangler.jsonc",
            "{\n  \"name\": \"tide\",\n  \"pages_build_output_dir\": \"dist/client\"\n}",
        )],
        mended: &[("wrangler.jsonc", "{\n  \"name\": \"tide\"\n}")],
        also: &[],
        place: "wrangler.jsonc:3:3",
    },
    Case {
        code: Code::ProjectPagesOutput,
        base: SERVER,
        broken: &[(
            "package.json",
            "{ \"scripts\": {\n  \"deploy\": \"astro build && wrangler pages deploy ./dist --branch main\"\n}, \"dependencies\": { \"@astrojs/cloudflare\": \"^14.3.3\" } }",
        )],
        mended: &[(
            "package.json",
            "{ \"scripts\": {\n  \"deploy\": \"wrangler deploy --config dist-worker/wrangler.jsonc\"\n}, \"dependencies\": { \"@astrojs/cloudflare\": \"^14.3.3\" } }",
        )],
        also: &[],
        place: "package.json:2:3",
    },
    Case {
        code: Code::ProjectAdapterOption,
        base: SERVER,
        broken: &[(
            "astro.config.mjs",
            "import { defineConfig } from 'astro/config';\nimport cf from '@astrojs/cloudflare';\nexport default defineConfig({\n  adapter: cf({\n    mode: 'advanced', // gone\n    imageService: 'passthrough',\n  }),\n});\n",
        )],
        mended: &[(
            "astro.config.mjs",
            "import { defineConfig } from 'astro/config';\nimport cf from '@astrojs/cloudflare';\nexport default defineConfig({\n  adapter: cf({ imageService: 'passthrough' }),\n});\n",
        )],
        also: &[],
        place: "astro.config.mjs:5:5",
    },
    Case {
        code: Code::ProjectEnvFlag,
        base: SERVER,
        broken: &[(
            ".github/workflows/deploy.yml",
            "jobs:\n  deploy:\n    steps:\n      - run: npx wrangler deploy --env staging\n",
        )],
        mended: &[(
            ".github/workflows/deploy.yml",
            "jobs:\n  deploy:\n    steps:\n      - run: npx wrangler deploy --config dist-worker/wrangler.jsonc --env staging\n",
        )],
        also: &[],
        place: ".github/workflows/deploy.yml:4:9",
    },
    Case {
        code: Code::ProjectEnvInherit,
        base: STATIC,
        broken: &[
            WRANGLER,
            ANY_SCHEMA,
            (
                "wrangler.toml",
                "name = \"tide\"\n\n[vars]\nGREETING = \"hello\"\n\n[env.staging]\nname = \"tide-staging\"\n",
            ),
        ],
        mended: &[(
            "wrangler.toml",
            "name = \"tide\"\n\n[vars]\nGREETING = \"hello\"\n\n[env.staging]\nname = \"tide-staging\"\nvars = { GREETING = \"ahoy\" }\n",
        )],
        also: &[],
        place: "wrangler.toml:6:6",
    },
    Case {
        code: Code::ProjectSessionProvision,
        base: SERVER,
        broken: &[(
            "dist/server/wrangler.json",
            r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2026-06-01", "assets": { "binding": "ASSETS", "directory": "../client" }, "kv_namespaces": [{ "binding": "SESSION" }] }"#,
        )],
        mended: &[(
            "dist/server/wrangler.json",
            r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2026-06-01", "assets": { "binding": "ASSETS", "directory": "../client" }, "kv_namespaces": [{ "binding": "SESSION", "id": "0f1e" }] }"#,
        )],
        also: &[],
        place: "astro.config.mjs:4:12",
    },
    Case {
        code: Code::ProjectKvDuplicate,
        base: STATIC,
        broken: &[
            WRANGLER,
            ANY_SCHEMA,
            (
                "wrangler.jsonc",
                "{\n  \"kv_namespaces\": [{ \"binding\": \"DATA\", \"id\": \"1\" }],\n  \"r2_buckets\": [\n    { \"binding\": \"DATA\", \"bucket_name\": \"b\" }\n  ]\n}",
            ),
        ],
        mended: &[(
            "wrangler.jsonc",
            "{\n  \"kv_namespaces\": [{ \"binding\": \"DATA\", \"id\": \"1\" }],\n  \"r2_buckets\": [\n    { \"binding\": \"FILES\", \"bucket_name\": \"b\" }\n  ]\n}",
        )],
        also: &[],
        place: "wrangler.jsonc:4:7",
    },
    Case {
        code: Code::ProjectNodeMissing,
        base: SERVER,
        broken: &[(
            "dist/server/entry.mjs",
            "import fs from \"node:fs\";\nexport default { fetch: () => new Response(typeof fs) };\n",
        )],
        mended: &[
            (
                "wrangler.jsonc",
                "{\n  \"name\": \"tide\",\n  \"compatibility_date\": \"2026-06-01\",\n  \"compatibility_flags\": [\"nodejs_compat\"]\n}\n",
            ),
            (
                "dist/server/wrangler.json",
                r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2026-06-01", "compatibility_flags": ["nodejs_compat"], "assets": { "binding": "ASSETS", "directory": "../client" } }"#,
            ),
        ],
        also: &[],
        place: "dist/server/entry.mjs:1:16",
    },
    Case {
        code: Code::ProjectNodeRedundant,
        base: STATIC,
        broken: &[
            WRANGLER,
            ANY_SCHEMA,
            (
                "wrangler.jsonc",
                "{\n  \"compatibility_date\": \"2026-10-01\",\n  \"compatibility_flags\": [\"nodejs_compat\"]\n}",
            ),
        ],
        mended: &[("wrangler.jsonc", "{\n  \"compatibility_date\": \"2026-10-01\"\n}")],
        also: &[],
        place: "wrangler.jsonc:3:27",
    },
    Case {
        code: Code::ProjectProcessV2,
        base: SERVER,
        broken: &[
            (
                "src/middleware.ts",
                "export const onRequest = (context: unknown, next: () => Response) => next();\n",
            ),
            (
                "wrangler.jsonc",
                "{\n  \"name\": \"tide\",\n  \"compatibility_date\": \"2025-10-01\",\n  \"compatibility_flags\": [\"nodejs_compat\"]\n}\n",
            ),
            (
                "dist/server/wrangler.json",
                r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2025-10-01", "compatibility_flags": ["nodejs_compat"], "assets": { "binding": "ASSETS", "directory": "../client" } }"#,
            ),
        ],
        mended: &[
            (
                "wrangler.jsonc",
                "{\n  \"name\": \"tide\",\n  \"compatibility_date\": \"2026-02-18\",\n  \"compatibility_flags\": [\"nodejs_compat\"]\n}\n",
            ),
            (
                "dist/server/wrangler.json",
                r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2026-02-18", "compatibility_flags": ["nodejs_compat"], "assets": { "binding": "ASSETS", "directory": "../client" } }"#,
            ),
        ],
        also: &[],
        place: "wrangler.jsonc:3:3",
    },
    Case {
        code: Code::ProjectWranglerPeer,
        base: SERVER,
        broken: &[("node_modules/wrangler/package.json", r#"{ "version": "4.99.0" }"#)],
        mended: &[("node_modules/wrangler/package.json", r#"{ "version": "4.125.0" }"#)],
        also: &[],
        place: "package.json:1:74",
    },
    Case {
        code: Code::ProjectCiVariable,
        base: SERVER,
        broken: &[(
            "astro.config.mjs",
            "import cloudflare from '@astrojs/cloudflare';\n// CF_PAGES is that of Pages.\nexport default {\n  site: process.env.CF_PAGES_URL,\n  adapter: cloudflare(),\n};\n",
        )],
        mended: &[(
            "astro.config.mjs",
            "import cloudflare from '@astrojs/cloudflare';\n// CF_PAGES is that of Pages.\nexport default {\n  site: 'https://tide.example',\n  adapter: cloudflare(),\n};\n",
        )],
        also: &[],
        place: "astro.config.mjs:4:21",
    },
    Case {
        code: Code::ProjectWorkerJsPublic,
        base: SERVER,
        broken: &[
            ("public/_worker.js", "export default {};"),
            ("dist/client/_worker.js", "export default {};"),
        ],
        mended: &[("public/_worker.js", ""), ("dist/client/_worker.js", "")],
        also: &[Code::IngestLeftOut],
        place: "public/_worker.js",
    },
    Case {
        code: Code::ProjectHeadersSsr,
        base: SERVER,
        broken: &[(
            "dist/client/_headers",
            "/*\n  X-Frame-Options: DENY\n\n/api/*\n  Cache-Control: no-store\n",
        )],
        mended: &[(
            "dist/client/_headers",
            "/*\n  X-Frame-Options: DENY\n\n/404\n  Cache-Control: no-store\n",
        )],
        also: &[],
        place: "dist/client/_headers:4:1",
    },
    Case {
        code: Code::ProjectBasePath,
        base: STATIC,
        broken: &[(
            "astro.config.ts",
            "import { defineConfig } from 'astro/config';\n\nexport default defineConfig({ site: 'https://a.example', base: '/docs/' }) satisfies object;\n",
        )],
        mended: &[("dist/docs/index.html", PAGE)],
        also: &[],
        place: "astro.config.ts:3:58",
    },
    Case {
        code: Code::ProjectNo404,
        base: &[("package.json", "{}"), ("dist/index.html", PAGE), ("dist/about/index.html", PAGE)],
        broken: &[],
        mended: &[("dist/404.html", PAGE)],
        also: &[],
        place: "dist",
    },
    Case {
        code: Code::ProjectDevVarsShipped,
        base: SERVER,
        broken: &[("dist/server/.dev.vars", "A=1\n")],
        mended: &[("dist/server/.dev.vars", "")],
        also: &[],
        place: "dist/server/.dev.vars",
    },
    Case {
        code: Code::ProjectVersionAffinity,
        base: STATIC,
        broken: &[(
            "package.json",
            "{\n  \"scripts\": { \"canary\": \"wrangler versions deploy new@10% old@90% -y\" }\n}",
        )],
        mended: &[("README.md", "A Transform Rule sets `Cloudflare-Workers-Version-Key`.\n")],
        also: &[],
        place: "package.json:2:16",
    },
    Case {
        code: Code::ProjectEnvLost,
        base: SERVER,
        broken: &[
            (
                "wrangler.jsonc",
                "{\n  \"name\": \"tide\",\n  \"compatibility_date\": \"2026-06-01\",\n  \"env\": { \"staging\": {} }\n}",
            ),
            (
                "package.json",
                "{ \"scripts\": { \"deploy\": \"wrangler deploy\" }, \"dependencies\": { \"@astrojs/cloudflare\": \"^14.3.3\" } }",
            ),
        ],
        mended: &[(
            "package.json",
            "{ \"scripts\": { \"deploy\": \"wrangler deploy --config dist-worker/wrangler.jsonc\" }, \"dependencies\": { \"@astrojs/cloudflare\": \"^14.3.3\" } }",
        )],
        also: &[],
        place: "wrangler.jsonc:4:12",
    },
];

/// Returns the place of a finding.
fn place(found: &Diagnostic) -> String {
    match &found.excerpt {
        Some(excerpt) => format!("{}:{}:{}", found.file, excerpt.line, excerpt.column),
        None => found.file.clone(),
    }
}

/// Returns the findings of a project that breaks a rule.
pub(crate) fn broken(code: Code) -> Vec<Diagnostic> {
    let case = CASES.iter().find(|case| case.code == code).unwrap();
    Project::new(case.base, case.broken).findings()
}

#[test]
fn each_rule_is_broken_alone_and_silent_when_it_is_mended() {
    let mut problems = Vec::new();
    for case in CASES {
        let code = case.code;
        let project = Project::new(case.base, case.broken);
        let found = project.findings();
        let codes: BTreeSet<Code> = found.iter().map(|one| one.code).collect();
        let places: Vec<String> = found.iter().map(place).collect();
        let expected: BTreeSet<Code> = case.also.iter().copied().chain([code]).collect();
        if codes != expected || places[0] != case.place {
            problems.push(format!("{code} at {:?}: {found:#?}", case.place));
        }
        for (name, text) in case.mended {
            if text.is_empty() { project.remove(name) } else { project.write(name, text) }
        }
        let found = project.findings();
        if !found.is_empty() {
            problems.push(format!("{code}, mended: {found:#?}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

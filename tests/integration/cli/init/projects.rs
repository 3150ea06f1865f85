//! Projects as `npm create astro`, Cloudflare's guides and their users write them.

use std::fs;

use super::{differences, shown, written};
use crate::support::project::{Project, package};

pub(super) const STATIC_CONFIG: &str = "\
// @ts-check
import { defineConfig } from 'astro/config';

// https://astro.build/config
export default defineConfig({});
";

#[test]
fn a_static_site_gets_the_integration_and_no_adapter() {
    let project = Project::new(&[
        ("package.json", package("^7.3.5", &[])),
        ("astro.config.mjs", STATIC_CONFIG.to_owned()),
        (".gitignore", "dist/\nnode_modules/\n.wrangler\n".to_owned()),
        ("src/pages/index.astro", "<h1>Home</h1>".to_owned()),
        ("src/middleware.ts", "export const onRequest = (_, next) => next();".to_owned()),
    ]);
    insta::assert_snapshot!(shown(&project, &[]));
    written(&project, &[]);
}

#[test]
fn a_project_of_pages_with_adapter_12_moves_to_workers() {
    let config = "\
import { defineConfig } from \"astro/config\"
import cloudflare from \"@astrojs/cloudflare\" // the host

export default defineConfig({
\toutput: \"server\",
\tadapter: cloudflare({ platformProxy: { enabled: true } }),
})
";
    let wrangler = "\
# The ferry
name = \"ferry-slip\"
compatibility_date = \"2025-03-01\"
pages_build_output_dir = \"./dist\" # Astro's
usage_model = \"bundled\"

# Sessions and pages
[[kv_namespaces]]
binding = \"SESSION\"
id = \"0f2ac74b498b48028cb68387c421e279\"
preview_id = \"0f2ac74b498b48028cb68387c421e270\"

[vars]
GREETING = \"Ahoy\"

[[unsafe.bindings]]
name = \"LIMIT\"
type = \"ratelimit\"
namespace_id = \"1001\"
simple = { limit = 10, period = 60 }

[env.preview]

[env.production.vars]
GREETING = \"Good day\"
";
    let package =
        package("^5.18.2", &[("@astrojs/cloudflare", "^12.6.13"), ("wrangler", "^4.59.0")]);
    let package = package.replace(
        "\"astro preview\"",
        "\"astro build && wrangler pages dev ./dist\",\n    \"deploy\": \"npm run build && wrangler pages deploy ./dist --project-name ferry-slip\"",
    );
    let project = Project::new(&[
        ("package.json", package.as_str()),
        ("astro.config.ts", config),
        ("wrangler.toml", wrangler),
        (".gitignore", "dist/\n.dev.vars"),
        (
            "src/pages/api/visits.ts",
            "export const GET = async ({ session }) => Response.json(await session?.get('n'));",
        ),
        (".github/workflows/deploy.yml", "      - run: npx wrangler pages deploy dist\n"),
    ]);
    insta::assert_snapshot!(shown(&project, &[]));
    written(&project, &[]);
}

#[test]
fn a_worker_with_adapter_12_keeps_its_entry() {
    let wrangler = r#"{
  "name": "desk",
  "main": "dist/_worker.js/index.js",
  "compatibility_date": "2025-06-01",
  "compatibility_flags": ["nodejs_compat", "global_fetch_strictly_public"],
  "assets": { "binding": "ASSETS", "directory": "./dist" },
  "observability": { "enabled": true },
}
"#;
    let config = "import cloudflare from '@astrojs/cloudflare';\nexport default { adapter: cloudflare(), integrations: [] };\n";
    let project = Project::new(&[
        (
            "package.json",
            package("5.18.2", &[("@astrojs/cloudflare", "12.6.13"), ("wrangler", "4.59.2")])
                .as_str(),
        ),
        ("astro.config.mjs", config),
        ("wrangler.jsonc", wrangler),
    ]);
    insta::assert_snapshot!(differences(&project, &[]));
}

#[test]
fn obsolete_options_of_the_adapter_are_removed_by_its_version() {
    let config = "\
import cloudflare from '@astrojs/cloudflare';
import { defineConfig } from 'astro/config';

export default defineConfig({
  adapter: cloudflare({
    // the proxy
    platformProxy: { enabled: true },
    imageService: 'compile', // sharp
    routes: { extend: { include: [{ pattern: '/a' }] } },
    workerEntryPoint: { path: 'src/worker.ts' },
    imagService: 'oops',
  }),
});
";
    let files = |astro: &str, adapter: &str| {
        Project::new(&[
            ("package.json", package(astro, &[("@astrojs/cloudflare", adapter)]).as_str()),
            ("astro.config.mjs", config),
        ])
    };
    insta::assert_snapshot!("obsolete_options_of_13", shown(&files("6.1.0", "13.0.2"), &[]));
    let of_12 = files("5.18.2", "12.6.13");
    written(&of_12, &[]);
    assert!(of_12.read("astro.config.mjs").contains("platformProxy"));
    assert!(!of_12.read("wrangler.jsonc").contains("entrypoints"));
}

#[test]
fn a_site_with_pages_on_demand_gets_the_adapter_for_its_astro() {
    for (astro, adapter, lock) in [
        ("^5.0.0", "^12.0.0", ("pnpm-lock.yaml", "  astro@5.18.2:\n")),
        ("latest", "^13.0.0", ("yarn.lock", "astro@latest:\n  version \"6.1.0\"\n")),
        ("^7.0.0", "^14.0.0", ("bun.lock", "\"astro\": [\"astro@7.3.5\"]")),
    ] {
        let project = Project::new(&[
            ("package.json", package(astro, &[]).as_str()),
            ("astro.config.mjs", STATIC_CONFIG),
            lock,
            ("src/pages/now.astro", "---\nexport const prerender = false;\n---\n<p>now</p>"),
        ]);
        let output = written(&project, &[]);
        let manager = lock.0.split(['-', '.']).next().unwrap();
        assert!(output.contains(&format!("{manager} install")), "{output}");
        let packages = project.read("package.json");
        assert!(
            packages.contains(&format!("\"@astrojs/cloudflare\": \"{adapter}\"")),
            "{packages}"
        );
        let config = project.read("astro.config.mjs");
        assert!(config.contains("adapter: cloudflare(),"), "{config}");
        let has_entry =
            project.read("wrangler.jsonc").contains("@astrojs/cloudflare/entrypoints/server");
        assert_eq!(has_entry, adapter != "^12.0.0");
    }
}

#[test]
fn the_site_of_a_monorepo_is_read_with_the_lock_file_above() {
    let repository = Project::new(&[
        ("pnpm-lock.yaml", "importers:\n  packages/site:\n  astro@7.3.5:\n"),
        ("pnpm-workspace.yaml", "packages: [packages/*]\n"),
        (".gitignore", ".wrangler\n.worker-pack\n.dev.vars*\nnode_modules\n"),
        ("packages/site/package.json", &package("workspace:*", &[])),
        ("packages/site/astro.config.mjs", STATIC_CONFIG),
    ]);
    fs::create_dir(repository.folder().join(".git")).unwrap();
    let shown = shown(&repository, &["packages/site"]);
    assert!(shown.contains("pnpm dlx worker-pack init packages/site --write"), "{shown}");
    assert!(shown.contains("+dist-worker/bundle/") && !shown.contains("+.wrangler"), "{shown}");
    assert!(!shown.contains("version of Astro is unknown"), "{shown}");
    written(&repository, &["packages/site"]);
    assert!(!repository.folder().join("wrangler.jsonc").exists());
}

#[test]
fn functions_are_compiled_and_packed_by_the_build_script() {
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", STATIC_CONFIG),
        ("functions/api/hello.js", "export const onRequest = () => new Response('hello');"),
        ("public/_routes.json", r#"{ "version": 1, "include": ["/api/*"], "exclude": [] }"#),
    ]);
    insta::assert_snapshot!(shown(
        &project,
        &["--name", "hello", "--kv", "CACHE=0f2a", "--var", "A=b c"]
    ));
    written(&project, &[]);
}

#[test]
fn a_project_without_a_configuration_of_astro_gets_one() {
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("src/pages/index.astro", "<Clock server:defer />"),
    ]);
    insta::assert_snapshot!(differences(&project, &[]));
}

#[test]
fn windows_line_ends_stay() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let project = Project::new(&[
        ("package.json", crlf(&package("7.3.5", &[("@astrojs/cloudflare", "14.3.3")]))),
        (
            "astro.config.mjs",
            crlf(
                "import cloudflare from '@astrojs/cloudflare';\n\nexport default {\n  adapter: cloudflare(),\n  integrations: [\n    // none\n  ],\n};\n",
            ),
        ),
        (
            "wrangler.toml",
            crlf("name = \"a\"\npages_build_output_dir = \"dist\"\n\n[vars]\nA = \"b\"\n"),
        ),
        (".gitignore", crlf("dist\n")),
    ]);
    written(&project, &[]);
    for file in ["package.json", "astro.config.mjs", "wrangler.toml", ".gitignore"] {
        let text = project.read(file);
        assert!(!text.replace("\r\n", "").contains('\n'), "{file}: {text:?}");
    }
    assert!(project.read("astro.config.mjs").contains("workerPack({ compat: 'pages' })"));
}

#[test]
fn a_byte_order_mark_stays() {
    let project = Project::new(&[
        ("package.json", format!("\u{feff}{}", package("7.3.5", &[]))),
        ("astro.config.mjs", format!("\u{feff}{STATIC_CONFIG}")),
        ("wrangler.jsonc", "\u{feff}{ \"name\": \"a\" }\n".to_owned()),
    ]);
    written(&project, &[]);
    for file in ["package.json", "astro.config.mjs", "wrangler.jsonc"] {
        assert!(project.read(file).starts_with('\u{feff}'), "{file}");
        assert_eq!(project.read(file).matches('\u{feff}').count(), 1, "{file}");
    }
}

#[test]
fn another_adapter_is_replaced_only_if_the_user_says_so() {
    let config = "import vercel from '@astrojs/vercel';\nexport default {\n  output: 'server',\n  adapter: vercel({ isr: true }), // theirs\n};\n";
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[("@astrojs/vercel", "10.0.0")]).as_str()),
        ("astro.config.mjs", config),
    ]);
    let output = shown(&project, &[]);
    assert!(output.contains("--replace-adapter") && !output.contains("cloudflare()"), "{output}");
    written(&project, &["--replace-adapter"]);
    let after = project.read("astro.config.mjs");
    assert!(after.contains("import cloudflare from '@astrojs/cloudflare';"), "{after}");
    assert!(after.contains("adapter: cloudflare(), // theirs"), "{after}");
}

#[test]
fn an_adapter_that_is_required_is_replaced_with_its_import() {
    let config = "const node = require('@astrojs/node').default;\nmodule.exports = { output: 'server', adapter: node({ mode: 'standalone' }) };\n";
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[("@astrojs/node", "10.0.0")]).as_str()),
        ("astro.config.cjs", config),
    ]);
    written(&project, &["--replace-adapter"]);
    let after = project.read("astro.config.cjs");
    assert!(
        after.contains("const cloudflare = require('@astrojs/cloudflare').default;"),
        "{after}"
    );
    assert!(after.contains("adapter: cloudflare(), integrations: [workerPack()]"), "{after}");
}

#[test]
fn what_cannot_be_edited_is_told_with_the_lines_to_paste() {
    let config =
        "import { withDocs } from './docs.mjs';\nexport default withDocs({ output: 'server' });\n";
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", config),
    ]);
    let output = shown(&project, &[]).replace("\n    `", " `");
    for line in [
        "is the result of `withDocs(…)`",
        "import workerPack from 'worker-pack/astro';",
        "workerPack()],",
        "+    \"build\": \"astro build && worker-pack build --target worker\",",
    ] {
        assert!(output.contains(line), "{line} in {output}");
    }
    written(&project, &[]);
    assert_eq!(project.read("astro.config.mjs"), config);
}

#[test]
fn scripts_of_the_user_stay() {
    let package = package("7.3.5", &[]).replace(
        "\"dev\": \"astro dev\"",
        "\"check\": \"astro check\",\n    \"deploy\": \"rsync dist host:/\",\n    \"tail\": \"wrangler tail my-site\"",
    );
    let project =
        Project::new(&[("package.json", package.as_str()), ("astro.config.mjs", STATIC_CONFIG)]);
    written(&project, &[]);
    let after = project.read("package.json");
    for line in [
        "\"check\": \"astro check\",",
        "\"check:worker\": \"worker-pack check\"",
        "\"deploy\": \"rsync dist host:/\",",
        "\"deploy:worker\": \"wrangler deploy --config dist-worker/wrangler.jsonc\"",
        "\"tail\": \"wrangler tail my-site\"",
    ] {
        assert!(after.contains(line), "{line} in {after}");
    }
}

#[test]
fn an_answer_sets_the_id_of_a_namespace_that_has_none() {
    for (name, text) in [
        (
            "wrangler.jsonc",
            "{\n  \"name\": \"a\",\n  \"kv_namespaces\": [\n    { \"binding\": \"SESSION\" } // sessions\n  ]\n}\n",
        ),
        ("wrangler.toml", "name = \"a\"\n\n# sessions\n[[kv_namespaces]]\nbinding = \"SESSION\"\n"),
    ] {
        let project = Project::new(&[
            ("package.json", package("7.3.5", &[]).as_str()),
            ("astro.config.mjs", STATIC_CONFIG),
            (name, text),
        ]);
        written(&project, &["--kv", "SESSION=0f2a"]);
        let after = project.read(name);
        assert!(after.contains("0f2a") && after.contains("sessions"), "{after}");
        assert_eq!(after.matches("SESSION").count(), 1, "{after}");
    }
}

#[test]
fn the_crate_of_a_worker_in_rust_is_written_once() {
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[("@astrojs/cloudflare", "14.3.3")]).as_str()),
        (
            "astro.config.mjs",
            "import cloudflare from '@astrojs/cloudflare';\nexport default { adapter: cloudflare() };\n",
        ),
    ]);
    insta::assert_snapshot!(shown(&project, &["--target", "rust"]));
    written(&project, &["--target", "rust"]);
    project.write("worker/src/api.rs", "// mine\n");
    written(&project, &["--target", "rust"]);
    assert_eq!(project.read("worker/src/api.rs"), "// mine\n");
}

//! Edits of `astro.config.*`.

use proptest::prelude::*;
use worker_pack::Migration;

use super::{contains_in_order, edit, space, without_space_in_empty_objects};
use crate::support::project::{Project, package};

/// Returns a configuration after the edit for a site with a server.
fn edited(name: &str, text: &str) -> String {
    let page = ("src/pages/now.ts", "export const prerender = false;");
    edit(name, &[(name, text), page]).map_or_else(|| text.to_owned(), |edit| edit.after)
}

#[test]
fn each_shape_of_a_configuration_is_edited() {
    for (name, before, after) in [
        (
            "astro.config.mjs",
            "export default {};\n",
            "import cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nexport default {\n  adapter: cloudflare(),\n  integrations: [workerPack()],\n};\n",
        ),
        (
            "astro.config.ts",
            "import type { AstroUserConfig } from 'astro';\nimport mdx from '@astrojs/mdx';\n\nexport default {\n  integrations: [mdx()],\n} satisfies AstroUserConfig;\n",
            "import type { AstroUserConfig } from 'astro';\nimport mdx from '@astrojs/mdx';\nimport cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\n\nexport default {\n  integrations: [mdx(), workerPack()],\n  adapter: cloudflare(),\n} satisfies AstroUserConfig;\n",
        ),
        (
            "astro.config.mjs",
            "/** @type {import('astro').AstroUserConfig} */\nconst config = { site: \"https://a.example\" }\n\nexport default config\n",
            "import cloudflare from \"@astrojs/cloudflare\"\nimport workerPack from \"worker-pack/astro\"\n/** @type {import('astro').AstroUserConfig} */\nconst config = { site: \"https://a.example\", adapter: cloudflare(), integrations: [workerPack()] }\n\nexport default config\n",
        ),
        (
            "astro.config.mjs",
            "// @ts-check\nimport { defineConfig } from 'astro/config';\nexport default defineConfig(() => {\n  const site = process.env.SITE;\n  return { site };\n});\n",
            "// @ts-check\nimport { defineConfig } from 'astro/config';\nimport cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nexport default defineConfig(() => {\n  const site = process.env.SITE;\n  return { site, adapter: cloudflare(), integrations: [workerPack()] };\n});\n",
        ),
        (
            "astro.config.mjs",
            "import { defineConfig as define } from 'astro/config';\nimport { integrations } from './more.mjs';\nexport default define(async () => ({ integrations }));\n",
            "import { defineConfig as define } from 'astro/config';\nimport { integrations } from './more.mjs';\nimport cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nexport default define(async () => ({ integrations: [integrations, workerPack()], adapter: cloudflare() }));\n",
        ),
        (
            "astro.config.cjs",
            "const mdx = require('@astrojs/mdx').default;\nmodule.exports = {\n  integrations: process.env.MDX ? [mdx()] : undefined, // if wanted\n};\n",
            "const mdx = require('@astrojs/mdx').default;\nconst cloudflare = require('@astrojs/cloudflare').default;\nconst workerPack = require('worker-pack/astro').default;\nmodule.exports = {\n  integrations: [process.env.MDX ? [mdx()] : undefined, workerPack()], // if wanted\n  adapter: cloudflare(),\n};\n",
        ),
        (
            "astro.config.mjs",
            "import cloudflare from '@astrojs/cloudflare';\nimport node from '@astrojs/node';\nexport default { adapter: process.env.NODE ? node() : cloudflare() };\n",
            "import cloudflare from '@astrojs/cloudflare';\nimport node from '@astrojs/node';\nimport workerPack from 'worker-pack/astro';\nexport default { adapter: process.env.NODE ? node() : cloudflare(), integrations: [workerPack()] };\n",
        ),
        (
            "astro.config.mjs",
            "import cloudflare from '@astrojs/cloudflare';\nconst adapter = cloudflare({ mode: 'directory' });\nexport default { adapter, };\n",
            "import cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nconst adapter = cloudflare();\nexport default { adapter, integrations: [workerPack()], };\n",
        ),
        (
            "astro.config.mjs",
            "import workerPack from 'worker-pack';\nimport cloudflare from '@astrojs/cloudflare';\nexport default { adapter: cloudflare(), integrations: [workerPack({ effort: 'fast' })] };\n",
            "import workerPack from 'worker-pack';\nimport cloudflare from '@astrojs/cloudflare';\nexport default { adapter: cloudflare(), integrations: [workerPack({ effort: 'fast' })] };\n",
        ),
        (
            "astro.config.mjs",
            "const base = { site: 'https://a.example' };\nconst workerPack = 1;\nexport default {\n  ...base,\n  trailingSlash: 'always' /* as before */,\n};\n",
            "import cloudflare from '@astrojs/cloudflare';\nimport workerPack2 from 'worker-pack/astro';\nconst base = { site: 'https://a.example' };\nconst workerPack = 1;\nexport default {\n  ...base,\n  trailingSlash: 'always' /* as before */,\n  adapter: cloudflare(),\n  integrations: [workerPack2()],\n};\n",
        ),
        (
            "astro.config.ts",
            "import { type Runtime } from '@astrojs/cloudflare';\nexport default {};\n",
            "import { type Runtime } from '@astrojs/cloudflare';\nimport cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nexport default {\n  adapter: cloudflare(),\n  integrations: [workerPack()],\n};\n",
        ),
        (
            "astro.config.mjs",
            "import cloudflare from '@astrojs/cloudflare';\nimport cf from '@astrojs/cloudflare';\nexport default { adapter: cf({ mode: 'directory' }) };\n",
            "import cloudflare from '@astrojs/cloudflare';\nimport cf from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nexport default { adapter: cf(), integrations: [workerPack()] };\n",
        ),
        (
            "astro.config.mjs",
            "import x from 'x';export default { integrations: [x('é')] };",
            "import x from 'x'; import cloudflare from '@astrojs/cloudflare'; import workerPack from 'worker-pack/astro';export default { integrations: [x('é'), workerPack()], adapter: cloudflare() };",
        ),
        (
            "astro.config.mjs",
            "import x from 'x' /* a\n */ export default { site: x }\n",
            "import x from 'x'; import cloudflare from '@astrojs/cloudflare'; import workerPack from 'worker-pack/astro'; /* a\n */ export default { site: x, adapter: cloudflare(), integrations: [workerPack()] }\n",
        ),
        (
            "astro.config.mjs",
            "import a from 'a';\nexport default { ['integrations']: [a()], [`site`]: 'https://a.example' };\n",
            "import a from 'a';\nimport cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nexport default { ['integrations']: [a(), workerPack()], [`site`]: 'https://a.example', adapter: cloudflare() };\n",
        ),
        (
            "astro.config.ts",
            "const config = { site: 'https://a.example' } as const;\nexport { config as default };\n",
            "import cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nconst config = { site: 'https://a.example', adapter: cloudflare(), integrations: [workerPack()] } as const;\nexport { config as default };\n",
        ),
        (
            "astro.config.mjs",
            "import vue from 'vue';\nexport default { integrations: [vue({\n    jsx: true,\n  })\n]};\n",
            "import vue from 'vue';\nimport cloudflare from '@astrojs/cloudflare';\nimport workerPack from 'worker-pack/astro';\nexport default { integrations: [vue({\n    jsx: true,\n  }), workerPack()\n], adapter: cloudflare()};\n",
        ),
        (
            "astro.config.mjs",
            "export default {\n  integrations: [\n    a(), // the first\n    b() // the last\n    // c()\n  ],\n  output: 'static'\n}\n",
            "import cloudflare from 'astrojs'\n",
        ),
    ] {
        if after.contains("'astrojs'") {
            let text = edited(name, before);
            let lines = "    b(), // the last\n    workerPack()\n    // c()\n  ],\n  output: 'static',\n  adapter: cloudflare()\n}\n";
            assert!(text.ends_with(lines), "{text}");
            continue;
        }
        assert_eq!(edited(name, before), after);
    }
}

#[test]
fn configurations_in_doubt_stay_and_the_lines_to_paste_are_told() {
    for (text, reason) in [
        ("", "has no `export default`"),
        ("export default withDocs({});\n", "is the result of `withDocs(…)`"),
        (
            "import config from './base.mjs';\nexport default config;\n",
            "is `config`, which is not a constant of this file",
        ),
        (
            "const config = {};\nconfig.site = 'a';\nexport default config;\n",
            "other code of the file uses",
        ),
        (
            "import base from './base.mjs';\nexport default { ...base };\n",
            "takes settings from `...base`",
        ),
        (
            "export default { [name]: [] };\n",
            "the computed key `[name]`, which may be `integrations`",
        ),
        ("export { default } from './base.mjs';\n", "comes from another file"),
        (
            "const config = {};\nconfig.site = 'a';\nexport { config as default };\n",
            "other code of the file uses",
        ),
        ("let config = {};\nexport default config;\n", "is not a constant of this file"),
        ("export default process.env.A ? {} : { site: 'b' };\n", "depends on a condition"),
        ("export default () => { if (a) return {}; return {}; };\n", "several `return`"),
        (
            "export default { get integrations() { return []; } };\n",
            "`integrations` that are not a value",
        ),
    ] {
        let project = Project::new(&[
            ("package.json", package("7.3.5", &[]).as_str()),
            ("astro.config.mjs", text),
        ]);
        let plan = Migration::of(project.folder()).plan().unwrap();
        assert!(plan.edits.iter().all(|edit| edit.path.to_str() != Some("astro.config.mjs")));
        let remark = plan.remarks.iter().find(|it| it.subject == "astro.config.mjs").unwrap();
        assert!(remark.text.contains(reason), "{reason} in {}", remark.text);
        assert!(remark.lines.iter().any(|line| line.contains("workerPack()")));
    }
}

/// An element of `integrations`, or a property of the configuration.
fn list(items: &'static [&'static str], open: char, close: char) -> impl Strategy<Value = String> {
    let item = (space(), proptest::sample::select(items), space());
    let items = proptest::collection::vec(item, 0..4);
    (items, any::<bool>(), space()).prop_map(move |(items, ends_with_comma, end)| {
        let comma = if ends_with_comma && !items.is_empty() { "," } else { "" };
        let items: Vec<String> =
            items.into_iter().map(|(a, item, b)| format!("{a}{item}{b}")).collect();
        format!("{open}{}{comma}{end}{close}", items.join(","))
    })
}

const INTEGRATIONS: &[&str] = &["mdx()", "a.b({ c: [1] })", "...more", "`${x}`", "[d, e]", "false"];

fn configuration() -> impl Strategy<Value = String> {
    let other = &[
        "site: 'https://a.example'",
        "output: \"static\"",
        "vite: { a: [1, 2,] }",
        "'base': '/a'",
    ];
    let wrapped = proptest::sample::select(
        &[
            ("export default ", ""),
            ("export default defineConfig(", ")"),
            ("const config = ", "; export default config"),
            ("export default (() => (", "))"),
            ("module.exports = ", ""),
        ][..],
    );
    let head = proptest::sample::select(
        &[
            "",
            "import mdx from '@astrojs/mdx'\n",
            "// @ts-check\nimport mdx from \"@astrojs/mdx\"; import more from './more.js';\n",
            "#!/usr/bin/env node\n'use strict';\n",
            "/** a */ import x from 'x' /* b */\n// c\n",
        ][..],
    );
    let fields = (list(other, '{', '}'), list(INTEGRATIONS, '[', ']'), any::<bool>(), space());
    (head, wrapped, fields, any::<bool>()).prop_map(
        |(head, (before, after), (object, integrations, has_integrations, end), is_windows)| {
            let object = if has_integrations {
                let rest = object.strip_prefix('{').unwrap();
                format!("{{ integrations: {integrations},{rest}")
            } else {
                object
            };
            let text = format!("{head}{before}{object}{after}{end}\n");
            if is_windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]
    /// The plan itself compares the trees before and after, and fails if other parts differ.
    #[test]
    fn an_edit_inserts_and_changes_nothing_else(text in configuration()) {
        let after = edited("astro.config.mjs", &text);
        let text = without_space_in_empty_objects(&text);
        prop_assert!(contains_in_order(&after, &text), "{after}");
        prop_assert_eq!(after.matches("workerPack(").count(), 1, "{}", after);
        prop_assert_eq!(after.matches("cloudflare()").count(), 1, "{}", after);
        // A second edit has nothing to do.
        prop_assert_eq!(edited("astro.config.mjs", &after), after);
    }
}

#[test]
fn folders_are_read_from_templates_and_constants() {
    let scripts = |config: &str| {
        let files =
            [("astro.config.mjs", config), ("functions/a.js", "export const onRequest = 1;")];
        edit("package.json", &files).unwrap().after
    };
    for config in [
        "export default { outDir: `./build` };\n",
        "const OUT = './build/';\nexport default { outDir: OUT };\n",
        "const outDir = 'build';\nexport default { outDir };\n",
    ] {
        let scripts = scripts(config);
        assert!(scripts.contains("--outdir build/_worker.js"), "{scripts}");
    }
    let config = "export default { outDir: process.env.OUT };\n";
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", config),
    ]);
    let plan = Migration::of(project.folder()).plan().unwrap();
    assert!(plan.remarks.iter().any(|it| it.text.contains("`outDir` is only known when")));
}

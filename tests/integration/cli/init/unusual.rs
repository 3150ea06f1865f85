//! Projects that are written in other ways than usual.

use super::projects::STATIC_CONFIG;
use super::{shown, written};
use crate::support::project::{Project, package};

#[test]
fn comments_above_a_removed_setting_stay() {
    let text = "# Licence: MIT\npages_build_output_dir = \"./dist\" # of Astro\n# the name\nname = \"a\"\n\n# old\nusage_model = \"bundled\"\n[env.staging]\n# older\nusage_model = \"bundled\"\n";
    for line_break in ["\n", "\r\n"] {
        let project = Project::new(&[
            ("package.json", package("7.3.5", &[])),
            ("astro.config.mjs", STATIC_CONFIG.to_owned()),
            ("wrangler.toml", text.replace('\n', line_break)),
        ]);
        written(&project, &[]);
        let after = project.read("wrangler.toml").replace("\r\n", "\n");
        assert!(
            after.starts_with("# Licence: MIT\n# the name\nname = \"a\"\n\n# old\n"),
            "{after}"
        );
        assert!(after.contains("[env.staging]\n# older\n"), "{after}");
        assert!(!after.contains("usage_model") && !after.contains("pages_build"), "{after}");
    }
}

#[test]
fn comments_of_a_changed_setting_stay() {
    let text = "# Licence: MIT\npages_build_output_dir = \"dist\"\n\n# the server\nmain = \"./dist/_worker.js/index.js\" # built\n\n[vars]\nA = \"\"\"\na\nb\"\"\"\n\n[env.production]\n";
    let config = "import cloudflare from '@astrojs/cloudflare';\nexport default { adapter: cloudflare() };\n";
    for line_break in ["\n", "\r\n"] {
        let project = Project::new(&[
            ("package.json", package("7.3.5", &[("@astrojs/cloudflare", "14.3.3")]).as_str()),
            ("astro.config.mjs", config),
            ("wrangler.toml", &text.replace('\n', line_break)),
        ]);
        written(&project, &[]);
        let after = project.read("wrangler.toml").replace("\r\n", "\n");
        let expected = "# Licence: MIT\n\n# the server\nmain = \"@astrojs/cloudflare/entrypoints/server\" # built\n";
        assert!(after.starts_with(expected), "{after}");
        // The variables of the top level are copied.
        assert_eq!(after.matches("\nA = ").count(), 2, "{after}");
    }
}

#[test]
fn the_comment_at_the_beginning_stays_above_a_removed_table() {
    let text = "# Licence: MIT\n[[unsafe.bindings]]\nname = \"A\"\ntype = \"ratelimit\"\nnamespace_id = \"1\"\nsimple = { limit = 1, period = 60 }\n";
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", STATIC_CONFIG),
        ("wrangler.toml", text),
    ]);
    written(&project, &[]);
    assert!(project.read("wrangler.toml").starts_with("# Licence: MIT\n"));
}

#[test]
fn functions_of_another_host_are_let_be() {
    let worker = r#"{ "name": "a", "main": "src/worker.ts", "assets": { "directory": "dist" } }"#;
    for (file, wrangler) in [
        ("functions/index.js", r#"{ "name": "a" }"#),
        ("functions/README.md", r#"{ "name": "a" }"#),
        // wrangler runs the module of the Worker, and no functions.
        ("functions/api/[[path]].ts", worker),
    ] {
        let text = if wrangler == worker { "export const onRequest = () => {};" } else { "// x" };
        let project = Project::new(&[
            ("package.json", package("7.3.5", &[]).as_str()),
            ("astro.config.mjs", STATIC_CONFIG),
            ("wrangler.jsonc", wrangler),
            (file, text),
        ]);
        let output = written(&project, &[]);
        assert!(!project.read("package.json").contains("functions"), "{output}");
        assert!(project.read("astro.config.mjs").contains("workerPack()"));
        assert!(!output.contains("Pages"), "{output}");
    }
}

#[test]
fn a_build_script_that_packs_the_site_goes_on_doing_it() {
    let packs = package("7.3.5", &[])
        .replace("\"astro build\"", "\"astro build && worker-pack build --target worker\"");
    let project =
        Project::new(&[("package.json", packs.as_str()), ("astro.config.mjs", STATIC_CONFIG)]);
    written(&project, &[]);
    assert_eq!(project.read("astro.config.mjs"), STATIC_CONFIG);
    assert_eq!(project.read("package.json").matches("worker-pack build").count(), 2);
    let config = "import workerPack from 'worker-pack/astro';\nexport default { integrations: [workerPack()] };\n";
    project.write("astro.config.mjs", config);
    let output = shown(&project, &[]).replace("\n    ", " ");
    assert!(output.contains("the script `build` runs `worker-pack build`, although"), "{output}");
}

#[test]
fn scripts_that_are_not_understood_stay_and_are_told() {
    let package = package("7.3.5", &[]).replace(
        "\"dev\": \"astro dev\"",
        "\"dev\": \"wrangler dev & astro dev\",\n    \"up\": \"astro build; wrangler pages deploy dist\",\n    \"deploy\": \"wrangler deploy dist/_worker.js/index.js --assets dist\"",
    );
    let project = Project::new(&[
        ("package.json", package.as_str()),
        ("astro.config.mjs", STATIC_CONFIG),
        ("wrangler.jsonc", r#"{ "name": "a", "env": { "my env": {}, "a$b": {} } }"#),
    ]);
    let output = written(&project, &[]).replace("\n    ", " ");
    let after = project.read("package.json");
    for line in [
        "\"dev\": \"wrangler dev & astro dev\",",
        "\"up\": \"astro build; wrangler pages deploy dist\",",
        "\"deploy\": \"wrangler deploy dist/_worker.js/index.js --assets dist\"",
        "--env \\\"my env\\\"\"",
    ] {
        assert!(after.contains(line), "{line} in {after}");
    }
    assert!(!after.contains("a$b"), "{after}");
    for told in ["the script `up` runs `astro build; wrangler pages", "the script `deploy` stays"] {
        assert!(output.contains(told), "{told} in {output}");
    }
}

#[test]
fn commands_run_with_the_package_manager_of_the_project() {
    for (lock, again, check) in [
        ("yarn.lock", "npx worker-pack init --write", "yarn run check"),
        ("pnpm-lock.yaml", "pnpm dlx worker-pack init --write", "pnpm run check"),
        ("bun.lock", "bunx worker-pack init --write", "bun run check"),
    ] {
        let project = Project::new(&[
            ("package.json", package("7.3.5", &[]).as_str()),
            ("astro.config.mjs", STATIC_CONFIG),
            (lock, ""),
        ]);
        let output = shown(&project, &[]);
        assert!(output.contains(again), "{again} in {output}");
        let output = written(&project, &[]);
        assert!(output.contains(check), "{check} in {output}");
    }
}

#[test]
fn examples_in_pages_do_not_make_a_server() {
    let text = "# Islands\n\n```astro\n<Clock server:defer />\n```\n\nWrite `server:defer`, and\n\n~~~js\nexport const prerender = false;\n~~~\n";
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", STATIC_CONFIG),
        ("src/pages/islands.mdx", text),
    ]);
    written(&project, &[]);
    assert!(!project.read("astro.config.mjs").contains("cloudflare"));
}

#[test]
fn linked_folders_of_pages_are_read() {
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", STATIC_CONFIG),
        ("shared/now.ts", "export const prerender = false;"),
        ("src/pages/index.astro", ""),
    ]);
    std::os::unix::fs::symlink("../../shared", project.folder().join("src/pages/shared")).unwrap();
    std::os::unix::fs::symlink("..", project.folder().join("src/pages/loop")).unwrap();
    let plan = worker_pack::Migration::of(project.folder()).plan().unwrap();
    let config = plan.edits.iter().find(|it| it.path.ends_with("astro.config.mjs")).unwrap();
    assert!(config.after.contains("adapter: cloudflare()"), "{}", config.after);
}

#[test]
fn a_setting_that_the_installed_wrangler_does_not_know_is_told() {
    let schema = r#"{ "type": "object", "additionalProperties": false, "properties": { "name": {}, "compatibility_date": {} } }"#;
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[("wrangler", "^3.60.0")]).as_str()),
        ("astro.config.mjs", STATIC_CONFIG),
        ("astro.config.ts", STATIC_CONFIG),
        ("wrangler.jsonc", "{ \"name\": \"a\" }\n"),
        ("node_modules/wrangler/config-schema.json", schema),
        ("node_modules/wrangler/package.json", r#"{ "version": "3.60.0" }"#),
    ]);
    let output = written(&project, &[]).replace("\n    ", " ");
    assert!(output.contains("the installed wrangler does not accept"), "{output}");
    assert!(output.contains("astro.config.ts: Astro does not read it, since"), "{output}");
    assert!(project.read("wrangler.jsonc").contains("observability"));
}

#[test]
fn the_packed_worker_is_ignored_where_it_is() {
    for (out, ignored) in [
        ("./dist", Some("dist-worker/bundle/\n")),
        ("./build/site/", Some("build/dist-worker/bundle/\n")),
        ("../../dist/site", None),
        ("/tmp/site", None),
    ] {
        let project = Project::new(&[
            ("package.json", package("7.3.5", &[]).as_str()),
            ("astro.config.mjs", &format!("export default {{ outDir: '{out}' }};\n")),
        ]);
        written(&project, &[]);
        let expected =
            format!("{}.wrangler/\n.worker-pack/\n.dev.vars*\n", ignored.unwrap_or_default());
        assert_eq!(project.read(".gitignore"), expected, "{out}");
    }
}

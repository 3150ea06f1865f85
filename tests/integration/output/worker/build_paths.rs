//! The paths of the machine that built a server.

use std::collections::BTreeMap;
use std::path::PathBuf;

use worker_pack::options::{ServerCode, WorkerOptions};
use worker_pack::report::Diagnostic;

use super::{bundle, bundle_with, module, read};
use crate::hosts::packed_site::SERVERS;
use crate::support::site::{Site, files_below};

/// A manifest as Astro 7 writes it, and the modules that its names are compared in.
fn server_built_in(root: &str) -> Site {
    // As `URL` writes it.
    let url = root.replace(' ', "%20").replace('\u{ef}', "%C3%AF");
    let manifest = format!(
        r#"const deserializeManifest = (it) => ({{ ...it, rootDir: new URL(it.rootDir) }});
export const manifest = deserializeManifest({{"rootDir":"file://{url}/","cacheDir":"file://{url}/node_modules/.astro/","outDir":"file://{url}/dist/","routes":[{{"route":"{root}/src/pages/guide.md"}}],"componentMetadata":[["{root}/src/pages/index.astro",{{"containsHead":true}}],["\u0000virtual:astro:pages",{{}}]],"entryModules":{{"{root}/src/Counter":"_astro/Counter.js","{root}/src/layouts/Base.astro?astro&type=script&index=0&lang.ts":""}},"inlinedScripts":[["{root}/src/layouts/Base.astro?astro&type=script&index=0&lang.ts","run()"]],"assets":["{root}/src/pages/guide.md"]}});
"#
    );
    let page = format!(
        "import {{ manifest }} from './manifest.mjs';\n\
         const picture = new Proxy({{}}, {{ get(target, name) {{ if (name === \"fsPath\") return \"{root}/src/pole.png\"; }} }});\n\
         export const page = [manifest, picture, '{root}/src/pages/index.astro', `{root}/src/Counter`,\n\
         \"{root}/src/layouts/Base.astro?astro&type=script&index=0&lang.ts\", \"{root}/node_modules/astro/components/Image.astro\"];\n"
    );
    Site::new(&[
        ("client/index.html", "<p>"),
        (
            "server/entry.mjs",
            "import { page } from './chunks/page.mjs';\n\
             export default { fetch: () => new Response(page[0]) };\n",
        ),
        ("server/chunks/page.mjs", &page),
        ("server/chunks/manifest.mjs", &manifest),
    ])
}

/// Returns the notes on paths that are left.
fn notes(site: &Site) -> Vec<Diagnostic> {
    let all = bundle(site).report().diagnostics.clone();
    all.into_iter().filter(|it| it.code.name() == "worker/build-path").collect()
}

/// Returns the files of a packed Worker.
fn files(site: &Site) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = site.out().join("bundle");
    let file = |path: PathBuf| (path.clone(), std::fs::read(folder.join(path)).unwrap());
    files_below(&folder).into_iter().map(file).collect()
}

#[test]
fn a_server_that_was_built_in_another_folder_is_packed_into_the_same_bytes() {
    let [one, other] = ["/home/one/site", "/build/some where/else/s\u{ef}te"].map(server_built_in);
    // Without its URLs, which stay.
    for site in [&one, &other] {
        let path = site.dist().join("server/chunks/manifest.mjs");
        let text = read(&path);
        let start = text.find("\"routes\"").unwrap();
        let end = text.find("\"componentMetadata\"").unwrap();
        std::fs::write(&path, format!("{}{}", &text[..start], &text[end..])).unwrap();
        let text = read(&path);
        let start = text.find(",\"assets\"").unwrap();
        std::fs::write(&path, format!("{}}});\n", &text[..start])).unwrap();
    }
    assert_eq!(notes(&one), []);
    assert_eq!(notes(&other), []);
    assert_eq!(files(&one), files(&other));
    let page = module(&one, "server/chunks/page.mjs");
    for name in [
        "/astro/src/pole.png",
        "/astro/src/pages/index.astro",
        "/astro/src/Counter",
        "/astro/src/layouts/Base.astro?astro&type=script&index=0&lang.ts",
        "/astro/node_modules/astro/components/Image.astro",
    ] {
        assert!(page.contains(name), "{name}: {page}");
    }
    let manifest = module(&one, "server/chunks/manifest.mjs");
    assert!(manifest.contains("\"rootDir\":\"file:///astro/\""), "{manifest}");
    assert!(manifest.contains("\"/astro/src/Counter\""), "{manifest}");
}

#[test]
fn urls_in_the_manifest_stay_though_they_begin_like_the_folder() {
    let site = server_built_in("/home/one/site");
    let [note] = &*notes(&site) else { panic!("one note") };
    assert_eq!(note.file, "server/chunks/manifest.mjs");
    let manifest = module(&site, "server/chunks/manifest.mjs");
    for url in [
        "\"route\":\"/home/one/site/src/pages/guide.md\"",
        "\"assets\":[\"/home/one/site/src/pages/guide.md\"]",
    ] {
        assert!(manifest.contains(url), "{url}: {manifest}");
    }
}

#[test]
fn a_path_in_other_code_stays_and_is_told() {
    let site = server_built_in("/home/one/site");
    site.write(
        "server/chunks/page.mjs",
        "import { manifest } from './manifest.mjs';\nexport const page = [manifest,\n\
         '/home/one/site/data.json', 'in /home/one/site/src/a.astro', '/home/one/sites/a.astro'];\n",
    );
    let notes = notes(&site);
    let note = notes.iter().find(|note| note.file == "server/chunks/page.mjs").unwrap();
    let excerpt = note.excerpt.as_ref().unwrap();
    assert_eq!((excerpt.line, excerpt.column), (3, 2));
    let page = module(&site, "server/chunks/page.mjs");
    for text in
        ["/home/one/site/data.json", "in /home/one/site/src/a.astro", "/home/one/sites/a.astro"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[test]
fn all_paths_stay_if_one_of_them_is_written_with_escapes() {
    let site = server_built_in("/home/one/site");
    site.write(
        "server/chunks/page.mjs",
        "import { manifest } from './manifest.mjs';\n\
         export const page = [manifest, '/home/one/\\x73ite/src/Counter', '/home/one/site/a.astro'];\n",
    );
    bundle(&site);
    assert!(module(&site, "server/chunks/manifest.mjs").contains("file:///home/one/site/dist/"));
    assert!(module(&site, "server/chunks/page.mjs").contains("/home/one/site/a.astro"));
}

#[test]
fn a_workspace_around_the_project_is_replaced_with_it() {
    let site = server_built_in("/home/one/work/apps/site");
    let manifest = read(site.dist().join("server/chunks/manifest.mjs"));
    let hoisted = manifest.replace("/apps/site/src/pages/index", "/node_modules/ui/index");
    site.write("server/chunks/manifest.mjs", &hoisted);
    bundle(&site);
    let manifest = module(&site, "server/chunks/manifest.mjs");
    assert!(manifest.contains("\"/astro/node_modules/ui/index.astro\""), "{manifest}");
    assert!(manifest.contains("\"rootDir\":\"file:///astro/apps/site/\""), "{manifest}");
}

#[test]
fn code_that_is_not_minified_has_no_path_either() {
    let site = server_built_in("/home/one/site");
    let original = WorkerOptions { server_code: ServerCode::Original, ..Default::default() };
    bundle_with(&site, &original).unwrap();
    let page = module(&site, "server/chunks/page.mjs");
    assert!(page.contains("return \"/astro/src/pole.png\"; }"), "{page}");
}

/// The builds of Astro's examples, packed as they are and as if Astro had built them elsewhere.
#[test]
fn the_servers_of_astro_contain_no_path_of_the_machine() {
    for dist in &*SERVERS {
        let root = dist.parent().unwrap().to_str().unwrap();
        let copies = [root.to_owned(), "/home/some/body/else/site".to_owned()].map(|folder| {
            let copy = Site::new::<&str>(&[]);
            for path in files_below(dist) {
                let bytes = std::fs::read(dist.join(&path)).unwrap();
                let is_module = path.extension().is_some_and(|it| it == "mjs" || it == "js");
                let bytes = match String::from_utf8(bytes) {
                    Ok(text) if is_module => text.replace(root, &folder).into_bytes(),
                    Ok(text) => text.into_bytes(),
                    Err(error) => error.into_bytes(),
                };
                copy.write(path.to_str().unwrap(), bytes);
            }
            assert_eq!(notes(&copy), []);
            copy
        });
        for (path, bytes) in files(&copies[0]) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(root), "{}", path.to_string_lossy());
        }
        assert_eq!(files(&copies[0]), files(&copies[1]));
    }
}

//! Sites that Astro has built, with fingerprints of all files whose bytes are not those of the build, in Chromium.

use std::fs;
use std::path::PathBuf;

use worker_pack::Options;
use worker_pack::options::{Effort, Fingerprints, Integrity};

use super::visits::Visits;
use crate::support::site::{Site, blog, files_below};
use crate::support::xtask;

const ARGUMENTS: [&str; 6] = ["--fingerprints", "all", "--integrity", "add", "--effort", "fast"];

fn options() -> Options {
    Options {
        fingerprints: Fingerprints::All,
        integrity: Integrity::Add,
        effort: Some(Effort::Fast),
        ..Options::default()
    }
}

/// The example with islands of five libraries, built without its server, and without minifying.
fn islands() -> Site {
    let (stdout, _) = xtask::run(&["astro-islands"]);
    let built = PathBuf::from(stdout.lines().last().unwrap());
    let site = Site::new::<&str>(&[]);
    let example = blog().parent().unwrap().parent().unwrap().join("astro-islands");
    for file in files_below(&example) {
        let name = file.to_str().unwrap();
        let text = fs::read_to_string(example.join(name)).unwrap();
        let text = match name {
            "src/pages/rendered.astro" => continue,
            "src/pages/index.astro" => {
                text.lines().filter(|line| !line.contains("server:defer")).collect::<Vec<_>>().join("\n")
            }
            "astro.config.mjs" => text.replace(
                "  adapter: cloudflare({ imageService: 'passthrough' }),",
                "  cacheDir: './.cache', vite: { cacheDir: './.vite', build: { minify: false }, resolve: { preserveSymlinks: true } },",
            ),
            _ => text,
        };
        site.write(&format!("../{name}"), text);
    }
    let modules = built.parent().unwrap().join("node_modules");
    let [folder, modules] = [site.project(), &modules].map(|path| path.to_str().unwrap());
    xtask::run(&["node", "tests/worker/astro_build.mjs", folder, modules]);
    site
}

#[test]
fn islands_of_five_libraries_are_hydrated_by_code_with_names_of_its_final_bytes() {
    let site = islands();
    let packed = site.pack_with(options());
    let visits = Visits::of(&site.dist(), &ARGUMENTS, &["/", "/later/"]);
    let seen = visits.check_names(&packed, &[]);
    // `ClientRouter` looks for its own element, to run the scripts of a page once.
    let kept: Vec<&str> = packed
        .report()
        .fingerprints
        .iter()
        .filter(|one| one.reason.is_some())
        .map(|one| &*one.route)
        .collect();
    assert!(matches!(&*kept, [one] if one.starts_with("/_astro/ClientRouter.")), "{kept:?}");
    // The islands, the code of their libraries, and what two of them share.
    assert!(seen.len() > 12, "{seen:?}");
}

#[test]
fn the_blog_loads_code_with_names_of_its_final_bytes() {
    let packed = worker_pack::Pack::from_dir(blog()).options(options()).run().unwrap();
    let visits = Visits::of(&blog(), &ARGUMENTS, &["/", "/lab/", "/blog/"]);
    let seen = visits.check_names(&packed, &[]);
    let kept = packed.report().fingerprints.iter().filter(|one| one.reason.is_some()).count();
    assert_eq!(kept, 0, "{:?}", packed.report().fingerprints);
    let of_astro = seen.iter().filter(|route| route.starts_with("/_astro/")).count();
    assert!(of_astro > 10, "{seen:?}");
    for report in &packed.report().integrity {
        assert!(report.reason.is_none(), "{report:?}");
    }
}

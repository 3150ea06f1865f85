//! Sites that Astro has built, with fingerprints of all files whose bytes are not those of the build, in Chromium.

use worker_pack::options::{Csp, CspAttributes, Effort, Fingerprints, Integrity};
use worker_pack::{Options, Pack};

use crate::support::astro;
use crate::support::site::{Site, blog, warnings};
use crate::support::visits::Visits;

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
    astro::islands(|name, text| match name {
        "src/pages/rendered.astro" => None,
        "src/pages/index.astro" => {
            let lines = text.lines().filter(|line| !line.contains("server:defer"));
            Some(lines.collect::<Vec<_>>().join("\n"))
        }
        "astro.config.mjs" => Some(text.replace(
            "  adapter: cloudflare({ imageService: 'passthrough' }),",
            "  cacheDir: './.cache', vite: { cacheDir: './.vite', build: { minify: false },\n\
               resolve: { preserveSymlinks: true } },",
        )),
        _ => Some(text),
    })
}

/// The same, with the hashes of modules in import maps, by which policies allow them.
const STRICT: [&str; 10] = [
    "--fingerprints",
    "all",
    "--integrity",
    "modules",
    "--csp",
    "strict-dynamic",
    "--csp-attributes",
    "hash",
    "--effort",
    "fast",
];

#[test]
fn islands_of_five_libraries_are_hydrated_by_code_with_names_of_its_final_bytes() {
    let site = islands();
    let packed = site.pack_with(options());
    let visits = Visits::of(&site.dist(), &ARGUMENTS, &["/", "/later/"]);
    let seen = visits.check_names(packed.report(), &[]);
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
    assert_eq!(by_hashes(&site), [""; 0]);
    let visits = Visits::of(&site.dist(), &STRICT, &["/", "/later/"]);
    visits.check_names(packed.report(), &[]);
}

#[test]
fn the_blog_loads_code_with_names_of_its_final_bytes() {
    let packed = Pack::from_dir(blog()).options(options()).run().unwrap();
    let visits = Visits::of(&blog(), &ARGUMENTS, &["/", "/lab/", "/blog/"]);
    let seen = visits.check_names(packed.report(), &[]);
    let kept = packed.report().fingerprints.iter().filter(|one| one.reason.is_some()).count();
    assert_eq!(kept, 0, "{:?}", packed.report().fingerprints);
    let of_astro = seen.iter().filter(|route| route.starts_with("/_astro/")).count();
    assert!(of_astro > 10, "{seen:?}");
    for report in &packed.report().integrity {
        assert!(report.reason.is_none(), "{report:?}");
    }
}

/// Returns why pages of a site do not run their scripts by hashes alone.
fn by_hashes(site: &Site) -> Vec<String> {
    let packed = site.pack_with(Options {
        integrity: Integrity::Modules,
        csp: Csp::StrictDynamic,
        csp_attributes: CspAttributes::Hash,
        ..options()
    });
    warnings(&packed).into_iter().filter(|one| one.contains("csp/not-strict")).collect()
}

//! Fingerprints of a site with a server, in Chromium: the files that pages of the server load.

use std::path::Path;

use worker_pack::options::{Effort, Fingerprints, Integrity, WorkerOptions};
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Options, Pack, Report, Target};

use super::packed_site::{ENGINE, PackedSite, RunningSite, SERVERS};
use crate::support::astro;
use crate::support::site::Site;
use crate::support::visits::Visits;

/// The example with islands of five libraries and its server, built without minifying.
fn islands() -> Site {
    astro::islands(|name, text| {
        match name {
        "astro.config.mjs" => Some(text.replace(
            "  output: 'static',",
            "  output: 'static', cacheDir: './.cache',\n\
               vite: { cacheDir: './.vite', build: { minify: false }, resolve: { preserveSymlinks: true } },",
        )),
        _ => Some(text),
    }
    })
}

/// Packs a site with names of final bytes, and starts it in `workerd`.
fn start(dist: &Path) -> (Report, RunningSite) {
    let scratch = Site::new::<&str>(&[]);
    let options = Options {
        fingerprints: Fingerprints::All,
        integrity: Integrity::Add,
        effort: Some(Effort::Fast),
        ..Options::default()
    };
    let engine = Engine::from_file(&*ENGINE).unwrap();
    let target = WorkerTarget { out: scratch.out(), engine, options: WorkerOptions::default() };
    let emitted = Pack::from_dir(dist).options(options).target(Target::Worker(target)).emit();
    let report = emitted.unwrap().report().clone();
    (report, PackedSite { scratch }.start())
}

#[test]
fn pages_of_a_server_load_code_with_names_of_its_final_bytes() {
    let site = islands();
    let (report, worker) = start(&site.dist());
    let visits = Visits::at(&worker.address(), &["/", "/later/", "/rendered/"]);
    let seen = visits.check_names(&report, &[]);
    let kept = report.fingerprints.iter().filter(|one| one.reason.is_some());
    let kept: Vec<&str> = kept.map(|one| &*one.route).collect();
    // `ClientRouter` looks for its own element, to run the scripts of a page once.
    assert!(matches!(&*kept, [one] if one.starts_with("/_astro/ClientRouter.")), "{kept:?}");
    assert!(seen.len() > 12, "{seen:?}");
    let visits = Visits::at(&worker.address(), &["/rendered/"]);
    let of_server = visits.check_names(&report, &[]);
    assert!(of_server.len() > 4, "{of_server:?}");
}

#[test]
fn pages_of_the_servers_of_astro_5_and_7_load_code_with_names_of_its_final_bytes() {
    let pages: [&[&str]; 2] = [&["/", "/plan/", "/tonight/", "/desk/"], &["/", "/board/"]];
    for (dist, pages) in SERVERS.iter().zip(pages) {
        let (report, worker) = start(dist);
        let mut of_astro =
            report.fingerprints.iter().filter(|one| one.route.starts_with("/_astro/"));
        let [scripts, sheets] = [".js", ".css"].map(|extension| {
            let mut names = report.fingerprints.iter().filter_map(|it| it.fingerprinted.as_ref());
            names.any(|name| name.ends_with(extension))
        });
        assert!(scripts && sheets, "{:?}", report.fingerprints);
        assert!(of_astro.all(|one| one.reason.is_none()), "{:?}", report.fingerprints);
        for page in pages {
            let visits = Visits::at(&worker.address(), &[page]);
            let seen = visits.check_names(&report, &[]);
            assert!(seen.iter().any(|route| route.starts_with("/_astro/")), "{page}: {seen:?}");
        }
    }
}

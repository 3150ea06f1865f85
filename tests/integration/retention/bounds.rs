//! The bounds of what is kept: builds, bytes, and the limits of the platform.

use bytesize::ByteSize;
use worker_pack::options::{Limits, WorkerOptions};
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Options, Target};

use super::{bodies, build, codes, deploy, keeping, keeping_within, kept, served, site, table};

const NAMES: [&str; 4] = [
    "_astro/app.A1b2C3d4.js",
    "_astro/app.B2c3D4e5.js",
    "_astro/app.C3d4E5f6.js",
    "_astro/app.D4e5F6g7.js",
];

#[test]
fn only_the_last_builds_are_kept_and_stored() {
    let site = site();
    let options = keeping_within(|bounds| bounds.builds = 2);
    for name in NAMES {
        deploy(&site, &[(name, name)], &options);
    }
    assert_eq!(kept(&table(&site, &options)), ["app.B2c3D4e5.js", "app.C3d4E5f6.js"]);
    assert_eq!(bodies(&site).len(), 3);
}

#[test]
fn the_oldest_builds_go_when_their_files_are_too_many_bytes() {
    let site = site();
    let one = served(NAMES[0]).len() as u64;
    let options = keeping_within(|bounds| bounds.max_bytes = ByteSize::b(2 * one));
    for name in NAMES {
        deploy(&site, &[(name, name)], &options);
    }
    assert_eq!(kept(&table(&site, &options)), ["app.B2c3D4e5.js", "app.C3d4E5f6.js"]);
}

#[test]
fn builds_that_would_exceed_a_limit_of_the_platform_are_left_out_with_a_note() {
    let site = site();
    let pack = |options: &Options, limits: &Limits| {
        let options = options.clone();
        let worker = WorkerOptions {
            limits: limits.clone(),
            budget: Some(ByteSize::mb(9)),
            ..WorkerOptions::default()
        };
        let out = site.out();
        let target = WorkerTarget { out, engine: Engine::stand_in(), options: worker };
        site.packing(options).target(Target::Worker(target)).emit()
    };
    // Not compressible, so that a build adds its size.
    let picture = |seed: u64| -> Vec<u8> {
        let next = |x: &mut u64| {
            *x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Some((*x >> 56) as u8)
        };
        let mut state = seed;
        std::iter::from_fn(move || next(&mut state)).take(100_000).collect()
    };
    let usual = Limits::default();
    for (seed, name) in (0..).zip(&NAMES[..3]) {
        build(&site, &[]);
        site.write(&name.replace(".js", ".jpg"), picture(seed));
        pack(&keeping(), &usual).unwrap();
    }
    let all = pack(&keeping(), &usual).unwrap();
    assert_eq!(all.report().kept.as_ref().unwrap().files, 2);
    let size = all.report().worker.as_ref().unwrap().weight.size as u64;
    let limits = Limits { size: ByteSize::b(size - 50_000), ..usual.clone() };
    let less = pack(&keeping(), &limits).unwrap();
    assert_eq!(less.report().kept.as_ref().unwrap().files, 1);
    let routes: Vec<&str> = less.report().files.iter().map(|file| &*file.route).collect();
    assert!(routes.contains(&"/_astro/app.B2c3D4e5.jpg"), "{routes:?}");
    assert!(codes(&less.report().diagnostics).contains(&"keep/over-limit"));
    // The store still has them, for a Worker with more room.
    assert_eq!(pack(&keeping(), &usual).unwrap().report().kept.as_ref().unwrap().files, 2);
    // A site that is too large by itself fails as ever.
    let limits = Limits { size: ByteSize::b(50_000), ..usual };
    assert!(pack(&keeping(), &limits).is_err());
}

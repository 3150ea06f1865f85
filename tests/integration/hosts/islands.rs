//! Islands of React, Preact, Vue, Svelte and Solid in Chromium: the packed site and what Astro wrote.

use std::path::PathBuf;

use super::packed_site::{PackedSite, last_line};
use crate::support::xtask::{self, Serving};

#[test]
fn islands_of_five_libraries_are_those_of_the_unpacked_site() {
    let islands = PathBuf::from(last_line(&xtask::run(&["astro-islands"]).0));
    let (chromium, _) = xtask::run(&["chromium"]);
    let unpacked = Serving::dev_by(&islands.join("server/wrangler.json"));
    let packed = PackedSite::new(&islands, &[]).start();
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("ASTRO_URL", format!("http://{}/", unpacked.address())),
        ("PACKED_URL", format!("http://{}/", packed.address())),
    ];
    let test = ["node", "--test", "tests/worker/islands.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

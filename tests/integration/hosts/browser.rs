//! Packed sites in Chromium.

use super::packed_site::{PackedSite, SERVERS, last_line};
use crate::support::site::blog;
use crate::support::xtask;

#[test]
fn sites_work_in_a_browser() {
    let [ssr, pages] = &*SERVERS;
    let (chromium, _) = xtask::run(&["chromium"]);
    let sites = [blog(), ssr.clone(), pages.clone()].map(|dist| PackedSite::new(&dist, &[]));
    let workers = sites.map(PackedSite::start);
    let urls = workers.each_ref().map(|worker| format!("http://{}/", worker.address()));
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("BLOG_URL", urls[0].clone()),
        ("SSR_URL", urls[1].clone()),
        ("PAGES_URL", urls[2].clone()),
    ];
    let test = ["node", "--test", "tests/worker/browser.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

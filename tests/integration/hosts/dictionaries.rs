//! Sites with dictionaries in Chromium, served by the command and as a Worker.

use super::packed_site::{PackedSite, last_line};
use crate::dictionary::pages::words;
use crate::support::server::Server;
use crate::support::site::Site;
use crate::support::xtask;

/// A site of six pages with a link to the first of the others.
fn site() -> Site {
    let site = Site::new::<&str>(&[]);
    let layout = words(1, 400);
    for n in 0..6 {
        let name = if n == 0 { "index.html".to_owned() } else { format!("{n}/index.html") };
        let text = words(10 + n, 60);
        site.write(
            &name,
            format!(
                "<!doctype html><html lang=en><head><meta charset=utf-8><title>{n}</title>\
                 <link rel=icon href=data:,></head><body><nav><a id=next href=/1/>One</a> {layout}</nav>\
                 <main>{text}</main><footer>The end.</footer></body></html>"
            ),
        );
    }
    site
}

#[test]
fn a_browser_fetches_differences_to_a_dictionary() {
    let (site, arguments) = (site(), ["--dictionaries", "pages"]);
    let (chromium, _) = xtask::run(&["chromium"]);
    let worker = PackedSite::new(&site.dist(), &arguments).start();
    let server = Server::start(&site.dist(), &["--watch", "--dictionaries", "pages"]);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("WORKER_URL", format!("http://{}/", worker.address())),
        ("SERVED_URL", format!("http://{}/", server.address)),
        ("SERVED_DIST", site.dist().to_str().unwrap().to_owned()),
    ];
    let test = ["node", "--test", "tests/worker/dictionaries.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

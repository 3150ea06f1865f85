//! Sites with dictionaries in browsers, served by the command and as a Worker.

use std::fs;
use std::path::PathBuf;

use super::deltas::Redeployed;
use super::packed_site::{PackedSite, last_line};
use crate::dictionary::pages::words;
use crate::support::server::Server;
use crate::support::site::{Site, program};
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
fn chromium_fetches_differences_to_a_dictionary() {
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

/// Each build of the site is served with the store as its deployment has found it.
#[test]
fn chromium_uses_the_dictionary_of_the_last_deployment() {
    let site = site();
    let builds = ["first", "edited", "other"].map(|name| site.project().join(name));
    let names = ["index.html", "1/index.html", "2/index.html", "3/index.html"];
    let names = [&names[..], &["4/index.html", "5/index.html"]].concat();
    let (kept, new) = (words(2, 250), words(3, 250));
    for name in names {
        let page = fs::read_to_string(site.dist().join(name)).unwrap();
        let page = page.replace("</nav>", &format!("{kept}</nav>"));
        let edited = page.replace("<footer>", "<footer>A new edition. ");
        let other = edited.replace(&words(1, 400), &new);
        for (build, page) in builds.iter().zip([page, edited, other]) {
            fs::create_dir_all(build.join(name).parent().unwrap()).unwrap();
            fs::write(build.join(name), page).unwrap();
        }
    }
    let store = format!("store={}", site.project().join("store").display());
    let arguments = ["--dictionaries", "pages", "--keep", &*store];
    let serve = |build: &PathBuf| {
        let output = program()
            .args(["build", "--quiet", "--target", "rust", "--out"])
            .arg(site.out())
            .arg(build)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Server::start(build, &arguments)
    };
    let servers = builds.each_ref().map(serve);
    let (chromium, _) = xtask::run(&["chromium"]);
    let url = |number: usize| format!("http://{}/", servers[number].address);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("FIRST_URL", url(0)),
        ("EDITED_URL", url(1)),
        ("OTHER_URL", url(2)),
    ];
    let test = ["node", "--test", "tests/worker/redeploy.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

/// Firefox is an optional tool: without one that knows dictionaries, the test runs in CI alone, which installs it.
#[test]
fn firefox_fetches_differences_to_a_dictionary() {
    let (firefox, _) = xtask::run(&["firefox"]);
    if firefox.is_empty() {
        return;
    }
    let site = site();
    let server = Server::start(&site.dist(), &["--watch", "--dictionaries", "pages"]);
    let Redeployed { site: changed, arguments, old, new } = Redeployed::new();
    let keeping = Server::start(&changed.dist(), &arguments.each_ref().map(String::as_str));
    let variables = [
        ("WORKER_PACK_FIREFOX", last_line(&firefox)),
        ("SERVED_URL", format!("http://{}/", server.address)),
        ("SERVED_DIST", site.dist().to_str().unwrap().to_owned()),
        ("KEPT_URL", format!("http://{}/", keeping.address)),
        ("OLD", old),
        ("NEW", new),
    ];
    let test = ["node", "--test", "tests/worker/firefox.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

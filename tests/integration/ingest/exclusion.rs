//! Which files become public.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicU64, Ordering};

use worker_pack::{
    Dotfiles, Layout, LeftOutReason, Options, PackError, Progress, SourceMaps, Stage, Strictness,
};

use crate::support::site::{Site, get, paths, warnings};

/// Secrets, configuration and debris that may lie in a build.
const NEVER_PUBLIC: [&str; 18] = [
    ".envrc",
    ".env-prod",
    ".ENV",
    ".Env.production",
    ".env~",
    ".dev.vars-x",
    ".env",
    ".env.production",
    ".dev.vars",
    ".dev.vars.local",
    "wrangler.json",
    "wrangler.toml",
    ".assetsignore",
    "_headers",
    "_redirects",
    "_routes.json",
    ".git/config",
    "node_modules/x/index.js",
];

#[test]
fn secrets_and_configuration_are_never_public_even_with_dotfiles() {
    for folder in ["", "client/"] {
        let site = Site::new(&[("client/index.html", "<p>"), ("index.html", "<p>")]);
        if folder == "client/" {
            site.write("server/entry.mjs", "secret()");
        }
        for name in NEVER_PUBLIC {
            let text = if name.starts_with("wrangler.") { "{}" } else { "secret" };
            site.write(&format!("{folder}{name}"), text);
        }
        site.write(&format!("{folder}deep/.env"), "secret");
        let options = Options { dotfiles: Dotfiles::Publish, ..Options::default() };
        let packed = site.pack_with(options);
        let public = paths(&packed);
        assert!(public.iter().all(|path| path.ends_with("/index.html")), "{public:?}");
        for name in NEVER_PUBLIC {
            let top = name.split('/').next().unwrap();
            let listed =
                packed.report().left_out.iter().any(|left_out| left_out.file.contains(top));
            assert!(listed, "{name} is in no list");
        }
    }
}

#[test]
fn each_layout_of_astro_leaves_its_server_code_out() {
    let astro7 = Site::new(&[
        ("client/index.html", "<p>"),
        ("client/_astro/a.js", "1"),
        ("server/entry.mjs", "secret()"),
        ("server/chunks/a.mjs", "secret()"),
        ("notes.txt", "beside"),
    ]);
    let packed = astro7.pack();
    assert_eq!(packed.report().layout, Layout::ClientAndServer);
    assert_eq!(paths(&packed), ["/_astro/a.js", "/index.html"]);
    let left_out: Vec<_> =
        packed.report().left_out.iter().map(|left| (left.file.as_str(), left.reason)).collect();
    assert_eq!(
        left_out,
        [("notes.txt", LeftOutReason::BesideClient), ("server/", LeftOutReason::ServerCode),]
    );

    for worker in ["_worker.js", "_worker.js/index.js"] {
        let astro5 =
            Site::new(&[("index.html", "<p>"), (worker, "secret()"), ("_routes.json", "{}")]);
        let packed = astro5.pack();
        assert_eq!(packed.report().layout, Layout::PagesWorker);
        assert_eq!(paths(&packed), ["/index.html"]);
    }

    // With a `base`, the adapter leaves all pages of a static build below `client/BASE`.
    let without_server =
        Site::new(&[("client/.assetsignore", ""), ("client/docs/index.html", "<p>")]);
    assert_eq!(without_server.pack().report().layout, Layout::ClientAndServer);
    assert_eq!(paths(&without_server.pack()), ["/docs/index.html"]);

    let pages =
        Site::new(&[("index.html", "<p>"), ("client/index.html", ""), ("server/index.html", "")]);
    assert_eq!(pages.pack().report().layout, Layout::Static);
    assert_eq!(paths(&pages.pack()).len(), 3, "these are pages, not a server build");
}

#[test]
fn assetsignore_is_read_as_gitignore() {
    let site = Site::new(&[
        (".assetsignore", "*.psd\n!keep.psd\n/drafts\n# comment\n"),
        ("index.html", "<p>"),
        ("a/b.psd", "x"),
        ("a/keep.psd", "x"),
        ("drafts/one.html", "x"),
        ("a/drafts/two.html", "x"),
    ]);
    let packed = site.pack();
    assert_eq!(paths(&packed), ["/a/drafts/two.html", "/a/keep.psd", "/index.html"]);
}

#[test]
fn source_maps_and_hidden_files_are_public_only_when_asked_for() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("a.js", "function f(first) { return first }\n//# sourceMappingURL=a.js.map\n"),
        ("a.js.map", "{}"),
        ("world.map", "not a source map"),
        (".well-known/security.txt", "x"),
        (".nojekyll", ""),
    ]);
    let usual = ["/.well-known/security.txt", "/a.js", "/index.html", "/world.map"];
    assert_eq!(paths(&site.pack()), usual);
    assert!(!site.packed_text("/a.js").contains("sourceMappingURL"));

    let options = Options {
        source_maps: SourceMaps::Publish,
        dotfiles: Dotfiles::Publish,
        ..Options::default()
    };
    let packed = site.pack_with(options);
    assert_eq!(paths(&packed).len(), 6);
    let script = crate::support::site::text(&packed.table().to_image().unwrap().table(), "/a.js");
    assert!(script.contains("first") && script.contains("sourceMappingURL"), "the map fits");
}

#[test]
fn links_are_followed_within_the_site_and_nowhere_else() {
    let site =
        Site::new(&[("index.html", "<p>"), ("docs/page.html", "<p>page"), (".env", "secret")]);
    std::fs::write(site.project().join("outside.txt"), "secret").unwrap();
    let link = |target: &str, name: &str| symlink(target, site.dist().join(name)).unwrap();
    link("docs", "manual");
    link("index.html", "start.html");
    link("../outside.txt", "outside.txt");
    link("..", "up");
    link(".env", "settings.txt");
    link("nowhere", "broken.txt");
    link("../docs", "docs/loop");

    let packed = site.pack();
    assert_eq!(
        paths(&packed),
        ["/docs/page.html", "/index.html", "/manual/page.html", "/start.html"]
    );
    let reason = |file: &str| {
        let found = packed.report().left_out.iter().find(|left| left.file == file);
        found.unwrap_or_else(|| panic!("{file}: {:?}", packed.report().left_out)).reason
    };
    assert_eq!(reason("outside.txt"), LeftOutReason::LinkOutside);
    assert_eq!(reason("up/"), LeftOutReason::LinkOutside);
    assert_eq!(reason("settings.txt"), LeftOutReason::Secret);
    assert_eq!(reason("broken.txt"), LeftOutReason::LinkBroken);
    assert_eq!(reason("docs/loop"), LeftOutReason::LinkLoop);
    assert!(warnings(&packed).iter().any(|warning| warning.starts_with("broken.txt: ingest:")));
}

#[test]
fn a_link_publishes_nothing_that_is_not_public_itself() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        (".git/config", "secret"),
        (".git/refs/heads", "secret"),
        ("_worker.js/index.js", "secret()"),
        (".hidden/notes.txt", "secret"),
        ("real/secret.txt", "secret"),
        ("real/private/deep.txt", "secret"),
        ("real/public.txt", "public"),
        ("sub/wrangler.toml", "secret"),
        (".assetsignore", "/real/secret.txt\n/real/private/\n"),
    ]);
    for (target, name) in [
        (".git/config", "git.txt"),
        (".git/refs", "refs"),
        ("_worker.js/index.js", "worker.txt"),
        (".hidden/notes.txt", "notes.txt"),
        ("real", "alias"),
        ("real/private", "deep"),
        ("sub/wrangler.toml", "settings.txt"),
    ] {
        symlink(target, site.dist().join(name)).unwrap();
    }
    assert_eq!(paths(&site.pack()), ["/alias/public.txt", "/index.html", "/real/public.txt"]);
}

#[test]
fn names_of_any_kind_are_served_under_their_own_url() {
    let names = [
        "with space.txt",
        "100%.txt",
        "a%20b.txt",
        "[x].txt",
        "ünï/cödé.txt",
        "q?.txt",
        "h#.txt",
        "back\\slash.txt",
        "quote\".txt",
        "new\nline.txt",
        "emoji 🦀.txt",
        "plus+&=.txt",
    ];
    let files = names.map(|name| (name, name));
    let image = Site::new(&files).pack().table().to_image().unwrap();
    let table = image.table();
    for name in names {
        let reply = get(&table, &format!("/{name}"));
        assert_eq!(
            (reply.status(), reply.body().bytes().unwrap()),
            (200, name.as_bytes()),
            "{name}"
        );
    }
}

#[test]
fn a_name_that_is_not_utf_8_is_left_out_loudly() {
    let site = Site::new(&[("index.html", "<p>")]);
    let name = OsStr::from_bytes(b"caf\xe9.txt");
    std::fs::write(site.dist().join(name), "x").unwrap();
    let packed = site.pack();
    assert_eq!(packed.report().left_out[0].reason, LeftOutReason::NameNotUtf8);
    assert_eq!(warnings(&packed).len(), 1);
    let strict = Options { strictness: Strictness::Strict, ..Options::default() };
    assert!(matches!(site.try_pack(strict), Err(PackError::Files { .. })));
}

#[test]
fn names_that_differ_in_case_only_are_both_served_with_a_warning() {
    let site = Site::new(&[("Readme.txt", "one"), ("readme.txt", "two")]);
    let packed = site.pack();
    assert_eq!(paths(&packed).len(), 2);
    let expected = "readme.txt: ingest: differs from `Readme.txt` only in case";
    assert!(warnings(&packed)[0].starts_with(expected), "{:?}", warnings(&packed));
}

#[test]
fn empty_and_huge_files_are_served() {
    let site = Site::new(&[("empty.js", ""), ("empty.html", "")]);
    let huge = std::fs::File::create(site.dist().join("film.mp4")).unwrap();
    huge.set_len(26 * 1024 * 1024).unwrap();
    let packed = site.pack();
    let image = packed.table().to_image().unwrap();
    let table = image.table();
    assert_eq!(get(&table, "/empty").headers().get("Content-Length"), Some("0"));
    assert_eq!(get(&table, "/empty.js").status(), 200);
    assert_eq!(get(&table, "/film.mp4").body().len(), 26 * 1024 * 1024);
    assert!(warnings(&packed)[0].starts_with("film.mp4: ingest: 26.0 MiB"));
}

#[test]
fn a_folder_that_is_no_site_is_an_error() {
    let nothing = Site::new(&[(".env", "x")]);
    assert!(matches!(nothing.try_pack(Options::default()), Err(PackError::EmptySite { .. })));
    let missing = worker_pack::Pack::from_dir(nothing.project().join("absent")).run();
    let text = missing.unwrap_err().to_string();
    assert!(text.contains("absent") && text.contains("astro build"), "{text}");
}

/// Counts the bytes that are done.
#[derive(Default)]
struct Done(AtomicU64);

impl Progress for Done {
    fn started(&self, _: Stage, _: u64) {}

    fn advanced(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[test]
fn what_is_wrong_is_all_told_before_anything_is_compressed() {
    let site = Site::new(&[
        ("big.txt", include_str!("exclusion.rs").repeat(20).as_str()),
        ("page.html", "<script>function (</script>"),
        ("text", "x"),
        ("text.html", "x"),
    ]);
    let options = Options { strictness: Strictness::Strict, ..Options::default() };
    let done = Done::default();
    let error = site.packing(options).run_with_progress(&done).unwrap_err();
    let PackError::Files { diagnostics } = error else { panic!("{error}") };
    let files: Vec<&str> = diagnostics.iter().map(|found| found.file.as_str()).collect();
    assert!(files.contains(&"page.html") && files.contains(&"text.html"), "{files:?}");
    assert_eq!(done.0.into_inner(), 0);
}

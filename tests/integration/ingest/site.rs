//! Whole sites: empty, large, missing, faulty.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use worker_pack::options::Strictness;
use worker_pack::report::{Progress, Stage};
use worker_pack::{Options, PackError, Target};

use crate::support::site::{PROSE, Site, get, warnings};

#[test]
fn empty_and_huge_files_are_served() {
    let site = Site::new(&[("empty.js", ""), ("empty.html", "")]);
    let huge = std::fs::File::create(site.dist().join("film.mp4")).unwrap();
    huge.set_len(26 * 1024 * 1024).unwrap();
    let packed = site.pack();
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    assert_eq!(get(&table, "/empty").headers().get("Content-Length"), Some("0"));
    assert_eq!(get(&table, "/empty.js").status(), 200);
    assert_eq!(get(&table, "/film.mp4").body().len(), 26 * 1024 * 1024);
    assert!(warnings(&packed)[0].starts_with("film.mp4: ingest/large-file: 26.0 MiB"));
}

/// The lengths of a table have 32 bits.
#[test]
fn files_of_4_gib_or_more_are_errors_for_every_target_and_are_not_read() {
    for name in ["film.mp4", "page.html", "text.txt", "file"] {
        for len in [u64::from(u32::MAX), 1 << 32, (1 << 32) + 1, 1 << 40] {
            let site = Site::new(&[("index.html", "<h1>home</h1>")]);
            std::fs::File::create(site.dist().join(name)).unwrap().set_len(len).unwrap();
            for target in [Target::Memory, Target::RustModule(site.out())] {
                let error = site.packing(Options::default()).target(target).emit().unwrap_err();
                let PackError::Files { diagnostics } = error else { panic!("{error}") };
                let found = diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>();
                let prefix = format!("{name}: ingest/too-large: ");
                assert!(found.len() == 1 && found[0].starts_with(&prefix), "{len}: {found:?}");
                assert!(found[0].contains("the limit is 4 GiB"), "{found:?}");
            }
            assert!(!site.out().exists());
            site.write(".assetsignore", name);
            site.pack();
        }
    }
}

#[test]
fn an_empty_or_missing_folder_is_an_error() {
    let nothing = Site::new(&[(".env", "x")]);
    assert!(matches!(nothing.try_pack(Options::default()), Err(PackError::EmptySite { .. })));
    let missing = worker_pack::Pack::from_dir(nothing.project().join("absent")).run();
    let text = missing.unwrap_err().to_string();
    assert!(text.contains("absent") && text.contains("astro build"), "{text}");
}

/// Counts the finished bytes.
#[derive(Debug, Default)]
struct Done(AtomicU64);

impl Progress for Done {
    fn started(&self, _: Stage, _: u64) {}

    fn advanced(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[test]
fn all_errors_are_reported_before_compression() {
    let site = Site::new(&[
        ("big.txt", PROSE.repeat(20).as_str()),
        ("page.html", "<script>function (</script>"),
        ("text", "x"),
        ("text.html", "x"),
    ]);
    let options = Options { strictness: Strictness::Strict, ..Options::default() };
    let done = Arc::new(Done::default());
    let error = site.packing(options).progress(done.clone()).run().unwrap_err();
    let PackError::Files { diagnostics } = error else { panic!("{error}") };
    let files: Vec<&str> = diagnostics.iter().map(|found| found.file.as_str()).collect();
    assert!(files.contains(&"page.html") && files.contains(&"text.html"), "{files:?}");
    assert_eq!(done.0.load(Ordering::Relaxed), 0);
}

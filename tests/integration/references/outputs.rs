//! Fingerprints beside dictionaries, stores of bodies, and the ways to serve pages.

use bytesize::ByteSize;
use worker_pack::options::{Compat, Dictionaries, SpillTo, WorkerOptions};
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Options, Target};
use worker_pack_runtime::behaviour::HtmlHandling;

use super::{PICTURE, fingerprinted, options, served};
use crate::dictionary::pages::{alike_pages, entry};
use crate::support::site::{Site, contents, get};

#[test]
fn pages_with_dictionaries_name_the_same_fingerprints() {
    let site = Site::new(&[("a.svg", PICTURE)]);
    let pages = alike_pages("<link rel=icon href=/a.svg>");
    for (name, page) in &pages {
        site.write(name, page);
    }
    let options = Options { compat: Some(Compat::Workers), ..options() };
    let alone = site.pack_with(options.clone());
    let packed = site.pack_with(Options { dictionaries: Dictionaries::On, ..options });
    let new = fingerprinted(&packed, "/a.svg");
    let mut with_dictionary = 0;
    for (name, _) in &pages {
        let route = format!("/{name}");
        let text = served(&packed, &route);
        assert!(text.contains(&format!("href={new}")), "{text}");
        assert_eq!(text, served(&alone, &route));
        let variants = &entry(&packed, &route).variants;
        with_dictionary += usize::from(variants.iter().any(|one| one.dictionary.is_some()));
    }
    assert!(with_dictionary >= 4, "{with_dictionary}");
}

#[test]
fn files_in_a_store_are_uploaded_once_for_both_of_their_names() {
    // A picture that no coding makes smaller.
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let bytes: Vec<u8> = (0..9000).map(|_| next()).collect();
    for spill_to in [SpillTo::StaticAssets, SpillTo::R2] {
        let site =
            Site::new(&[("index.html", b"<img src=/a.jpg>".to_vec()), ("a.jpg", bytes.clone())]);
        let worker = WorkerOptions {
            spill_above: Some(ByteSize::b(5000)),
            spill_to,
            ..WorkerOptions::default()
        };
        let engine = site.project().join("engine.wasm");
        std::fs::write(&engine, b"\0asm\x01\0\0\0").unwrap();
        let engine = Engine::from_file(engine).unwrap();
        let target = WorkerTarget { out: site.out(), engine, options: worker };
        let packed = site.packing(options()).target(Target::Worker(target)).emit().unwrap();
        let report = packed.report();
        let new = report.fingerprints[0].fingerprinted.clone().unwrap();
        let digits = super::hex(&bytes);
        assert!(new.contains(&digits[..16]));
        let files = contents(&site.out());
        let copies = files.values().filter(|file| **file == bytes).count();
        assert_eq!(copies, 1, "{spill_to}");
        let is_named =
            |file: &&Vec<u8>| file.windows(new.len() - 1).any(|it| *it == new.as_bytes()[1..]);
        assert!(files.values().any(|file| is_named(&file)), "{spill_to}: no table has the route");
    }
}

#[test]
fn pages_find_files_however_their_own_urls_are_written() {
    for html_handling in HtmlHandling::ALL {
        let site = Site::new(&[
            ("index.html", "<img src=i/a.svg><img src=/b/c.svg>"),
            ("b/index.html", "<img src=/i/a.svg>"),
            ("b/d.html", "<img src=c.svg><img src=../i/a.svg>"),
            ("i/a.svg", PICTURE),
            ("b/c.svg", PICTURE),
            ("d/c.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"/>"),
        ]);
        let packed = site.pack_with(Options { html_handling: Some(html_handling), ..options() });
        let memory = packed.table().to_memory().unwrap();
        let table = memory.table();
        let mut loaded = 0;
        for (page, file) in [
            ("/", "/index.html"),
            ("/index.html", "/index.html"),
            ("/b", "/b/index.html"),
            ("/b/", "/b/index.html"),
            ("/b/index.html", "/b/index.html"),
            ("/b/d", "/b/d.html"),
            ("/b/d/", "/b/d.html"),
            ("/b/d.html", "/b/d.html"),
        ] {
            if get(&table, page).status() != 200 {
                continue;
            }
            let base = url::Url::parse("https://site.invalid").unwrap().join(page).unwrap();
            for url in served(&packed, file).split("src=").skip(1) {
                let url = base.join(url.split('>').next().unwrap()).unwrap();
                // `d.html` at `/b/d/` asks below that folder, with or without fingerprints.
                let reply = get(&table, url.path());
                if reply.status() == 200 {
                    let policy =
                        reply.headers().get("cache-control").unwrap_or_default().to_owned();
                    assert!(policy.contains("immutable"), "{html_handling} {page} {url}");
                    loaded += 1;
                } else {
                    let has_mark = url.path().rsplit('/').next().unwrap().len() > "a.svg".len();
                    assert!(!has_mark, "{html_handling} {page}: {url} has no file");
                }
            }
        }
        assert!(loaded >= 3, "{html_handling}: {loaded}");
    }
}

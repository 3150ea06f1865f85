//! File names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use worker_pack::options::{Compat, Strictness};
use worker_pack::report::LeftOutReason;
use worker_pack::{Options, PackError};

use crate::support::site::{Site, get, paths, warnings};

#[test]
fn unusual_file_names_are_served_at_their_encoded_url() {
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
    // Workers Static Assets redirects to the spelling in which every such character is escaped.
    let options = Options { compat: Some(Compat::Pages), ..Options::default() };
    let image = Site::new(&files).pack_with(options).table().to_memory().unwrap();
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
fn a_name_that_is_not_utf_8_is_left_out_with_a_warning() {
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
fn names_that_differ_only_in_case_are_served_with_a_warning() {
    let site = Site::new(&[("Readme.txt", "one"), ("readme.txt", "two")]);
    let packed = site.pack();
    assert_eq!(paths(&packed).len(), 2);
    let expected =
        "readme.txt: ingest/names-differ-in-case: differs from `Readme.txt` only in case";
    assert!(warnings(&packed)[0].starts_with(expected), "{:?}", warnings(&packed));
}

//! Rule files of any length and with any bytes.

use proptest::prelude::*;
use worker_pack::Options;
use worker_pack::options::{Compat, Fidelity};

use super::location;
use crate::support::site::{Site, get, warnings, workers};

#[test]
fn rules_of_any_length_and_bytes_are_accepted_or_rejected() {
    let long = format!("/a /b\r\n/{} /c\r\n\0/nul /d\r\n/x\u{feff} /e\r\n", "l".repeat(100_000));
    let headers: Vec<String> = (0..200).map(|n| format!("/{n}\n  x-n: {n}\n")).collect();
    let headers = headers.concat();
    let headers = format!("\u{feff}/*\r\n  x-a: b\rset-cookie: c\r\n  x-z: \0\r\n{headers}");
    let site = Site::new(&[
        ("index.html", b"" as &[u8]),
        ("_redirects", long.as_bytes()),
        ("_headers", headers.as_bytes()),
    ]);
    let packed = site.pack_with(workers());
    let found = warnings(&packed);
    for part in ["_redirects:2", "_headers:2", "_headers:3", "_headers:206"] {
        assert!(found.iter().any(|text| text.contains(part)), "{part}: {found:#?}");
    }
    let image = packed.table().to_memory().unwrap();
    assert_eq!(location(&image.table(), "/a"), (302, Some("/b".to_owned())));
    let table = image.table();
    let home = get(&table, "/");
    for (name, value) in home.headers().iter() {
        assert!(!value.contains(['\r', '\n', '\0']), "{name}: {value:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_rules_and_paths_never_panic(
        rules in "(/|[a-z:*# .\\r\\n\\x00é%?]| /|https://| 200| 301){0,80}",
        path in "/[a-z/%.é*:\\\\ ]{0,24}",
        compat in 0..2_usize,
        strict in 0..2_usize,
    ) {
        let site = Site::new(&[("index.html", b"<p>" as &[u8]), ("_redirects", rules.as_bytes())]);
        let options = Options {
            compat: Some(Compat::ALL[compat]),
            fidelity: Fidelity::ALL[strict],
            ..Options::default()
        };
        let image = site.pack_with(options).table().to_memory().unwrap();
        let (status, location) = location(&image.table(), &path);
        prop_assert!((200..=405).contains(&status));
        if let Some(location) = location {
            prop_assert!(location.is_ascii() && !location.contains(['\r', '\n', '\0']), "{:?}", location);
        }
    }
}

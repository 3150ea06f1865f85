//! Hashed files that are sent as their difference to those of earlier builds.

use std::fmt::Write as _;

use worker_pack::options::{Dictionaries, Fidelity, Fingerprints};
use worker_pack::table::AssetEntry;
use worker_pack::{Options, Packed};
use worker_pack_runtime::Coding;

use super::{build, codes, deploy, keeping, keeping_within, site, table};
use crate::dictionary::pages::{ask, available, decoded, entry};
use crate::support::site::Site;

const WITH: &str = "gzip, deflate, br, zstd, dcb, dcz";

fn deltas() -> Options {
    Options { dictionaries: Dictionaries::Deltas, ..keeping() }
}

/// A script with as many functions as some number. Each returns a text of its own, one of which is given.
pub(crate) fn functions(count: u32, changed: &str) -> String {
    let mut script = String::new();
    let mut state = 7_u32;
    for number in 0..count {
        let mut words = String::new();
        for _ in 0..6 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let _ = write!(words, "{:x} ", state >> 12);
        }
        let text = if number == count / 2 { changed } else { &words };
        let _ = writeln!(
            script,
            "export function f{number}(a, b) {{ return a > {} ? b.concat(\"{text}\") : f{}(b, a); }}",
            state >> 20,
            (number + 1) % count
        );
    }
    script
}

fn write(site: &Site, files: &[(&str, String)]) {
    build(site, &[]);
    for (name, text) in files {
        site.write(name, text);
    }
}

fn emit(site: &Site, files: &[(&str, String)], options: &Options) {
    write(site, files);
    site.emit(options.clone()).unwrap();
}

fn variants(packed: &Packed, route: &str) -> usize {
    entry(packed, route).variants.len()
}

fn brotli(entry: &AssetEntry) -> usize {
    let found = entry.encoded.iter().find(|(coding, _)| *coding == Coding::Brotli);
    found.map(|(_, body)| body.len()).unwrap()
}

const ONE: &str = "_astro/app.A1b2C3d4.js";
const TWO: &str = "_astro/app.B2c3D4e5.js";
const THREE: &str = "_astro/app.C3d4E5f6.js";

#[test]
fn a_script_with_one_changed_function_is_sent_as_a_small_difference() {
    let site = site();
    emit(&site, &[(ONE, functions(120, "before"))], &deltas());
    write(&site, &[(TWO, functions(120, "a wholly different text"))]);
    let packed = table(&site, &deltas());
    let (old, new) =
        (entry(&packed, "/_astro/app.A1b2C3d4.js"), entry(&packed, "/_astro/app.B2c3D4e5.js"));
    assert!(new.identity.len() >= 10_000);
    let [variant] = &new.variants[..] else { panic!("one variant") };
    assert_eq!(
        (variant.coding, variant.dictionary),
        (Coding::DictionaryBrotli, Some(old.identity.hash()))
    );
    assert!(
        variant.body.len() * 100 <= brotli(new) * 12,
        "{} of {}",
        variant.body.len(),
        brotli(new)
    );
    let (dictionary, identity) = (old.identity.read().unwrap(), new.identity.read().unwrap());
    assert_eq!(decoded(&variant.body.read().unwrap(), &dictionary), *identity);

    let memory = packed.table().to_memory().unwrap();
    let served = memory.table();
    let of = |accept: &str, dictionary: Option<&str>| {
        let reply = ask(&served, "/_astro/app.B2c3D4e5.js", accept, dictionary);
        let fields = ["content-encoding", "vary", "use-as-dictionary"];
        fields.map(|name| reply.headers().get(name).unwrap_or_default().to_owned())
    };
    let own = available(old);
    let [offer, vary] = ["match=\"/_astro/app.*.js\"", "Accept-Encoding, Available-Dictionary"];
    assert_eq!(of(WITH, Some(&own)), ["dcb", vary, offer]);
    // Another dictionary, none, or a client that refuses the coding.
    assert_eq!(of(WITH, Some(&available(new))), ["br", vary, offer]);
    assert_eq!(of(WITH, None), ["br", vary, offer]);
    assert_eq!(of("br, dcb;q=0", Some(&own)), ["br", vary, offer]);
    assert_eq!(of("identity", None), ["", vary, offer]);
}

#[test]
fn a_visitor_of_each_of_the_last_builds_gets_a_difference() {
    let site = site();
    emit(&site, &[(ONE, functions(60, "one"))], &deltas());
    emit(&site, &[(TWO, functions(60, "two"))], &deltas());
    write(&site, &[(THREE, functions(60, "three"))]);
    let packed = table(&site, &deltas());
    let hashes: Vec<_> = entry(&packed, "/_astro/app.C3d4E5f6.js")
        .variants
        .iter()
        .map(|variant| variant.dictionary.unwrap())
        .collect();
    let of = |route| entry(&packed, route).identity.hash();
    assert_eq!(hashes, [of("/_astro/app.B2c3D4e5.js"), of("/_astro/app.A1b2C3d4.js")]);
    // Kept files are dictionaries, and have no differences themselves.
    assert_eq!(variants(&packed, "/_astro/app.B2c3D4e5.js"), 0);
    let offer = |route| entry(&packed, route).use_as_dictionary.clone();
    assert_eq!(offer("/_astro/app.A1b2C3d4.js").unwrap(), "match=\"/_astro/app.*.js\"");
}

#[test]
fn the_first_build_says_that_its_files_can_be_dictionaries() {
    let site = site();
    write(
        &site,
        &[(ONE, functions(60, "one")), ("_astro/tiny.A1b2C3d4.js", "export{}".to_owned())],
    );
    let packed = table(&site, &deltas());
    let offer = |route| entry(&packed, route).use_as_dictionary.clone();
    assert_eq!(offer("/_astro/app.A1b2C3d4.js").unwrap(), "match=\"/_astro/app.*.js\"");
    assert_eq!(offer("/_astro/tiny.A1b2C3d4.js"), None);
    assert_eq!(offer("/index.html"), None);
}

#[test]
fn files_of_a_build_that_differ_only_in_their_hash_are_no_dictionaries() {
    let site = site();
    let client = |hash: &str, text: &str| (format!("_astro/client.{hash}.js"), functions(60, text));
    let names = [client("A1b2C3d4", "a"), client("B2c3D4e5", "b")];
    let files: Vec<(&str, String)> =
        names.iter().map(|(name, text)| (&**name, text.clone())).collect();
    emit(&site, &files, &deltas());
    let (new, text) = client("C3d4E5f6", "c");
    let next = [files[0].clone(), (&*new, text.clone())];
    write(&site, &next);
    let packed = table(&site, &deltas());
    for entry in packed.table().entries() {
        assert!(entry.variants.is_empty() && entry.use_as_dictionary.is_none(), "{}", entry.route);
    }
    // One of them is left, but the browser may have either of two.
    write(&site, &[(&*new, text)]);
    let packed = table(&site, &deltas());
    assert_eq!(variants(&packed, "/_astro/client.C3d4E5f6.js"), 0);
}

#[test]
fn a_difference_that_saves_little_is_not_stored() {
    let site = site();
    let unlike = |seed: u32| {
        let mut state = seed;
        let word = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            format!("\"{state:x}\"")
        };
        format!("export default [{}];", (0..200).map(word).collect::<Vec<_>>().join(","))
    };
    emit(&site, &[(ONE, unlike(1))], &deltas());
    write(&site, &[(TWO, unlike(2))]);
    assert_eq!(variants(&table(&site, &deltas()), "/_astro/app.B2c3D4e5.js"), 0);
}

#[test]
fn styles_have_differences_and_pictures_do_not() {
    let site = site();
    let style = |color: &str| {
        let rule = |n: u32| {
            format!(
                ".c{n}-{:x} {{ color: {color}; margin: {n}px }}\n",
                n.wrapping_mul(2_654_435_761)
            )
        };
        (0..200).map(rule).collect::<String>()
    };
    let picture = |byte: char| byte.to_string().repeat(5000);
    emit(
        &site,
        &[("_astro/a.A1b2C3d4.css", style("red")), ("_astro/b.A1b2C3d4.jpg", picture('a'))],
        &deltas(),
    );
    write(
        &site,
        &[("_astro/a.B2c3D4e5.css", style("blue")), ("_astro/b.B2c3D4e5.jpg", picture('b'))],
    );
    let packed = table(&site, &deltas());
    assert_eq!(variants(&packed, "/_astro/a.B2c3D4e5.css"), 1);
    let picture = entry(&packed, "/_astro/b.B2c3D4e5.jpg");
    assert!(picture.variants.is_empty() && picture.use_as_dictionary.is_none());
}

#[test]
fn a_header_rule_that_stops_browsers_from_keeping_a_dictionary_stops_the_differences() {
    let site = site();
    emit(&site, &[(ONE, functions(60, "one"))], &deltas());
    write(&site, &[(TWO, functions(60, "two"))]);
    site.write("_headers", "/_astro/*\n  ! Use-As-Dictionary\n");
    let packed = table(&site, &deltas());
    let new = entry(&packed, "/_astro/app.B2c3D4e5.js");
    assert!(new.variants.is_empty() && new.use_as_dictionary.is_none());
}

#[test]
fn there_are_no_differences_without_the_option_without_keep_and_in_strict_fidelity() {
    let site = site();
    emit(&site, &[(ONE, functions(60, "one"))], &deltas());
    write(&site, &[(TWO, functions(60, "two"))]);
    for dictionaries in [Dictionaries::Off, Dictionaries::Pages] {
        let packed = table(&site, &Options { dictionaries, ..keeping() });
        assert_eq!(variants(&packed, "/_astro/app.B2c3D4e5.js"), 0);
    }
    let alone = table(&site, &Options { dictionaries: Dictionaries::Deltas, ..Options::default() });
    assert_eq!(codes(&alone.report().diagnostics), ["dictionary/not-served"]);
    assert_eq!(variants(&alone, "/_astro/app.B2c3D4e5.js"), 0);
    let strict = table(&site, &Options { fidelity: Fidelity::Strict, ..deltas() });
    assert_eq!(variants(&strict, "/_astro/app.B2c3D4e5.js"), 0);
    let both = table(&site, &Options { dictionaries: Dictionaries::On, ..deltas() });
    assert_eq!(variants(&both, "/_astro/app.B2c3D4e5.js"), 1);
}

#[test]
fn only_the_newest_three_files_before_are_dictionaries() {
    let site = site();
    let options = Options { dictionaries: Dictionaries::Deltas, ..keeping_within(|_| {}) };
    let names = ["A1b2C3d4", "B2c3D4e5", "C3d4E5f6", "D4e5F6g7", "E5f6G7h8"];
    for name in names {
        emit(&site, &[(&format!("_astro/app.{name}.js"), functions(40, name))], &options);
    }
    let packed = table(&site, &options);
    assert_eq!(variants(&packed, "/_astro/app.E5f6G7h8.js"), 3);
    deploy(&site, &[], &options);
}

#[test]
fn names_of_final_bytes_are_kept_and_are_sent_as_differences_too() {
    let options = Options { fingerprints: Fingerprints::All, ..deltas() };
    let site = site();
    let files = |script: &str, text: &str| {
        let page = format!("<script type=module src=/{script}></script>");
        [("index.html".to_owned(), page), (script.to_owned(), functions(60, text))]
    };
    let write = |script, text| {
        build(&site, &[]);
        for (name, text) in files(script, text) {
            site.write(&name, text);
        }
    };
    let renamed = |packed: &Packed, script: &str| {
        let mut names = packed.report().fingerprints.iter();
        let name = names.find(|one| one.route == format!("/{script}")).unwrap();
        name.fingerprinted.clone().unwrap_or_else(|| panic!("{name:?}"))
    };
    write(ONE, "one");
    let before = table(&site, &options);
    let old = renamed(&before, ONE);
    site.emit(options.clone()).unwrap();
    write(TWO, "two");
    let packed = table(&site, &options);
    let new = renamed(&packed, TWO);
    let (old, new) = (entry(&packed, &old), entry(&packed, &new));
    let first = entry(&before, old.route.as_str());
    assert_eq!(old.identity.hash(), first.identity.hash(), "an open page gets what it has named");
    let [variant] = &new.variants[..] else { panic!("{:?}", new.variants) };
    assert_eq!(variant.dictionary, Some(old.identity.hash()));
    let (dictionary, identity) = (old.identity.read().unwrap(), new.identity.read().unwrap());
    assert_eq!(decoded(&variant.body.read().unwrap(), &dictionary), *identity);
    let memory = packed.table().to_memory().unwrap();
    let reply = ask(&memory.table(), new.route.as_str(), WITH, Some(&available(old)));
    assert_eq!(reply.headers().get("content-encoding"), Some("dcb"));
}

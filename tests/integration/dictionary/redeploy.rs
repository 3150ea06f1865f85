//! Dictionaries over several builds, with the option `keep`.

use std::fs;
use std::path::PathBuf;

use bytesize::ByteSize;
use worker_pack::options::{Dictionaries, Keep, KeepBounds, Limits, WorkerOptions};
use worker_pack::report::{DictionaryOrigin, DictionaryReport};
use worker_pack::table::AssetEntry;
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{EmittedPack, Options, Packed, Target};

use super::pages::{
    ACCEPTED, alike, ask, available, decoded, dictionaries, editions, entry, options, page, words,
    write,
};
use crate::support::site::{Site, contents};

fn keeping() -> Options {
    keeping_within(|_| {})
}

fn keeping_within(change: impl FnOnce(&mut KeepBounds)) -> Options {
    let mut bounds = KeepBounds::default();
    change(&mut bounds);
    Options { keep: Keep::EarlierBuilds(bounds), ..options() }
}

/// Writes six pages that name an asset by its hash.
fn edit(site: &Site, hash: &str) {
    write(site, 1, &format!("<link rel=stylesheet href=/_astro/site.{hash}.css>"));
}

fn emit(site: &Site, options: &Options) -> EmittedPack {
    site.emit(options.clone()).unwrap()
}

fn table(site: &Site, options: &Options) -> Packed {
    site.packing(options.clone()).target(Target::RustModule(site.out())).run().unwrap()
}

fn index(site: &Site) -> PathBuf {
    site.project().join(".worker-pack/out/index.json")
}

/// Returns the URLs of the dictionaries of a report with their origins, sorted by origin.
fn origins(all: &[DictionaryReport]) -> Vec<(DictionaryOrigin, String)> {
    let mut origins: Vec<_> = all.iter().map(|one| (one.origin, one.url.clone())).collect();
    origins.sort();
    origins
}

/// Returns the only dictionary of a report.
fn only(all: &[DictionaryReport]) -> &DictionaryReport {
    let [one] = all else { panic!("one dictionary: {all:?}") };
    one
}

/// Checks that all pages with a body for a dictionary decode to themselves. Returns their number.
fn encoded_with(packed: &Packed, dictionary: &AssetEntry) -> usize {
    let bytes = dictionary.identity.read().unwrap();
    let mut count = 0;
    for entry in packed.table().entries() {
        for variant in &entry.variants {
            if variant.dictionary == Some(dictionary.identity.hash()) {
                let body = variant.body.read().unwrap();
                assert_eq!(
                    decoded(&body, &bytes),
                    *entry.identity.read().unwrap(),
                    "{}",
                    entry.route
                );
                count += 1;
            }
        }
    }
    count
}

#[test]
fn a_dictionary_stays_if_one_asset_of_all_pages_has_another_name() {
    let site = alike(&[]);
    edit(&site, "A1b2C3d4");
    let first = emit(&site, &keeping());
    let first = only(&first.report().dictionaries);
    assert_eq!(first.origin, DictionaryOrigin::ThisBuild);
    for hash in ["B2c3D4e5", "C3d4E5f6", "D4e5F6g7"] {
        edit(&site, hash);
        let packed = table(&site, &keeping());
        let report = only(&packed.report().dictionaries);
        assert_eq!((report.origin, &report.url), (DictionaryOrigin::EarlierBuild, &first.url));
        assert_eq!((report.announced, report.pages, &report.file), (6, 6, &first.file));
        assert_eq!(report.stored(), report.with + report.bytes);
        let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
        assert_eq!(encoded_with(&packed, dictionary), 6);
        assert!(!dictionary.is_of_earlier_build(), "it is a part of this build");

        // A visitor of the first build gets each page as its difference at once, that of the copied page too.
        let memory = packed.table().to_memory().unwrap();
        let served = memory.table();
        for path in ["/", "/1/", "/5/"] {
            let reply = ask(&served, path, ACCEPTED, Some(&available(dictionary)));
            assert_eq!(reply.headers().get("Content-Encoding"), Some("dcb"), "{path}");
            assert!(reply.headers().get("Link").unwrap().contains(&*first.url));
        }
        let reply = ask(&served, &first.url, ACCEPTED, None);
        assert_eq!(reply.status(), 200);
        assert_eq!(emit(&site, &keeping()).report().dictionaries, std::slice::from_ref(report));
    }
    // Its own page is nearly the same.
    let packed = table(&site, &keeping());
    let file = packed.table().entries().iter().find(|entry| entry.name == first.file).unwrap();
    assert!(file.variants[0].body.len() * 10 < file.preferred().len());
}

#[test]
fn without_keep_each_build_chooses_anew() {
    let site = alike(&[]);
    edit(&site, "A1b2C3d4");
    let first = only(&emit(&site, &keeping()).report().dictionaries).url.clone();
    edit(&site, "B2c3D4e5");
    let packed = table(&site, &options());
    let second = only(&packed.report().dictionaries);
    assert_eq!(second.origin, DictionaryOrigin::ThisBuild);
    assert_ne!(second.url, first);
}

#[test]
fn a_repeated_build_has_the_same_bytes() {
    let site = alike(&[]);
    let builds: [&dyn Fn(); 4] = [
        &|| edit(&site, "A1b2C3d4"),
        &|| edit(&site, "B2c3D4e5"),
        &|| write(&site, 2, &words(1, 90)),
        &|| write(&site, 2, &words(2, 90)),
    ];
    for build in builds {
        build();
        emit(&site, &keeping());
        let state = || (contents(&site.out()), contents(&site.project().join(".worker-pack/out")));
        let before = state();
        emit(&site, &keeping());
        assert!(state() == before);
        // An output from nothing is the same too.
        fs::remove_dir_all(site.out()).unwrap();
        emit(&site, &keeping());
        assert!(state() == before);
    }
}

#[test]
fn a_worse_dictionary_is_replaced_and_stays_for_visitors_who_have_it() {
    let site = alike(&[]);
    let [first, second] = editions();
    write(&site, 1, &first);
    let old = only(&emit(&site, &keeping()).report().dictionaries).clone();
    write(&site, 1, &second);
    let packed = table(&site, &keeping());
    let reports = &packed.report().dictionaries;
    let [(_, new), (_, replaced)] = &origins(reports)[..] else { panic!("two dictionaries") };
    assert_eq!(
        origins(reports).iter().map(|(origin, _)| *origin).collect::<Vec<_>>(),
        [DictionaryOrigin::ThisBuild, DictionaryOrigin::Replaced]
    );
    assert_eq!(*replaced, old.url);
    let of = |url: &str| entry(&packed, url);
    assert_eq!((encoded_with(&packed, of(new)), encoded_with(&packed, of(&old.url))), (6, 7));
    assert!(of(&old.url).is_of_earlier_build() && !of(new).is_of_earlier_build());
    let report = reports.iter().find(|one| one.url == *replaced).unwrap();
    assert_eq!((report.announced, report.pages, report.pays_after), (0, 6, 0));
    assert_eq!(report.stored(), report.with + report.bytes);

    let memory = packed.table().to_memory().unwrap();
    let served = memory.table();
    let coding = |path: &str, dictionary: Option<&str>| {
        let reply = ask(&served, path, ACCEPTED, dictionary);
        assert_eq!(reply.status(), 200);
        let coding = reply.headers().get("Content-Encoding").unwrap().to_owned();
        (coding, reply.body().len())
    };
    let (have_old, have_new) = (available(of(&old.url)), available(of(new)));
    let plain = coding("/1/", None);
    let (with_old, with_new) = (coding("/1/", Some(&have_old)), coding("/1/", Some(&have_new)));
    assert_eq!((&*plain.0, &*with_old.0, &*with_new.0), ("br", "dcb", "dcb"));
    assert!(with_new.1 < with_old.1 && with_old.1 < plain.1);
    // The new dictionary is fetched as its difference to the old one.
    let whole = coding(new, None);
    let difference = coding(new, Some(&have_old));
    assert_eq!((&*whole.0, &*difference.0), ("br", "dcb"));
    assert!(difference.1 < whole.1);
    let report = reports.iter().find(|one| one.url == *new).unwrap();
    assert_eq!(report.difference, Some(difference.1));
    // Pages announce the new one alone, and the old one is still found at its URL.
    let link = ask(&served, "/1/", ACCEPTED, None).headers().get("Link").unwrap().to_owned();
    assert!(link.contains(&**new) && !link.contains(&*old.url));
    assert_eq!(coding(&old.url, None).0, "br");
    let unknown = format!(":{}=:", "A".repeat(43));
    let both = format!("{have_old}, {have_new}");
    for dictionary in [&unknown, &both] {
        assert_eq!(coding("/1/", Some(dictionary)).0, "br");
    }
}

#[test]
fn one_earlier_dictionary_is_served_and_not_a_chain() {
    let site = alike(&[]);
    let mut urls = Vec::new();
    for edition in 0..4 {
        let common = words(500, 150);
        let own = words(600 + edition, 150);
        write(&site, 1, &format!("<meta name=a content='{common}{own}'>"));
        let emitted = emit(&site, &keeping());
        let origins = origins(&emitted.report().dictionaries);
        assert_eq!(origins[0].0, DictionaryOrigin::ThisBuild);
        assert_eq!(origins.len(), if edition == 0 { 1 } else { 2 });
        assert_eq!(origins.get(1).map(|(_, url)| url), urls.last());
        urls.push(origins[0].1.clone());
    }
}

#[test]
fn an_earlier_dictionary_that_saves_nothing_is_not_served() {
    let site = alike(&[]);
    emit(&site, &keeping());
    write(&site, 77, "");
    let packed = table(&site, &keeping());
    assert_eq!(only(&packed.report().dictionaries).origin, DictionaryOrigin::ThisBuild);
    assert_eq!(only(&packed.report().dictionaries).difference, None);
}

/// A change of the site by which a page, given by its file, is no longer a public one.
type Change = dyn Fn(&Site, &str);

#[test]
fn a_dictionary_goes_with_the_page_that_it_copies() {
    let changes: [&Change; 6] = [
        &|site, file| fs::remove_file(site.dist().join(file)).unwrap(),
        &|site, file| {
            let path = file.trim_end_matches("index.html");
            site.write("_headers", format!("/{path}\n  Cache-Control: private, max-age=0\n"));
        },
        &|site, file| {
            let path = file.trim_end_matches("index.html");
            site.write("_headers", format!("/{path}\n  Cache-Control: no-store\n"));
        },
        &|site, file| site.write(".assetsignore", file),
        &|site, file| {
            let path = file.trim_end_matches("index.html");
            site.write("_redirects", format!("/{path} /other/ 302\n"));
        },
        &|site, file| {
            let path = file.trim_end_matches("index.html");
            let config = format!(
                r#"{{ "assets": {{ "directory": "dist", "run_worker_first": ["/{path}"] }} }}"#
            );
            fs::write(site.project().join("wrangler.json"), config).unwrap();
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let site = alike(&[]);
        // The name of a site whose configuration is written later.
        fs::write(site.project().join("package.json"), r#"{ "name": "blog" }"#).unwrap();
        edit(&site, "A1b2C3d4");
        let old = only(&emit(&site, &keeping()).report().dictionaries).clone();
        let body = entry(&table(&site, &keeping()), &old.url).identity.hash().to_string();
        edit(&site, "B2c3D4e5");
        change(&site, &old.file);
        let emitted = emit(&site, &keeping());
        let new = only(&emitted.report().dictionaries);
        assert_eq!(new.origin, DictionaryOrigin::ThisBuild, "{number}");
        assert_ne!((&new.url, &new.file), (&old.url, &old.file), "{number}");
        // Nor is it in the store, even if the page is public again.
        assert!(!fs::read_to_string(index(&site)).unwrap().contains(&*body), "{number}");
        assert!(!site.project().join(".worker-pack/out/bodies").join(&body).exists(), "{number}");
    }
}

#[test]
fn a_dictionary_with_a_secret_of_today_is_withheld() {
    let site = alike(&[]);
    let secret = "k3Jx81kPqZvT60aBw7";
    write(&site, 1, &format!("<meta name=a content={secret}>"));
    let old = only(&emit(&site, &keeping()).report().dictionaries).url.clone();
    write(&site, 1, "");
    fs::write(site.project().join(".dev.vars"), format!("API_KEY={secret}\n")).unwrap();
    let emitted = emit(&site, &keeping());
    assert_ne!(only(&emitted.report().dictionaries).url, old);
    let codes = emitted.report().diagnostics.iter().map(|one| one.code.name());
    assert_eq!(codes.collect::<Vec<_>>(), ["keep/withheld"]);
    assert!(!fs::read_to_string(index(&site)).unwrap().contains(&*old));
}

/// A change of the store, given the path of a dictionary's body.
type Damage = dyn Fn(&Site, &PathBuf);

#[test]
fn damaged_and_lost_dictionaries_are_told_and_chosen_anew() {
    let changes: [(&Damage, &str); 4] = [
        (&|_, body| fs::write(body, b"other bytes").unwrap(), "keep/damaged"),
        (&|_, body| fs::remove_file(body).unwrap(), "keep/damaged"),
        (&|site, _| fs::write(index(site), b"").unwrap(), "keep/damaged"),
        (
            &|site, _| {
                let text = fs::read_to_string(index(site)).unwrap();
                fs::write(
                    index(site),
                    text.replace("1/index.html", "2/index.html")
                        .replace("\"/index.html", "\"/3/index.html"),
                )
                .unwrap();
            },
            "",
        ),
    ];
    for (change, code) in changes {
        let site = alike(&[]);
        edit(&site, "A1b2C3d4");
        let old = only(&emit(&site, &keeping()).report().dictionaries).url.clone();
        let hash = entry(&table(&site, &keeping()), &old).identity.hash().to_string();
        edit(&site, "B2c3D4e5");
        let body = site.project().join(".worker-pack/out/bodies").join(hash);
        let before = fs::read(index(&site)).unwrap();
        change(&site, &body);
        let is_damaged = !code.is_empty() || fs::read(index(&site)).unwrap() != before;
        let packed = table(&site, &keeping());
        if is_damaged {
            assert_ne!(only(&packed.report().dictionaries).url, old);
            let found = packed.report().diagnostics.iter().map(|one| one.code.name());
            assert_eq!(found.collect::<Vec<_>>(), ["keep/damaged"]);
        }
        // The next build has a whole store again.
        let second = only(&emit(&site, &keeping()).report().dictionaries).url.clone();
        edit(&site, "C3d4E5f6");
        let packed = table(&site, &keeping());
        assert_eq!(only(&packed.report().dictionaries).url, second);
        assert_eq!(packed.report().diagnostics, []);
    }
}

#[test]
fn the_dictionary_of_another_site_is_not_used() {
    let site = alike(&[]);
    edit(&site, "A1b2C3d4");
    let old = only(&emit(&site, &keeping()).report().dictionaries).url.clone();
    let before = fs::read(index(&site)).unwrap();
    fs::write(site.project().join("wrangler.jsonc"), r#"{ "name": "other" }"#).unwrap();
    edit(&site, "B2c3D4e5");
    let emitted = emit(&site, &keeping());
    assert_ne!(only(&emitted.report().dictionaries).url, old);
    assert_eq!(fs::read(index(&site)).unwrap(), before);
}

#[test]
fn a_second_language_has_a_dictionary_of_its_own_and_the_first_one_stays() {
    let site = alike(&[]);
    edit(&site, "A1b2C3d4");
    let first = only(&emit(&site, &keeping()).report().dictionaries).url.clone();
    edit(&site, "B2c3D4e5");
    for n in 0..5 {
        site.write(&format!("de/{n}/index.html"), page(2, "lang=de", 20 + n));
    }
    let emitted = emit(&site, &keeping());
    let all = origins(&emitted.report().dictionaries);
    let [(DictionaryOrigin::ThisBuild, german), (DictionaryOrigin::EarlierBuild, english)] =
        &all[..]
    else {
        panic!("two dictionaries: {all:?}")
    };
    assert_eq!(*english, first);
    assert!(german.starts_with("/de/_worker-pack/"), "{german}");
    // Both stay.
    edit(&site, "C3d4E5f6");
    for n in 0..5 {
        site.write(
            &format!("de/{n}/index.html"),
            page(2, "lang=de", 20 + n).replace("</nav>", "!</nav>"),
        );
    }
    let packed = table(&site, &keeping());
    let mut urls = origins(&packed.report().dictionaries);
    urls.sort_by(|a, b| a.1.cmp(&b.1));
    let expected = [english, german].map(|url| (DictionaryOrigin::EarlierBuild, url.clone()));
    assert_eq!(urls, expected);
}

#[test]
fn a_replaced_dictionary_stays_within_the_bounds() {
    let after = |change: &dyn Fn(&mut KeepBounds)| {
        let site = alike(&[]);
        let options = keeping_within(change);
        let [first, second] = editions();
        write(&site, 1, &first);
        emit(&site, &options);
        write(&site, 1, &second);
        emit(&site, &options).report().dictionaries.len()
    };
    assert_eq!(after(&|_| {}), 2);
    assert_eq!(after(&|bounds| bounds.builds = 0), 1);
    assert_eq!(after(&|bounds| bounds.max_bytes = ByteSize::b(100)), 1);
}

#[test]
fn a_worker_at_a_limit_of_the_platform_leaves_dictionaries_of_earlier_builds_out() {
    let site = alike(&[]);
    let pack = |limits: &Limits| {
        let worker = WorkerOptions {
            limits: limits.clone(),
            budget: Some(ByteSize::mb(9)),
            ..WorkerOptions::default()
        };
        let target = WorkerTarget { out: site.out(), engine: Engine::stand_in(), options: worker };
        site.packing(keeping()).target(Target::Worker(target)).emit()
    };
    let usual = Limits::default();
    let [first, second] = editions();
    write(&site, 1, &first);
    pack(&usual).unwrap();
    write(&site, 1, &second);
    let both = pack(&usual).unwrap();
    assert_eq!(both.report().dictionaries.len(), 2);
    let size = both.report().worker.as_ref().unwrap().weight.size as u64;
    let less = pack(&Limits { size: ByteSize::b(size - 2_000), ..usual.clone() }).unwrap();
    assert_eq!(only(&less.report().dictionaries).origin, DictionaryOrigin::ThisBuild);
    let codes: Vec<_> = less.report().diagnostics.iter().map(|one| one.code.name()).collect();
    assert!(codes.contains(&"keep/over-limit"), "{codes:?}");
    // The store still has it, for a Worker with more room.
    assert_eq!(pack(&usual).unwrap().report().dictionaries.len(), 2);
}

#[test]
fn dictionaries_that_were_off_for_a_build_are_those_that_visitors_have() {
    let site = alike(&[]);
    edit(&site, "A1b2C3d4");
    let first = only(&emit(&site, &keeping()).report().dictionaries).url.clone();
    edit(&site, "B2c3D4e5");
    let off = Options { dictionaries: Dictionaries::Off, ..keeping() };
    assert_eq!(emit(&site, &off).report().dictionaries, []);
    edit(&site, "C3d4E5f6");
    assert_eq!(only(&table(&site, &keeping()).report().dictionaries).url, first);
}

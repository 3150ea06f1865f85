//! Which pages share a dictionary.

use super::pages::{dictionaries, entry, options, page};
use crate::support::site::Site;

/// Returns the patterns of the dictionaries of a site, sorted.
fn patterns(site: &Site) -> Vec<String> {
    let packed = site.pack_with(options());
    let values = dictionaries(packed.table()).into_iter();
    let pattern = |value: &str| value.split('"').nth(1).unwrap().to_owned();
    values.map(|entry| pattern(entry.use_as_dictionary.as_ref().unwrap())).collect()
}

#[test]
fn a_folder_in_a_language_of_its_own_has_a_dictionary_of_its_own() {
    let site = Site::new::<&str>(&[]);
    for n in 0..5 {
        site.write(&format!("{n}.html"), page(1, "", n));
        site.write(&format!("de/{n}.html"), page(2, "lang=de", 10 + n));
    }
    let packed = site.pack_with(options());
    let all = dictionaries(packed.table());
    let routes: Vec<&str> = all.iter().map(|entry| entry.route.as_str()).collect();
    assert_eq!(routes.len(), 2, "{routes:?}");
    assert!(routes[0].starts_with("/_worker-pack/dictionary."), "{routes:?}");
    assert!(routes[1].starts_with("/de/_worker-pack/dictionary."), "{routes:?}");
    assert_eq!(
        all[1].use_as_dictionary.as_deref(),
        Some("match=\"/de/*\", match-dest=(\"document\" \"\")")
    );
    for (page, dictionary) in [("/1.html", all[0]), ("/de/1.html", all[1])] {
        let page = entry(&packed, page);
        assert!(page.link.as_ref().unwrap().contains(dictionary.route.as_str()));
        for variant in &page.variants {
            assert_eq!(variant.dictionary, Some(dictionary.identity.hash()));
        }
    }
}

#[test]
fn a_folder_in_the_language_of_the_site_shares_its_dictionary() {
    let site = Site::new::<&str>(&[]);
    for n in 0..5 {
        site.write(&format!("{n}.html"), page(1, "", n));
        site.write(&format!("blog/{n}.html"), page(1, "", 10 + n));
        site.write(&format!("en/{n}.html"), page(1, "", 20 + n));
    }
    assert_eq!(patterns(&site), ["/*"]);
}

#[test]
fn a_folder_with_few_pages_shares_the_dictionary_of_the_site() {
    let site = Site::new::<&str>(&[]);
    for n in 0..5 {
        site.write(&format!("{n}.html"), page(1, "", n));
    }
    site.write("de/index.html", page(1, "lang=de", 10));
    assert_eq!(patterns(&site), ["/*"]);
}

#[test]
fn folders_are_tried_if_no_page_suits_the_whole_site() {
    let site = Site::new::<&str>(&[]);
    for section in ["a", "b", "c", "d", "e"] {
        for n in 0..5 {
            let layout = u32::from(section.as_bytes()[0]);
            site.write(&format!("{section}/{n}.html"), page(layout, "", layout * 10 + n));
        }
    }
    site.write("index.html", page(7, "", 7));
    assert_eq!(patterns(&site), ["/a/*", "/b/*", "/c/*", "/d/*", "/e/*"]);
}

#[test]
fn a_site_within_a_folder_has_its_dictionary_there() {
    let site = Site::new::<&str>(&[]);
    for n in 0..5 {
        site.write(&format!("docs/{n}.html"), page(1, "", n));
    }
    assert_eq!(patterns(&site), ["/docs/*"]);
    let packed = site.pack_with(options());
    let route = dictionaries(packed.table())[0].route.as_str();
    assert!(route.starts_with("/docs/_worker-pack/dictionary."), "{route}");
}

#[test]
fn a_folder_whose_name_would_be_a_pattern_is_no_scope() {
    let site = Site::new::<&str>(&[]);
    for n in 0..5 {
        site.write(&format!("a*(b)/{n}.html"), page(1, "", n));
    }
    assert_eq!(patterns(&site), ["/*"]);
}

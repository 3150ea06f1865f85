//! The choice of a dictionary by what it costs and saves, and the report on it.

use worker_pack::options::{Budget, Dictionaries};
use worker_pack::report::Code;
use worker_pack::{Options, PackError};

use super::pages::{alike, dictionaries, entry, options, page, page_of, words};
use crate::support::site::{Site, workers};

#[test]
fn a_site_whose_pages_are_unlike_has_no_dictionary() {
    let site = Site::new::<&str>(&[]);
    for n in 1..=6 {
        site.write(&format!("{n}.html"), format!("<title>{n}</title>{}", words(n, 300)));
    }
    let packed = site.pack_with(options());
    assert!(dictionaries(packed.table()).is_empty());
    assert!(packed.table().entries().iter().all(|entry| entry.link.is_none()));
    let codes: Vec<Code> = packed.report().diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::DictionaryDoesNotPay]);
}

#[test]
fn a_site_of_three_pages_has_no_dictionary() {
    let site = Site::new::<&str>(&[]);
    for n in 0..3 {
        site.write(&format!("{n}.html"), page(1, "", n));
    }
    let packed = site.pack_with(options());
    assert!(dictionaries(packed.table()).is_empty());
    let [note] = &packed.report().diagnostics[..] else { panic!("one note") };
    assert_eq!(note.code, Code::DictionaryDoesNotPay);
    assert!(note.message.contains("3 pages could have one"), "{note}");
}

#[test]
fn a_small_page_is_preferred_to_a_large_one_that_saves_as_much() {
    let site = alike(&[]);
    let large = page(1, "", 50).replace("</main>", &words(77, 5_000));
    site.write("0-large.html", large);
    let packed = site.pack_with(options());
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    assert_ne!(page_of(&packed, dictionary), "0-large.html");
}

#[test]
fn a_page_that_would_save_little_has_no_body_for_the_dictionary() {
    let site = alike(&[]);
    site.write("other.html", format!("<title>other</title>{}", words(88, 300)));
    let packed = site.pack_with(options());
    assert_eq!(dictionaries(packed.table()).len(), 1);
    let other = entry(&packed, "/other.html");
    assert!(other.variants.is_empty());
    // It announces the dictionary, which is for the other pages of the visit.
    assert!(other.link.is_some());
    for entry in packed.table().entries() {
        for variant in &entry.variants {
            assert!(variant.body.len() + 100 <= entry.preferred().len(), "{}", entry.route);
        }
    }
}

#[test]
fn a_site_with_more_pages_than_are_tried_has_a_dictionary_for_all_of_them() {
    let site = Site::new::<&str>(&[]);
    for n in 0..90 {
        site.write(&format!("{n}.html"), page(1, "", n));
    }
    let packed = site.pack_with(options());
    assert_eq!(dictionaries(packed.table()).len(), 1);
    let pages = packed.table().entries().iter().filter(|entry| !entry.variants.is_empty());
    assert_eq!(pages.count(), 90);
}

#[test]
fn the_report_tells_what_a_dictionary_costs_and_saves() {
    let packed = alike(&[]).pack_with(options());
    let [dictionary] = dictionaries(packed.table())[..] else { panic!("one dictionary") };
    let [report] = &packed.report().dictionaries[..] else { panic!("one dictionary") };
    assert_eq!(report.url, dictionary.route.as_str());
    assert_eq!(page_of(&packed, dictionary), report.file);
    assert_eq!(report.bytes, dictionary.preferred().len());
    assert_eq!((report.announced, report.pages), (6, 6));
    let pages = packed.table().entries().iter().filter(|entry| !entry.variants.is_empty());
    let (without, with) = pages.fold((0, 0), |(without, with), entry| {
        (without + entry.preferred().len(), with + entry.variants[0].body.len())
    });
    assert_eq!((report.without, report.with), (without, with));
    assert_eq!(report.pays_after, 2);
}

#[test]
fn no_dictionary_shares_no_bytes_with_its_page_in_an_output() {
    let site = alike(&[]);
    let bodies = |options| site.pack_with(options).table().bodies().len();
    // The copy of a page has the bodies of the page, so that only those with a dictionary are new.
    assert_eq!(bodies(options()), bodies(workers()) + 6);
}

#[test]
fn budgets_count_dictionaries() {
    let site = alike(&[]);
    let budget: Budget = "10 B file=/_worker-pack/*".parse().unwrap();
    let emit = |options: Options| {
        site.emit(Options { budgets: vec![budget.clone()], ..options }).map(|_| ())
    };
    let over = emit(options());
    assert!(matches!(over, Err(PackError::OverBudget { exceeded: 1, .. })), "{over:?}");
    assert!(emit(workers()).is_ok());
}

#[test]
fn only_the_option_for_pages_makes_dictionaries_for_pages() {
    let site = alike(&[]);
    for (choice, count) in [
        (Dictionaries::Off, 0),
        (Dictionaries::Deltas, 0),
        (Dictionaries::Pages, 1),
        (Dictionaries::On, 1),
    ] {
        let packed = site.pack_with(Options { dictionaries: choice, ..workers() });
        assert_eq!(packed.report().dictionaries.len(), count, "{choice}");
    }
}

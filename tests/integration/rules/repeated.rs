//! Lines that a file of rules repeats, as Astro's adapter makes them.

use worker_pack::report::Severity;

use crate::support::site::{Site, workers};

/// Packs a site with a file of rules. Returns the severity and the message of each diagnostic.
fn diagnostics(file: &str, text: &str) -> Vec<(Severity, String)> {
    let site = Site::new(&[("index.html", ""), (file, text)]);
    let packed = site.pack_with(workers());
    let found = packed.report().diagnostics.iter().filter(|found| found.file == file);
    found.map(|found| (found.severity, found.message.clone())).collect()
}

#[test]
fn a_redirect_that_is_repeated_word_for_word_is_a_note() {
    let twice = "/old  /new  301\n/old/ /new 301\n/other /new\n/old /new 301\n";
    let expected = "`/old` is already redirected like this in line 1".to_owned();
    assert_eq!(diagnostics("_redirects", twice), [(Severity::Note, expected)]);
}

#[test]
fn a_second_redirect_elsewhere_is_a_warning_that_names_the_first() {
    for second in ["/newer 301", "/new 302"] {
        let found = diagnostics("_redirects", &format!("/old /new 301\n/old {second}\n"));
        let expected = "`/old` is redirected again: only the redirect in line 1 applies, to `/new` \
            with 301";
        assert_eq!(found, [(Severity::Warning, expected.to_owned())]);
    }
}

#[test]
fn the_adapters_rule_for_hashed_files_in_front_of_the_sites_own_is_a_note() {
    let of_adapter = "/_astro/*\n  Cache-Control: public, max-age=31536000, immutable\n\n";
    let rule = of_adapter.to_owned() + "/_astro/*\n  X-Robots-Tag: noindex\n";
    let expected = "`/_astro/*` has a rule above too, which says nothing else".to_owned();
    assert_eq!(diagnostics("_headers", &rule), [(Severity::Note, expected)]);
}

#[test]
fn a_header_rule_whose_fields_are_lost_to_a_later_one_is_a_warning_that_names_them() {
    let rules = "/a/*\n  Cache-Control: no-store\n  X-A: 1\n  X-B: 2\n/a/*\n  X-B: 2\n";
    let expected = "`/a/*` has a rule above, whose headers are ignored: cache-control, x-a";
    assert_eq!(diagnostics("_headers", rules), [(Severity::Warning, expected.to_owned())]);
}

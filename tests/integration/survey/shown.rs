//! Code that people read: samples that a page fetches or links to.

use worker_pack::Options;
use worker_pack::report::{Outcome, UntouchedReason};

use super::report;
use crate::support::site::Site;

const SAMPLE: &str = "// A sample.\nconst  greeting  =  'hello' ;\nconsole.log( greeting );\n";

#[test]
fn code_that_a_script_fetches_or_a_page_links_to_stays_as_it_is() {
    for (name, text) in [
        ("index.html", "<script type=module>await fetch('/examples/hello.js')</script>"),
        ("app.js", "const show = (name) => fetch(`/examples/${name}.js`);"),
        ("app.js", "fetch(base + 'x'); fetch('examples/' + name);"),
        ("app.js", "request.open('GET', '../examples/hello.js');"),
        ("index.html", "<a href=\"examples/hello.js\">the source</a>"),
        ("index.html", "<a href='https://site.example/examples/hello.js#L2'>the source</a>"),
        ("index.html", "<object data=/examples/hello.js></object>"),
        ("index.html", "<iframe src=/examples/hello.js></iframe>"),
        ("index.html", "<pre data-src=examples/hello.js></pre>"),
    ] {
        let site = Site::new(&[
            (name, text),
            ("page.html", "<script src=/main.js></script><a href=/feed.xml>news</a>"),
            ("examples/hello.js", SAMPLE),
            ("main.js", SAMPLE),
            ("feed.xml", "<rss>\n  <channel/>\n</rss>\n"),
        ]);
        let packed = site.pack();
        let sample = report(&packed, "examples/hello.js");
        let expected = Outcome::Untouched(UntouchedReason::ReadAsText);
        assert_eq!(
            (sample.transform, sample.named_by.as_deref()),
            (expected, Some(name)),
            "{text}"
        );
        for file in ["main.js", "feed.xml"] {
            assert_eq!(report(&packed, file).transform, Outcome::Minified, "{file}: {text}");
        }
    }
}

#[test]
fn fetched_files_are_code_if_a_rule_says_so() {
    let rule = "/examples/* content-type=text/javascript".parse().unwrap();
    let options = Options { rule: vec![rule], ..Options::default() };
    let page = "<script type=module>await fetch('/examples/hello.txt')</script>";
    let site = Site::new(&[("index.html", page), ("examples/hello.txt", SAMPLE)]);
    let packed = site.pack_with(options);
    let sample = report(&packed, "examples/hello.txt");
    assert_eq!(sample.transform, Outcome::Untouched(UntouchedReason::ReadAsText));
}

//! Hashes in texts that change while the site is watched.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sha2::Digest;
use worker_pack::options::Effort;
use worker_pack::{Changes, Options, Report};

use crate::support::site::Site;

#[test]
fn a_live_pack_equals_a_fresh_one_when_a_hash_comes_or_goes() {
    let script = "add( 1 , 2 );\n";
    let changed = "add( 3 , 4 );\n";
    let hex = |text: &str| super::hex(sha2::Sha256::digest(text));
    let site = Site::new(&[("app.js", script), ("sums.txt", ""), ("page.html", "<p>a\n")]);
    let options = || Options { effort: Some(Effort::Fast), ..Options::default() };
    let mut live = site.packing(options()).live().unwrap();
    live.emit(&Changes::Anything).unwrap();
    let steps: [&[(&str, String)]; 10] = [
        &[("sums.txt", hex(script))],
        &[("page.html", "<p>b\n".to_owned())],
        &[("app.js", changed.to_owned())],
        &[("sums.txt", hex(changed))],
        &[("app.js", script.to_owned()), ("sums.txt", hex(script))],
        &[("page.html", format!("<script>{changed}</script>"))],
        &[("sums.txt", hex(changed))],
        &[("sums.txt", String::new())],
        &[("page.html", "<script>fetch('/app.js')</script>".to_owned())],
        &[("page.html", "<a href=app.js>the source</a>".to_owned())],
    ];
    for (number, step) in steps.into_iter().enumerate() {
        let dist = site.dist().canonicalize().unwrap();
        let mut files = BTreeSet::<PathBuf>::new();
        for (name, bytes) in step {
            site.write(name, bytes);
            files.insert(dist.join(name));
        }
        let packed = live.emit(&Changes::Files(files)).unwrap();
        let fresh = site.pack_with(options());
        let report = |report: &Report| serde_json::to_value(report).unwrap();
        assert_eq!(report(packed.report()), report(fresh.report()), "step {number}");
        let expected = fresh.table().to_memory().unwrap();
        assert!(packed.table().unwrap().bytes() == expected.bytes(), "step {number}");
    }
}

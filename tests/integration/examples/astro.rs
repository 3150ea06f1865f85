//! The committed build of the example blog.

use crate::support::xtask::run;

#[test]
fn the_committed_build_is_up_to_date() {
    let expected = "files of the blog are what Astro builds";
    let (_, stderr) = run(&["blog", "--check"]);
    assert!(stderr.contains(expected), "{stderr}");
    // Without a difference the task updates nothing.
    let (_, stderr) = run(&["blog"]);
    assert!(stderr.contains(expected) && !stderr.contains("updated"), "{stderr}");
}

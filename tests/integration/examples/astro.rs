//! The example blog is what the real Astro builds from its sources.

use crate::support::xtask::run;

#[test]
fn the_committed_build_is_what_astro_builds_today() {
    let expected = "files of the blog are what Astro builds";
    let (_, said) = run(&["blog", "--check"]);
    assert!(said.contains(expected), "{said}");
    // Without a difference, the task that updates the build changes nothing.
    let (_, said) = run(&["blog"]);
    assert!(said.contains(expected) && !said.contains("updated"), "{said}");
}

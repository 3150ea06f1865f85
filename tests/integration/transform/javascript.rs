//! Scripts and modules.

use crate::support::site::{Site, text};

#[test]
fn scripts_are_minified_as_their_pages_load_them() {
    let script = "function helper(first) { return first + 1 }\nvar total = helper(1);\n";
    let site = Site::new(&[
        (
            "docs/index.html",
            "<script src='../classic.js'></script><script type=module src=/module.js></script>",
        ),
        ("classic.js", script),
        ("module.js", script),
        ("both.js", script),
        ("unknown.js", script),
        ("named.mjs", script),
        ("a.html", "<script src=both.js></script><link rel=modulepreload href=/both.js>"),
    ]);
    let image = site.pack().table().to_memory().unwrap();
    let table = image.table();
    for keeps_globals in ["/classic.js", "/both.js", "/unknown.js"] {
        let text = text(&table, keeps_globals);
        assert!(text.contains("helper") && text.contains("total"), "{keeps_globals}: {text}");
        assert!(!text.contains("first"), "{keeps_globals}: {text}");
    }
    for module in ["/module.js", "/named.mjs"] {
        assert!(!text(&table, module).contains("total"), "{module}");
    }
}

#[test]
fn a_module_on_another_host_does_not_affect_a_local_script() {
    let page = "<script type=module src='https://cdn.example/npm/widget.js'></script>";
    let site = Site::new(&[("index.html", page), ("widget.js", "var Widget  =  1 ;")]);
    assert_eq!(site.packed_text("/widget.js"), "var Widget=1;");
}

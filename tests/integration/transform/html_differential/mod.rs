//! Pages in any state, before and after packing, as a complete parser sees them.
//!
//! `WORKER_PACK_HTML_CASES` sets how many pages are made, and `WORKER_PACK_HTML_FIRST` the number of
//! the first one.

mod browser;
mod generator;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;

use browser::View;
use worker_pack::Options;
use worker_pack::options::{EarlyHints, MinifiedLanguage};
use worker_pack::report::{Outcome, UntouchedReason};
use worker_pack_runtime::{Method, Request, Table};

use crate::support::site::{Site, blog, files_below, text};

/// Number of pages of a run in the test suite.
const CASES: u64 = 2000;

/// Pages of a site.
const BATCH: u64 = 1000;

/// Files beside each page that loads them. As a module, each loses its name.
const FILES: [&str; 3] = ["a.js", "b.js", "m.js"];

/// The content of these files.
const FILE: &str = "const kept_name = 1 ;\nwindow.x = [ kept_name , kept_name ] ;\n";

/// Code that was minified: its start tag without brackets, then its text before and after.
type Code = BTreeSet<(String, String, String)>;

/// The numbers of pages by their outcome.
#[derive(Debug, Default)]
struct Tally {
    minified: usize,
    untouched: BTreeMap<UntouchedReason, usize>,
    early_links: usize,
    checked_files: usize,
}

#[test]
fn packed_pages_are_the_same_page_to_a_browser() {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("WORKER_PACK_HTML_CASES").unwrap_or(CASES);
    let first = number("WORKER_PACK_HTML_FIRST").unwrap_or_default();
    let examples = examples();
    let (mut tally, mut code) = (Tally::default(), Code::new());
    for start in (first..first + cases).step_by(usize::try_from(BATCH).unwrap()) {
        let numbers = start..(start + BATCH).min(first + cases);
        let pages = numbers.map(|seed| (seed, generator::page(seed, &examples))).collect();
        check(&pages, &mut tally, &mut code);
    }
    check_code(&code);
    let pages = usize::try_from(cases).unwrap();
    assert!(tally.minified * 3 > pages, "too few pages are minified: {tally:?}");
    if cases > CASES {
        // For those who ask for more than the test suite does.
        eprintln!("{cases} pages: {tally:?}, {} pieces of code", code.len());
    }
}

#[test]
fn code_stays_where_elements_break_out_of_foreign_content() {
    let script = "<script>\n<!--\nvar a = 1 ;\n//-->\n</script><p>rest";
    compare_pages(&[
        &format!("<svg><svg><div>{script}"),
        &format!("<math><math><font color=red>{script}"),
        &format!("<svg><desc><svg><svg></p>{script}"),
        &format!("<svg><foreignObject><math></svg><div>{script}"),
        &format!("<math><annotation-xml encoding='text&#47;html'><svg><svg><br>{script}"),
        &format!("<svg><svg><div><![CDATA[ > <!-- a remark here --> ]]>{script}"),
        &format!("<select><svg></select>{script}"),
    ]);
}

#[test]
fn comments_stay_where_the_text_around_them_would_become_something_else() {
    compare_pages(&[
        "<pre><!-- a remark here -->\n\nx</pre>",
        "<p>a <<!-- a remark here -->b>",
        "<p>&am<!-- a remark here -->p;",
        "<p>\r<!-- a remark here -->\n",
        "<table> <!-- a remark here -->x</table>",
        "<noscript><!-- </noscript><script> /* --> */ f( 1 ) </script>",
    ]);
}

#[test]
fn white_space_stays_where_a_head_has_ended_early() {
    compare_pages(&[
        "text <head> <title>t</title>",
        "<html>&nbsp;<head> <title>t</title> </head>",
        "<head> <noscript><img></noscript> <title>t</title> x",
        "<head> <noscript>text</noscript> <title>t</title> x",
    ]);
}

#[test]
fn early_hints_are_only_links_that_a_browser_sees() {
    let link = "<link rel=preload as=style href=h.css>";
    compare_pages(&[
        &format!("<template>{link}</template>"),
        &format!("<svg><svg><g>{link}"),
        &format!("<svg><title></svg>{link}</title>"),
        &format!("<math><mi></math><svg>{link}"),
    ]);
}

#[test]
fn no_page_hides_how_it_loads_a_file() {
    let checked = "<script src=b.js integrity=x></script>";
    let module = "<script src=a.js type=module></script>";
    compare_pages(&[
        &format!("<select><style></select>{checked}</style>{checked}"),
        &format!("<frameset><style></frameset>{checked}"),
        &format!("<noscript>{checked}</noscript>"),
        &format!("{checked}<base href='/base/'>"),
        &format!("<base href='/base/'><iframe srcdoc='<base href=/4/>{checked}'></iframe>"),
        "<svg><image xlink:href=b.js integrity=x /></svg>",
        &format!("<svg><script xlink:href=a.js /></svg>{module}"),
        &format!("<script src=a.js type=text/javascript1.5></script>{module}"),
    ]);
}

/// Packs pages, and checks that each is the same page to a browser.
fn compare_pages(pages: &[&str]) {
    let pages = (0..).zip(pages.iter().map(|page| (*page).to_owned())).collect();
    let mut code = Code::new();
    check(&pages, &mut Tally::default(), &mut code);
    check_code(&code);
}

/// Pages of the example blog, which are as pages should be.
fn examples() -> Vec<String> {
    let mut files = files_below(&blog());
    files.retain(|file| file.extension().is_some_and(|extension| extension == "html"));
    files.sort();
    files.iter().map(|file| fs::read_to_string(blog().join(file)).unwrap()).collect()
}

/// Returns the name of a page. It is in a folder of its own if it loads files.
fn name(number: u64, page: &str) -> String {
    let loads = FILES.iter().any(|file| page.contains(file));
    if loads { format!("{number}/index.html") } else { format!("{number}.html") }
}

/// Packs pages, and compares each with what it was.
fn check(pages: &BTreeMap<u64, String>, tally: &mut Tally, code: &mut Code) {
    let mut files: Vec<(String, &str)> = Vec::new();
    for (number, page) in pages {
        files.push((name(*number, page), page));
        let loaded = FILES.iter().filter(|file| page.contains(**file));
        files.extend(loaded.map(|file| (format!("{number}/{file}"), FILE)));
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, file)| (name.as_str(), *file)).collect();
    let site = Site::new(&files);
    let packed = site.pack_with(options());
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    for file in &packed.report().files {
        let is_page = file.content_type.starts_with("text/html");
        match file.transform {
            Outcome::Untouched(UntouchedReason::IntegrityChecked) => tally.checked_files += 1,
            Outcome::Untouched(reason) if is_page => {
                *tally.untouched.entry(reason).or_default() += 1;
            }
            Outcome::Minified if is_page => tally.minified += 1,
            _ => {}
        }
    }
    for (number, page) in pages {
        let path = format!("/{}", name(*number, page));
        let after = text(&table, &path);
        for scripting in [true, false] {
            let before_view = View::new(page, &path, scripting);
            compare(&before_view, &View::new(&after, &path, scripting), page, &after, code);
            check_loads(&before_view, &table, page);
        }
        let request = path.trim_end_matches("index.html").trim_end_matches(".html");
        let reply = table.respond(&Request::new(Method::Get, request)).unwrap();
        let view = View::new(page, &path, true);
        for link in reply.headers().get("Link").into_iter().flat_map(|link| link.split(", ")) {
            let url = &link[1..link.find('>').unwrap()];
            let found = view.early.iter().any(|path| path.ends_with(url.trim_start_matches("../")));
            assert!(found, "{number}: {url} is no link of {page:?}");
            tally.early_links += 1;
        }
    }
}

fn options() -> Options {
    Options {
        encodings: BTreeSet::new(),
        early_hints: EarlyHints::On,
        minify: [
            MinifiedLanguage::Html,
            MinifiedLanguage::Css,
            MinifiedLanguage::JavaScript,
            MinifiedLanguage::Json,
        ]
        .into(),
        ..Options::default()
    }
}

/// Compares the trees of a page, and collects code that has changed.
fn compare(before: &View, after: &View, page: &str, packed: &str, code: &mut Code) {
    if let Some(at) = before.tree.iter().zip(&after.tree).position(|(one, other)| one != other) {
        panic!(
            "{:?}\nbecame {:?}\nin {page:?}\npacked {packed:?}",
            before.tree[at], after.tree[at]
        );
    }
    assert_eq!(before.tree.len(), after.tree.len(), "{page:?}\npacked {packed:?}");
    assert_eq!(before.code.len(), after.code.len(), "{page:?}\npacked {packed:?}");
    for ((tag, before), (_, after)) in before.code.iter().zip(&after.code) {
        if before != after {
            code.insert((tag.clone(), before.clone(), after.clone()));
        }
    }
}

/// Checks that files which a browser loads in some way are minified for that.
fn check_loads(view: &View, table: &Table<'_>, page: &str) {
    for path in view.checked.iter().filter(|path| table.asset(path).is_some()) {
        assert_eq!(text(table, path), FILE, "{path} is loaded with a hash by {page:?}");
    }
    for path in view.classic.iter().filter(|path| table.asset(path).is_some()) {
        assert!(text(table, path).contains("kept_name"), "{path} is a classic script of {page:?}");
    }
}

/// Checks that code in odd pages was minified to the same as in a page of its own.
fn check_code(code: &Code) {
    if code.is_empty() {
        return;
    }
    // Without end tags, which could be within a comment of a script. The parser has made one
    // character of each line break, but the source may have had two.
    let page = |tag: &str, code: &str, line_break: &str| {
        format!("<body><{tag}>{}", code.replace('\n', line_break))
    };
    let mut pages: Vec<(String, String)> = Vec::new();
    for (number, (tag, before, _)) in code.iter().enumerate() {
        pages.push((format!("{number}/lf.html"), page(tag, before, "\n")));
        pages.push((format!("{number}/crlf.html"), page(tag, before, "\r\n")));
    }
    let site = Site::new(&pages.iter().map(|(n, p)| (n.as_str(), p)).collect::<Vec<_>>());
    let packed = site.pack_with(options());
    let image = packed.table().to_memory().unwrap();
    for (number, (tag, before, after)) in code.iter().enumerate() {
        let found =
            ["lf", "crlf"].map(|name| text(&image.table(), &format!("/{number}/{name}.html")));
        let expected = page(tag, after, "\n");
        let found = found.map(|page| page.replace("\r\n", "\n"));
        assert!(found.contains(&expected), "{before:?} in {tag}: {expected:?} is not in {found:?}");
    }
}

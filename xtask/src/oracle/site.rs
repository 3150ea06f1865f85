//! Generated sites: files, `_headers` and `_redirects`.

use std::path::PathBuf;

use anyhow::Result;
use fastrand::Rng;

use crate::files::{self, Files};
use crate::sites::project::Project;

/// A site: its files and the lines of its rules.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) pages: Vec<String>,
    /// The files of a site that is not generated. `pages` are their paths.
    given: Files,
    pub(super) redirects: Vec<String>,
    /// Rules with their header lines.
    pub(super) headers: Vec<String>,
}

const SEGMENTS: [&str; 14] = [
    "a",
    "b",
    "docs",
    "index",
    "404",
    "About",
    "x.y",
    "ü",
    "a b",
    "c+d",
    "e@f",
    "[g]",
    "h,i;j=k",
    "~l!m'n(o)*",
];

const ENDINGS: [&str; 9] =
    [".html", ".html", ".html", "/index.html", "/index.html", ".txt", ".js", ".css", ""];

impl Site {
    /// Reads the build of the example blog, whose files contain its rules.
    pub(super) fn blog() -> Result<Self> {
        let dist = Project::example("blog").dist();
        let given = files::read(&dist, &[])?;
        let pages = given.keys().map(|path| format!("/{}", path.display())).collect();
        Ok(Self { pages, given, redirects: Vec::new(), headers: Vec::new() })
    }

    /// Generates a site.
    pub(super) fn random(random: &mut Rng) -> Self {
        let mut pages: Vec<String> = vec!["/index.html".to_owned()];
        for _ in 0..8 + random.usize(..20) {
            let mut path = String::new();
            for _ in 0..=random.usize(..3) {
                path.push('/');
                path.push_str(pick(random, &SEGMENTS));
            }
            path.push_str(pick(random, &ENDINGS));
            pages.push(path);
        }
        if random.usize(..2) == 0 {
            pages.push("/404.html".to_owned());
        }
        // A file cannot have the name of a folder.
        pages.sort();
        pages.dedup();
        let all = pages.clone();
        pages.retain(|page| {
            let folder = format!("{page}/");
            !all.iter().any(|other| other.starts_with(&folder))
        });
        let redirects = (0..random.usize(..14)).map(|_| redirect(random, &pages)).collect();
        let headers = (0..random.usize(..8)).map(|_| header(random, &pages)).collect();
        Self { pages, given: Files::new(), redirects, headers }
    }

    /// Checks whether the site is not generated.
    pub(super) fn is_given(&self) -> bool {
        !self.given.is_empty()
    }

    /// Returns all files, including those of the rules.
    pub(super) fn files(&self) -> Files {
        let mut files = self.given.clone();
        if self.given.is_empty() {
            files.extend(self.pages.iter().map(|page| {
                // Some pages have the same bytes, and Cloudflare stores them once.
                let text = format!("<title>{}</title>", page.len() % 7);
                (PathBuf::from(page.trim_start_matches('/')), text.into_bytes())
            }));
        }
        for (name, rules) in [("_redirects", &self.redirects), ("_headers", &self.headers)] {
            if !rules.is_empty() {
                files.insert(name.into(), (rules.join("\n") + "\n").into_bytes());
            }
        }
        files
    }
}

/// Returns the path of a page or of its folder in the form that rules have.
fn path(random: &mut Rng, pages: &[String]) -> String {
    let page = &pages[random.usize(..pages.len())];
    let page = match random.usize(..3) {
        0 => page.as_str(),
        1 => page.trim_end_matches(".html").trim_end_matches("index"),
        _ => page.rsplit_once('/').map_or("/", |(folder, _)| folder),
    };
    let page = if page.is_empty() { "/" } else { page };
    page.replace(' ', "%20")
}

/// Returns one of some values.
pub(super) fn pick<'v, T: ?Sized>(random: &mut Rng, values: &[&'v T]) -> &'v T {
    values[random.usize(..values.len())]
}

fn redirect(random: &mut Rng, pages: &[String]) -> String {
    let own = |random: &mut Rng| path(random, pages);
    let old = format!("/old{}", random.usize(..6));
    let to = match random.usize(..6) {
        0 => "https://example.com/x?y=z#w".to_owned(),
        1 => format!("{}?q=1", own(random)),
        2 => format!("{}#part", own(random)),
        _ => own(random),
    };
    let status = pick(random, &["", " 301", " 302", " 303", " 307", " 308", " 200", " 418"]);
    match random.usize(..8) {
        0 => format!("{old}/* /docs/:splat{status}"),
        1 => format!("{old}/:one/:two /:two/:one{status}"),
        2 => format!("{old}/* /:splat{status}"),
        3 => format!("/ü{old} {to}{status}"),
        4 => format!("{old}/:x https://example.com/:x{status}"),
        5 => format!("{old} {to}{status} # a remark"),
        6 => format!("{} {to}{status}", own(random)),
        _ => format!("{old} {to}{status}"),
    }
}

fn header(random: &mut Rng, pages: &[String]) -> String {
    let pattern = match random.usize(..5) {
        0 => "/*".to_owned(),
        1 => "/docs/*".to_owned(),
        2 => "/:page".to_owned(),
        3 => "/old0".to_owned(),
        _ => path(random, pages),
    };
    let fields = [
        "X-One: first",
        "X-One: second",
        "X-Two: :splat",
        "X-Two: :page.",
        "! X-One",
        "! ETag",
        "Cache-Control: public, max-age=60",
        "Content-Type: text/plain",
        "Link: </a.css>; rel=preload; as=style",
    ];
    let mut text = pattern;
    for _ in 0..=random.usize(..3) {
        text.push_str("\n  ");
        text.push_str(pick(random, &fields));
    }
    text
}

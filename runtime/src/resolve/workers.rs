//! `html_handling` of Workers Static Assets: four ways to give pages URLs.
//!
//! What a spelling of a path comes to is a list of steps, of which the first that is possible counts.
//! A page is redirected to only if no file has that name and the redirect leads to that very page.

use super::resolution::Resolution;
use crate::behaviour::HtmlHandling;
use crate::rows::Asset;
use crate::table::Table;

/// Something to try for a path. Files and paths are endings, put behind the path's stem.
enum Step {
    /// Answers with a file.
    Serve(&'static str),
    /// Redirects to the path that a file is served at.
    Redirect { file: &'static str, to: &'static str },
}

use Step::{Redirect, Serve};

pub(super) fn resolve<'a>(table: &Table<'a>, path: &str, handling: HtmlHandling) -> Resolution<'a> {
    let try_all = |stem: &str, steps: &[Step]| {
        steps.iter().find_map(|step| match *step {
            Serve(file) => table.asset(&[stem, file].concat()).map(Resolution::Asset),
            Redirect { file, to } => {
                let to = [stem, to].concat();
                let file = table.asset(&[stem, file].concat())?;
                let leads_there = table.asset(&to).is_none()
                    && served(table, &to, handling).is_some_and(|found| same(&found, &file));
                leads_there.then_some(Resolution::Redirect(to))
            }
        })
    };
    let (stem, steps) = by_ending(path, handling);
    let found = try_all(stem, steps).or_else(|| try_all(path, otherwise(handling)));
    found.unwrap_or(Resolution::Nothing)
}

/// Returns what is served at a path itself.
fn served<'a>(table: &Table<'a>, path: &str, handling: HtmlHandling) -> Option<Asset<'a>> {
    let serve = |stem: &str, steps: &[Step]| {
        steps.iter().find_map(|step| match *step {
            Serve(file) => table.asset(&[stem, file].concat()),
            Redirect { .. } => None,
        })
    };
    let (stem, steps) = by_ending(path, handling);
    serve(stem, steps).or_else(|| serve(path, otherwise(handling)))
}

/// Cloudflare tells files apart by their validators.
fn same(one: &Asset<'_>, other: &Asset<'_>) -> bool {
    one.identity().etag() == other.identity().etag()
}

/// Returns what is tried first for a path with an ending that pages have, with the path's stem.
fn by_ending(path: &str, handling: HtmlHandling) -> (&str, &'static [Step]) {
    let endings = match handling {
        HtmlHandling::AutoTrailingSlash => AUTO,
        HtmlHandling::ForceTrailingSlash => FORCE,
        HtmlHandling::DropTrailingSlash if matches!(path, "/" | "/index" | "/index.html") => ROOT,
        HtmlHandling::DropTrailingSlash => DROP,
        HtmlHandling::None => return (path, &[]),
    };
    let stem = |(ending, steps)| Some((path.strip_suffix(ending)?, steps));
    endings.into_iter().find_map(stem).unwrap_or((path, &[]))
}

/// Returns what is tried then, with the whole path.
const fn otherwise(handling: HtmlHandling) -> &'static [Step] {
    match handling {
        HtmlHandling::AutoTrailingSlash => {
            &[Serve(""), Serve(".html"), Redirect { file: "/index.html", to: "/" }]
        }
        HtmlHandling::ForceTrailingSlash => &[
            Serve(""),
            Redirect { file: ".html", to: "/" },
            Redirect { file: "/index.html", to: "/" },
        ],
        HtmlHandling::DropTrailingSlash => &[Serve(""), Serve(".html"), Serve("/index.html")],
        HtmlHandling::None => &[Serve("")],
    }
}

/// What is tried for each ending, the longest first where one is part of another.
type Endings = [(&'static str, &'static [Step]); 4];

const AUTO: Endings = [
    (
        "/index",
        &[
            Serve("/index"),
            Redirect { file: "/index.html", to: "/" },
            Redirect { file: ".html", to: "" },
        ],
    ),
    (
        "/index.html",
        &[Redirect { file: "/index.html", to: "/" }, Redirect { file: ".html", to: "" }],
    ),
    ("/", &[Serve("/index.html"), Redirect { file: ".html", to: "" }]),
    (".html", &[Redirect { file: ".html", to: "" }, Redirect { file: "/index.html", to: "/" }]),
];

const FORCE: Endings = [
    (
        "/index",
        &[
            Serve("/index"),
            Redirect { file: "/index.html", to: "/" },
            Redirect { file: ".html", to: "/" },
        ],
    ),
    (
        "/index.html",
        &[Redirect { file: "/index.html", to: "/" }, Redirect { file: ".html", to: "/" }],
    ),
    ("/", &[Serve("/index.html"), Serve(".html")]),
    (
        ".html",
        &[
            Redirect { file: ".html", to: "/" },
            Serve(".html"),
            Redirect { file: "/index.html", to: "/" },
        ],
    ),
];

const DROP: Endings = [
    (
        "/index",
        &[
            Serve("/index"),
            Redirect { file: ".html", to: "" },
            Redirect { file: "/index.html", to: "" },
        ],
    ),
    (
        "/index.html",
        &[
            Redirect { file: "/index.html", to: "" },
            Serve("/index.html"),
            Redirect { file: ".html", to: "" },
        ],
    ),
    ("/", &[Redirect { file: ".html", to: "" }, Redirect { file: "/index.html", to: "" }]),
    (".html", &[Redirect { file: ".html", to: "" }, Redirect { file: "/index.html", to: "" }]),
];

/// The home page keeps its slash.
const ROOT: Endings = [
    ("/index", &[Serve("/index"), Redirect { file: "/index.html", to: "/" }]),
    ("/index.html", &[Redirect { file: "/index.html", to: "/" }]),
    ("/", &[Serve("/index.html")]),
    (".html", &[]),
];

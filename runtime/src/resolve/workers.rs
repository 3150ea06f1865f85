//! The URLs of pages on Workers Static Assets, for each `html_handling`.
//!
//! Each ending of a path has a list of steps, and the first possible step counts. A redirect to a page
//! is possible if no file has the name of its destination, and the destination serves that very page.

use super::resolution::Resolution;
use crate::behaviour::HtmlHandling;
use crate::rows::Asset;
use crate::table::Table;

/// A step to try for a path. The strings are endings to append to the path's stem.
enum Step {
    /// Serves a file.
    Serve(&'static str),
    /// Redirects to the path at which a file is served.
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
                    && served(table, &to, handling).is_some_and(|served| is_same(&served, &file));
                leads_there.then_some(Resolution::Redirect(to))
            }
        })
    };
    let (stem, steps) = by_ending(path, handling);
    let resolution = try_all(stem, steps).or_else(|| try_all(path, otherwise(handling)));
    resolution.unwrap_or(Resolution::Nothing)
}

/// Returns the file that is served at a path without a redirect.
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

/// Returns whether two files are the same for Cloudflare, which compares their validators.
fn is_same(one: &Asset<'_>, other: &Asset<'_>) -> bool {
    one.identity().etag() == other.identity().etag()
}

/// Returns the first steps for a path with an ending of pages, and the path's stem.
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

/// Returns the next steps, for the whole path as the stem.
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

/// The steps for each ending. An ending precedes the shorter ones that it contains.
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

//! The maps of all files: by folder, and by type.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use worker_pack::report::{FileReport, SiteWeight};

use super::data::media_type;
use super::text::{Bytes, Html};
use super::treemap::{Area, divide};
use crate::cli::print::summary::Size;

/// Number of rectangles of a map. More would be too small to see.
const CELLS: usize = 250;

/// The name of the group of small files that belong to no other one.
const OTHERS: &str = "the rest";

/// The width of a map by its height, on a wide screen.
const RATIO: f64 = 2.4;

/// The section with the maps, and the style that places their rectangles.
pub(super) struct Maps {
    pub(super) html: String,
    pub(super) css: String,
}

/// A rectangle.
struct Cell<'f> {
    area: Area,
    kind: Kind,
    /// The name that is shown in it.
    name: &'f str,
    /// The whole description.
    label: String,
}

/// A group of media types, which share a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Html,
    Css,
    Script,
    Image,
    Font,
    Media,
    Other,
}

impl Kind {
    const ALL: [Self; 7] =
        [Self::Html, Self::Css, Self::Script, Self::Image, Self::Font, Self::Media, Self::Other];

    fn of(media_type: &str) -> Self {
        match media_type.split_once('/') {
            Some(("text", "html") | ("application", "xhtml+xml")) => Self::Html,
            Some(("text", "css")) => Self::Css,
            Some((_, "javascript" | "wasm")) => Self::Script,
            Some(("image", _)) => Self::Image,
            Some(("font", _)) => Self::Font,
            Some(("audio" | "video", _)) => Self::Media,
            _ => Self::Other,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Html => "t-html",
            Self::Css => "t-css",
            Self::Script => "t-js",
            Self::Image => "t-image",
            Self::Font => "t-font",
            Self::Media => "t-media",
            Self::Other => "t-other",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Html => "pages",
            Self::Css => "style sheets",
            Self::Script => "scripts and WebAssembly",
            Self::Image => "images",
            Self::Font => "fonts",
            Self::Media => "audio and video",
            Self::Other => "other files",
        }
    }
}

/// Draws the maps.
pub(super) fn maps(site: &SiteWeight) -> Maps {
    let files = &site.report.files;
    let mut maps = Maps { html: String::new(), css: String::new() };
    let total = Size(files.iter().map(|file| file.sent).sum());
    let _ = write!(
        maps.html,
        "<section><h2 id=\"map\">Where the bytes are</h2>\
         <p>All {} files as sent, {total} in all. The table of files below has the same figures. \
         In a map, arrow keys go from file to file.</p>",
        files.len()
    );
    legend(&mut maps.html, files);
    maps.html.push_str("<p id=\"tip\" class=\"url\" aria-hidden=\"true\"></p>");
    let folder = |file: &FileReport| {
        let inner = file.route.trim_start_matches('/');
        inner.split_once('/').map_or("/".to_owned(), |(folder, _)| format!("/{folder}/"))
    };
    map(&mut maps, "By folder", "folders", files, folder);
    map(&mut maps, "By type", "types", files, media_type);
    maps.html.push_str("</section>\n");
    maps
}

fn legend(html: &mut String, files: &[FileReport]) {
    html.push_str("<ul class=\"legend\">");
    for kind in Kind::ALL {
        let own = files.iter().filter(|file| Kind::of(&media_type(file)) == kind);
        let sent: usize = own.map(|file| file.sent).sum();
        if sent > 0 {
            let (class, name) = (kind.class(), kind.name());
            let _ = write!(html, "<li><i class=\"{class}\"></i>{name}: {}</li>", Size(sent));
        }
    }
    html.push_str("</ul>");
}

fn map(
    maps: &mut Maps,
    title: &str,
    id: &str,
    files: &[FileReport],
    group: impl Fn(&FileReport) -> String,
) {
    let _ = write!(
        maps.html,
        "<h3>{title}</h3><ul class=\"map\" id=\"map-{id}\" aria-label=\"{title}\">"
    );
    for (cell, index) in cells(files, group).iter().zip(1..) {
        let Cell { area, kind, name, label } = cell;
        let Area { x, y, width, height } = area;
        let _ = write!(
            maps.css,
            "#map-{id} li:nth-child({index}){{left:{x:.2}%;top:{y:.2}%;width:{width:.2}%;height:{height:.2}%}}"
        );
        // A small rectangle has no room for a name, which its label has.
        let shown = if *width > 4.0 && *height > 5.0 { name } else { "" };
        let _ = write!(
            maps.html,
            "<li><span class=\"cell {}\" tabindex=\"0\" role=\"img\" aria-label=\"{}\">{}</span></li>",
            kind.class(),
            Html(label),
            Html(shown)
        );
    }
    maps.html.push_str("</ul>");
}

fn cells(files: &[FileReport], group: impl Fn(&FileReport) -> String) -> Vec<Cell<'_>> {
    let mut groups: BTreeMap<String, Vec<&FileReport>> = BTreeMap::new();
    let mut sorted: Vec<&FileReport> = files.iter().filter(|file| file.sent > 0).collect();
    sorted.sort_by_key(|file| (std::cmp::Reverse(file.sent), &file.route));
    let small = sorted.split_off(sorted.len().min(CELLS));
    for file in sorted {
        groups.entry(group(file)).or_default().push(file);
    }
    let mut others: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for file in small {
        // A group that has no rectangle of its own gets none for its small files either.
        let own = Some(group(file)).filter(|name| groups.contains_key(name));
        let name = own.unwrap_or_else(|| OTHERS.to_owned());
        let (count, sent) = others.entry(name).or_default();
        *count += 1;
        *sent += file.sent;
    }
    if others.contains_key(OTHERS) {
        groups.entry(OTHERS.to_owned()).or_default();
    }
    let sum = |name: &String, files: &[&FileReport]| {
        let others = others.get(name).map_or(0, |(_, sent)| *sent);
        files.iter().map(|file| file.sent).sum::<usize>() + others
    };
    let mut all: Vec<(String, Vec<&FileReport>, usize)> = groups
        .into_iter()
        .map(|(name, files)| {
            let sum = sum(&name, &files);
            (name, files, sum)
        })
        .collect();
    all.sort_by(|a, b| (b.2, &a.0).cmp(&(a.2, &b.0)));
    let whole = Area { x: 0.0, y: 0.0, width: 100.0, height: 100.0 };
    let sizes: Vec<usize> = all.iter().map(|(.., sum)| *sum).collect();
    let mut cells = Vec::new();
    for (area, (name, files, _)) in divide(whole, &sizes, RATIO).into_iter().zip(&all) {
        let mut sizes: Vec<usize> = files.iter().map(|file| file.sent).collect();
        let other = others.get(name);
        sizes.extend(other.map(|(_, sent)| *sent));
        let areas = divide(area, &sizes, RATIO);
        for (area, file) in areas.iter().zip(files) {
            let kind = media_type(file);
            cells.push(Cell {
                area: *area,
                kind: Kind::of(&kind),
                name: file
                    .route
                    .rsplit('/')
                    .next()
                    .filter(|it| *it != "index.html")
                    .unwrap_or(&file.url),
                label: format!("{}: {} bytes, {kind}", file.url, Bytes(file.sent)),
            });
        }
        if let (Some((count, sent)), Some(area)) = (other, areas.last()) {
            let label = format!("{count} smaller files in {name}: {} bytes", Bytes(*sent));
            cells.push(Cell { area: *area, kind: Kind::Other, name: "smaller files", label });
        }
    }
    cells
}

//! The report as one page of HTML, which needs no network and works from a file.
//!
//! Everything is in the markup, so that the page can be read and printed without JavaScript. The script adds
//! sorting, searching and paging to the tables, and arrow keys to the maps. A policy in the page allows this
//! style and this script only, by their hashes.

mod data;
mod map;
mod sections;
mod text;
mod treemap;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use worker_pack::report::{SiteWeight, WeightReport};

use text::json_in_script;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The weight of the Worker, as far as it is known.
pub(crate) enum WorkerPart {
    /// No Worker is built.
    Missing,
    /// It is built.
    Weighed(Box<WeightReport>),
    /// It cannot be weighed, for this reason.
    Unknown(String),
}

/// Renders the page. The same report gives the same bytes.
pub(crate) fn page(site: &SiteWeight, worker: &WorkerPart) -> String {
    let mut out = String::new();
    let maps = map::maps(site);
    let style_text = [STYLE, &maps.css].concat();
    let (style, script) = (hash(&style_text), hash(SCRIPT));
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>Weight of the site · worker-pack</title>\n<style>{style_text}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
    );
    let sections = [
        sections::answers(site, worker),
        sections::budgets(site),
        sections::pages(site),
        maps.html,
        sections::files(site),
        sections::changes(site),
        sections::worker(worker),
    ];
    for section in sections {
        out.push_str(&section);
    }
    for (id, rows) in [("page-rows", data::pages(site)), ("file-rows", data::files(site))] {
        let rows = json_in_script(&data::compact(&rows));
        let _ = writeln!(out, "<script type=\"application/json\" id=\"{id}\">{rows}</script>");
    }
    let _ = write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

/// Returns the hash of inline code, as a content security policy names it (CSP 3 §2.3.1).
fn hash(code: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(code.as_bytes())))
}

//! The answers at the top of the page, and the budgets.

use std::fmt::Write as _;

use worker_pack::report::SiteWeight;

use super::table::{CLOSE, open};
use crate::cli::print::page::WorkerPart;
use crate::cli::print::page::text::{Bytes, Html};
use crate::cli::print::summary::Size;

/// The answers: what a visit costs, and what the figures are.
pub(in crate::cli::print::page) fn answers(site: &SiteWeight, worker: &WorkerPart) -> String {
    let mut html = String::from("<header><h1>Weight of the site</h1>");
    html.push_str(
        "<p class=\"note\">Bodies as sent to a browser that accepts Brotli, in bytes: Brotli where it is \
         smaller, and else the file as it is. Header fields are not counted, about 300 bytes for each \
         request. kB and MB are powers of 1000.</p>",
    );
    html.push_str(
        "<nav aria-label=\"Sections\"><ul><li><a href=\"#budgets\">Budgets</a></li>\
         <li><a href=\"#pages\">Pages</a></li><li><a href=\"#map\">Map</a></li>\
         <li><a href=\"#files\">Files</a></li><li><a href=\"#changes\">Changes</a></li>\
         <li><a href=\"#worker\">Worker</a></li></ul></nav></header>\n<main id=\"main\">\n<dl class=\"answers\">",
    );
    let named = |url: &Option<String>| url.as_ref().and_then(|url| site.page(url));
    if let Some(page) = named(&site.entry) {
        let unit = requests(page.first.requests);
        let name = if page.url == "/" { "First visit of the home page" } else { "First visit" };
        answer(&mut html, name, page.first.bytes, &format!("{unit}, {}", page.url));
    }
    if let Some(page) = named(&site.median) {
        let unit = requests(page.first.requests);
        answer(
            &mut html,
            "First visit of the median page",
            page.first.bytes,
            &format!("{unit}, {}", page.url),
        );
    }
    if let Some(page) = named(&site.second) {
        let unit = requests(page.second.requests);
        answer(
            &mut html,
            "The median second page",
            page.second.bytes,
            &format!("{unit}, {}", page.url),
        );
    }
    let totals = &site.report.totals;
    let files = format!("{} files, {} as built", totals.files, Size(totals.source));
    answer(&mut html, "All files as sent", totals.sent, &files);
    if let WorkerPart::Weighed(weight) = worker {
        let start = format!("starts in about {} ms", weight.weight.startup);
        answer(&mut html, "The whole Worker", weight.weight.size, &start);
    }
    html.push_str("</dl>\n");
    html
}

fn answer(html: &mut String, name: &str, bytes: usize, note: &str) {
    let _ = write!(
        html,
        "<div><dt>{name}</dt><dd class=\"big\">{}</dd><dd class=\"note\">{} bytes</dd><dd class=\"note url\">{}</dd></div>",
        Size(bytes),
        Bytes(bytes),
        Html(note)
    );
}

pub(super) fn requests(count: usize) -> String {
    format!("{count} {}", if count == 1 { "request" } else { "requests" })
}

/// The budgets.
pub(in crate::cli::print::page) fn budgets(site: &SiteWeight) -> String {
    let mut html = String::from("<section><h2 id=\"budgets\">Budgets</h2>");
    if site.budgets.is_empty() {
        html.push_str(
            "<p>None. A <code>[[budget]]</code> in <code>worker-pack.toml</code> bounds the site, its pages or \
             some of its files, and a build above it fails.</p></section>\n",
        );
        return html;
    }
    let exceeded = site.budgets.iter().filter(|budget| budget.is_exceeded()).count();
    let answer = match exceeded {
        0 => "All budgets are kept.".to_owned(),
        some => format!("Exceeded: {some} of {}.", site.budgets.len()),
    };
    let _ = write!(html, "<p>{answer}</p>");
    let heads = [
        ("Budget", ""),
        ("State", ""),
        ("Size", "n"),
        ("Limit", "n"),
        ("Before", "n"),
        ("Largest files", ""),
    ];
    open(&mut html, "budget-table", "Size and limit of each budget, in bytes", &heads);
    for budget in &site.budgets {
        let state = match (budget.is_exceeded(), budget.matched) {
            (true, _) => format!("<span class=\"over\">over by {}</span>", Bytes(budget.excess())),
            (false, 0) => "matches nothing".to_owned(),
            (false, _) => "<span class=\"kept\">kept</span>".to_owned(),
        };
        let page = budget
            .page
            .as_ref()
            .map(|page| format!("<br><span class=\"url\">{}</span>", Html(page)));
        let culprits: Vec<String> = budget
            .culprits
            .iter()
            .map(|one| {
                let before = one.before.filter(|before| *before != one.size);
                let before =
                    before.map(|before| format!(", was {}", Bytes(before))).unwrap_or_default();
                format!("<span class=\"url\">{}</span> {}{before}", Html(&one.url), Bytes(one.size))
            })
            .collect();
        let before = budget.before.map_or("–".to_owned(), |before| Bytes(before).to_string());
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}{}</th><td>{state}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{before}</td><td>{}</td></tr>",
            Html(&budget.name),
            page.unwrap_or_default(),
            Bytes(budget.size),
            Bytes(budget.limit),
            culprits.join("<br>")
        );
    }
    html.push_str(CLOSE);
    html
}

//! The pages with what they load, and the files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use worker_pack::report::{HEIGHT, LoadTime, PageWeight, SiteWeight, WIDTH};

use super::answers::requests;
use super::table::{open, table};
use crate::cli::print::page::data;
use crate::cli::print::page::text::{Bytes, Html};

/// Number of pages whose files are listed: the heaviest.
const LISTED: usize = 12;

/// The pages, and what the heaviest load.
pub(in crate::cli::print::page) fn pages(site: &SiteWeight) -> String {
    let entry = site.entry.as_deref().unwrap_or("/");
    let mut html = format!(
        "<section><h2 id=\"pages\">Pages</h2><p>A first visit has an empty cache. A second page is visited after \
         <span class=\"url\">{}</span>: what is fresh is not requested again, and what is stale is answered \
         without a body. The window has {WIDTH} × {HEIGHT} pixels. Later is what comes into view, or what a \
         style, a player or an icon may need. What scripts fetch when they run is not known.</p>",
        Html(entry)
    );
    let heads = [
        ("Page", "url"),
        ("First visit", "n"),
        ("Requests", "n"),
        ("As second page", "n"),
        ("Requests", "n"),
        ("Later", "n"),
    ];
    let rows = data::pages(site);
    table(&mut html, "pages", "Weight of each page, in bytes", &heads, &rows);
    let mut heaviest: Vec<&PageWeight> = site.pages.iter().collect();
    heaviest.sort_by_key(|page| (std::cmp::Reverse(page.first.bytes), &page.url));
    heaviest.truncate(LISTED);
    let named = [&site.entry, &site.median].into_iter().flatten().filter_map(|url| site.page(url));
    let mut listed: Vec<&PageWeight> = named.collect();
    listed.extend(heaviest);
    let mut seen = BTreeSet::new();
    listed.retain(|page| seen.insert(&page.url));
    if !listed.is_empty() {
        html.push_str("<h3>What they load</h3>");
    }
    for page in listed {
        loads(&mut html, page);
    }
    html.push_str("</section>\n");
    html
}

fn loads(html: &mut String, page: &PageWeight) {
    let _ = write!(
        html,
        "<details><summary><span class=\"url\">{}</span>: {} bytes in {}</summary>",
        Html(&page.url),
        Bytes(page.first.bytes),
        requests(page.first.requests)
    );
    let heads = [
        ("File", ""),
        ("Loaded", ""),
        ("As", ""),
        ("Bytes", "n"),
        ("Coding", ""),
        ("At the next visit", ""),
    ];
    let caption = format!("Files that {} loads", page.url);
    open(html, "", &caption, &heads);
    let mut sorted: Vec<_> = page.loads.iter().collect();
    sorted.sort_by_key(|load| load.time);
    for load in sorted {
        let time = match load.time {
            LoadTime::First => "with the page",
            LoadTime::Tab => "for the tab",
            LoadTime::Later => "later",
            LoadTime::Perhaps => "if needed",
        };
        let _ = write!(
            html,
            "<tr><th scope=\"row\" class=\"url\">{}</th><td>{time}</td><td>{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>",
            Html(&load.url),
            load.kind,
            Bytes(load.bytes),
            Html(&load.coding),
            data::freshness(load.freshness)
        );
    }
    html.push_str("</tbody></table></div>");
    for (urls, words) in [
        (&page.elsewhere, "Not weighed, since other hosts or the server answer"),
        (&page.missing, "Missing"),
    ] {
        if !urls.is_empty() {
            let urls: Vec<String> = urls.iter().map(|url| Html(url).to_string()).collect();
            let _ = write!(html, "<p class=\"note url\">{words}: {}</p>", urls.join(", "));
        }
    }
    html.push_str("</details>");
}

/// The files.
pub(in crate::cli::print::page) fn files(site: &SiteWeight) -> String {
    let mut html = String::from(
        "<section><h2 id=\"files\">Files</h2><p>The size of each file as built, minified, and in each content \
         coding that saves enough. “Sent” is what a browser gets. A variant is for browsers that accept its type, or \
         that have its dictionary (<code>dcb</code>).</p>",
    );
    let heads = [
        ("File", "url"),
        ("Type", ""),
        ("Built", "n"),
        ("Minified", "n"),
        ("Brotli", "n"),
        ("gzip", "n"),
        ("Sent", "n"),
        ("Smallest variant", "n"),
        ("Variant", ""),
        ("Minifying", ""),
        ("Cache-Control", ""),
    ];
    table(&mut html, "files", "Files of the site, in bytes", &heads, &data::files(site));
    html.push_str("</section>\n");
    html
}

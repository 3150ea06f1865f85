//! The sections of the page, in the order in which they are read.

use std::fmt::Write as _;

use serde_json::Value;
use worker_pack::report::{
    Change, HEIGHT, LoadTime, PageWeight, RouteChange, Sent, SiteWeight, WIDTH,
};

use super::WorkerPart;
use super::data;
use super::text::{Bytes, Html};
use crate::cli::print::summary::Size;

/// Number of rows of a table in the markup. The script shows the others.
const ROWS: usize = 100;

/// Number of pages whose files are listed: the heaviest.
const LISTED: usize = 12;

/// Number of changed files that are listed.
const CHANGES: usize = 50;

/// Number of parts of the Worker that are listed.
const PARTS: usize = 15;

/// The answers: what a visit costs, and what the figures are.
pub(super) fn answers(site: &SiteWeight, worker: &WorkerPart) -> String {
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
        answer(
            &mut html,
            "First visit of the home page",
            page.first.bytes,
            &format!("{unit}, {}", page.url),
        );
    }
    if let Some(page) = named(&site.median) {
        let unit = requests(page.first.requests);
        answer(
            &mut html,
            "First visit of the median page",
            page.first.bytes,
            &format!("{unit}, {}", page.url),
        );
        let unit = requests(page.second.requests);
        answer(
            &mut html,
            "The same as the second page",
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

fn requests(count: usize) -> String {
    format!("{count} {}", if count == 1 { "request" } else { "requests" })
}

/// The budgets.
pub(super) fn budgets(site: &SiteWeight) -> String {
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
        some => format!("{some} of {} are exceeded.", site.budgets.len()),
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
    html.push_str("</tbody></table></div></section>\n");
    html
}

/// The pages, and what the heaviest load.
pub(super) fn pages(site: &SiteWeight) -> String {
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
    let mut seen = std::collections::BTreeSet::new();
    listed.retain(|page| seen.insert(&page.url));
    if !listed.is_empty() {
        html.push_str("<h3>What they load</h3>");
    }
    listed.into_iter().for_each(|page| loads(&mut html, page));
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
pub(super) fn files(site: &SiteWeight) -> String {
    let mut html = String::from(
        "<section><h2 id=\"files\">Files</h2><p>The size of each file as built, minified, and in each content \
         coding that saves enough. “Sent” is what a browser gets.</p>",
    );
    let heads = [
        ("File", "url"),
        ("Type", ""),
        ("Built", "n"),
        ("Minified", "n"),
        ("Brotli", "n"),
        ("gzip", "n"),
        ("Sent", "n"),
        ("Minifying", ""),
        ("Cache-Control", ""),
    ];
    table(&mut html, "files", "Files of the site, in bytes", &heads, &data::files(site));
    html.push_str("</section>\n");
    html
}

/// Writes a table that the script sorts, searches and pages.
fn table(html: &mut String, name: &str, caption: &str, heads: &[(&str, &str)], rows: &Value) {
    let id = format!("{name}-table");
    let all = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let _ = write!(
        html,
        "<div class=\"tools\" hidden data-table=\"{id}\" data-rows=\"{}-rows\"><label>Search <input type=\"search\"></label>\
         <button type=\"button\">Back</button><button type=\"button\">Next</button><span role=\"status\"></span></div>",
        name.trim_end_matches('s')
    );
    let shown = all.len().min(ROWS);
    let caption = match all.len() - shown {
        0 => caption.to_owned(),
        _ => format!("{caption}: the largest {shown} of {}", all.len()),
    };
    open(html, &id, &caption, heads);
    for row in &all[..shown] {
        html.push_str("<tr>");
        for (index, (value, (_, kind))) in
            row.as_array().into_iter().flatten().zip(heads).enumerate()
        {
            let text = match value {
                Value::Null => "–".to_owned(),
                Value::Number(number) => {
                    let number = number.as_u64().unwrap_or_default();
                    Bytes(usize::try_from(number).unwrap_or(usize::MAX)).to_string()
                }
                Value::String(text) => Html(text).to_string(),
                other => Html(&other.to_string()).to_string(),
            };
            let _ = match index {
                0 => write!(html, "<th scope=\"row\" class=\"{kind}\">{text}</th>"),
                _ if kind.is_empty() => write!(html, "<td>{text}</td>"),
                _ => write!(html, "<td class=\"{kind}\">{text}</td>"),
            };
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>");
}

/// Opens a table.
fn open(html: &mut String, id: &str, caption: &str, heads: &[(&str, &str)]) {
    let id = if id.is_empty() { String::new() } else { format!(" id=\"{id}\"") };
    let _ = write!(
        html,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table{id}><caption>{0}</caption><thead><tr>",
        Html(caption)
    );
    for (name, kind) in heads {
        let class = if *kind == "n" { " class=\"n\"" } else { "" };
        let _ = write!(html, "<th scope=\"col\"{class} data-kind=\"{kind}\">{name}</th>");
    }
    html.push_str("</tr></thead><tbody>\n");
}

/// What has changed since another build.
pub(super) fn changes(site: &SiteWeight) -> String {
    let mut html = String::from("<section><h2 id=\"changes\">Changes</h2>");
    let Some(change) = &site.change else {
        html.push_str(
            "<p>There is no earlier build to compare with. <code>worker-pack build</code> writes one, and \
             <code>--since</code> names another.</p></section>\n",
        );
        return html;
    };
    let source = Html(&change.old.source);
    if change.routes.is_empty() {
        let _ =
            write!(html, "<p>No file differs from those in <code>{source}</code>.</p></section>\n");
        return html;
    }
    let totals = &change.totals;
    let _ = write!(
        html,
        "<p>Since <code>{source}</code>: {} added, {} removed, {} renamed, {} changed. A visitor of the whole site \
         downloads {} again. All files were {} as sent, and are {}.</p>",
        totals.added,
        totals.removed,
        totals.renamed,
        totals.changed,
        Size(totals.downloaded),
        Size(change.old.bytes),
        Size(change.new.bytes)
    );
    let heads =
        [("File", ""), ("Change", ""), ("Before", "n"), ("After", "n"), ("Difference", "n")];
    let mut routes: Vec<&RouteChange> = change.routes.iter().collect();
    let bytes = |sent: &Option<Sent>| sent.as_ref().map_or(0, |sent| sent.bytes);
    let difference = |route: &RouteChange| bytes(&route.new).abs_diff(bytes(&route.old));
    routes.sort_by_key(|route| (std::cmp::Reverse(difference(route)), &route.url));
    let caption = match routes.len() {
        some if some > CHANGES => {
            format!("Changed files: those {CHANGES} of {some} that differ most")
        }
        _ => "Changed files, in bytes".to_owned(),
    };
    open(&mut html, "change-table", &caption, &heads);
    for route in routes.into_iter().take(CHANGES) {
        let (old, new) = (bytes(&route.old), bytes(&route.new));
        let sign = if new >= old { '+' } else { '−' };
        let before =
            if route.change == Change::Added { "–".to_owned() } else { Bytes(old).to_string() };
        let after =
            if route.change == Change::Removed { "–".to_owned() } else { Bytes(new).to_string() };
        let _ = write!(
            html,
            "<tr><th scope=\"row\" class=\"url\">{}</th><td>{}</td><td class=\"n\">{before}</td><td class=\"n\">{after}</td><td class=\"n\">{sign}{}</td></tr>\n",
            Html(&route.url),
            route.change,
            Bytes(difference(route))
        );
    }
    html.push_str("</tbody></table></div></section>\n");
    html
}

/// The weight of the Worker.
pub(super) fn worker(worker: &WorkerPart) -> String {
    let mut html = String::from("<section><h2 id=\"worker\">Worker</h2>");
    let weight = match worker {
        WorkerPart::Missing => {
            html.push_str(
                "<p>No Worker is built. <code>worker-pack build --target worker</code> writes one.</p></section>\n",
            );
            return html;
        }
        WorkerPart::Unknown(reason) => {
            let _ =
                write!(html, "<p>The Worker cannot be weighed: {}</p></section>\n", Html(reason));
            return html;
        }
        WorkerPart::Weighed(weight) => weight,
    };
    let own = &weight.weight;
    let _ = write!(
        html,
        "<p><code>{}</code>: {} modules of {} bytes, {} under gzip. It starts in about {} ms and takes about {} of \
         memory, by estimates from its modules.</p>",
        Html(&weight.subject),
        own.modules,
        Bytes(own.size),
        Size(own.gzip),
        own.startup,
        Size(own.memory)
    );
    open(
        &mut html,
        "part-table",
        "Largest parts of the Worker, in bytes",
        &[("Part", ""), ("Bytes", "n")],
    );
    for part in own.parts.iter().take(PARTS) {
        let _ = write!(
            html,
            "<tr><th scope=\"row\" class=\"url\">{}</th><td class=\"n\">{}</td></tr>\n",
            Html(&part.name),
            Bytes(part.size)
        );
    }
    html.push_str("</tbody></table></div></section>\n");
    html
}

//! The changes since another build.

use std::fmt::Write as _;

use worker_pack::report::{Change, RouteChange, Sent, SiteWeight};

use super::table::{CLOSE, open};
use crate::cli::print::page::text::{Bytes, Html};
use crate::cli::print::summary::Size;

/// Number of changed files that are listed.
const CHANGES: usize = 50;

/// The changes since another build.
pub(in crate::cli::print::page) fn changes(site: &SiteWeight) -> String {
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
            writeln!(html, "<p>No file differs from those in <code>{source}</code>.</p></section>");
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
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\" class=\"url\">{}</th><td>{}</td><td class=\"n\">{before}</td><td class=\"n\">{after}</td><td class=\"n\">{sign}{}</td></tr>",
            Html(&route.url),
            route.change,
            Bytes(difference(route))
        );
    }
    html.push_str(CLOSE);
    html
}

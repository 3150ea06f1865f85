//! Any request to any site: the reply is well-formed, stays within the site, and depends on the path
//! that the URL Standard reads.

use url::Url;
use worker_pack_runtime::behaviour::{Compat, Fidelity};
use worker_pack_runtime::request::RequestField;
use worker_pack_runtime::{Answer, Behaviour, Method, Reply, Table};

use crate::site::{Asked, ORIGIN, Site};

/// Runs all requests of a [site](crate::site).
pub(crate) fn respond(data: &[u8]) {
    let text = crate::text(data);
    let site = Site::read(&text);
    site.with_table(|table| {
        for asked in &site.requests {
            let url = [ORIGIN, asked.target].concat();
            let request = asked.request(&url);
            let replies = [table.not_found(&request), table.respond_to_server(&request)];
            for reply in replies.iter().chain(&table.respond(&request)) {
                check(&site, asked, reply);
            }
            if asked.method == Method::Get && asked.field(RequestField::Range).is_none() {
                check_head(table, asked, &url);
            }
            check_spelling(table, asked, &url);
        }
    });
}

/// Checks a reply by itself.
fn check(site: &Site<'_>, asked: &Asked<'_>, reply: &Reply<'_>) {
    let status = reply.status();
    let body = reply.body().bytes().expect("all bodies are in memory, and parts lie within them");
    assert_eq!(body.len(), reply.body().len());
    assert!((200..500).contains(&status), "{status}");
    if asked.method == Method::Head || [204, 304].contains(&status) {
        assert!(body.is_empty(), "{status} has a body");
    }
    for (name, value) in reply.headers().iter() {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        assert!(!name.is_empty() && name.bytes().all(is_token), "{name:?}");
        assert!(!value.contains(['\r', '\n', '\0']), "{name}: {value:?}");
    }
    if status == 206 {
        check_part(reply);
    }
    if let Some(location) = reply.headers().get("Location") {
        let sets_it = site.sets("location");
        let is_of_site = site.redirects.iter().all(|(_, to, _)| to.starts_with('/'));
        let Behaviour { compat, fidelity, .. } = site.behaviour;
        // Pages itself follows a path to another site, and the strict behaviour does the same.
        let may_leave = compat == Compat::Pages && fidelity == Fidelity::Strict;
        if is_of_site && !may_leave && !sets_it {
            let base = Url::parse(ORIGIN).expect("it is a URL");
            let to = base.join(location).expect("a location is a URL");
            assert_eq!(to.origin(), base.origin(), "{location:?} leaves the site");
        }
    }
}

/// Checks that a 206 is the part of the body that it says (RFC 9110 §14.4).
fn check_part(reply: &Reply<'_>) {
    let field = reply.headers().get("Content-Range").unwrap_or_default();
    let range = field.strip_prefix("bytes ").and_then(|field| field.split_once('/'));
    let Some(((first, last), len)) =
        range.and_then(|(range, len)| Some((range.split_once('-')?, len)))
    else {
        // A header rule may have changed the field.
        return;
    };
    let [first, last, len] =
        [first, last, len].map(|number| number.parse::<usize>().expect("it is a number"));
    assert!(first <= last && last < len, "{field}");
    let body = reply.body();
    if !body.is_empty() {
        assert_eq!(body.range(), first..last + 1);
    }
}

/// Checks that a `HEAD` is answered as a `GET`, without the body (RFC 9110 §9.3.2).
fn check_head(table: &Table<'_>, asked: &Asked<'_>, url: &str) {
    let get = asked.request(url);
    let head = worker_pack_runtime::Request { method: Method::Head, ..get };
    let answers = [table.respond(&get), table.respond(&head)];
    let [get, head] =
        answers.map(|reply| reply.map(|reply| (reply.status(), format!("{:?}", reply.headers()))));
    assert_eq!(get, head, "{url}");
}

/// Checks that a spelling of a URL is answered as the one that browsers send.
fn check_spelling(table: &Table<'_>, asked: &Asked<'_>, url: &str) {
    // The host script or the server of the host removes these before a request exists.
    let is_sent = |byte: u8| byte > b' ' && byte != 0x7f;
    let is_path = asked.target.starts_with(['/', '\\']) && crate::is_read_by_crate(asked.target);
    // The runtime leaves `'` in a query as it is, which is another spelling of the same.
    let query = asked.target.split_once('?').map_or("", |(_, query)| query);
    if query.contains('\'') || !is_path || !asked.target.bytes().all(is_sent) || url.len() > 4096 {
        return;
    }
    let Ok(mut normal) = Url::parse(url) else { return };
    normal.set_fragment(None);
    assert_eq!(normal.host_str(), Some("a.example"));
    assert_eq!(
        seen(table, asked, url),
        seen(table, asked, normal.as_str()),
        "{url:?} and {:?} are the same",
        normal.as_str()
    );
}

/// Returns everything that a client or the server can see of an answer.
fn seen(table: &Table<'_>, asked: &Asked<'_>, url: &str) -> String {
    let request = asked.request(url);
    let reply =
        |reply: Reply<'_>| format!("{} {:?} {:?}", reply.status(), reply.headers(), reply.body());
    match table.answer(&request) {
        Answer::Reply(answer) => reply(answer),
        Answer::Server { reason, path } => {
            assert_eq!(Url::parse(url).map(|url| url.path() == path), Ok(true), "{path:?}");
            let changes = table.header_changes(&request, 200);
            format!("{reason:?} {path} {changes:?} {}", reply(table.not_found(&request)))
        }
    }
}

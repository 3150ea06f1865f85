//! One path, decided once: whatever the spelling, the answer is that of the normalised path.

use url::Url;
use worker_pack::Options;
use worker_pack::options::{Compat, Fidelity};
use worker_pack_runtime::{Answer, Method, Reply, Request, Table};

use crate::support::spelling::{SECRET, protected_site, spellings};

/// The handlers of a server that is never asked.
const SERVER: &str = "export default { fetch() {} };";

/// Returns everything that a client or the server can see of an answer.
fn seen(table: &Table<'_>, url: &str) -> String {
    let request = Request::from_url(Method::Get, url);
    let reply = |reply: Reply<'_>| {
        let body = String::from_utf8_lossy(reply.body().bytes().unwrap_or_default()).into_owned();
        assert_ne!(body, SECRET, "{url}");
        let fields: Vec<_> =
            reply.headers().iter().map(|(name, value)| [name, value].concat()).collect();
        format!("{} {fields:?} {body}", reply.status())
    };
    match table.answer(&request) {
        Answer::Reply(answer) => reply(answer),
        Answer::Server { reason, path } => {
            let changes = table.header_changes(&request, 200);
            format!("{reason:?} {path} {changes:?} {}", reply(table.not_found(&request)))
        }
    }
}

/// The `url` crate normalises as the URL Standard says, and so as browsers and servers do.
#[test]
fn every_spelling_is_answered_as_the_normalised_path() {
    let site = protected_site(SERVER);
    let mut asked = 0;
    for (compat, fidelity) in [
        (Compat::Workers, Fidelity::Improved),
        (Compat::Pages, Fidelity::Improved),
        (Compat::Workers, Fidelity::Strict),
        (Compat::Pages, Fidelity::Strict),
    ] {
        let options = Options { compat: Some(compat), fidelity, ..Options::default() };
        let image = site.pack_with(options).table().to_memory().unwrap();
        let table = image.table();
        for path in ["/open/a.txt", "/admin/s.txt", "/api/x", "/go/a.txt", "/moved", "/shown", "/x"]
        {
            for spelling in spellings(path) {
                let url = format!("http://a.example{spelling}");
                let mut normal = Url::parse(&url).unwrap();
                normal.set_fragment(None);
                assert_eq!(
                    seen(&table, &url),
                    seen(&table, normal.as_str()),
                    "{compat} {spelling}"
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 50_000, "only {asked}");
}

/// The server gets the path by which the table has decided.
#[test]
fn the_server_gets_the_normalised_path() {
    let image = protected_site(SERVER).pack().table().to_memory().unwrap();
    let table = image.table();
    for spelling in spellings("/admin/s.txt") {
        let url = format!("http://a.example{spelling}");
        if let Answer::Server { path, .. } = table.answer(&Request::from_url(Method::Get, &url)) {
            assert_eq!(path, Url::parse(&url).unwrap().path(), "{spelling}");
        }
    }
}

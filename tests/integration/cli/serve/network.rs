//! The addresses that `worker-pack serve` listens on.

use std::net::TcpListener;

use crate::support::server::Server;
use crate::support::site::Site;

#[test]
fn a_server_that_is_open_to_the_network_says_so_and_prints_an_address_that_can_be_reached() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    for (host, warning, printed) in [
        ("127.0.0.1", None, "127.0.0.1:"),
        ("0.0.0.0", Some("listening on all addresses of this machine"), "127.0.0.1:"),
        ("::1", None, "[::1]:"),
        ("::", Some("listening on all addresses of this machine"), "[::1]:"),
    ] {
        if TcpListener::bind((host, 0)).is_err() {
            // This machine has no IPv6.
            continue;
        }
        let server = Server::start(&site.dist(), &["--host", host]);
        assert!(server.address().starts_with(printed), "{host}: {}", server.address());
        let opened = server.said().iter().find(|line| line.starts_with("open to the network: "));
        assert_eq!(opened.is_some(), warning.is_some(), "{host}: {:?}", server.said());
        assert!(opened.is_none_or(|line| line.contains(warning.unwrap())), "{opened:?}");
        assert_eq!(server.get("/").1, b"<h1>home</h1>", "{host}");
    }
}

//! Hosts that answer badly, or not at all: a sentence, and never a hang.

use std::net::TcpListener;

use super::host::{Asked, Host, Reply};
use super::{SITE, parts, probe_site, run};

/// Probes, and returns what is printed to standard error.
fn refused(url: &str, arguments: &[&str]) -> String {
    let manifest = ["--manifest", SITE.1.to_str().unwrap()];
    let arguments = [&["probe", url], &manifest[..], arguments].concat();
    let (code, stdout, stderr) = parts(&run(SITE.0.project(), &arguments));
    assert_eq!((code, &*stdout), (1, ""), "{stderr}");
    stderr
}

#[test]
fn a_host_that_is_not_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let said = refused(&url, &[]);
    assert!(said.contains(&url) && said.contains("refused; is it running?"), "{said}");
    let said = refused("http://no-such-host.invalid.test", &[]);
    assert!(said.contains("its name is not found"), "{said}");
}

#[test]
fn a_host_that_never_answers_is_left_after_the_time() {
    // Connections are accepted by the system, and nobody reads.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let said = refused(&url, &["--timeout", "200ms"]);
    assert!(said.contains("no complete answer within 0.2 s (`--timeout`)"), "{said}");
}

#[test]
fn bytes_that_are_not_http_are_told() {
    for garbage in
        ["SSH-2.0-OpenSSH\r\n", "hello", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\na b c\r\n\r\n"]
    {
        let host = Host::with(|_, reply| reply.raw = Some(garbage.into()));
        let said = refused(&host.url(), &["--timeout", "60s"]);
        assert!(
            said.contains("the answer is not HTTP") || said.contains("ended before"),
            "{garbage}: {said}"
        );
    }
    let host = Host::with(|_, reply| reply.raw = Some(Vec::new()));
    let said = refused(&host.url(), &["--timeout", "500ms"]);
    assert!(said.contains("within") || said.contains("ended before"), "{said}");
}

#[test]
fn a_host_that_leads_elsewhere_is_named() {
    let elsewhere = |to: &'static str| {
        Host::with(move |_, reply| {
            *reply = Reply::new(301, "");
            reply.set("Location", to);
        })
    };
    let said = refused(&elsewhere("https://www.example.com/").url(), &[]);
    assert!(said.contains("redirects to `https://www.example.com`; probe that"), "{said}");
    let said = refused(&elsewhere("https://team.cloudflareaccess.com/login").url(), &[]);
    assert!(said.contains("Cloudflare Access") && said.contains("`--header`"), "{said}");
    // A redirect within the host is a finding.
    let host = elsewhere("/login");
    let found = probe_site(&host, &[]);
    assert!(found.code == 1 && !found.findings().is_empty());
}

/// The bytes of an answer.
type Bytes = fn(&Asked) -> Vec<u8>;

/// Returns a host with one path that is answered by raw bytes.
fn raw(path: &'static str, bytes: Bytes) -> Host {
    Host::with(move |asked, reply| {
        if asked.path == path {
            reply.raw = Some(bytes(asked));
        }
    })
}

#[test]
fn incomplete_and_endless_bodies_are_findings_of_their_path() {
    let cases: [(Bytes, &str); 3] = [
        (
            |_| b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz".to_vec(),
            "the connection ended before the answer did",
        ),
        (
            |_| {
                let body = "a".repeat(200_000);
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into()
            },
            "is longer than",
        ),
        (
            |_| b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello".to_vec(),
            "not HTTP",
        ),
    ];
    for (bytes, part) in cases {
        let host = raw("/style.css", bytes);
        let found = probe_site(&host, &[]);
        let findings = found.findings();
        let [[class, check, path, message]] = findings[..] else { panic!("{part}: {findings:?}") };
        assert_eq!((class, check, path, found.code), ("error", "answer", "/style.css", 1));
        assert!(message.contains(part), "{message}");
        assert_eq!(found.report["deployment"]["unanswered"], 1);
    }
}

#[test]
fn a_run_ends_when_its_bounds_are_reached() {
    let host = Host::of_site();
    let found = probe_site(&host, &["--max-download", "1 B", "--concurrency", "1"]);
    assert_eq!(found.code, 1);
    let stopped = found.report["stopped"].as_str().unwrap();
    assert!(stopped.contains("`--max-download`"), "{stopped}");
    let found = probe_site(&host, &["--max-time", "0"]);
    assert!(found.report["stopped"].as_str().unwrap().contains("`--max-time`"));
    // A host that fails all the time is left alone.
    let host = Host::with(|asked, reply| {
        if asked.path != "/" || asked.field("range").is_some() {
            reply.raw = Some(b"?".to_vec());
        }
    });
    let found = probe_site(&host, &["--concurrency", "1"]);
    assert!(
        found.report["stopped"].as_str().is_some_and(|it| it.contains("in a row"))
            || found.code == 1
    );
}

//! A connection: the settings of hyper, and the service that answers the requests.

use std::convert::Infallible;

use http::header::CONNECTION;
use http::{HeaderValue, Method, Request};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};

use super::LiveTable;
use super::answer::answer;
use super::stream::{LimitedStream, Limits, Unread};
use crate::cli::terminal::Verbosity;

/// Answers the requests of a connection until it is closed.
pub(super) fn connection<S>(
    stream: S,
    table: LiveTable,
    limits: Limits,
    verbosity: Verbosity,
) -> impl GracefulConnection<Error = hyper::Error> + Send
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let unread = Unread::default();
    let stream = LimitedStream::new(stream, limits, unread.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        if request.body().is_end_stream() {
            unread.read_to_end();
        }
        let persistence = Persistence::of(&request);
        // No asset needs the body of a request, which is dropped unread.
        let answered = answer(table.load_full(), request.map(drop), verbosity);
        async move {
            let mut response = answered.await;
            if persistence == Persistence::Ends {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        // A client that has sent all its requests may close its side before it reads the answers.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
}

/// The fate of a connection after a request, as far as the request itself does not say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Persistence {
    Lasts,
    /// It ends, since the bytes after the head might be no request: they are a body, or meant for a
    /// tunnel (RFC 9112 §9.3).
    Ends,
}

impl Persistence {
    fn of(request: &Request<Incoming>) -> Self {
        let is_last = !request.body().is_end_stream() || request.method() == Method::CONNECT;
        if is_last { Self::Ends } else { Self::Lasts }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use arc_swap::ArcSwap;
    use worker_pack::Pack;
    use worker_pack::cache::CacheLocation;

    use super::*;

    /// A limit that has passed at once.
    const SHORT: Duration = Duration::from_millis(1);

    /// A limit that no test reaches.
    const LONG: Duration = Duration::from_hours(1);

    const UNLIMITED: Limits =
        Limits { head: LONG, stall: LONG, linger: LONG, linger_bytes: usize::MAX };

    /// The size of a file that no buffer of a connection holds.
    const LARGE: usize = 8 << 20;

    /// Serves a client that has sent its bytes before, until the connection ends. Returns what comes
    /// back.
    fn serve(sent: &str, then: Option<Shutdown>, limits: Limits) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("small.mp4"), "0123456789").unwrap();
        fs::write(folder.path().join("large.mp4"), vec![b'x'; LARGE]).unwrap();
        let pack = Pack::from_dir(folder.path()).cache(CacheLocation::Nowhere).emit().unwrap();
        let table = LiveTable::new(ArcSwap::new(pack.table().unwrap().clone()));

        let (mut client, server) = UnixStream::pair().unwrap();
        client.write_all(sent.as_bytes()).unwrap();
        if let Some(side) = then {
            client.shutdown(side).unwrap();
        }
        server.set_nonblocking(true).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stream = tokio::net::UnixStream::from_std(server).unwrap();
            let _ = connection(stream, table, limits, Verbosity::Quiet).await;
        });
        let mut received = Vec::new();
        // The end may be a reset.
        let _ = client.read_to_end(&mut received);
        String::from_utf8(received).unwrap()
    }

    const SMALL: &str = "GET /small.mp4 HTTP/1.1\r\nHost: a\r\n\r\n";

    #[test]
    fn idle_clients_are_disconnected_before_between_and_within_requests() {
        let limits = Limits { head: SHORT, ..UNLIMITED };
        assert_eq!(serve("", None, limits), "");
        assert_eq!(serve("GET /small.mp4 HT", None, limits), "");
        for (sent, count) in [
            (SMALL.to_owned(), 1),
            (SMALL.repeat(3), 3),
            (format!("{SMALL}GET /small.mp4 HTTP/1.1\r\nHost: a\r\n"), 1),
        ] {
            let received = serve(&sent, None, limits);
            assert_eq!(received.matches("HTTP/1.1 200 OK").count(), count, "{received}");
            assert!(received.ends_with("0123456789"), "{received}");
        }
    }

    #[test]
    fn clients_that_do_not_read_are_disconnected() {
        let limits = Limits { stall: SHORT, ..UNLIMITED };
        let received = serve("GET /large.mp4 HTTP/1.1\r\nHost: a\r\n\r\n", None, limits);
        assert!(received.starts_with("HTTP/1.1 200 OK") && received.len() < LARGE);
        // The answers are more than the buffers of a connection hold.
        let sent = 2000;
        let received = serve(&SMALL.repeat(sent), Some(Shutdown::Write), limits);
        let count = received.matches("HTTP/1.1 200 OK").count();
        assert!((1..sent).contains(&count), "{count}");
    }

    #[test]
    fn the_rest_of_a_request_is_read_after_its_answer_within_limits() {
        let post = "POST /small.mp4 HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n";
        let body = "x".repeat(50_000);
        let answered = |received: &str| received.starts_with("HTTP/1.1 405 Method Not Allowed");
        // The client stops sending without closing its side.
        let limits = Limits { linger: SHORT, ..UNLIMITED };
        assert!(answered(&serve(&format!("{post}{body}"), None, limits)));
        // It sends too much.
        let limits = Limits { linger_bytes: 1000, ..UNLIMITED };
        assert!(answered(&serve(&format!("{post}{body}"), None, limits)));
        // It closes its side, after a body and in the middle of a head that is refused.
        let closed = Some(Shutdown::Write);
        assert!(answered(&serve(&format!("{post}{body}"), closed, UNLIMITED)));
        let received = serve(&format!("G T / HTTP/1.1\r\n{body}"), closed, UNLIMITED);
        assert!(received.starts_with("HTTP/1.1 400"), "{received}");
        // Nothing is left to read after a whole request, so that nothing is waited for.
        let last = "GET /small.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        assert!(serve(last, None, UNLIMITED).ends_with("0123456789"));
    }
}

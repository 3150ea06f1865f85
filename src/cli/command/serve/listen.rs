//! Accepts connections until Ctrl-C, then lets them finish.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use super::answer::answer;
use super::{LiveTable, say};
use crate::cli::exit::Failure;
use crate::cli::terminal::{HEADING, Verbosity, WARNING};

/// Time for open connections to finish.
const GRACE: Duration = Duration::from_secs(5);

/// Time to wait if no connection can be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Time for a client to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves until Ctrl-C.
pub(super) fn serve(
    address: SocketAddr,
    table: LiveTable,
    verbosity: Verbosity,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::Serve { source })?;
    runtime.block_on(accept(address, table, verbosity))
}

async fn accept(
    address: SocketAddr,
    table: LiveTable,
    verbosity: Verbosity,
) -> Result<(), Failure> {
    let listener =
        TcpListener::bind(address).await.map_err(|source| Failure::Listen { address, source })?;
    let local = listener.local_addr().map_err(|source| Failure::Serve { source })?;
    announce(local);

    let connections = GracefulShutdown::new();
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let stream = tokio::select! {
            // The first poll installs the handler, which has to happen before the first client.
            biased;
            _ = &mut interrupt => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Most likely, too many files are open, and others have to close first.
                    say(format_args!("{WARNING}cannot accept a connection:{WARNING:#} {error}\n"));
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
        };
        let table = Arc::clone(&table);
        let service = service_fn(move |request| {
            // The response owns its body, so the table may be replaced while it is sent.
            let response = answer(&table.load(), &request, verbosity);
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        // A client that closes its connection early is not an error.
        tokio::spawn(async move { drop(connection.await) });
    }
    drop(listener);
    tokio::select! {
        () = connections.shutdown() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
    Ok(())
}

fn announce(local: SocketAddr) {
    if !local.ip().is_loopback() {
        say(format_args!(
            "{WARNING}open to the network:{WARNING:#} {} is not a loopback address\n",
            local.ip()
        ));
    }
    say(format_args!("\nserving {HEADING}http://{local}/{HEADING:#} until Ctrl-C\n"));
}

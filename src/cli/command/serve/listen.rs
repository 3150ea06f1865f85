//! Connections: accepted until Ctrl-C, then finished.

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

/// How long open connections may take to finish.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when there is no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a client may take to send the head of a request.
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
            // The first poll sets the handler up, so that has to come before the first client.
            biased;
            _ = &mut interrupt => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Too many files are open, most likely: others have to close first.
                    say(format_args!("{WARNING}cannot accept a connection:{WARNING:#} {error}\n"));
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
        };
        let table = Arc::clone(&table);
        let service = service_fn(move |request| {
            // Cheap, and the reply keeps what it needs of a table that is replaced meanwhile.
            let response = answer(&table.load(), &request, verbosity);
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        // A client that breaks off is no matter of ours.
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
            "{WARNING}open to the network:{WARNING:#} {} is no loopback address\n",
            local.ip()
        ));
    }
    say(format_args!("\nserving {HEADING}http://{local}/{HEADING:#} until Ctrl-C\n"));
}

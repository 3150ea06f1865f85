//! Accepts connections until Ctrl-C, then lets them finish.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use super::connection::connection;
use super::stream::Limits;
use super::{LiveTable, say};
use crate::cli::exit::Failure;
use crate::cli::terminal::{HEADING, Verbosity, WARNING};

/// Time for open connections to finish.
const GRACE: Duration = Duration::from_secs(5);

/// Time to wait if no connection can be accepted.
const PAUSE: Duration = Duration::from_millis(100);

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
        let connection = connection(stream, Arc::clone(&table), Limits::DEFAULT, verbosity);
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
    let ip = local.ip();
    if !ip.is_loopback() {
        let addresses: &dyn std::fmt::Display =
            if ip.is_unspecified() { &"all addresses of this machine" } else { &ip };
        say(format_args!("{WARNING}open to the network:{WARNING:#} listening on {addresses}\n"));
    }
    let url = reachable(local);
    say(format_args!("\nserving {HEADING}http://{url}/{HEADING:#} until Ctrl-C\n"));
}

/// Returns an address at which this machine reaches the server. No client can connect to `0.0.0.0` or
/// `::` everywhere.
fn reachable(mut local: SocketAddr) -> SocketAddr {
    match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => local.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => local.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    local
}

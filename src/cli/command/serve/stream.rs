//! The stream of a connection, with limits on a client that does not read or that sends too much.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// The limits of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Time for a client to send the head of a request. It includes the time between two requests.
    pub(super) head: Duration,
    /// Time in which a client has to read something of a response.
    pub(super) stall: Duration,
    /// Time in which the rest of a request is still read after the response.
    pub(super) linger: Duration,
    /// The number of its bytes that are still read.
    pub(super) linger_bytes: usize,
}

impl Limits {
    pub(super) const DEFAULT: Self = Self {
        head: Duration::from_secs(30),
        stall: Duration::from_mins(1),
        linger: Duration::from_secs(5),
        linger_bytes: 64 * 1024 * 1024,
    };
}

/// A mark that is set while bytes have been received that belong to no finished request.
#[derive(Clone, Debug, Default)]
pub(super) struct Unread(Arc<AtomicBool>);

impl Unread {
    /// Notes that the last request has no more bytes.
    pub(super) fn read_to_end(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// The stream of a connection.
///
/// A response is followed by reading the rest of its request, if there is one: a connection that is closed
/// with unread bytes is reset, and then a client may lose the response (RFC 9112 §9.6).
pub(super) struct LimitedStream<S> {
    stream: S,
    limits: Limits,
    unread: Unread,
    /// Runs while the client does not read.
    stalled: Option<Pin<Box<Sleep>>>,
    lingering: Option<Lingering>,
}

/// The state after the response has ended.
struct Lingering {
    until: Pin<Box<Sleep>>,
    /// The number of bytes that may still be read.
    left: usize,
}

impl<S> LimitedStream<S> {
    pub(super) fn new(stream: S, limits: Limits, unread: Unread) -> Self {
        Self { stream, limits, unread, stalled: None, lingering: None }
    }

    /// Passes the result of a write on, or an error if the client has not read for too long.
    fn limited<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let limit = self.limits.stall;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LimitedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            this.unread.0.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for LimitedStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.limited(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, parts);
        this.limited(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        this.limited(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let limits = this.limits;
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.unread.0.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
        }
        let lingering = this.lingering.get_or_insert_with(|| Lingering {
            until: Box::pin(sleep(limits.linger)),
            left: limits.linger_bytes,
        });
        let mut bytes = [0; 4096];
        while lingering.left > 0 {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut this.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    lingering.left = lingering.left.saturating_sub(buffer.filled().len());
                }
                // The client has closed the connection.
                Poll::Ready(_) => break,
                Poll::Pending => return lingering.until.as_mut().poll(cx).map(Ok),
            }
        }
        Poll::Ready(Ok(()))
    }
}

//! The body of a response: bytes in memory, or a file that is read while it is sent.

use std::error::Error;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};
use worker_pack::PackError;
use worker_pack::table::OpenBody;

use super::say;
use crate::cli::terminal::ERROR;

/// The number of bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// The body of a response. If it cannot be read to its end, the connection is cut.
pub(super) struct ReplyBody {
    bytes: Bytes,
    /// The rest, if it has to be read.
    file: Option<FilePart>,
}

/// A part of a file.
struct FilePart {
    body: Arc<OpenBody>,
    left: Range<usize>,
    reading: Option<JoinHandle<Result<Vec<u8>, PackError>>>,
}

impl ReplyBody {
    /// Returns a part of a body.
    pub(super) fn part(body: OpenBody, part: Range<usize>) -> Self {
        if let Some(bytes) = body.held() {
            return Bytes::from_owner(Arc::clone(bytes)).slice(part).into();
        }
        let file = FilePart { body: Arc::new(body), left: part, reading: None };
        Self { bytes: Bytes::new(), file: Some(file) }
    }
}

impl From<Bytes> for ReplyBody {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, file: None }
    }
}

impl FilePart {
    /// Reads the next bytes on a thread that may wait for the disk.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, Box<dyn Error + Send + Sync>>> {
        let end = self.left.end.min(self.left.start + CHUNK);
        let reading = self.reading.get_or_insert_with(|| {
            let (body, part) = (Arc::clone(&self.body), self.left.start..end);
            spawn_blocking(move || body.read(part))
        });
        let read = ready!(Pin::new(reading).poll(cx));
        self.reading = None;
        self.left.start = end;
        Poll::Ready(Ok(read??.into()))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !self.bytes.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.bytes)))));
        }
        let Some(file) = self.file.as_mut().filter(|file| !file.left.is_empty()) else {
            return Poll::Ready(None);
        };
        let read = ready!(file.poll_read(cx));
        if let Err(error) = &read {
            say(format_args!("{ERROR}error:{ERROR:#} a response was cut: {error}\n"));
            self.file = None;
        }
        Poll::Ready(Some(read.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.file.as_ref().map_or(0, |file| file.left.len());
        SizeHint::with_exact((self.bytes.len() + left) as u64)
    }
}

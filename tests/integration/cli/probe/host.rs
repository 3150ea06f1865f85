//! A host on the loopback address that has the site of these tests, with a fault of the test's choice.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::{self, JoinHandle};

use worker_pack::Pack;
use worker_pack::cache::CacheLocation;
use worker_pack::table::MemoryTable;
use worker_pack_runtime::request::RequestField;
use worker_pack_runtime::{Method, Request};

use super::SITE;

/// The table of the site.
static TABLE: LazyLock<MemoryTable> = LazyLock::new(|| {
    let packed = Pack::from_dir(SITE.0.dist()).cache(CacheLocation::Nowhere).run().unwrap();
    packed.table().to_memory().unwrap()
});

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    fields: Vec<(String, String)>,
}

impl Asked {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| &**value)
    }

    /// Returns whether it is a plain `GET` that accepts Brotli.
    pub(super) fn is_usual(&self) -> bool {
        self.method == "GET"
            && self.accepts("br")
            && self.field("if-none-match").is_none()
            && self.field("range").is_none()
    }

    pub(super) fn accepts(&self, coding: &str) -> bool {
        self.field("accept-encoding").is_some_and(|field| field.contains(coding))
    }
}

/// A reply that a fault may change.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// The bytes to send instead of all of it.
    pub(super) raw: Option<Vec<u8>>,
}

impl Reply {
    pub(super) fn new(status: u16, body: &str) -> Self {
        let fields = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
        Self { status, fields, body: body.into(), raw: None }
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.fields.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// Replaces the body, and its length.
    pub(super) fn replace(&mut self, body: impl Into<Vec<u8>>) {
        self.body = body.into();
    }
}

type Fault = dyn Fn(&Asked, &mut Reply) + Send + Sync;

/// A running host, which ends with the test.
pub(super) struct Host {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<Asked>>>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    /// A host with the site, without a fault.
    pub(super) fn of_site() -> Self {
        Self::with(|_, _| {})
    }

    /// A host with the site, whose replies are changed.
    pub(super) fn with(fault: impl Fn(&Asked, &mut Reply) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (is_over, asked) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let fault: Arc<Fault> = Arc::new(fault);
        let (over, requests) = (Arc::clone(&is_over), Arc::clone(&asked));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (fault, requests) = (Arc::clone(&fault), Arc::clone(&requests));
                thread::spawn(move || answer(stream.unwrap(), &*fault, &requests));
            }
        });
        Self { address, is_over, asked, thread: Some(thread) }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Reads a request, without a body.
pub(super) fn read(stream: &mut impl BufRead) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        lines.push(line.to_owned());
    }
    let (first, rest) = lines.split_first()?;
    let mut first = first.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let field = |line: &String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    Some(Asked { method, path, fields: rest.iter().filter_map(field).collect() })
}

fn answer(mut stream: TcpStream, fault: &Fault, requests: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(asked) = read(&mut reader) {
        requests.lock().unwrap().push(asked.clone());
        let bytes = bytes_of(&asked, fault);
        // A client may have seen enough.
        if stream.write_all(&bytes).is_err() || asked.field("connection") == Some("close") {
            break;
        }
    }
}

/// Returns the reply of the site, changed by a fault, as bytes.
pub(super) fn bytes_of(asked: &Asked, fault: &Fault) -> Vec<u8> {
    let mut reply = reply(asked);
    let before = reply.clone();
    fault(asked, &mut reply);
    if let Some(raw) = reply.raw {
        return raw;
    }
    let length = reply.field("Content-Length");
    let is_stale = length == before.field("Content-Length") && reply.body != before.body;
    if reply.status != 304 && (length.is_none() || is_stale) {
        let length = reply.body.len().to_string();
        reply.set("Content-Length", &length);
    }
    let mut bytes = format!("HTTP/1.1 {} Status\r\n", reply.status).into_bytes();
    for (name, value) in &reply.fields {
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(reply.body);
    bytes
}

/// Returns the reply of the site.
fn reply(asked: &Asked) -> Reply {
    reply_by(asked, &RequestField::ALL)
}

/// Returns the reply of the site to a request without its content codings and ranges.
pub(super) fn plain(asked: &Asked) -> Reply {
    reply_by(asked, &[RequestField::IfNoneMatch])
}

/// Returns the reply of the site to a request of which some fields count.
fn reply_by(asked: &Asked, fields: &[RequestField]) -> Reply {
    let table = TABLE.table();
    let method = Method::from_token(&asked.method);
    let mut request = Request { host: Some("127.0.0.1"), ..Request::new(method, &asked.path) };
    for field in fields {
        if let Some(value) = asked.field(field.name()) {
            request.set_field(*field, value);
        }
    }
    let reply = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
    let fields = reply.headers().iter();
    Reply {
        status: reply.status(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: reply.body().bytes().unwrap().to_vec(),
        raw: None,
    }
}

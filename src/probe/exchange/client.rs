//! The client: one for a deployment, with its connections.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::Version;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;

use super::{Answer, Budget, Tally, Trouble, raw};
use crate::probe::address::Address;
use crate::probe::error::ProbeError;
use crate::probe::question::{Question, USER_AGENT};

/// The authorities whose certificates are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Certificates {
    /// Those that the operating system trusts.
    #[default]
    System,
    /// Those, and the ones in a file in PEM.
    With(PathBuf),
    /// All, on this machine alone.
    AnyOnLoopback,
}

/// A header field that is sent with each request. Its value is never printed.
#[derive(Clone)]
pub struct HeaderField {
    pub(crate) name: HeaderName,
    pub(crate) value: HeaderValue,
}

impl std::fmt::Debug for HeaderField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: …", self.name)
    }
}

/// The field by which a client names its dictionary (RFC 9842 §2.2).
const AVAILABLE_DICTIONARY: HeaderName = HeaderName::from_static("available-dictionary");

/// The fields that a probe sets itself.
const OWN_FIELDS: [&str; 12] = [
    "accept-encoding",
    "available-dictionary",
    "if-none-match",
    "if-match",
    "if-range",
    "range",
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "user-agent",
    "te",
];

impl std::str::FromStr for HeaderField {
    type Err = String;

    /// Reads `name: value`. The error does not contain the value.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once(':').ok_or("is not `name: value`")?;
        let name = name.trim();
        let name: HeaderName = name.parse().map_err(|_| {
            "the part before the colon is not the name of a header field".to_owned()
        })?;
        if OWN_FIELDS.contains(&name.as_str()) {
            return Err(format!("`{name}` is set by the probe itself"));
        }
        let mut value = HeaderValue::from_str(value.trim())
            .map_err(|_| format!("the value of `{name}` contains what a header field may not"))?;
        value.set_sensitive(true);
        Ok(Self { name, value })
    }
}

/// The options of a client.
#[derive(Clone, Debug)]
pub(crate) struct ClientOptions {
    pub(crate) headers: Vec<HeaderField>,
    pub(crate) timeout: Duration,
    pub(crate) certificates: Certificates,
}

/// The client of a deployment.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: Address,
    http: reqwest::Client,
    headers: HeaderMap,
    timeout: Duration,
    budget: Arc<Budget>,
    tally: Arc<Mutex<Tally>>,
}

impl Client {
    /// Makes a client.
    pub(crate) fn new(
        address: Address,
        options: &ClientOptions,
        budget: Arc<Budget>,
    ) -> Result<Self, ProbeError> {
        // The first provider of a process stays: if there is one already, it is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(options.timeout)
            .connect_timeout(options.timeout);
        let builder = if address.is_near() { builder.no_proxy() } else { builder };
        let builder = match &options.certificates {
            Certificates::System => builder,
            Certificates::With(path) => {
                let pem = std::fs::read(path).map_err(|source| ProbeError::Io {
                    action: "read",
                    path: path.clone(),
                    source,
                })?;
                builder.tls_certs_merge(certificates(&pem)?)
            }
            Certificates::AnyOnLoopback if address.is_loopback() => {
                builder.tls_danger_accept_invalid_certs(true)
            }
            Certificates::AnyOnLoopback => {
                let message = format!(
                    "is for this machine alone, and not for `{}`; name the authority's certificate with \
                     `--ca FILE`",
                    address.host()
                );
                return Err(ProbeError::Option { option: "insecure", message });
            }
        };
        let http =
            builder.build().map_err(|error| ProbeError::Client { message: innermost(&error) })?;
        let headers = options.headers.iter().map(|field| (field.name.clone(), field.value.clone()));
        let (headers, timeout) = (headers.collect(), options.timeout);
        let tally = Arc::default();
        Ok(Self { address, http, headers, timeout, budget, tally })
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Returns what was counted so far.
    pub(crate) fn tally(&self) -> Tally {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks a question. `tag` is the entity tag for a conditional request, `limit` the length of the
    /// longest body that is read.
    pub(crate) async fn ask(
        &self,
        target: &str,
        question: Question,
        tag: Option<&str>,
        limit: usize,
    ) -> Result<Answer, Trouble> {
        let fields = self.fields(question, tag);
        let answer = if question.has_bodiless_answer() && !self.address.is_encrypted() {
            // A client of HTTP/1.1 does not look for a body where none may be.
            raw::ask(&self.address, target, question.method(), &fields, self.timeout).await
        } else {
            match self.send(target, question, fields.clone(), limit).await {
                // A server may close a connection that it keeps while the next request is on its way
                // (RFC 9112 §9.3.1).
                Err(Trouble::CutShort) if question != Question::Post => {
                    self.send(target, question, fields, limit).await
                }
                answer => answer,
            }
        };
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match &answer {
            Ok(answer) => {
                tally.answered(answer);
                self.budget.answered(answer.body.len());
            }
            Err(trouble) => {
                tally.unanswered();
                match trouble {
                    // The host is there.
                    Trouble::TooLong(read) => self.budget.answered(*read),
                    _ => self.budget.failed(),
                }
            }
        }
        answer
    }

    fn fields(&self, question: Question, tag: Option<&str>) -> HeaderMap {
        let mut fields = self.headers.clone();
        fields.insert("accept-encoding", HeaderValue::from_static(question.accept_encoding()));
        let range = question.range().and_then(|range| HeaderValue::from_str(&range).ok());
        let tag = tag.filter(|_| question == Question::Unchanged);
        let tag = tag.and_then(|tag| HeaderValue::from_str(tag).ok());
        let accept = question.accept().map(HeaderValue::from_static);
        let dictionary = question.available_dictionary();
        let dictionary = dictionary.and_then(|value| HeaderValue::from_str(&value).ok());
        fields.extend(accept.map(|accept| (reqwest::header::ACCEPT, accept)));
        fields.extend(dictionary.map(|value| (AVAILABLE_DICTIONARY, value)));
        fields.extend(range.map(|range| (reqwest::header::RANGE, range)));
        fields.extend(tag.map(|tag| (reqwest::header::IF_NONE_MATCH, tag)));
        fields
    }

    async fn send(
        &self,
        target: &str,
        question: Question,
        fields: HeaderMap,
        limit: usize,
    ) -> Result<Answer, Trouble> {
        let failed = |error: reqwest::Error| Trouble::of_client(&error, self.timeout);
        let method = question.method().parse().expect("the methods are tokens");
        let request = self.http.request(method, self.address.url(target)).headers(fields);
        let request = if question == Question::Post { request.body(Vec::new()) } else { request };
        let begun = Instant::now();
        let mut response = request.send().await.map_err(failed)?;
        let first_byte = begun.elapsed();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| match failed(error) {
            // The head was HTTP.
            Trouble::NotHttp(_) | Trouble::Other(_) => Trouble::CutShort,
            trouble => trouble,
        })? {
            if body.len() + chunk.len() > limit {
                return Err(Trouble::TooLong(limit));
            }
            body.extend_from_slice(&chunk);
        }
        let connection = response.extensions().get::<HttpInfo>().map(HttpInfo::local_addr);
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        Ok(Answer {
            status: response.status().as_u16(),
            fields: fields_of(response.headers()),
            body,
            protocol: protocol(response.version()),
            connection: Some(connection.unwrap_or(unknown)),
            first_byte,
            total: begun.elapsed(),
        })
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, ProbeError> {
    let invalid = || ProbeError::Option {
        option: "ca",
        message: "the file contains no certificate in PEM (`-----BEGIN CERTIFICATE-----`)"
            .to_owned(),
    };
    let all = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| invalid())?;
    if all.is_empty() { Err(invalid()) } else { Ok(all) }
}

fn fields_of(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        innermost = cause.to_string();
        next = cause.source();
    }
    innermost
}

//! The reasons why a request has no complete answer, as sentences.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;

use rustls::CertificateError;

/// The reason why a request has no complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No answer within a time.
    TimedOut(Duration),
    /// No connection, with the cause.
    NoConnection(String),
    /// The certificate is refused, or TLS fails, with the cause.
    Tls(String),
    /// The bytes are not an answer of HTTP.
    NotHttp(String),
    /// The connection ended before the answer did.
    CutShort,
    /// The body is longer than it may be, in bytes.
    TooLong(usize),
    /// Anything else.
    Other(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(limit) => {
                write!(f, "no complete answer within {} s (`--timeout`)", limit.as_secs_f64())
            }
            Self::NotHttp(cause) => write!(f, "the answer is not HTTP: {cause}"),
            Self::CutShort => f.write_str("the connection ended before the answer did"),
            Self::TooLong(limit) => {
                write!(f, "the body is longer than {limit} bytes; the rest was not read")
            }
            Self::NoConnection(cause) | Self::Tls(cause) | Self::Other(cause) => f.write_str(cause),
        }
    }
}

impl Trouble {
    /// Finds the cause of an error of the client.
    pub(crate) fn of_client(error: &reqwest::Error, limit: Duration) -> Self {
        if error.is_timeout() {
            return Self::TimedOut(limit);
        }
        let mut causes: Vec<&(dyn Error + 'static)> = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push(cause);
            next = cause.source();
        }
        causes.iter().rev().find_map(|cause| Self::of_cause(*cause, limit)).unwrap_or_else(|| {
            let last = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
            if error.is_connect() { Self::NoConnection(last) } else { Self::Other(last) }
        })
    }

    /// Finds the cause of an error of a connection.
    pub(crate) fn of_io(error: &io::Error, limit: Duration) -> Self {
        Self::of_cause(error, limit).unwrap_or_else(|| Self::Other(error.to_string()))
    }

    fn of_cause(cause: &(dyn Error + 'static), limit: Duration) -> Option<Self> {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(tls));
        }
        if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
            return match hyper {
                _ if hyper.is_parse() => Some(Self::NotHttp(hyper.to_string())),
                _ if hyper.is_incomplete_message() => Some(Self::CutShort),
                _ => None,
            };
        }
        let error = cause.downcast_ref::<io::Error>()?;
        if let Some(inner) = error.get_ref()
            && let Some(found) = Self::of_cause(inner, limit)
        {
            return Some(found);
        }
        let text = error.to_string();
        if text.contains("handshake eof") {
            let cause = "the host ends the connection instead of speaking TLS; is it `http`?";
            return Some(Self::Tls(cause.to_owned()));
        }
        match error.kind() {
            ErrorKind::ConnectionRefused => {
                Some(Self::NoConnection("the connection is refused; is it running?".to_owned()))
            }
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => Some(Self::NoConnection(
                "there is no way to the host; is this machine online?".to_owned(),
            )),
            ErrorKind::TimedOut => Some(Self::TimedOut(limit)),
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Some(Self::CutShort),
            _ if text.contains("lookup address") || text.contains("resolve") => {
                Some(Self::NoConnection(
                    "its name is not found; check its spelling, and that this machine is online"
                        .to_owned(),
                ))
            }
            ErrorKind::InvalidData | ErrorKind::InvalidInput => Some(Self::NotHttp(text)),
            _ => None,
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        use rustls::Error::{InvalidCertificate, InvalidMessage};
        Self::Tls(match error {
            InvalidCertificate(error) => match error {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "its certificate has expired".to_owned()
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    "its certificate is not valid yet; is the clock of this machine right?"
                        .to_owned()
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => {
                    "its certificate is for another host".to_owned()
                }
                CertificateError::UnknownIssuer => {
                    "its certificate is from an unknown authority, or self-signed; name the authority's \
                     certificate with `--ca FILE`"
                        .to_owned()
                }
                // What `openssl req -x509` makes by default.
                other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
                    "its certificate is self-signed, by an authority that is itself the host; use one that \
                     an authority has signed, or `--insecure` on this machine"
                        .to_owned()
                }
                other => format!(
                    "its certificate is refused ({other}); if it is from an authority of your own, name \
                     that authority's certificate with `--ca FILE`"
                ),
            },
            InvalidMessage(_) => "the host does not speak TLS; is it `http`?".to_owned(),
            other => format!("TLS fails: {other}"),
        })
    }
}

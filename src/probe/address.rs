//! The address of a deployment, and which addresses may be asked.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::error::ProbeError;

/// The origin of a deployment: `https`, or `http` in a network of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    origin: Url,
    place: Place,
}

/// The place of a host, which decides what may be sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// This machine.
    Loopback,
    /// A private network.
    Private,
    /// The internet, or a place that cannot be known.
    Public,
}

/// Top-level names that lead into a private network (RFC 6761, RFC 6762, RFC 9476).
const PRIVATE_NAMES: [&str; 4] = ["local", "internal", "test", "home.arpa"];

impl Address {
    /// Reads the URL of a deployment. Its path, query and fragment have no meaning, and are refused.
    pub(crate) fn parse(text: &str) -> Result<Self, ProbeError> {
        let invalid = |message: String| ProbeError::Url { url: text.to_owned(), message };
        let has_scheme = text.contains("://");
        let url = Url::parse(text).ok().filter(|url| has_scheme && url.has_host());
        let Some(url) = url else {
            let is_bare = !has_scheme && !text.is_empty();
            let remedy = if is_bare {
                format!("write it with its scheme, such as `{}`", with_scheme(text))
            } else {
                "write a URL such as `https://example.com`".to_owned()
            };
            return Err(invalid(format!("is not a URL; {remedy}")));
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("is not a URL of `https` or `http`".to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let message = "contains a user name or password, which would be printed; pass them with `--header`";
            return Err(invalid(message.to_owned()));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            let origin = url.origin().ascii_serialization();
            return Err(invalid(format!(
                "has a path, and a deployment is asked as a whole; write `{origin}`, and `--path` for \
                 paths beside those of the manifest"
            )));
        }
        let place = place_of(&url);
        if url.scheme() == "http" && place == Place::Public {
            let host = url.host_str().unwrap_or_default();
            return Err(invalid(format!(
                "would be asked without encryption; write `https://{host}` (`http` is for this machine \
                 and for private networks)"
            )));
        }
        Ok(Self { origin: url, place })
    }

    /// Returns the URL of a path and query.
    pub(crate) fn url(&self, target: &str) -> Url {
        // Joining would resolve `//host` as another host.
        let base = self.origin.as_str().trim_end_matches('/');
        // A target without a slash at its beginning, as in a damaged manifest, would change the host.
        let url = target.starts_with('/').then(|| Url::parse(&[base, target].concat()).ok());
        url.flatten().unwrap_or_else(|| self.origin.clone())
    }

    /// Resolves a reference that an answer at a path contains (RFC 3986 §5).
    pub(crate) fn resolve(&self, target: &str, reference: &str) -> Option<Url> {
        self.url(target).join(reference).ok()
    }

    /// Returns the path and query of a URL of this origin.
    pub(crate) fn target_of(&self, url: &Url) -> Option<String> {
        (url.origin() == self.origin.origin()).then(|| {
            let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
            format!("{}{query}", url.path())
        })
    }

    /// Returns the host without its port.
    pub(crate) fn host(&self) -> &str {
        self.origin.host_str().unwrap_or_default()
    }

    /// Returns host and port, as `Host` names them.
    pub(crate) fn authority(&self) -> String {
        match self.origin.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// Returns host and port to connect to.
    pub(crate) fn socket(&self) -> String {
        format!("{}:{}", self.host(), self.origin.port_or_known_default().unwrap_or(80))
    }

    /// Returns scheme, host and port, such as `https://example.com`.
    pub(crate) fn origin(&self) -> String {
        self.origin.origin().ascii_serialization()
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.origin.scheme() == "https"
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.place == Place::Loopback
    }

    /// Returns whether a proxy of the environment cannot lead to it.
    pub(crate) fn is_near(&self) -> bool {
        self.place != Place::Public
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

fn place_of(url: &Url) -> Place {
    match url.host() {
        Some(Host::Ipv4(address)) => of_ip(address.into()),
        Some(Host::Ipv6(address)) => of_ip(address.into()),
        Some(Host::Domain(name)) => of_name(name.trim_end_matches('.')),
        None => Place::Public,
    }
}

/// Returns a URL for a text that has no scheme.
fn with_scheme(text: &str) -> String {
    let local = format!("http://{text}");
    match Url::parse(&local).map(|url| place_of(&url)) {
        Ok(Place::Loopback | Place::Private) => local,
        _ => format!("https://{text}"),
    }
}

fn of_ip(address: IpAddr) -> Place {
    let address = address.to_canonical();
    let is_private = match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    // A server that listens at `0.0.0.0` prints that, and systems take it for this machine.
    if address.is_loopback() || address.is_unspecified() {
        Place::Loopback
    } else if is_private {
        Place::Private
    } else {
        Place::Public
    }
}

fn of_name(name: &str) -> Place {
    let ends_with = |end: &str| name == end || name.ends_with(&format!(".{end}"));
    if ends_with("localhost") {
        Place::Loopback
    } else if !name.contains('.') || PRIVATE_NAMES.into_iter().any(ends_with) {
        // A name of one label, such as that of a container, is not one of the public DNS.
        Place::Private
    } else {
        Place::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_origins_that_may_be_asked() {
        for url in [
            "https://example.com",
            "https://example.com/",
            "http://127.0.0.1:8787",
            "http://[::1]:80/",
            "http://localhost",
            "http://web:3000",
            "http://10.1.2.3",
            "http://0.0.0.0:8787",
            "http://[::]:8787",
            "http://[::ffff:127.0.0.1]",
            "http://site.test",
        ] {
            assert!(Address::parse(url).is_ok(), "{url}");
        }
        for (url, part) in [
            ("example.com", "`https://example.com`"),
            ("localhost:8787", "`http://localhost:8787`"),
            ("127.0.0.1:8787", "`http://127.0.0.1:8787`"),
            ("", "such as `https://example.com`"),
            ("https://", "is not a URL"),
            ("ftp://example.com", "`https` or `http`"),
            ("file:///etc/passwd", "is not a URL"),
            ("https://me:secret@example.com", "`--header`"),
            ("https://example.com/a", "has a path"),
            ("https://example.com/?a", "has a path"),
            ("http://example.com", "write `https://example.com`"),
            ("http://8.8.8.8", "without encryption"),
            ("http://notlocalhost.com", "without encryption"),
        ] {
            let error = Address::parse(url).expect_err(url).to_string();
            assert!(error.contains(part), "{url}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn targets_stay_on_the_origin() {
        let address = Address::parse("https://example.com").unwrap();
        assert_eq!(address.url("//evil.example/a").as_str(), "https://example.com//evil.example/a");
        for damaged in ["@evil.example/a", ".evil.example/a", ":81/a", "", "a"] {
            assert_eq!(address.url(damaged).as_str(), "https://example.com/", "{damaged}");
        }
        let resolved = address.resolve("/a/b", "../c?d#e").unwrap();
        assert_eq!(address.target_of(&resolved).as_deref(), Some("/c?d"));
        let other = address.resolve("/", "//evil.example/").unwrap();
        assert_eq!(address.target_of(&other), None);
    }
}

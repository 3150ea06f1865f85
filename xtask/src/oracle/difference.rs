//! Differences between responses.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;

use super::requests::Question;
use super::servers::Cloudflare;
use super::with_server::First;
use crate::server::client::Response;

/// Fields that describe the transfer of a response, or that only development servers send.
const IGNORED_FIELDS: [&str; 10] = [
    "alt-svc",
    "cf-cache-status",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "transfer-encoding",
    "vary",
    "x-server-env",
];

/// Two different responses to a request.
pub(super) struct Difference {
    pub(super) question: Question,
    theirs: Compared,
    ours: Compared,
}

#[derive(PartialEq, Eq)]
struct Compared {
    status: u16,
    headers: BTreeMap<String, String>,
}

impl Difference {
    /// Compares two responses.
    pub(super) fn find(
        cloudflare: Cloudflare,
        question: &Question,
        theirs: &Response,
        ours: &Response,
    ) -> Option<Self> {
        if is_artefact(cloudflare, question, theirs) {
            return None;
        }
        let (theirs, ours) = (Compared::new(theirs), Compared::new(ours));
        (theirs != ours).then(|| Self { question: question.clone(), theirs, ours })
    }
}

/// Checks whether only a development server answers like this.
fn is_artefact(cloudflare: Cloudflare, question: &Question, theirs: &Response) -> bool {
    let path = question.target.split('?').next().unwrap_or_default();
    match cloudflare {
        // Unlike the deployed server, it joins the slashes in the keys of its manifest.
        Cloudflare::Pages => path.contains("//") || theirs.status == 502,
        Cloudflare::Workers(..) => false,
        // Here a pattern is also compared with the decoded path, so that no spelling passes it by.
        Cloudflare::Server(site) => {
            site.first == First::Patterns && (path.contains("//") || path.contains('%'))
        }
    }
}

impl Compared {
    fn new(response: &Response) -> Self {
        let mut headers = response.headers.clone();
        headers.retain(|name, _| !IGNORED_FIELDS.contains(&name.as_str()));
        if let Some(location) = headers.get_mut("location") {
            // Pages does not encode the path that it has decoded.
            *location = percent_decode_str(location).decode_utf8_lossy().into_owned();
        }
        // The servers calculate validators differently.
        if let Some(tag) = headers.get_mut("etag")
            && tag.starts_with('"')
        {
            "\"…\"".clone_into(tag);
        }
        Self { status: response.status, headers }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Question { method, target, headers, condition } = &self.question;
        writeln!(f, "{method} {target} {headers:?} {condition:?}")?;
        for (who, response, other) in
            [("theirs", &self.theirs, &self.ours), ("ours", &self.ours, &self.theirs)]
        {
            write!(f, "  {who}: {}", response.status)?;
            for (name, value) in &response.headers {
                if other.headers.get(name) != Some(value) {
                    write!(f, ", {name}: {value}")?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

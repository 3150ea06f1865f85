//! The report on a deployment, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::latency::Latency;
use crate::named::named;

/// The report on a deployment. Sizes are in bytes, durations in milliseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeReport {
    /// The version of the format. It changes when a field is removed or changes its meaning.
    pub version: u32,
    /// The source of what the answers are compared with.
    pub source: ProbeSource,
    /// The manifest or baseline that tells what to expect, as it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Number of routes of the manifest, or of URLs of the crawl.
    pub routes: usize,
    /// Number of those that were asked for.
    pub asked: usize,
    /// Number of all paths that were asked for: routes, redirects, other spellings of pages, an unknown path.
    pub paths: usize,
    /// Number of those with an error or a difference.
    pub failed: usize,
    /// The reason why the run ended early, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// The deployment.
    pub deployment: DeploymentReport,
    /// The answers that are not as expected, the worst first, then sorted by path.
    pub findings: Vec<ProbeFinding>,
    /// The deployment or baseline that it was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<ComparedReport>,
}

impl ProbeReport {
    /// The present version of the format.
    pub const VERSION: u32 = 1;

    /// Returns whether everything was asked and nothing is wrong. Notes are not.
    pub fn is_in_order(&self) -> bool {
        let is_note = |finding: &ProbeFinding| finding.class == FindingClass::Note;
        let differences = self.compared.iter().flat_map(|compared| &compared.differences);
        self.stopped.is_none()
            && self.findings.iter().all(is_note)
            && differences.into_iter().all(|difference| difference.wanted.is_some())
    }

    /// Returns the number of findings of a class.
    pub fn count(&self, class: FindingClass) -> usize {
        self.findings.iter().filter(|finding| finding.class == class).count()
    }
}

named! {
    /// The source of what the answers of a deployment are compared with.
    pub enum ProbeSource {
        /// The manifest of the packed site.
        Manifest = "manifest",
        /// Nothing: the site was crawled.
        Crawl = "crawl",
        /// A baseline of an earlier run alone.
        Baseline = "baseline",
    }
}

/// A deployment, as its answers describe it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentReport {
    /// Its origin.
    pub url: String,
    /// Number of requests.
    pub requests: usize,
    /// Number of requests without a complete answer.
    pub unanswered: usize,
    /// Number of bytes of all bodies, as they were sent.
    pub bytes: u64,
    /// Number of TCP connections, where it is known.
    pub connections: usize,
    /// Number of answers in each version of HTTP.
    pub protocols: BTreeMap<String, usize>,
    /// Number of answers with each value of a field that names a version of the Worker.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, usize>,
    /// Number of answers from each of Cloudflare's locations, by the end of `cf-ray`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locations: BTreeMap<String, usize>,
    /// The first request, over a new connection.
    pub first: Option<FirstAnswer>,
    /// Times to the first byte of all later answers.
    pub first_byte: Option<Latency>,
    /// Times to the last byte of all later answers.
    pub total: Option<Latency>,
}

/// The times of the first request.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FirstAnswer {
    /// Time to the first byte, with the connection.
    pub first_byte: f64,
    /// Time to the last byte.
    pub total: f64,
}

named! {
    /// The class of a finding.
    pub enum FindingClass {
        /// Visitors get something else than was packed, or nothing.
        Error = "error",
        /// Visitors get the right bytes, but not as they were packed: without a header field, or with
        /// another one.
        Difference = "difference",
        /// The host does something by itself that harms no visitor.
        Note = "note",
    }
}

named! {
    /// The property of an answer that is checked.
    pub enum Check {
        /// There is an answer, and it is complete.
        Answer = "answer",
        /// The status code.
        Status = "status",
        /// The bytes, without their content coding.
        Content = "content",
        /// `Content-Type`.
        ContentType = "content-type",
        /// `Cache-Control`.
        CacheControl = "cache-control",
        /// The content coding.
        Coding = "coding",
        /// `Vary`.
        Vary = "vary",
        /// `ETag`.
        ETag = "etag",
        /// Conditional requests.
        Conditional = "conditional",
        /// Ranges.
        Range = "range",
        /// `HEAD`, which equals `GET` but for the body.
        Head = "head",
        /// Redirects, by rules and to the URLs of pages.
        Redirect = "redirect",
        /// Other header fields, most of them from `_headers`.
        Header = "header",
        /// The answer to an unknown path.
        NotFound = "not-found",
        /// The answer to an unsupported method.
        Method = "method",
        /// Links of a crawled site.
        Link = "link",
    }
}

named! {
    /// The kind of a request.
    pub enum Asked {
        /// `GET`, accepting `br` and `gzip`.
        Usual = "GET",
        /// `GET`, accepting no content coding.
        Identity = "GET, no coding",
        /// `GET`, accepting `gzip` alone.
        Gzip = "GET, gzip alone",
        /// `GET`, naming the media types of pictures that browsers name.
        Pictures = "GET, WebP and AVIF",
        /// `GET` with the dictionary of a variant in `Available-Dictionary` (RFC 9842).
        WithDictionary = "GET, Available-Dictionary",
        /// `GET` with another dictionary.
        UnknownDictionary = "GET, an unknown Available-Dictionary",
        /// `HEAD`.
        Head = "HEAD",
        /// `GET` with `If-None-Match`.
        Unchanged = "GET, If-None-Match",
        /// `GET` with `Range`.
        Part = "GET, Range",
        /// `GET` with a `Range` after the end.
        Beyond = "GET, Range after the end",
        /// `POST`.
        Post = "POST",
    }
}

/// An answer that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProbeFinding {
    /// The class.
    pub class: FindingClass,
    /// The property.
    pub check: Check,
    /// The path and query.
    pub path: String,
    /// The request.
    pub asked: Asked,
    /// The problem.
    pub message: String,
    /// The value that was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The value that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// A deployment or baseline that was compared with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ComparedReport {
    /// The second deployment, or the file of the baseline.
    pub with: String,
    /// The second deployment as its answers describe it, unless it is a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentReport>,
    /// Number of answers that were compared.
    pub answers: usize,
    /// The differences, those that are not wanted first, then sorted by path.
    pub differences: Vec<SideDifference>,
}

/// A difference between the answers of two deployments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SideDifference {
    /// The reason why it is wanted, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// The name of the header field, or `status`, or `content`.
    pub field: String,
    /// The path and query.
    pub path: String,
    /// The request.
    pub asked: Asked,
    /// The value of the second deployment, or of the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The value of the probed deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

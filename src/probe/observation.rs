//! An answer without its bytes: to be compared with that of another deployment, or kept as a
//! baseline.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decoding::{coding_of, decode};
use super::exchange::{Answer, MAX_BODY};
use super::question::Question;
use super::report::Asked;
use crate::asset::digest::ContentHash;

/// Fields that depend on the time, the connection or the place, or that are secret.
const VOLATILE: [&str; 22] = [
    "accept-ranges",
    "age",
    "alt-svc",
    "cf-cache-status",
    "cf-ray",
    "connection",
    "content-length",
    "date",
    "expires",
    "keep-alive",
    "last-modified",
    "nel",
    "priority",
    "report-to",
    "reporting-endpoints",
    "server",
    "server-timing",
    "set-cookie",
    "speculation-rules",
    "trailer",
    "transfer-encoding",
    "via",
];

/// An answer without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Observation {
    pub(crate) path: String,
    pub(crate) asked: Asked,
    pub(crate) status: u16,
    /// The fields that describe the site, with their names in lower case.
    pub(crate) fields: BTreeMap<String, String>,
    /// The hash of the bytes without a content coding, if they could be decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<ContentHash>,
    /// Number of bytes without a content coding.
    pub(crate) bytes: usize,
}

impl Observation {
    pub(crate) fn of(path: &str, question: Question, answer: &Answer) -> Self {
        let mut fields = BTreeMap::new();
        for (name, _) in &answer.fields {
            if !VOLATILE.contains(&&**name) && !fields.contains_key(name) {
                fields.insert(name.clone(), answer.field(name).unwrap_or_default());
            }
        }
        let coding = coding_of(answer.field("content-encoding").as_deref()).ok();
        let decoded = coding.and_then(|coding| decode(coding, &answer.body, MAX_BODY).ok());
        Self {
            path: path.to_owned(),
            asked: question.asked(),
            status: answer.status,
            fields,
            sha256: decoded.as_deref().map(ContentHash::of),
            bytes: decoded.map_or(answer.body.len(), |decoded| decoded.len()),
        }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

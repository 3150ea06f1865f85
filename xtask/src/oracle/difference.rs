//! What counts as a difference, and what does not.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;

use super::client::Answer;
use super::requests::Asked;
use super::servers::Engine;

/// Fields that say how an answer travels, or that only servers for development send.
const OF_THE_SERVER: [&str; 10] = [
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

/// Two answers that differ.
pub(super) struct Difference {
    pub(super) asked: Asked,
    theirs: Compared,
    ours: Compared,
}

#[derive(PartialEq, Eq)]
struct Compared {
    status: u16,
    headers: BTreeMap<String, String>,
}

impl Difference {
    /// Compares two answers.
    pub(super) fn find(
        engine: Engine,
        asked: &Asked,
        theirs: &Answer,
        ours: &Answer,
    ) -> Option<Self> {
        if is_artefact(engine, asked, theirs) {
            return None;
        }
        let (theirs, ours) = (Compared::new(theirs), Compared::new(ours));
        (theirs != ours).then(|| Self { asked: asked.clone(), theirs, ours })
    }
}

/// What only the servers for development do.
fn is_artefact(engine: Engine, asked: &Asked, theirs: &Answer) -> bool {
    let path = asked.path.split('?').next().unwrap_or_default();
    match engine {
        // It gives its manifest's keys one slash, which the deployed server does not.
        Engine::Pages => path.contains("//") || theirs.status == 502,
        Engine::Workers(..) => false,
    }
}

impl Compared {
    fn new(answer: &Answer) -> Self {
        let mut headers = answer.headers.clone();
        headers.retain(|name, _| !OF_THE_SERVER.contains(&name.as_str()));
        if let Some(location) = headers.get_mut("location") {
            // Pages writes a path as it decoded it.
            *location = percent_decode_str(location).decode_utf8_lossy().into_owned();
        }
        // Validators are made in different ways.
        if let Some(tag) = headers.get_mut("etag")
            && tag.starts_with('"')
        {
            "\"…\"".clone_into(tag);
        }
        Self { status: answer.status, headers }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Asked { method, path, headers, condition } = &self.asked;
        writeln!(f, "{method} {path} {headers:?} {condition:?}")?;
        for (who, answer, other) in
            [("theirs", &self.theirs, &self.ours), ("ours", &self.ours, &self.theirs)]
        {
            write!(f, "  {who}: {}", answer.status)?;
            for (name, value) in &answer.headers {
                if other.headers.get(name) != Some(value) {
                    write!(f, ", {name}: {value}")?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

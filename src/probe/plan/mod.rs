//! The plan: the paths to ask for, with the questions about each and the answers to expect. The runtime
//! gives these answers, from a table that is made of the manifest.

mod asking;
mod packed;
mod paths;
mod sample;

use super::question::Question;
use crate::asset::digest::ContentHash;
use crate::output::manifest::{Manifest, OwnCode};
use asking::Asking;

pub(crate) use sample::Sample;

/// The path of no file, for the answer to unknown paths.
pub(crate) const UNKNOWN_PATH: &str = "/worker-pack-probe/no-such-page";

/// The paths to ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) subjects: Vec<Subject>,
    /// Number of routes of the manifest.
    pub(crate) routes: usize,
    /// Number of those that are asked for.
    pub(crate) asked: usize,
}

/// A path, with the questions about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Path and query.
    pub(crate) target: String,
    pub(crate) kind: SubjectKind,
    /// The questions in the order in which they are asked. Later ones depend on the first two answers.
    pub(crate) questions: Vec<(Question, Expectation)>,
}

/// The kind of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectKind {
    /// The URL of a file.
    Asset,
    /// A path that a rule or another spelling of a page's URL redirects, or a rewrite.
    Redirect,
    /// A path of no file.
    Missing,
    /// A path that the Worker's own code answers.
    Server,
    /// A path of which nothing is known: one of a baseline, or of a crawl.
    Unknown,
}

/// The answer to expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    pub(crate) status: StatusIs,
    /// The fields that it has, with their names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    /// The fields that a rule removes, with their names in lower case.
    pub(crate) removed: Vec<String>,
    pub(crate) body: BodyIs,
}

/// The status to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusIs {
    /// This one.
    Exactly(u16),
    /// Any below 500.
    NoServerError,
    /// Any.
    Any,
}

/// The body to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyIs {
    /// The representation of an asset.
    Representation {
        coding: worker_pack_runtime::Coding,
        /// The hash of the bytes as they are sent.
        sent: ContentHash,
        /// The hash of the bytes without a content coding.
        identity: ContentHash,
        /// The length of the bytes without a content coding.
        identity_len: usize,
    },
    /// Any.
    Any,
}

impl Expectation {
    /// Expects nothing.
    pub(crate) const ANYTHING: Self =
        Self { status: StatusIs::Any, fields: Vec::new(), removed: Vec::new(), body: BodyIs::Any };

    /// Returns the value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| &**value)
    }
}

impl Subject {
    /// Makes a path of which nothing is known.
    pub(crate) fn unknown(target: String) -> Self {
        let questions = vec![(Question::Usual, Expectation::ANYTHING)];
        Self { target, kind: SubjectKind::Unknown, questions }
    }
}

/// Plans the questions about a packed site. `further` are paths that the user names.
pub(crate) fn plan(
    manifest: &Manifest,
    (host, origin): (&str, &str),
    sample: Sample,
    further: &[String],
) -> Plan {
    packed::with_table(manifest, |table, bodies| {
        let asking = Asking { table, bodies, host, origin };
        let chosen = sample.of(&manifest.assets);
        let mut subjects: Vec<Subject> =
            chosen.iter().map(|asset| paths::asset(&asking, asset, manifest)).collect();
        let asked = subjects.len();
        if let Some(asset) = subjects.iter_mut().find(|it| it.kind == SubjectKind::Asset) {
            let post = asking.expect(&asset.target, Question::Post, None);
            asset.questions.extend(post.map(|post| (Question::Post, post)));
        }
        subjects.extend(paths::spellings(&asking, &chosen, manifest));
        subjects.extend(paths::redirects(&asking, sample, manifest));
        subjects.push(paths::missing(&asking, manifest.own_code()));
        let known: Vec<&String> =
            further.iter().filter(|path| subjects.iter().all(|it| it.target != **path)).collect();
        let further = known.into_iter().map(|path| paths::further(&asking, path, manifest));
        let further: Vec<Subject> = further.collect();
        subjects.extend(further);
        Plan { subjects, routes: manifest.assets.len(), asked }
    })
}

/// Returns whether header rules apply to responses of the Worker's own code.
fn has_header_rules(own_code: OwnCode) -> bool {
    use crate::options::HeadersOnSsr;
    matches!(own_code, OwnCode::Present(HeadersOnSsr::On | HeadersOnSsr::WithPolicies))
}

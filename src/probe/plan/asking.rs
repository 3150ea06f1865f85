//! Asks the runtime for the answer to a question.

use worker_pack_runtime::{Answer, HeaderChange, Method, Reply, Request, Table};

use super::packed::Bodies;
use super::{BodyIs, Expectation, StatusIs};
use crate::probe::question::Question;

/// The table, and the deployment whose requests it answers.
pub(super) struct Asking<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) bodies: &'a Bodies,
    /// The host of the deployment, without its port.
    pub(super) host: &'a str,
    /// Its scheme, host and port.
    pub(super) origin: &'a str,
}

impl Asking<'_> {
    /// Returns the answer of the table, or none if the Worker's own code answers. `tag` is the entity
    /// tag for a conditional request.
    pub(super) fn expect(
        &self,
        target: &str,
        question: Question,
        tag: Option<&str>,
    ) -> Option<Expectation> {
        let (range, dictionary) = (question.range(), question.available_dictionary());
        let request = Request {
            range: range.as_deref(),
            available_dictionary: dictionary.as_deref(),
            ..self.request(target, question, tag)
        };
        match self.table.answer(&request) {
            Answer::Reply(reply) => Some(self.expectation(&request, &reply)),
            Answer::Server { .. } => None,
        }
    }

    /// Returns the answer of the table for a path that neither a file nor the Worker's own code answers.
    pub(super) fn expect_missing(&self, target: &str, question: Question) -> Expectation {
        let request = self.request(target, question, None);
        self.expectation(&request, &self.table.not_found(&request))
    }

    /// Returns the fields that the rules set on an answer of the Worker's own code.
    pub(super) fn fields_of_server(&self, target: &str, status: u16) -> Vec<(String, String)> {
        let request = self.request(target, Question::Usual, None);
        let changes = self.table.header_changes(&request, status);
        let set = changes.into_iter().filter_map(|change| match change {
            HeaderChange::Set(name, value) => Some((name.to_ascii_lowercase(), value.into_owned())),
            _ => None,
        });
        set.collect()
    }

    fn request<'r>(
        &'r self,
        target: &'r str,
        question: Question,
        tag: Option<&'r str>,
    ) -> Request<'r> {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        Request {
            query,
            host: Some(self.host),
            origin: Some(self.origin),
            accept_encoding: Some(question.accept_encoding()),
            accept: question.accept(),
            if_none_match: tag.filter(|_| question == Question::Unchanged),
            ..Request::new(Method::from_token(question.method()), path)
        }
    }

    fn expectation(&self, request: &Request<'_>, reply: &Reply<'_>) -> Expectation {
        let changes = self.table.header_changes(request, reply.status());
        let removed = changes.into_iter().filter_map(|change| match change {
            HeaderChange::Remove(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        });
        let fields: Vec<(String, String)> = reply
            .headers()
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let is_present = |name: &String| fields.iter().any(|(field, _)| field == name);
        let body = match reply.status() {
            200 | 404 => self.bodies.find(reply.body()),
            _ => BodyIs::Any,
        };
        Expectation {
            status: StatusIs::Exactly(reply.status()),
            removed: removed.filter(|name| !is_present(name)).collect(),
            fields,
            body,
        }
    }
}

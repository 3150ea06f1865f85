//! The judgement: what is expected and what was answered, compared without any I/O.

mod content;
mod fields;
mod methods;

use std::collections::BTreeMap;

use super::address::Address;
use super::exchange::{Answer, Outcome};
use super::plan::{Expectation, StatusIs, Subject, SubjectKind};
use super::question::Question;
use super::report::{Check, FindingClass, ProbeFinding};
pub(crate) use fields::{directives, is_same_type};

/// Collects the findings about a path. Of a property, the worst one counts, and of those the first.
pub(crate) struct Judgement<'a> {
    subject: &'a Subject,
    question: Question,
    /// Of `Header` there is one for each field.
    findings: BTreeMap<(Check, String), ProbeFinding>,
}

/// Judges the outcomes of the questions about a path, in their order.
pub(crate) fn judge(
    subject: &Subject,
    outcomes: &[Outcome],
    address: &Address,
) -> Vec<ProbeFinding> {
    let findings = BTreeMap::new();
    let mut judgement = Judgement { subject, question: Question::Usual, findings };
    for ((question, expected), outcome) in subject.questions.iter().zip(outcomes) {
        judgement.question = *question;
        match outcome {
            Outcome::NotAsked => {}
            Outcome::Failed(trouble) => {
                judgement.error(Check::Answer, &trouble.to_string());
            }
            Outcome::Answered(answer) => judgement.answer(expected, answer, outcomes, address),
        }
    }
    judgement.findings.into_values().collect()
}

/// Returns whether an answer has the expected status, so that further questions make sense.
pub(crate) fn has_expected_status(expected: &Expectation, answer: &Answer) -> bool {
    match expected.status {
        StatusIs::Exactly(status) => answer.status == status,
        StatusIs::NoServerError => answer.status < 500,
        StatusIs::Any => true,
    }
}

impl Judgement<'_> {
    fn answer(
        &mut self,
        expected: &Expectation,
        answer: &Answer,
        outcomes: &[Outcome],
        address: &Address,
    ) {
        let of = |question| {
            let at = self.subject.questions.iter().position(|(other, _)| *other == question)?;
            outcomes.get(at)?.answer()
        };
        match self.question {
            Question::Usual
            | Question::Identity
            | Question::Gzip
            | Question::Pictures
            | Question::WithDictionary { .. } => {
                if self.has_status(expected, answer) {
                    self.location(expected, answer, address);
                    self.content(expected, answer);
                    self.fields(expected, answer);
                }
            }
            Question::Head => {
                let get = of(Question::Usual);
                self.head(answer, get);
            }
            Question::Unchanged => {
                let get = of(Question::Usual);
                self.unchanged(expected, answer, get);
            }
            Question::Part { last } => {
                let whole = of(Question::Identity);
                self.part(expected, answer, last, whole);
            }
            Question::Beyond { len } => self.beyond(expected, answer, len),
            Question::Post => self.post(expected, answer),
        }
    }

    fn has_status(&mut self, expected: &Expectation, answer: &Answer) -> bool {
        if has_expected_status(expected, answer) {
            return true;
        }
        let check = match self.subject.kind {
            SubjectKind::Redirect => Check::Redirect,
            SubjectKind::Missing => Check::NotFound,
            SubjectKind::Asset | SubjectKind::Server | SubjectKind::Unknown => Check::Status,
        };
        let wanted = match expected.status {
            StatusIs::Exactly(status) => status.to_string(),
            StatusIs::NoServerError | StatusIs::Any => "below 500".to_owned(),
        };
        let found = match answer.field("location") {
            Some(location) => format!("{} to {location}", answer.status),
            None => answer.status.to_string(),
        };
        let message = match answer.status {
            429 => "refused for asking too often; lower `--concurrency`",
            // Cloudflare names what it does instead of asking the Worker.
            _ if answer.field("cf-mitigated").is_some() => {
                "challenged by the protection against bots; make an exception for the user agent"
            }
            _ => "another status",
        };
        self.compared(FindingClass::Error, check, message, Some(wanted), Some(found));
        false
    }

    fn location(&mut self, expected: &Expectation, answer: &Answer, address: &Address) {
        let Some(wanted) = expected.field("location") else { return };
        let found = answer.field("location");
        let target = &self.subject.target;
        let resolved = |reference: &str| address.resolve(target, reference);
        if found.as_deref().and_then(resolved) != resolved(wanted) || found.is_none() {
            let wanted = Some(wanted.to_owned());
            self.compared(FindingClass::Error, Check::Redirect, "leads elsewhere", wanted, found);
        }
    }

    fn error(&mut self, check: Check, message: &str) {
        self.compared(FindingClass::Error, check, message, None, None);
    }

    fn compared(
        &mut self,
        class: FindingClass,
        check: Check,
        message: &str,
        expected: Option<String>,
        found: Option<String>,
    ) {
        let (path, asked) = (self.subject.target.clone(), self.question.asked());
        let message = message.to_owned();
        let finding = ProbeFinding { class, check, path, asked, message, expected, found };
        let subject = if check == Check::Header { finding.message.clone() } else { String::new() };
        let key = (check, subject);
        match self.findings.get(&key) {
            Some(earlier) if earlier.class <= class => {}
            _ => drop(self.findings.insert(key, finding)),
        }
    }
}

//! Answers to other requests than a plain `GET`.

use super::Judgement;
use crate::probe::exchange::Answer;
use crate::probe::plan::{Expectation, StatusIs};
use crate::probe::report::{Check, FindingClass};

/// The fields that the answers to `HEAD` and `GET` have in common (RFC 9110 §9.3.2). `Content-Length` may
/// be missing.
const OF_HEAD: [&str; 5] = ["content-type", "content-encoding", "cache-control", "etag", "vary"];

impl Judgement<'_> {
    /// Compares the answer to `HEAD` with that to `GET`.
    pub(super) fn head(&mut self, answer: &Answer, get: Option<&Answer>) {
        let Some(get) = get else { return };
        if !answer.body.is_empty() {
            self.error(Check::Head, "has a body");
        }
        if answer.status != get.status {
            let (wanted, found) = (Some(get.status.to_string()), Some(answer.status.to_string()));
            let class = FindingClass::Error;
            self.compared(class, Check::Head, "another status than `GET`", wanted, found);
            return;
        }
        for name in OF_HEAD {
            let (wanted, found) = (get.field(name), answer.field(name));
            // A host that compresses does so for a body alone.
            let is_left_out = name == "content-encoding" && found.is_none();
            if wanted.as_deref().map(strong) != found.as_deref().map(strong) && !is_left_out {
                let message = format!("`{name}` differs from that of `GET`");
                let class = FindingClass::Difference;
                self.compared(class, Check::Head, &message, wanted, found);
            }
        }
        let length = |answer: &Answer| answer.field("content-length");
        let (wanted, found) = (length(get), length(answer));
        let is_same_coding = get.field("content-encoding") == answer.field("content-encoding");
        if is_same_coding && wanted.is_some() && found.is_some() && wanted != found {
            let message = "`content-length` differs from that of `GET`";
            self.compared(FindingClass::Difference, Check::Head, message, wanted, found);
        }
    }

    /// Judges the answer to a conditional request (RFC 9110 §15.4.5).
    pub(super) fn unchanged(
        &mut self,
        expected: &Expectation,
        answer: &Answer,
        get: Option<&Answer>,
    ) {
        let check = Check::Conditional;
        if expected.status != StatusIs::Exactly(304) {
            return;
        }
        let found = Some(answer.status.to_string());
        match answer.status {
            304 => {}
            200 => {
                let (class, message) = (FindingClass::Difference, "sent again, although unchanged");
                return self.compared(class, check, message, Some("304".to_owned()), found);
            }
            _ => {
                let message = "another status";
                return self.compared(
                    FindingClass::Error,
                    check,
                    message,
                    Some("304".to_owned()),
                    found,
                );
            }
        }
        if !answer.body.is_empty() {
            return self.error(check, "the 304 has a body");
        }
        let tag = get.and_then(|get| get.field("etag"));
        let found = answer.field("etag");
        if found.is_some() && found.as_deref().map(strong) != tag.as_deref().map(strong) {
            let class = FindingClass::Difference;
            self.compared(class, check, "the 304 has another `ETag`", tag, found);
        }
    }

    /// Judges a part of a body (RFC 9110 §15.3.7). `whole` is the answer with the whole body.
    pub(super) fn part(
        &mut self,
        expected: &Expectation,
        answer: &Answer,
        last: usize,
        whole: Option<&Answer>,
    ) {
        let check = Check::Range;
        if expected.status != StatusIs::Exactly(206) {
            return;
        }
        let (error, difference) = (FindingClass::Error, FindingClass::Difference);
        let found = Some(answer.status.to_string());
        match answer.status {
            206 => {}
            200 => {
                let wanted = Some("206".to_owned());
                return self.compared(difference, check, "sent whole", wanted, found);
            }
            _ => {
                let wanted = Some("206".to_owned());
                return self.compared(error, check, "another status", wanted, found);
            }
        }
        let wanted = expected.field("content-range").map(str::to_owned);
        let found = answer.field("content-range");
        if found.as_deref().map(str::trim) != wanted.as_deref() {
            return self.compared(error, check, "another `Content-Range`", wanted, found);
        }
        let is_plain = |answer: &&Answer| answer.field("content-encoding").is_none();
        let whole = whole.filter(is_plain).and_then(|whole| whole.body.get(..=last));
        if whole.is_some_and(|bytes| bytes != answer.body) {
            let wanted = Some(format!("the first {} bytes", last + 1));
            let found = Some(format!("{} other bytes", answer.body.len()));
            self.compared(error, check, "other bytes", wanted, found);
        }
    }

    /// Judges the answer to a range after the end (RFC 9110 §15.5.17).
    pub(super) fn beyond(&mut self, expected: &Expectation, answer: &Answer, len: usize) {
        let check = Check::Range;
        if expected.status != StatusIs::Exactly(416) {
            return;
        }
        let (error, difference) = (FindingClass::Error, FindingClass::Difference);
        let found = Some(answer.status.to_string());
        match answer.status {
            416 => {}
            200 => {
                let (message, wanted) = ("sent whole, after the end", Some("416".to_owned()));
                return self.compared(difference, check, message, wanted, found);
            }
            _ => {
                let (message, wanted) = ("another status, after the end", Some("416".to_owned()));
                return self.compared(error, check, message, wanted, found);
            }
        }
        let (wanted, found) = (format!("bytes */{len}"), answer.field("content-range"));
        if found.as_deref().map(str::trim) != Some(&*wanted) {
            let message = "another `Content-Range`, after the end";
            self.compared(difference, check, message, Some(wanted), found);
        }
    }

    /// Judges the answer to `POST` (RFC 9110 §15.5.6).
    pub(super) fn post(&mut self, expected: &Expectation, answer: &Answer) {
        let check = Check::Method;
        let StatusIs::Exactly(status) = expected.status else { return };
        if answer.status != status {
            let class = if answer.status < 400 || answer.status >= 500 {
                FindingClass::Error
            } else {
                FindingClass::Difference
            };
            let (wanted, found) = (Some(status.to_string()), Some(answer.status.to_string()));
            return self.compared(class, check, "another status", wanted, found);
        }
        let names = |text: Option<&str>| -> std::collections::BTreeSet<String> {
            let names = text.into_iter().flat_map(|text| text.split(','));
            names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        };
        let (wanted, found) = (expected.field("allow"), answer.field("allow"));
        if wanted.is_some() && names(wanted) != names(found.as_deref()) {
            let message = if found.is_some() { "another `Allow`" } else { "`Allow` is missing" };
            let class = FindingClass::Difference;
            self.compared(class, check, message, wanted.map(str::to_owned), found);
        }
    }
}

/// Returns an entity tag without the mark of a weak one, and any other value as it is.
fn strong(value: &str) -> &str {
    value.strip_prefix("W/").unwrap_or(value)
}

//! The bytes of an answer and their coding.

use worker_pack_runtime::Coding;

use super::Judgement;
use crate::asset::digest::ContentHash;
use crate::probe::decoding::{Undecodable, coding_of, decode};
use crate::probe::exchange::{Answer, MAX_BODY};
use crate::probe::plan::{BodyIs, Expectation, SubjectKind};
use crate::probe::question::Question;
use crate::probe::report::{Check, FindingClass};

/// The bytes of a representation, as a host sends them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SentBytes {
    AsPacked,
    /// In another coding, or compressed anew.
    OfHost,
}

impl Judgement<'_> {
    /// Compares the bytes and the coding.
    pub(super) fn content(&mut self, expected: &Expectation, answer: &Answer) {
        let field = answer.field("content-encoding");
        let coding = coding_of(field.as_deref()).ok();
        let Some(coding) = coding.filter(|coding| is_accepted(self.question, *coding)) else {
            let accepted = Some(self.question.accept_encoding().to_owned());
            return self.compared(FindingClass::Error, Check::Coding, UNASKED, accepted, field);
        };
        let BodyIs::Representation { coding: packed, sent, identity, identity_len } = expected.body
        else {
            if let Err(error) = decode(coding, &answer.body, MAX_BODY) {
                self.undecodable(&error);
            }
            return;
        };
        // The build has decoded these bytes, with a dictionary if they have one.
        if coding == packed && ContentHash::of(&answer.body) == sent {
            return self.tag(expected, answer, SentBytes::AsPacked);
        }
        let decoded = match decode(coding, &answer.body, identity_len) {
            Ok(decoded) => ContentHash::of(&decoded),
            Err(Undecodable::TooLong) => return self.other_bytes(identity_len, None),
            Err(error) => return self.undecodable(&error),
        };
        if decoded != identity {
            return self.other_bytes(identity_len, Some(answer.body.len()));
        }
        match (packed, coding) {
            (Coding::Brotli, Coding::Brotli) | (Coding::Gzip, Coding::Gzip) => {
                self.note_of_coding("compressed anew by the host", packed, coding);
            }
            (Coding::Identity, _) => {
                self.note_of_coding("compressed by the host", packed, coding);
            }
            (_, found) => {
                let (wanted, found) = (Some(packed.to_string()), Some(found.to_string()));
                let class = FindingClass::Difference;
                // The tag is that of another representation.
                return self.compared(
                    class,
                    Check::Coding,
                    "another content coding",
                    wanted,
                    found,
                );
            }
        }
        self.tag(expected, answer, SentBytes::OfHost);
    }

    /// Compares the entity tag (RFC 9110 §8.8.3).
    fn tag(&mut self, expected: &Expectation, answer: &Answer, bytes: SentBytes) {
        let is_recoded = bytes == SentBytes::OfHost;
        let Some(wanted) = expected.field("etag") else { return };
        let found = answer.field("etag");
        let tag = |field: &str| field.strip_prefix("W/").unwrap_or(field).to_owned();
        let (class, message) = match found.as_deref() {
            None => (FindingClass::Difference, "missing"),
            Some(found) if found == wanted && !is_recoded => return,
            // `wrangler dev` does so, and Cloudflare's edge marks the tag as weak.
            Some(found) if found == wanted => {
                (FindingClass::Note, "strong, although the host compresses")
            }
            Some(found) if found.starts_with("W/") && tag(found) == wanted && is_recoded => {
                (FindingClass::Note, "weak, since the host compresses")
            }
            Some(found) if found.starts_with("W/") && tag(found) == wanted => {
                (FindingClass::Difference, "weak, although the bytes are those that were packed")
            }
            // A host that compresses may have a tag of its own.
            Some(_) if is_recoded => (FindingClass::Note, "of the host, which compresses"),
            Some(_) => (FindingClass::Difference, "another tag"),
        };
        self.compared(class, Check::ETag, message, Some(wanted.to_owned()), found);
    }

    fn other_bytes(&mut self, wanted: usize, found: Option<usize>) {
        let check = match self.subject.kind {
            SubjectKind::Missing => Check::NotFound,
            _ => Check::Content,
        };
        let wanted = Some(format!("{wanted} bytes without a coding"));
        let found = found.map_or_else(
            || "more bytes".to_owned(),
            |found| format!("{found} bytes as sent, with another content"),
        );
        let class = FindingClass::Error;
        self.compared(class, check, "other bytes than were packed", wanted, Some(found));
    }

    fn undecodable(&mut self, error: &Undecodable) {
        let message = match error {
            Undecodable::Damaged(coding) => format!("the body is not valid `{coding}`"),
            Undecodable::TooLong => format!("the body decodes to more than {MAX_BODY} bytes"),
            Undecodable::UnknownCoding(coding) => format!("the coding `{coding}` is unknown"),
        };
        self.error(Check::Coding, &message);
    }

    fn note_of_coding(&mut self, message: &str, packed: Coding, found: Coding) {
        let (wanted, found) = (Some(packed.to_string()), Some(found.to_string()));
        self.compared(FindingClass::Note, Check::Coding, message, wanted, found);
    }
}

const UNASKED: &str = "a content coding that was not asked for";

fn is_accepted(question: Question, coding: Coding) -> bool {
    match coding {
        Coding::Identity => true,
        Coding::Gzip => question.accept_encoding().contains("gzip"),
        Coding::Brotli => question.accept_encoding().contains("br"),
        Coding::DictionaryBrotli => question.accept_encoding().contains("dcb"),
    }
}

//! The comparison of two deployments, answer by answer: which differences are wanted, and which are not.

use std::collections::BTreeSet;

use super::judgement::{directives, is_same_type};
use super::observation::Observation;
use super::report::{Asked, SideDifference};

/// Media types whose files are made smaller.
const MINIFIED: [&str; 7] = ["html", "css", "javascript", "json", "xml", "svg", "image/png"];

/// Compares an answer with that of the old deployment.
pub(crate) fn compare(old: &Observation, new: &Observation) -> Vec<SideDifference> {
    let mut sides = Sides { old, new, found: Vec::new() };
    if !sides.has_same_status() {
        return sides.found;
    }
    if matches!(new.status, 200 | 404) && new.asked == Asked::Usual {
        sides.content();
    }
    let names: BTreeSet<&String> = old.fields.keys().chain(new.fields.keys()).collect();
    let own = own_fields(new.asked);
    let is_asked_for = |name: &&&String| own.is_none_or(|own| own.contains(&name.as_str()));
    for name in names.iter().filter(is_asked_for) {
        sides.field(name);
    }
    sides.found
}

/// Returns the fields that a question is about, or none if it is about all of them: the answers to several
/// questions about a path have most fields in common.
fn own_fields(asked: Asked) -> Option<&'static [&'static str]> {
    match asked {
        Asked::Usual => None,
        Asked::Identity | Asked::Gzip | Asked::WithDictionary | Asked::UnknownDictionary => {
            Some(&["content-encoding"])
        }
        Asked::Pictures => Some(&["content-type"]),
        Asked::Head | Asked::Unchanged => Some(&[]),
        Asked::Part | Asked::Beyond => Some(&["content-range"]),
        Asked::Post => Some(&["allow"]),
    }
}

struct Sides<'o> {
    old: &'o Observation,
    new: &'o Observation,
    found: Vec<SideDifference>,
}

impl Sides<'_> {
    fn has_same_status(&mut self) -> bool {
        let (old, new) = (self.old.status, self.new.status);
        if old == new {
            return true;
        }
        let wanted = match (self.new.asked, old, new) {
            (Asked::Part, 200, 206) | (Asked::Beyond, 200, 416) => Some("ranges are answered"),
            (Asked::Unchanged, 200, 304) => Some("an unchanged file is not sent again"),
            (Asked::Post, 200..500, 405) => Some("unsupported methods get 405"),
            _ => None,
        };
        self.add("status", wanted, Some(old.to_string()), Some(new.to_string()));
        false
    }

    fn content(&mut self) {
        let (old, new) = (self.old, self.new);
        if old.sha256 == new.sha256 {
            return;
        }
        let is_minified = |observation: &Observation| {
            let kind = observation.field("content-type").unwrap_or_default();
            MINIFIED.into_iter().any(|part| kind.contains(part))
        };
        let wanted = (is_minified(new) && new.bytes < old.bytes).then_some("smaller: minified");
        let bytes = |observation: &Observation| Some(format!("{} bytes", observation.bytes));
        let (old, new) = (bytes(old), bytes(new));
        self.add("content", wanted, old, new);
    }

    fn field(&mut self, name: &str) {
        let (old, new) = (self.old.field(name), self.new.field(name));
        if old == new {
            return;
        }
        let wanted = match (name, old, new) {
            ("content-type", Some(old), Some(new)) if is_same_type(old, new) => return,
            ("content-type", Some(old), Some(new))
                if old.starts_with("image/") && new.starts_with("image/") =>
            {
                Some("a smaller picture for clients that name its media type")
            }
            ("cache-control", Some(old), Some(new)) if directives(old) == directives(new) => return,
            ("etag", ..) => match (old, new) {
                (Some(old), None) if !old.is_empty() => None,
                // Other bytes have another tag, as they should.
                (_, Some(new)) if !new.starts_with("W/") => {
                    Some("a strong tag for each representation")
                }
                (Some(old), Some(_)) if old.starts_with("W/") => return,
                _ => None,
            },
            ("cache-control", _, Some(new)) if new.contains("immutable") => {
                Some("files with a hash in their name are kept for a year")
            }
            ("content-encoding", _, Some("br")) => Some("Brotli, compressed once"),
            ("content-encoding", _, Some("dcb")) => Some("Brotli with a dictionary"),
            ("vary", old, Some(new)) if is_list_within(old.unwrap_or_default(), new) => {
                Some("caches learn what the answer depends on")
            }
            ("content-range", None, Some(_)) => Some("ranges are answered"),
            ("allow", None, Some(_)) => Some("405 tells the methods"),
            ("content-type", None | Some("application/octet-stream"), Some(_)) => {
                Some("the media type is found in the file")
            }
            ("link", None, Some(_)) => Some("dictionaries and Early Hints, made at build time"),
            (_, None, Some(_)) => Some("a new field, of a rule or of the Worker's own code"),
            _ => None,
        };
        let (old, new) = (old.map(str::to_owned), new.map(str::to_owned));
        self.add(name, wanted, old, new);
    }

    fn add(&mut self, field: &str, wanted: Option<&str>, old: Option<String>, new: Option<String>) {
        self.found.push(SideDifference {
            wanted: wanted.map(str::to_owned),
            field: field.to_owned(),
            path: self.new.path.clone(),
            asked: self.new.asked,
            old,
            new,
        });
    }
}

fn is_list_within(inner: &str, outer: &str) -> bool {
    directives(inner).is_subset(&directives(outer))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::asset::digest::ContentHash;

    fn observation(status: u16, body: &str, fields: &[(&str, &str)]) -> Observation {
        let fields: BTreeMap<String, String> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Observation {
            path: "/a".to_owned(),
            asked: Asked::Usual,
            status,
            fields,
            sha256: Some(ContentHash::of(body.as_bytes())),
            bytes: body.len(),
        }
    }

    #[test]
    fn what_the_documentation_promises_is_wanted_and_what_is_lost_is_not() {
        let html = ("content-type", "text/html; charset=utf-8");
        let old = observation(
            200,
            "<p>  a",
            &[
                html,
                ("etag", "W/\"1\""),
                ("cache-control", "public, max-age=0"),
                ("x-frame-options", "DENY"),
            ],
        );
        let new = observation(
            200,
            "<p>a",
            &[
                ("content-type", "text/html;charset=UTF-8"),
                ("etag", "\"2\""),
                ("cache-control", "public, max-age=31536000, immutable"),
                ("content-encoding", "br"),
                ("vary", "Accept-Encoding"),
            ],
        );
        let found = compare(&old, &new);
        let names = |is_wanted: bool| -> Vec<&str> {
            let of = found.iter().filter(|it| it.wanted.is_some() == is_wanted);
            of.map(|it| &*it.field).collect()
        };
        assert_eq!(names(true), ["content", "cache-control", "content-encoding", "etag", "vary"]);
        assert_eq!(names(false), ["x-frame-options"]);
        // The other way round all of it is a loss.
        assert!(
            compare(&new, &old)
                .iter()
                .all(|it| it.wanted.is_none() || it.field == "x-frame-options")
        );
        assert_eq!(compare(&old, &old), []);
    }

    #[test]
    fn another_status_hides_all_other_differences() {
        let found = compare(&observation(200, "a", &[("a", "b")]), &observation(404, "b", &[]));
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].field, &found[0].wanted), ("status", &None));
    }
}

//! The R2 bucket of a packed Worker's bodies: an element of `r2_buckets` beside the buckets of the site.
//!
//! A build adds it where it is missing, and removes its own when no body is in R2. What the user changes
//! in it stays. Environments inherit no buckets, so each of them has the element, too.

use jsonc_parser::cst::{CstNode, CstObject};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Needs;
use super::memory::WrittenSettings;
use super::scope::Scope;
use crate::project::wrangler::PACKED_BODIES;

/// The setting with all buckets.
const BUCKETS: &str = "r2_buckets";

/// The end of the name of the bucket, after that of the Worker.
const SUFFIX: &str = "-bodies";

/// The longest name of a bucket.
const MAX_NAME: usize = 63;

/// A bucket, as the commands of wrangler need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its jurisdiction, if it has one, such as `eu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
}

impl Bucket {
    /// Reads an element of `r2_buckets`. wrangler creates a bucket for one without a name.
    fn read(element: &Value) -> Option<Self> {
        let text = |name: &str| element.get(name)?.as_str().map(str::to_owned);
        Some(Self { name: text("bucket_name")?, jurisdiction: text("jurisdiction") })
    }
}

/// Returns settings without the element for bodies, so that the rest is compared with the site's.
pub(super) fn without_bodies(settings: &Map<String, Value>) -> Map<String, Value> {
    let mut settings = settings.clone();
    let environments = settings.get_mut("env").and_then(Value::as_object_mut).into_iter().flatten();
    environments.filter_map(|(_, values)| values.as_object_mut()).for_each(remove);
    remove(&mut settings);
    settings
}

fn remove(settings: &mut Map<String, Value>) {
    let Some(Value::Array(all)) = settings.get_mut(BUCKETS) else { return };
    let len = all.len();
    all.retain(|one| !is_of_bodies(one));
    if all.is_empty() && len > 0 {
        settings.remove(BUCKETS);
    }
}

/// Writes the element for bodies into a merged configuration and its environments, or removes it.
/// `own` are the settings that it had before. Returns the buckets.
pub(super) fn settle(
    root: &CstObject,
    own: &Map<String, Value>,
    earlier: Option<&WrittenSettings>,
    written: &mut WrittenSettings,
    needs: &Needs,
) -> Vec<Bucket> {
    let name = root.get("name").and_then(|it| it.value()?.to_serde_value());
    let default = default_element(name.as_ref().and_then(Value::as_str).unwrap_or_default());
    let mut settling = Settling { earlier, written, needs, buckets: Vec::new() };
    let default = settling.scope(root, own, None, &default);
    let all = Scope::environments(root);
    for property in all.iter().flat_map(CstObject::properties) {
        let name = property.name().and_then(|name| name.decoded_value().ok());
        let (Some(name), Some(object)) = (name, property.object_value()) else { continue };
        let none = Map::new();
        let own = own.get("env").and_then(|all| all.get(&name)?.as_object());
        settling.scope(&object, own.unwrap_or(&none), Some(&name), &default);
    }
    settling.buckets
}

struct Settling<'s> {
    earlier: Option<&'s WrittenSettings>,
    written: &'s mut WrittenSettings,
    needs: &'s Needs,
    buckets: Vec<Bucket>,
}

impl Settling<'_> {
    /// Settles a scope, and returns its element.
    fn scope(
        &mut self,
        object: &CstObject,
        own: &Map<String, Value>,
        environment: Option<&str>,
        default: &Value,
    ) -> Value {
        let own = own.get(BUCKETS).and_then(Value::as_array);
        let own = own.and_then(|all| all.iter().find(|one| is_of_bodies(one)));
        let prefix = environment.map(|name| format!("env/{name}/")).unwrap_or_default();
        let place = format!("{prefix}{BUCKETS}/{PACKED_BODIES}");
        let is_written = own.is_some_and(|own| match self.earlier {
            Some(earlier) => earlier.has(&place, own),
            None => own == default,
        });
        let element = own.unwrap_or(default);
        if self.needs.r2 {
            if own.is_none() || is_written {
                self.written.add(place, element);
            }
            let bucket = Bucket::read(element).filter(|one| !self.buckets.contains(one));
            self.buckets.extend(bucket);
            put(object, element);
        } else if is_written {
            take(object);
        } else if own.is_some() {
            put(object, element);
        }
        element.clone()
    }
}

/// Adds an element to the list of buckets, unless it has one for bodies.
fn put(object: &CstObject, element: &Value) {
    let Some(list) = object.array_value_or_create(BUCKETS) else { return };
    let mut all = list.elements().into_iter().filter_map(|one| one.to_serde_value());
    if !all.any(|one| is_of_bodies(&one)) {
        list.append(super::scope::input(element.clone()));
    }
}

/// Removes the element for bodies, and a list that is empty without it.
fn take(object: &CstObject) {
    let Some(list) = object.array_value(BUCKETS) else { return };
    let is_it = |one: &CstNode| one.to_serde_value().is_some_and(|it| is_of_bodies(&it));
    let (of_bodies, others): (Vec<_>, Vec<_>) = list.elements().into_iter().partition(is_it);
    for one in of_bodies {
        one.remove();
    }
    if let Some(property) = object.get(BUCKETS).filter(|_| others.is_empty()) {
        property.remove();
    }
}

fn is_of_bodies(element: &Value) -> bool {
    element.get("binding").is_some_and(|name| name == PACKED_BODIES)
}

/// Makes the element that a build adds. Names of buckets have lower-case letters, digits and dashes.
fn default_element(worker: &str) -> Value {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = worker.chars().map(plain).take(MAX_NAME - SUFFIX.len()).collect();
    let name = name.trim_matches('-');
    let name = if name.is_empty() { "site" } else { name };
    json!({ "binding": PACKED_BODIES, "bucket_name": format!("{name}{SUFFIX}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_bucket_has_a_name_that_r2_accepts() {
        let long = "a-".repeat(40);
        for (worker, bucket) in [
            ("my-site", "my-site-bodies"),
            ("My_Site", "my-site-bodies"),
            ("_x_", "x-bodies"),
            ("", "site-bodies"),
            ("é", "site-bodies"),
            (&long, &format!("{}a{SUFFIX}", "a-".repeat(27))),
        ] {
            let name = default_element(worker)["bucket_name"].as_str().unwrap().to_owned();
            assert_eq!(name, *bucket, "{worker}");
            assert!((3..=MAX_NAME).contains(&name.len()), "{name}");
        }
    }
}

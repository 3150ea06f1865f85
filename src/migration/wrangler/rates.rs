//! Limits of rates, which were unsafe bindings before they had a setting of their own.
//!
//! Source: Cloudflare's changelog of 2025-09-19.

use serde_json::{Value, json};

use super::settings::Settling;
use crate::migration::document::{Change, Step, steps};
use crate::migration::plan::RemarkKind;

impl Settling<'_> {
    /// Turns the limits of rates among the unsafe bindings into the setting for them.
    pub(super) fn limit_rates(&mut self) {
        let mut changes = Vec::new();
        let mut refused = Vec::new();
        for (keys, scope) in self.scopes() {
            let Some(unsafe_settings) = scope.get("unsafe").and_then(Value::as_object) else {
                continue;
            };
            let Some(bindings) = unsafe_settings.get("bindings").and_then(Value::as_array) else {
                continue;
            };
            let mut moved = Vec::new();
            for (place, binding) in bindings.iter().enumerate() {
                if binding.get("type").and_then(Value::as_str) != Some("ratelimit") {
                    continue;
                }
                let limit = limit_of(binding);
                match limit {
                    Some(limit) => {
                        let steps = [&keys[..], &steps(&["ratelimits"])].concat();
                        changes.push(Change::Append { steps, value: limit });
                        moved.push(place);
                    }
                    None => refused.push(binding.get("name").cloned().unwrap_or_default()),
                }
            }
            let of_unsafe = |rest: &[Step]| [&keys[..], &steps(&["unsafe"]), rest].concat();
            if moved.len() == bindings.len() && !moved.is_empty() {
                let rest = if unsafe_settings.len() == 1 { vec![] } else { steps(&["bindings"]) };
                changes.push(Change::Remove { steps: of_unsafe(&rest) });
                continue;
            }
            // From the last one, so that the places of the others stay.
            for place in moved.into_iter().rev() {
                let rest = [Step::Key("bindings".to_owned()), Step::Index(place)];
                changes.push(Change::Remove { steps: of_unsafe(&rest) });
            }
        }
        self.found.changes.extend(changes);
        for name in refused {
            self.remark(RemarkKind::ByHand, format!("the limit {name} stays among the unsafe bindings, since `ratelimits` need a `namespace_id`, a `limit`, and a `period` of 10 or 60 seconds"));
        }
    }
}

/// Returns a limit of rates as the setting for them has it, if it is complete.
fn limit_of(binding: &Value) -> Option<Value> {
    let simple = binding.get("simple")?;
    let period = simple.get("period")?.as_u64().filter(|period| [10, 60].contains(period))?;
    let (name, id) = (binding.get("name")?, binding.get("namespace_id")?);
    let limit = simple.get("limit")?;
    Some(
        json!({ "name": name, "namespace_id": id, "simple": { "limit": limit, "period": period } }),
    )
}

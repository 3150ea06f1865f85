//! The part of Node.js that a Worker has, which its compatibility date and flags decide.

use serde_json::{Map, Value, json};

use super::wrangler::{COMPATIBILITY_DATE, NODE_FLAG, OwnConfig};
use crate::project::wrangler::{NODE_BY_DEFAULT, WranglerConfig};

/// The flag without which [`NODE_FLAG`] adds globals such as `process` too.
const NO_GLOBALS_FLAG: &str = "no_nodejs_compat_v2";

/// The flag for the host's decoder, which [`NODE_FLAG`] implies from [`GLOBALS_DATE`] on.
const DECODER_FLAG: &str = "nodejs_zlib";

/// The flags that refuse what the decoder requires.
const REFUSALS: [&str; 2] = ["no_nodejs_compat", "no_nodejs_zlib"];

/// The date from which [`NODE_FLAG`] adds globals, and wrangler adds its polyfills.
const GLOBALS_DATE: &str = "2024-09-23";

/// The part of Node.js that a Worker has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeMode {
    /// None.
    Off,
    /// Modules whose names begin with `node:`.
    Modules,
    /// All modules, and globals such as `process` and `Buffer`. What the host lacks, wrangler adds to the
    /// modules that it bundles.
    Globals,
}

/// The compatibility date and flags of a Worker.
#[derive(Clone, Debug)]
pub(super) struct NodeCompat {
    date: String,
    flags: Vec<String>,
}

/// The host's decoder, for which each environment needs some compatibility flags.
#[derive(Clone, Debug)]
pub(crate) struct Decoder {
    globals: NodeGlobals,
    /// The date and flags that environments inherit.
    inherited: NodeCompat,
}

/// The globals of Node.js that the code of a Worker expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeGlobals {
    /// Those that the site's configuration gives it.
    AsConfigured,
    /// None, or more than the configuration gives it.
    Any,
}

impl Decoder {
    pub(super) fn new(globals: NodeGlobals, inherited: NodeCompat) -> Self {
        Self { globals, inherited }
    }

    /// Returns the same for environments below a top level with these settings.
    pub(super) fn below(&self, top: &Map<String, Value>) -> Self {
        Self { inherited: self.inherited.overridden(&|name| top.get(name)), ..self.clone() }
    }

    /// Returns the flags for a scope of the configuration. Returns `None` if it has or inherits enough of
    /// them.
    pub(super) fn flags(&self, scope: &Map<String, Value>) -> Option<Value> {
        let compat = self.inherited.overridden(&|name| scope.get(name));
        compat.flags_for_decoder(self.globals).map(|flags| json!(flags))
    }
}

impl NodeCompat {
    /// Reads them from the configuration of the output, which takes precedence, and that of the site.
    pub(super) fn of(own: &OwnConfig, site: &WranglerConfig) -> Self {
        let default = Self { date: COMPATIBILITY_DATE.to_owned(), flags: Vec::new() };
        default.overridden(&|name| site.get(name)).overridden(&|name| own.setting(name))
    }

    fn overridden<'s>(&self, setting: &dyn Fn(&str) -> Option<&'s Value>) -> Self {
        let date = setting("compatibility_date").and_then(Value::as_str);
        let flags = setting("compatibility_flags").and_then(Value::as_array);
        let flags = flags.map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned));
        Self {
            date: date.map_or_else(|| self.date.clone(), str::to_owned),
            flags: flags.map_or_else(|| self.flags.clone(), Iterator::collect),
        }
    }

    /// Returns the part of Node.js that the Worker has, by wrangler's rules (`resolveNodejsCompat`).
    pub(super) fn mode(&self) -> NodeMode {
        let is_default = &*self.date >= NODE_BY_DEFAULT;
        let has_modules = self.has(NODE_FLAG) || is_default && !self.has("no_nodejs_compat");
        let implies_globals = is_default || has_modules && !self.is_old();
        if self.has("nodejs_compat_v2") || implies_globals && !self.has(NO_GLOBALS_FLAG) {
            NodeMode::Globals
        } else if has_modules {
            NodeMode::Modules
        } else {
            NodeMode::Off
        }
    }

    /// Returns whether the host's decoder is refused by a flag, or by a date before there was one.
    pub(super) fn refuses_decoder(&self) -> bool {
        let is_too_old = self.is_old() && !self.has(DECODER_FLAG);
        is_too_old || REFUSALS.iter().any(|flag| self.has(flag))
    }

    /// Returns the flags that provide the host's decoder. Returns `None` if it is provided without
    /// changing them.
    pub(super) fn flags_for_decoder(&self, globals: NodeGlobals) -> Option<Vec<String>> {
        let mut added = Vec::new();
        if self.mode() == NodeMode::Off {
            added.push(NODE_FLAG);
            // Libraries take a Worker with `process` for Node.js.
            if globals == NodeGlobals::AsConfigured && !self.is_old() && !self.has(NO_GLOBALS_FLAG)
            {
                added.push(NO_GLOBALS_FLAG);
            }
        }
        if self.is_old() && !self.has(DECODER_FLAG) {
            added.push(DECODER_FLAG);
        }
        if added.is_empty() && !self.refuses_decoder() {
            return None;
        }
        let mut flags = self.flags.clone();
        flags.retain(|flag| !REFUSALS.contains(&flag.as_str()));
        flags.extend(added.into_iter().map(str::to_owned));
        Some(flags)
    }

    fn is_old(&self) -> bool {
        &*self.date < GLOBALS_DATE
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compat(date: &str, flags: &[&str]) -> NodeCompat {
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        NodeCompat { date: date.to_owned(), flags }
    }

    #[test]
    fn the_part_of_node_js_follows_date_and_flags() {
        for (date, flags, mode) in [
            ("2024-09-22", &[][..], NodeMode::Off),
            ("2024-09-22", &["nodejs_compat"], NodeMode::Modules),
            ("2024-09-22", &["nodejs_compat_v2"], NodeMode::Globals),
            ("2024-09-23", &["nodejs_compat"], NodeMode::Globals),
            ("2024-09-23", &["nodejs_compat", "no_nodejs_compat_v2"], NodeMode::Modules),
            ("2026-08-03", &[], NodeMode::Off),
            ("2026-08-04", &[], NodeMode::Globals),
            ("2026-08-04", &["no_nodejs_compat_v2"], NodeMode::Modules),
            ("2026-08-04", &["no_nodejs_compat", "no_nodejs_compat_v2"], NodeMode::Off),
        ] {
            assert_eq!(compat(date, flags).mode(), mode, "{date} {flags:?}");
        }
    }

    #[test]
    fn the_decoder_is_refused_by_flags_and_old_dates() {
        assert!(compat("2024-09-22", &["nodejs_compat"]).refuses_decoder());
        assert!(!compat("2024-09-22", &["nodejs_zlib"]).refuses_decoder());
        assert!(!compat("2024-09-23", &["nodejs_compat"]).refuses_decoder());
        assert!(compat("2026-11-01", &["no_nodejs_compat"]).refuses_decoder());
    }

    #[test]
    fn the_decoder_comes_without_globals_that_the_server_did_not_have() {
        let server = NodeGlobals::AsConfigured;
        let flags = |date, flags| compat(date, flags).flags_for_decoder(server);
        assert_eq!(flags("2026-06-01", &["nodejs_compat"]), None);
        assert_eq!(flags("2026-08-04", &[]), None);
        let old = flags("2024-09-22", &["a"]).unwrap();
        assert_eq!(old, ["a", "nodejs_compat", "nodejs_zlib"]);
        assert_eq!(flags("2024-09-22", &["nodejs_compat", "nodejs_zlib"]), None);
        assert_eq!(flags("2026-11-01", &["no_nodejs_zlib"]).unwrap(), [""; 0]);
        let flags = flags("2026-06-01", &[]).unwrap();
        assert_eq!(flags, ["nodejs_compat", "no_nodejs_compat_v2"]);
        let flags = compat("2026-06-01", &[]).flags_for_decoder(NodeGlobals::Any).unwrap();
        assert_eq!(flags, ["nodejs_compat"]);
    }
}

//! Changes of a later build to the configuration that an earlier one wrote.

use std::fs;

use serde_json::{Value, json};

use super::super::{bundle, wrangler};
use super::config_of;
use crate::support::site::Site;

/// A site with a configuration.
struct Updated(Site);

impl Updated {
    fn new() -> Self {
        Self(Site::new(&[("index.html", "home")]))
    }

    /// Packs the site with a configuration. Returns the configuration of the output, and the notes.
    fn packed(&self, config: &Value) -> (Value, Vec<String>) {
        fs::write(self.0.project().join("wrangler.json"), config.to_string()).unwrap();
        let packed = bundle(&self.0);
        let notes = packed.report().diagnostics.iter().filter(|it| it.file == "wrangler.jsonc");
        (config_of(&self.0.out()), notes.map(|it| it.message.clone()).collect())
    }

    /// Changes the configuration of the output as a user does.
    fn edit(&self, from: &str, to: &str) {
        let text = wrangler(&self.0);
        assert!(text.contains(from), "{text}");
        fs::write(self.0.out().join("wrangler.jsonc"), text.replace(from, to)).unwrap();
    }
}

#[test]
fn settings_that_a_build_wrote_are_updated_by_the_next_without_a_note() {
    let site = Updated::new();
    let staging = json!({ "vars": { "STAGE": "staging" } });
    let (first, _) = site.packed(&json!({ "name": "a", "vars": { "A": "1" }, "logpush": true,
        "routes": ["a.example/*", "b.example/*"], "env": { "staging": staging, "old": staging } }));
    assert_eq!(first["compatibility_date"], "2026-06-01", "the default");
    let second = json!({ "name": "b", "compatibility_date": "2026-05-01", "vars": { "A": "2" },
        "routes": ["a.example/*"], "env": { "staging": { "vars": { "STAGE": "s" }, "logpush": true } } });
    let (found, notes) = site.packed(&second);
    assert_eq!(notes, [""; 0]);
    for name in ["name", "compatibility_date", "vars", "routes", "env"] {
        assert_eq!(found[name], second[name], "{name}");
    }
    assert_eq!(found.get("logpush"), None, "removed from the site's");
    let named = json!({ "env": { "staging": { "name": "c", "vars": { "STAGE": "s" } } } });
    assert_eq!(site.packed(&named).0["env"], named["env"]);
    let unnamed = json!({ "env": { "staging": { "vars": { "STAGE": "s" } } } });
    assert_eq!(site.packed(&unnamed).0["env"], unnamed["env"]);
    let (found, notes) = site.packed(&json!({}));
    assert_eq!(notes, [""; 0]);
    assert_eq!(found["compatibility_date"], "2026-06-01");
    assert_eq!(found.get("env"), None);
}

#[test]
fn settings_of_the_user_stay_and_a_note_shows_both_values() {
    let site = Updated::new();
    let config = |date: &str, stage: &str| {
        json!({ "compatibility_date": date, "vars": { "A": "1" },
            "env": { "staging": { "vars": { "STAGE": stage } } } })
    };
    site.packed(&config("2026-05-01", "one"));
    site.edit("2026-05-01", "2026-05-20");
    site.edit("\"STAGE\": \"one\"", "\"STAGE\": \"mine\"");
    site.edit("\"env\": {", "\"limits\": { \"cpu_ms\": 5 }, // mine\n  \"env\": {");
    for round in 0..2 {
        let (found, notes) = site.packed(&config("2026-05-02", "two"));
        let expected = [
            "keeps its own `compatibility_date`, `2026-05-20`; that of the build is `2026-05-02`",
            "keeps its own `env.staging.vars`, `{\"STAGE\":\"mine\"}`; that of the build is \
             `{\"STAGE\":\"two\"}`",
        ];
        assert_eq!(notes, expected, "round {round}");
        assert_eq!(found["compatibility_date"], "2026-05-20");
        assert_eq!(found["env"]["staging"]["vars"]["STAGE"], "mine");
        assert_eq!(found["limits"]["cpu_ms"], 5);
    }
    assert!(wrangler(&site.0).contains("// mine"));
    // The user's own, even while the site happens to say the same.
    site.packed(&config("2026-05-20", "mine"));
    let (found, _) = site.packed(&config("2026-05-21", "four"));
    assert_eq!(found["compatibility_date"], "2026-05-20");
}

#[test]
fn a_date_that_is_the_default_of_worker_pack_is_updated_without_a_memory_of_it() {
    let site = Updated::new();
    site.packed(&json!({}));
    fs::remove_dir_all(site.0.out().join("bundle")).unwrap();
    let (found, notes) = site.packed(&json!({ "compatibility_date": "2026-05-01" }));
    assert_eq!((found["compatibility_date"].as_str(), notes.len()), (Some("2026-05-01"), 0));
}

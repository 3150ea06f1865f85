//! Edits of the configuration for wrangler.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{contains_in_order, edit, space, without_space_in_empty_objects};

/// Returns a configuration after the edit, as text and as values.
fn edited(text: &str, others: &[(&str, &str)]) -> (String, Value) {
    let files = [&[("astro.config.mjs", "export default {};\n"), ("wrangler.jsonc", text)], others];
    let after = edit("wrangler.jsonc", &files.concat()).map_or(text.to_owned(), |edit| edit.after);
    let values = jsonc(&after);
    (after, values)
}

fn jsonc(text: &str) -> Value {
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    serde_json::from_str(&lines.collect::<String>())
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

const SERVER: (&str, &str) = ("src/pages/a.astro", "---\nexport const prerender = false;\n---\n");

#[test]
fn limits_of_rates_leave_the_unsafe_bindings() {
    let text = r#"{
  "name": "a",
  "observability": { "enabled": false },
  "compatibility_date": "2026-06-01",
  "unsafe": {
    "bindings": [
      { "name": "TEN", "type": "ratelimit", "namespace_id": "1", "simple": { "limit": 5, "period": 10 } },
      { "name": "ODD", "type": "ratelimit", "namespace_id": "2", "simple": { "limit": 5, "period": 30 } },
      { "name": "OTHER", "type": "x" }
    ]
  },
  "env": {
    "staging": { "unsafe": { "bindings": [{ "name": "TEN", "type": "ratelimit", "namespace_id": "3", "simple": { "limit": 1, "period": 60 } }] } }
  }
}
"#;
    let (after, values) = edited(text, &[]);
    let limit = |id: &str, limit: u32, period: u32| json!([{ "name": "TEN", "namespace_id": id, "simple": { "limit": limit, "period": period } }]);
    assert_eq!(values["ratelimits"], limit("1", 5, 10));
    assert_eq!(values["env"]["staging"], json!({ "ratelimits": limit("3", 1, 60) }), "{after}");
    let names: Vec<&Value> =
        values["unsafe"]["bindings"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["ODD", "OTHER"]);
    assert_eq!(values["observability"], json!({ "enabled": false }));
}

#[test]
fn node_js_is_added_only_where_the_date_does_not_imply_it() {
    let server = |text: &str| edited(text, &[SERVER]).1;
    let flags = |text: &str| server(text)["compatibility_flags"].clone();
    assert_eq!(flags(r#"{ "compatibility_date": "2026-08-03" }"#), json!(["nodejs_compat"]));
    assert_eq!(flags(r#"{ "compatibility_date": "2026-08-04" }"#), Value::Null);
    let off =
        r#"{ "compatibility_date": "2026-01-01", "compatibility_flags": ["no_nodejs_compat"] }"#;
    assert_eq!(flags(off), json!(["no_nodejs_compat"]));
    // A site without a server does not need it.
    assert_eq!(
        edited(r#"{ "compatibility_date": "2026-01-01" }"#, &[]).1["compatibility_flags"],
        Value::Null
    );
    let environments = r#"{
  "compatibility_date": "2026-09-01",
  "env": {
    "old": { "compatibility_date": "2026-01-01", "compatibility_flags": ["a"] },
    "new": { "vars": {} }
  }
}"#;
    let values = server(environments);
    assert_eq!(values["env"]["old"]["compatibility_flags"], json!(["a", "nodejs_compat"]));
    assert_eq!(values["env"]["new"]["compatibility_flags"], Value::Null);
}

#[test]
fn the_entry_of_an_older_adapter_is_replaced_and_one_of_the_user_stays() {
    let main = |main: &str| {
        let text = format!(r#"{{ "main": "{main}", "assets": {{ "directory": "./dist" }} }}"#);
        edited(&text, &[SERVER]).1["main"].clone()
    };
    assert_eq!(main("./dist/_worker.js/index.js"), "@astrojs/cloudflare/entrypoints/server");
    assert_eq!(main("./src/worker.ts"), "./src/worker.ts");
}

#[test]
fn environments_of_pages_keep_what_they_inherited() {
    let text = r#"{
  "name": "a", // the project
  "pages_build_output_dir": "./dist",
  "vars": { "A": "top" },
  "d1_databases": [{ "binding": "DB", "database_name": "a", "database_id": "1" }],
  "env": {
    "preview": { "compatibility_date": "2026-05-01" },
    "production": { "vars": { "A": "live" } }
  }
}
"#;
    let (after, values) = edited(text, &[]);
    assert_eq!(values["env"]["preview"]["vars"], json!({ "A": "top" }));
    assert_eq!(values["env"]["preview"]["d1_databases"], values["d1_databases"]);
    assert_eq!(values["env"]["production"], json!({ "vars": { "A": "live" } }));
    assert!(after.contains("// the project") && !after.contains("pages_build_output_dir"));
}

#[test]
fn sessions_get_their_namespace_by_the_name_of_the_adapter() {
    let config = "import cloudflare from '@astrojs/cloudflare';\nexport default { adapter: cloudflare({ sessionKVBindingName: 'VISITS' }) };\n";
    let page = "---\nconst seen = await Astro.session?.get('seen');\n---\n";
    let text = "{ \"name\": \"a\",\n  \"env\": { \"staging\": {} } }\n";
    let files =
        [("astro.config.mjs", config), ("wrangler.jsonc", text), ("src/pages/a.astro", page)];
    let values = jsonc(&edit("wrangler.jsonc", &files).unwrap().after);
    assert_eq!(values["kv_namespaces"], json!([{ "binding": "VISITS" }]));
    assert_eq!(values["env"]["staging"]["kv_namespaces"], json!([{ "binding": "VISITS" }]));
}

#[test]
fn additions_take_the_form_of_what_they_are_added_to() {
    let page = (
        "src/pages/a.ts",
        "export const prerender = false;\nexport const GET = (ctx) => ctx.session;",
    );
    let text = "{ \"name\": \"a\", \"env\": { \"staging\": { \"vars\": {} }, \"test\": {} } }\n";
    let (after, _) = edited(text, &[page]);
    let expected = r#"{ "name": "a", "env": { "staging": { "vars": {}, "kv_namespaces": [{ "binding": "SESSION" }] }, "test": {
  "kv_namespaces": [
    {
      "binding": "SESSION"
    }
  ]
} }, "compatibility_date": "2026-06-01", "compatibility_flags": ["nodejs_compat"], "main": "@astrojs/cloudflare/entrypoints/server", "assets": { "directory": "./dist", "binding": "ASSETS" }, "observability": { "enabled": true }, "kv_namespaces": [{ "binding": "SESSION" }] }
"#;
    assert_eq!(after, expected);
    let text = "{\n\t\"name\": \"a\", // the name\n\t\"kv_namespaces\": [\n\t\t{ \"binding\": \"A\" },\n\t],\n\n}\n";
    let files = [("astro.config.mjs", "export default {};\n"), ("wrangler.jsonc", text), page];
    let after = edit("wrangler.jsonc", &files).unwrap().after;
    let expected = "{\n\t\"name\": \"a\", // the name\n\t\"kv_namespaces\": [\n\t\t{ \"binding\": \"A\" },\n\t\t{\n\t\t\t\"binding\": \"SESSION\"\n\t\t},\n\t],\n\t\"compatibility_date\": \"2026-06-01\",\n";
    assert!(after.starts_with(expected) && after.ends_with("\n\t},\n\n}\n"), "{after}");
}

fn object(items: &'static [&'static str]) -> impl Strategy<Value = String> {
    let item = (space(), proptest::sample::select(items), space());
    let items = proptest::collection::vec(item, 0..4);
    (items, any::<bool>(), space()).prop_map(|(items, ends_with_comma, end)| {
        let comma = if ends_with_comma && !items.is_empty() { "," } else { "" };
        let items: Vec<String> =
            items.into_iter().map(|(a, item, b)| format!("{a}{item}{b}")).collect();
        format!("{{{}{comma}{end}}}", items.join(","))
    })
}

const SETTINGS: &[&str] = &[
    "\"logpush\": true",
    "\"vars\":{\"A\" : \"{b}\"}",
    "\"routes\": [ \"a.example/*\" ,]",
    "\"triggers\": {}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    /// The plan itself compares the settings before and after with those that are intended.
    #[test]
    fn settings_are_added_and_nothing_else_changes(
        top in object(SETTINGS),
        staging in object(&["\"vars\": { \"A\": \"b\" }", "\"kv_namespaces\": [ ]"]),
        is_windows in any::<bool>(),
    ) {
        let rest = top.strip_prefix('{').unwrap();
        let text = format!("// the site\n{{ \"env\": {{ \"staging\": {staging} }},{rest}\n");
        let text = if is_windows { text.replace('\n', "\r\n") } else { text };
        let page = ("src/pages/a.ts", "export const prerender = false;\nexport const GET = (ctx) => ctx.session;");
        let files = [("astro.config.mjs", "export default {};\n"), ("wrangler.jsonc", &*text), page];
        let after = edit("wrangler.jsonc", &files).unwrap().after;
        prop_assert!(contains_in_order(&after, &without_space_in_empty_objects(&text)), "{after}");
        prop_assert!(!is_windows || !after.replace("\r\n", "").contains('\n'), "{after:?}");
        let files = [("astro.config.mjs", "export default {};\n"), ("wrangler.jsonc", &*after), page];
        prop_assert_eq!(edit("wrangler.jsonc", &files), None);
    }
}

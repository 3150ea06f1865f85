//! Projects written by tests of `check`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use worker_pack::cache::CacheLocation;
use worker_pack::report::{Diagnostic, InspectionReport};
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Inspection, Target};

/// Files by their paths below the project's folder.
pub(crate) type Files = &'static [(&'static str, &'static str)];

/// A temporary folder with a project.
pub(crate) struct Project(TempDir);

/// A page that needs nothing.
pub(crate) const PAGE: &str =
    "<!doctype html><html lang=en><meta charset=utf-8><title>Home</title><p>Welcome.";

/// A site without a server.
pub(crate) const STATIC: Files = &[
    ("package.json", r#"{ "name": "tide", "dependencies": { "astro": "^7.2.0" } }"#),
    ("dist/index.html", PAGE),
    ("dist/404.html", PAGE),
];

/// A site with a server by the adapter for Workers, with its packages.
pub(crate) const SERVER: Files = &[
    (
        "package.json",
        r#"{ "dependencies": { "astro": "^7.2.0", "@astrojs/cloudflare": "^14.3.3", "wrangler": "^4.164.0" } }"#,
    ),
    (
        "astro.config.mjs",
        "import cloudflare from '@astrojs/cloudflare';\n\nexport default {\n  adapter: cloudflare(),\n};\n",
    ),
    ("wrangler.jsonc", "{\n  \"name\": \"tide\",\n  \"compatibility_date\": \"2026-06-01\"\n}\n"),
    ("node_modules/wrangler/package.json", r#"{ "version": "4.164.0" }"#),
    ("node_modules/wrangler/config-schema.json", SCHEMA),
    (
        "node_modules/@astrojs/cloudflare/package.json",
        r#"{ "version": "14.3.3", "peerDependencies": { "wrangler": "^4.125.0" } }"#,
    ),
    ("dist/client/index.html", PAGE),
    ("dist/client/404.html", PAGE),
    ("dist/server/entry.mjs", "export default { fetch: () => new Response('') };\n"),
    (
        "dist/server/wrangler.json",
        r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2026-06-01", "assets": { "binding": "ASSETS", "directory": "../client" } }"#,
    ),
];

/// A schema with a few settings, in the form of wrangler's own.
pub(crate) const SCHEMA: &str = r##"{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$ref": "#/definitions/RawConfig",
  "definitions": {
    "RawConfig": { "type": "object", "additionalProperties": false, "properties": {
      "$schema": { "type": "string" },
      "name": { "type": "string" },
      "main": { "type": "string" },
      "compatibility_date": { "type": "string" },
      "compatibility_flags": { "type": "array", "items": { "type": "string" } },
      "pages_build_output_dir": { "type": "string" },
      "assets": { "type": "object" },
      "vars": { "$ref": "#/definitions/Vars" },
      "kv_namespaces": { "type": "array", "items": { "$ref": "#/definitions/Namespace" } },
      "r2_buckets": { "type": "array" },
      "limits": { "anyOf": [{ "type": "object", "properties": { "cpu_ms": { "type": "number" } } }, { "type": "null" }] },
      "placement": { "type": "object", "properties": { "mode": { "enum": ["off", "smart"] } } },
      "env": { "type": "object", "additionalProperties": { "$ref": "#/definitions/RawEnvironment" } }
    } },
    "RawEnvironment": { "type": "object", "additionalProperties": false, "properties": {
      "name": { "type": "string" },
      "compatibility_date": { "type": "string" },
      "compatibility_flags": { "type": "array", "items": { "type": "string" } },
      "vars": { "$ref": "#/definitions/Vars", "description": "NOTE: This field is not automatically inherited from the top level environment" },
      "kv_namespaces": { "type": "array", "items": { "$ref": "#/definitions/Namespace" }, "description": "NOTE: This field is not automatically inherited from the top level environment" }
    } },
    "Vars": { "type": "object" },
    "Namespace": { "type": "object", "additionalProperties": false, "required": ["binding"], "properties": {
      "binding": { "type": "string" }, "id": { "type": "string" }, "preview_id": { "type": "string" }
    } }
  }
}"##;

impl Project {
    /// Writes files, those of `changes` last.
    pub(crate) fn new(base: Files, changes: &[(&str, &str)]) -> Self {
        let project = Self(TempDir::new().unwrap());
        for (name, text) in base.iter().chain(changes) {
            project.write(name, text);
        }
        project
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        let path = self.folder().join(name);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    /// An inspection with a Worker that is only assembled.
    pub(crate) fn inspection(&self) -> Inspection {
        let out = self.folder().join("dist-worker");
        let target = WorkerTarget { out, engine: Engine::stand_in(), options: <_>::default() };
        Inspection::of(self.folder().join("dist"))
            .target(Target::Worker(target))
            .cache(CacheLocation::Nowhere)
    }

    pub(crate) fn check(&self) -> InspectionReport {
        self.inspection().run().unwrap()
    }

    pub(crate) fn findings(&self) -> Vec<Diagnostic> {
        self.check().findings
    }
}

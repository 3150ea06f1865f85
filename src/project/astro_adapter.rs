//! The options of Astro's adapter for Cloudflare, by its version.

/// The name of the adapter's package.
pub(crate) const ADAPTER: &str = "@astrojs/cloudflare";

/// An option that a version of the adapter has removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Obsolete {
    /// The name of the option.
    pub(crate) name: &'static str,
    /// The first major version without it.
    pub(crate) since: u32,
    /// The text that tells what happens instead, as a sentence.
    pub(crate) instead: &'static str,
}

/// The options that were removed, by the changelogs and types of the adapter from 7 to 14.
const OBSOLETE: [Obsolete; 8] = [
    Obsolete { name: "mode", since: 8, instead: "the server is always one Worker" },
    Obsolete { name: "functionPerRoute", since: 8, instead: "the server is always one Worker" },
    Obsolete {
        name: "runtime",
        since: 9,
        instead: "bindings in `astro dev` come from the configuration for wrangler",
    },
    Obsolete {
        name: "wasmModuleImports",
        since: 11,
        instead: "modules of WebAssembly can always be imported",
    },
    Obsolete {
        name: "routes",
        since: 13,
        instead: "Workers ignore `_routes.json`; `assets.run_worker_first` in the configuration for wrangler gives paths to the server first",
    },
    Obsolete {
        name: "platformProxy",
        since: 13,
        instead: "`astro dev` runs in workerd, with the bindings of the configuration for wrangler",
    },
    Obsolete {
        name: "cloudflareModules",
        since: 13,
        instead: "modules of WebAssembly, text and data can always be imported",
    },
    Obsolete {
        name: WORKER_ENTRY_POINT,
        since: 13,
        instead: "`main` in the configuration for wrangler names the module",
    },
];

/// The option that became `main` in the configuration for wrangler with version 13.
pub(crate) const WORKER_ENTRY_POINT: &str = "workerEntryPoint";

/// Returns the options that a version of the adapter does not have.
pub(crate) fn obsolete(major: u32) -> impl Iterator<Item = &'static Obsolete> {
    OBSOLETE.iter().filter(move |option| option.since <= major)
}

/// The options of version 12. Source: `dist/index.d.ts` of 12.6.13.
const OF_12: [&str; 6] = [
    "imageService",
    "routes",
    "platformProxy",
    "cloudflareModules",
    "sessionKVBindingName",
    WORKER_ENTRY_POINT,
];

/// The options of later versions. Source: `dist/index.d.ts` of 14.3.3.
const OF_14: [&str; 10] = [
    "imageService",
    "sessionKVBindingName",
    "imagesBindingName",
    "prerenderEnvironment",
    "auxiliaryWorkers",
    "configPath",
    "inspectorPort",
    "persistState",
    "remoteBindings",
    "experimental",
];

/// Returns the options that a version of the adapter may have. Those of versions before 12 are not known.
pub(crate) fn options(major: u32) -> Option<&'static [&'static str]> {
    match major {
        ..=11 => None,
        12 => Some(&OF_12),
        13.. => Some(&OF_14),
    }
}

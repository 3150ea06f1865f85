//! The npm packages that a server leaves to wrangler's bundler, which looks for them beside the packed
//! modules.

use std::collections::BTreeMap;
use std::path::Path;

use super::server::ServerBuild;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// Packages with the names of modules of Node.js, which wrangler takes from the host.
const OF_HOST: [&str; 20] = [
    "assert",
    "buffer",
    "console",
    "constants",
    "crypto",
    "events",
    "http",
    "https",
    "os",
    "path",
    "process",
    "punycode",
    "querystring",
    "stream",
    "string_decoder",
    "timers",
    "tty",
    "url",
    "util",
    "zlib",
];

/// Finds a package that is installed for the build and not for the output folder.
pub(super) fn find(
    build: &ServerBuild,
    packages: &BTreeMap<String, String>,
    out: &Path,
) -> Option<Diagnostic> {
    let out = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let is_lost = |name: &str| {
        !OF_HOST.contains(&name) && is_installed(name, &build.folder) && !is_installed(name, &out)
    };
    let (package, importer) = packages.iter().find(|(name, _)| is_lost(name))?;
    let importer = build.display_name(importer);
    let message =
        format!("imports `{package}`, which wrangler does not find from the output folder");
    let warning = Diagnostic::warning(Code::WorkerMissingPackage, importer, message);
    Some(warning.with_help(
        "choose an output folder below that of `node_modules`, or let the bundler of the site \
         include the package (`vite.ssr.noExternal`); until then wrangler does not deploy the Worker",
    ))
}

/// Returns whether a package is installed for the modules of a folder.
fn is_installed(name: &str, folder: &Path) -> bool {
    folder.ancestors().any(|folder| folder.join("node_modules").join(name).is_dir())
}

/// Returns the name of the npm package that a specifier leads to.
pub(crate) fn package(specifier: &str) -> Option<&str> {
    // A scheme, such as that of `node:fs`, a path, or an alias such as `#internal`.
    let is_other = specifier.contains(':') || specifier.starts_with(['.', '/', '#']);
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    (!is_other && !specifier.is_empty()).then(|| &specifier[..end.unwrap_or(specifier.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_specifier_is_its_name_with_a_scope() {
        assert_eq!(package("preact/hooks"), Some("preact"));
        assert_eq!(package("@scope/name/part"), Some("@scope/name"));
        assert_eq!(package("preact"), Some("preact"));
        for other in ["./a.mjs", "/a.mjs", "node:fs", "cloudflare:workers", "#a", ""] {
            assert_eq!(package(other), None, "{other}");
        }
    }
}

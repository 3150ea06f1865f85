//! The scripts of a Worker whose program is in Rust. The program is beside the bundle, and contains the
//! scripts that answer requests for assets.

use std::fmt::Write as _;

use worker_pack_runtime::packer::host;

use super::bundling::Bundling;
use super::script::{DECODE, HEAD, ScriptedSite, Scripts, Server, body_imports, server_import};
use crate::options::{HeadersOnSsr, Identity, SiteData};

/// The program, and the folder of the other modules, as seen from the first one.
const PROGRAM: &str = "./index.js";
const MODULES: &str = "./bundle/worker";

/// Returns the scripts around the program.
pub(super) fn scripts(site: &ScriptedSite<'_>, data: SiteData) -> Scripts {
    Scripts {
        first: Some(main_script(site.server, site.bundling)),
        others: vec![
            ("worker.js", host::WORKER_JS.to_owned()),
            ("entry.js", host::ENTRY_JS.to_owned()),
            ("site.js", site_script(site, data)),
        ],
    }
}

/// Renders `site.js`. It is imported before the program, which may get the table from it, and before the
/// server's modules, so that the bindings of its files are set when they are loaded.
fn site_script(site: &ScriptedSite<'_>, data: SiteData) -> String {
    let ScriptedSite { placement, bindings, server, headers, .. } = *site;
    let mut imports = String::from("import { assets, shared } from './entry.js';\n");
    let mut lines = String::new();
    if data == SiteData::Modules {
        let (of_bodies, modules) = body_imports(&placement.modules);
        let _ = write!(imports, "import table from './table.bin';\n{of_bodies}");
        let _ = writeln!(lines, "shared.data = {{ table, modules: {modules} }};");
    }
    if placement.identity == Identity::Decoded {
        let _ = writeln!(lines, "shared.decode = {DECODE};");
    }
    if headers != HeadersOnSsr::Off {
        lines.push_str("shared.headersOnServer = true;\n");
    }
    if server.is_some() {
        imports.push_str("import { bindAssets } from './worker.js';\n");
        let names = serde_json::Value::from_iter(bindings.of_files());
        let _ = writeln!(lines, "export const bindings = bindAssets(assets, {names});");
    }
    format!("{HEAD}{imports}\n{lines}")
}

/// Renders the `main` module of the Worker.
///
/// It exports the classes of the program and of the server, such as Durable Objects.
fn main_script(server: Option<Server<'_>>, bundling: Bundling) -> String {
    let program = format!("import Program from '{PROGRAM}';\nexport * from '{PROGRAM}';\n");
    let entry = format!("import {{ programWorker }} from '{MODULES}/entry.js';\n");
    let Some(server) = server else {
        return format!(
            "{HEAD}import '{MODULES}/site.js';\n{program}{entry}\nexport default programWorker(Program);\n"
        );
    };
    let (import, exports) = server_import(server, bundling, MODULES);
    format!(
        "{HEAD}import {{ bindings }} from '{MODULES}/site.js';\n{program}{entry}{import}\n{exports}\
         export default programWorker(Program, server, bindings);\n"
    )
}

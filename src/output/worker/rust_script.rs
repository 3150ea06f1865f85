//! The scripts of a Worker whose program is in Rust. The program is beside the bundle, and contains the
//! scripts that answer requests for assets.

use std::fmt::Write as _;

use worker_pack_runtime::packer::host;

use super::bundling::Bundling;
use super::placement::BodyModule;
use super::script::{DECODE, HEAD, Script, Server, body_imports, server_import};
use crate::options::{HeadersOnSsr, Identity};
use crate::project::bindings::Bindings;

/// The program, and the folder of the other modules, as seen from the first one.
const PROGRAM: &str = "./index.js";
const MODULES: &str = "./bundle/worker";

/// Returns the scripts around the program, except for the first one. `data` are the modules with bodies,
/// if the program gets the table and them from the scripts.
pub(super) fn scripts(
    server: Option<Server<'_>>,
    bindings: &Bindings,
    identity: Identity,
    headers: HeadersOnSsr,
    data: Option<&[BodyModule]>,
) -> Vec<Script> {
    vec![
        ("worker.js", host::WORKER_JS.to_owned()),
        ("entry.js", host::ENTRY_JS.to_owned()),
        ("site.js", site_script(server, bindings, identity, headers, data)),
    ]
}

/// Renders `site.js`. It is imported before the program, which may get the table from it, and before the
/// server's modules, so that the bindings of its files are set when they are loaded.
fn site_script(
    server: Option<Server<'_>>,
    bindings: &Bindings,
    identity: Identity,
    headers: HeadersOnSsr,
    data: Option<&[BodyModule]>,
) -> String {
    let mut imports = String::from("import { assets, shared } from './entry.js';\n");
    let mut lines = String::new();
    if let Some(modules) = data {
        let (of_bodies, modules) = body_imports(modules);
        let _ = write!(imports, "import table from './table.bin';\n{of_bodies}");
        let _ = writeln!(lines, "shared.data = {{ table, modules: {modules} }};");
    }
    if identity == Identity::Decoded {
        let _ = writeln!(lines, "shared.decode = {DECODE};");
    }
    if headers == HeadersOnSsr::On {
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
pub(super) fn main_script(server: Option<Server<'_>>, bundling: Bundling) -> String {
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

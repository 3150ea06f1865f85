//! The scripts of a Worker whose program is in Rust. The program is beside the bundle, and contains the
//! scripts that answer requests for assets.

use std::fmt::Write as _;

use worker_pack_runtime::packer::host;

use super::bundling::Bundling;
use super::script::{DECODE, HEAD, Script, Server, server_import};
use crate::options::Identity;
use crate::project::bindings::Bindings;

/// The program, and the folder of the other modules, as seen from the first one.
const PROGRAM: &str = "./index.js";
const MODULES: &str = "./bundle/worker";

/// Returns the scripts around the program, except for the first one.
pub(super) fn scripts(
    server: Option<Server<'_>>,
    bindings: &Bindings,
    identity: Identity,
) -> Vec<Script> {
    vec![
        ("worker.js", host::WORKER_JS.to_owned()),
        ("entry.js", host::ENTRY_JS.to_owned()),
        ("site.js", site_script(server, bindings, identity)),
    ]
}

/// Renders `site.js`, which is imported before the server's modules, so that the bindings of its files are
/// set when they are loaded.
fn site_script(server: Option<Server<'_>>, bindings: &Bindings, identity: Identity) -> String {
    let mut imports = String::from("import { assets, shared } from './entry.js';\n");
    let mut lines = String::new();
    if identity == Identity::Decoded {
        let _ = writeln!(lines, "shared.decode = {DECODE};");
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
            "{HEAD}{program}{entry}import '{MODULES}/site.js';\n\nexport default programWorker(Program);\n"
        );
    };
    let (import, exports) = server_import(server, bundling, MODULES);
    format!(
        "{HEAD}{program}{entry}import {{ bindings }} from '{MODULES}/site.js';\n{import}\n{exports}\
         export default programWorker(Program, server, bindings);\n"
    )
}

//! The Worker that somebody would write by hand: it looks the path up in a `Map`, and answers with
//! the same Brotli body out of the same Data modules, under the same header fields. It knows nothing
//! of negotiation, validators, ranges, redirects and other methods.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::{Coding, Stored, Table};

use crate::files::{self as tree, failed};

const HANDLER: &str = r"
export default {
  fetch(request) {
    const route = routes.get(new URL(request.url).pathname);
    if (route === undefined) return new Response('404 Not Found\n', { status: 404 });
    const [module, start, length, type, policy, tag] = route;
    const headers = {
      'Content-Type': type,
      'Content-Length': length,
      'Content-Encoding': 'br',
      'Cache-Control': policy,
      ETag: tag,
      Vary: 'Accept-Encoding',
    };
    const body = new Uint8Array(modules[module], start, length);
    return new Response(body, { headers, encodeBody: 'manual' });
  },
};
";

/// Writes the Worker for what a packed one serves, beside it. Returns the folder of its modules.
pub(super) fn write(packed: &Path) -> Result<PathBuf, String> {
    let folder = packed.with_file_name("by-hand");
    tree::remove(&folder)?;
    let bodies = folder.join("bodies");
    tree::create_folder(&bodies)?;
    let mut script = String::new();
    let names = body_modules(packed)?;
    for (index, name) in names.iter().enumerate() {
        let (from, to) = (packed.join(name), folder.join(name));
        fs::copy(&from, to).map_err(|error| failed("copy", &from, &error))?;
        let _ = writeln!(script, "import module{index} from './{name}';");
    }
    let modules: Vec<String> = (0..names.len()).map(|index| format!("module{index}")).collect();
    let _ = writeln!(script, "\nconst modules = [{}];", modules.join(", "));
    let _ = writeln!(script, "const routes = new Map([\n{}]);\n{HANDLER}", routes(packed)?);
    let index = folder.join("index.js");
    fs::write(&index, script).map_err(|error| failed("write", &index, &error))?;
    Ok(folder)
}

/// Returns the names of the modules with bodies, in the order in which the table counts them.
fn body_modules(packed: &Path) -> Result<Vec<String>, String> {
    let site = packed.join("site.js");
    let script = fs::read_to_string(&site).map_err(|error| failed("read", &site, &error))?;
    let names = script.split('\'').filter_map(|quoted| quoted.strip_prefix("./"));
    Ok(names.filter(|name| name.starts_with("bodies/")).map(str::to_owned).collect())
}

/// Renders the routes, a line for each.
fn routes(packed: &Path) -> Result<String, String> {
    let path = packed.join("table.bin");
    let bytes = fs::read(&path).map_err(|error| failed("read", &path, &error))?;
    let image = BinaryTable::read(&bytes, Modules::Host).map_err(|error| error.to_string())?;
    let mut lines = String::new();
    for asset in Table::from_binary(image).assets() {
        let brotli = asset.encoded().find(|one| one.coding() == Coding::Brotli);
        let brotli = brotli.ok_or_else(|| format!("{} is not compressed", asset.path()))?;
        let Stored::Module { index, start, len } = brotli.body().stored() else {
            return Err(format!("{} is in no module", asset.path()));
        };
        let tag = brotli.etag().to_string();
        let url = asset.path().strip_suffix("index.html").unwrap_or(asset.path());
        let route = json!([index, start, len, asset.content_type(), asset.cache_control(), tag]);
        let _ = writeln!(lines, "  {},", json!([url, route]));
    }
    Ok(lines)
}

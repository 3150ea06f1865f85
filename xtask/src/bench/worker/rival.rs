//! The handwritten Worker: it looks the path up in a `Map`, and responds with the same Brotli body
//! out of the same Data modules, and with the same header fields. It has no negotiation, validators,
//! ranges or redirects, and ignores the method.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, Result, bail};
use fs_err as fs;
use serde_json::json;
use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::{Coding, Stored, Table};

use crate::files::remove;

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

/// Writes the Worker for the site of a packed one, beside it. Returns the folder of its modules.
pub(super) fn write(packed: &Path) -> Result<PathBuf> {
    let folder = packed.with_file_name("handwritten");
    remove(&folder)?;
    fs::create_dir_all(folder.join("bodies"))?;
    let mut script = String::new();
    let names = body_modules(packed)?;
    for (index, name) in names.iter().enumerate() {
        fs::copy(packed.join(name), folder.join(name))?;
        let _ = writeln!(script, "import module{index} from './{name}';");
    }
    let modules: Vec<String> = (0..names.len()).map(|index| format!("module{index}")).collect();
    let _ = writeln!(script, "\nconst modules = [{}];", modules.join(", "));
    let _ = writeln!(script, "const routes = new Map([\n{}]);\n{HANDLER}", routes(packed)?);
    fs::write(folder.join("index.js"), script)?;
    Ok(folder)
}

/// Returns the names of the modules with bodies, in the order of their indexes in the table.
fn body_modules(packed: &Path) -> Result<Vec<String>> {
    let script = fs::read_to_string(packed.join("site.js"))?;
    let names = script.split('\'').filter_map(|quoted| quoted.strip_prefix("./"));
    Ok(names.filter(|name| name.starts_with("bodies/")).map(str::to_owned).collect())
}

/// Renders the routes, a line for each.
fn routes(packed: &Path) -> Result<String> {
    let bytes = fs::read(packed.join("table.bin"))?;
    let table = BinaryTable::read(&bytes, Modules::Host).map_err(Error::msg)?;
    let mut lines = String::new();
    for asset in Table::from_binary(table).assets() {
        let brotli = asset.encoded().find(|one| one.coding() == Coding::Brotli);
        let brotli = brotli.with_context(|| format!("{} is not compressed", asset.path()))?;
        let Stored::Module { index, start, len } = brotli.body().stored() else {
            bail!("{} is not in a module", asset.path());
        };
        let tag = brotli.etag().to_string();
        let url = asset.path().strip_suffix("index.html").unwrap_or(asset.path());
        let route = json!([index, start, len, asset.content_type(), asset.cache_control(), tag]);
        let _ = writeln!(lines, "  {},", json!([url, route]));
    }
    Ok(lines)
}

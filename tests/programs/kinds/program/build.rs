//! Packs the site of the tests, once for each behaviour, and a site of one large file.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use worker_pack::options::{Compat, Fidelity, HeadersOnSsr, IdentityBodies, WorkerOptions};
use worker_pack::target::RustWorkerTarget;
use worker_pack::{Options, Pack, Target};

/// The site. The tests pack it for other hosts too.
const SITE: &str = "../site";

/// The number of bytes of the large file.
const FILM: u32 = 4_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let options = WorkerOptions {
        spill_above: Some("2 kB".parse()?),
        headers_on_ssr: HeadersOnSsr::WithPolicies,
        ..WorkerOptions::default()
    };
    let target = Target::RustWorker(RustWorkerTarget { options, ..RustWorkerTarget::new(".") });
    // The tests pack the site with the same rules for other hosts.
    let rule = vec![
        "/policy/* cache=public, max-age=77".parse()?,
        "/policy/{204,404} cache=no-cache".parse()?,
    ];
    let own = Options { rule, ..like(Compat::Workers, Fidelity::Improved) };
    let packed = Pack::from_dir(SITE).options(own).target(target).emit()?;
    println!("{}", packed.cargo_directives());
    for (name, compat, fidelity) in [
        ("workers", Compat::Workers, Fidelity::Improved),
        ("workers-strict", Compat::Workers, Fidelity::Strict),
        ("pages", Compat::Pages, Fidelity::Improved),
        ("pages-strict", Compat::Pages, Fidelity::Strict),
    ] {
        emit(Path::new(SITE), like(compat, fidelity), &out.join(name))?;
    }
    let film: Vec<u8> =
        (0..FILM / 4).flat_map(|word| word.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let large = out.join("large");
    fs::create_dir_all(&large)?;
    fs::write(large.join("film.mp4"), film)?;
    emit(&large, like(Compat::Workers, Fidelity::Improved), &out.join("film"))
}

/// Returns the options for a behaviour. The program has a decoder.
fn like(compat: Compat, fidelity: Fidelity) -> Options {
    let identity = IdentityBodies::Decoded;
    Options { compat: Some(compat), fidelity, identity, ..Options::default() }
}

fn emit(site: &Path, options: Options, out: &Path) -> Result<(), Box<dyn Error>> {
    let packed = Pack::from_dir(site).options(options).target(Target::RustModule(out.to_owned()));
    println!("{}", packed.emit()?.cargo_directives());
    Ok(())
}

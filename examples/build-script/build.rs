//! Packs the blog into `OUT_DIR`, from where `main.rs` includes the table.

use std::error::Error;
use std::path::PathBuf;

use worker_pack::{Pack, Target};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let packed = Pack::from_dir("../blog/dist").target(Target::RustModule(out)).emit()?;
    println!("{}", packed.cargo_directives());
    Ok(())
}

//! Packs the blog into `OUT_DIR`, with dictionaries. A test compares the files with those of the command.

use std::error::Error;
use std::path::PathBuf;

use worker_pack::options::Dictionaries;
use worker_pack::{Options, Pack, Target};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let options = Options { dictionaries: Dictionaries::Pages, ..Options::default() };
    let blog = Pack::from_dir("../../../examples/blog/dist");
    let packed = blog.options(options).target(Target::RustModule(out)).emit()?;
    println!("{}", packed.cargo_directives());
    Ok(())
}

//! Packs the site and its server into `build`, from which `lib.rs` includes the table.

use std::error::Error;

use worker_pack::target::RustWorkerTarget;
use worker_pack::{Pack, Target};

fn main() -> Result<(), Box<dyn Error>> {
    let target = Target::RustWorker(RustWorkerTarget::new("."));
    let packed = Pack::from_dir("site/dist").target(target).emit()?;
    println!("{}", packed.cargo_directives());
    Ok(())
}

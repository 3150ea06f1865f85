//! Embeds the engine that `WORKER_PACK_ENGINE` names, if it does.

use std::env;
use std::fs;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-env-changed=WORKER_PACK_ENGINE");
    let engine = match env::var("WORKER_PACK_ENGINE") {
        Ok(path) if !path.is_empty() => {
            println!("cargo::rerun-if-changed={path}");
            assert!(
                Path::new(&path).is_absolute(),
                "WORKER_PACK_ENGINE has to be absolute: {path}"
            );
            format!("Some(include_bytes!({path:?}))")
        }
        _ => "None".to_owned(),
    };
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("engine.rs"), engine).expect("OUT_DIR can be written");
}

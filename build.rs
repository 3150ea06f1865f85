//! Embeds a hash of the packer's sources and, if `WORKER_PACK_ENGINE` names one, the engine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-env-changed=WORKER_PACK_ENGINE");
    let engine = match env::var("WORKER_PACK_ENGINE") {
        Ok(path) if !path.is_empty() => {
            println!("cargo::rerun-if-changed={path}");
            // The path is used in a generated file, which is compiled in another folder.
            assert!(
                Path::new(&path).is_absolute(),
                "WORKER_PACK_ENGINE must be an absolute path: {path}"
            );
            format!("Some(include_bytes!({path:?}))")
        }
        _ => "None".to_owned(),
    };
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("engine.rs"), engine).expect("OUT_DIR can be written");
    println!("cargo::rustc-env=WORKER_PACK_SOURCES={:016x}", sources());
}

/// Hashes the sources that decide the bytes of a result (FNV-1a). Cache keys contain the hash, so
/// that a changed packer does not use old results.
fn sources() -> u64 {
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    // A published package has neither the runtime's folder nor a lock file.
    collect(Path::new("runtime/src"), &mut files);
    files.extend(["Cargo.toml", "Cargo.lock"].map(PathBuf::from));
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        let Ok(text) = fs::read(&file) else { continue };
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.to_string_lossy().replace('\\', "/");
        for byte in name.bytes().chain(text) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// Collects all files of the library, including the scripts of Workers. Those of the command do
/// not affect results.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !path.is_dir() {
            files.push(path);
        } else if path != Path::new("src/cli") {
            collect(&path, files);
        }
    }
}

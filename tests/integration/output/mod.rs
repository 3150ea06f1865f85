//! The output folder: contents, replacement, interruption.

mod folder;
mod foreign;
mod killed;
mod listing;
mod rust_module;
mod rust_worker;
mod worker;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use worker_pack::Options;
use worker_pack::options::Coding;

use crate::support::site::files_below;

const FILES: [(&str, &str); 5] = [
    ("index.html", "<h1>  Hello  </h1>\n<script>  go( 1 )  </script>"),
    ("_astro/app.D4f5G6h7.js", "export  const  a  =  1 ;"),
    ("copy.html", "<h1>  Hello  </h1>\n<script>  go( 1 )  </script>"),
    ("odd \"name\"\\ü.txt", "text"),
    ("text.txt", "abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc"),
];

fn options() -> Options {
    Options { encodings: Coding::ALL.into(), ..Options::default() }
}

/// Returns the bytes and modification times of all files below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let content = |relative: PathBuf| {
        let path = folder.join(&relative);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        (relative, (fs::read(&path).unwrap(), modified))
    };
    files_below(folder).into_iter().map(content).collect()
}

fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    contents(folder).into_iter().map(|(path, (bytes, _))| (path, bytes)).collect()
}

//! Forged results in the cache, with right hashes: a pack succeeds, and serves the file as it is.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use worker_pack::cache::CacheLocation;
use worker_pack::options::{Effort, Options};
use worker_pack::{Pack, Packed};
use worker_pack_runtime::{Method, Request};

/// A packed site whose cache can be forged.
struct Site {
    folder: TempDir,
    /// The file of the result, and its key.
    result: PathBuf,
    key: Vec<u8>,
}

impl Site {
    /// The name of its only file, which is compressed and not minified.
    const FILE: &str = "a.txt";

    fn file() -> Vec<u8> {
        "a line of text\n".repeat(100).into()
    }

    fn new() -> Option<Self> {
        let folder = TempDir::new().ok()?;
        fs::create_dir(folder.path().join("dist")).ok()?;
        fs::write(folder.path().join("dist").join(Self::FILE), Self::file()).ok()?;
        pack(folder.path());
        let subfolders = fs::read_dir(folder.path().join("cache")).ok()?.flatten();
        let files = subfolders.flat_map(|subfolder| walk(&subfolder.path()));
        let is_result = |file: &PathBuf| {
            fs::read(file).is_ok_and(|bytes| bytes.windows(9).any(|part| part == b"\"outcome\""))
        };
        let result = files.into_iter().find(is_result)?;
        let names: Vec<&str> =
            result.iter().rev().take(2).filter_map(|name| name.to_str()).collect();
        let digits = [*names.get(1)?, *names.first()?].concat();
        let bytes = (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2));
        let key =
            bytes.map(|digits| u8::from_str_radix(digits?, 16).ok()).collect::<Option<_>>()?;
        Some(Self { folder, result, key })
    }

    /// Returns the file of a result with the right hash.
    fn forged(&self, meta: &[u8], bodies: &[u8]) -> Vec<u8> {
        let hash = Sha256::new().chain_update(&self.key).chain_update(meta).finalize();
        let len = u32::try_from(meta.len()).unwrap_or(u32::MAX).to_le_bytes();
        [&hash[..], &len, meta, bodies].concat()
    }
}

fn walk(path: &Path) -> Vec<PathBuf> {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().flat_map(|entry| walk(&entry.path())).collect(),
        Err(_) => vec![path.to_owned()],
    }
}

fn pack(folder: &Path) -> Packed {
    let options = Options { effort: Some(Effort::Fast), ..Options::default() };
    let cache = CacheLocation::Folder(folder.join("cache"));
    let pack = Pack::from_dir(folder.join("dist")).options(options).cache(cache);
    pack.run().expect("a cache does not fail a pack")
}

/// Packs a site whose cache contains a forged result: metadata and bodies that are divided by a NUL, or
/// without a NUL the whole file.
pub(crate) fn cache(data: &[u8]) {
    static SITE: OnceLock<Option<Site>> = OnceLock::new();
    let site = SITE.get_or_init(Site::new).as_ref().expect("the site has been packed");
    let forged = match data.iter().position(|byte| *byte == 0) {
        Some(at) => site.forged(&data[..at], &data[at + 1..]),
        None => data.to_vec(),
    };
    fs::write(&site.result, forged).expect("the cache can be written");
    let packed = pack(site.folder.path());
    let memory = packed.table().to_memory().expect("its bodies can be read");
    let table = memory.table();
    let asset = table.asset("/a.txt").expect("the site has this file");
    assert_eq!(asset.identity().body().bytes(), Some(&*Site::file()));
    for accepted in ["br", "gzip"] {
        let mut request = Request::new(Method::Get, "/a.txt");
        request.accept_encoding = Some(accepted);
        let reply = table.respond(&request).expect("the site has this file");
        assert_eq!(reply.status(), 200);
    }
    for encoded in asset.encoded() {
        let bytes = encoded.body().bytes().expect("it is in memory");
        assert!(bytes.len() < Site::file().len());
        let mut decoded = Vec::new();
        brotli_decompressor::Decompressor::new(bytes, 4096)
            .read_to_end(&mut decoded)
            .expect("it is Brotli");
        assert_eq!(decoded, Site::file());
    }
}

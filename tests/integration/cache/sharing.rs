//! Several processes with one cache.

use std::path::PathBuf;
use std::process::Stdio;
use std::{fs, io};

use worker_pack::Pack;
use worker_pack::cache::CacheLocation;

use super::results;
use crate::support::site::{FILES, Site, contents, program};

#[test]
fn concurrent_processes_share_a_cache() {
    let site = Site::new(&FILES);
    let start = |number: usize| {
        program()
            .env("WORKER_PACK_CACHE_DIR", site.project().join("cache"))
            .args(["build", "dist", "--quiet", "--out", &format!("outs/{number}")])
            .current_dir(site.project())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap()
    };
    for round in 0..5 {
        let processes: Vec<_> = (0..8).map(start).collect();
        for mut process in processes {
            assert!(process.wait().unwrap().success());
        }
        let outputs: Vec<_> =
            (0..8).map(|number| contents(&site.project().join(format!("outs/{number}")))).collect();
        assert!(outputs.iter().all(|output| *output == outputs[0] && !output.is_empty()));
        // Each round begins with an empty cache, except for leftovers of the processes before.
        fs::remove_dir_all(site.project().join("outs")).unwrap();
        let before = results(&site).len();
        assert!(before > 0);
        if round < 4 {
            fs::remove_dir_all(site.project().join("cache/v1/results")).unwrap();
        }
    }
    let unfinished = |path: &&PathBuf| path.file_name().unwrap().as_encoded_bytes()[0] == b'.';
    assert_eq!(results(&site).iter().filter(unfinished).count(), 0);
}

#[test]
fn a_cache_in_use_cannot_be_cleaned() {
    let site = Site::new(&FILES);
    let folder = site.project().join("cache");
    let pack = Pack::from_dir(site.dist()).cache(CacheLocation::Folder(folder.clone()));
    let packed = pack.run().unwrap();
    let error = worker_pack::cache::clean(&folder).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    packed.table().to_memory().unwrap();
    drop(packed);
    // A process started by another test inherits the lock between `fork` and `exec`.
    let is_done = |cleaned: &io::Result<_>| !matches!(cleaned, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
    let mut attempts = (0..1_000_000).map(|_| worker_pack::cache::clean(&folder));
    let cleaned = attempts.find(is_done).expect("the lock is released");
    assert!(cleaned.unwrap().results > 0);
}

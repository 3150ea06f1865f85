//! Tests of the bodies that stay on the disk.

use std::fs;
use std::path::Path;

use super::*;
use crate::asset::blob::BodyFile;
use crate::disk::{FileIn, Folder};
use crate::feedback::findings::Findings;
use crate::ingest::{Treatment, ingest};
use crate::options::Options;
use crate::output::shards::tests::{entry, table};
use crate::project::Project;
use crate::tabulate::AssetEntry;

/// A body that is not read as a whole.
fn large(seed: u8) -> Vec<u8> {
    (seed..=u8::MAX).chain(0..seed).cycle().take(2 * WHOLE).collect()
}

/// A site and its table, with a large file and a small one.
fn packed(folder: &Path, body: &[u8]) -> (Site, AssetTable) {
    fs::write(folder.join("large.mp4"), body).expect("a file");
    fs::write(folder.join("small.mp4"), "small").expect("a file");
    let options = Options::default();
    let project = Project::read(folder).expect("a project");
    let mut findings = Findings::new(options.strictness);
    let site = ingest(project, &options, Treatment::NONE, &mut findings).expect("a site");
    let folder = Arc::new(Folder::open(folder).expect("a folder"));
    let blob = |name: &str, bytes: &[u8]| {
        let file = Arc::new(BodyFile::packed(FileIn::new(&folder, name)));
        Blob::in_file(ContentHash::of(bytes), bytes.len(), file, 0)
    };
    let entries = vec![
        AssetEntry { identity: blob("large.mp4", body), ..entry("large.mp4", body) },
        AssetEntry { identity: blob("small.mp4", b"small"), ..entry("small.mp4", b"small") },
    ];
    (site, table(entries))
}

fn find(table: &ServedTable, len: usize) -> &ServedBody {
    table.bodies().iter().find(|body| body.blob().len() == len).expect("a body of that size")
}

#[test]
fn the_smallest_bodies_are_held_up_to_the_limit_and_shared_with_the_next_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let body = large(0);
    let (site, table) = packed(folder.path(), &body);
    for (limit, held) in [(0, [false, false]), (5, [true, false]), (body.len() + 5, [true; 2])] {
        let first = ServedTable::holding(limit, &table, &site, None).expect("a table");
        let is_held = |len| find(&first, len).held.is_some();
        assert_eq!([is_held(5), is_held(body.len())], held, "{limit}");
        let next = ServedTable::holding(limit, &table, &site, Some(&first)).expect("a table");
        for (before, after) in first.bodies().iter().zip(next.bodies()) {
            let shared = before.held.iter().zip(&after.held).all(|(a, b)| Arc::ptr_eq(a, b));
            assert!(shared && before.held.is_some() == after.held.is_some());
        }
    }
}

#[test]
fn bodies_are_never_other_bytes_than_those_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    let body = large(0);
    let (site, table) = packed(folder.path(), &body);
    let served = ServedTable::holding(0, &table, &site, None).expect("a table");
    let (file, one) = (folder.path().join("large.mp4"), find(&served, body.len()));
    let open = one.open().expect("it is unchanged");
    assert!(open.held().is_none(), "it is not read yet");
    assert_eq!(open.read(3..9).expect("it is unchanged"), body[3..9]);
    assert_eq!(
        open.read(body.len() - 1..body.len()).expect("it is unchanged"),
        [body[body.len() - 1]]
    );

    // A change in the same instant as the pack, of the same size.
    fs::write(&file, large(1)).expect("a file");
    assert!(one.open().is_err());
    // The packed bytes again, in another state.
    fs::write(&file, &body).expect("a file");
    assert_eq!(one.open().expect("the bytes are the same").read(0..5).expect("bytes"), body[..5]);
    let longer = [&*body, b"more"].concat();
    fs::write(&file, longer).expect("a file");
    let open = one.open().expect("the file still begins with the body");
    assert_eq!(open.read(0..5).expect("bytes"), body[..5]);
    fs::write(&file, &body[..=WHOLE]).expect("a file");
    assert!(open.read(0..5).is_err(), "it has changed since it was opened");
    assert!(one.open().is_err(), "it is too short");
    fs::remove_file(&file).expect("a file");
    assert!(one.open().is_err());

    let small = find(&served, 5);
    assert_eq!(
        small.open().expect("it is unchanged").held().map(|bytes| &**bytes),
        Some(&b"small"[..])
    );
    fs::write(folder.path().join("small.mp4"), "other").expect("a file");
    assert!(small.open().is_err());
}

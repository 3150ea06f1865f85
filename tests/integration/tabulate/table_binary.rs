//! The binary form of the table.

use worker_pack_runtime::packer::{BinaryTable, BinaryTableError, FileHeader, Modules};
use worker_pack_runtime::{Method, Request, Table};

use super::text;
use crate::support::site::Site;

#[test]
fn a_table_of_another_format_or_version_is_rejected() {
    let image = Site::new(&[("a.txt", text())]).pack().table().to_memory().unwrap();
    let read = |bytes: &[u8]| BinaryTable::read(bytes, Modules::Host).map(drop);
    let whole = image.bytes();
    assert_eq!(read(whole), Ok(()));
    assert_eq!(read(&[]), Err(BinaryTableError::Truncated));
    assert_eq!(read(&whole[..40]), Err(BinaryTableError::Truncated));
    let mut other = whole.to_vec();
    other[0] = b'x';
    assert_eq!(read(&other), Err(BinaryTableError::NotATable));
    other[0] = whole[0];
    other[4] = 99;
    assert_eq!(read(&other), Err(BinaryTableError::OtherVersion(99)));
}

/// A damaged table must not crash the Worker.
#[test]
fn damaged_records_read_as_missing_assets() {
    let image = Site::new(&[("a.txt", text()), ("b/index.html", text())])
        .pack()
        .table()
        .to_memory()
        .unwrap();
    let whole = image.bytes();
    let mut missing = 0;
    for at in size_of::<FileHeader>()..whole.len() {
        let mut damaged = whole.to_vec();
        damaged[at] ^= 0xff;
        let table = Table::from_binary(BinaryTable::read(&damaged, Modules::Host).unwrap());
        missing += table.len() - table.assets().count();
        let request = Request::new(Method::Get, "/b/");
        let _ = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
    }
    assert!(missing > 0, "no damage was detected");
}

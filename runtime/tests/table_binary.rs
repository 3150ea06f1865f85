//! Binary tables, written record by record.

use worker_pack_runtime::packer::{
    AssetRecord, BinaryTable, BinaryTableError, FileHeader, Modules, RepresentationRecord,
    TextRecord,
};
use worker_pack_runtime::{Body, Coding, ETag, Representation, Stored, Table};
use zerocopy::IntoBytes;

fn representation(coding: Coding, len: u32) -> RepresentationRecord {
    let body = Body::new(Stored::Module { index: 0, start: 0, len });
    let representation = Representation::new(coding, ETag::new(len.into()), body);
    RepresentationRecord::new(&representation).expect("its bytes are in a module")
}

/// Writes a table of one asset at `/a`.
fn table(representations: &[RepresentationRecord]) -> Vec<u8> {
    let count = u32::try_from(representations.len()).expect("there are few");
    let header = FileHeader {
        magic: FileHeader::MAGIC,
        version: FileHeader::VERSION.into(),
        assets: 1.into(),
        representations: count.into(),
        variants: 0.into(),
        header_rules: 0.into(),
        header_operations: 0.into(),
        static_redirects: 0.into(),
        dynamic_redirects: 0.into(),
        server_paths: 0.into(),
        excepted_paths: 0.into(),
        behaviour: [0; 4],
        other_paths: 0.into(),
    };
    let text = |len: u32| TextRecord { start: 0.into(), len: len.into() };
    let asset = AssetRecord {
        path: text(2),
        content_type: text(0),
        cache_control: text(0),
        link: text(0),
        use_as_dictionary: text(0),
        content_security_policy: text(0),
        representation: 0.into(),
        representations: count.into(),
        variant: 0.into(),
        variants: 0.into(),
    };
    [header.as_bytes(), asset.as_bytes(), representations.as_bytes(), b"/a"].concat()
}

fn codings(bytes: &[u8]) -> Option<Vec<Coding>> {
    let table = Table::from_binary(BinaryTable::read(bytes, Modules::Host).ok()?);
    Some(table.asset("/a")?.encoded().map(|encoded| encoded.coding()).collect())
}

#[test]
fn every_coding_round_trips() {
    let identity = representation(Coding::Identity, 9);
    let encoded = Coding::ENCODED.map(|coding| representation(coding, 5));
    let records: Vec<_> = [identity].into_iter().chain(encoded).collect();
    assert_eq!(codings(&table(&records)).as_deref(), Some(Coding::ENCODED.as_slice()));
}

#[test]
fn assets_keep_their_other_representations_next_to_an_unknown_coding() {
    let records = [
        representation(Coding::Identity, 9),
        RepresentationRecord { coding: u8::MAX, ..representation(Coding::Gzip, 5) },
        representation(Coding::Gzip, 6),
    ];
    assert_eq!(codings(&table(&records)), Some(vec![Coding::Gzip]));
}

#[test]
fn assets_without_a_readable_identity_are_absent() {
    let record = RepresentationRecord { coding: u8::MAX, ..representation(Coding::Identity, 9) };
    assert_eq!(codings(&table(&[record])), None);
}

#[test]
fn bodies_of_a_host_keep_their_place() {
    let name = ETag::new(7);
    for stored in [
        Stored::Module { index: 1, start: 2, len: 3 },
        Stored::StaticAsset { name, len: 3 },
        Stored::R2Object { name, len: 3 },
    ] {
        for body in [Body::new(stored), Body::decoded(stored, 9)] {
            let representation = Representation::new(Coding::Identity, ETag::new(1), body);
            let record = RepresentationRecord::new(&representation).expect("it is not in memory");
            let bytes = table(&[record]);
            let read = BinaryTable::read(&bytes, Modules::Host).expect("it is a table");
            let asset = Table::from_binary(read).asset("/a").expect("it is in the table");
            assert_eq!(asset.identity().body(), body);
        }
    }
}

#[test]
fn a_table_of_another_version_is_refused() {
    let mut bytes = table(&[representation(Coding::Identity, 9)]);
    for version in [FileHeader::VERSION - 1, FileHeader::VERSION + 1] {
        bytes[4..8].copy_from_slice(&version.to_le_bytes());
        let error = BinaryTable::read(&bytes, Modules::Host).expect_err("it has another version");
        assert_eq!(error, BinaryTableError::OtherVersion(version));
    }
}

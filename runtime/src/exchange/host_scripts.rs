//! Tests that the host scripts use the numbers and letters of the engine.

use super::{Loaded, record, request_text};
use crate::body::StorageKind;
use crate::etag::ETag;
use crate::packer::FileHeader;
use crate::packer::host::ENGINE_JS;
use crate::request::{NAVIGATION, RequestField};

/// Returns the value of a constant of `engine.js`.
fn constant(name: &str) -> &'static str {
    let begin = format!("const {name} = ");
    let (_, after) = ENGINE_JS.split_once(&begin).unwrap_or_else(|| panic!("{name} is missing"));
    after.split_once(";\n").expect("a constant ends with a semicolon").0
}

/// Returns the elements of a list of `engine.js`, one a line.
fn list(name: &str) -> Vec<&'static str> {
    constant(name)
        .lines()
        .map(|line| line.trim_matches([' ', ',']))
        .filter(|line| line.len() > 1)
        .collect()
}

#[test]
fn places_of_bodies_have_the_numbers_of_the_runtime() {
    for kind in StorageKind::ALL {
        let name = match kind {
            StorageKind::Memory => "IN_MEMORY",
            StorageKind::Module => "IN_MODULE",
            StorageKind::StaticAsset => "IN_STATIC_ASSET",
            StorageKind::R2Object => "IN_R2_OBJECT",
        };
        assert_eq!(constant(name), kind.number().to_string(), "{name}");
    }
}

#[test]
fn records_have_the_layout_of_the_engine() {
    assert_eq!(constant("RECORD_WORDS"), record::WORDS.to_string());
    assert_eq!(constant("SERVER_ANSWERS"), record::SERVER_ANSWERS.to_string());
    assert_eq!(constant("AS_STORED"), format!("{:#x}", record::AS_STORED));
    assert_eq!(constant("REMOVE"), format!("'{}'", record::REMOVE));
    assert_eq!(constant("SET"), format!("'{}'", record::SET));
    assert_eq!(constant("DEFAULT"), format!("'{}'", record::DEFAULT));
    let name = ETag::new(0).to_string();
    assert_eq!(constant("NAME_LENGTH"), name.trim_matches('"').len().to_string());
}

#[test]
fn tables_are_known_by_their_mark_and_version() {
    let magic = u32::from_le_bytes(FileHeader::MAGIC);
    assert_eq!(constant("TABLE_MAGIC"), format!("{magic:#x}"));
    assert_eq!(constant("TABLE_VERSION"), FileHeader::VERSION.to_string());
}

#[test]
fn request_fields_have_the_letters_of_the_engine() {
    let fields = list("FIELDS");
    for field in RequestField::ALL {
        let letter = request_text::letter(field);
        match field {
            RequestField::AcceptEncoding => {
                assert_eq!(constant("CODINGS_LETTER"), format!("'{letter}'"));
            }
            RequestField::Accept => {
                assert_eq!(constant("TYPES_LETTER"), format!("'{letter}'"));
            }
            RequestField::Authorization => {
                assert_eq!(constant("AUTHORIZATION_LETTER"), format!("'{letter}'"));
            }
            RequestField::SecFetchMode => {
                assert_eq!(constant("NAVIGATION_LINE"), format!("'{letter}{NAVIGATION}'"));
            }
            RequestField::AvailableDictionary
            | RequestField::IfMatch
            | RequestField::IfNoneMatch
            | RequestField::IfRange
            | RequestField::Range => {
                let element = format!("['{letter}', '{field}']");
                assert!(fields.contains(&&*element), "{element} is missing in {fields:?}");
            }
        }
    }
    assert_eq!(fields.len() + 4, RequestField::ALL.len());
}

#[test]
fn each_result_of_load_has_its_message() {
    let messages = list("LOAD_ERRORS");
    for (loaded, part) in [
        (Loaded::Complete, "undefined"),
        (Loaded::NotATable, "is not a table"),
        (Loaded::OtherVersion, "another version"),
        (Loaded::Truncated, "incomplete"),
    ] {
        assert!(messages[loaded as usize].contains(part), "{loaded:?} in {messages:?}");
    }
}

//! The metadata of a camera (Exif) that stay: what changes the looks, and whom the picture is of.

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Exif, Field, In, Tag};

/// The fields that a browser reads: the orientation, and those of which it makes the size of the picture.
const LOOKS: [Tag; 6] = [
    Tag::Orientation,
    Tag::XResolution,
    Tag::YResolution,
    Tag::ResolutionUnit,
    Tag::PixelXDimension,
    Tag::PixelYDimension,
];

/// The fields that tell people about the picture.
const CREDITS: [Tag; 3] = [Tag::Copyright, Tag::Artist, Tag::ImageDescription];

/// The metadata of a camera that a picture keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeptExif {
    /// None.
    Nothing,
    /// These change neither the orientation nor the size.
    Plain(Vec<u8>),
    /// These change how the picture is shown, or are not understood.
    Shown(Vec<u8>),
}

impl KeptExif {
    /// Chooses those that stay. `data` are those of a file, without the name of their segment.
    pub(super) fn of(data: &[u8], (width, height): (u32, u32)) -> Self {
        let Ok(exif) = exif::Reader::new().read_raw(data.to_vec()) else {
            return Self::Shown(data.to_vec());
        };
        let is_plain = is_plain(&exif, (width, height));
        let credits = CREDITS.iter().filter_map(|tag| exif.get_field(*tag, In::PRIMARY));
        let credits = credits.filter(|field| !is_blank(field));
        let looks = LOOKS.iter().filter_map(|tag| exif.get_field(*tag, In::PRIMARY));
        let looks = looks.filter(|_| !is_plain);
        let fields: Vec<&Field> = looks.chain(credits).collect();
        if fields.is_empty() {
            return Self::Nothing;
        }
        let mut writer = Writer::new();
        for field in &fields {
            writer.push_field(field);
        }
        let mut written = Cursor::new(Vec::new());
        match writer.write(&mut written, exif.little_endian()) {
            Ok(()) if is_plain => Self::Plain(written.into_inner()),
            Ok(()) => Self::Shown(written.into_inner()),
            Err(_) => Self::Shown(data.to_vec()),
        }
    }
}

/// Returns whether a browser shows the picture as it would without these metadata.
fn is_plain(exif: &Exif, (width, height): (u32, u32)) -> bool {
    let is = |tag, expected: u32| {
        exif.get_field(tag, In::PRIMARY)
            .is_none_or(|field| field.value.get_uint(0) == Some(expected))
    };
    is(Tag::Orientation, 1) && is(Tag::PixelXDimension, width) && is(Tag::PixelYDimension, height)
}

/// Returns whether a text is empty: cameras write such.
fn is_blank(field: &Field) -> bool {
    field.display_value().to_string().trim_matches(['"', ' ']).is_empty()
}

#[cfg(test)]
mod tests {
    use exif::Value;

    use super::*;

    fn written(fields: &[(Tag, Value)]) -> Vec<u8> {
        let fields: Vec<Field> = fields
            .iter()
            .map(|(tag, value)| Field { tag: *tag, ifd_num: In::PRIMARY, value: value.clone() })
            .collect();
        let mut writer = Writer::new();
        for field in &fields {
            writer.push_field(field);
        }
        let mut bytes = Cursor::new(Vec::new());
        writer.write(&mut bytes, true).unwrap();
        bytes.into_inner()
    }

    fn text(text: &str) -> Value {
        Value::Ascii(vec![text.as_bytes().to_vec()])
    }

    #[test]
    fn credits_stay_and_the_settings_of_the_camera_do_not() {
        let make = (Tag::Make, text("A camera"));
        let upright = (Tag::Orientation, Value::Short(vec![1]));
        let only_camera = written(&[make.clone(), upright.clone()]);
        assert_eq!(KeptExif::of(&only_camera, (8, 8)), KeptExif::Nothing);
        let credited =
            written(&[make, upright, (Tag::Copyright, text("Someone")), (Tag::Artist, text(" "))]);
        let KeptExif::Plain(kept) = KeptExif::of(&credited, (8, 8)) else {
            panic!("it is upright")
        };
        let exif = exif::Reader::new().read_raw(kept).unwrap();
        let tags: Vec<Tag> = exif.fields().map(|field| field.tag).collect();
        assert_eq!(tags, [Tag::Copyright]);
    }

    #[test]
    fn the_orientation_and_another_size_stay() {
        let turned = written(&[(Tag::Make, text("A")), (Tag::Orientation, Value::Short(vec![6]))]);
        let KeptExif::Shown(kept) = KeptExif::of(&turned, (8, 8)) else { panic!("it is turned") };
        let exif = exif::Reader::new().read_raw(kept).unwrap();
        let orientation = exif.get_field(Tag::Orientation, In::PRIMARY).unwrap();
        assert_eq!((orientation.value.get_uint(0), exif.fields().count()), (Some(6), 1));
        let sized = written(&[(Tag::PixelXDimension, Value::Short(vec![4]))]);
        assert!(matches!(KeptExif::of(&sized, (8, 8)), KeptExif::Shown(_)));
        assert_eq!(KeptExif::of(b"no Exif", (8, 8)), KeptExif::Shown(b"no Exif".to_vec()));
    }
}

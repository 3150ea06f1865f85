//! The chunks of a PNG file (PNG, Third Edition §5): what they are for, and which of them stay.

use flate2::Crc;

use super::Unfit;
use crate::transform::UntouchedReason;

/// The bytes with which each PNG file begins (PNG §5.2).
pub(super) const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// The length of a chunk without its data.
const FRAME_LEN: usize = 12;

/// A chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk<'b> {
    pub(super) name: [u8; 4],
    pub(super) data: &'b [u8],
    /// The whole chunk, with its length and its checksum.
    pub(super) bytes: &'b [u8],
}

/// The use of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The pixels.
    Pixels,
    /// The meaning of the colours.
    Colour,
    /// Metadata of the camera, among them the orientation.
    Exif,
    /// Metadata in XMP.
    Xmp,
    /// Metadata that no browser reads and WebP has no place for, of which nobody is the author.
    Size,
    /// A text or another chunk that programs read.
    ForPrograms,
    /// Nothing that can be seen: hints for old screens, offsets of the compressed data, the time and the
    /// name of the program that wrote the file.
    Remark,
    /// A frame of an animation.
    Animation,
    /// Anything that is wrong once other chunks have changed.
    Fixed,
}

impl Chunk<'_> {
    /// Returns what the chunk is for. A chunk that is not known stays if it is safe to copy
    /// (PNG §14.2).
    pub(super) fn role(&self) -> Role {
        match &self.name {
            b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" | b"IEND" => Role::Pixels,
            b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM" | b"cICP" | b"mDCV" | b"cLLI" => Role::Colour,
            b"eXIf" => Role::Exif,
            b"pHYs" => Role::Size,
            // `iDOT` has offsets for Apple's decoder.
            b"bKGD" | b"hIST" | b"iDOT" | b"sBIT" | b"sPLT" | b"tIME" => Role::Remark,
            b"acTL" | b"fcTL" | b"fdAT" => Role::Animation,
            b"tEXt" | b"zTXt" | b"iTXt" if self.is_remark() => Role::Remark,
            b"iTXt" if self.keyword() == b"XML:com.adobe.xmp" => Role::Xmp,
            [first, _, _, last] => {
                let is_critical = first.is_ascii_uppercase();
                // `caBX` has signed hashes of the file (C2PA).
                let is_safe_to_copy = last.is_ascii_lowercase() && &self.name != b"caBX";
                if is_critical || !is_safe_to_copy { Role::Fixed } else { Role::ForPrograms }
            }
        }
    }

    /// Returns the keyword of a text.
    fn keyword(&self) -> &[u8] {
        self.data.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// Returns whether a text only names the program or the time.
    fn is_remark(&self) -> bool {
        let keyword = self.keyword().to_ascii_lowercase();
        match &*keyword {
            b"software" | b"creation time" | b"create-date" | b"modify-date" => true,
            b"comment" => self
                .data
                .get(keyword.len() + 1..)
                .is_some_and(|text| &self.name == b"tEXt" && text.starts_with(b"Created with ")),
            other => other.starts_with(b"date:"),
        }
    }
}

/// Splits a file into its chunks.
///
/// # Errors
/// If it is not a whole PNG file that ends with its last chunk.
pub(super) fn chunks(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, Unfit> {
    let Some(mut rest) = bytes.strip_prefix(SIGNATURE) else {
        return Err(Unfit::Untouched(UntouchedReason::OtherFormat));
    };
    let mut chunks: Vec<Chunk<'_>> = Vec::new();
    while chunks.last().is_none_or(|last| &last.name != b"IEND") {
        let (chunk, after) = first_chunk(rest)?;
        chunks.push(chunk);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(Unfit::Untouched(UntouchedReason::DataAfterEnd));
    }
    Ok(chunks)
}

/// Splits off the first chunk.
fn first_chunk(bytes: &[u8]) -> Result<(Chunk<'_>, &[u8]), Unfit> {
    let cut_off = || Unfit::Damaged("it ends too early".to_owned());
    let (len, _) = bytes.split_first_chunk::<4>().ok_or_else(cut_off)?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| cut_off())?;
    let end = len.checked_add(FRAME_LEN).ok_or_else(cut_off)?;
    let (chunk, rest) = bytes.split_at_checked(end).ok_or_else(cut_off)?;
    let (named, checksum) = chunk[4..].split_at(len + 4);
    let mut crc = Crc::new();
    crc.update(named);
    let (name, data) = named.split_at(4);
    let name: [u8; 4] = name.try_into().map_err(|_| cut_off())?;
    if crc.sum().to_be_bytes() != checksum {
        let name = name.escape_ascii();
        return Err(Unfit::Damaged(format!("the checksum of its chunk `{name}` is wrong")));
    }
    Ok((Chunk { name, data, bytes: chunk }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: [u8; 4], data: &[u8]) -> Role {
        Chunk { name, data, bytes: data }.role()
    }

    #[test]
    fn texts_of_authors_and_programs_stay_and_remarks_do_not() {
        assert_eq!(role(*b"tEXt", b"Software\0Adobe ImageReady"), Role::Remark);
        assert_eq!(role(*b"tEXt", b"date:create\x002026-01-01"), Role::Remark);
        assert_eq!(role(*b"tEXt", b"Comment\0Created with GIMP"), Role::Remark);
        assert_eq!(role(*b"tEXt", b"Comment\0A view of the lake"), Role::ForPrograms);
        assert_eq!(role(*b"tEXt", b"Copyright\0Someone"), Role::ForPrograms);
        assert_eq!(role(*b"zTXt", b"mxfile\0\0..."), Role::ForPrograms);
        assert_eq!(role(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"), Role::Xmp);
    }

    #[test]
    fn unknown_chunks_stay_only_if_they_are_safe_to_copy() {
        assert_eq!(role(*b"abCd", b""), Role::ForPrograms);
        assert_eq!(role(*b"abCD", b""), Role::Fixed);
        assert_eq!(role(*b"CgBI", b""), Role::Fixed, "critical");
        assert_eq!(role(*b"caBX", b""), Role::Fixed, "signed");
    }

    #[test]
    fn bytes_that_are_no_png_are_told_apart() {
        let other = Err(Unfit::Untouched(UntouchedReason::OtherFormat));
        for bytes in [&b""[..], b"<!doctype html>", b"\xff\xd8\xff\xe0\0\x10JFIF"] {
            assert_eq!(chunks(bytes), other, "{bytes:?}");
        }
        assert!(matches!(chunks(SIGNATURE), Err(Unfit::Damaged(_))));
        let long = [SIGNATURE, &b"\xff\xff\xff\xffIHDR"[..]].concat();
        assert!(matches!(chunks(&long), Err(Unfit::Damaged(_))));
    }
}

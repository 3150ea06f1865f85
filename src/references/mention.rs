//! The places of the build where the name of a file is written, whatever the format of the text.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use worker_pack_runtime::packer::path::{encode, encode_segments};

/// The names of some files, to be looked for.
pub(super) struct Mentions {
    automaton: AhoCorasick,
    /// The files that each pattern of the automaton is the name of, by their indices in the site.
    files: Vec<Vec<usize>>,
}

impl Mentions {
    /// Prepares to look for the names of files: as they are, percent-encoded, and with the escapes of scripts that are
    /// printed in ASCII. Returns `None` if there are too many.
    pub(super) fn of<'n>(names: impl IntoIterator<Item = (usize, &'n str)>) -> Option<Self> {
        let mut files = BTreeMap::<String, Vec<usize>>::new();
        for (index, name) in names {
            let mut spellings = vec![name.to_owned(), encode(name), encode_segments(name)];
            spellings.push(encode_segments(name).to_ascii_lowercase());
            spellings.extend(in_scripts_of_ascii(name));
            spellings.sort();
            spellings.dedup();
            for spelling in spellings {
                files.entry(spelling).or_default().push(index);
            }
        }
        let automaton = AhoCorasick::new(files.keys()).ok()?;
        Some(Self { automaton, files: files.into_values().collect() })
    }

    /// Finds the names in a text, each with its place and the files that it may mean.
    pub(super) fn find<'m>(
        &'m self,
        text: &'m [u8],
    ) -> impl Iterator<Item = (Range<usize>, &'m [usize])> {
        let found = self.automaton.find_overlapping_iter(text);
        let found = found.map(|found| (found.range(), &*self.files[found.pattern().as_usize()]));
        found.filter(|(range, _)| !is_part(text, range))
    }
}

/// Returns the spellings of a name with escapes (ECMA-262 §12.9.4), as printers of scripts in ASCII write them.
fn in_scripts_of_ascii(name: &str) -> [String; 4] {
    let escaped = |escape: fn(u16) -> String| -> String {
        let written = |one: char| {
            let units = one.encode_utf16(&mut [0; 2]).iter().map(|unit| escape(*unit)).collect();
            if one.is_ascii() { one.to_string() } else { units }
        };
        name.chars().map(written).collect()
    };
    [
        escaped(|unit| format!("\\u{unit:04x}")),
        escaped(|unit| format!("\\u{unit:04X}")),
        escaped(
            |unit| if unit < 0x100 { format!("\\x{unit:02x}") } else { format!("\\u{unit:04x}") },
        ),
        escaped(
            |unit| if unit < 0x100 { format!("\\x{unit:02X}") } else { format!("\\u{unit:04X}") },
        ),
    ]
}

/// Returns whether a place is a part of a longer name, such as `logo.png` in `old-logo.png` or `logo.png.webp`.
fn is_part(text: &[u8], range: &Range<usize>) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let before = &text[..range.start];
    let escapes: [&[u8]; 3] = [b"%2F", b"%2f", b"\\u002F"];
    let follows_slash = escapes.iter().any(|slash| before.ends_with(slash))
        // In a text within quotes, `\n` and its like stand for white space.
        || matches!(before, [.., b'\\', b'n' | b't' | b'r']);
    let starts_within =
        !follows_slash && before.last().is_some_and(|byte| is_of_name(*byte) || *byte == b'.');
    let ends_within = match &text[range.end..] {
        [b'.', next, ..] | [next, ..] => is_of_name(*next),
        [] => false,
    };
    starts_within || ends_within
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_found_in_any_text_and_parts_of_others_are_not() {
        let mentions = Mentions::of([(0, "logo.png"), (1, "ü b.png"), (2, "logo.png")]).unwrap();
        let found = |text: &str| -> Vec<usize> {
            mentions.find(text.as_bytes()).flat_map(|(_, files)| files.to_vec()).collect()
        };
        for text in
            ["logo.png", "('/x/logo.png')", "[src$=logo.png]", "?href=%2Flogo.png&", "logo.png."]
        {
            assert_eq!(found(text), [0, 2], "{text}");
        }
        for text in [
            "ü b.png",
            "/%C3%BC%20b.png",
            "%c3%bc%20b.png",
            "'/\\xfc b.png'",
            "'/\\xFC b.png'",
            "'\\u00fc b.png'",
            "'\\u00FC b.png'",
        ] {
            assert_eq!(found(text), [1], "{text}");
        }
        for text in ["old-logo.png", "logo.pngx", "logo.png.webp", "a.logo.png", "Logo.png"] {
            assert_eq!(found(text), [0_usize; 0], "{text}");
        }
    }
}

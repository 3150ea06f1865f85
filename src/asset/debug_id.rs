//! Debug ids: what a script and its source map have in common, so that a service finds one by the other
//! (ECMA-426, proposal "Debug ID").

use std::fmt;

use super::digest::ContentHash;

/// The debug id of a script: a UUID of the kind that its maker defines (RFC 9562 §5.8), of the hash of its
/// code. So equal code has an equal id on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DebugId([u8; 16]);

/// The debug ids of minified scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DebugIds {
    #[default]
    None,
    Added,
}

impl DebugId {
    /// Makes the id of a script without the comment that names it.
    pub(crate) fn of(code: &str) -> Self {
        let hash = ContentHash::of(code.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        bytes[6] = bytes[6] & 0x0f | 0x80;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }

    /// Returns a script with the comment that names its id.
    pub(crate) fn added_to(code: &str) -> String {
        let id = Self::of(code);
        let end = if code.ends_with('\n') { "" } else { "\n" };
        format!("{code}{end}//# debugId={id}\n")
    }
}

impl fmt::Display for DebugId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let dash = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid_of_the_code() {
        let id = DebugId::of("f()").to_string();
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(id[14..].starts_with('8') && "89ab".contains(&id[19..20]), "{id}");
        assert_ne!(id, DebugId::of("g()").to_string());
        assert_eq!(DebugId::added_to("f()"), format!("f()\n//# debugId={id}\n"));
    }
}

//! Mutations of an input. The same number gives the same mutations, on any machine.

/// Pseudo-random numbers (`SplitMix64`).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(start: u64) -> Self {
        Self(start)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number less than `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or_default()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }
}

/// The longest input, in bytes.
const MAX_LEN: usize = 8 * 1024;

/// Bytes that mean something in many formats.
const ODD: &[u8] = b"\0\t\n\r \"#%&'*/:<>?\\\x7f\xff";

/// Changes an input in up to eight places. `other` is another input to take parts of.
pub(crate) fn mutate(
    numbers: &mut Numbers,
    input: &[u8],
    other: &[u8],
    dictionary: &[Vec<u8>],
) -> Vec<u8> {
    let mut data = input.to_vec();
    for _ in 0..1 << numbers.below(4) {
        let at = numbers.below(data.len() + 1);
        let longest = 1 << numbers.below(8);
        let end = (at + 1 + numbers.below(longest)).min(data.len());
        match numbers.below(9) {
            0 | 1 => {
                if let Some(token) = numbers.pick(dictionary) {
                    data.splice(at..at, token.iter().copied());
                }
            }
            2 => {
                if let Some(token) = numbers.pick(dictionary) {
                    let end = (at + token.len()).min(data.len());
                    data.splice(at..end, token.iter().copied());
                }
            }
            3 => drop(data.drain(at.min(end)..end)),
            4 => {
                let part = data[at.min(end)..end].to_vec();
                let to = numbers.below(data.len() + 1);
                data.splice(to..to, part);
            }
            5 => {
                let from = numbers.below(other.len() + 1);
                let to = (from + 1 + numbers.below(64)).min(other.len());
                data.splice(at..at, other[from.min(to)..to].iter().copied());
            }
            6 => {
                if let Some(byte) = data.get_mut(at) {
                    *byte ^= 1_u8 << numbers.below(8);
                }
            }
            7 => {
                if let Some(byte) = data.get_mut(at) {
                    *byte = numbers.byte();
                }
            }
            _ => data.insert(at, *numbers.pick(ODD).unwrap_or(&0)),
        }
    }
    data.truncate(MAX_LEN);
    data
}

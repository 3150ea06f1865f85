//! The header of a WAV file: read from a stream, and written for the output.
//!
//! `hound` 3.5.1 is not used, except by tests: it wants the whole header at once, and does not say
//! whether more bytes would help; it takes the padding byte behind a chunk of odd length (RIFF 1991,
//! “Chunks”) for the beginning of the next chunk; and it takes each `fact` chunk for 4 bytes long. The
//! header is read here as it arrives, in 40 bytes of memory.

use crate::format::{SAMPLE_BYTES, SampleRate};
use crate::{AudioError, Unsupported};

/// The bytes that may come before the samples. They are skipped as they arrive, so this bounds work,
/// not memory.
const HEADER_LIMIT: u64 = 64 * 1024;
/// The smallest length of `data` that means “unknown”. Encoders that cannot seek back write
/// `0xFFFF_FFFF`, 0, or `0x7FFF_F000`, as eSpeak NG does, which would last 12 hours.
const UNKNOWN_LENGTH: u32 = 0x7FFF_F000;
/// The bytes of the header that is written.
pub(crate) const HEADER_LEN: usize = 44;
/// The length of `WAVEFORMATEXTENSIBLE`.
const EXTENSIBLE_LEN: usize = 40;
const FORMAT_PCM: u16 = 0x0001;
const FORMAT_EXTENSIBLE: u16 = 0xFFFE;
/// The end of the `SubFormat` of each format that also has a number, which is its beginning.
const SUBFORMAT_TAIL: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

/// The length of the samples by the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataLength {
    /// The number of bytes.
    Bytes(u32),
    /// Until the end of the stream. The number is the one that stands for it.
    UntilEnd(u32),
}

/// The facts of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) rate: SampleRate,
    pub(crate) data: DataLength,
}

impl Header {
    /// Returns the header as it begins a file (RIFF 1991, “WAVE”).
    pub(crate) fn to_bytes(self) -> [u8; HEADER_LEN] {
        let (DataLength::Bytes(data) | DataLength::UntilEnd(data)) = self.data;
        let rate = self.rate.hertz();
        let mut bytes = [0; HEADER_LEN];
        bytes[..4].copy_from_slice(b"RIFF");
        bytes[4..8].copy_from_slice(&data.saturating_add(36).to_le_bytes());
        bytes[8..16].copy_from_slice(b"WAVEfmt ");
        bytes[16..20].copy_from_slice(&16_u32.to_le_bytes());
        bytes[20..22].copy_from_slice(&FORMAT_PCM.to_le_bytes());
        bytes[22..24].copy_from_slice(&1_u16.to_le_bytes());
        bytes[24..28].copy_from_slice(&rate.to_le_bytes());
        bytes[28..32].copy_from_slice(&(rate * 2).to_le_bytes());
        bytes[32..34].copy_from_slice(&2_u16.to_le_bytes());
        bytes[34..36].copy_from_slice(&16_u16.to_le_bytes());
        bytes[36..40].copy_from_slice(b"data");
        bytes[40..].copy_from_slice(&data.to_le_bytes());
        bytes
    }
}

/// A header that is being read.
#[derive(Debug)]
pub(crate) struct HeaderReader {
    part: Part,
    /// The first bytes of the part, never more than 40.
    field: Vec<u8>,
    /// The bytes to skip before the part.
    skip: u64,
    /// The position at which the part begins.
    position: u64,
    rate: Option<SampleRate>,
}

/// A part of the header.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// `RIFF`, a length and `WAVE`.
    Riff,
    /// The name and the length of a chunk.
    Chunk,
    /// The content of the `fmt ` chunk.
    Format { len: u32 },
}

impl HeaderReader {
    pub(crate) fn new() -> Self {
        Self {
            part: Part::Riff,
            field: Vec::with_capacity(EXTENSIBLE_LEN),
            skip: 0,
            position: 0,
            rate: None,
        }
    }

    /// Reads on. Returns the header once its end has come, with `input` at the first sample.
    pub(crate) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Header>, AudioError> {
        loop {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(input.len());
            *input = &input[skipped..];
            self.skip -= skipped as u64;
            let wanted = match self.part {
                Part::Riff => 12,
                Part::Chunk => 8,
                Part::Format { len } => (len as usize).min(EXTENSIBLE_LEN),
            };
            let (taken, rest) = input.split_at((wanted - self.field.len()).min(input.len()));
            self.field.extend_from_slice(taken);
            *input = rest;
            if self.field.len() < wanted {
                return Ok(None);
            }
            self.position += wanted as u64;
            if let Some(header) = self.end_part()? {
                return Ok(Some(header));
            }
            self.field.clear();
        }
    }

    /// Returns the bytes of the header, once its end has come.
    pub(crate) const fn len(&self) -> u64 {
        self.position
    }

    /// Returns the error of a stream that ends here.
    pub(crate) fn end(&self) -> AudioError {
        match self.part {
            Part::Riff if self.field.is_empty() => AudioError::Empty,
            Part::Riff => AudioError::NotWav,
            Part::Chunk | Part::Format { .. } => AudioError::HeaderTruncated,
        }
    }

    /// Interprets the part that has come, and chooses the next.
    fn end_part(&mut self) -> Result<Option<Header>, AudioError> {
        match self.part {
            Part::Riff => {
                check_riff(&self.field)?;
                self.part = Part::Chunk;
            }
            Part::Format { len } => {
                self.rate = Some(read_format(&self.field)?);
                self.skip_chunk(len, self.field.len())?;
            }
            Part::Chunk => {
                let len = u32_at(&self.field, 4);
                match (&self.field[..4], self.rate) {
                    (b"fmt ", _) if len < 16 => {
                        let reason = "its `fmt ` chunk has less than 16 bytes";
                        return Err(AudioError::BrokenHeader { reason });
                    }
                    (b"fmt ", _) => self.part = Part::Format { len },
                    (b"data", Some(rate)) => {
                        return Ok(Some(Header { rate, data: data_length(len)? }));
                    }
                    (b"data", None) => {
                        let reason = "its `data` chunk comes before its `fmt ` chunk";
                        return Err(AudioError::BrokenHeader { reason });
                    }
                    _ => self.skip_chunk(len, 0)?,
                }
            }
        }
        Ok(None)
    }

    /// Goes on behind a chunk of `len` bytes, of which `read` have been read, and its padding.
    fn skip_chunk(&mut self, len: u32, read: usize) -> Result<(), AudioError> {
        let skip = u64::from(len) + u64::from(len % 2) - read as u64;
        if self.position + skip > HEADER_LIMIT {
            return Err(AudioError::HeaderTooLong { limit: HEADER_LIMIT });
        }
        self.position += skip;
        self.skip = skip;
        self.part = Part::Chunk;
        Ok(())
    }
}

fn check_riff(field: &[u8]) -> Result<(), AudioError> {
    let kind = match (&field[..4], &field[8..]) {
        (b"RIFF", b"WAVE") => return Ok(()),
        (b"RIFX", _) => "RIFX, which is big-endian",
        (b"RF64", _) => "RF64",
        (b"BW64", _) => "BW64",
        _ => return Err(AudioError::NotWav),
    };
    Err(Unsupported::Container { kind }.into())
}

/// Reads the content of a `fmt ` chunk: `PCMWAVEFORMAT` or longer.
fn read_format(field: &[u8]) -> Result<SampleRate, AudioError> {
    let mut tag = u16_at(field, 0);
    if tag == FORMAT_EXTENSIBLE {
        if field.len() < EXTENSIBLE_LEN {
            let reason = "its `fmt ` chunk has no `SubFormat`";
            return Err(AudioError::BrokenHeader { reason });
        }
        if field[26..] == SUBFORMAT_TAIL {
            tag = u16_at(field, 24);
        }
    }
    if tag != FORMAT_PCM {
        return Err(Unsupported::Encoding { tag }.into());
    }
    let channels = u16_at(field, 2);
    if channels != 1 {
        return Err(Unsupported::Channels { channels }.into());
    }
    let bits = u16_at(field, 14);
    if bits != 16 {
        return Err(Unsupported::Bits { bits }.into());
    }
    if u64::from(u16_at(field, 12)) != SAMPLE_BYTES {
        let reason = "its samples have 16 bits, but not 2 bytes";
        return Err(AudioError::BrokenHeader { reason });
    }
    SampleRate::try_from(u32_at(field, 4))
}

fn data_length(len: u32) -> Result<DataLength, AudioError> {
    match len {
        0 | UNKNOWN_LENGTH.. => Ok(DataLength::UntilEnd(len)),
        _ if !u64::from(len).is_multiple_of(SAMPLE_BYTES) => Err(AudioError::OddLength),
        _ => Ok(DataLength::Bytes(len)),
    }
}

fn u16_at(field: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([field[at], field[at + 1]])
}

fn u32_at(field: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([field[at], field[at + 1], field[at + 2], field[at + 3]])
}

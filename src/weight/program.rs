//! The sections of a WebAssembly module.

use std::ops::Range;

use wasmparser::{BinaryReaderError, DataKind, Operator, Parser, Payload};

/// Size of a page of memory, unless the module sets another one, in bytes.
const PAGE: u64 = 64 * 1024;

/// A WebAssembly module, as its sections. Sizes are in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    /// Size of its functions.
    pub(crate) code: usize,
    /// Size of the memory that each instance begins with.
    pub(crate) memory: usize,
    /// The custom sections: names of functions, debug information.
    pub(crate) custom: Vec<(String, usize)>,
    /// The contents of its memory at the start, in the order of the module.
    pub(crate) data: Vec<Segment>,
}

/// Bytes that an instance begins with.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    /// The place of the bytes in the module.
    pub(crate) range: Range<usize>,
    /// Their address, if it is a constant.
    pub(crate) address: Option<usize>,
}

/// The reason why a module cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotAProgram(String);

impl From<BinaryReaderError> for NotAProgram {
    fn from(error: BinaryReaderError) -> Self {
        Self(format!("{} (at offset {:#x})", error.message(), error.offset()))
    }
}

impl Program {
    /// Reads the sections of a module. Its functions are not checked.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NotAProgram> {
        let mut program = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::CodeSectionStart { range, .. } => program.code = range.len(),
                Payload::CustomSection(section) => {
                    let name = section.name().to_owned();
                    program.custom.push((name, section.range().len()));
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        let memory = memory?;
                        let page = memory.page_size_log2.map_or(PAGE, |log2| 1 << log2.min(16));
                        let len = size(memory.initial.saturating_mul(page));
                        program.memory = program.memory.saturating_add(len);
                    }
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        let segment = segment?;
                        let end = segment.range.end;
                        let address = match segment.kind {
                            DataKind::Active { offset_expr, .. } => {
                                match offset_expr.get_operators_reader().read()? {
                                    Operator::I32Const { value } => {
                                        usize::try_from(value.cast_unsigned()).ok()
                                    }
                                    _ => None,
                                }
                            }
                            DataKind::Passive => None,
                        };
                        let range = end - segment.data.len()..end;
                        program.data.push(Segment { range, address });
                    }
                }
                Payload::Version { encoding: wasmparser::Encoding::Component, .. } => {
                    return Err(NotAProgram("it is a component, not a module".to_owned()));
                }
                _ => {}
            }
        }
        Ok(program)
    }

    /// Returns the size of all data.
    pub(crate) fn data_len(&self) -> usize {
        self.data.iter().map(|segment| segment.range.len()).sum()
    }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

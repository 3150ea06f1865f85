//! The code of a diagnostic as an argument.

use std::ffi::OsStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use worker_pack::report::Code;

/// Reads a code. The error for an unknown one suggests a similar code instead of listing all.
#[derive(Clone, Debug)]
pub(crate) struct CodeParser;

impl TypedValueParser for CodeParser {
    type Value = Code;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        text: &OsStr,
    ) -> Result<Code, clap::Error> {
        let codes = PossibleValuesParser::new(Code::ALL.map(Code::name));
        codes.try_map(|text| text.parse()).parse_ref(command, argument, text).map_err(
            |mut error| {
                error.remove(ContextKind::ValidValue);
                let hint = "`worker-pack explain` lists all codes".into();
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint]));
                error
            },
        )
    }
}

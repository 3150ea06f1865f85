//! `worker-pack diff`.

use std::io::Write as _;

use crate::cli::args::{DiffArguments, DiffFormat};
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::difference::DifferenceSummary;
use crate::cli::print::markdown::DifferenceComment;
use crate::cli::print::{ignore_broken_pipe, json};

/// Compares two packed sites, and prints the difference.
pub(crate) fn run(arguments: &DiffArguments) -> Result<(), Failure> {
    let compared = Config::load(arguments.place.config.as_deref())
        .and_then(|config| Ok(config.diff(arguments).run()?));
    let mut stdout = anstream::stdout().lock();
    let printed = match (&compared, arguments.format) {
        (Ok(report), DiffFormat::Text) => write!(stdout, "{}", DifferenceSummary(report)),
        (Ok(report), DiffFormat::Json) => json::print_difference(&mut stdout, report),
        (Ok(report), DiffFormat::Markdown) => write!(stdout, "{}", DifferenceComment(report)),
        (Err(failure), DiffFormat::Json) => json::print_failure(&mut stdout, failure),
        (Err(_), _) => Ok(()),
    };
    ignore_broken_pipe(printed.and_then(|()| stdout.flush()))?;
    compared.map(drop)
}

//! Minification, and content that must stay unchanged.

mod comments;
mod css;
mod css_differential;
mod encoding;
mod html;
mod html_differential;
mod integrity;
mod javascript;
mod javascript_differential;
mod languages;
mod libraries;
mod unparsable;

use worker_pack::Packed;
use worker_pack::report::Outcome;

fn outcome(packed: &Packed, file: &str) -> Outcome {
    packed.report().files.iter().find(|found| found.file == file).unwrap().transform
}

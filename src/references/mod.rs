//! References between the files of a site. With the option `fingerprints`, files that pages and other texts load get a
//! second route with a fingerprint, the hash of their final bytes, from leaves to roots.
//!
//! A [`Plan`] is made of the bytes as packed: which files may have a fingerprint, where their names are written,
//! and why the others keep theirs. Then [`Names`] gives fingerprints in rounds: the next stage makes the final
//! bytes of some files, whose fingerprints are inserted into the texts of the rounds that follow.
//!
//! With the option `integrity`, `Integrities` are the hashes by which pages load scripts and style sheets, and modules by
//! their import maps.

mod answers;
mod circle;
mod encrypted;
mod fixed;
mod given;
mod integrity;
mod locate;
mod mention;
mod mentioned;
mod module_graph;
mod names;
mod order;
mod parsers;
mod plan;
mod planned;
mod report;
mod server;
mod text;
mod watched;

pub(crate) use module_graph::{ModuleGraph, OpenImport, mapped_hashes, path_of};
pub(crate) use names::{Names, Rewriting};
pub use report::{FingerprintReport, IntegrityReason, IntegrityReport, NameReason, TextPlace};
pub(crate) use server::ServerNames;

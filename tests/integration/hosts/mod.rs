//! Packed sites in the runtimes that serve them.

mod rust_worker;
mod workerd;

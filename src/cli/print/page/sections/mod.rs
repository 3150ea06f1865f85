//! The sections of the page, in the order in which they are read.

mod answers;
mod changes;
mod pages;
mod table;
mod worker;

pub(super) use answers::{answers, budgets};
pub(super) use changes::changes;
pub(super) use pages::{files, pages};
pub(super) use worker::worker;

//! The choice of public files.

mod exclusion;
mod layout;
mod link;
mod name;
mod rule;
mod site;
mod swap;

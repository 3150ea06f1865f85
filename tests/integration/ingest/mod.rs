//! Which files of a build become public.

mod exclusion;
mod layout;
mod link;
mod name;
mod site;

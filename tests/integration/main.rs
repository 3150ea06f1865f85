//! What users of the library and of the command rely on, through their own doors.

mod astro;
mod blog;
mod build_script;
mod command;
mod emitted;
mod http;
mod ingest;
mod minify;
mod readme;
mod serve;
mod site;
mod table;

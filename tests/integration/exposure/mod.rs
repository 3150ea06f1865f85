//! What public files should not contain.

mod key_file;
mod secret;
mod server_code;

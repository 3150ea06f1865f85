//! Secrets and server code in public files.

mod key_file;
mod secret;
mod server_code;

//! A crate whose build script makes dictionaries.

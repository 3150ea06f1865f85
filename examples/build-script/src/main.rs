//! Prints the head of the response to `GET PATH`, served from a table that the build script packed.

use std::fmt::Write as _;
use std::io::Write as _;

use worker_pack_runtime::{Method, Request, Table};

mod assets {
    worker_pack_runtime::include_table!();
}

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "/".to_owned());
    std::io::stdout().write_all(head(&assets::TABLE, &path).as_bytes())
}

/// Returns the status and header fields of a response to a client that accepts Brotli.
fn head(table: &Table<'_>, path: &str) -> String {
    let request = Request { accept_encoding: Some("gzip, br"), ..Request::new(Method::Get, path) };
    let reply = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
    let mut text = format!("{}\n", reply.status());
    for (name, value) in reply.headers().iter() {
        let _ = writeln!(text, "{name}: {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_served_with_brotli() {
        let head = head(&assets::TABLE, "/");
        assert!(head.starts_with("200\nContent-Type: text/html; charset=utf-8\n"), "{head}");
        assert!(head.contains("\nContent-Encoding: br\n"), "{head}");
    }

    #[test]
    fn other_spellings_of_a_page_are_redirected_to_its_url() {
        let head = head(&assets::TABLE, "/about");
        assert!(head.starts_with("307\nLocation: /about/\n"), "{head}");
    }

    #[test]
    fn unknown_paths_get_the_404_page_of_the_blog() {
        let head = head(&assets::TABLE, "/nowhere");
        assert!(head.starts_with("404\nContent-Type: text/html; charset=utf-8\n"), "{head}");
    }
}

//! Bodies that `worker-pack serve` reads from the disk: all but the smallest, up to 64 MiB together.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use crate::support::raw::{Response, Then, connect, exchange, responses};
use crate::support::server::Server;
use crate::support::site::Site;

/// A size that is not held in memory.
const LARGE: usize = 70 << 20;

/// A change of the large file, with its description.
type Change = (&'static str, fn(&Site, &PathBuf));

/// Makes a site with a file of [`LARGE`] bytes, and returns its path.
fn site() -> (Site, PathBuf) {
    let site = Site::new(&[("index.html", "<h1>home</h1>"), ("small.mp4", "0123456789")]);
    let path = site.dist().join("film.mp4");
    fs::write(&path, film(0)).unwrap();
    (site, path)
}

fn film(seed: usize) -> Vec<u8> {
    // No two chunks are equal.
    (seed..).flat_map(usize::to_le_bytes).take(LARGE).collect()
}

fn ask(server: &Server, fields: &str) -> Response {
    let sent = format!("GET /film.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n");
    responses(&exchange(server.address(), sent, Then::Read), &["GET"]).remove(0)
}

#[test]
fn large_files_are_sent_from_the_disk_whole_and_in_ranges() {
    let (site, _) = site();
    let server = Server::start(&site.dist(), &["--quiet"]);
    let film = film(0);
    let whole = ask(&server, "");
    assert!(whole.status == 200 && whole.body == film);
    let chunk = 256 << 10;
    for (from, to) in [
        (0, 0),
        (0, chunk - 1),
        (0, chunk),
        (chunk, chunk),
        (1, 3 * chunk),
        (5_000_000, 9_999_999),
        (LARGE - 1, LARGE - 1),
        (LARGE - chunk - 1, LARGE - 1),
        (0, LARGE - 1),
    ] {
        let part = ask(&server, &format!("Range: bytes={from}-{to}\r\n"));
        assert_eq!(part.status, 206);
        assert!(part.head.contains(&format!("content-range: bytes {from}-{to}/{LARGE}")));
        assert!(part.body == film[from..=to], "{from}-{to}");
    }
    let suffix = ask(&server, "Range: bytes=-3\r\n");
    assert!(suffix.body == film[LARGE - 3..]);
    let head =
        exchange(server.address(), "HEAD /film.mp4 HTTP/1.1\r\nHost: a\r\n\r\n", Then::HalfClose);
    assert!(responses(&head, &["HEAD"])[0].head.contains(&format!("content-length: {LARGE}")));
    // Many at once, on connections that stay open.
    let twice = "GET /film.mp4 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2);
    let address = server.address();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let received = exchange(address, &twice, Then::HalfClose);
                let found = responses(&received, &["GET", "GET"]);
                assert!(found.len() == 2 && found.iter().all(|one| one.body == film));
            });
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_site() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    for name in ["one.mp4", "two.mp4"] {
        let film = File::create(site.dist().join(name)).unwrap();
        film.set_len(400 << 20).unwrap();
        // The files are not equal, and not a single body.
        (&film).write_all(name.as_bytes()).unwrap();
    }
    let server = Server::start(&site.dist(), &["--quiet", "--cache-dir", "none"]);
    let mut stream = connect(server.address());
    let sent = "GET /one.mp4 HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(format!("{sent}{sent}").as_bytes()).unwrap();
    let mut part = vec![0; 1 << 20];
    for _ in 0..500 {
        stream.read_exact(&mut part).unwrap();
    }
    let status = fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 200 << 10, "{peak} kB for a site of 800 MiB");
}

#[test]
fn a_changed_file_gets_500_and_its_own_bytes_are_served_again() {
    let (site, path) = site();
    let server = Server::start(&site.dist(), &[]);
    assert!(ask(&server, "").body == film(0));
    let changes: [Change; 5] = [
        ("replaced by another of the same size", |site, _| site.replace("film.mp4", film(9))),
        ("overwritten in one place", |_, path| {
            let mut file = File::options().write(true).open(path).unwrap();
            file.seek(SeekFrom::Start(LARGE as u64 / 2)).unwrap();
            file.write_all(b"x").unwrap();
        }),
        ("cut", |_, path| {
            File::options().write(true).open(path).unwrap().set_len(LARGE as u64 - 1).unwrap();
        }),
        ("removed", |_, path| fs::remove_file(path).unwrap()),
        ("a folder", |_, path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ];
    for (what, change) in changes {
        change(&site, &path);
        for fields in ["", "Range: bytes=0-0\r\n", "Range: bytes=-5\r\n"] {
            let response = ask(&server, fields);
            assert_eq!(response.status, 500, "{what}");
            assert!(response.head.contains("content-type: text/plain; charset=utf-8"), "{what}");
            assert!(response.head.contains("cache-control: no-store"), "{what}");
            assert!(!response.head.contains("etag"), "{what}");
            let text = String::from_utf8(response.body).unwrap();
            assert!(text.contains("has changed since the site was packed"), "{what}: {text}");
        }
        server.wait_for("error: /film.mp4: `");
        assert_eq!(server.get("/").1, b"<h1>home</h1>", "{what}");
        // Another inode and another time, but the bytes that were packed.
        if path.is_dir() {
            fs::remove_dir(&path).unwrap();
        }
        fs::write(&path, film(0)).unwrap();
        let again = ask(&server, "");
        assert!(again.status == 200 && again.body == film(0), "{what}");
    }
}

#[test]
fn a_response_is_cut_if_its_file_changes_while_it_is_sent() {
    let (site, path) = site();
    let server = Server::start(&site.dist(), &[]);
    let changes: [Change; 3] = [
        ("overwritten", |_, path| {
            File::options().write(true).open(path).unwrap().write_all(&film(9)).unwrap();
        }),
        ("cut", |_, path| File::create(path).map(drop).unwrap()),
        ("replaced", |site, _| site.replace("film.mp4", film(9))),
    ];
    for (what, change) in changes {
        fs::write(&path, film(0)).unwrap();
        let mut stream = connect(server.address());
        stream.write_all(b"GET /film.mp4 HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut received = vec![0; 1000];
        stream.read_exact(&mut received).unwrap();
        // The buffers of the connection are far smaller than the rest.
        change(&site, &path);
        let _ = stream.read_to_end(&mut received);
        server.wait_for("error: a response was cut: `");
        let response = responses(&received, &["GET"]).remove(0);
        assert!(response.head.contains(&format!("content-length: {LARGE}")), "{what}");
        assert!(response.body.len() < LARGE, "{what}");
        assert!(film(0).starts_with(&response.body), "{what}: no other bytes");
    }
}

#[test]
fn watch_serves_a_large_file_again_after_a_change() {
    let (site, path) = site();
    let server = Server::start(&site.dist(), &["--watch"]);
    assert!(ask(&server, "").body == film(0));
    site.replace("film.mp4", film(1));
    server.wait_until_served("/film.mp4", &film(1));
    fs::remove_file(path).unwrap();
    server.wait_for("packed again: ");
    assert_eq!(server.get("/").1, b"<h1>home</h1>");
}

#[test]
fn small_bodies_outlast_the_folder_they_came_from() {
    let (site, _) = site();
    let server = Server::start(&site.dist(), &["--quiet"]);
    fs::remove_dir_all(site.dist()).unwrap();
    assert_eq!(server.get("/").1, b"<h1>home</h1>");
    assert_eq!(server.get("/small.mp4").1, b"0123456789");
    assert_eq!(ask(&server, "").status, 500);
}

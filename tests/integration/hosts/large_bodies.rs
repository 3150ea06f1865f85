//! Large bodies in `workerd`, many at once, while the memory of the program grows, clients leave and handlers
//! panic.

use std::io::{Read as _, Write as _};
use std::thread;

use super::packed_site::{PackedSite, text};
use super::rust_worker::{OF_TESTS, workerd};
use crate::support::client::{Answer, Request, ask};
use crate::support::raw::connect;
use crate::support::site::Site;

/// The number of clients at once.
const CLIENTS: usize = 50;

/// Paths of every kind for the memory: most replies are cached, those of the last two are not.
const PATHS: [&str; 7] =
    ["/", "/about", "/prose.txt", "/tune.mp3", "/old", "/nowhere", "/own/fields"];

/// Returns the bytes of the large file, which the build script of the Worker in Rust makes too.
pub(super) fn film() -> Vec<u8> {
    (0..1_000_000_u32).flat_map(|word| word.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

fn get(target: &str) -> Request {
    Request::new("GET", target).with("X-Table", "film")
}

/// Asks for the film with many clients at once, some for a part of it, and compares the bytes. `further` are
/// asked at the same time.
fn watch(address: &str, film: &[u8], further: &[Request]) {
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                let begin = client * 1000;
                let (request, expected) = match client % 3 {
                    0 => {
                        (get("/film.mp4").with("Range", format!("bytes={begin}-")), &film[begin..])
                    }
                    1 => (get("/film.mp4").with("X-Grow", "1"), film),
                    _ => (get("/film.mp4"), film),
                };
                let answer = ask(address, &request);
                assert!(answer.body == expected, "{request}: {} bytes", answer.body.len());
            });
        }
        for request in further {
            scope.spawn(move || ask(address, request));
        }
    });
}

/// Bodies are views of the program's memory, which is another one after each time that it grows.
#[test]
fn growing_memory_neither_empties_nor_changes_bodies() {
    let worker = workerd(&OF_TESTS, &["--flag=nodejs_compat"]);
    let (address, film) = (worker.address(), film());
    let page = |request: &Request| -> Answer { ask(&address, request) };
    let pages = ["/", "/prose.txt", "/_astro/app.B1c2D3e4.css"].map(|path| {
        Request::new("GET", path).with("X-Table", "workers").with("Accept-Encoding", "br")
    });
    let before: Vec<Answer> = pages.iter().map(page).collect();
    let grow: Vec<Request> = (0..10).map(|_| get("/memory/grow")).collect();
    watch(&address, &film, &grow);
    // Replies that were cached before.
    assert!(pages.iter().map(page).eq(before));
    watch(&address, &film, &[get("/memory/release")]);
}

#[test]
fn many_clients_at_once_get_whole_bodies_of_a_packed_site() {
    let site = Site::new(&[("film.mp4", film())]);
    for spill in [&[][..], &["--spill-above=1MB"]] {
        let arguments = [&["--compat=workers"], spill].concat();
        let worker = PackedSite::new(&site.dist(), &arguments).start_with_files();
        watch(&worker.address(), &film(), &[]);
    }
}

#[test]
fn clients_that_leave_disturb_no_others() {
    let worker = workerd(&OF_TESTS, &["--flag=nodejs_compat"]);
    let (address, film) = (worker.address(), film());
    for _ in 0..20 {
        let mut stream = connect(&address);
        let head = "GET /film.mp4 HTTP/1.1\r\nHost: a.example\r\nX-Table: film\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.read_exact(&mut [0; 1000]).unwrap();
    }
    watch(&address, &film, &[]);
}

/// The program starts again, with another memory. The bodies that are being sent are those of the first.
#[test]
fn requests_after_a_panic_are_answered() {
    let worker = workerd(&OF_TESTS, &["--flag=nodejs_compat"]);
    let (address, film) = (worker.address(), film());
    let page = Request::new("GET", "/about").with("X-Table", "workers");
    let before = ask(&address, &page);
    for action in ["error", "panic", "late-panic", "panic"] {
        let mut stream = connect(&address);
        let head = "GET /film.mp4 HTTP/1.1\r\nHost: a.example\r\nX-Table: film\r\n\
                    Connection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.read_exact(&mut [0; 1000]).unwrap();
        let failed = ask(&address, &Request::new("GET", format!("/memory/{action}")));
        assert_eq!(failed.status, 500, "{action}: {failed:?}");
        assert!(!failed.body.is_empty(), "{action}: not a blank page");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.ends_with(&film[2000..]), "{action}: {} bytes", rest.len());
        for _ in 0..2 {
            assert_eq!(ask(&address, &page), before, "{action}");
        }
    }
}

/// Replies of many URLs, while the cache of replies is emptied again and again. The host collects its garbage
/// when it likes, so it is asked to, and often: it does not return the memory.
#[test]
#[cfg(target_os = "linux")]
fn memory_is_flat_after_ten_thousand_requests() {
    let worker = workerd(&OF_TESTS, &["--flag=nodejs_compat", "--v8-flag=--expose-gc"]);
    let address = worker.address();
    // A longer one is not cached.
    let long = "a".repeat(800);
    let ask_all = |numbers: std::ops::Range<u32>| {
        let mut pages = String::new();
        for number in numbers {
            if number % 500 == 499 {
                pages = text(&ask(&address, &get("/memory/collect")));
            }
            let path = PATHS[number as usize % PATHS.len()];
            let request = Request::new("GET", format!("{path}?{number}{long}"))
                .with("X-Table", "workers")
                .with("Accept-Encoding", ["br", "identity"][number as usize % 2]);
            assert!(ask(&address, &request).status < 500, "{request}");
        }
        (resident("workerd", worker.id()), pages)
    };
    let (first, first_pages) = ask_all(0..2000);
    let (last, last_pages) = ask_all(2000..10_000);
    assert_eq!(first_pages, last_pages, "pages of the program's memory");
    // Without a bound, the cache of replies would take more.
    assert!(last < first + 11_000, "{first} kB, then {last} kB");
}

/// Returns the resident memory of a program that a process has started, in kB.
#[cfg(target_os = "linux")]
fn resident(program: &str, ancestor: u32) -> u64 {
    let field = |text: &str, name: &str| -> Option<String> {
        let value = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(value.trim().trim_end_matches(" kB").to_owned())
    };
    let status = |id: &str| std::fs::read_to_string(format!("/proc/{id}/status")).ok();
    let descends = |id: &str| {
        let mut id = Some(id.to_owned());
        while let Some(next) = id {
            if next == ancestor.to_string() {
                return true;
            }
            id = status(&next).and_then(|text| field(&text, "PPid:"));
        }
        false
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let found = names.find_map(|id| {
        let text = status(&id)?;
        let is_it = field(&text, "Name:")? == program && descends(&id);
        is_it.then(|| field(&text, "VmRSS:"))?
    });
    found.expect("the program runs").parse().unwrap()
}

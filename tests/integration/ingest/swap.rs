//! Files that are replaced by links or pipes while the site is packed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::site::{Site, files_below, program};
use crate::support::strace::act_after_look;

const SECRET: &str = "the bytes of a file elsewhere, which stay there";

/// Maximum number of looks after which a file is replaced.
const MAX_LOOKS: usize = 40;

/// A site with a file that is replaced, and secrets beside it.
fn site() -> Site {
    let site = Site::new(&[
        ("index.html", "<script src=/app/a.js></script><p>page"),
        ("app/a.js", "  go( 1 ) ;  "),
        ("app/photo.jpg", "not really"),
        ("app/plain.txt", "plain text"),
        ("_headers", "/*\n  X-A: b\n"),
    ]);
    let elsewhere = site.project().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for name in ["index.html", "a.js", "photo.jpg", "plain.txt", "_headers"] {
        let text =
            if name == "_headers" { format!("/*\n  X-A: {SECRET}\n") } else { SECRET.to_owned() };
        fs::write(elsewhere.join(name), text).unwrap();
    }
    site
}

fn command(site: &Site) -> Command {
    let mut command = program();
    command.args(["build", "dist", "--out", "out", "--quiet", "--minify", "none"]);
    command.args(["--cache-dir", "none"]).env("RAYON_NUM_THREADS", "1");
    command.current_dir(site.project()).stderr(Stdio::null());
    command
}

/// Replaces an entry of a fresh site after each look at a file, and checks every output. `file` is the
/// path of the file, `entry` that of the replaced one.
fn replace_after_each_look(file: &str, entry: &str, replace: impl Fn(&Site, &Path)) {
    let mut looks = 0;
    for number in 1..=MAX_LOOKS {
        let site = site();
        let path = site.dist().canonicalize().unwrap().join(file);
        let given = PathBuf::from("dist").join(file);
        let has_looked =
            act_after_look(&command(&site), &[&path, &given, Path::new(file)], number, || {
                let entry = site.dist().join(entry);
                fs::rename(&entry, site.project().join("moved")).unwrap();
                replace(&site, &entry);
            });
        for name in if site.out().exists() { files_below(&site.out()) } else { Vec::new() } {
            let bytes = fs::read(site.out().join(&name)).unwrap();
            let is_secret = |part: &[u8]| part == SECRET.as_bytes();
            let leaks = bytes.windows(SECRET.len()).any(is_secret);
            assert!(!leaks, "{file} after look {number}: {}", name.display());
        }
        if !has_looked {
            break;
        }
        looks = number;
    }
    assert!(looks > 1, "{file}: nothing was replaced");
}

#[test]
fn a_file_that_turns_into_a_link_is_not_followed() {
    for file in ["index.html", "app/a.js", "app/photo.jpg", "app/plain.txt", "_headers"] {
        replace_after_each_look(file, file, |site, path| {
            let elsewhere = site.project().join("elsewhere");
            symlink(elsewhere.join(path.file_name().unwrap()), path).unwrap();
        });
    }
}

#[test]
fn a_folder_that_turns_into_a_link_is_not_followed() {
    for file in ["app/photo.jpg", "app/plain.txt"] {
        replace_after_each_look(file, "app", |site, path| {
            symlink(site.project().join("elsewhere"), path).unwrap();
        });
    }
}

#[test]
fn a_file_that_turns_into_a_pipe_does_not_block() {
    for file in ["index.html", "app/photo.jpg"] {
        replace_after_each_look(file, file, |_, path| {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        });
    }
}

#[test]
fn rules_and_server_code_behind_a_link_out_of_the_site_are_errors() {
    for name in ["_headers", "_redirects"] {
        let site = site();
        let _ = fs::remove_file(site.dist().join(name));
        symlink(site.project().join("elsewhere/_headers"), site.dist().join(name)).unwrap();
        let error = site.try_pack(worker_pack::Options::default()).unwrap_err();
        let text = format!("{error:?}");
        assert!(text.contains(name) && text.contains("leads out of the site"), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
    // Within the site, links are followed as before.
    let site = site();
    fs::rename(site.dist().join("_headers"), site.dist().join("shared.txt")).unwrap();
    symlink("shared.txt", site.dist().join("_headers")).unwrap();
    assert_eq!(site.pack().report().rules.header_rules, 1);
}

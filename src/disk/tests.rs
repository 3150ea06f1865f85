//! Links and other entries in the place of a file.

use std::fs;
use std::path::Path;

use super::*;

/// A folder with a file, a folder, and a file outside.
fn folder() -> (tempfile::TempDir, Folder) {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("root");
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::create_dir(temporary.path().join("outside")).unwrap();
    fs::write(root.join("a/b/file"), "inside").unwrap();
    fs::write(temporary.path().join("outside/file"), "outside").unwrap();
    let folder = Folder::open(&root).unwrap();
    (temporary, folder)
}

#[test]
fn paths_out_of_a_folder_are_refused() {
    let (_temporary, folder) = folder();
    assert_eq!(folder.read("a/b/file").unwrap(), b"inside");
    for path in ["../outside/file", "a/../../outside/file", "/etc/passwd", "", "."] {
        let error = folder.file(path).unwrap_err();
        assert_eq!(Refused::of(&error), Some(Refused::Outside), "{path}");
        assert!(folder.create(path, Access::Usual).is_err());
        assert!(folder.remove_file(path).is_err());
    }
}

#[cfg(unix)]
#[test]
fn links_are_neither_read_nor_written_nor_removed_through() {
    use std::os::unix::fs::symlink;
    let (temporary, folder) = folder();
    let outside = temporary.path().join("outside");
    symlink(&outside, folder.path().join("link")).unwrap();
    symlink(outside.join("file"), folder.path().join("a/link")).unwrap();
    symlink("b", folder.path().join("a/near")).unwrap();
    symlink(outside.join("new"), folder.path().join("dangling")).unwrap();
    let is_link = |error: io::Error| Refused::of(&error) == Some(Refused::Link);
    for path in ["link/file", "a/link", "a/near/file"] {
        assert!(is_link(folder.file(path).unwrap_err()), "{path}");
        assert!(is_link(folder.open_or_create(path, Access::Usual).unwrap_err()), "{path}");
    }
    assert!(is_link(folder.open_or_create("dangling", Access::Usual).unwrap_err()));
    assert!(folder.create("dangling", Access::Usual).is_err());
    assert!(is_link(folder.create_folder("link/new", Access::Usual).unwrap_err()));
    assert!(is_link(folder.folder("link").unwrap_err()));
    assert!(is_link(folder.remove_file("link/file").unwrap_err()));
    assert!(is_link(folder.rename("a/b/file", "link/moved").unwrap_err()));
    assert_eq!(folder.kind("a/link").unwrap(), Some(Kind::Link));
    folder.remove_file("a/link").unwrap();
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(fs::read(outside.join("file")).unwrap(), b"outside");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_refused_at_once() {
    let (_temporary, folder) = folder();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for error in [folder.file("pipe").unwrap_err(), folder.read("a/b").unwrap_err()] {
        assert_eq!(Refused::of(&error), Some(Refused::NotAFile), "{error}");
    }
}

#[test]
fn a_folder_stays_the_same_when_its_path_leads_elsewhere() {
    let (temporary, folder) = folder();
    assert!(folder.is_in_place());
    fs::rename(folder.path(), temporary.path().join("moved")).unwrap();
    fs::rename(temporary.path().join("outside"), folder.path()).unwrap();
    assert!(!folder.is_in_place());
    #[cfg(unix)]
    assert_eq!(folder.read("a/b/file").unwrap(), b"inside");
}

#[cfg(unix)]
#[test]
fn systems_without_descriptors_refuse_links_too() {
    use std::os::unix::fs::symlink;
    let (temporary, folder) = folder();
    symlink(temporary.path().join("outside"), folder.path().join("link")).unwrap();
    symlink(temporary.path().join("outside/file"), folder.path().join("near")).unwrap();
    let handle = portable::Handle::open(Path::new(folder.path())).unwrap();
    let is_link = |error: io::Error| Refused::of(&error) == Some(Refused::Link);
    assert!(is_link(handle.folder("link".as_ref()).err().unwrap()));
    assert!(is_link(handle.file("near".as_ref()).unwrap_err()));
    assert!(is_link(handle.open_or_create("near".as_ref(), Access::Usual).unwrap_err()));
    assert!(handle.create("near".as_ref(), Access::Usual).is_err());
    assert_eq!(handle.entries().unwrap().len(), 3);
}

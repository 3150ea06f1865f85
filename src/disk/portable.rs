//! Folders as paths, for systems without descriptors of folders. Each part of a path is looked at just
//! before it is used, so a link that takes its place in that moment is followed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{Access, Kind, Refused};

/// The path of a folder.
pub(super) struct Handle(PathBuf);

impl Handle {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        if path.is_dir() { Ok(Self(path)) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on other systems")]
    pub(super) fn other_owner(&self) -> io::Result<Option<u32>> {
        Ok(None)
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on other systems")]
    pub(super) fn make_private(&self) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        match self.kind(name)? {
            Kind::Folder => Ok(Self(self.0.join(name))),
            Kind::Link => Err(Refused::Link.into()),
            Kind::File | Kind::Other => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn file(&self, name: &OsStr) -> io::Result<File> {
        match self.kind(name)? {
            Kind::File => File::open(self.0.join(name)),
            Kind::Link => Err(Refused::Link.into()),
            Kind::Folder | Kind::Other => Err(Refused::NotAFile.into()),
        }
    }

    #[expect(clippy::unused_self, reason = "the other version of it needs it")]
    pub(super) fn file_below(&self, _path: &Path) -> Option<io::Result<File>> {
        None
    }

    pub(super) fn file_to_write(&self, name: &OsStr) -> io::Result<File> {
        match self.kind(name)? {
            Kind::File => OpenOptions::new().read(true).write(true).open(self.0.join(name)),
            Kind::Link => Err(Refused::Link.into()),
            Kind::Folder | Kind::Other => Err(Refused::NotAFile.into()),
        }
    }

    pub(super) fn open_or_create(&self, name: &OsStr, _access: Access) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true);
        match self.kind(name) {
            Ok(Kind::File) => options.open(self.0.join(name)),
            Ok(Kind::Link) => Err(Refused::Link.into()),
            Ok(Kind::Folder | Kind::Other) => Err(Refused::NotAFile.into()),
            Err(_) => match options.create_new(true).open(self.0.join(name)) {
                // Another process has created it in between.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    options.create_new(false).open(self.0.join(name))
                }
                opened => opened,
            },
        }
    }

    pub(super) fn create(&self, name: &OsStr, _access: Access) -> io::Result<File> {
        File::create_new(self.0.join(name))
    }

    pub(super) fn create_folder(&self, name: &OsStr, _access: Access) -> io::Result<()> {
        fs::create_dir(self.0.join(name))
    }

    pub(super) fn kind(&self, name: &OsStr) -> io::Result<Kind> {
        let is = |file_type: FileType| match file_type {
            it if it.is_symlink() => Kind::Link,
            it if it.is_file() => Kind::File,
            it if it.is_dir() => Kind::Folder,
            _ => Kind::Other,
        };
        fs::symlink_metadata(self.0.join(name)).map(|metadata| is(metadata.file_type()))
    }

    pub(super) fn entries(&self) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.0)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    }

    pub(super) fn rename(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        fs::rename(self.0.join(name), to.0.join(new))
    }

    #[expect(clippy::unused_self, reason = "the other version of it needs it")]
    pub(super) fn exchange(&self, _: &OsStr, _: &Self, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    pub(super) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.0.join(name))
    }
}

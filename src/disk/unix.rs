//! Folders as descriptors.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{self, AtFlags, CWD, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::{Access, Kind, Refused};

/// A descriptor of a folder.
pub(super) struct Handle(OwnedFd);

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// A pipe in the place of a file would block, and is refused after opening.
const FILE: OFlags =
    OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

impl Handle {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(fs::openat(CWD, path, FOLDER, Mode::empty())?))
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let id = |handle: &Self| fs::fstat(&handle.0).map(|stat| (stat.st_dev, stat.st_ino));
        matches!((id(self), id(other)), (Ok(a), Ok(b)) if a == b)
    }

    pub(super) fn other_owner(&self) -> io::Result<Option<u32>> {
        let owner = fs::fstat(&self.0)?.st_uid;
        Ok((owner != rustix::process::geteuid().as_raw()).then_some(owner))
    }

    pub(super) fn make_private(&self) -> io::Result<()> {
        let mode = Mode::from_raw_mode(fs::fstat(&self.0)?.st_mode);
        let others = Mode::RWXG | Mode::RWXO;
        if mode.intersects(others) { Ok(fs::fchmod(&self.0, mode - others)?) } else { Ok(()) }
    }

    pub(super) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        let opened = fs::openat(&self.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty());
        opened.map(Self).map_err(|error| self.refused(name, error))
    }

    pub(super) fn file(&self, name: &OsStr) -> io::Result<File> {
        self.open_file(name, FILE, Access::Usual)
    }

    /// Opens a file by a path of several parts with one call, where the system can.
    #[cfg(target_os = "linux")]
    pub(super) fn file_below(&self, path: &Path) -> Option<io::Result<File>> {
        use rustix::fs::ResolveFlags;
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match fs::openat2(&self.0, path, FILE, Mode::empty(), beneath) {
            Ok(file) => Some(Ok(file.into())),
            Err(error @ (Errno::NOENT | Errno::ACCESS)) => Some(Err(error.into())),
            // Older kernels and some sandboxes lack the call. Links get their message there.
            Err(_) => None,
        }
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "the other version of it needs it")]
    pub(super) fn file_below(&self, _path: &Path) -> Option<io::Result<File>> {
        None
    }

    pub(super) fn file_to_write(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        self.open_file(name, flags, Access::Usual)
    }

    pub(super) fn open_or_create(&self, name: &OsStr, access: Access) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NONBLOCK | OFlags::CLOEXEC;
        self.open_file(name, flags, access)
    }

    pub(super) fn create(&self, name: &OsStr, access: Access) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        self.open_file(name, flags, access)
    }

    fn open_file(&self, name: &OsStr, flags: OFlags, access: Access) -> io::Result<File> {
        let mode = match access {
            Access::Usual => Mode::from_raw_mode(0o666),
            Access::Private => Mode::from_raw_mode(0o600),
        };
        let opened = fs::openat(&self.0, name, flags | OFlags::NOFOLLOW, mode);
        opened.map(File::from).map_err(|error| self.refused(name, error))
    }

    pub(super) fn create_folder(&self, name: &OsStr, access: Access) -> io::Result<()> {
        let mode = match access {
            Access::Usual => Mode::from_raw_mode(0o777),
            Access::Private => Mode::from_raw_mode(0o700),
        };
        Ok(fs::mkdirat(&self.0, name, mode)?)
    }

    pub(super) fn kind(&self, name: &OsStr) -> io::Result<Kind> {
        let stat = fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        })
    }

    pub(super) fn entries(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    pub(super) fn rename(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        Ok(fs::renameat(&self.0, name, &to.0, new)?)
    }

    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    pub(super) fn exchange(&self, name: &OsStr, with: &Self, other: &OsStr) -> io::Result<()> {
        let flags = fs::RenameFlags::EXCHANGE;
        Ok(fs::renameat_with(&self.0, name, &with.0, other, flags)?)
    }

    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    #[expect(clippy::unused_self, reason = "the other version of it needs it")]
    pub(super) fn exchange(&self, _: &OsStr, _: &Self, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    pub(super) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Explains an error of opening. Systems differ in the error of a link that is not followed.
    fn refused(&self, name: &OsStr, error: Errno) -> io::Error {
        if error == Errno::EXIST || error == Errno::NOENT {
            return error.into();
        }
        match self.kind(name) {
            Ok(Kind::Link) => Refused::Link.into(),
            // Opening a pipe without a reader, or a socket.
            Ok(Kind::Other) => Refused::NotAFile.into(),
            _ => error.into(),
        }
    }
}

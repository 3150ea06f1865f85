//! Folders that are held open, whose files are reached without following symbolic links.
//!
//! A path names another file as soon as a folder in it is replaced by a link. A descriptor does not, so
//! the site, the output and the cache are opened once, and each path below them is opened from there,
//! folder by folder.

#[cfg(any(not(unix), test))]
#[cfg_attr(unix, expect(dead_code, reason = "here, only the tests use it"))]
mod portable;
#[cfg(unix)]
mod unix;
mod whole;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

#[cfg(not(unix))]
use portable::Handle;
#[cfg(unix)]
use unix::Handle;
pub(crate) use whole::UNFINISHED_PREFIX;

/// A folder that is held open. Only the path that it is opened by may contain symbolic links.
pub(crate) struct Folder {
    path: PathBuf,
    handle: Handle,
}

/// A file below a folder that is held open. It is opened whenever it is read.
#[derive(Clone, Debug)]
pub(crate) struct FileIn {
    folder: Arc<Folder>,
    name: PathBuf,
}

/// The kind of an entry of a folder. A link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a socket or a device.
    Other,
}

/// The users who may use a new file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Those that the process usually grants access to.
    Usual,
    /// The user of the process alone.
    Private,
}

/// A reason why a file or folder is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// It, or a folder above it, is a symbolic link.
    #[error("it is a symbolic link, or lies behind one")]
    Link,
    /// A pipe, a socket, a device or a folder is in its place.
    #[error("it is not a file")]
    NotAFile,
    /// Its path leads out of the folder.
    #[error("it leads out of the folder")]
    Outside,
}

impl Refused {
    /// Returns the reason, if an error has one.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        Self::new(ErrorKind::InvalidInput, refused)
    }
}

impl Folder {
    /// Opens a folder. Links in its own path are followed, since the user has named it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), handle: Handle::open(path)? })
    }

    /// Returns the path by which it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether its path still leads to it.
    pub(crate) fn is_in_place(&self) -> bool {
        Handle::open(&self.path).is_ok_and(|now| now.is_same(&self.handle))
    }

    /// Returns the number of its owner, unless that is the user of this process.
    pub(crate) fn other_owner(&self) -> io::Result<Option<u32>> {
        self.handle.other_owner()
    }

    /// Takes away all access of other users.
    pub(crate) fn make_private(&self) -> io::Result<()> {
        self.handle.make_private()
    }

    /// Opens a folder below this one.
    pub(crate) fn folder(&self, name: impl AsRef<Path>) -> io::Result<Self> {
        let name = name.as_ref();
        let (parent, last) = self.parent(name)?;
        let handle = parent.get(&self.handle).folder(last)?;
        Ok(Self { path: self.path.join(name), handle })
    }

    /// Opens a file to read it.
    pub(crate) fn file(&self, name: impl AsRef<Path>) -> io::Result<File> {
        let name = name.as_ref();
        check(name)?;
        let file = if let Some(file) = self.handle.file_below(name) {
            file?
        } else {
            let (parent, last) = self.parent(name)?;
            parent.get(&self.handle).file(last)?
        };
        if file.metadata()?.is_file() { Ok(file) } else { Err(Refused::NotAFile.into()) }
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        read_all(self.file(name)?)
    }

    /// Opens an existing file to write to it.
    pub(crate) fn file_to_write(&self, name: impl AsRef<Path>) -> io::Result<File> {
        let (parent, last) = self.parent(name.as_ref())?;
        let file = parent.get(&self.handle).file_to_write(last)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(Refused::NotAFile.into()) }
    }

    /// Opens a file to write to it, or to lock it. It is created if it is missing, and not emptied
    /// otherwise.
    pub(crate) fn open_or_create(
        &self,
        name: impl AsRef<Path>,
        access: Access,
    ) -> io::Result<File> {
        let (parent, last) = self.parent(name.as_ref())?;
        let file = parent.get(&self.handle).open_or_create(last, access)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(Refused::NotAFile.into()) }
    }

    /// Creates a file.
    ///
    /// # Errors
    /// Among others, if an entry of this name exists, which may be a link.
    pub(crate) fn create(&self, name: impl AsRef<Path>, access: Access) -> io::Result<File> {
        let (parent, last) = self.parent(name.as_ref())?;
        parent.get(&self.handle).create(last, access)
    }

    /// Creates a folder, unless it exists. Folders above it are created too.
    pub(crate) fn create_folder(&self, name: impl AsRef<Path>, access: Access) -> io::Result<()> {
        let name = name.as_ref();
        check(name)?;
        let mut above = None::<Handle>;
        for part in name {
            let parent = above.as_ref().unwrap_or(&self.handle);
            match parent.create_folder(part, access) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => above = Some(parent.folder(part)?),
            }
        }
        Ok(())
    }

    /// Returns the kind of an entry. Returns `None` if it is missing.
    pub(crate) fn kind(&self, name: impl AsRef<Path>) -> io::Result<Option<Kind>> {
        let kind = self
            .parent(name.as_ref())
            .and_then(|(parent, last)| parent.get(&self.handle).kind(last));
        match kind {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            kind => kind.map(Some),
        }
    }

    /// Returns the names of the entries, sorted.
    pub(crate) fn entries(&self) -> io::Result<Vec<OsString>> {
        let mut names = self.handle.entries()?;
        names.sort();
        Ok(names)
    }

    /// Moves an entry. One that has the new name is replaced; a link is replaced itself.
    pub(crate) fn rename(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        let (from, from_name) = self.parent(from.as_ref())?;
        let (to, to_name) = self.parent(to.as_ref())?;
        from.get(&self.handle).rename(from_name, to.get(&self.handle), to_name)
    }

    /// Moves an entry into another folder, as [`Folder::rename`] does.
    pub(crate) fn move_to(&self, from: &str, other: &Self, to: &str) -> io::Result<()> {
        let (from, from_name) = self.parent(from.as_ref())?;
        let (to, to_name) = other.parent(to.as_ref())?;
        from.get(&self.handle).rename(from_name, to.get(&other.handle), to_name)
    }

    /// Exchanges two entries at once. Not every system can.
    pub(crate) fn exchange(&self, a: impl AsRef<Path>, b: impl AsRef<Path>) -> io::Result<()> {
        let (a, a_name) = self.parent(a.as_ref())?;
        let (b, b_name) = self.parent(b.as_ref())?;
        a.get(&self.handle).exchange(a_name, b.get(&self.handle), b_name)
    }

    /// Removes a file, or a link itself.
    pub(crate) fn remove_file(&self, name: impl AsRef<Path>) -> io::Result<()> {
        let (parent, last) = self.parent(name.as_ref())?;
        parent.get(&self.handle).remove_file(last)
    }

    /// Removes a folder, which has to be empty.
    pub(crate) fn remove_folder(&self, name: impl AsRef<Path>) -> io::Result<()> {
        let (parent, last) = self.parent(name.as_ref())?;
        parent.get(&self.handle).remove_folder(last)
    }

    /// Opens the folder that contains an entry, and returns it with the name of the entry.
    fn parent<'n>(&self, name: &'n Path) -> io::Result<(Parent, &'n OsStr)> {
        check(name)?;
        let mut parts: Vec<&OsStr> = name.iter().collect();
        let last = parts.pop().ok_or(Refused::Outside)?;
        let mut above = None::<Handle>;
        for part in parts {
            above = Some(above.as_ref().unwrap_or(&self.handle).folder(part)?);
        }
        Ok((Parent(above), last))
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Folder({:?})", self.path)
    }
}

/// The folder that contains an entry. `None` is the folder that the path begins in.
struct Parent(Option<Handle>);

impl Parent {
    fn get<'p>(&'p self, begin: &'p Handle) -> &'p Handle {
        self.0.as_ref().unwrap_or(begin)
    }
}

impl FileIn {
    /// Returns the file with a relative path in a folder.
    pub(crate) fn new(folder: &Arc<Folder>, name: impl Into<PathBuf>) -> Self {
        Self { folder: Arc::clone(folder), name: name.into() }
    }

    /// Returns its whole path, for messages.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// Opens it to read it.
    pub(crate) fn open(&self) -> io::Result<File> {
        self.folder.file(&self.name)
    }

    /// Reads it.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        read_all(self.open()?)
    }
}

fn read_all(mut file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Checks that a path leads to an entry below the folder that it begins in.
fn check(name: &Path) -> io::Result<()> {
    let is_plain = name.components().all(|part| matches!(part, Component::Normal(_)));
    if is_plain && name.components().next().is_some() {
        Ok(())
    } else {
        Err(Refused::Outside.into())
    }
}

#[cfg(test)]
mod tests;

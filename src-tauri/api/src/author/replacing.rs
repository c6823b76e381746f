//! A file replaced as a whole, and only if it still is what was to be replaced.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use tempfile::NamedTempFile;

/// What finished files are called before they have their name; hidden, so that no index takes them for runbooks.
const PREFIX: &str = ".allgood-save-";
/// After so long a file of that name belongs to nobody.
const LEFT_OVER: std::time::Duration = std::time::Duration::from_hours(1);
/// How often a file may be changed by others while it is put back.
const TURNS: usize = 10;

/// What came of it.
pub(crate) enum Replaced {
    /// The file holds the new bytes, and is on disk.
    Done,
    /// It is not what was to be replaced, and holds what others wrote.
    Changed(Theirs),
}

/// What others wrote into a file that was to be replaced.
pub(crate) struct Theirs {
    /// What it holds, if it is there.
    pub(crate) bytes: Option<Vec<u8>>,
    /// What it held when the new bytes stood in it for an instant, if somebody wrote over those before it could be put
    /// back: in no file any more, and seen by nobody.
    pub(crate) displaced: Option<Vec<u8>>,
}

impl Replaced {
    /// Somebody else's is in that file.
    fn changed(path: &Path) -> io::Result<Self> {
        Ok(Self::Changed(Theirs { bytes: present(path)?, displaced: None }))
    }
}

/// Puts `bytes` in the place of `expected`, or makes the file where nothing is expected. It keeps the mode of the file
/// that it replaces, and its owner where that is allowed.
///
/// # Errors
/// When the system does not write it: nothing was changed then.
pub(crate) fn replace(path: &Path, expected: Option<&[u8]>, bytes: &[u8]) -> io::Result<Replaced> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = tempfile::Builder::new();
    temporary.prefix(PREFIX).suffix(".tmp");
    // What the person's umask leaves of this.
    let shared = fs::Permissions::from_mode(0o666);
    let mut temporary = match expected {
        None => temporary.permissions(shared).tempfile_in(folder)?,
        Some(_) => temporary.tempfile_in(folder)?,
    };
    temporary.write_all(bytes)?;
    if expected.is_some() {
        let Ok(found) = fs::metadata(path) else { return Replaced::changed(path) };
        keep_owner(&temporary, &found);
        temporary.as_file().set_permissions(fs::Permissions::from_mode(found.mode() & 0o7777))?;
    }
    temporary.as_file().sync_all()?;
    let replaced = match expected {
        None => make(temporary, path)?,
        Some(expected) => exchange(temporary, path, expected, bytes)?,
    };
    if matches!(replaced, Replaced::Done) {
        // Some file systems sync no folders; the file has its name all the same.
        if let Err(error) = fs::File::open(folder).and_then(|folder| folder.sync_all()) {
            tracing::warn!(folder = %folder.display(), %error, "not synced");
        }
        clear(folder);
    }
    Ok(replaced)
}

/// Gives a new file its name, if nothing has it.
fn make(temporary: NamedTempFile, path: &Path) -> io::Result<Replaced> {
    match temporary.persist_noclobber(path) {
        Ok(_) => Ok(Replaced::Done),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Replaced::changed(path),
        Err(error) => Err(error.error),
    }
}

/// The owner and the group, as far as this person may give them.
fn keep_owner(temporary: &NamedTempFile, found: &fs::Metadata) {
    let Ok(own) = temporary.as_file().metadata() else { return };
    for (owner, group) in [(None, Some(found.gid())), (Some(found.uid()), None)] {
        if owner.is_some_and(|owner| owner != own.uid()) || group.is_some_and(|group| group != own.gid()) {
            // Only root may give a file away; then it is the one's who saved it.
            drop(std::os::unix::fs::fchown(temporary.as_file(), owner, group));
        }
    }
}

/// What a file holds, if it is there.
fn present(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a name is that of a file of its own that holds these bytes.
fn holds(path: &Path, bytes: &[u8]) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) && fs::read(path).is_ok_and(|found| found == bytes)
}

#[cfg(target_os = "linux")]
fn exchange(temporary: NamedTempFile, path: &Path, expected: &[u8], bytes: &[u8]) -> io::Result<Replaced> {
    use nix::{
        errno::Errno,
        fcntl::{AT_FDCWD, RenameFlags, renameat2},
    };
    let turn = || renameat2(AT_FDCWD, temporary.path(), AT_FDCWD, path, RenameFlags::RENAME_EXCHANGE);
    match turn() {
        Ok(()) => {}
        Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => return rename(temporary, path, expected),
        Err(Errno::ENOENT) => return Replaced::changed(path),
        Err(errno) => return Err(errno.into()),
    }
    if holds(temporary.path(), expected) {
        return Ok(Replaced::Done);
    }
    // What came out is somebody else's: it goes back, and so does whatever takes its place meanwhile. When what comes out
    // is what was put in last, nobody came between.
    let mut placed = bytes.to_vec();
    for _ in 0..TURNS {
        let back = fs::read(temporary.path()).unwrap_or_default();
        match turn() {
            Ok(()) if holds(temporary.path(), &placed) => {
                let displaced = (placed != bytes).then_some(placed);
                return Ok(Replaced::Changed(Theirs { bytes: present(path)?, displaced }));
            }
            Ok(()) => placed = back,
            Err(Errno::ENOENT) if !path.exists() => {
                temporary.persist_noclobber(path).map_err(|error| error.error)?;
                return Replaced::changed(path);
            }
            Err(errno) => return Err(stranded(temporary, &errno.into())),
        }
    }
    Err(stranded(temporary, &io::Error::other("it is being changed all the time")))
}

/// What could not be put back stays under the name that it has.
#[cfg(target_os = "linux")]
fn stranded(temporary: NamedTempFile, error: &io::Error) -> io::Error {
    let kept = temporary.into_temp_path().keep().map(|path| path.display().to_string()).unwrap_or_default();
    io::Error::other(format!("{error}; another program's version of it is in {kept}"))
}

#[cfg(not(target_os = "linux"))]
fn exchange(temporary: NamedTempFile, path: &Path, expected: &[u8], _: &[u8]) -> io::Result<Replaced> {
    rename(temporary, path, expected)
}

/// Where nothing can be exchanged: a last look, and the new file takes the name.
fn rename(temporary: NamedTempFile, path: &Path, expected: &[u8]) -> io::Result<Replaced> {
    if !holds(path, expected) {
        return Replaced::changed(path);
    }
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(Replaced::Done)
}

/// Removes what a killed process left behind.
fn clear(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let named = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        let old = || {
            entry
                .metadata()
                .and_then(|found| found.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_OVER))
        };
        if named && old() {
            drop(fs::remove_file(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().display().to_string()).collect();
        names.sort();
        names
    }

    /// Makes something of the file, and what it holds after that.
    type Meanwhile = (&'static str, fn(&Path), Option<&'static [u8]>);

    #[test]
    fn what_took_the_place_of_a_file_since_it_was_looked_at_stays_there() {
        let cases: [Meanwhile; 5] = [
            ("written", |file| fs::write(file, "theirs").unwrap(), Some(b"theirs")),
            (
                "renamed over",
                |file| {
                    fs::write(file.with_file_name("new"), "renamed").unwrap();
                    fs::rename(file.with_file_name("new"), file).unwrap();
                },
                Some(b"renamed"),
            ),
            (
                "a link",
                |file| {
                    fs::remove_file(file).unwrap();
                    symlink("other.md", file).unwrap();
                },
                Some(b"other"),
            ),
            (
                "a link that leads nowhere",
                |file| {
                    fs::remove_file(file).unwrap();
                    symlink("none.md", file).unwrap();
                },
                None,
            ),
            ("removed", |file| fs::remove_file(file).unwrap(), None),
        ];
        for (what, meanwhile, holds) in cases {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a.md");
            fs::write(&file, "old").unwrap();
            fs::write(folder.path().join("other.md"), "other").unwrap();
            meanwhile(&file);
            let (link, before) = (fs::read_link(&file).ok(), names(folder.path()));
            match replace(&file, Some(b"old"), b"mine").unwrap() {
                Replaced::Changed(theirs) => {
                    assert_eq!((theirs.bytes.as_deref(), theirs.displaced), (holds, None), "{what}");
                }
                Replaced::Done => panic!("{what}: it was overwritten"),
            }
            assert_eq!((fs::read_link(&file).ok(), names(folder.path())), (link, before), "{what}");
            assert_eq!(fs::read(&file).ok().as_deref(), holds, "{what}");
        }
    }

    #[test]
    fn a_folder_that_took_the_place_of_a_file_stays_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        fs::create_dir(&file).unwrap();
        fs::write(file.join("inside.md"), "inside").unwrap();
        assert!(!matches!(replace(&file, Some(b"old"), b"mine"), Ok(Replaced::Done)));
        assert_eq!(fs::read(file.join("inside.md")).unwrap(), b"inside");
        assert_eq!(names(folder.path()), ["a.md"]);
    }
}

//! Where runbooks come from, as a folder that can be read: the folder itself, an archive unpacked, a repository fetched.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use format::Target;
use tempfile::TempDir;

use super::{
    MOST_BYTES, MOST_FILES,
    git::{self, Fetching},
};
use crate::{
    ApiError, ErrorCode,
    library::{
        rules::{LARGEST, LIBRARY_FILE, is_markdown},
        scan::slashed,
        unreadable,
    },
};

/// Called with how much is done of how much.
pub(crate) type Told<'a> = &'a mut dyn FnMut(u64, u64);

/// A folder to take files from.
pub(super) struct Source {
    /// As the person named it.
    pub(super) name: String,
    /// Canonical.
    pub(super) root: PathBuf,
    /// Its files, within it, with `/`, in order; without hidden ones and what symbolic links lead to.
    pub(super) files: Vec<String>,
    /// What is not taken, and why, a sentence each.
    pub(super) refused: Vec<String>,
    /// Whether one file was named, and not what it lies in.
    pub(super) one: bool,
    /// Removed when this is dropped.
    _temporary: Option<TempDir>,
}

fn refuse(message: String) -> ApiError {
    ApiError::new(ErrorCode::BadInput, message)
}

impl Source {
    /// A folder of this machine, outside the library that it goes into.
    pub(super) fn folder(path: &Path, library: &Path) -> Result<Self, ApiError> {
        let root = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
        let name = path.display().to_string();
        if !root.is_dir() {
            return Err(refuse(format!("{name} is a file: name the folder it is in, or a zip archive.")));
        }
        if root.starts_with(library) || library.starts_with(&root) {
            return Err(refuse(format!(
                "{name} and the folder of the library lie in each other: choose another folder."
            )));
        }
        Self::read(name, root, None, Vec::new())
    }

    /// One file, with the images beside and below it that it shows.
    pub(super) fn file(path: &Path, library: &Path) -> Result<Self, ApiError> {
        let found = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
        let name = path.display().to_string();
        let (Some(folder), Some(own)) = (found.parent(), found.file_name().and_then(|name| name.to_str())) else {
            return Err(refuse(format!("{name} is no file: name a runbook or a CACAO playbook.")));
        };
        if !found.is_file() {
            return Err(refuse(format!("{name} is no file: name a runbook or a CACAO playbook.")));
        }
        if found.starts_with(library) {
            return Err(refuse(format!("{name} is in that folder of the library already.")));
        }
        let mut files = vec![own.to_owned()];
        if is_markdown(&found) {
            let bytes = fs::read(&found).map_err(|error| unreadable(path, &error))?;
            let shown = format::parse(own, &bytes).images;
            let beside = shown.iter().filter_map(|image| match &image.target {
                Target::Inside { path, .. } if !path.is_empty() => Some(path.clone()),
                _ => None,
            });
            // Below its folder and no link: what is elsewhere on the machine does not come along unseen.
            files.extend(beside.filter(|file| {
                let inside = fs::canonicalize(folder.join(file)).is_ok_and(|real| real == folder.join(file));
                inside && folder.join(file).is_file()
            }));
        }
        files.sort();
        files.dedup();
        Ok(Self { name, root: folder.to_path_buf(), files, refused: Vec::new(), one: true, _temporary: None })
    }

    /// A zip archive, unpacked into a private folder. What it says about its sizes is not believed.
    pub(super) fn zip(path: &Path, place: &Path, told: Told<'_>) -> Result<Self, ApiError> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let broken =
            |error: zip::result::ZipError| refuse(format!("{name} is no zip archive that can be read: {error}."));
        let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(broken)?;
        if archive.len() > MOST_FILES {
            return Err(refuse(format!("{name} holds more than {MOST_FILES} files: bring it in in parts.")));
        }
        let temporary = temporary(place)?;
        let (mut refused, mut size) = (Vec::new(), 0);
        let total = archive.len();
        for number in 0..total {
            told(number as u64, total as u64);
            let mut entry = match archive.by_index(number) {
                Ok(entry) => entry,
                Err(error) => {
                    refused.push(format!("File {} of the archive was not taken: {error}.", number + 1));
                    continue;
                }
            };
            let named =
                entry.name().map_or_else(|_| format!("File {} of the archive", number + 1), |name| name.into_owned());
            if entry.is_dir() {
                continue;
            }
            if entry.is_symlink() {
                refused.push(format!("{named} was not taken: it is a symbolic link."));
                continue;
            }
            let path = entry.enclosed_name().filter(|path| path.is_relative() && !named.starts_with(['/', '\\']));
            let Some(path) = path else {
                refused.push(format!("{named} was not taken: its path leads out of the archive."));
                continue;
            };
            let to = temporary.path().join(&path);
            let written = unpack(&mut entry, &to).map_err(|error| error.to_string());
            match written {
                Ok(Some(bytes)) => size += bytes,
                Ok(None) => refused.push(format!("{named} was not taken: it is larger than 16 MiB.")),
                Err(error) => {
                    drop(fs::remove_file(&to));
                    refused.push(format!("{named} was not taken: {error}."));
                }
            }
            if size > MOST_BYTES {
                return Err(refuse(format!("{name} unpacks to more than 512 MiB: it was not taken.")));
            }
        }
        let root = fs::canonicalize(temporary.path()).map_err(|error| unreadable(temporary.path(), &error))?;
        Self::read(name, root, Some(temporary), refused)
    }

    /// The newest state of a git repository, fetched with the system's git.
    pub(super) fn git(
        url: &str,
        place: &Path,
        environment: &BTreeMap<OsString, OsString>,
        fetching: &Fetching,
        told: Told<'_>,
    ) -> Result<Self, ApiError> {
        let address = git::address(url)?;
        let temporary = temporary(place)?;
        let to = temporary.path().join("repository");
        git::clone(&address, &to, environment, fetching, told)?;
        let root = fs::canonicalize(&to).map_err(|error| unreadable(&to, &error))?;
        Self::read(address, root, Some(temporary), Vec::new())
    }

    fn read(
        name: String,
        root: PathBuf,
        temporary: Option<TempDir>,
        mut refused: Vec<String>,
    ) -> Result<Self, ApiError> {
        let mut files = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if folder == root => return Err(unreadable(&root, &error)),
                Err(error) => {
                    let folder = folder.strip_prefix(&root).unwrap_or(&folder);
                    refused.push(format!("{} was not taken: {error}.", folder.display()));
                    continue;
                }
            };
            for entry in entries.flatten() {
                let path = entry.path();
                let (Ok(kind), Ok(relative)) = (entry.file_type(), path.strip_prefix(&root)) else { continue };
                let own = entry.file_name();
                if own.as_encoded_bytes().starts_with(b".") || own == "node_modules" {
                    continue;
                }
                let relative = slashed(relative);
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_symlink() {
                    refused.push(format!("{relative} was not taken: it is a symbolic link."));
                } else if own == LIBRARY_FILE {
                    refused.push(format!(
                        "{relative} was not taken: it says where commands run and with what. Read it, and copy it \
                         yourself if it is meant to hold here."
                    ));
                } else if kind.is_file() && own.to_str().is_none() {
                    refused.push(format!("{relative} was not taken: its name is not UTF-8."));
                } else if kind.is_file() {
                    files.push(relative);
                }
                if files.len() > MOST_FILES {
                    return Err(refuse(format!("{name} holds more than {MOST_FILES} files: bring it in in parts.")));
                }
            }
        }
        files.sort();
        refused.sort();
        Ok(Self { name, root, files, refused, one: false, _temporary: temporary })
    }
}

/// Writes a file of an archive; `None` where it is too large, however small it says it is.
fn unpack(entry: &mut impl io::Read, to: &Path) -> io::Result<Option<u64>> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(to)?;
    let written = io::copy(&mut entry.take(LARGEST + 1), &mut file)?;
    if written > LARGEST {
        drop(file);
        fs::remove_file(to)?;
        return Ok(None);
    }
    Ok(Some(written))
}

/// A private folder, removed when it is dropped. What a killed process left is removed too.
fn temporary(place: &Path) -> Result<TempDir, ApiError> {
    const LEFT_OVER: std::time::Duration = std::time::Duration::from_hours(24);
    let wrong = |error: io::Error| {
        ApiError::new(ErrorCode::File, format!("There is no place to unpack in {}: {error}.", place.display()))
    };
    fs::create_dir_all(place).map_err(wrong)?;
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let changed = entry.metadata().and_then(|found| found.modified());
        if changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_OVER)) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
    tempfile::Builder::new().prefix("import-").tempdir_in(place).map_err(wrong)
}
